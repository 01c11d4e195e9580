//! What `check` says of each example: what its README promises, and what nothing holds yet.
//!
//! An example that says ENV017 cannot be built; `.ci/test` builds the others, and demands the refusal of these.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test reads its own files, and fails by panicking"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use bailiwick_compiler::diagnostic::{Diagnostic, Severity};
use bailiwick_compiler::source::Disk;
use bailiwick_compiler::{Date, Report, check};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn example(name: &str) -> Report {
    let today = Date::parse("2026-12-01").unwrap();
    let folder = root().join("examples").join(name);
    check(&Disk::open(&folder).unwrap(), &today).unwrap()
}

/// The folders in a folder of the repository that have `inside`.
fn folders(folder: &str, inside: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(root().join(folder)).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let examples = paths.filter(|path| path.join(inside).is_dir());
    examples
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect()
}

/// The findings of an example, a line each: severity, code, environment, place and message.
fn said(report: &Report) -> String {
    let mut lines = String::new();
    for finding in &report.findings {
        lines.push_str(&line(finding, report));
        lines.push('\n');
    }
    lines
}

fn line(finding: &Diagnostic, report: &Report) -> String {
    let severity = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let loc = finding.primary.as_ref().unwrap().loc;
    let file = report.sources.get(loc.file).unwrap();
    let position = file.position(loc.span.start);
    let environment = finding.environment.as_deref().unwrap_or("-");
    format!(
        "{severity} {} {environment} {}:{} {}",
        finding.check.code,
        file.path.strip_prefix("catalogs/").unwrap(),
        position.line,
        finding.message
    )
}

#[test]
fn every_example_says_what_is_written_down() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../snapshots/examples");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let _bound = settings.bind_to_scope();
    for name in folders("examples", "catalogs") {
        insta::assert_snapshot!(format!("{name}.check"), said(&example(&name)));
    }
}

/// The codes that an example may say beside ENV017: each is explained in its README.
const EXPECTED: &[(&str, &[&str])] = &[
    ("environments", &["ENV014", "K8S005", "NET008", "SIG001"]),
    ("large", &["ENV014", "GRA002", "K8S005", "NET008"]),
    ("medium", &["ENV014", "GRA002", "K8S005", "NET008"]),
    ("quickstart", &[]),
    ("small", &[]),
];

#[test]
fn no_example_says_anything_else() {
    let names: BTreeSet<String> = EXPECTED
        .iter()
        .map(|(name, _)| (*name).to_owned())
        .collect();
    assert_eq!(folders("examples", "catalogs"), names);
    for (name, expected) in EXPECTED {
        let report = example(name);
        let codes = report.findings.iter().map(|finding| finding.check.code);
        let codes: BTreeSet<&str> = codes.filter(|code| *code != "ENV017").collect();
        assert_eq!(codes, expected.iter().copied().collect(), "{name}");
        let readme = fs::read_to_string(root().join("examples").join(name).join("README.md"));
        let readme = readme.unwrap();
        let silent: Vec<&&str> = codes
            .iter()
            .filter(|code| !readme.contains(**code))
            .collect();
        assert!(
            silent.is_empty(),
            "the README of {name} is silent about {silent:?}"
        );
    }
}

/// With its last ENV017 gone, an example is built, and its outputs belong into `snapshots/examples`.
#[test]
fn what_can_be_built_has_its_outputs_in_the_snapshots_and_nothing_else_has() {
    let built: BTreeSet<String> = folders("examples", "catalogs")
        .into_iter()
        .filter(|name| example(name).checked.is_some())
        .collect();
    assert_eq!(folders("snapshots/examples", ""), built);
}
