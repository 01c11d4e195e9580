//! What the audit log is told, and when: before a call goes out, and before its answer goes back.

mod log;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;

use bailiwick_audit::{
    CallResult, Commitments, Config, Deny, Entry as Line, Failed, Gap, Intent, Outcome as Ended,
    Position, Target,
};
use tokio::sync::oneshot;

pub(crate) use log::open;
pub use log::{Done, Sink};

use crate::dispatch::{Accepted, Failure, Outcome, Trace};
use crate::identity::Caller;
use crate::limits::Admitted;
use crate::refusal::{Reason, Refusal};
use crate::reply::CallId;
use crate::view::{Entry, View};

/// Writes to the audit log, once it is open.
#[derive(Default)]
pub(crate) struct Recorder {
    log: OnceLock<Arc<dyn Sink>>,
    /// Refusals that were only counted since the last gap was recorded, by reason.
    uncounted: Mutex<BTreeMap<String, u64>>,
}

/// What is the same in all records of one request.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    /// Id of the request.
    pub(crate) call: CallId,
    /// Who calls.
    pub(crate) caller: Arc<Caller>,
    /// Digest of the config that decides.
    pub(crate) config: String,
    /// Trace context of the request.
    pub(crate) trace: Trace,
}

/// Evidence that a call is on disk before anything of it goes out. Only the recorder makes one.
///
/// ```compile_fail,E0451
/// # use bailiwick_runtime::audit::Recorded;
/// fn forge(recorded: Recorded) -> Recorded {
///     Recorded { ..recorded }
/// }
/// ```
/// The same without the private fields compiles:
/// ```
/// # use bailiwick_runtime::audit::Recorded;
/// fn pass(recorded: Recorded) -> Recorded {
///     recorded
/// }
/// ```
#[derive(Debug)]
#[must_use]
pub struct Recorded {
    admitted: Admitted,
    facts: Facts,
}

/// Evidence that an outcome is on disk: it may be told. Only the recorder makes one.
#[derive(Debug)]
#[must_use]
pub(crate) struct Settled {
    entry: Arc<Entry>,
    ending: Result<Accepted, Failure>,
}

impl Recorder {
    /// Writes to `log` from now on. Only the first log counts.
    pub(crate) fn open(&self, log: Arc<dyn Sink>) {
        self.log.get_or_init(|| log);
    }

    /// Whether there is a log.
    pub(crate) fn is_open(&self) -> bool {
        self.log.get().is_some()
    }

    /// Why nothing can be recorded any more; none while all is well, or before the start.
    pub(crate) fn failure(&self) -> Option<Failed> {
        self.log.get().and_then(|log| log.failure())
    }

    /// Records the call that is about to go out.
    pub(crate) async fn intent(
        &self,
        mut admitted: Admitted,
        facts: Facts,
    ) -> Result<Recorded, Refusal> {
        let read = admitted.take_read();
        let valid = admitted.valid();
        let bytes = valid.written().map_or(0, |written| written.get().len());
        let arguments = Commitments::to(&read, bytes as u64).map_err(|error| {
            tracing::error!(%error, "arguments cannot be committed to");
            Refusal::Unrecorded(Failed::Closed)
        })?;
        drop(read);
        let intent = Intent {
            call: facts.call.to_string(),
            caller: caller(valid.permit().caller()),
            target: target(valid.permit().entry()),
            config: facts.config.clone(),
            arguments,
            trace: facts.trace.parent().map(Into::into),
        };
        self.append(Line::Intent(intent))
            .await
            .map_err(Refusal::Unrecorded)?;
        Ok(Recorded { admitted, facts })
    }

    /// Records how a call ended.
    pub(crate) async fn outcome(&self, outcome: Outcome) -> Result<Settled, Failed> {
        let (result, reason, bytes) = match outcome.ending() {
            Ok(accepted) if accepted.is_error => {
                (CallResult::ToolError, None, accepted.bytes.len())
            }
            Ok(accepted) => (CallResult::Ok, None, accepted.bytes.len()),
            Err(failure) => (result(failure.reason), Some(failure.reason), 0),
        };
        let ended = Ended {
            call: outcome.call().to_string(),
            result,
            reason: reason.map(|reason| reason.word().into()),
            micros: outcome.micros(),
            bytes: bytes as u64,
        };
        self.append(Line::Outcome(ended)).await?;
        let (entry, ending) = outcome.into_parts();
        Ok(Settled { entry, ending })
    }

    /// Records a refusal, or only counts it when `view` has had too many of late.
    pub(crate) async fn deny(
        &self,
        facts: &Facts,
        refusal: &Refusal,
        view: Option<&View>,
    ) -> Result<(), Failed> {
        let target = match refusal {
            Refusal::Unknown { tool } => Some(Target {
                tool: tool.clone(),
                ..Target::default()
            }),
            Refusal::Tool { entry, .. } => Some(target(entry)),
            Refusal::Params(_) | Refusal::Unrecorded(_) => None,
        };
        let reason = refusal.reason().word();
        self.deny_for(facts, reason, target, view).await
    }

