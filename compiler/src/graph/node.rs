//! What the graph is made of, as plain data.

use std::fmt;

use crate::model::{Effect, Name};
use crate::source::Loc;

/// Number of a node in its graph. Tools come first, sorted by server and name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NodeId(pub(super) u32);

impl NodeId {
    /// The number, from 0 without gaps.
    pub fn index(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

/// Kinds of nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NodeKind {
    /// A declared tool of a deployed server.
    Tool,
    /// A caller.
    Agent,
    /// A named set of tools that an agent holds here.
    Role,
    /// A deployed server.
    Server,
    /// A data class.
    DataClass,
    /// What strangers can write; one node.
    Untrusted,
    /// Where arguments travel inside the organisation; one node.
    Internal,
    /// Where arguments leave the organisation; one node.
    External,
    /// A group that approves calls.
    Group,
    /// A Secret that a server uses.
    Secret,
    /// Where a server may connect.
    Host,
}

impl NodeKind {
    /// Its name in exports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Tool => "tool",
            Self::Agent => "agent",
            Self::Role => "role",
            Self::Server => "server",
            Self::DataClass => "data-class",
            Self::Untrusted => "untrusted",
            Self::Internal => "internal",
            Self::External => "external",
            Self::Group => "group",
            Self::Secret => "secret",
            Self::Host => "host",
        }
    }
}

/// A node. [`fmt::Display`] writes its name as in the catalog; a tool is `server:tool`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// Its name; of a tool without the server.
    pub name: Name,
    /// The server of a tool.
    pub server: Option<Name>,
    /// The team that owns an agent, role or server, or the server of a tool; none for a role of the
    /// organisation and for what nobody owns.
    pub team: Option<Name>,
    /// What a tool does, worst case where nothing is written.
    pub effect: Option<Effect>,
    /// Whether a tool is in the server's definition file, so that it can be granted; true for all others.
    pub is_locked: bool,
    /// Where an agent, server or tool is switched off here. It counts in the graph all the same.
    pub suspended: Option<Loc>,
    /// Where it is declared; none for sinks and for data classes that are built in.
    pub loc: Option<Loc>,
}

impl Node {
    pub(super) fn new(kind: NodeKind, name: Name) -> Self {
        Self {
            kind,
            name,
            server: None,
            team: None,
            effect: None,
            is_locked: true,
            suspended: None,
            loc: None,
        }
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.server {
            Some(server) => write!(f, "{server}:{}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

/// Kinds of edges, read from the first node to the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EdgeKind {
    /// An agent holds a role.
    Holds,
    /// A role, or a grant to an agent, allows a tool.
    Allows,
    /// An agent may call on another.
    Delegates,
    /// A server provides a tool.
    Provides,
    /// A tool returns data of this class at most.
    Reads,
    /// A tool returns what strangers can write.
    Ingests,
    /// A tool sends its arguments there.
    Sends,
    /// Calls wait for this group: of a tool, or of what a role or a grant to an agent gives.
    GatedBy,
    /// A server uses a Secret.
    Uses,
    /// A server may connect there.
    Reaches,
}

impl EdgeKind {
    /// Its name in exports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Allows => "allows",
            Self::Delegates => "delegates",
            Self::Provides => "provides",
            Self::Reads => "reads",
            Self::Ingests => "ingests",
            Self::Sends => "sends",
            Self::GatedBy => "gated-by",
            Self::Uses => "uses",
            Self::Reaches => "reaches",
        }
    }
}

/// An edge, with the line behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// First node.
    pub from: NodeId,
    /// Second node.
    pub to: NodeId,
    /// What it says.
    pub kind: EdgeKind,
    /// The line that says it; of a fact that nobody wrote, the `tool` line.
    pub loc: Loc,
    /// Whether the grant or the role behind it demands an approval.
    pub is_gated: bool,
}
