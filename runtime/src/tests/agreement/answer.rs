//! The terms in which the evaluator, resolved environments and the dispatch server's table are compared.

use std::collections::BTreeMap;

use super::universe::{Arguments, Subject};

/// A call's place: of whom, to what, where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) environment: usize,
    pub(super) agent: usize,
    pub(super) server: usize,
    pub(super) tool: usize,
}

impl Place {
    /// What a suspension or a patch may be about to reach it.
    pub(super) fn subjects(self) -> [Subject; 3] {
        [
            Subject::Agent(self.agent),
            Subject::Server(self.server),
            Subject::Tool(self.server, self.tool),
        ]
    }
}

/// A setting that is a number; of several the smallest holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Field {
    /// The one form of a rate that compares.
    CallsPerDay,
    Burst,
    Concurrent,
    /// Bytes.
    MaxArgs,
    /// Bytes.
    MaxResult,
    /// Milliseconds.
    Timeout,
}

/// Settings by field; an absent one does not limit.
pub(super) type Numbers = BTreeMap<Field, u64>;

/// What holds for the calls of one agent to one tool.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Pair {
    pub(super) numbers: Numbers,
    /// Last day.
    pub(super) until: Option<String>,
    /// Quorum and minutes, by group.
    pub(super) approvals: BTreeMap<usize, (u64, u64)>,
    /// Further tries.
    pub(super) tries: u64,
    pub(super) is_suspended: bool,
}

/// What becomes of a call.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Decision {
    /// There is no such tool for this agent.
    Unknown,
    /// The arguments are larger than allowed.
    TooLarge,
    /// The arguments are not what is allowed.
    Invalid,
    /// It goes, with these arguments.
    Goes(Arguments),
}
