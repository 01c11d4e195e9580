//! Every check has a page and a corpus: `checks/<CODE>/{bad,fixed}` holds catalogs, as one file or as
//! folders laid out like `catalogs/`. `bad` reports the code; `fixed` reports neither it nor any error.
//!
//! What has no errors is built too: with the templates in `<bad or fixed>.templates`, and compared with
//! the outputs in `<bad or fixed>.snapshots`, where there are any. What servers list now is in
//! `<bad or fixed>.live`, for the checks of `lock`.
#![expect(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "tests"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use bailiwick_compiler::diagnostic::{Check, Diagnostic, Level, Severity, json, terminal};
use bailiwick_compiler::environment::lockable;
use bailiwick_compiler::lock::{DefinitionFile, Recording};
use bailiwick_compiler::output::Difference;
use bailiwick_compiler::review::review;
use bailiwick_compiler::source::{Loader as _, Memory, Sources};
use bailiwick_compiler::{BuildError, Checked, Date, Report, Templates, build, check, checks};

/// The day on which all catalogs of the corpus are checked.
const TODAY: &str = "2026-12-01";

#[test]
fn every_check_has_a_page() {
    let wrong: Vec<&str> = checks::all()
        .filter(|check| {
            let page = checks::explain(check.code).unwrap_or_default();
            !page.starts_with(&format!("# {} {}\n", check.code, check.name))
                || !page.contains("\n## Avoid\n")
                || !page.contains("\n## Prefer\n")
        })
        .map(|check| check.code)
        .collect();
    assert!(
        wrong.is_empty(),
        "without a page with title, `Avoid` and `Prefer`: {wrong:?}"
    );
}

#[test]
fn exactly_the_pages_of_checks_that_may_be_suppressed_say_when() {
    let wrong: Vec<&str> = checks::all()
        .filter(|check| {
            let page = checks::explain(check.code).unwrap_or_default();
            let sections = page.match_indices("\n## When to suppress\n\n").count();
            let headings = page.lines().filter(|line| line.starts_with("##"));
            let about = headings.filter(|line| line.to_lowercase().contains("suppress"));
            let expected = usize::from(check.level != Level::Error);
            (sections, about.count()) != (expected, expected)
        })
        .map(|check| check.code)
        .collect();
    assert!(
        wrong.is_empty(),
        "without `When to suppress`, or an error with it: {wrong:?}"
    );
}

#[test]
fn every_code_is_given_once_and_sorts_with_its_group() {
    let codes: Vec<&str> = checks::all().map(|check| check.code).collect();
    let groups: BTreeSet<&str> = codes.iter().map(|code| &code[..3]).collect();
    for group in groups {
        let of_group: Vec<&&str> = codes
            .iter()
            .filter(|code| code.starts_with(group))
            .collect();
        assert!(
            of_group.is_sorted_by(|one, next| one < next),
            "{of_group:?}"
        );
    }
}

#[test]
fn every_bad_catalog_reports_its_code() {
    let silent: Vec<String> = checks::all()
        .map(|check| (check.code, findings(check, "bad").1))
        .filter(|(code, found)| !codes(found).contains(code))
        .map(|(code, found)| format!("{code} reports {:?}", codes(&found)))
        .collect();
    assert!(silent.is_empty(), "{silent:#?}");
}

#[test]
fn every_fixed_catalog_is_without_the_code_and_without_errors() {
    let mut left = String::new();
    for check in checks::all() {
        let (sources, found) = findings(check, "fixed");
        let bad = |finding: &&Diagnostic| {
            finding.severity == Severity::Error || finding.check.code == check.code
        };
        for finding in found.iter().filter(bad) {
            let shown = terminal::render(finding, &sources, terminal::Colour::Never);
            left.extend([check.code, "/fixed reports\n", &shown]);
        }
    }
    assert!(left.is_empty(), "{left}");
}

#[test]
fn every_bad_catalog_is_shown_as_before() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../snapshots/checks");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let _bound = settings.bind_to_scope();
    for check in checks::all() {
        let (sources, found) = findings(check, "bad");
        let shown = found
            .iter()
            .map(|finding| terminal::render(finding, &sources, terminal::Colour::Never));
        let lines = found
            .iter()
            .map(|finding| json::render(finding, &sources).unwrap());
        let text = format!(
            "{}\n{}",
            shown.collect::<Vec<_>>().join("\n"),
            lines.collect::<String>()
        );
        insta::assert_snapshot!(check.code, text);
    }
}

