//! What the dispatch server tells the log; the log adds index, time and hashes.

use std::collections::BTreeMap;

use crate::commitment::Commitments;
use crate::record::{CallResult, Caller, Cut, Kind, Record, Target, VERSION};

/// Something to record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A configuration came into force or was refused.
    Config(Config),
    /// A call was refused.
    Deny(Deny),
    /// A call is about to go to its server.
    Intent(Intent),
    /// A call ended.
    Outcome(Outcome),
    /// Refusals that were counted, not written one by one.
    Gap(Gap),
}

/// A configuration came into force, or was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Its digest.
    pub digest: String,
    /// Why it was refused; none when it is in force.
    pub refused: Option<String>,
}

/// A call that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deny {
    /// Call id, also in the reply's header.
    pub call: String,
    /// Who called.
    pub caller: Caller,
    /// What was called; none when no tool was named.
    pub target: Option<Target>,
    /// Digest of the configuration that decided.
    pub config: String,
    /// One word of the list of reasons.
    pub reason: String,
    /// W3C `traceparent`.
    pub trace: Option<String>,
}

/// A call that is about to go to its server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    /// Call id, also in the reply's header.
    pub call: String,
    /// Who called.
    pub caller: Caller,
    /// What was called.
    pub target: Target,
    /// Digest of the configuration that decided.
    pub config: String,
    /// Commitments to the arguments.
    pub arguments: Commitments,
    /// W3C `traceparent`.
    pub trace: Option<String>,
}

/// A call that ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Call id of the intent.
    pub call: String,
    /// How it ended.
    pub result: CallResult,
    /// More exactly why, as one word; none when it went well.
    pub reason: Option<String>,
    /// From intent to end, microseconds.
    pub micros: u64,
    /// Size of the result, bytes of JSON.
    pub bytes: u64,
}

/// Refusals that were counted, not written one by one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// How many, by reason.
    pub refused: BTreeMap<String, u64>,
}

/// What a start says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Boot {
    /// Name and version of the program.
    pub build: String,
    /// Digest of the configuration; none when there is none that can be used.
    pub config: Option<String>,
}

impl Entry {
    /// The record's members that the entry decides.
    pub(crate) fn into_record(self) -> Record {
        match self {
            Self::Config(config) => Record {
                config: Some(config.digest),
                reason: config.refused,
                ..Record::of(Kind::Config)
            },
            Self::Deny(deny) => Record {
                call: Some(deny.call),
                caller: Some(deny.caller),
                target: deny.target,
                config: Some(deny.config),
                reason: Some(deny.reason),
                trace: deny.trace,
                ..Record::of(Kind::Deny)
            },
            Self::Intent(intent) => Record {
                call: Some(intent.call),
                caller: Some(intent.caller),
                target: Some(intent.target),
                config: Some(intent.config),
                arguments: Some(intent.arguments),
                trace: intent.trace,
                ..Record::of(Kind::Intent)
            },
            Self::Outcome(outcome) => Record {
                call: Some(outcome.call),
                result: Some(outcome.result),
                reason: outcome.reason,
                micros: Some(outcome.micros),
                bytes: Some(outcome.bytes),
                ..Record::of(Kind::Outcome)
            },
            Self::Gap(gap) => Record {
                refused: Some(gap.refused),
                ..Record::of(Kind::Gap)
            },
        }
    }
}

impl Record {
    /// A record of `kind` without facts; the writer gives it its place.
    pub(crate) fn of(kind: Kind) -> Self {
        Self {
            arguments: None,
            batch: 0,
            boot: String::new(),
            build: None,
            bytes: None,
            call: None,
            config: None,
            cut: None,
            index: 0,
            caller: None,
            kind,
            target: None,
            prev: String::new(),
            reason: None,
            refused: None,
            result: None,
            time: String::new(),
            trace: None,
            micros: None,
            version: VERSION,
            seal: String::new(),
        }
    }

    pub(crate) fn boot(boot: Boot, cut: Option<Cut>) -> Self {
        Self {
            build: Some(boot.build),
            config: boot.config,
            cut,
            ..Self::of(Kind::Boot)
        }
    }

    /// The outcome of a call that the last run left open.
    pub(crate) fn unknown_outcome(call: String) -> Self {
        Self {
            call: Some(call),
            result: Some(CallResult::Unknown),
            ..Self::of(Kind::Outcome)
        }
    }
}
