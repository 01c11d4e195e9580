//! One POST to a server, and the one answer that belongs to it.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

use super::Failure;
use super::answer::{self, Reply};
use super::pool::{Body, Pool, SendError};
use super::request::SESSION;
use super::sse::Events;
use crate::refusal::Reason;

/// What an answer may have beside its result, bytes.
const ENVELOPE: usize = 16 << 10;

/// How long the end of an event stream may come after the answer.
const END_TIMEOUT: Duration = Duration::from_secs(1);

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    /// A success or a client error; anything else is a failure.
    pub(super) status: StatusCode,
    /// The MCP session that the server opened.
    pub(super) session: Option<HeaderValue>,
    /// The JSON-RPC answer; none when the body is not one, or nobody asked for one.
    pub(super) reply: Option<Reply>,
}

/// Which answer is waited for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Expect {
    /// None: it is a notification.
    Nothing,
    /// The answer to the request `id`, whose result may have `cap` bytes.
    Reply {
        /// Id of the request.
        id: u64,
        /// Most bytes of the result.
        cap: usize,
    },
}

/// Sends one request or notification, and reads what is expected of the answer.
///
/// Dropping the future closes the connection: the server sees that nobody waits any more.
pub(super) async fn post(
    pool: &Pool,
    tasks: &TaskTracker,
    headers: HeaderMap,
    body: impl Into<Bytes>,
    expect: Expect,
) -> Result<Answer, Failure> {
    let mut response = pool.post(headers, body.into()).await.map_err(|error| {
        tracing::debug!(?pool, ?error, "no answer from a server");
        match error {
            SendError::Connect(_) => {
                Failure::new(Reason::UpstreamUnreachable, "The server cannot be reached.")
            }
            SendError::Broken(_) => Failure::closed(),
        }
    })?;
    response.body_mut().end_if_empty();
    let status = response.status();
    check_status(status)?;
    let session = response.headers().get(SESSION).cloned();
    let reply = match expect {
        Expect::Nothing => None,
        Expect::Reply { id, cap } if status.is_success() => {
            Some(read_reply(response, tasks, id, cap).await?)
        }
        // An error of the protocol may come with a 4xx. Any other such body is no answer.
        Expect::Reply { id, .. } => read_reply(response, tasks, id, ENVELOPE).await.ok(),
    };
    Ok(Answer {
        status,
        session,
        reply,
    })
}

fn check_status(status: StatusCode) -> Result<(), Failure> {
    if status.is_redirection() {
        let text = "The server sent the call elsewhere, where it does not go.";
        return Err(Failure::new(Reason::UpstreamRedirect, text));
    }
    if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
        let text = "The server did not accept how this gateway authenticates to it.";
        return Err(Failure::new(Reason::UpstreamCredential, text));
    }
    if status.is_success() || status.is_client_error() {
        return Ok(());
    }
    Err(Failure::status(status))
}

async fn read_reply(
    response: Response<Body>,
    tasks: &TaskTracker,
    id: u64,
    cap: usize,
) -> Result<Reply, Failure> {
    if response.headers().contains_key(CONTENT_ENCODING) {
        return Err(Failure::garbage(
            "it is compressed, and nobody asked for that",
        ));
    }
    let media = response.headers().get(CONTENT_TYPE);
    let media = media.and_then(|value| value.to_str().ok()).unwrap_or("");
    let media = media.split(';').next().unwrap_or("").trim();
    if media.eq_ignore_ascii_case("application/json") {
        let bytes = read_whole(response.into_body(), cap).await?;
        answer::read(&bytes, id)?.ok_or_else(|| Failure::garbage("it is for another request"))
    } else if media.eq_ignore_ascii_case("text/event-stream") {
        read_events(response.into_body(), tasks, id, cap).await
    } else {
        Err(Failure::garbage("it is neither JSON nor an event stream"))
    }
}

async fn read_whole(mut body: Body, cap: usize) -> Result<Bytes, Failure> {
    let most = cap.saturating_add(ENVELOPE);
    if body.at_least() > most as u64 {
        return Err(Failure::too_large(cap));
    }
    let mut first = Bytes::new();
    let mut whole = BytesMut::new();
    while let Some(bytes) = next_bytes(&mut body).await? {
        if first.len() + whole.len() + bytes.len() > most {
            return Err(Failure::too_large(cap));
        }
        if first.is_empty() && whole.is_empty() {
            // The usual case, a body in one piece, is not copied.
            first = bytes;
        } else {
            whole.extend_from_slice(&std::mem::take(&mut first));
            whole.extend_from_slice(&bytes);
        }
    }
    Ok(if whole.is_empty() {
        first
    } else {
        whole.freeze()
    })
}

async fn read_events(
    mut body: Body,
    tasks: &TaskTracker,
    id: u64,
    cap: usize,
) -> Result<Reply, Failure> {
    let mut events = Events::new(cap.saturating_add(ENVELOPE));
    while let Some(bytes) = next_bytes(&mut body).await? {
        events.feed(&bytes);
        while let Some(data) = events.next().map_err(|_| Failure::too_large(cap))? {
            // An event without data only keeps the stream open.
            if data.is_empty() {
                continue;
            }
            if let Some(reply) = answer::read(&data, id)? {
                drop(tasks.spawn(timeout(END_TIMEOUT, read_end(body))));
                return Ok(reply);
            }
        }
    }
    Err(Failure::closed())
}

/// Reads the end of a stream whose answer was read, so that its connection can be used again.
async fn read_end(mut body: Body) {
    let mut left = ENVELOPE;
    while let Ok(Some(bytes)) = next_bytes(&mut body).await {
        let Some(less) = left.checked_sub(bytes.len()) else {
            return;
        };
        left = less;
    }
}

async fn next_bytes(body: &mut Body) -> Result<Option<Bytes>, Failure> {
    body.next().await.map_err(|_| Failure::closed())
}
