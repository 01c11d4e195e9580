//! The `Mcp-*` headers repeat what the body says, for those on the way who route by headers.
//! They must say the same; what counts is always the body.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::Refusal;
use super::refusal::HEADER_MISMATCH;

const METHOD: &str = "mcp-method";
const NAME: &str = "mcp-name";

/// Start of the names of headers that repeat an argument.
const PARAM_PREFIX: &str = "mcp-param-";

/// Holds `Mcp-Method` and `Mcp-Name` against the body.
pub(super) fn check(
    headers: &HeaderMap,
    method: &str,
    params: Option<&RawValue>,
) -> Result<(), Refusal> {
    match single(headers, METHOD)? {
        None => {
            return Err(mismatch(
                "no-method-header",
                "the header Mcp-Method is missing",
            ));
        }
        Some(header) if header != method => {
            return Err(mismatch(
                "method-mismatch",
                "the header Mcp-Method and the body name different methods",
            ));
        }
        Some(_) => {}
    }
    let Some(expected) = name_of(method, params) else {
        return Ok(());
    };
    match single(headers, NAME)? {
        None => Err(mismatch("no-name-header", "the header Mcp-Name is missing")),
        Some(header) if decoded(header).as_deref() != Some(&*expected) => Err(mismatch(
            "name-mismatch",
            "the header Mcp-Name and the body name different things",
        )),
        Some(_) => Ok(()),
    }
}

/// The `Mcp-Param-*` headers of a request.
pub(super) fn params(headers: &HeaderMap) -> HeaderMap {
    headers
        .iter()
        .filter(|(name, _)| name.as_str().starts_with(PARAM_PREFIX))
        .map(|(name, value)| (name.clone(), value.clone()))
        .fold(HeaderMap::new(), |mut map, (name, value)| {
            map.append(name, value);
            map
        })
}

/// The only value of a header; twice, or not visible ASCII, is refused.
pub(super) fn single<'a>(
    headers: &'a HeaderMap,
    name: &'static str,
) -> Result<Option<&'a str>, Refusal> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    match (value.to_str(), values.next()) {
        (Ok(text), None) => Ok(Some(text)),
        _ => Err(mismatch(
            "bad-header",
            &format!("the header {name} must be there once, in ASCII"),
        )),
    }
}

fn mismatch(reason: &'static str, message: &str) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, HEADER_MISMATCH, reason, message)
}

/// What `Mcp-Name` must repeat; `None` where the method has no such header, or the body no name.
fn name_of(method: &str, params: Option<&RawValue>) -> Option<String> {
    #[derive(Deserialize)]
    struct Params {
        name: Option<String>,
        uri: Option<String>,
    }
    let read = || serde_json::from_str::<Params>(params?.get()).ok();
    match method {
        "tools/call" | "prompts/get" => read()?.name,
        "resources/read" => read()?.uri,
        _ => None,
    }
}

/// A header's value, which is in base64 where plain text could not be sent.
fn decoded(value: &str) -> Option<String> {
    match value
        .strip_prefix("=?base64?")
        .and_then(|rest| rest.strip_suffix("?="))
    {
        Some(encoded) => String::from_utf8(STANDARD.decode(encoded).ok()?).ok(),
        None => Some(value.to_owned()),
    }
}
