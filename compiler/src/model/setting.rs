//! Settings that several things take: limits, retries, approvals, and what is recorded.

use crate::source::{At, Loc};

use super::{Effect, Name};

/// A `limit` node, field by field as written.
#[derive(Clone, Debug)]
pub struct Limit {
    /// Calls and window in milliseconds.
    pub rate: Option<At<(u32, u64)>>,
    /// Bucket size.
    pub burst: Option<At<u32>>,
    /// Calls in flight.
    pub concurrent: Option<At<u32>>,
    /// Bytes.
    pub max_args: Option<At<u64>>,
    /// Bytes.
    pub max_result: Option<At<u64>>,
    /// The node.
    pub loc: Loc,
}

/// A `retry` node.
#[derive(Clone, Debug)]
pub struct Retry {
    /// Further tries.
    pub tries: At<u32>,
    /// Longest first pause, milliseconds.
    pub backoff: Option<At<u64>>,
    /// Longest pause of all, milliseconds.
    pub max_backoff: Option<At<u64>>,
    /// The node.
    pub loc: Loc,
}

/// An `approval` node.
#[derive(Clone, Debug)]
pub struct Approval {
    /// The group whose members approve.
    pub by: At<Name>,
    /// On an environment: the mildest effect of a tool that needs it.
    pub effect: Option<At<Effect>>,
    /// Persons.
    pub quorum: Option<At<u32>>,
    /// How long a call waits, milliseconds.
    pub ttl: Option<At<u64>>,
    /// The node.
    pub loc: Loc,
}

/// A `record` node, property by property as written.
#[derive(Clone, Debug)]
pub struct Record {
    /// Of the arguments.
    pub arguments: Option<At<Kept>>,
    /// Of the result.
    pub result: Option<At<Kept>>,
    /// Whether an answer waits for its outcome to reach the disk.
    pub sync_outcome: Option<At<bool>>,
    /// The node.
    pub loc: Loc,
}

/// How much of a value the audit log keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kept {
    /// Nothing.
    Nothing,
    /// A salted commitment.
    #[default]
    Digest,
    /// All of it.
    Full,
}
