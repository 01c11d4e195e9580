//! A catalog with every node and property is understood as a whole.

use std::path::Path;

use bailiwick_compiler::diagnostic::{Severity, terminal};
use bailiwick_compiler::source::Disk;
use bailiwick_compiler::{Date, check};

#[test]
fn every_node_and_property_is_understood() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/everything");
    let today = Date::parse("2026-12-01").unwrap();
    let report = check(&Disk::open(&folder).unwrap(), &today).unwrap();
    let errors = report
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        // What nothing holds yet is read all the same.
        .filter(|finding| finding.check.code != "ENV017");
    let errors: String = errors
        .map(|finding| terminal::render(finding, &report.sources, terminal::Colour::Never))
        .collect();
    assert_eq!(errors, "");
}
