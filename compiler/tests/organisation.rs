//! A generated organisation of any size compiles, and nothing is found in it.

#![cfg(test)]

use bailiwick_compiler::diagnostic::terminal;
use bailiwick_compiler::source::Memory;
use bailiwick_compiler::{Date, Report, check};
use bailiwick_organisation::{Organisation, TODAY};

#[test]
fn an_organisation_of_100_tools_compiles_without_findings() {
    compiles(100);
}

#[test]
fn an_organisation_of_1_000_tools_compiles_without_findings() {
    compiles(1_000);
}

#[test]
fn an_organisation_of_10_000_tools_compiles_without_findings() {
    compiles(10_000);
}

#[test]
#[ignore = "run by `make proofs`: takes minutes unless it is optimised"]
fn an_organisation_of_100_000_tools_compiles_without_findings() {
    compiles(100_000);
}

#[test]
fn the_same_seed_gives_the_same_organisation_and_another_another() {
    let files = |seed| Organisation::new(100, seed).files;
    assert_eq!(files(1), files(1));
    assert_ne!(files(1), files(2));
}

fn compiles(tools: usize) {
    // Another seed shows that it is no accident; for large ones the many teams do.
    let seeds = if tools < 1_000 { 1..=20 } else { 1..=1 };
    for seed in seeds {
        let organisation = Organisation::new(tools, seed);
        assert_eq!(organisation.tools, tools);
        let report = report(&organisation);
        let shown = report.findings.iter().take(5);
        let shown: String = shown
            .map(|finding| terminal::render(finding, &report.sources, terminal::Colour::Never))
            .collect();
        let count = report.findings.len();
        assert_eq!((count, &*shown), (0, ""), "seed {seed}");
        assert!(report.checked.is_some());
    }
}

fn report(organisation: &Organisation) -> Report {
    let files = organisation.files.iter();
    let files: Memory = files.map(|(path, text)| (path, text.as_bytes())).collect();
    check(&files, &Date::parse(TODAY).unwrap()).unwrap()
}
