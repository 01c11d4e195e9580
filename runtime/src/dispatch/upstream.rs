//! One server: its connections, its credential, and how it speaks.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bailiwick_config::{Auth, Server};
use http::{HeaderMap, StatusCode, Uri};
use serde_json::value::RawValue;

use super::answer::{self, Accepted, Reply};
use super::credential::Credential;
use super::exchange::{self, Answer, Expect};
use super::handshake::Handshake;
use super::pool::Pool;
use super::request::{self, Speech};
use super::{Connector, Failure, Trace};
use crate::refusal::Reason;

/// How long telling a server about a cancelled call may take.
const NOTICE_TIMEOUT: Duration = Duration::from_secs(2);

/// One server.
#[derive(Debug)]
pub struct Upstream {
    name: Box<str>,
    url: String,
    auth: Auth,
    pool: Pool,
    connector: Connector,
    credential: Credential,
    next_id: AtomicU64,
    /// Found out at the first call, and again when the server no longer understands.
    handshake: Mutex<Option<Arc<Handshake>>>,
}

/// Why a server cannot be called.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamError {
    /// Its URL is none.
    #[error("its URL is not an http or https URL with a host")]
    Url,
    /// Its URL names a user or a password.
    #[error("its URL names a user")]
    User,
    /// Nothing says which certificates to trust.
    #[error("its URL is https, and the system trusts no certificate")]
    NoRoots,
}

/// One call to send.
#[derive(Debug)]
pub(super) struct Call<'a> {
    pub(super) tool: &'a str,
    pub(super) arguments: Option<&'a RawValue>,
    pub(super) mirrored: &'a HeaderMap,
    pub(super) trace: &'a Trace,
    pub(super) max_result: usize,
}

/// What a server made of a call.
enum Heard {
    Reply(Reply),
    /// It did not understand: it has forgotten the session, or speaks otherwise since a restart.
    NotUnderstood(StatusCode, Option<Reply>),
}

impl Upstream {
    /// The server `name`; nothing is connected yet.
    pub(crate) fn new(
        name: &str,
        server: &Server,
        connector: &Connector,
    ) -> Result<Self, UpstreamError> {
        let uri: Uri = server.url.parse().map_err(|_| UpstreamError::Url)?;
        let authority = uri.authority().ok_or(UpstreamError::Url)?;
        if authority.as_str().contains('@') {
            return Err(UpstreamError::User);
        }
        match uri.scheme_str() {
            Some("http") => {}
            Some("https") if connector.has_roots() => {}
            Some("https") => return Err(UpstreamError::NoRoots),
            _ => return Err(UpstreamError::Url),
        }
        Ok(Self {
            name: name.into(),
            url: server.url.clone(),
            auth: server.auth.clone(),
            pool: connector.pool(uri).ok_or(UpstreamError::Url)?,
            connector: connector.clone(),
            credential: Credential::new(&server.auth),
            next_id: AtomicU64::new(1),
            handshake: Mutex::default(),
        })
    }

    /// Name of the server in the config.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Whether it goes where `server` says, with the same credential.
    pub(crate) fn is_for(&self, server: &Server) -> bool {
        self.url == server.url && self.auth == server.auth
    }

    /// Sends one call and reads its result. Sent again is only what the server refused to
    /// understand, once. Dropping the future cancels the call.
    pub(super) async fn call(self: &Arc<Self>, call: &Call<'_>) -> Result<Accepted, Failure> {
        let mut heard = self.say(call).await?;
        if let Heard::NotUnderstood(..) = heard {
            heard = self.say(call).await?;
        }
        match heard {
            Heard::Reply(reply) | Heard::NotUnderstood(_, Some(reply)) => {
                answer::accept(reply, call.max_result)
            }
            Heard::NotUnderstood(status, None) => Err(Failure::status(status)),
        }
    }

    async fn say(self: &Arc<Self>, call: &Call<'_>) -> Result<Heard, Failure> {
        let handshake = self.handshake();
        let agreed = handshake.agreed().await;
        let speech = &agreed.inspect_err(|_| self.forget(&handshake))?;
        let id = self.next_id();
        let body = request::call_body(speech, id, call.tool, call.arguments, call.trace);
        let mut headers = self
            .headers(Some(speech), "tools/call", Some(call.tool))
            .await?;
        if matches!(speech, Speech::Modern) {
            headers.extend(call.mirrored.clone());
        }
        let cap = call.max_result;
        let notice = Notice::new(self, speech, id);
        let answer = self.post(headers, body, Expect::Reply { id, cap }).await;
        notice.disarm();
        let Answer { status, reply, .. } = answer?;
        match reply {
            reply if is_not_understood(status) => {
                self.forget(&handshake);
                Ok(Heard::NotUnderstood(status, reply))
            }
            Some(reply) => Ok(Heard::Reply(reply)),
            None => Err(Failure::status(status)),
        }
    }