    /// Records a refusal by its reason word and, where there is one, its tool.
    pub(crate) async fn deny_for(
        &self,
        facts: &Facts,
        reason: &'static str,
        target: Option<Target>,
        view: Option<&View>,
    ) -> Result<(), Failed> {
        let is_flood = |view: &View| view.refusals().take_one(Instant::now()).is_err();
        if view.is_some_and(is_flood) {
            self.count(reason);
            return Ok(());
        }
        let deny = Deny {
            call: facts.call.to_string(),
            caller: caller(&facts.caller),
            target,
            config: facts.config.clone(),
            reason: reason.into(),
            trace: facts.trace.parent().map(Into::into),
        };
        self.append(Line::Deny(deny)).await.map(drop)
    }

    /// Records that a config came into force, or why it did not.
    pub(crate) async fn config(
        &self,
        digest: String,
        refused: Option<String>,
    ) -> Result<(), Failed> {
        let config = Config { digest, refused };
        self.append(Line::Config(config)).await.map(drop)
    }

    /// Counts a refusal that is not recorded one by one.
    pub(crate) fn count(&self, reason: &str) {
        let mut uncounted = self.lock();
        match uncounted.get_mut(reason) {
            Some(count) => *count += 1,
            None => drop(uncounted.insert(reason.into(), 1)),
        }
    }

    /// Records what was only counted so far.
    pub(crate) async fn flush(&self) {
        let refused = std::mem::take(&mut *self.lock());
        if refused.is_empty() {
            return;
        }
        let gap = Gap {
            refused: refused.clone(),
        };
        if self.append(Line::Gap(gap)).await.is_err() {
            let mut uncounted = self.lock();
            for (reason, count) in refused {
                *uncounted.entry(reason).or_default() += count;
            }
        }
    }

    /// Ends the log in good order; blocks.
    pub(crate) fn close(&self) {
        if let Some(log) = self.log.get() {
            log.close();
        }
    }

    /// Waits until the disk has `line`.
    async fn append(&self, line: Line) -> Result<Position, Failed> {
        let log = self.log.get().ok_or(Failed::Closed)?;
        let (done, durable) = oneshot::channel();
        log.append(
            line,
            Box::new(move |written| {
                // Nobody may be left who waits.
                drop(done.send(written));
            }),
        );
        durable.await.unwrap_or(Err(Failed::Closed))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, u64>> {
        self.uncounted
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Recorder")
            .field("is_open", &self.is_open())
            .finish_non_exhaustive()
    }
}

impl Recorded {
    /// Id of the call.
    pub(crate) fn call(&self) -> CallId {
        self.facts.call
    }

    /// Its trace context.
    pub(crate) fn trace(&self) -> &Trace {
        &self.facts.trace
    }

    /// What was admitted; its places are held until this is dropped.
    pub(crate) fn admitted(&self) -> &Admitted {
        &self.admitted
    }
}

impl Settled {
    /// What the call is counted by: the tool, and why it failed if it did.
    pub(crate) fn labels(&self) -> (&str, &'static str) {
        let word = match &self.ending {
            Ok(accepted) if accepted.is_error => "tool-error",
            Ok(_) => "",
            Err(failure) => failure.reason.word(),
        };
        (&self.entry.exposed, word)
    }

    /// What was called, and how it ended.
    pub(crate) fn into_parts(self) -> (Arc<Entry>, Result<Accepted, Failure>) {
        (self.entry, self.ending)
    }
}

fn result(reason: Reason) -> CallResult {
    if reason == Reason::Timeout {
        CallResult::Timeout
    } else if reason == Reason::Cancelled {
        CallResult::Cancelled
    } else {
        CallResult::UpstreamError
    }
}

fn caller(caller: &Caller) -> bailiwick_audit::Caller {
    let text = |text: &Arc<str>| text.as_ref().to_owned();
    bailiwick_audit::Caller {
        agent: text(caller.agent()),
        iss: text(caller.issuer()),
        jti: caller.token().map(text),
        person: caller.person().map(text),
        pod: caller.pod().map(|pod| text(&pod.uid)),
        sub: text(caller.subject()),
    }
}

fn target(entry: &Entry) -> Target {
    Target {
        exposed: (entry.exposed != entry.tool).then(|| entry.exposed.as_ref().into()),
        definition: Some(entry.definition.digest().to_string()),
        server: Some(entry.upstream.name().into()),
        tool: entry.tool.as_ref().into(),
    }
}
