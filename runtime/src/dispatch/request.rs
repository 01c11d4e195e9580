//! What is sent to a server: bodies and headers, built from nothing.

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;
use serde_json::value::RawValue;

use super::{Trace, mirror};

/// The version that modern servers are spoken to in.
pub(super) const MODERN: &str = "2026-07-28";
/// Versions that older servers may choose; the last one is asked for.
pub(super) const LEGACY: [&str; 4] = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];

/// Header of an older server's session.
pub(super) const SESSION: HeaderName = HeaderName::from_static("mcp-session-id");
const PROTOCOL_VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");
const METHOD: HeaderName = HeaderName::from_static("mcp-method");
const NAME: HeaderName = HeaderName::from_static("mcp-name");

const CLIENT_INFO: &str = concat!(
    r#"{"name":"bailiwick-dispatch","version":""#,
    env!("CARGO_PKG_VERSION"),
    r#""}"#
);

/// The body of `notifications/initialized`.
pub(super) const INITIALIZED_BODY: &str =
    r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;

/// How a server speaks, once that is known.
#[derive(Clone, Debug)]
pub(super) enum Speech {
    /// Without state.
    Modern,
    /// After `initialize`.
    Legacy {
        /// The version that the server chose.
        version: HeaderValue,
        /// The MCP session that the server opened.
        session: Option<HeaderValue>,
    },
}

/// The body of a `tools/call`. The arguments go as they came.
pub(super) fn call_body(
    speech: &Speech,
    id: u64,
    tool: &str,
    arguments: Option<&RawValue>,
    trace: &Trace,
) -> String {
    let tool = Value::from(tool);
    let arguments = arguments
        .map(|arguments| format!(r#","arguments":{}"#, arguments.get()))
        .unwrap_or_default();
    let meta = call_meta(speech, trace);
    format!(
        r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{{"name":{tool}{arguments}{meta}}}}}"#
    )
}

fn call_meta(speech: &Speech, trace: &Trace) -> String {
    let modern = match speech {
        Speech::Modern => Some(modern_meta()),
        Speech::Legacy { .. } => None,
    };
    let members: Vec<String> = modern.into_iter().chain(trace.members()).collect();
    if members.is_empty() {
        String::new()
    } else {
        format!(r#","_meta":{{{}}}"#, members.join(","))
    }
}

fn modern_meta() -> String {
    format!(
        r#""io.modelcontextprotocol/protocolVersion":"{MODERN}","io.modelcontextprotocol/clientCapabilities":{{}},"io.modelcontextprotocol/clientInfo":{CLIENT_INFO}"#
    )
}

/// The body of `server/discover`.
pub(super) fn discover_body(id: u64) -> String {
    let meta = modern_meta();
    format!(
        r#"{{"jsonrpc":"2.0","id":{id},"method":"server/discover","params":{{"_meta":{{{meta}}}}}}}"#
    )
}

/// The body of `initialize`.
pub(super) fn initialize_body(id: u64) -> String {
    let [.., version] = LEGACY;
    format!(
        r#"{{"jsonrpc":"2.0","id":{id},"method":"initialize","params":{{"protocolVersion":"{version}","capabilities":{{}},"clientInfo":{CLIENT_INFO}}}}}"#
    )
}

/// The body of `notifications/cancelled` for the request `id`.
pub(super) fn cancelled_body(id: u64) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","method":"notifications/cancelled","params":{{"requestId":{id},"reason":"nobody waits for the result any more"}}}}"#
    )
}

/// The headers of a request. These names, and the ones of the tool's [`mirror`]s, are all that
/// ever leave; the HTTP library adds `host` and `content-length`.
pub(super) fn headers(
    speech: Option<&Speech>,
    method: &'static str,
    tool: Option<&str>,
    credential: Option<HeaderValue>,
) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(8);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(
        ACCEPT,
        HeaderValue::from_static("application/json, text/event-stream"),
    );
    match speech {
        Some(Speech::Modern) => {
            headers.insert(PROTOCOL_VERSION, HeaderValue::from_static(MODERN));
            headers.insert(METHOD, HeaderValue::from_static(method));
            if let Some(name) = tool.and_then(mirror::encode) {
                headers.insert(NAME, name);
            }
        }
        Some(Speech::Legacy { version, session }) => {
            headers.insert(PROTOCOL_VERSION, version.clone());
            if let Some(session) = session {
                headers.insert(SESSION, session.clone());
            }
        }
        // Nothing was agreed on yet: this is `initialize`.
        None => {}
    }
    if let Some(credential) = credential {
        headers.insert(AUTHORIZATION, credential);
    }
    headers
}
