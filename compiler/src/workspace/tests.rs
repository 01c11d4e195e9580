//! Whatever changes, a workspace finds what a fresh check finds; and parts of a catalog say together what the
//! whole says.

mod edits;
mod houses;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use bailiwick_organisation::Dice;

use super::memo::{self, Memo};
use super::{Workspace, report};
use crate::checks::Resolved;
use crate::date::Date;
use crate::diagnostic::Diagnostic;
use crate::grammar::Item;
use crate::model::division;
use crate::source::{LoadError, Loader, Memory};
use crate::{Report, Templates, build, check};

use edits::edit;
use houses::{Files, houses};

fn today() -> Date {
    Date::parse("2026-12-01").unwrap()
}

fn memory(files: &Files) -> Memory {
    files
        .iter()
        .map(|(path, bytes)| (path, bytes.clone()))
        .collect()
}

/// What is built of each environment; none for a catalog with errors.
fn built(report: &Report) -> Option<BTreeMap<String, Files>> {
    let checked = report.checked.as_ref()?;
    let names = checked.environments().keys();
    let trees = names.map(|name| {
        let built = build(checked, name, &Templates::shipped()).unwrap();
        let files = built.tree.files();
        let files = files.map(|(path, bytes)| (path.to_owned(), bytes.to_vec()));
        (name.to_string(), files.collect())
    });
    Some(trees.collect())
}

#[test]
fn the_houses_stand() {
    let report = check(&memory(&houses()), &today()).unwrap();
    let errors = report
        .findings
        .iter()
        .map(|one| (one.check.code, &one.message));
    assert!(report.checked.is_some(), "{:?}", errors.collect::<Vec<_>>());
}

/// How many parts a catalog of the houses falls into.
#[test]
fn the_houses_are_apart() {
    let run = memo::run(
        &memory(&houses()),
        &mut Memo::default(),
        division::divide,
        &today(),
    )
    .unwrap();
    let environments = run
        .parts
        .iter()
        .map(|part| part.resolved().environments.len());
    assert_eq!(environments.collect::<Vec<_>>(), [0, 2, 2]);
}

/// Follows a random history of edits, and says how often the findings, or what is built, were not as fresh.
fn follow(seed: u64, steps: usize, tell: &dyn Fn(usize) -> bool) -> (usize, usize) {
    let first = houses();
    let shared = Shared(Mutex::new(memory(&first)));
    let mut files = first.clone();
    let mut workspace = Workspace::new(&shared);
    let mut dice = Dice::new(seed);
    let (mut stale, mut passed) = (0, 0);
    for step in 0..steps {
        let (path, text) = edit(&files, &first, &mut dice);
        match text {
            Some(text) => files.insert(path.clone(), text),
            None => files.remove(&path),
        };
        *shared.0.lock().unwrap() = memory(&files);
        let on_disk = dice.below(3) == 0;
        if tell(step) {
            match files.get(&path) {
                _ if on_disk => workspace.reload(&path),
                Some(text) => workspace.write(&path, text.clone()),
                None => workspace.remove(&path),
            }
        }
        let fresh = check(&memory(&files), &today()).unwrap();
        let edited = workspace.check(&today()).unwrap();
        let texts = |sources: &crate::source::Sources| -> Vec<crate::source::SourceFile> {
            sources.iter().map(|(_, file)| file.clone()).collect()
        };
        let mut same =
            edited.findings == fresh.findings && texts(&edited.sources) == texts(&fresh.sources);
        if step % 4 == 0 || fresh.checked.is_some() {
            let report = workspace.report(&today()).unwrap();
            same &= report.findings == fresh.findings && built(&report) == built(&fresh);
        }
        passed += usize::from(fresh.checked.is_some());
        stale += usize::from(!same);
    }
    (stale, passed)
}

/// Files that others change.
struct Shared(Mutex<Memory>);

impl Loader for &Shared {
    fn list(&self, below: &str) -> Result<Vec<String>, LoadError> {
        self.0.lock().unwrap().list(below)
    }

    fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, LoadError> {
        self.0.lock().unwrap().read(path, limit)
    }
}

#[test]
fn after_any_edits_a_workspace_finds_what_a_fresh_check_finds() {
    let mut all = 0;
    for seed in 1..=6 {
        let (stale, passed) = follow(seed, 60, &|_| true);
        assert_eq!(stale, 0, "seed {seed}");
        all += passed;
    }
    assert!(all > 20, "only {all} catalogs could be built");
}

/// The control: what is remembered of a file that has changed is wrong, and that is seen.
#[test]
fn a_change_that_is_not_told_is_noticed() {
    let (stale, _) = follow(1, 60, &|step| step != 10);
    assert!(stale > 0);
}