#[test]
fn no_corpus_is_of_no_check() {
    for entry in fs::read_dir(corpus()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(
            checks::find(&name).is_some(),
            "checks/{name} is of no check"
        );
    }
}

/// What the catalog `which` of a check's corpus reports.
fn findings(check: &Check, which: &str) -> (Sources, Vec<Diagnostic>) {
    let folder = corpus().join(check.code);
    let files = catalog(&folder, which);
    let mut report = self::check(&files, &Date::parse(TODAY).unwrap()).unwrap();
    if let Some(checked) = &report.checked {
        report.findings.extend(built(checked, &folder, which));
    }
    let live = folder.join(format!("{which}.live"));
    if live.is_dir() {
        report.findings.extend(reviewed(&report, &files, &live));
    }
    (report.sources, report.findings)
}

/// What `lock` reports when each server lists the tools that its file in `live` has.
fn reviewed(report: &Report, files: &Memory, live: &Path) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for one in lockable(&report.resolved.catalog, &report.sources) {
        let name = &*one.server.name.value;
        let recording = fs::read(live.join(name).with_extension("json")).unwrap();
        let listing = Recording::parse(&recording).unwrap().listing;
        let digest = serde_json::from_slice::<serde_json::Value>(&recording).unwrap();
        let digest = digest.pointer("/image/digest").and_then(|one| one.as_str());
        let digest = digest.map(ToOwned::to_owned);
        let given = listing.locked(name, &one.revision, &one.origin, digest);
        let before = files.read(&one.path, DefinitionFile::MAX_BYTES).ok();
        let before = before.map(|before| DefinitionFile::parse(&before).unwrap());
        let review = review(&report.resolved.catalog, &one, before.as_ref(), &given).unwrap();
        found.extend(review.changed.into_values());
        found.extend(review.findings.into_values().flatten());
        found.extend(review.digest);
    }
    found
}

/// What a build of a catalog without errors reports.
fn built(checked: &Checked, folder: &Path, which: &str) -> Vec<Diagnostic> {
    let own = folder.join(format!("{which}.templates"));
    let mut templates = Memory::default();
    if own.is_dir() {
        insert_all(&mut templates, &own, "templates");
    }
    let templates = Templates::load(&templates, "templates").unwrap();
    let snapshots = folder.join(format!("{which}.snapshots"));
    let mut found = Vec::new();
    for name in checked.environments().keys() {
        let tree = match build(checked, name, &templates) {
            Ok(built) => built.tree,
            Err(BuildError::Templates(more)) => {
                found.extend(more);
                continue;
            }
            Err(error) => panic!("{error}"),
        };
        if snapshots.is_dir() {
            let differences = tree.verify(&snapshots.join(&**name)).unwrap();
            let of = |difference: &Difference| difference.finding(&format!("snapshots/{name}"));
            found.extend(differences.iter().map(of));
        }
    }
    found
}

/// A single file stands for `catalogs/org.kdl`, a folder for `catalogs/`.
fn catalog(folder: &Path, which: &str) -> Memory {
    let single = folder.join(which).with_extension("kdl");
    let mut files = Memory::default();
    if single.is_file() {
        files.insert("catalogs/org.kdl", fs::read(single).unwrap());
    } else {
        insert_all(&mut files, &folder.join(which), "catalogs");
    }
    files
}

fn insert_all(files: &mut Memory, folder: &Path, path: &str) {
    let entries = fs::read_dir(folder).unwrap_or_else(|_| panic!("no corpus {}", folder.display()));
    for entry in entries {
        let entry = entry.unwrap();
        let below = format!("{path}/{}", entry.file_name().into_string().unwrap());
        if entry.path().is_dir() {
            insert_all(files, &entry.path(), &below);
        } else {
            files.insert(below, fs::read(entry.path()).unwrap());
        }
    }
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/checks")
}

fn codes(found: &[Diagnostic]) -> Vec<&str> {
    found.iter().map(|finding| finding.check.code).collect()
}
