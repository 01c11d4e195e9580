//! How a server speaks: asked once, for all calls that wait to know.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use serde::Deserialize;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

use super::answer::Reply;
use super::exchange::Expect;
use super::request::{self, LEGACY, MODERN, Speech};
use super::{Failure, Upstream};
use crate::refusal::Reason;

/// How long a server may take to say that it speaks the modern protocol.
const PROBE_TIMEOUT: Duration = Duration::from_secs(2);
/// How long the older handshake may take.
const INITIALIZE_TIMEOUT: Duration = Duration::from_secs(10);
/// Largest answer, bytes.
const MAX_ANSWER: usize = 256 << 10;

/// One attempt to find out how a server speaks. It has a task of its own and goes on when the
/// call that began it ends: a deadline shorter than the attempt would never get past it.
#[derive(Debug)]
pub(super) struct Handshake(watch::Receiver<Option<Result<Speech, Failure>>>);

impl Handshake {
    /// Begins an attempt.
    pub(super) fn start(upstream: Arc<Upstream>, tasks: &TaskTracker) -> Self {
        let (found, agreed) = watch::channel(None);
        drop(tasks.spawn(async move {
            found.send_replace(Some(agree(&upstream).await));
        }));
        Self(agreed)
    }

    /// Waits for what it finds.
    pub(super) async fn agreed(&self) -> Result<Speech, Failure> {
        if let Some(agreed) = &*self.0.borrow() {
            return agreed.clone();
        }
        let mut agreed = self.0.clone();
        let found = agreed.wait_for(Option::is_some).await;
        let found = found.ok().and_then(|found| found.clone());
        found.unwrap_or_else(|| Err(Failure::closed()))
    }
}

/// Modern first, else the older handshake.
async fn agree(upstream: &Upstream) -> Result<Speech, Failure> {
    match timeout(PROBE_TIMEOUT, discover(upstream)).await {
        Ok(Ok(true)) => return Ok(Speech::Modern),
        Ok(Err(failure)) if is_final(failure.reason) => return Err(failure),
        // What an older server makes of a method that it does not know is anybody's guess.
        Ok(Ok(false) | Err(_)) | Err(_) => {}
    }
    let initialized = timeout(INITIALIZE_TIMEOUT, initialize(upstream)).await;
    initialized.unwrap_or_else(|_| Err(Failure::timeout(INITIALIZE_TIMEOUT)))
}

/// Whether the older handshake would fail as well.
fn is_final(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::UpstreamUnreachable | Reason::UpstreamCredential
    )
}

async fn discover(upstream: &Upstream) -> Result<bool, Failure> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Discovered {
        supported_versions: Vec<String>,
    }
    let id = upstream.next_id();
    let headers = upstream
        .headers(Some(&Speech::Modern), "server/discover", None)
        .await?;
    let expect = Expect::Reply {
        id,
        cap: MAX_ANSWER,
    };
    let body = request::discover_body(id);
    let answer = upstream.post(headers, body, expect).await?;
    let Some(Reply::Result(result)) = answer.reply else {
        return Ok(false);
    };
    let discovered: Option<Discovered> = serde_json::from_slice(&result).ok();
    Ok(discovered.is_some_and(|found| found.supported_versions.iter().any(|v| v == MODERN)))
}

async fn initialize(upstream: &Upstream) -> Result<Speech, Failure> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Initialized {
        protocol_version: String,
    }
    let no_version = || Failure::garbage("it does not agree on a protocol version");
    let id = upstream.next_id();
    let headers = upstream.headers(None, "initialize", None).await?;
    let expect = Expect::Reply {
        id,
        cap: MAX_ANSWER,
    };
    let body = request::initialize_body(id);
    let answer = upstream.post(headers, body, expect).await?;
    let result = match answer.reply {
        Some(Reply::Result(result)) => result,
        Some(Reply::Error { .. }) => return Err(no_version()),
        None => return Err(Failure::status(answer.status)),
    };
    let initialized: Initialized = serde_json::from_slice(&result).map_err(|_| no_version())?;
    let version = LEGACY
        .into_iter()
        .find(|version| *version == initialized.protocol_version)
        .ok_or_else(no_version)?;
    let speech = Speech::Legacy {
        version: HeaderValue::from_static(version),
        session: answer.session,
    };
    let headers = upstream
        .headers(Some(&speech), "notifications/initialized", None)
        .await?;
    let body = request::INITIALIZED_BODY;
    upstream.post(headers, body, Expect::Nothing).await?;
    Ok(speech)
}
