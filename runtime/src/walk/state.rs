//! What lives as long as the process.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use bailiwick_audit::Failed;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::supervise;
use crate::audit::{Facts, Recorder};
use crate::config::Snapshot;
use crate::dispatch::{Connector, Trace};
use crate::identity::Caller;
use crate::reply::CallId;
use crate::telemetry::Metrics;

/// What the process was told when it was started.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Folder with `config.json` and the definitions.
    pub config: PathBuf,
    /// Folder of the audit log.
    pub audit: PathBuf,
    /// Name of this replica in the audit log.
    pub replica: String,
}

/// What lives as long as the process: the audit log, the newest config, the background work.
#[derive(Debug)]
pub struct State {
    pub(super) metrics: Arc<Metrics>,
    pub(super) snapshots: watch::Sender<Option<Arc<Snapshot>>>,
    pub(super) recorder: Recorder,
    pub(super) stopping: CancellationToken,
    tasks: TaskTracker,
    connector: Option<Connector>,
    problems: Mutex<Problems>,
}

/// What is wrong now.
#[derive(Debug, Default)]
struct Problems {
    config: Option<String>,
    audit: Option<String>,
}

impl State {
    /// Loads the config, opens the audit log unless `recorder` has one, and watches over both in
    /// the background. What does not succeed shows in [`State::unready`]. Servers are trusted by the certificate authorities
    /// in the PEM file `ca`, or by the system's. Must be called within a Tokio runtime.
    pub(crate) fn start(settings: Settings, recorder: Recorder, ca: Option<&Path>) -> Arc<Self> {
        match Connector::new(ca) {
            Ok(connector) => Self::start_with(settings, recorder, connector),
            Err(error) => {
                let state = Self::new(recorder, None);
                state.set_config_problem(Some(format!("TLS cannot be set up: {error}")));
                Arc::new(state)
            }
        }
    }

    /// The same with a connector that is there already.
    pub(crate) fn start_with(
        settings: Settings,
        recorder: Recorder,
        connector: Connector,
    ) -> Arc<Self> {
        let state = Arc::new(Self::new(recorder, Some(connector.clone())));
        let background = supervise::run(Arc::clone(&state), settings, connector);
        drop(state.tasks.spawn(background));
        state
    }

    fn new(recorder: Recorder, connector: Option<Connector>) -> Self {
        Self {
            metrics: Arc::default(),
            snapshots: watch::channel(None).0,
            recorder,
            stopping: CancellationToken::new(),
            tasks: TaskTracker::new(),
            connector,
            problems: Mutex::default(),
        }
    }

    /// Ends the background work and closes the audit log. No call is in flight any more.
    pub async fn stop(self: &Arc<Self>) {
        self.stopping.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        if let Some(connector) = &self.connector {
            connector.close().await;
        }
        self.recorder.flush().await;
        let state = Arc::clone(self);
        let closed = tokio::task::spawn_blocking(move || state.recorder.close());
        if let Err(error) = closed.await {
            tracing::error!(%error, "the audit log was not closed in good order");
        }
    }

    /// The counters.
    pub fn metrics(&self) -> &Arc<Metrics> {
        &self.metrics
    }

    /// The newest good config, and when it changes; `None` until the first one is in force.
    pub fn snapshots(&self) -> watch::Receiver<Option<Arc<Snapshot>>> {
        self.snapshots.subscribe()
    }

    /// Why calls cannot be served now, one line each for `/readyz`; empty means ready. A bad new
    /// config is no reason while an older one is in force.
    pub fn unready(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let problems = self.lock();
        if self.snapshots.borrow().is_none() {
            let reason = problems.config.as_deref().or(match problems.audit {
                Some(_) => None,
                None => Some("not loaded yet"),
            });
            lines.extend(reason.map(|reason| format!("config: {reason}")));
        }
        let failure = self.recorder.failure().map(|failed| failed.to_string());
        let audit = problems.audit.clone().or(failure);
        lines.extend(audit.map(|reason| format!("audit: {reason}")));
        lines
    }

    /// Counts and records that a message of a known caller was refused before it came to the walk.
    pub(crate) async fn deny(
        &self,
        snapshot: &Snapshot,
        caller: Caller,
        call: CallId,
        reason: &'static str,
    ) -> Result<(), Failed> {
        self.metrics.count(caller.agent(), "", "deny", reason);
        let view = snapshot.view(caller.agent());
        let facts = Facts {
            call,
            caller: Arc::new(caller),
            config: snapshot.digest().to_owned(),
            trace: Trace::default(),
        };
        self.recorder.deny_for(&facts, reason, None, view).await
    }

    /// Counts a request that was refused before it had a caller, by its reason word.
    pub fn count_unidentified(&self, reason: &'static str) {
        self.metrics.count("", "", "deny", reason);
        self.recorder.count(reason);
    }

    /// Notes what is wrong with the newest config; says whether that is news.
    pub(super) fn set_config_problem(&self, problem: Option<String>) -> bool {
        self.metrics.set_config_refused(problem.is_some());
        let mut problems = self.lock();
        let is_news = problems.config != problem;
        problems.config = problem;
        is_news
    }

    /// Notes why the audit log cannot be opened or take a new config; says whether that is news.
    pub(super) fn set_audit_problem(&self, problem: Option<String>) -> bool {
        let mut problems = self.lock();
        let is_news = problems.audit != problem;
        problems.audit = problem;
        is_news
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Problems> {
        self.problems.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
