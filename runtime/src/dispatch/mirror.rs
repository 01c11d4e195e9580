//! Arguments that are repeated in headers, because the tool's definition says so.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value};

/// How deep annotated properties are looked for.
const MAX_DEPTH: usize = 16;

const ENCODED_START: &str = "=?base64?";
const ENCODED_END: &str = "?=";

/// A property of an `inputSchema` with `x-mcp-header`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mirror {
    header: HeaderName,
    path: Vec<String>,
}

impl Mirror {
    /// All of `schema`. An annotation that is not a header name is left out.
    pub(crate) fn all(schema: &Value) -> Vec<Self> {
        let mut found = Vec::new();
        collect(schema, &mut Vec::new(), &mut found);
        found
    }

    /// The header for `arguments`; none when the argument is not there, or has no header form.
    pub(crate) fn of(&self, arguments: &Map<String, Value>) -> Option<(HeaderName, HeaderValue)> {
        Some((self.header.clone(), encode(&self.text(arguments)?)?))
    }

    /// Whether a request that repeats its arguments in `headers` repeats this one rightly.
    pub(crate) fn agrees(&self, headers: &HeaderMap, arguments: &Map<String, Value>) -> bool {
        let mut values = headers.get_all(&self.header).iter();
        match (self.text(arguments), values.next(), values.next()) {
            (None, None, None) => true,
            (Some(text), Some(value), None) => decode(value).is_some_and(|value| value == text),
            _ => false,
        }
    }

    fn text(&self, arguments: &Map<String, Value>) -> Option<String> {
        let (first, rest) = self.path.split_first()?;
        let mut value = arguments.get(first)?;
        for name in rest {
            value = value.get(name)?;
        }
        match value {
            Value::String(text) => Some(text.clone()),
            Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }
}

fn collect(schema: &Value, path: &mut Vec<String>, found: &mut Vec<Mirror>) {
    if path.len() >= MAX_DEPTH {
        return;
    }
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
        return;
    };
    for (name, property) in properties {
        path.push(name.clone());
        let header = property.get("x-mcp-header").and_then(Value::as_str);
        let header = header
            .filter(|name| !name.is_empty())
            .and_then(|name| HeaderName::from_bytes(format!("mcp-param-{name}").as_bytes()).ok());
        if let Some(header) = header {
            found.push(Mirror {
                header,
                path: path.clone(),
            });
        }
        collect(property, path, found);
        path.pop();
    }
}

/// `text` as a header value: as it is where that is safe, else in Base64 with a mark.
pub(super) fn encode(text: &str) -> Option<HeaderValue> {
    let is_plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
        && text.trim() == text
        && !text.is_empty()
        && !text.starts_with(ENCODED_START);
    if is_plain {
        HeaderValue::from_str(text).ok()
    } else {
        let encoded = STANDARD.encode(text);
        HeaderValue::from_str(&format!("{ENCODED_START}{encoded}{ENCODED_END}")).ok()
    }
}

fn decode(value: &HeaderValue) -> Option<String> {
    let text = value.to_str().ok()?;
    let encoded = text
        .strip_prefix(ENCODED_START)
        .and_then(|text| text.strip_suffix(ENCODED_END));
    match encoded {
        Some(encoded) => String::from_utf8(STANDARD.decode(encoded).ok()?).ok(),
        None => Some(text.into()),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use serde_json::{Map, Value, json};

    use super::Mirror;

    fn arguments(value: Value) -> Map<String, Value> {
        serde_json::from_value(value).unwrap()
    }

    fn schema() -> Value {
        json!({"properties": {
            "region": {"type": "string", "x-mcp-header": "Region"},
            "deep": {"properties": {"n": {"type": "integer", "x-mcp-header": "N"}}},
            "bad": {"x-mcp-header": "no name"},
            "plain": {},
        }})
    }

    #[test]
    fn annotated_arguments_become_headers() {
        let sent = arguments(json!({"region": "eu-1", "deep": {"n": 7}, "plain": "x"}));
        let headers: Vec<_> = Mirror::all(&schema())
            .iter()
            .filter_map(|mirror| mirror.of(&sent))
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect();
        assert_eq!(headers, ["mcp-param-n: 7", "mcp-param-region: eu-1"]);
    }

    #[test]
    fn what_a_header_cannot_hold_is_encoded() {
        let mirrors = Mirror::all(&schema());
        for text in ["", " x", "a\r\nHost: evil", "ü", "=?base64?eA==?="] {
            let sent = arguments(json!({"region": text}));
            let headers: HeaderMap = mirrors
                .iter()
                .filter_map(|mirror| mirror.of(&sent))
                .collect();
            let value = headers["mcp-param-region"].to_str().unwrap();
            assert!(value.starts_with("=?base64?"), "{text:?} became {value}");
            assert!(mirrors.iter().all(|mirror| mirror.agrees(&headers, &sent)));
        }
    }

    #[test]
    fn a_header_that_says_something_else_does_not_agree() {
        let region = Mirror::all(&schema()).pop().unwrap();
        let sent = arguments(json!({"region": "eu-1"}));
        let headers = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append("mcp-param-region", value.parse().unwrap());
            }
            headers
        };
        assert!(region.agrees(&headers(&["eu-1"]), &sent));
        for wrong in [&[][..], &["eu-2"], &["eu-1", "eu-1"]] {
            assert!(!region.agrees(&headers(wrong), &sent), "{wrong:?}");
        }
        assert!(!region.agrees(&headers(&["eu-1"]), &Map::new()));
    }
}
