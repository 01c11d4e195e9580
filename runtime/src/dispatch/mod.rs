//! The upstream leg: one call over streamable HTTP, its deadline, its cancellation.

mod answer;
mod connector;
mod credential;
mod exchange;
mod failure;
mod handshake;
mod mirror;
mod pool;
mod request;
mod sse;
mod trace;
mod upstream;

use std::sync::Arc;
use std::time::Instant;

use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

pub(crate) use answer::Accepted;
pub(crate) use connector::Connector;
pub(crate) use failure::Failure;
pub(crate) use mirror::Mirror;
pub(crate) use trace::Trace;
pub use upstream::{Upstream, UpstreamError};

use crate::audit::Recorded;
use crate::refusal::Reason;
use crate::reply::CallId;
use crate::view::Entry;
use upstream::Call;

/// Evidence that a call ended, and how. Only `send` makes one.
///
/// ```compile_fail,E0451
/// # use bailiwick_runtime::dispatch::Outcome;
/// fn forge(outcome: Outcome) -> Outcome {
///     Outcome { ..outcome }
/// }
/// ```
/// The same without the private fields compiles:
/// ```
/// # use bailiwick_runtime::dispatch::Outcome;
/// fn pass(outcome: Outcome) -> Outcome {
///     outcome
/// }
/// ```
#[derive(Debug)]
#[must_use]
pub struct Outcome {
    call: CallId,
    entry: Arc<Entry>,
    micros: u64,
    ending: Result<Accepted, Failure>,
}

/// Sends a recorded call to its server, until it answers, the deadline passes or `cancel` fires.
/// In each case the call is over when this returns: its request is dropped, its places are free.
pub(crate) async fn send(recorded: Recorded, cancel: &CancellationToken) -> Outcome {
    let started = Instant::now();
    let valid = recorded.admitted().valid();
    let entry = Arc::clone(valid.permit().entry());
    let call = Call {
        tool: &entry.tool,
        arguments: valid.written(),
        mirrored: valid.mirrored(),
        trace: recorded.trace(),
        max_result: entry.max_result,
    };
    let ending = tokio::select! {
        biased;
        () = cancel.cancelled() => {
            Err(Failure::new(Reason::Cancelled, "The call was cancelled."))
        }
        answered = timeout(entry.timeout, entry.upstream.call(&call)) => {
            answered.unwrap_or_else(|_| Err(Failure::timeout(entry.timeout)))
        }
    };
    Outcome {
        call: recorded.call(),
        entry,
        micros: u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
        ending,
    }
}

impl Outcome {
    /// Id of the call.
    pub(crate) fn call(&self) -> CallId {
        self.call
    }

    /// Time that the server had, microseconds.
    pub(crate) fn micros(&self) -> u64 {
        self.micros
    }

    /// How it ended.
    pub(crate) fn ending(&self) -> &Result<Accepted, Failure> {
        &self.ending
    }

    /// What was called, and how it ended.
    pub(crate) fn into_parts(self) -> (Arc<Entry>, Result<Accepted, Failure>) {
        (self.entry, self.ending)
    }
}
