//! The examples are catalogs without errors, and say what their README promises.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

use bailiwick_compiler::source::Disk;
use bailiwick_compiler::{Date, Report, check};

fn example(name: &str) -> Report {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../examples")
        .join(name);
    let today = Date::parse("2026-12-01").unwrap();
    check(&Disk::open(&folder).unwrap(), &today).unwrap()
}

fn said(report: &Report) -> Vec<(&str, Option<&str>)> {
    let findings = report.findings.iter();
    findings
        .map(|finding| (finding.check.code, finding.environment.as_deref()))
        .collect()
}

#[test]
fn the_quickstart_has_nothing_to_say() {
    let report = example("quickstart");
    assert_eq!(said(&report), []);
    assert!(report.checked.is_some());
}

#[test]
fn the_environments_warn_of_dev_alone() {
    let report = example("environments");
    assert_eq!(
        said(&report),
        [
            ("K8S005", Some("dev")),
            ("ENV014", Some("dev")),
            ("NET008", Some("dev")),
            ("NET008", Some("dev")),
            ("NET008", Some("dev")),
        ]
    );
    assert!(report.checked.is_some());
}
