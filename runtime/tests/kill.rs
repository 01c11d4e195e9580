//! The dispatch server is killed two hundred times under load; nothing that was answered is missing
//! from its log. A server that answers before it writes does not pass.

#![cfg(test)]

#[path = "kill/early.rs"]
mod early;
#[path = "kill/load.rs"]
mod load;
mod support;

use std::collections::BTreeSet;
use std::path::Path;

use bailiwick_audit::{CallResult, Filter, Kind, Verdict, show, verify};
use load::{Answered, Load};
use support::issuer::Issuer;
use support::process::{Process, free_address};
use support::upstream::{ECHO, Event, Upstream};
use support::{Granted, write_config};

/// How often the server is killed.
const KILLS: u64 = 200;

/// What should be in the log and is not.
#[derive(Debug, PartialEq, Eq)]
struct Missing {
    /// Calls that were answered, without the record of their beginning or of their end.
    answered: usize,
    /// Calls that came to the upstream server, without the record of their beginning.
    arrived: usize,
}

const NOTHING: Missing = Missing {
    answered: 0,
    arrived: 0,
};

/// The records of a log that matter here.
#[derive(Debug, Default)]
struct Recorded {
    begun: BTreeSet<String>,
    /// Calls whose end the server saw. After a kill, recovery ends the others as unknown.
    ended: BTreeSet<String>,
    traces: BTreeSet<String>,
}

impl Recorded {
    fn read(folder: &Path) -> Self {
        let mut recorded = Self::default();
        // A kill may leave half a line at the end; whether that is all is for `verify` to say.
        for shown in show(folder, Filter::default()).unwrap().flatten() {
            let record = shown.record;
            let call = record.call.unwrap_or_default();
            if record.kind == Kind::Intent {
                recorded.begun.insert(call);
                recorded.traces.extend(record.trace);
            } else if record.kind == Kind::Outcome && record.result == Some(CallResult::Ok) {
                recorded.ended.insert(call);
            }
        }
        recorded
    }

    fn lacks(&self, answered: &[Answered], arrived: &BTreeSet<String>) -> Missing {
        let is_lost = |one: &&Answered| {
            !self.begun.contains(&one.call)
                || !self.ended.contains(&one.call)
                || !self.traces.contains(&one.trace)
        };
        Missing {
            answered: answered.iter().filter(is_lost).count(),
            arrived: arrived.difference(&self.traces).count(),
        }
    }
}

/// Kills what `start` starts again and again, until `is_enough` of what is missing after so many
/// kills; gives what is missing in the end, and how many calls were answered.
async fn kill(
    start: impl Fn(&Path, &str) -> Process,
    is_enough: impl Fn(u64, &dyn Fn() -> Missing) -> bool,
) -> (Missing, usize) {
    let mut upstream = Upstream::start().await;
    let folder = tempfile::tempdir().unwrap();
    let issuer = Issuer::new();
    let address = free_address();
    let url = format!("http://{address}/mcp");
    let granted = Granted::new("test", &upstream.url, &[ECHO]);
    write_config(&folder.path().join("config"), &url, &issuer, &[granted]);
    let audit = folder.path().join("audit");

    let mut load = Load::new(&url, &issuer.token(&url));
    let mut arrived = BTreeSet::new();
    let mut kills = 0;
    loop {
        let process = start(folder.path(), &address);
        load.resume();
        // From the first calls of a run to the middle of its work.
        load.wait_for(1 + kills * 7 % 20).await;
        process.kill();
        kills += 1;
        while let Ok(event) = upstream.events.try_recv() {
            if let Event::Came { trace, .. } = event {
                arrived.extend(trace);
            }
        }
        let missing = || Recorded::read(&audit).lacks(load.answered(), &arrived);
        if is_enough(kills, &missing) {
            break;
        }
    }
    let answered = load.stop().await;
    while let Ok(event) = upstream.events.try_recv() {
        if let Event::Came { trace, .. } = event {
            arrived.extend(trace);
        }
    }
    // The last start puts the end of the log in order; the stop writes its last record.
    start(folder.path(), &address).stop();
    assert_eq!(verify(&audit, None).unwrap().verdict, Verdict::Good);
    let missing = Recorded::read(&audit).lacks(&answered, &arrived);
    (missing, answered.len())
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_was_answered_or_went_out_is_in_the_log() {
    let (missing, answered) = kill(Process::dispatch, |kills, _| kills == KILLS).await;
    assert_eq!(missing, NOTHING);
    println!("{KILLS} kills, {answered} calls answered");
    assert!(
        answered as u64 > KILLS * 8,
        "{answered} is not much of a load"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_answers_before_it_writes_loses_records() {
    let (missing, _) = kill(early::start, |kills, missing| {
        kills == KILLS || missing() != NOTHING
    })
    .await;
    assert_ne!(missing, NOTHING);
}
