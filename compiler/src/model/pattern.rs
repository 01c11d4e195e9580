//! Patterns of tools.

use std::fmt;

use super::Name;

/// Tools by server and name; `None` is any.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pattern {
    /// The server, or any.
    pub server: Option<Name>,
    /// Which of its tools.
    pub tool: ToolPattern,
}

/// The part of a pattern after the colon.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ToolPattern {
    /// Exactly this tool.
    Exact(Name),
    /// Every tool whose name starts so; empty for `*`.
    Prefix(String),
}

impl Pattern {
    /// Whether the pattern covers this tool.
    pub fn matches(&self, server: &str, tool: &str) -> bool {
        self.server.as_deref().is_none_or(|own| own == server)
            && match &self.tool {
                ToolPattern::Exact(name) => &**name == tool,
                ToolPattern::Prefix(prefix) => tool.starts_with(prefix.as_str()),
            }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.server, &self.tool) {
            (None, ToolPattern::Prefix(prefix)) if prefix.is_empty() => f.write_str("*"),
            (None, ToolPattern::Prefix(prefix)) => write!(f, "*:{prefix}*"),
            (None, ToolPattern::Exact(tool)) => write!(f, "*:{tool}"),
            (Some(server), ToolPattern::Prefix(prefix)) => write!(f, "{server}:{prefix}*"),
            (Some(server), ToolPattern::Exact(tool)) => write!(f, "{server}:{tool}"),
        }
    }
}
