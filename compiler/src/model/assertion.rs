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
    /// `can`, else `cannot`.
    pub can: bool,
    /// The agent; none is every agent.
    pub agent: Option<At<Name>>,
    /// The tools.
    pub patterns: Vec<At<Pattern>>,
    /// The node.
    pub loc: Loc,
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
