//! Why a config cannot be used.

use bailiwick_config::{CONFIG_FILE, Digest};

use super::FolderError;
use crate::arguments::SchemaError;
use crate::causes;
use crate::dispatch::UpstreamError;
use crate::view::{DayError, DefinitionError};

/// Why a config cannot be used. The one before it goes on.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The folder cannot be read.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// A file is not there.
    #[error("there is no `{file}`")]
    Missing {
        /// Name of the file.
        file: String,
    },
    /// A file is not what the contract says.
    #[error("`{file}` is not what the contract says")]
    Json {
        /// Name of the file.
        file: String,
        /// Where and why.
        #[source]
        source: serde_json::Error,
    },
    /// The contract version is not spoken here.
    #[error("`{CONFIG_FILE}` has contract version {found}; {oldest} to {newest} are spoken here")]
    Version {
        /// The version that it has.
        found: u32,
        /// The oldest one that is spoken.
        oldest: u32,
        /// The newest one that is spoken.
        newest: u32,
    },
    /// `config.json` was changed after it was made.
    #[error("`{CONFIG_FILE}` was changed after it was made: its digest does not fit")]
    Digest,
    /// A definitions file is not the one that `config.json` names.
    #[error("`{file}` has the digest {found}; `{CONFIG_FILE}` names {named}")]
    Definitions {
        /// Name of the file.
        file: String,
        /// Its digest.
        found: Digest,
        /// The digest that `config.json` names.
        named: Digest,
    },
    /// A definitions file belongs to another server or revision.
    #[error("`{file}` does not belong to the server `{server}` at this revision")]
    Revision {
        /// Name of the file.
        file: String,
        /// The server that names it.
        server: String,
    },
    /// A definition cannot be served.
    #[error("the definition of `{tool}` of the server `{server}` cannot be served")]
    Definition {
        /// Name of the server.
        server: String,
        /// Name of the tool at the server.
        tool: String,
        /// Why.
        #[source]
        source: DefinitionError,
    },
    /// What is left of the arguments of a tool is no schema that may be used.
    #[error("`inputSchema` of `{tool}` of the agent `{agent}` cannot be used")]
    Narrowed {
        /// Name of the agent.
        agent: String,
        /// Exposed name of the tool.
        tool: String,
        /// Why.
        #[source]
        source: SchemaError,
    },
    /// A server cannot be called.
    #[error("the server `{server}` cannot be called")]
    Upstream {
        /// Name of the server.
        server: String,
        /// Why.
        #[source]
        source: UpstreamError,
    },
    /// A permission's last day is no date.
    #[error("`until` of `{tool}` of the agent `{agent}`")]
    Until {
        /// Name of the agent.
        agent: String,
        /// Exposed name of the tool.
        tool: String,
        /// Why.
        #[source]
        source: DayError,
    },
    /// Something else that the contract does not allow.
    #[error("{place}: {problem}")]
    Invalid {
        /// What it is about.
        place: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The config is for another environment than the one before.
    #[error("it is for `{found}`; this process serves `{serving}`")]
    Environment {
        /// What it is for.
        found: String,
        /// What this process serves.
        serving: String,
    },
}

impl LoadError {
    /// Something in `place` that the contract does not allow.
    pub(super) fn invalid(place: impl Into<String>, problem: &'static str) -> Self {
        Self::Invalid {
            place: place.into(),
            problem,
        }
    }

    /// The error and all that caused it, in one line.
    pub fn to_line(&self) -> String {
        causes::line(self)
    }
}
