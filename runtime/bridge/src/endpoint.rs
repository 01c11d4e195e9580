//! The HTTP side: one request in, one reply or stream of events out.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, ORIGIN};
use http::{HeaderMap, HeaderName, Method, Request, StatusCode};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::Incoming;
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;

use crate::events::{Events, Flight, Next};
use crate::handshake::{Era, NEWER_VERSION};
use crate::lines::MAX_MESSAGE;
use crate::message::{DISCOVER, INITIALIZE, LISTEN, Message};
use crate::reply::{self, Reply};
use crate::session::error_body;
use crate::supervisor::{INTERNAL_ERROR, METHOD_NOT_FOUND, Ready};
use crate::token::TokenFile;

/// Path of the readiness probe.
pub(crate) const HEALTH: &str = "/healthz";
/// Most calls in flight; more wait.
const CALLS: usize = 64;
/// How long a request waits for the child to be ready.
const READY: Duration = Duration::from_secs(10);
/// How long the body of a request may take.
const BODY: Duration = Duration::from_secs(30);

const PARSE_ERROR: i64 = -32700;
const INVALID_REQUEST: i64 = -32600;
const UNSUPPORTED_VERSION: i64 = -32022;

/// What all requests share.
#[derive(Debug)]
pub(crate) struct Endpoint {
    path: String,
    token: Option<TokenFile>,
    ready: watch::Receiver<Option<Ready>>,
    calls: Arc<Semaphore>,
}

impl Endpoint {
    pub(crate) fn new(
        path: String,
        token: Option<TokenFile>,
        ready: watch::Receiver<Option<Ready>>,
    ) -> Self {
        Self {
            path,
            token,
            ready,
            calls: Arc::new(Semaphore::new(CALLS)),
        }
    }

    /// Answers one request. Dropped while it waits, it cancels the call.
    pub(crate) async fn answer(&self, request: Request<Incoming>) -> Reply {
        let path = request.uri().path();
        if path == HEALTH {
            return self.health(request.method());
        }
        if path != self.path {
            return reply::text(StatusCode::NOT_FOUND, "there is nothing here\n");
        }
        let headers = request.headers();
        // No page of a browser has any business here.
        if headers.contains_key(ORIGIN) {
            return reply::text(StatusCode::FORBIDDEN, "browsers are not served\n");
        }
        if self
            .token
            .as_ref()
            .is_some_and(|token| !token.admits(headers))
        {
            return reply::unauthorized();
        }
        if request.method() != Method::POST {
            return reply::only("POST");
        }
        if !has(headers, &CONTENT_TYPE, reply::JSON) {
            return reply::text(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "send application/json\n",
            );
        }
        let takes_events = has(headers, &ACCEPT, reply::EVENTS);
        let body = match read(request.into_body()).await {
            Ok(body) => body,
            Err(refusal) => return refusal,
        };
        self.message(&body, takes_events).await
    }

    fn health(&self, method: &Method) -> Reply {
        if method != Method::GET && method != Method::HEAD {
            return reply::only("GET");
        }
        if self.ready.borrow().is_some() {
            reply::text(StatusCode::OK, "ready\n")
        } else {
            reply::text(
                StatusCode::SERVICE_UNAVAILABLE,
                "the server is not running\n",
            )
        }
    }

    async fn message(&self, body: &[u8], takes_events: bool) -> Reply {
        let bad = StatusCode::BAD_REQUEST;
        let Ok(text) = std::str::from_utf8(body) else {
            return reply::error(bad, "null", PARSE_ERROR, "the body is not UTF-8");
        };
        let Some(message) = Message::parse(text) else {
            let why = "the body is not one JSON-RPC message";
            return reply::error(bad, "null", PARSE_ERROR, why);
        };
        match (message.method.as_deref(), message.id) {
            (Some(method), Some(id)) => {
                self.request(&message, text, method, id.get(), takes_events)
                    .await
            }
            // The child had its own handshake, and asks callers nothing. A cancellation names an id
            // that callers choose without knowing of each other: only its own connection, when it
            // closes, says for certain which call is meant.
            (Some(_), None) | (None, Some(_)) => reply::accepted(),
            (None, None) => {
                let why = "a message has a method or an id";
                reply::error(bad, "null", INVALID_REQUEST, why)
            }
        }
    }

