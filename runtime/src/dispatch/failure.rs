//! Why an upstream call has no result.

use std::time::Duration;

use http::StatusCode;

use crate::refusal::Reason;

/// A call that went to its server and came back without a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// Why, as a word.
    pub(crate) reason: Reason,
    /// What the model reads.
    pub(crate) text: String,
}

impl Failure {
    pub(super) fn new(reason: Reason, text: impl Into<String>) -> Self {
        Self {
            reason,
            text: text.into(),
        }
    }

    pub(super) fn garbage(what: &str) -> Self {
        let text = format!("The server's answer cannot be used: {what}.");
        Self::new(Reason::UpstreamGarbage, text)
    }

    pub(super) fn too_large(cap: usize) -> Self {
        let text = format!("The result is larger than the {cap} bytes that are allowed.");
        Self::new(Reason::ResultTooLarge, text)
    }

    pub(super) fn closed() -> Self {
        let text = "The server ended the connection before it had answered. \
                    Whether it carried out the call is not known.";
        Self::new(Reason::UpstreamClosed, text)
    }

    pub(super) fn status(status: StatusCode) -> Self {
        let text = format!("The server answered with HTTP status {}.", status.as_u16());
        Self::new(Reason::UpstreamStatus, text)
    }

    pub(super) fn timeout(deadline: Duration) -> Self {
        let text = format!(
            "The server did not answer within {} ms. Whether it carried out the call is not known.",
            deadline.as_millis()
        );
        Self::new(Reason::Timeout, text)
    }
}
