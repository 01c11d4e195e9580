//! Questions, pictures and tests over a catalog that has errors: which of these stand in the way, and where they
//! are told.

#![cfg(test)]

mod support;

use std::fs;
use std::path::Path;

use serde_json::Value;
use support::{Ran, bailiwick, example, files, run, small_catalog, write};

/// Every command that says what a catalog permits, in each of its formats.
const COMMANDS: [&str; 15] = [
    "test",
    "test --format json",
    "test --format junit",
    "why helper kb:get_article --env dev",
    "why helper kb:get_article --env dev --format json",
    "who-can kb:get_article --env dev",
    "who-can kb:get_article --env dev --format json",
    "what-can helper --env dev",
    "what-can helper --env dev --format json",
    "graph flows --env dev --from internal --to write --format json",
    "graph --env dev --format json",
    "graph --env dev --format dot",
    "graph --env dev --format mermaid",
    "graph --env dev --format svg",
    "graph --env dev --format html",
];

fn ask(folder: &Path, command: &str) -> Ran {
    run(bailiwick()
        .arg("-C")
        .arg(folder)
        .args(command.split_whitespace()))
}

#[test]
fn mistakes_are_told_on_standard_error_and_end_every_command_with_two() {
    let folder = tempfile::tempdir().unwrap();
    small_catalog(folder.path(), "    grant nobody kb:get_article\n");
    for command in COMMANDS {
        let said = ask(folder.path(), command);
        assert_eq!(said.code, Some(2), "{command}: {}", said.err);
        assert_eq!(said.out, "", "{command}");
        assert!(
            said.err.contains("error[NAM003 "),
            "{command}: {}",
            said.err
        );
        assert!(said.err.contains("catalogs/org.kdl:21:"), "{}", said.err);
        assert!(
            said.err.contains("no answer would be reliable"),
            "{}",
            said.err
        );
    }
}

/// A catalog whose agent holds two roles that exclude each other. Its first test passes; it has a second one that
/// fails when `fails`.
fn with_judgement(folder: &Path, fails: bool) {
    small_catalog(folder, "    grant helper reader dropper\n");
    let catalog = folder.join("catalogs/org.kdl");
    let mut text = fs::read_to_string(&catalog).unwrap();
    text.push_str(
        "role reader { allow kb:get_article; }\nrole dropper { allow kb:drop_article; }\n\
         exclusive reader dropper reason=\"who reads does not drop\"\n\
         test \"helper reads\" env=dev {\n    can helper kb:get_article\n}\n",
    );
    if fails {
        text.push_str("test \"nobody drops\" env=dev {\n    cannot * kb:drop_article\n}\n");
    }
    fs::write(&catalog, text).unwrap();
}

#[test]
fn a_judgement_stands_in_the_way_of_no_command() {
    let folder = tempfile::tempdir().unwrap();
    with_judgement(folder.path(), false);
    let check = ask(folder.path(), "check");
    assert!(check.out.contains("error[GRA007 "), "{}", check.out);
    for command in COMMANDS {
        let said = ask(folder.path(), command);
        assert!(!said.out.is_empty(), "{command}: {}", said.err);
        assert_ne!(said.code, Some(2), "{command}: {}", said.err);
    }
}

#[test]
fn tests_run_beside_errors_that_stand_and_then_end_with_one() {
    let folder = tempfile::tempdir().unwrap();
    for (fails, results) in [
        (false, "1 passed, 0 failed\n"),
        (true, "1 passed, 1 failed\n"),
    ] {
        with_judgement(folder.path(), fails);
        let text = ask(folder.path(), "test");
        assert_eq!(text.code, Some(1));
        assert!(
            text.out.starts_with("ok   helper reads (dev)\n"),
            "{}",
            text.out
        );
        assert!(text.out.ends_with(results), "{}", text.out);
        let json = ask(folder.path(), "test --format json");
        let tests = json
            .out
            .lines()
            .map(|line| serde_json::from_str(line).unwrap());
        let passed: Vec<bool> = tests
            .map(|test: Value| test["passed"].as_bool().unwrap())
            .collect();
        let expected: &[bool] = if fails { &[true, false] } else { &[true] };
        assert_eq!((json.code, passed.as_slice()), (Some(1), expected));
        let junit = ask(folder.path(), "test --format junit");
        assert_eq!(junit.code, Some(1));
        assert!(junit.out.starts_with("<?xml "), "{}", junit.out);
        assert!(junit.out.ends_with("</testsuites>\n"), "{}", junit.out);
        for said in [text, json, junit] {
            assert!(said.err.contains("error[GRA007 "), "{}", said.err);
            assert!(!said.err.contains("TST001"), "told twice: {}", said.err);
            assert!(said.err.ends_with("1 error\n"), "{}", said.err);
        }
    }
}

/// What is not asked for is no result, and stands.
#[test]
fn a_test_that_fails_elsewhere_stands() {
    let folder = tempfile::tempdir().unwrap();
    with_judgement(folder.path(), true);
    let catalog = folder.path().join("catalogs/org.kdl");
    let text = fs::read_to_string(&catalog).unwrap();
    fs::write(&catalog, text + "\nenvironment next\n").unwrap();
    let said = ask(folder.path(), "test --env next");
    assert_eq!(
        (said.code, said.out.as_str()),
        (Some(1), "0 passed, 0 failed\n")
    );
    assert!(said.err.contains("error[TST001 "), "{}", said.err);
}

#[test]
fn what_production_adds_is_an_error_and_can_be_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &files(&example("environments")));
    let prod = folder.path().join("catalogs/support/prod.kdl");
    let text = fs::read_to_string(&prod).unwrap();
    let granted = "overlay prod {\n    grant lookup-bot time:convert_time";
    fs::write(&prod, text.replacen("overlay prod {", granted, 1)).unwrap();
    let check = ask(folder.path(), "check");
    assert!(check.out.contains("error[ENV001 "), "{}", check.out);
    assert!(check.out.contains("1 error"), "{}", check.out);
    let said = ask(folder.path(), "what-can lookup-bot --env prod --diff stage");
    assert_eq!(said.code, Some(1), "{}", said.err);
    assert!(
        said.out.contains("+ time:convert_time (read)\n"),
        "{}",
        said.out
    );
    let tests = ask(folder.path(), "test");
    assert_eq!(tests.code, Some(1));
    assert!(tests.out.ends_with(" 0 failed\n"), "{}", tests.out);
    assert!(tests.err.contains("error[ENV001 "), "{}", tests.err);
}
