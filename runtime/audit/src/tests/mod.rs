//! What the log promises, tried on real files.

mod acknowledge;
mod canonical;
mod fault;
mod recover;
mod show;
mod stranger;
mod sweep;
mod tamper;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc;

use serde_json::json;
use tempfile::TempDir;

use crate::log::{Append as _, Durable, Failed, Log, Position};
use crate::record::{CallResult, Caller, MAX_RECORD, Target};
use crate::writer::Sizes;
use crate::{Boot, Commitments, Config, Deny, Entry, Gap, Intent, Outcome, Recovery};

const ORIGIN: &str = "acme/prod/dispatch-0";

/// Segments of about ten records.
const SMALL: Sizes = Sizes {
    batch_records: 64,
    batch_bytes: 64 * 1024,
    segment: MAX_RECORD as u64 + 4_000,
    reserve: 0,
};

/// Segments of three or four records.
const TINY: Sizes = Sizes {
    segment: MAX_RECORD as u64 + 1_200,
    ..SMALL
};

/// A folder in memory where there is one, since these tests sync thousands of times.
fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() {
        tempfile::tempdir_in(memory).unwrap()
    } else {
        tempfile::tempdir().unwrap()
    }
}

/// Whether a program that a test needs works here. Without it the test fails, unless
/// `ALLOW_SKIP` is 1.
fn works(program: &str, arguments: &[&str]) -> bool {
    let tried = Command::new(program).args(arguments).output();
    let works = tried.is_ok_and(|output| output.status.success());
    let skips = variable("ALLOW_SKIP").is_some_and(|value| value == "1");
    assert!(
        works || skips,
        "`{program}` does not work: set ALLOW_SKIP=1 to do without"
    );
    works
}

#[expect(clippy::disallowed_methods, reason = "tests are told by variables")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn boot() -> Boot {
    Boot {
        build: "bailiwick-dispatch 0.1.0".to_owned(),
        config: Some("sha256:c0".to_owned()),
    }
}

fn open(folder: &Path) -> (Log, Recovery) {
    Log::open_sized(folder, ORIGIN, boot(), SMALL, Durable::tell).unwrap()
}

/// Appends and waits.
fn record(log: &Log, entry: Entry) -> Result<Position, Failed> {
    let (done, wait) = mpsc::channel();
    log.append(entry, move |result| done.send(result).unwrap());
    wait.recv().unwrap()
}

fn caller(agent: &str) -> Caller {
    Caller {
        agent: agent.to_owned(),
        iss: "https://issuer.acme.example".to_owned(),
        sub: "system:serviceaccount:agents:triage".to_owned(),
        ..Caller::default()
    }
}

fn target(tool: &str) -> Target {
    Target {
        exposed: Some(format!("git_{tool}")),
        definition: Some("sha256:d0".to_owned()),
        server: Some("git".to_owned()),
        tool: tool.to_owned(),
    }
}

fn intent(call: &str) -> Entry {
    let arguments = serde_json::from_value(json!({"path": "/srv", "max": 3})).unwrap();
    Entry::Intent(Intent {
        call: call.to_owned(),
        caller: caller("triage"),
        target: target("log"),
        config: "sha256:c0".to_owned(),
        arguments: Commitments::to(&arguments, 23).unwrap(),
        trace: None,
    })
}

fn outcome(call: &str) -> Entry {
    Entry::Outcome(Outcome {
        call: call.to_owned(),
        result: CallResult::Ok,
        reason: None,
        micros: 1_500,
        bytes: 2_048,
    })
}

fn deny(call: &str) -> Entry {
    Entry::Deny(Deny {
        call: call.to_owned(),
        caller: caller("writer"),
        target: Some(Target {
            tool: "drop \"table\"\n".to_owned(),
            ..Target::default()
        }),
        config: "sha256:c0".to_owned(),
        reason: "unknown-tool".to_owned(),
        trace: None,
    })
}

fn gap(count: u64) -> Entry {
    Entry::Gap(Gap {
        refused: [("no-token".to_owned(), count)].into(),
    })
}

fn config() -> Entry {
    Entry::Config(Config {
        digest: "sha256:c1".to_owned(),
        refused: None,
    })
}

/// What was written to a segment, without the zero bytes at its end.
fn written(segment: &Path) -> Vec<u8> {
    let mut bytes = fs::read(segment).unwrap();
    let length = bytes.iter().rposition(|byte| *byte != 0);
    bytes.truncate(length.map_or(0, |last| last + 1));
    bytes
}

/// A closed log with a record of every kind, in several segments.
fn example() -> TempDir {
    let folder = folder();
    let (log, _) = Log::open_sized(folder.path(), ORIGIN, boot(), TINY, Durable::tell).unwrap();
    let entries = [intent("1"), deny("2"), outcome("1"), config(), gap(7)];
    for entry in entries.into_iter().chain([intent("3"), outcome("3")]) {
        record(&log, entry).unwrap();
    }
    log.close();
    folder
}
