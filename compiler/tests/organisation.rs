//! The organisation that the benches compile is one that compiles.

#![cfg(test)]

#[path = "../benches/build/organisation.rs"]
#[expect(
    dead_code,
    clippy::disallowed_methods,
    reason = "the bench prints its size; its catalogs are written to a scratch folder"
)]
mod organisation;

use std::collections::BTreeMap;

use bailiwick_compiler::source::Disk;
use bailiwick_compiler::{Date, check};

#[test]
fn the_organisation_of_the_benches_compiles() {
    let place = tempfile::tempdir().unwrap();
    organisation::write(place.path());
    let today = Date::parse("2026-12-01").unwrap();
    let report = check(&Disk::open(place.path()).unwrap(), &today).unwrap();
    let mut found: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in &report.findings {
        *found.entry(finding.check.code).or_default() += 1;
    }
    assert_eq!(found, BTreeMap::new());
    assert!(report.checked.is_some());
}
