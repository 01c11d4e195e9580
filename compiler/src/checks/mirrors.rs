//! TOL: arguments that a definition wants repeated in a header (`x-mcp-header`).

use std::collections::BTreeMap;

use serde_json::Value;

use super::definitions::Problem;
use super::error;
use super::schemas::subschemas;
use super::secrets::is_suspicious;
use crate::diagnostic::Check;

pub(crate) const BAD_HEADER_MIRROR: Check = error(
    "TOL013",
    "bad-header-mirror",
    "an `x-mcp-header` breaks the rules of MCP 2026-07-28; clients must drop the tool",
);
pub(crate) const SENSITIVE_HEADER_MIRROR: Check = error(
    "TOL014",
    "sensitive-header-mirror",
    "a secret argument would travel in a header, which proxies and logs see",
);

/// The member that asks for it.
pub(super) const MEMBER: &str = "x-mcp-header";

/// What is wrong with the headers that an input schema asks for.
pub(super) fn mirrors(schema: &Value, found: &mut Vec<Problem>) {
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for sub in subschemas(schema) {
        let Some(header) = sub.schema.get(MEMBER) else {
            continue;
        };
        let pointer = format!("{}/{MEMBER}", sub.pointer);
        let name = header.as_str().unwrap_or_default();
        let property = property(&sub.pointer);
        let why = if !is_token(name) {
            Some("its value is not the name of a header".to_owned())
        } else if property.is_none() {
            Some("it is not on a property that is reached by properties alone".to_owned())
        } else if !is_primitive(sub.schema) {
            Some("its property is not a string, an integer or a boolean".to_owned())
        } else {
            let other = names.insert(name.to_ascii_lowercase(), sub.pointer.clone());
            other.map(|_| "another property has the same header".to_owned())
        };
        if let Some(why) = why {
            let message = format!("clients must drop the tool: {why}");
            found.push(Problem::new(&BAD_HEADER_MIRROR, &pointer, message));
        }
        if property.is_some_and(|name| is_suspicious(&name.replace('-', "_"))) {
            let message = "a property that is named like a secret would travel in a header";
            found.push(Problem::new(&SENSITIVE_HEADER_MIRROR, &pointer, message));
        }
    }
}

/// The name of the property at `pointer`, when only `properties` lead there.
fn property(pointer: &str) -> Option<&str> {
    let mut steps = pointer.strip_prefix("/inputSchema/")?.split('/');
    let mut last = None;
    while let Some(step) = steps.next() {
        if step != "properties" {
            return None;
        }
        last = Some(steps.next()?);
    }
    last
}

/// A token of RFC 9110.
fn is_token(name: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(is_letter)
}

fn is_primitive(schema: &Value) -> bool {
    let written = schema.get("type").and_then(Value::as_str);
    matches!(written, Some("string" | "integer" | "boolean"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(schema: &Value) -> Vec<(&'static str, String)> {
        let mut found = Vec::new();
        mirrors(schema, &mut found);
        let one = |problem: Problem| (problem.check.code, problem.pointer);
        found.into_iter().map(one).collect()
    }

    #[test]
    fn only_plain_properties_are_repeated() {
        let text = |header: &str| json!({"type": "string", "x-mcp-header": header});
        let good = json!({"properties": {
            "region": text("Region"),
            "deep": {"properties": {"n": {"type": "integer", "x-mcp-header": "N"}}},
        }});
        assert_eq!(found(&good), []);
        for (bad, pointer) in [
            (json!({"properties": {"a": text("")}}), "/properties/a"),
            (
                json!({"properties": {"a": text("no name")}}),
                "/properties/a",
            ),
            (
                json!({"properties": {"a": {"type": "number", "x-mcp-header": "A"}}}),
                "/properties/a",
            ),
            (
                json!({"properties": {"a": {"x-mcp-header": "A"}}}),
                "/properties/a",
            ),
            (
                json!({"properties": {"a": {"items": text("A")}}}),
                "/properties/a/items",
            ),
            (
                json!({"allOf": [{"properties": {"a": text("A")}}]}),
                "/allOf/0/properties/a",
            ),
            (json!({"$defs": {"a": text("A")}}), "/$defs/a"),
            (json!({"type": "string", "x-mcp-header": "A"}), ""),
        ] {
            let place = format!("/inputSchema{pointer}/x-mcp-header");
            assert_eq!(found(&bad), [("TOL013", place)], "{bad}");
        }
    }

    #[test]
    fn a_header_is_there_once_in_any_case() {
        let schema = json!({"properties": {
            "a": {"type": "string", "x-mcp-header": "Region"},
            "b": {"type": "string", "x-mcp-header": "REGION"},
        }});
        assert_eq!(found(&schema).len(), 1);
    }

    #[test]
    fn secrets_stay_out_of_headers() {
        let schema = json!({"properties": {"password": {"type": "string", "x-mcp-header": "Pw"}}});
        let place = "/inputSchema/properties/password/x-mcp-header".to_owned();
        assert_eq!(found(&schema), [("TOL014", place)]);
    }
}
