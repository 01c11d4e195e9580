//! Which protocol version a request speaks, by its header and its `_meta`.

use http::{HeaderMap, StatusCode};

use super::refusal::{HEADER_MISMATCH, INVALID_PARAMS, UNSUPPORTED_VERSION};
use super::standard_headers::single;
use super::{Era, Refusal};

/// Protocol versions that are served, oldest first.
const SUPPORTED: [&str; 3] = ["2025-06-18", "2025-11-25", "2026-07-28"];

/// The first version without a handshake. Versions are dates, so they sort as text.
const FIRST_MODERN: &str = "2026-07-28";

/// What an older client speaks that does not say: the oldest we serve.
const UNSAID: &str = "2025-06-18";

const HEADER: &str = "mcp-protocol-version";

/// Version and era of a request of `method` whose `_meta` names `meta`.
///
/// `initialize` is a handshake of older clients: its version is negotiated from the body.
pub(super) fn of_request(
    headers: &HeaderMap,
    method: &str,
    meta: Option<&str>,
) -> Result<(String, Era), Refusal> {
    let header = single(headers, HEADER)?;
    let says_modern = header.is_some_and(|version| version >= FIRST_MODERN);
    match (header, meta) {
        (_, None) if method == "initialize" => Ok((UNSAID.to_owned(), Era::Legacy)),
        (_, None) if says_modern || method == "server/discover" => {
            let message = "`_meta` must name io.modelcontextprotocol/protocolVersion";
            Err(Refusal::new(
                StatusCode::BAD_REQUEST,
                INVALID_PARAMS,
                "no-version",
                message,
            ))
        }
        (None, Some(_)) => {
            let message = "the header MCP-Protocol-Version is missing";
            Err(Refusal::new(
                StatusCode::BAD_REQUEST,
                HEADER_MISMATCH,
                "no-version-header",
                message,
            ))
        }
        (Some(header), Some(meta)) if header != meta => {
            let message = "the header MCP-Protocol-Version and `_meta` name different versions";
            Err(Refusal::new(
                StatusCode::BAD_REQUEST,
                HEADER_MISMATCH,
                "version-mismatch",
                message,
            ))
        }
        (header, meta) => supported(meta.or(header).unwrap_or(UNSAID)),
    }
}

/// Version and era of a notification: only its header says.
pub(super) fn of_notification(headers: &HeaderMap) -> Result<(String, Era), Refusal> {
    supported(single(headers, HEADER)?.unwrap_or(UNSAID))
}

fn supported(version: &str) -> Result<(String, Era), Refusal> {
    if !SUPPORTED.contains(&version) {
        let data = serde_json::json!({ "supported": SUPPORTED, "requested": version });
        let message = "Unsupported protocol version";
        return Err(Refusal::new(
            StatusCode::BAD_REQUEST,
            UNSUPPORTED_VERSION,
            "unsupported-version",
            message,
        )
        .with_data(data));
    }
    let era = if version >= FIRST_MODERN {
        Era::Modern
    } else {
        Era::Legacy
    };
    Ok((version.to_owned(), era))
}
