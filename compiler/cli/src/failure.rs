//! What can go wrong outside the catalog: the world's failures, as the command line reports them.

use std::io;
use std::path::Path;

use bailiwick_compiler::lock::FileError;
use bailiwick_compiler::proposal::AppendError;
use bailiwick_compiler::source::LoadError;

use crate::live::LiveError;

/// A failure of the world; the command exits with 2.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The request makes no sense here; the text says what would.
    #[error("{0}")]
    Usage(String),
    /// A question has a name that is not known.
    #[error(transparent)]
    Unknown(#[from] bailiwick_compiler::answer::Unknown),
    /// A question to a catalog that does not say reliably who may do what; why was printed.
    #[error("the catalog has mistakes, so that no answer would be reliable")]
    Unreliable,
    /// A source file could not be read.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The compiler could not produce its output.
    #[error(transparent)]
    Build(#[from] bailiwick_compiler::BuildError),
    /// Generated files could not be read or written.
    #[error(transparent)]
    Output(#[from] bailiwick_compiler::output::OutputError),
    /// A file could not be added to.
    #[error("cannot add to `{path}`")]
    Edit {
        /// The file.
        path: String,
        /// Why it was left alone.
        #[source]
        source: AppendError,
    },
    /// A file is no recording.
    #[error("`{path}` is no recorded list of tools")]
    Recording {
        /// The file.
        path: String,
        /// Which rule it breaks.
        #[source]
        source: FileError,
    },
    /// Definitions of tools break a rule.
    #[error("the definitions of the server cannot be locked")]
    Definitions {
        /// Which rule.
        #[source]
        source: FileError,
    },
    /// A running server could not be read.
    #[error("cannot read the server `{server}`")]
    Live {
        /// The server.
        server: String,
        /// Why.
        #[source]
        source: LiveError,
    },
    /// Something could not be read, written or run.
    #[error("cannot {action}")]
    Io {
        /// What was tried, as in "write `x`".
        action: String,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
    /// A value had no JSON form, or text was not the JSON we expect.
    #[error("{what} is not valid JSON")]
    Json {
        /// What was read or written.
        what: String,
        /// Why it failed.
        #[source]
        source: serde_json::Error,
    },
}

impl Failure {
    /// Whether nobody reads our output any more.
    pub(crate) fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == io::ErrorKind::BrokenPipe)
    }

    /// A failure to do something with a file.
    pub(crate) fn io<'a>(verb: &'a str, path: &'a Path) -> impl FnOnce(io::Error) -> Self + 'a {
        move |source| Self::Io {
            action: format!("{verb} `{}`", path.display()),
            source,
        }
    }

    /// A failure that is about no file.
    pub(crate) fn doing(action: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let action = action.into();
        move |source| Self::Io { action, source }
    }

    /// A failure to write something as JSON.
    pub(crate) fn json(what: &str) -> impl FnOnce(serde_json::Error) -> Self {
        let what = what.to_owned();
        move |source| Self::Json { what, source }
    }

    /// A failure to read a running server.
    pub(crate) fn live(server: &str) -> impl FnOnce(LiveError) -> Self {
        let server = server.to_owned();
        move |source| Self::Live { server, source }
    }
}

/// An error with all its causes, in one line.
pub(crate) fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
