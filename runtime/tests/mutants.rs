//! Mistakes planted in what decides are seen by the agreement of the evaluator with resolved environments and with
//! what dispatch loads of them (`src/tests/agreement.rs`). All of them are built at once, into a copy of the sources
//! in which the variable `MUTANT` chooses one; the sources themselves have no such switch.

#![cfg(test)]

#[path = "mutants/list.rs"]
mod list;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use list::{MUTANTS, Mutant};

/// Folders that are no sources.
const LEFT_OUT: [&str; 4] = [".git", "snapshots", "target", "fuzz"];

#[test]
fn each_mutant_changes_one_place() {
    let names: BTreeSet<&str> = MUTANTS.iter().map(|mutant| mutant.name).collect();
    assert_eq!(names.len(), MUTANTS.len());
    for mutant in MUTANTS {
        let text = fs::read_to_string(root().join(mutant.file)).unwrap();
        let places = text.matches(mutant.right).count();
        assert_eq!(places, 1, "`{}` in {}", mutant.right, mutant.file);
    }
}

#[test]
#[ignore = "run by `make proofs`: takes minutes"]
fn every_mutant_is_caught() {
    let copy = scratch().join("sources");
    drop(fs::remove_dir_all(&copy));
    copy_sources(&root(), &copy);
    for (number, mutant) in MUTANTS.iter().enumerate() {
        plant(&copy, number, mutant);
    }
    // Without a mistake all is well: it is not the planting that is seen.
    let unplanted = agreement(&copy, "none");
    assert!(unplanted.status.success(), "{unplanted:#?}");
    let mut survivors = Vec::new();
    for (number, mutant) in MUTANTS.iter().enumerate() {
        let output = agreement(&copy, &number.to_string());
        let text = String::from_utf8_lossy(&output.stdout);
        let is_caught = !output.status.success() && text.contains("test result: FAILED");
        println!(
            "{} {}",
            if is_caught { "caught  " } else { "SURVIVED" },
            mutant.name
        );
        if !is_caught {
            survivors.push(mutant.name);
        }
    }
    assert_eq!(survivors, Vec::<&str>::new());
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn copy_sources(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        let (path, copy) = (entry.path(), to.join(&name));
        if LEFT_OUT.iter().any(|left_out| *name == **left_out) {
            continue;
        }
        if path.is_dir() {
            copy_sources(&path, &copy);
        } else {
            fs::copy(&path, &copy).unwrap();
        }
    }
}

/// Lets `MUTANT` choose between what is right and what is wrong.
fn plant(copy: &Path, number: usize, mutant: &Mutant) {
    let path = copy.join(mutant.file);
    let text = fs::read_to_string(&path).unwrap();
    let Mutant { right, wrong, .. } = mutant;
    let chosen = format!("std::env::var(\"MUTANT\").as_deref() == Ok(\"{number}\")");
    let either = format!("if {chosen} {{ {wrong} }} else {{ {right} }}");
    let either = if right.ends_with(';') {
        either
    } else {
        format!("({either})")
    };
    assert_eq!(text.matches(right).count(), 1, "{}", mutant.name);
    fs::write(&path, text.replacen(right, &either, 1)).unwrap();
}

/// Where mutants are planted and built: cargo would take what is built of a copy for what it is a copy of.
fn scratch() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("mutants")
}

/// Runs what is asked in each run.
fn agreement(copy: &Path, mutant: &str) -> Output {
    Command::new(env!("CARGO"))
        .args([
            "test",
            "--offline",
            "--package",
            "bailiwick-runtime",
            "--lib",
            "tests::agreement",
        ])
        .arg("--target-dir")
        .arg(scratch().join("target"))
        .current_dir(copy)
        .env("MUTANT", mutant)
        .env("RUST_BACKTRACE", "0")
        .output()
        .unwrap()
}
