//! One JSON-RPC message, its parameters as they were sent.

use std::borrow::Cow;

use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::refusal::{INVALID_PARAMS, INVALID_REQUEST, PARSE_ERROR};
use super::{Refusal, standard_headers, version};
use crate::json::{self, Bounds};

/// Bounds of a request's JSON.
const BOUNDS: Bounds = Bounds {
    depth: 64,
    values: 20_000,
};

/// Longest id and progress token, bytes.
const TOKEN_LENGTH: usize = 256;

/// How a client speaks the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Era {
    /// With `initialize` (2025-06-18 and 2025-11-25).
    Legacy,
    /// Without state, every request says its version (2026-07-28 and later).
    Modern,
}

impl Era {
    /// Status of the reply to a method that is not served.
    pub(crate) fn status_of_unknown_method(self) -> StatusCode {
        match self {
            Self::Legacy => StatusCode::OK,
            Self::Modern => StatusCode::NOT_FOUND,
        }
    }
}

/// One JSON-RPC request or notification that the edge let through.
#[derive(Debug)]
pub struct Message {
    /// Id of the request, a string or an integer as it was sent; absent in a notification.
    pub id: Option<Box<RawValue>>,
    /// Name of the method.
    pub method: String,
    /// The parameters as they were sent: an object, no key twice in it.
    pub params: Option<Box<RawValue>>,
    /// How the client speaks.
    pub era: Era,
    /// Protocol version of this request.
    pub version: String,
    /// What `params._meta` says.
    pub meta: Meta,
    /// The request's `Mcp-Param-*` headers. They repeat arguments, and prove nothing.
    pub param_headers: HeaderMap,
}

/// The members of `params._meta` that the dispatch server reads. None of them says who calls.
#[derive(Debug, Default, Deserialize)]
pub struct Meta {
    /// Protocol version of this request.
    #[serde(rename = "io.modelcontextprotocol/protocolVersion")]
    pub protocol_version: Option<String>,
    /// What the client can do, an object.
    #[serde(rename = "io.modelcontextprotocol/clientCapabilities")]
    pub client_capabilities: Option<Box<RawValue>>,
    /// What the client says it is, an object; for display only.
    #[serde(rename = "io.modelcontextprotocol/clientInfo")]
    pub client_info: Option<Box<RawValue>>,
    /// Name for progress notifications, a string or an integer.
    #[serde(rename = "progressToken")]
    pub progress_token: Option<Box<RawValue>>,
    /// W3C trace context.
    pub traceparent: Option<String>,
    /// W3C trace context of vendors.
    pub tracestate: Option<String>,
    /// W3C baggage.
    pub baggage: Option<String>,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    jsonrpc: Option<Cow<'a, str>>,
    // An id of null is not the same as no id.
    #[serde(borrow, default, deserialize_with = "present")]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    method: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "present")]
    params: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Params {
    #[serde(rename = "_meta", default)]
    meta: Meta,
}

impl Message {
    /// Reads a request's body and holds its headers against it.
    pub(crate) fn read(headers: &HeaderMap, body: &[u8]) -> Result<Self, Refusal> {
        let text = json::check(body, BOUNDS).map_err(|error| {
            Refusal::new(
                StatusCode::BAD_REQUEST,
                PARSE_ERROR,
                "bad-json",
                format!("Parse error: {error}"),
            )
        })?;
        let envelope = Envelope::read(text)?;
        Self::open(headers, &envelope).map_err(|refusal| refusal.of(envelope.id))
    }

    fn open(headers: &HeaderMap, envelope: &Envelope<'_>) -> Result<Self, Refusal> {
        let method = envelope.method.as_deref().unwrap_or_default();
        let meta = match envelope.params {
            None => Meta::default(),
            Some(params) => read_meta(params)?,
        };
        let (version, era) = match envelope.id {
            Some(_) => version::of_request(headers, method, meta.protocol_version.as_deref())?,
            None => version::of_notification(headers)?,
        };
        if era == Era::Modern {
            if envelope.id.is_some() && meta.client_capabilities.is_none() {
                return Err(invalid_params(
                    "`_meta` must name io.modelcontextprotocol/clientCapabilities",
                ));
            }
            standard_headers::check(headers, method, envelope.params)?;
        }
        Ok(Self {
            id: envelope.id.map(ToOwned::to_owned),
            method: method.to_owned(),
            params: envelope.params.map(ToOwned::to_owned),
            era,
            version,
            meta,
            param_headers: standard_headers::params(headers),
        })
    }
}

impl<'a> Envelope<'a> {
    fn read(text: &'a str) -> Result<Self, Refusal> {
        let invalid = |message| {
            Refusal::new(
                StatusCode::BAD_REQUEST,
                INVALID_REQUEST,
                "bad-envelope",
                message,
            )
        };
        let envelope: Self = match serde_json::from_str(text) {
            Ok(envelope) if text.trim_start().starts_with('{') => envelope,
            _ => return Err(invalid("Invalid Request: one JSON-RPC message, no batch")),
        };
        if envelope.id.is_some_and(|id| !is_token(id)) {
            return Err(invalid(
                "Invalid Request: an id is a short string or an integer",
            ));
        }
        let is_call = envelope.jsonrpc.as_deref() == Some("2.0") && envelope.method.is_some();
        if !is_call {
            let message = "Invalid Request: neither a JSON-RPC 2.0 request nor a notification";
            return Err(invalid(message).of(envelope.id));
        }
        if envelope.params.is_some_and(|params| !is_object(params)) {
            return Err(invalid("Invalid Request: `params` is not an object").of(envelope.id));
        }
        Ok(envelope)
    }
}

fn read_meta(params: &RawValue) -> Result<Meta, Refusal> {
    let malformed = "`_meta` has members of the wrong type";
    let Params { meta } =
        serde_json::from_str(params.get()).map_err(|_| invalid_params(malformed))?;
    let objects = [&meta.client_capabilities, &meta.client_info];
    let are_objects = objects.into_iter().flatten().all(|value| is_object(value));
    if !are_objects
        || meta
            .progress_token
            .as_deref()
            .is_some_and(|token| !is_token(token))
    {
        return Err(invalid_params(malformed));
    }
    Ok(meta)
}

fn invalid_params(message: &str) -> Refusal {
    Refusal::new(
        StatusCode::BAD_REQUEST,
        INVALID_PARAMS,
        "bad-meta",
        format!("Invalid params: {message}"),
    )
}

fn is_object(value: &RawValue) -> bool {
    value.get().starts_with('{')
}

/// Whether this can name a request: a string or an integer, as it was written.
fn is_token(value: &RawValue) -> bool {
    let text = value.get();
    let is_integer = text
        .strip_prefix('-')
        .unwrap_or(text)
        .bytes()
        .all(|byte| byte.is_ascii_digit());
    text.len() <= TOKEN_LENGTH && (text.starts_with('"') || is_integer)
}

/// Tells a member that is null from one that is absent.
fn present<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests;
