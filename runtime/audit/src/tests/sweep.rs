//! A fault at each file operation in turn: `strace` lets the k-th one fail, or kills the process
//! in it. Whatever was acknowledged before must be in the log, and the log must open again.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::recovery;
use crate::{Filter, Verdict, show, verify};

const RECORDS: u64 = 12;
/// The operations that a start of a program does not need as well.
const OPERATIONS: [&str; 6] = [
    "pwrite64",
    "fdatasync",
    "fsync",
    "ftruncate",
    "rename",
    "fallocate",
];
const FAULTS: [&str; 3] = ["error=EIO", "error=ENOSPC", "signal=KILL"];

/// Writes records as `writes` does, with the fault. Gives which of them it was told to be durable,
/// and whether the fault struck.
fn run(
    writes: &str,
    folder: &Path,
    operation: &str,
    fault: &str,
    at: u32,
) -> (BTreeSet<u64>, bool) {
    let trace = folder.with_extension("trace");
    let output = Command::new("strace")
        .args(["-f", "-qq", "-o"])
        .arg(&trace)
        .args(["-e", &format!("trace={operation}")])
        .args(["-e", &format!("inject={operation}:{fault}:when={at}")])
        .arg(std::env::current_exe().unwrap())
        .args([
            "--exact",
            &format!("tests::sweep::{writes}"),
            "--ignored",
            "--nocapture",
        ])
        .env("AUDIT_TEST_FOLDER", folder)
        .output()
        .expect("the program `strace`");
    let text = String::from_utf8_lossy(&output.stdout);
    let told = text
        .lines()
        .filter_map(|line| line.split_once("durable ")?.1.parse().ok());
    let trace = fs::read_to_string(&trace).unwrap();
    let struck = trace.contains("(INJECTED)") || trace.contains("killed by SIGKILL");
    assert!(struck || text.contains("1 passed"), "{text}{trace}");
    (told.collect(), struck)
}

/// Which records the log has.
fn kept(folder: &Path) -> BTreeSet<u64> {
    let shown = show(folder, Filter::default()).unwrap();
    let refused = shown.filter_map(|shown| shown.unwrap().record.refused);
    refused.flat_map(BTreeMap::into_values).collect()
}

/// Goes through all faults; gives how many struck, and how many records were lost that were told
/// to be durable.
fn sweep(writes: &str) -> (usize, usize) {
    let (mut struck, mut lost) = (0, 0);
    for operation in OPERATIONS {
        for fault in FAULTS {
            for at in 1.. {
                let parent = folder();
                let folder = parent.path().join("log");
                let (told, did_strike) = run(writes, &folder, operation, fault, at);
                if !did_strike {
                    break;
                }
                struck += 1;
                let what = format!("{operation} {at}: {fault}");
                let (log, _) = Log::open_sized(&folder, ORIGIN, boot(), TINY, Durable::tell)
                    .unwrap_or_else(|error| panic!("{what}: {error}"));
                log.close();
                let verdict = verify(&folder, None).unwrap().verdict;
                assert_eq!(verdict, Verdict::Good, "{what}");
                lost += told.difference(&kept(&folder)).count();
            }
        }
    }
    (struck, lost)
}

#[test]
fn a_fault_at_any_file_operation_loses_no_acknowledged_record() {
    if !works("strace", &["-f", "true"]) {
        return;
    }
    let (struck, lost) = sweep("writes_with_care");
    println!("{struck} faults, {lost} records lost");
    assert!(struck > 60, "only {struck} faults struck");
    assert_eq!(lost, 0);
}

#[test]
fn the_same_faults_show_a_writer_that_acknowledges_too_early() {
    if !works("strace", &["-f", "true"]) {
        return;
    }
    let (struck, lost) = sweep("writes_without_care");
    println!("{struck} faults, {lost} records lost");
    assert!(lost > 0);
}

#[test]
#[ignore = "run by another test: needs faults"]
fn writes_with_care() {
    let Some(folder) = variable("AUDIT_TEST_FOLDER") else {
        return;
    };
    let Ok((log, _)) = Log::open_sized(Path::new(&folder), ORIGIN, boot(), TINY, Durable::tell)
    else {
        return;
    };
    for n in 0..RECORDS {
        if record(&log, gap(n)).is_ok() {
            println!("durable {n}");
        }
    }
    log.close();
}

#[test]
#[ignore = "run by another test: needs faults"]
fn writes_without_care() {
    let Some(folder) = variable("AUDIT_TEST_FOLDER") else {
        return;
    };
    let Ok((mut writer, _)) = recovery::open(Path::new(&folder), ORIGIN, boot(), TINY) else {
        return;
    };
    for n in 0..RECORDS {
        println!("durable {n}");
        if writer.write_now(vec![gap(n).into_record()]).is_err() {
            return;
        }
    }
}
