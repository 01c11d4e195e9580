//! HTTP responses.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use http_body_util::Full;
use hyper::body::{Body, Frame, SizeHint};

use crate::events::Events;
use crate::session::error_body;

/// Media types of streamable HTTP.
pub(crate) const JSON: &str = "application/json";
pub(crate) const EVENTS: &str = "text/event-stream";

pub(crate) type Reply = Response<Content>;

/// The body of a response.
#[derive(Debug)]
pub(crate) enum Content {
    Whole(Full<Bytes>),
    Events(Box<Events>),
}

impl Body for Content {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.get_mut() {
            Self::Whole(whole) => Pin::new(whole).poll_frame(context),
            Self::Events(events) => {
                let next = events.poll_next(context);
                next.map(|event| event.map(|event| Ok(Frame::data(event))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(whole) => whole.is_end_stream(),
            Self::Events(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(whole) => whole.size_hint(),
            Self::Events(_) => SizeHint::default(),
        }
    }
}

fn reply(status: StatusCode, media_type: &'static str, content: Content) -> Reply {
    let mut response = Response::new(content);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A response of JSON.
pub(crate) fn json(status: StatusCode, body: impl Into<Bytes>) -> Reply {
    reply(status, JSON, Content::Whole(Full::new(body.into())))
}

/// A JSON-RPC error as the answer to the request `id`.
pub(crate) fn error(status: StatusCode, id: &str, code: i64, message: &str) -> Reply {
    json(status, error_body(id, code, message))
}

/// A response of plain text.
pub(crate) fn text(status: StatusCode, text: &'static str) -> Reply {
    let whole = Full::new(Bytes::from_static(text.as_bytes()));
    reply(status, "text/plain; charset=utf-8", Content::Whole(whole))
}

/// A stream of events.
pub(crate) fn events(events: Events) -> Reply {
    let mut response = reply(StatusCode::OK, EVENTS, Content::Events(Box::new(events)));
    let unbuffered = HeaderName::from_static("x-accel-buffering");
    response
        .headers_mut()
        .insert(unbuffered, HeaderValue::from_static("no"));
    response
}

/// Nothing to say to a notification.
pub(crate) fn accepted() -> Reply {
    let mut response = Response::new(Content::Whole(Full::default()));
    *response.status_mut() = StatusCode::ACCEPTED;
    response
}

/// No or a wrong token.
pub(crate) fn unauthorized() -> Reply {
    let mut response = text(StatusCode::UNAUTHORIZED, "a bearer token is needed\n");
    let challenge = HeaderValue::from_static("Bearer");
    response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    response
}

/// A method other than the one there is.
pub(crate) fn only(method: &'static str) -> Reply {
    let mut response = text(
        StatusCode::METHOD_NOT_ALLOWED,
        "this method is not served here\n",
    );
    response
        .headers_mut()
        .insert(ALLOW, HeaderValue::from_static(method));
    response
}

/// Asks to come again.
pub(crate) fn later(mut response: Reply) -> Reply {
    response
        .headers_mut()
        .insert(RETRY_AFTER, HeaderValue::from_static("1"));
    response
}
