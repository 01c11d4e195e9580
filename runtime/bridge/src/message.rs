//! JSON-RPC messages as raw text: what they are, and where the few places are that the bridge
//! changes. Everything else is passed on byte for byte.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Request: which versions and capabilities does the server have? (The newer era.)
pub(crate) const DISCOVER: &str = "server/discover";
/// Request: a long stream of change notifications.
pub(crate) const LISTEN: &str = "subscriptions/listen";
/// Request: the handshake of the older era.
pub(crate) const INITIALIZE: &str = "initialize";
/// Notification: the answer to a request is no longer wanted.
pub(crate) const CANCELLED: &str = "notifications/cancelled";
/// Notification: how far a request is.
pub(crate) const PROGRESS: &str = "notifications/progress";

/// Members of `_meta` that only the newer era knows begin so.
const PROTOCOL_KEYS: &str = "io.modelcontextprotocol/";

/// One message. Its parts point into the text that it was read from.
#[derive(Debug, Deserialize)]
pub(crate) struct Message<'a> {
    #[serde(borrow, default)]
    pub(crate) id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(crate) method: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    params: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(crate) result: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(crate) error: Option<&'a RawValue>,
}

#[derive(Debug, Default, Deserialize)]
struct Params<'a> {
    #[serde(borrow, default, rename = "_meta")]
    meta: Option<&'a RawValue>,
    #[serde(borrow, default, rename = "progressToken")]
    progress_token: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct ErrorObject {
    code: i64,
}

impl<'a> Message<'a> {
    /// Reads one message; none when the text is not a JSON object.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        object(text)
    }

    /// The code of an error.
    pub(crate) fn error_code(&self) -> Option<i64> {
        let error: ErrorObject = serde_json::from_str(self.error?.get()).ok()?;
        Some(error.code)
    }

    /// The progress token of a request, as it is written.
    pub(crate) fn progress_token(&self) -> Option<&'a str> {
        let Members(members) = self.meta()?;
        let token = members.into_iter().find(|(key, _)| key == "progressToken");
        token.map(|(_, token)| token.get())
    }

    /// The progress token that a notification of progress is about, as it is written.
    pub(crate) fn reported_token(&self) -> Option<&'a str> {
        self.params().progress_token.map(RawValue::get)
    }

    fn params(&self) -> Params<'a> {
        let params = self.params.map(RawValue::get);
        params.and_then(object).unwrap_or_default()
    }

    fn meta(&self) -> Option<Members<'a>> {
        serde_json::from_str(self.params().meta?.get()).ok()
    }

    /// The request of a caller as the child gets it: a line with the id `number`, which is the
    /// progress token too if the caller has one, and for an older child (`is_older`) without the
    /// members of `_meta` that it does not know.
    pub(crate) fn to_child(&self, text: &str, number: u64, is_older: bool) -> Vec<u8> {
        let mut edits = Vec::new();
        if let Some(id) = self.id {
            edits.push((id.get(), number.to_string()));
        }
        let params = self.params();
        if let Some(meta) = params.meta
            && let Some(Members(members)) = self.meta()
        {
            let kept = members.iter().filter_map(|(key, value)| {
                if is_older && key.starts_with(PROTOCOL_KEYS) {
                    return None;
                }
                let key_text = serde_json::Value::from(key.as_ref());
                if key == "progressToken" {
                    return Some(format!("{key_text}:{number}"));
                }
                Some(format!("{key_text}:{}", value.get()))
            });
            let kept: Vec<String> = kept.collect();
            edits.push((meta.get(), format!("{{{}}}", kept.join(","))));
        }
        let mut line = splice(text, edits);
        // White space outside strings; inside, JSON has no bare line breaks.
        for byte in &mut line {
            if matches!(byte, b'\n' | b'\r') {
                *byte = b' ';
            }
        }
        line.push(b'\n');
        line
    }

    /// The child's answer as the caller gets it: with the caller's own id.
    pub(crate) fn with_id(&self, text: &str, id: &str) -> Vec<u8> {
        splice(
            text,
            self.id
                .map(|own| (own.get(), id.to_owned()))
                .into_iter()
                .collect(),
        )
    }

    /// The child's progress as the caller gets it: with the caller's own token.
    pub(crate) fn with_token(&self, text: &str, token: &str) -> Vec<u8> {
        let own = self.reported_token();
        splice(
            text,
            own.map(|own| (own, token.to_owned())).into_iter().collect(),
        )
    }
}

