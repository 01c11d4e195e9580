//! What every HTTP reply is made of: its body, its call id, JSON-RPC results and errors.

use std::convert::Infallible;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use http::{Response, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full};
use serde::Serialize;
use serde_json::value::RawValue;
use uuid::Uuid;

/// Body of every reply.
pub type Body = BoxBody<Bytes, Infallible>;

/// Header that holds the call id of every reply.
pub const CALL_HEADER: HeaderName = HeaderName::from_static("x-bailiwick-call");

/// Names one request, in its reply and in the audit log. Sorted by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CallId(Uuid);

impl CallId {
    /// A new one (UUID version 7).
    #[must_use]
    #[expect(clippy::new_without_default, reason = "each one is different")]
    pub fn new() -> Self {
        Self(Uuid::now_v7())
    }
}

impl std::fmt::Display for CallId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.hyphenated().fmt(formatter)
    }
}

/// A JSON-RPC error object.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RpcError {
    /// JSON-RPC error code.
    pub code: i32,
    /// One line for a person.
    pub message: String,
    /// What a program needs to react.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<serde_json::Value>,
}

impl RpcError {
    /// An error without data.
    pub fn new(code: i32, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            data: None,
        }
    }
}

/// A reply with a JSON body.
pub fn json(status: StatusCode, body: impl Into<Bytes>) -> Response<Body> {
    let mut response = Response::new(Full::new(body.into()).boxed());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A reply without a body.
pub fn empty(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Full::new(Bytes::new()).boxed());
    *response.status_mut() = status;
    response
}

/// The reply of a server that cannot serve calls now.
pub fn unavailable(message: &str) -> Response<Body> {
    let mut response = error(
        StatusCode::SERVICE_UNAVAILABLE,
        None,
        &RpcError::new(-32603, message),
    );
    response
        .headers_mut()
        .insert(RETRY_AFTER, HeaderValue::from_static("10"));
    response
}

/// A JSON-RPC error reply; `id` is the request's, null where it was not understood.
pub fn error(status: StatusCode, id: Option<&RawValue>, error: &RpcError) -> Response<Body> {
    #[derive(Serialize)]
    struct Envelope<'a> {
        jsonrpc: &'static str,
        id: Option<&'a RawValue>,
        error: &'a RpcError,
    }
    match serde_json::to_vec(&Envelope {
        jsonrpc: "2.0",
        id,
        error,
    }) {
        Ok(body) => json(status, body),
        Err(_) => empty(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

/// A JSON-RPC result reply; `result` is passed on byte for byte.
pub fn result(id: &RawValue, result: &RawValue) -> Response<Body> {
    let body = format!(
        r#"{{"jsonrpc":"2.0","id":{},"result":{}}}"#,
        id.get(),
        result.get()
    );
    json(StatusCode::OK, body)
}
