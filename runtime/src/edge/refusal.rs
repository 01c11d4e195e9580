//! How the edge says no.

use http::header::{ALLOW, HeaderValue, RETRY_AFTER};
use http::{Response, StatusCode};
use serde_json::value::RawValue;

use crate::reply::{self, Body, RpcError};

/// The request is malformed as JSON.
pub(super) const PARSE_ERROR: i32 = -32700;
/// The request is not one that this endpoint takes.
pub(super) const INVALID_REQUEST: i32 = -32600;
/// The parameters are not what the protocol says.
pub(super) const INVALID_PARAMS: i32 = -32602;
/// A header says something else than the body.
pub(super) const HEADER_MISMATCH: i32 = -32020;
/// A protocol version that we do not speak.
pub(super) const UNSUPPORTED_VERSION: i32 = -32022;

/// A request that the edge does not let through.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    reason: &'static str,
    error: RpcError,
    id: Option<Box<RawValue>>,
}

impl Refusal {
    /// `reason` is the word in metrics, `message` one line for a person.
    pub(super) fn new(
        status: StatusCode,
        code: i32,
        reason: &'static str,
        message: impl Into<String>,
    ) -> Self {
        Self {
            status,
            reason,
            error: RpcError::new(code, message),
            id: None,
        }
    }

    /// A request that could be read, but is not one that this endpoint takes.
    pub(super) fn invalid(
        status: StatusCode,
        reason: &'static str,
        message: impl Into<String>,
    ) -> Self {
        Self::new(status, INVALID_REQUEST, reason, message)
    }

    /// One more stream of a client that has many already.
    pub(crate) fn too_many_streams() -> Self {
        Self::invalid(
            StatusCode::SERVICE_UNAVAILABLE,
            "too-many-streams",
            "too many streams of this client are open",
        )
    }

    /// The same refusal, in answer to the request with this id.
    pub(crate) fn of(mut self, id: Option<&RawValue>) -> Self {
        self.id = id.map(ToOwned::to_owned);
        self
    }

    /// The same refusal, with what a program needs to react.
    pub(super) fn with_data(mut self, data: serde_json::Value) -> Self {
        self.error.data = Some(data);
        self
    }

    /// Its word in metrics.
    pub(crate) fn reason(&self) -> &'static str {
        self.reason
    }

    pub(crate) fn into_response(self) -> Response<Body> {
        let mut response = reply::error(self.status, self.id.as_deref(), &self.error);
        let headers = response.headers_mut();
        if self.status == StatusCode::METHOD_NOT_ALLOWED {
            headers.insert(ALLOW, HeaderValue::from_static("POST"));
        }
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}