/// Reads an object. (Serde would read the members of a struct from an array, too.)
fn object<'a, T: Deserialize<'a>>(text: &'a str) -> Option<T> {
    let is_object = text.trim_start().starts_with('{');
    is_object.then(|| serde_json::from_str(text).ok())?
}

/// Replaces parts of `text`, which point into it, from left to right.
fn splice(text: &str, edits: Vec<(&str, String)>) -> Vec<u8> {
    let mut edits: Vec<(Range<usize>, String)> = edits
        .into_iter()
        .filter_map(|(part, new)| Some((range_of(text, part)?, new)))
        .collect();
    edits.sort_by_key(|(range, _)| range.start);
    let mut out = Vec::with_capacity(text.len() + 64);
    let mut copied = 0;
    for (range, new) in edits {
        out.extend_from_slice(text.get(copied..range.start).unwrap_or_default().as_bytes());
        out.extend_from_slice(new.as_bytes());
        copied = range.end;
    }
    out.extend_from_slice(text.get(copied..).unwrap_or_default().as_bytes());
    out
}

/// Where `part` stands in the text that it was borrowed from.
fn range_of(text: &str, part: &str) -> Option<Range<usize>> {
    let start = part.as_ptr().addr().checked_sub(text.as_ptr().addr())?;
    let end = start.checked_add(part.len())?;
    (end <= text.len()).then_some(start..end)
}

/// The members of an object, in their order.
struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry::<Key<'de>, &'de RawValue>()? {
                    members.push((member.0.0, member.1));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::*;

    fn to_child(text: &str, is_older: bool) -> String {
        let message = Message::parse(text).unwrap();
        String::from_utf8(message.to_child(text, 7, is_older)).unwrap()
    }

    #[test]
    fn only_the_id_of_a_request_changes() {
        let text =
            r#"{ "params":{"x":1.0e2,"é":"\u00e9"}, "id":"a\"b" ,"method":"m","more":[1 ] }"#;
        let expected = r#"{ "params":{"x":1.0e2,"é":"\u00e9"}, "id":7 ,"method":"m","more":[1 ] }"#;
        assert_eq!(to_child(text, true), format!("{expected}\n"));
    }

    #[test]
    fn a_message_becomes_one_line() {
        assert_eq!(
            to_child("{\n\"id\":1,\r\n\"a\":\"\\n\"}", true),
            "{ \"id\":7,  \"a\":\"\\n\"}\n"
        );
    }

    #[test]
    fn an_older_child_gets_no_members_of_the_newer_era() {
        let text = r#"{"id":1,"params":{"_meta":{"progressToken":"p","io.modelcontextprotocol/protocolVersion":"2026-07-28","traceparent":"00"}}}"#;
        let older = r#"{"id":7,"params":{"_meta":{"progressToken":7,"traceparent":"00"}}}"#;
        assert_eq!(to_child(text, true), format!("{older}\n"));
        let newer = r#"{"id":7,"params":{"_meta":{"progressToken":7,"io.modelcontextprotocol/protocolVersion":"2026-07-28","traceparent":"00"}}}"#;
        assert_eq!(to_child(text, false), format!("{newer}\n"));
    }

    #[test]
    fn answers_and_progress_get_the_callers_own_words() {
        let text = r#"{"jsonrpc":"2.0","id":7,"result":{"id":7,"x":1e400}}"#;
        let answer = Message::parse(text).unwrap().with_id(text, "\"a\"");
        assert_eq!(
            answer,
            br#"{"jsonrpc":"2.0","id":"a","result":{"id":7,"x":1e400}}"#
        );
        let text =
            r#"{"method":"notifications/progress","params":{"progress":1,"progressToken":7}}"#;
        let progress = Message::parse(text).unwrap().with_token(text, "\"p\"");
        assert_eq!(
            progress,
            br#"{"method":"notifications/progress","params":{"progress":1,"progressToken":"p"}}"#
        );
    }

    #[test]
    fn what_is_no_object_is_no_message() {
        for text in ["", "[]", "1", "{", r#"{"id":1,"id":2}"#, "null"] {
            assert!(Message::parse(text).is_none(), "{text}");
        }
    }
}
