//! A call's way after identity: view, policy, arguments, limits, audit, dispatch.

use std::path::PathBuf;
use std::sync::Arc;

use bailiwick_config::Config;
use http::{Response, StatusCode};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::edge::Message;
use crate::identity::Caller;
use crate::reply::{self, Body, CallId};
use crate::telemetry::Metrics;

/// One loaded config with all that was compiled from it. Never changes; a reload makes a new one.
#[derive(Debug)]
pub struct Snapshot {
    config: Config,
}

impl Snapshot {
    /// The config that this was made from.
    pub fn config(&self) -> &Config {
        &self.config
    }
}

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

/// What lives as long as the process: the audit log, the limits, the connections.
#[derive(Debug)]
pub struct State {
    metrics: Arc<Metrics>,
    snapshots: watch::Sender<Option<Arc<Snapshot>>>,
}

impl State {
    /// Loads the config, opens the audit log, and watches over both in the background. What does
    /// not succeed shows in [`State::unready`]. Must be called within a Tokio runtime.
    pub fn start(_settings: Settings) -> Arc<Self> {
        let (metrics, snapshots) = (Arc::default(), watch::channel(None).0);
        Arc::new(Self { metrics, snapshots })
    }

    /// Ends the background work and closes the audit log. No call is in flight any more.
    pub async fn stop(&self) {}

    /// The counters.
    pub fn metrics(&self) -> &Arc<Metrics> {
        &self.metrics
    }

    /// The newest good config, and when it changes; `None` until the first one was loaded.
    pub fn snapshots(&self) -> watch::Receiver<Option<Arc<Snapshot>>> {
        self.snapshots.subscribe()
    }

    /// Why calls cannot be served now, one line each for `/readyz`; empty means ready.
    pub fn unready(&self) -> Vec<String> {
        Vec::new()
    }

    /// Counts a request that was refused before it had a caller, by its reason word.
    pub fn count_unidentified(&self, reason: &'static str) {
        self.metrics.count("", "", "deny", reason);
    }
}

/// Answers `tools/list` and `tools/call` of `caller`. `snapshot` is the one that `caller` was
/// verified against. `cancel` fires when the client is gone or the process stops; the function
/// still runs to its end then, so that the outcome is recorded.
pub async fn handle(
    state: &Arc<State>,
    snapshot: &Arc<Snapshot>,
    caller: Caller,
    message: Message,
    call: CallId,
    cancel: CancellationToken,
) -> Response<Body> {
    drop((state, snapshot, caller, message, call, cancel));
    reply::empty(StatusCode::SERVICE_UNAVAILABLE)
}
