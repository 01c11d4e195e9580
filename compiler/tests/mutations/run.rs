//! The run: each document by its number, so that any of them can be made again alone.

use std::collections::BTreeSet;
use std::env;
use std::ops::Range;
use std::panic::catch_unwind;
use std::time::{Duration, Instant};

use bailiwick_organisation::Dice;

use crate::archive::files;
use crate::documents::Documents;
use crate::invariants::checked_read;
use crate::sound::checked;

/// How long one document of a few kilobytes may take on a busy machine, unoptimised too.
const SOON: Duration = Duration::from_secs(20);

/// The documents that every run of the tests looks at.
const FEW: Range<u64> = 0..10_000;

#[test]
fn the_first_mutated_documents_end_soon_and_what_is_said_can_be_shown() {
    let counted = run(FEW);
    // The run would mean little if all of them were refused, or none, or all for the same reasons.
    assert!(counted.passed > FEW.end / 20, "{counted:?}");
    assert!(counted.refused > FEW.end / 2, "{counted:?}");
    assert!(counted.codes.len() > 120, "{counted:?}");
}

#[test]
#[ignore = "run by `make proofs`: takes an hour"]
fn many_mutated_documents_end_soon_and_what_is_said_can_be_shown() {
    let asked = env::var("MUTATIONS").unwrap_or_else(|_| "0..10000000".to_owned());
    let (start, end) = asked.split_once("..").expect("MUTATIONS=START..END");
    run(start.parse().unwrap()..end.parse().unwrap());
}

#[derive(Debug, Default)]
struct Counted {
    passed: u64,
    refused: u64,
    findings: usize,
    codes: BTreeSet<&'static str>,
    slowest: Duration,
}

fn run(numbers: Range<u64>) -> Counted {
    let documents = Documents::read();
    let mut counted = Counted::default();
    let mut failed = Vec::new();
    for number in numbers.clone() {
        let text = documents.mutated(&mut Dice::new(number));
        let start = Instant::now();
        match catch_unwind(|| look_at(&text)) {
            Ok((passed, codes)) => {
                counted.passed += u64::from(passed);
                counted.refused += u64::from(!passed);
                counted.findings += codes.len();
                counted.codes.extend(codes);
            }
            Err(_) => failed.push(number),
        }
        let took = start.elapsed();
        counted.slowest = counted.slowest.max(took);
        if took > SOON {
            failed.push(number);
        }
        if (number + 1).is_multiple_of(10_000) || number + 1 == numbers.end {
            println!(
                "{} documents: {counted:?}, failed: {failed:?}",
                number + 1 - numbers.start
            );
        }
    }
    assert!(
        failed.is_empty(),
        "documents {failed:?}; MUTATIONS=N..M looks at some alone"
    );
    counted
}

/// Whether a catalog of this text can be built, and the codes of what is said of it.
fn look_at(text: &str) -> (bool, Vec<&'static str>) {
    checked_read(text);
    let report = checked(&files(text.as_bytes()));
    let codes = report.findings.iter().map(|finding| finding.check.code);
    (report.checked.is_some(), codes.collect())
}
