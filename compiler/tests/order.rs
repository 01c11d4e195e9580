//! The order in which a catalog is written down changes nothing: files, nodes and properties may be
//! shuffled, and the same is found.
//!
//! Findings are shown by severity, then by place. So files that are listed in another order change no
//! byte of them. What moves inside a file takes its findings along: the same ones are found, in the order
//! of their new places.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test reads its own files, and fails by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use bailiwick_compiler::diagnostic::{Severity, json};
use bailiwick_compiler::source::{LoadError, Loader};
use bailiwick_compiler::{Date, Report, Templates, build_all, check};
use bailiwick_organisation::{Dice, Organisation};
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
fn the_order_of_an_organisation_changes_no_byte_of_its_output() {
    let (files, names) = organisation();
    let output = |files: &Files, seed| {
        let checked = compile(files, seed).checked.unwrap();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let built = build_all(&checked, &names, &Templates::shipped()).unwrap();
        let trees = built.into_iter().map(|built| {
            let files = built.tree.files();
            let files = files.map(|(path, bytes)| (path.to_owned(), bytes.to_owned()));
            files.collect::<Vec<_>>()
        });
        trees.collect::<Vec<_>>()
    };
    let expected = output(&files, 0);
    assert!(expected.iter().all(|tree| !tree.is_empty()));
    for seed in 1..=SHUFFLES {
        let shuffled = shuffle_files(&files, &mut Dice::new(seed)).unwrap();
        assert_ne!(shuffled, files);
        // Not `assert_eq`: nobody could read what it would print.
        assert!(output(&shuffled, seed) == expected, "seed {seed}");
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
            let mut dice = Dice::new(seed);
            let Some(other) = shuffle_files(&files, &mut dice) else {
                break;
            };
            let report = compile(&other, 0);
            assert_eq!(said(&report), said(&expected), "{name}, seed {seed}");
            assert!(is_in_order(&report), "{name}, seed {seed}");
            shuffled += usize::from(other != files);
        }
    }
    assert!(shuffled > 100, "only {shuffled} catalogs could be shuffled");
}

/// Code, severity, message, environment and help of a finding.
type Said<'r> = (&'r str, Severity, &'r str, Option<&'r str>, Option<&'r str>);

/// Whether nothing but what is found, and where, decides the order of the findings. Those without a place
/// come last of their severity.
fn is_in_order(report: &Report) -> bool {
    report.findings.is_sorted_by_key(|finding| {
        let place = finding.primary.as_ref().map(|label| {
            let path = report.sources.get(label.loc.file).map(|file| &file.path);
            (path, label.loc.span)
        });
        let said = (finding.check.code, &finding.message, &finding.environment);
        (finding.severity, place.is_none(), place, said)
    })
}

/// What the findings say, sorted and without their places, which move with the nodes.
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
            Dice::new(self.1).shuffle(&mut paths);
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

/// Mistakes of several kinds, each in another team's files: what is written there, and what instead.
const MISTAKES: [(&str, &str, &str); 10] = [
    (
        "org.kdl",
        "team billing { owner billing-leads; }",
        "team billing",
    ),
    ("org.kdl", "tls issuer=internal-ca", "tls none"),
    ("billing/catalog.kdl", "port=8082", "port=98765"),
    (
        "billing/prod.kdl",
        "deploy billing-desk",
        "deploy billing-desk replicas=3",
    ),
    ("support/catalog.kdl", "effect=write", "efect=write"),
    ("support/stage.kdl", "support-reader", "support-redaer"),
    (
        "payroll/catalog.kdl",
        "env LOG_LEVEL \"info\"",
        "env API_TOKEN \"tuesday\"",
    ),
    ("payroll/dev.kdl", "deploy payroll-notes\n", ""),
    (
        "logistics/catalog.kdl",
        "limit 600 per=\"1h\"",
        "limit 0 per=\"1h\"",
    ),
    (
        "logistics/prod.kdl",
        "grant logistics-people ",
        "grant logistics-people payroll-reader ",
    ),
];

/// An organisation in which nothing is wrong, and its environments.
fn organisation() -> (Files, Vec<String>) {
    let Organisation {
        files,
        environments,
        ..
    } = Organisation::new(100, 1);
    let files = files
        .into_iter()
        .map(|(path, text)| (path, text.into_bytes()));
    (files.collect(), environments)
}

/// One in which much is wrong.
fn organisation_with_mistakes() -> Files {
    let (mut files, _) = organisation();
    for (path, right, wrong) in MISTAKES {
        let file = files.get_mut(&format!("catalogs/{path}")).unwrap();
        let text = String::from_utf8(file.clone()).unwrap();
        assert!(text.contains(right), "{right}");
        *file = text.replace(right, wrong).into_bytes();
    }
    let report = compile(&files, 0);
    let codes: BTreeSet<&str> = report.findings.iter().map(|one| one.check.code).collect();
    assert!(codes.len() >= MISTAKES.len() - 2, "{codes:?}");
    files
}

/// An organisation with mistakes, the examples, and every catalog of the corpus.
fn catalogs() -> Vec<(String, Files)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![
        root.join("../examples/quickstart/catalogs"),
        root.join("../examples/environments/catalogs"),
        root.join("tests/everything/catalogs"),
    ];
    let mistakes = ("an organisation".to_owned(), organisation_with_mistakes());
    let mut catalogs = vec![mistakes];
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
