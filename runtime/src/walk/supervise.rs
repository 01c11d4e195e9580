//! What goes on in the background: the config is looked at, the log is opened, counts are written.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bailiwick_audit::Boot;
use bailiwick_config::Digest;
use tokio::time::MissedTickBehavior;

use super::{Settings, State};
use crate::audit::{self, Sink};
use crate::causes;
use crate::config::{Found, LoadError, Loader, Snapshot};
use crate::dispatch::Connector;

/// How often the config folder is looked at.
const PERIOD: Duration = Duration::from_secs(1);

/// Runs until the state is stopped.
pub(super) async fn run(state: Arc<State>, settings: Settings, connector: Connector) {
    let mut loader = Some(Loader::new(settings.config.clone(), connector));
    let mut waiting = None;
    let mut ticks = tokio::time::interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            () = state.stopping.cancelled() => return,
            _ = ticks.tick() => {}
        }
        let Some(found) = look(&mut loader).await else {
            state.set_config_problem(Some("the config cannot be looked at any more".into()));
            return;
        };
        match found {
            Found::Nothing => {}
            Found::Same => drop(state.set_config_problem(None)),
            Found::New(snapshot) => {
                state.set_config_problem(None);
                waiting = Some(snapshot);
            }
            Found::Bad { error, digest } => refuse(&state, &error, digest).await,
        }
        if let Some(snapshot) = waiting.take() {
            waiting = put_in_force(&state, &settings, snapshot).await;
        }
        state.recorder.flush().await;
    }
}

/// Looks at the folder on a thread that may block.
async fn look(loader: &mut Option<Loader>) -> Option<Found> {
    let mut taken = loader.take()?;
    let looked = tokio::task::spawn_blocking(move || {
        let found = taken.look();
        (taken, found)
    });
    let (taken, found) = looked.await.ok()?;
    *loader = Some(taken);
    Some(found)
}

/// Leaves the config before in force, and says why.
async fn refuse(state: &State, error: &LoadError, digest: Option<Digest>) {
    let line = error.to_line();
    if !state.set_config_problem(Some(line.clone())) {
        return;
    }
    tracing::error!(
        reason = line,
        "the config cannot be used; the one before stays in force"
    );
    let Some(digest) = digest.filter(|_| state.recorder.is_open()) else {
        return;
    };
    if let Err(error) = state.recorder.config(digest.to_string(), Some(line)).await {
        tracing::error!(%error, "a refused config could not be recorded");
    }
}

/// Records the new config and lets it decide from now on. Gives it back when it cannot be recorded
/// now: it does not decide before it is.
async fn put_in_force(
    state: &State,
    settings: &Settings,
    snapshot: Arc<Snapshot>,
) -> Option<Arc<Snapshot>> {
    let digest = snapshot.digest().to_owned();
    if state.recorder.is_open() {
        if let Err(error) = state.recorder.config(digest.clone(), None).await {
            let problem = format!("the new config cannot be recorded: {error}");
            if state.set_audit_problem(Some(problem.clone())) {
                tracing::error!(reason = problem, "the config before stays in force");
            }
            return Some(snapshot);
        }
    } else {
        let origin = format!("{}/{}", snapshot.purpose(), settings.replica);
        match open(settings.audit.clone().as_path(), origin, digest.clone()).await {
            Ok(log) => state.recorder.open(log),
            Err(problem) => {
                if state.set_audit_problem(Some(problem.clone())) {
                    tracing::error!(reason = problem, "the audit log cannot be opened");
                }
                return Some(snapshot);
            }
        }
    }
    state.set_audit_problem(None);
    tracing::info!(config = digest, "a config is in force");
    state.snapshots.send_replace(Some(snapshot));
    None
}

/// Opens the log on a thread that may block.
async fn open(folder: &Path, origin: String, config: String) -> Result<Arc<dyn Sink>, String> {
    let folder = folder.to_owned();
    let boot = Boot {
        build: concat!("bailiwick-dispatch ", env!("CARGO_PKG_VERSION")).into(),
        config: Some(config),
    };
    let opened = tokio::task::spawn_blocking(move || audit::open(&folder, &origin, boot));
    match opened.await {
        Ok(Ok((log, recovery))) => {
            tracing::info!(?recovery, "the audit log is open");
            Ok(Arc::new(log))
        }
        Ok(Err(error)) => Err(causes::line(&error)),
        Err(error) => Err(causes::line(&error)),
    }
}
