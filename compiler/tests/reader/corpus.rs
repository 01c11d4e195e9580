//! The files of the corpus, and the catalogs of the examples.

use std::fs;
use std::path::{Path, PathBuf};

use bailiwick_compiler::diagnostic::terminal::{self, Colour};
use bailiwick_compiler::source::Sources;
use bailiwick_compiler::syntax::read;

use crate::agreement::{Verdict, compare};
use crate::dump::dump;
use crate::invariants::checked_read;

/// The `.kdl` files below a folder of the repository, sorted.
#[expect(clippy::disallowed_methods, reason = "a test reads its files")]
pub(crate) fn files(folder: &str) -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(folder);
    let mut folders = vec![root];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "kdl") {
                let text = fs::read_to_string(&path).unwrap();
                files.push((path, text));
            }
        }
    }
    files.sort();
    assert!(!files.is_empty(), "no files in {folder}");
    files
}

/// The name of a file, without its ending.
pub(crate) fn name(path: &Path) -> String {
    path.file_stem().unwrap().to_string_lossy().into_owned()
}

fn snapshot(folder: &str, name: &str, content: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(format!("../../../snapshots/syntax/{folder}"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, content));
}

#[test]
fn each_production_gives_its_tree() {
    for (path, text) in files("compiler/tests/kdl/valid") {
        let (document, found) = checked_read(&text);
        assert!(found.is_empty(), "{}: {found:?}", path.display());
        snapshot(
            "valid",
            &name(&path),
            &format!("{text:?}\n\n{}", dump(&document)),
        );
    }
}

#[test]
fn each_mistake_is_found_and_the_rest_is_kept() {
    for (path, text) in files("compiler/tests/kdl/broken") {
        checked_read(&text);
        let mut sources = Sources::default();
        let file = sources.add(format!("{}.kdl", name(&path)), text.clone());
        let mut found = Vec::new();
        let document = read(file, &text, &mut found);
        assert!(!found.is_empty(), "{} has no finding", path.display());
        let mut shown = dump(&document);
        for finding in &found {
            shown.push('\n');
            shown.push_str(&terminal::render(finding, &sources, Colour::Never));
        }
        snapshot("broken", &name(&path), &shown);
    }
}

#[test]
fn the_corpus_is_read_as_the_crate_reads_it() {
    let mut same = 0;
    for folder in [
        "compiler/tests/kdl/valid",
        "compiler/tests/kdl/broken",
        "examples",
    ] {
        for (path, text) in files(folder) {
            match compare(&text) {
                Ok(Verdict::SameTree) => same += 1,
                Ok(Verdict::BothRefuse | Verdict::Differs(_) | Verdict::Unsafe) => {}
                Err(why) => panic!("{}: {why}", path.display()),
            }
        }
    }
    assert!(same > 90, "only {same} files were read by both");
}