    async fn request(
        &self,
        message: &Message<'_>,
        text: &str,
        method: &str,
        id: &str,
        takes_events: bool,
    ) -> Reply {
        let Some(ready) = self.wait_until_ready().await else {
            let status = StatusCode::SERVICE_UNAVAILABLE;
            let why = "the server is not running";
            return reply::later(reply::error(status, id, INTERNAL_ERROR, why));
        };
        let is_older = match (&ready.era, method) {
            (Era::Older(result), INITIALIZE) => {
                let result = String::from_utf8_lossy(result);
                let body = format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{result}}}"#);
                return reply::json(StatusCode::OK, body);
            }
            (Era::Newer, INITIALIZE) => return only_newer(id),
            (Era::Older(_), DISCOVER) | (_, LISTEN) => {
                let status = StatusCode::NOT_FOUND;
                return reply::error(status, id, METHOD_NOT_FOUND, "Method not found");
            }
            (era, _) => matches!(era, Era::Older(_)),
        };
        let Ok(place) = Arc::clone(&self.calls).acquire_owned().await else {
            return gone(id);
        };
        let Ok(call) = ready.session.call(message, text, is_older).await else {
            return gone(id);
        };
        let mut flight = Flight::new(call, place);
        loop {
            match flight.next().await {
                Next::Answer(Ok(answer)) => {
                    let status = status(answer.error, is_older);
                    return reply::json(status, answer.body);
                }
                Next::Answer(Err(_)) => return gone(id),
                Next::Progress(first) if takes_events => {
                    let gone = error_body(id, INTERNAL_ERROR, GONE);
                    return reply::events(Events::new(first, flight, gone));
                }
                Next::Progress(_) => {}
            }
        }
    }

    async fn wait_until_ready(&self) -> Option<Ready> {
        let mut ready = self.ready.clone();
        let wait = timeout(READY, ready.wait_for(Option::is_some)).await;
        wait.ok()?.ok()?.clone()
    }
}

const GONE: &str = "the server's process ended before it answered";

fn gone(id: &str) -> Reply {
    reply::error(StatusCode::OK, id, INTERNAL_ERROR, GONE)
}

/// Refuses the older handshake for a child that has only the newer era.
fn only_newer(id: &str) -> Reply {
    let error = serde_json::json!({
        "code": UNSUPPORTED_VERSION,
        "message": "Unsupported protocol version",
        "data": {"supported": [NEWER_VERSION]},
    });
    let body = format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{error}}}"#);
    reply::json(StatusCode::BAD_REQUEST, body)
}

/// The HTTP status that goes with a JSON-RPC error; the older era knows only 200.
fn status(error: Option<i64>, is_older: bool) -> StatusCode {
    match error {
        Some(METHOD_NOT_FOUND) if !is_older => StatusCode::NOT_FOUND,
        Some(-32022..=-32020) if !is_older => StatusCode::BAD_REQUEST,
        _ => StatusCode::OK,
    }
}

/// Whether one of the header's media types is `wanted`, parameters aside.
fn has(headers: &HeaderMap, name: &HeaderName, wanted: &str) -> bool {
    let values = headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let mut types = values.flat_map(|value| value.split(','));
    types.any(|media_type| {
        let media_type = media_type.split(';').next().unwrap_or_default();
        media_type.trim().eq_ignore_ascii_case(wanted)
    })
}

async fn read(body: Incoming) -> Result<Bytes, Reply> {
    let collected = timeout(BODY, Limited::new(body, MAX_MESSAGE).collect()).await;
    match collected {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            let status = StatusCode::PAYLOAD_TOO_LARGE;
            Err(reply::text(status, "the message is too long\n"))
        }
        Ok(Err(_)) => Err(reply::text(StatusCode::BAD_REQUEST, "the body broke off\n")),
        Err(_) => Err(reply::text(
            StatusCode::REQUEST_TIMEOUT,
            "the body took too long\n",
        )),
    }
}
