//! The order in which a catalog is written down changes nothing: files, nodes and properties may be
//! shuffled, and the same is found.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test reads its own files, and fails by panicking"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use bailiwick_compiler::diagnostic::{Severity, json};
use bailiwick_compiler::source::{LoadError, Loader};
use bailiwick_compiler::{Date, Report, check};
use kdl::{KdlDocument, KdlEntry};

/// Shuffles of each catalog.
const SHUFFLES: u64 = 3;

/// Codes of what is found about two things of which the first counts: which one that is depends on the
/// order by nature.
const FIRST_COUNTS: [&str; 3] = ["LNG008", "NAM001", "ENV008"];

#[test]
fn the_order_of_files_changes_nothing() {
    for (name, files) in catalogs() {
        let lines = |report: &Report| -> Vec<String> {
            let lines = report
                .findings
                .iter()
                .map(|finding| json::render(finding, &report.sources));
            lines.map(Result::unwrap).collect()
        };
        let expected = lines(&compile(&files, 0));
        for seed in 1..=SHUFFLES {
            assert_eq!(
                lines(&compile(&files, seed)),
                expected,
                "{name}, seed {seed}"
            );
        }
    }
}

#[test]
fn the_order_of_nodes_and_properties_changes_nothing() {
    let mut shuffled = 0;
    for (name, files) in catalogs() {
        let expected = compile(&files, 0);
        // What is no KDL cannot be written anew with its mistakes.
        let stays = |code: &str| code.starts_with("SYN") || FIRST_COUNTS.contains(&code);
        if expected
            .findings
            .iter()
            .any(|finding| stays(finding.check.code))
        {
            continue;
        }
        for seed in 1..=SHUFFLES {
            let mut dice = Dice(seed);
            let Some(other) = shuffle_files(&files, &mut dice) else {
                break;
            };
            let report = compile(&other, 0);
            assert_eq!(said(&report), said(&expected), "{name}, seed {seed}");
            shuffled += usize::from(other != files);
        }
    }
    assert!(shuffled > 100, "only {shuffled} catalogs could be shuffled");
}

/// Code, severity, message, environment and help of a finding.
type Said<'r> = (&'r str, Severity, &'r str, Option<&'r str>, Option<&'r str>);

/// What the findings say, without their places.
fn said(report: &Report) -> Vec<Said<'_>> {
    let mut said: Vec<_> = report
        .findings
        .iter()
        .map(|finding| {
            (
                finding.check.code,
                finding.severity,
                finding.message.as_str(),
                finding.environment.as_deref(),
                finding.help.as_deref(),
            )
        })
        .collect();
    said.sort_unstable();
    said
}

/// Every node and property of every `.kdl` file at another place; none when a file is no KDL.
fn shuffle_files(files: &Files, dice: &mut Dice) -> Option<Files> {
    let shuffled = files.iter().map(|(path, bytes)| {
        if Path::new(path).extension().is_none_or(|end| end != "kdl") {
            return Some((path.clone(), bytes.clone()));
        }
        let text = String::from_utf8(bytes.clone()).ok()?;
        let mut document = KdlDocument::parse_v2(&text).ok()?;
        shuffle_nodes(&mut document, dice);
        Some((path.clone(), document.to_string().into_bytes()))
    });
    shuffled.collect()
}

fn shuffle_nodes(document: &mut KdlDocument, dice: &mut Dice) {
    dice.shuffle(document.nodes_mut());
    for node in document.nodes_mut() {
        let (arguments, mut properties): (Vec<KdlEntry>, Vec<KdlEntry>) = node
            .entries()
            .iter()
            .cloned()
            .partition(|entry| entry.name().is_none());
        dice.shuffle(&mut properties);
        *node.entries_mut() = arguments.into_iter().chain(properties).collect();
        // A comment or a line break inside a node moves badly: each node is written on its own line.
        for entry in node.entries_mut() {
            entry.clear_format();
        }
        if let Some(format) = node.format_mut() {
            "\n".clone_into(&mut format.leading);
            "\n".clone_into(&mut format.terminator);
            format.trailing.clear();
        }
        if let Some(children) = node.children_mut() {
            shuffle_nodes(children, dice);
        }
    }
}

type Files = BTreeMap<String, Vec<u8>>;

/// Files that are listed in an order that depends on a seed.
struct Listed<'f>(&'f Files, u64);

impl Loader for Listed<'_> {
    fn list(&self, below: &str) -> Result<Vec<String>, LoadError> {
        let mut paths: Vec<String> = self
            .0
            .keys()
            .filter(|path| path.starts_with(below))
            .cloned()
            .collect();
        if self.1 > 0 {
            Dice(self.1).shuffle(&mut paths);
        }
        Ok(paths)
    }

    fn read(&self, path: &str, _: u64) -> Result<Vec<u8>, LoadError> {
        self.0.get(path).cloned().ok_or_else(|| LoadError::Io {
            path: path.to_owned(),
            source: std::io::ErrorKind::NotFound.into(),
        })
    }
}

fn compile(files: &Files, seed: u64) -> Report {
    check(&Listed(files, seed), &Date::parse("2026-12-01").unwrap()).unwrap()
}

/// The examples, and every catalog of the corpus.
fn catalogs() -> Vec<(String, Files)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![
        root.join("../examples/quickstart/catalogs"),
        root.join("../examples/environments/catalogs"),
        root.join("tests/everything/catalogs"),
    ];
    let mut catalogs = Vec::new();
    for code in entries(&root.join("tests/checks")) {
        for which in entries(&code) {
            if which
                .extension()
                .is_some_and(|extension| extension == "kdl")
            {
                let bytes = fs::read(&which).unwrap();
                let files = Files::from([("catalogs/org.kdl".to_owned(), bytes)]);
                catalogs.push((which.display().to_string(), files));
            } else {
                folders.push(which);
            }
        }
    }
    for folder in folders {
        let mut files = Files::new();
        insert_all(&mut files, &folder, "catalogs");
        catalogs.push((folder.display().to_string(), files));
    }
    catalogs
}

fn insert_all(files: &mut Files, folder: &Path, path: &str) {
    for entry in entries(folder) {
        let below = format!("{path}/{}", entry.file_name().unwrap().to_str().unwrap());
        if entry.is_dir() {
            insert_all(files, &entry, &below);
        } else {
            files.insert(below, fs::read(&entry).unwrap());
        }
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    entries
}

/// Numbers that look random, the same for each seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit.max(1)
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.below(last + 1);
            items.swap(last, other);
        }
    }
}
