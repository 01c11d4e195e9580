//! Why a call was not carried out, and how the caller is told.

use std::sync::Arc;
use std::time::Duration;

use bailiwick_audit::Failed;

use crate::limits::Exceeded;
use crate::view::Entry;

/// Why a call was refused or failed; each has one word that never changes. They are explained in
/// `docs/reference/reasons.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The request is not one that the method takes.
    InvalidParams,
    /// There is no such tool for this caller.
    UnknownTool,
    /// The arguments are larger than allowed.
    ArgumentsTooLarge,
    /// The arguments do not fit the definition.
    InvalidArguments,
    /// Headers that repeat arguments say something else.
    HeaderMismatch,
    /// Too many calls in a time.
    RateLimit,
    /// Too many calls at a time.
    Concurrency,
    /// The audit log cannot record the call.
    AuditUnavailable,
    /// The deadline passed.
    Timeout,
    /// The caller went away or cancelled.
    Cancelled,
    /// The server cannot be reached.
    UpstreamUnreachable,
    /// The server ended the connection before it had answered.
    UpstreamClosed,
    /// The server refused our credential, or there is none.
    UpstreamCredential,
    /// The server answered with an HTTP status that is no answer.
    UpstreamStatus,
    /// The server sent us elsewhere.
    UpstreamRedirect,
    /// The server's answer is not what the protocol allows.
    UpstreamGarbage,
    /// The server answered with a JSON-RPC error.
    UpstreamError,
    /// The server asks for something that is not relayed.
    InputRequired,
    /// The result is larger than allowed.
    ResultTooLarge,
}

impl Reason {
    /// The word, for records, metrics and answers.
    pub fn word(self) -> &'static str {
        match self {
            Self::InvalidParams => "invalid-params",
            Self::UnknownTool => "unknown-tool",
            Self::ArgumentsTooLarge => "arguments-too-large",
            Self::InvalidArguments => "invalid-arguments",
            Self::HeaderMismatch => "header-mismatch",
            Self::RateLimit => "rate-limit",
            Self::Concurrency => "concurrency",
            Self::AuditUnavailable => "audit-unavailable",
            Self::Timeout => "timeout",
            Self::Cancelled => "cancelled",
            Self::UpstreamUnreachable => "upstream-unreachable",
            Self::UpstreamClosed => "upstream-closed",
            Self::UpstreamCredential => "upstream-credential",
            Self::UpstreamStatus => "upstream-status",
            Self::UpstreamRedirect => "upstream-redirect",
            Self::UpstreamGarbage => "upstream-garbage",
            Self::UpstreamError => "upstream-error",
            Self::InputRequired => "input-required",
            Self::ResultTooLarge => "result-too-large",
        }
    }
}

/// A call that was refused before anything went to its server.
#[derive(Debug)]
pub enum Refusal {
    /// The request is not one that the method takes.
    Params(&'static str),
    /// There is no such tool for this caller.
    Unknown {
        /// The name that the caller used.
        tool: String,
    },
    /// The caller has the tool, but this call does not go.
    Tool {
        /// The tool.
        entry: Arc<Entry>,
        /// Why.
        reason: Reason,
        /// What the model reads.
        text: String,
        /// How long to wait, where waiting helps.
        wait: Option<Duration>,
    },
    /// It cannot be recorded, so it does not go.
    Unrecorded(Failed),
}

impl Refusal {
    /// No such tool for this caller.
    pub(crate) fn unknown(tool: &str) -> Self {
        Self::Unknown { tool: tool.into() }
    }

    /// A call of a tool that the caller has.
    pub(crate) fn tool(entry: Arc<Entry>, reason: Reason, text: String) -> Self {
        Self::Tool {
            entry,
            reason,
            text,
            wait: None,
        }
    }

    /// A call that has to wait.
    pub(crate) fn limit(entry: Arc<Entry>, exceeded: Exceeded) -> Self {
        let text = if exceeded.reason == Reason::Concurrency {
            "Too many calls are in flight."
        } else {
            "Too many calls in a short time."
        };
        Self::Tool {
            entry,
            reason: exceeded.reason,
            text: format!("{text} Try again in {} s.", whole_seconds(exceeded.wait)),
            wait: Some(exceeded.wait),
        }
    }

    /// The tool, where the caller has it.
    pub(crate) fn entry(&self) -> Option<&Entry> {
        match self {
            Self::Tool { entry, .. } => Some(entry),
            Self::Params(_) | Self::Unknown { .. } | Self::Unrecorded(_) => None,
        }
    }

    /// Why, as a word.
    pub fn reason(&self) -> Reason {
        match self {
            Self::Params(_) => Reason::InvalidParams,
            Self::Unknown { .. } => Reason::UnknownTool,
            Self::Tool { reason, .. } => *reason,
            Self::Unrecorded(_) => Reason::AuditUnavailable,
        }
    }
}

/// `wait` in whole seconds, rounded up, as `Retry-After` has it.
pub(crate) fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    /// Reads the words off the source, so that a new one cannot be forgotten.
    #[test]
    fn each_word_is_explained() {
        let source = include_str!("refusal.rs");
        let words: BTreeSet<&str> = source
            .lines()
            .filter_map(|line| {
                line.trim()
                    .strip_prefix("Self::")?
                    .split_once(" => \"")?
                    .1
                    .split('"')
                    .next()
            })
            .collect();
        let page = include_str!("../../docs/reference/reasons.md");
        let explained: BTreeSet<&str> = page
            .lines()
            .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
            .collect();
        assert_eq!(words.len(), 19);
        assert_eq!(words, explained);
    }
}