#[test]
fn an_edit_of_one_house_leaves_the_other_as_it_was() {
    let files = houses();
    let reads = Counted(memory(&files), Cell::new(0).into());
    let mut workspace = Workspace::new(&reads);
    drop(workspace.check(&today()).unwrap());
    let parts = |workspace: &Workspace<&Counted>| workspace.memo.nodes();
    let before = parts(&workspace);
    let read = reads.1.lock().unwrap().get();
    let mut text = files["catalogs/desk/prod.kdl"].clone();
    text.splice(0..0, *b"// longer\n");
    workspace.write("catalogs/desk/prod.kdl", text);
    drop(workspace.check(&today()).unwrap());
    assert_eq!(
        reads.1.lock().unwrap().get() - read,
        2,
        "the key sets of two environments"
    );
    let after = parts(&workspace);
    assert_eq!(after.len(), 3);
    let is_kept = |part: &&Vec<Arc<Item>>| after.iter().any(|one| memo::same_nodes(one, *part));
    assert_eq!(before.iter().filter(is_kept).count(), 2);
}

/// Counts how often a file is read.
struct Counted(Memory, Mutex<Cell<usize>>);

impl Loader for &Counted {
    fn list(&self, below: &str) -> Result<Vec<String>, LoadError> {
        self.0.list(below)
    }

    fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, LoadError> {
        let reads = self.1.lock().unwrap();
        reads.set(reads.get() + 1);
        self.0.read(path, limit)
    }
}

/// What is found of a catalog in parts, and of the catalog as one.
fn divided(loader: &dyn Loader) -> (Report, Report) {
    let of = |division| {
        let run = memo::run(loader, &mut Memo::default(), division, &today()).unwrap();
        let parts = run.parts.into_iter().map(super::part::Part::into_resolved);
        report(run.sources, run.verdict, Resolved::join(parts))
    };
    (of(division::divide), of(division::undivided))
}

fn said(found: &[Diagnostic]) -> Vec<String> {
    found
        .iter()
        .map(|one| format!("{} {:?} {}", one.check.code, one.primary, one.message))
        .collect()
}

#[test]
fn parts_say_together_what_the_whole_says() {
    let first = houses();
    let mut built_ones = 0;
    for seed in 1..=6 {
        let mut files = first.clone();
        let mut dice = Dice::new(seed);
        for step in 0..50 {
            let (path, text) = edit(&files, &first, &mut dice);
            match text {
                Some(text) => files.insert(path, text),
                None => files.remove(&path),
            };
            let (parts, whole) = divided(&memory(&files));
            assert_eq!(
                said(&parts.findings),
                said(&whole.findings),
                "seed {seed}, step {step}"
            );
            assert_eq!(parts.findings, whole.findings, "seed {seed}, step {step}");
            assert_eq!(built(&parts), built(&whole), "seed {seed}, step {step}");
            built_ones += usize::from(parts.checked.is_some());
        }
    }
    assert!(built_ones > 10, "only {built_ones} catalogs could be built");
}

/// Every catalog of the corpora of checks says the same in parts.
#[test]
#[expect(clippy::disallowed_methods, reason = "it reads the corpora")]
fn parts_of_every_corpus_say_together_what_the_whole_says() {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/checks");
    let mut catalogs = 0;
    for entry in std::fs::read_dir(corpora).unwrap() {
        let code = entry.unwrap().path();
        for name in ["bad", "fixed"] {
            let mut files = Files::new();
            let file = code.join(format!("{name}.kdl"));
            match std::fs::read(&file) {
                Ok(bytes) => drop(files.insert("catalogs/org.kdl".to_owned(), bytes)),
                Err(_) => collect(&code.join(name), "catalogs", &mut files),
            }
            let (parts, whole) = divided(&memory(&files));
            let place = file.display();
            assert_eq!(said(&parts.findings), said(&whole.findings), "{place}");
            assert_eq!(parts.findings, whole.findings, "{place}");
            assert_eq!(built(&parts), built(&whole), "{place}");
            catalogs += 1;
        }
    }
    assert!(catalogs > 250, "only {catalogs} catalogs");
}

#[expect(clippy::disallowed_methods, reason = "it reads the corpora")]
fn collect(folder: &Path, path: &str, files: &mut Files) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let entry = entry.unwrap();
        let path = format!("{path}/{}", entry.file_name().into_string().unwrap());
        if entry.path().is_dir() {
            collect(&entry.path(), &path, files);
        } else {
            files.insert(path, std::fs::read(entry.path()).unwrap());
        }
    }
}
