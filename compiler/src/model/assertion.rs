//! Tests of a catalog, and exceptions from its checks.

use crate::source::{At, Loc};

use super::{Name, Pattern};

/// Assertions about one environment.
#[derive(Clone, Debug)]
pub struct Test {
    /// Its title.
    pub title: At<String>,
    /// The environment.
    pub environment: At<Name>,
    /// The assertions in the order written.
    pub assertions: Vec<Assertion>,
    /// The node.
    pub loc: Loc,
}

/// One assertion.
#[derive(Clone, Debug)]
pub struct Assertion {
    /// The agent; none is every agent.
    pub agent: Option<At<Name>>,
    /// What it says of it.
    pub claim: Claim,
    /// The node.
    pub loc: Loc,
}

/// What an assertion says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Every tool matched is granted.
    Can(Vec<At<Pattern>>),
    /// No tool matched is granted.
    Cannot(Vec<At<Pattern>>),
    /// Every tool matched is granted, and every call waits for a person.
    NeedsApproval(Vec<At<Pattern>>),
    /// No path leads from the source to the sink without an approval on it.
    NoFlow {
        /// The source.
        from: At<FlowSource>,
        /// The sink.
        to: At<FlowSink>,
    },
}

/// Where a flow begins.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FlowSource {
    /// Data of this class or a more sensitive one.
    Class(Name),
    /// What strangers can write.
    Untrusted,
}

/// Where a flow ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FlowSink {
    /// A tool that sends inside the organisation or further.
    Internal,
    /// A tool that sends outside.
    External,
    /// A tool that writes or destroys.
    Write,
    /// A tool that destroys.
    Destructive,
}

impl Assertion {
    /// The tools that it is about; none for a flow.
    pub fn patterns(&self) -> &[At<Pattern>] {
        match &self.claim {
            Claim::Can(patterns) | Claim::Cannot(patterns) | Claim::NeedsApproval(patterns) => {
                patterns
            }
            Claim::NoFlow { .. } => &[],
        }
    }
}

/// `suppress`
#[derive(Clone, Debug)]
pub struct Suppression {
    /// The code.
    pub code: At<String>,
    /// Why.
    pub reason: String,
    /// Last day, `YYYY-MM-DD`.
    pub until: At<String>,
    /// The node that it stands in: findings whose subject is inside are accepted.
    pub scope: Loc,
    /// The node itself.
    pub loc: Loc,
}
