//! What is live in one environment, as one block says.

use std::sync::Arc;

use crate::source::{At, Loc};

use super::{Approval, Identity, Limit, Name, Narrowing, Pattern, Retry, ServerSettings};

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
    /// What may not be called for now.
    pub suspensions: Vec<Suspension>,
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
    /// Whether it lets nothing through and only records: the place of the word.
    pub shadow: Option<Loc>,
    /// Counts calls of one agent to one tool.
    pub limit: Option<Limit>,
    /// Milliseconds.
    pub timeout: Option<At<u64>>,
    /// Who must approve a call that it gives.
    pub approvals: Vec<Approval>,
    /// What narrows the arguments of a call that it gives.
    pub narrowings: Vec<Arc<Narrowing>>,
    /// The node.
    pub loc: Loc,
}

/// What a grant gives.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
    Agent(At<Name>, Box<AgentSettings>),
    /// Settings of a tool: server, tool.
    Tool(At<(Name, Name)>, Box<ToolSettings>),
}

/// The settings of an agent that an environment may replace. Absent means unwritten.
#[derive(Clone, Debug, Default)]
pub struct AgentSettings {
    /// How it proves who it is.
    pub identity: Option<At<Identity>>,
    /// Counts all its calls.
    pub limit: Option<Limit>,
}

/// The settings of a tool that an environment may replace. Absent means unwritten.
#[derive(Clone, Debug, Default)]
pub struct ToolSettings {
    /// Counts calls of one agent to it.
    pub limit: Option<Limit>,
    /// Milliseconds.
    pub timeout: Option<At<u64>>,
    /// Further tries.
    pub retry: Option<Retry>,
    /// Who must approve a call of it.
    pub approvals: Vec<Approval>,
    /// What narrows its arguments.
    pub narrowings: Vec<Arc<Narrowing>>,
}

/// `suspend`
#[derive(Clone, Debug)]
pub struct Suspension {
    /// What may not be called.
    pub subject: At<Subject>,
    /// Why.
    pub reason: String,
    /// The node.
    pub loc: Loc,
}

/// A thing that can be suspended.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// An agent: none of its calls pass.
    Agent(Name),
    /// A server: none of its tools can be called.
    Server(Name),
    /// A tool: server, tool.
    Tool(Name, Name),
}