    /// The attempt to find out how the server speaks, the same for all calls.
    fn handshake(self: &Arc<Self>) -> Arc<Handshake> {
        let mut slot = self.lock();
        let handshake = slot.get_or_insert_with(|| {
            let upstream = Arc::clone(self);
            Arc::new(Handshake::start(upstream, &self.connector.tasks))
        });
        Arc::clone(handshake)
    }

    /// The next call finds out anew; another one may have begun to already.
    fn forget(&self, handshake: &Arc<Handshake>) {
        let mut slot = self.lock();
        if slot
            .as_ref()
            .is_some_and(|held| Arc::ptr_eq(held, handshake))
        {
            *slot = None;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Arc<Handshake>>> {
        self.handshake
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) async fn headers(
        &self,
        speech: Option<&Speech>,
        method: &'static str,
        tool: Option<&str>,
    ) -> Result<HeaderMap, Failure> {
        let credential = self.credential.header().await.map_err(|error| {
            tracing::warn!(server = %self.name, %error, "cannot read a server's token");
            let text = "The credential for the server cannot be read.";
            Failure::new(Reason::UpstreamCredential, text)
        })?;
        Ok(request::headers(speech, method, tool, credential))
    }

    pub(super) async fn post(
        &self,
        headers: HeaderMap,
        body: impl Into<bytes::Bytes>,
        expect: Expect,
    ) -> Result<Answer, Failure> {
        let answer = exchange::post(&self.pool, &self.connector.tasks, headers, body, expect).await;
        let is_refused = |failure: &Failure| failure.reason == Reason::UpstreamCredential;
        if answer.as_ref().err().is_some_and(is_refused) {
            self.credential.forget();
        }
        answer
    }

    pub(super) fn next_id(&self) -> u64 {
        self.next_id.fetch_add(1, Ordering::Relaxed)
    }

    /// Tells an older server that nobody waits for the request `id` any more.
    async fn tell_cancelled(&self, speech: &Speech, id: u64) -> Result<(), Failure> {
        let headers = self
            .headers(Some(speech), "notifications/cancelled", None)
            .await?;
        let body = request::cancelled_body(id);
        self.post(headers, body, Expect::Nothing).await.map(drop)
    }
}

/// Whether a server that answers with this status may speak otherwise than it was spoken to, or has
/// forgotten the session. Any other status is about the call itself, which is not sent again.
fn is_not_understood(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::BAD_REQUEST
            | StatusCode::NOT_FOUND
            | StatusCode::METHOD_NOT_ALLOWED
            | StatusCode::NOT_ACCEPTABLE
            | StatusCode::UNSUPPORTED_MEDIA_TYPE
    )
}

/// Tells an older server about a call that was dropped before its answer came. A modern one
/// sees it from the closed connection.
struct Notice<'a> {
    upstream: &'a Arc<Upstream>,
    speech: &'a Speech,
    id: u64,
    armed: bool,
}

impl<'a> Notice<'a> {
    fn new(upstream: &'a Arc<Upstream>, speech: &'a Speech, id: u64) -> Self {
        Self {
            upstream,
            speech,
            id,
            armed: matches!(speech, Speech::Legacy { .. }),
        }
    }

    /// The answer came.
    fn disarm(mut self) {
        self.armed = false;
    }
}

impl Drop for Notice<'_> {
    fn drop(&mut self) {
        if !self.armed || tokio::runtime::Handle::try_current().is_err() {
            return;
        }
        let connector = &self.upstream.connector;
        let Ok(place) = Arc::clone(&connector.notice_places).try_acquire_owned() else {
            return;
        };
        let (upstream, speech, id) = (Arc::clone(self.upstream), self.speech.clone(), self.id);
        drop(connector.tasks.spawn(async move {
            let told = tokio::time::timeout(NOTICE_TIMEOUT, upstream.tell_cancelled(&speech, id));
            if !matches!(told.await, Ok(Ok(()))) {
                tracing::debug!(server = %upstream.name, "a cancellation did not arrive");
            }
            drop(place);
        }));
    }
}
