//! One JSON-RPC message, its parameters as they were sent.

use serde_json::value::RawValue;

/// How a client speaks the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Era {
    /// With `initialize` (2025-06-18 and 2025-11-25).
    Legacy,
    /// Without state, every request says its version (2026-07-28 and later).
    Modern,
}

/// One JSON-RPC request or notification that the edge let through.
#[derive(Debug)]
pub struct Message {
    /// Id of the request, a string or an integer as it was sent; absent in a notification.
    pub id: Option<Box<RawValue>>,
    /// Name of the method.
    pub method: String,
    /// The parameters as they were sent: an object without duplicate keys.
    pub params: Option<Box<RawValue>>,
    /// How the client speaks.
    pub era: Era,
    /// Protocol version of this request.
    pub version: String,
    /// What `params._meta` says.
    pub meta: Meta,
}

/// The members of `params._meta` that the dispatch server reads. None of them says who calls.
#[derive(Debug, Default)]
pub struct Meta {
    /// Name for progress notifications, a string or an integer.
    pub progress_token: Option<Box<RawValue>>,
    /// What the client can do, an object.
    pub client_capabilities: Option<Box<RawValue>>,
    /// What the client says it is, an object; for display only.
    pub client_info: Option<Box<RawValue>>,
    /// W3C trace context.
    pub traceparent: Option<String>,
    /// W3C trace context of vendors.
    pub tracestate: Option<String>,
    /// W3C baggage.
    pub baggage: Option<String>,
}
