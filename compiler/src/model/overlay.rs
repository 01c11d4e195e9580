//! What is live in one environment, as one block says.

use crate::source::{At, Loc};

use super::{Identity, Limit, Name, Pattern, ServerSettings};

/// What is live in one environment, as one block says.
#[derive(Clone, Debug)]
pub struct Overlay {
    /// The environment.
    pub environment: At<Name>,
    /// Servers that run.
    pub deploys: Vec<Deploy>,
    /// Who may do what.
    pub grants: Vec<Grant>,
    /// Settings replaced here.
    pub patches: Vec<Patch>,
    /// The node.
    pub loc: Loc,
}

/// `deploy`
#[derive(Clone, Debug)]
pub struct Deploy {
    /// The servers.
    pub servers: Vec<At<Name>>,
    /// Replicas of each, when written.
    pub replicas: Option<At<u32>>,
    /// The node.
    pub loc: Loc,
}

/// `grant`
#[derive(Clone, Debug)]
pub struct Grant {
    /// Who.
    pub agent: At<Name>,
    /// What.
    pub what: Vec<At<Granted>>,
    /// Last day, `YYYY-MM-DD`.
    pub until: Option<At<String>>,
    /// Counts calls of one agent to one tool.
    pub limit: Option<Limit>,
    /// Milliseconds.
    pub timeout: Option<At<u64>>,
    /// The node.
    pub loc: Loc,
}

/// What a grant gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Granted {
    /// A role.
    Role(Name),
    /// Tools.
    Tools(Pattern),
}

/// `patch`
#[derive(Clone, Debug)]
pub struct Patch {
    /// What it changes, and how.
    pub change: Change,
    /// The node.
    pub loc: Loc,
}

/// The change of a patch.
#[derive(Clone, Debug)]
pub enum Change {
    /// Settings of a server.
    Server(At<Name>, Box<ServerSettings>),
    /// Settings of an agent.
    Agent(At<Name>, Option<At<Identity>>, Option<Limit>),
    /// Settings of a tool: server, tool.
    Tool(At<(Name, Name)>, Option<Limit>, Option<At<u64>>),
}
