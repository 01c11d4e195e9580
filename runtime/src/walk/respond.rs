//! From what a call came to, to the HTTP reply.

use std::time::Duration;

use bailiwick_audit::Failed;
use http::header::{HeaderValue, RETRY_AFTER};
use http::{Response, StatusCode};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::audit::Settled;
use crate::dispatch::Accepted;
use crate::edge::Era;
use crate::refusal::{self, Reason, Refusal};
use crate::reply::{self, Body, CallId, RpcError};
use crate::view::Entry;

const INVALID_PARAMS: i32 = -32602;
const INTERNAL_ERROR: i32 = -32603;
const HEADER_MISMATCH: i32 = -32020;

/// Whom a reply goes to.
#[derive(Clone, Copy, Debug)]
pub(super) struct To<'a> {
    /// Id of the request.
    pub(super) id: &'a RawValue,
    /// How the client speaks.
    pub(super) era: Era,
    /// Call id of the request.
    pub(super) call: CallId,
}

impl To<'_> {
    /// The reply to a call that its server was asked for.
    pub(super) fn settled(self, settled: Settled) -> Response<Body> {
        let (entry, ending) = settled.into_parts();
        match ending {
            Ok(accepted) => self.accepted(&accepted),
            Err(failure) => self.is_error(&entry, failure.reason, &failure.text),
        }
    }

    /// The reply to a call that was refused.
    pub(super) fn refused(self, refusal: &Refusal) -> Response<Body> {
        let error = |status, code, message: String| {
            reply::error(status, Some(self.id), &RpcError::new(code, message))
        };
        match refusal {
            Refusal::Params(problem) => error(StatusCode::OK, INVALID_PARAMS, (*problem).into()),
            // Nothing here depends on whether somebody else has such a tool.
            Refusal::Unknown { tool } => error(
                StatusCode::OK,
                INVALID_PARAMS,
                format!("Unknown tool: {tool}"),
            ),
            Refusal::Tool {
                reason: Reason::HeaderMismatch,
                text,
                ..
            } => error(StatusCode::BAD_REQUEST, HEADER_MISMATCH, text.clone()),
            Refusal::Tool {
                entry,
                reason,
                text,
                wait,
            } => {
                let mut response = self.is_error(entry, *reason, text);
                if let Some(wait) = wait {
                    retry_after(&mut response, *wait);
                }
                response
            }
            Refusal::Unrecorded(failed) => self.unrecorded(failed),
        }
    }

    /// The reply when the audit log does not take what happened.
    pub(super) fn unrecorded(self, failed: &Failed) -> Response<Body> {
        let message = format!("calls cannot be recorded now: {failed}");
        let error = RpcError::new(INTERNAL_ERROR, message);
        let mut response = reply::error(StatusCode::SERVICE_UNAVAILABLE, Some(self.id), &error);
        if matches!(failed, Failed::Overloaded) {
            retry_after(&mut response, Duration::from_secs(1));
        }
        response
    }

    /// A result as the server gave it. A modern client wants to read what kind it is, which an
    /// older server does not say.
    fn accepted(self, accepted: &Accepted) -> Response<Body> {
        let id = self.id.get().as_bytes();
        let mut body = Vec::with_capacity(accepted.bytes.len() + id.len() + 80);
        body.extend_from_slice(br#"{"jsonrpc":"2.0","id":"#);
        body.extend_from_slice(id);
        body.extend_from_slice(br#","result":"#);
        match accepted.bytes.strip_prefix(b"{") {
            Some(rest) if self.era == Era::Modern && !accepted.is_typed => {
                body.extend_from_slice(br#"{"resultType":"complete""#);
                if rest.trim_ascii_start() != b"}" {
                    body.push(b',');
                }
                body.extend_from_slice(rest);
            }
            _ => body.extend_from_slice(&accepted.bytes),
        }
        body.push(b'}');
        reply::json(StatusCode::OK, body)
    }

    /// A result that the model can read, and a person can look up.
    fn is_error(self, entry: &Entry, reason: Reason, text: &str) -> Response<Body> {
        let (word, call, owner) = (reason.word(), self.call, entry.owner.as_ref());
        let text = format!("{text} (reason: {word}; call: {call}; owner: {owner})");
        let mut result = serde_json::json!({
            "content": [{"type": "text", "text": text}],
            "isError": true,
            "_meta": {"bailiwick": {"reason": word, "call": call.to_string(), "owner": owner}},
        });
        if let (Era::Modern, Some(members)) = (self.era, result.as_object_mut()) {
            members.insert("resultType".into(), Value::from("complete"));
        }
        let id = self.id.get();
        let body = format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{result}}}"#);
        reply::json(StatusCode::OK, body)
    }
}

fn retry_after(response: &mut Response<Body>, wait: Duration) {
    let seconds = refusal::whole_seconds(wait);
    response
        .headers_mut()
        .insert(RETRY_AFTER, HeaderValue::from(seconds));
}
