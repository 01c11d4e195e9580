//! What a server's answer must be to count, and to be passed on.

use std::borrow::Cow;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::Failure;
use crate::refusal::Reason;

/// Longest text of a server's error that is passed on, characters.
const MAX_ERROR: usize = 1_000;

/// The JSON-RPC answer to a request.
#[derive(Debug)]
pub(super) enum Reply {
    /// The result, byte for byte.
    Result(Bytes),
    /// An error.
    Error {
        /// Its JSON-RPC code.
        code: i64,
        /// Its text.
        message: String,
    },
}

/// A result that may be passed on: its bytes are the server's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Accepted {
    /// The result, a JSON object.
    pub(crate) bytes: Bytes,
    /// The tool says that it failed.
    pub(crate) is_error: bool,
    /// The result says what kind of result it is, as modern clients want it.
    pub(crate) is_typed: bool,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    jsonrpc: Option<Cow<'a, str>>,
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    method: Option<&'a RawValue>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    error: Option<RpcError>,
}

#[derive(Deserialize)]
struct RpcError {
    code: i64,
    message: String,
}

/// Reads one JSON-RPC message; none when it is not the answer to the request `id`.
pub(super) fn read(bytes: &Bytes, id: u64) -> Result<Option<Reply>, Failure> {
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(Failure::garbage("it is not a JSON-RPC message"));
    }
    let envelope: Envelope<'_> = serde_json::from_slice(bytes)
        .map_err(|_| Failure::garbage("it is not a JSON-RPC message"))?;
    if envelope.jsonrpc.as_deref() != Some("2.0") {
        return Err(Failure::garbage("it is not JSON-RPC 2.0"));
    }
    if envelope.method.is_some() {
        return Ok(None);
    }
    let is_ours = envelope
        .id
        .is_some_and(|found| found.get().parse() == Ok(id));
    match (envelope.result, envelope.error) {
        (Some(result), None) if is_ours => {
            let result = bytes.slice_ref(result.get().as_bytes());
            Ok(Some(Reply::Result(result)))
        }
        // A server that could not read the request cannot name it.
        (None, Some(RpcError { code, message })) if is_ours || envelope.id.is_none() => {
            Ok(Some(Reply::Error { code, message }))
        }
        (Some(_), None) | (None, Some(_)) => Ok(None),
        (Some(_), Some(_)) | (None, None) => {
            Err(Failure::garbage("it is neither a result nor an error"))
        }
    }
}

/// Looks whether the result of a call may be passed on. It is not changed.
pub(super) fn accept(reply: Reply, cap: usize) -> Result<Accepted, Failure> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Shape<'a> {
        #[serde(borrow)]
        result_type: Option<Cow<'a, str>>,
        is_error: Option<bool>,
    }
    let bytes = match reply {
        Reply::Result(bytes) => bytes,
        Reply::Error { code, message } => {
            let message: String = message.chars().take(MAX_ERROR).collect();
            let text = format!("The server answered with error {code}: {message}");
            return Err(Failure::new(Reason::UpstreamError, text));
        }
    };
    if bytes.len() > cap {
        return Err(Failure::too_large(cap));
    }
    let garbage = || Failure::garbage("it is not the result of a tool");
    if bytes.first() != Some(&b'{') {
        return Err(garbage());
    }
    let shape: Shape<'_> = serde_json::from_slice(&bytes).map_err(|_| garbage())?;
    match shape.result_type.as_deref() {
        None | Some("complete") => {}
        Some("input_required") => {
            let text = "The server asks for something that is not passed on to callers.";
            return Err(Failure::new(Reason::InputRequired, text));
        }
        Some(_) => return Err(Failure::garbage("it is a kind of result nobody asked for")),
    }
    Ok(Accepted {
        is_error: shape.is_error == Some(true),
        is_typed: shape.result_type.is_some(),
        bytes,
    })
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::{Accepted, Reply, accept, read};
    use crate::refusal::Reason;

    #[test]
    fn only_the_answer_to_the_request_counts() {
        let read = |text: &'static str| read(&Bytes::from_static(text.as_bytes()), 7);
        let result = read(r#"{"jsonrpc":"2.0","id":7,"result":{"b":1, "a":1.50}}"#);
        let Ok(Some(Reply::Result(bytes))) = result else {
            panic!("it is the answer: {result:?}");
        };
        assert_eq!(bytes, r#"{"b":1, "a":1.50}"#);
        for other in [
            r#"{"jsonrpc":"2.0","id":8,"result":{}}"#,
            r#"{"jsonrpc":"2.0","id":"7","result":{}}"#,
            r#"{"jsonrpc":"2.0","id":8,"error":{"code":1,"message":""}}"#,
            r#"{"jsonrpc":"2.0","method":"notifications/message","params":{}}"#,
            r#"{"jsonrpc":"2.0","id":7,"method":"elicitation/create","params":{}}"#,
        ] {
            assert!(matches!(read(other), Ok(None)), "{other}");
        }
        for error in [
            r#"{"jsonrpc":"2.0","id":7,"error":{"code":-32602,"message":"no","data":1}}"#,
            r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32602,"message":"no"}}"#,
        ] {
            let reply = read(error);
            let is_error = matches!(reply, Ok(Some(Reply::Error { code: -32602, .. })));
            assert!(is_error, "{error}");
        }
    }

    #[test]
    fn garbage_is_told_from_an_answer() {
        for text in [
            "",
            "null",
            "<html>",
            "[]",
            r#"[{"jsonrpc":"2.0","id":7,"result":{}}]"#,
            r#"{"id":7,"result":{}}"#,
            r#"{"jsonrpc":"1.0","id":7,"result":{}}"#,
            r#"{"jsonrpc":"2.0","id":7}"#,
            r#"{"jsonrpc":"2.0","id":7,"result":{},"error":{"code":1,"message":""}}"#,
            r#"{"jsonrpc":"2.0","id":7,"result":{},"result":{}}"#,
            r#"{"jsonrpc":"2.0","id":7,"result":{}} x"#,
            r#"{"jsonrpc":"2.0","id":7,"error":"bad"}"#,
        ] {
            let reply = read(&Bytes::from_static(text.as_bytes()), 7);
            let reason = reply.map_err(|failure| failure.reason).err();
            assert_eq!(reason, Some(Reason::UpstreamGarbage), "{text}");
        }
    }

    #[test]
    fn a_result_is_passed_on_only_when_it_is_one() {
        let accept = |text: &'static str| {
            let reply = Reply::Result(Bytes::from_static(text.as_bytes()));
            accept(reply, 40).map_err(|failure| failure.reason)
        };
        let accepted = |text: &'static str, is_error, is_typed| {
            Ok(Accepted {
                bytes: Bytes::from_static(text.as_bytes()),
                is_error,
                is_typed,
            })
        };
        let plain = r#"{"content":[], "x":1e2}"#;
        assert_eq!(accept(plain), accepted(plain, false, false));
        let typed = r#"{"resultType":"complete","isError":true}"#;
        assert_eq!(accept(typed), accepted(typed, true, true));
        for (text, reason) in [
            ("[]", Reason::UpstreamGarbage),
            ("7", Reason::UpstreamGarbage),
            (r#"{"isError":"yes"}"#, Reason::UpstreamGarbage),
            (r#"{"resultType":"task"}"#, Reason::UpstreamGarbage),
            (r#"{"resultType":"input_required"}"#, Reason::InputRequired),
            (
                r#"{"content":[{"type":"text","text":"too long"}]}"#,
                Reason::ResultTooLarge,
            ),
        ] {
            assert_eq!(accept(text), Err(reason), "{text}");
        }
    }
}
