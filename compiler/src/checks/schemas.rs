//! TOL: the input schemas of tools.

use std::collections::BTreeSet;

use serde_json::Value;

use super::definitions::Problem;
use super::error;
use crate::diagnostic::Check;

pub(crate) const INVALID_SCHEMA: Check = error(
    "TOL002",
    "invalid-schema",
    "an input schema is not a valid JSON Schema",
);
pub(crate) const ROOT_NOT_OBJECT: Check = error(
    "TOL003",
    "root-not-object",
    "an input schema does not say `type: object` at its root",
);
pub(crate) const EXTERNAL_REF: Check = error(
    "TOL005",
    "external-ref",
    "a `$ref` leaves the schema; it is never fetched",
);
pub(crate) const UNRESOLVED_REF: Check = error(
    "TOL006",
    "unresolved-ref",
    "a `$ref` points to nothing in its schema",
);
pub(crate) const SCHEMA_TOO_LARGE: Check = error(
    "TOL007",
    "schema-too-large",
    "an input schema is deeper or larger than callers and servers can be expected to take",
);

/// Deepest nesting of subschemas.
const DEPTH: usize = 32;

/// Most subschemas.
const SUBSCHEMAS: usize = 1_000;

/// Largest schema, bytes of its shortest JSON.
const BYTES: usize = 64 * 1024;

/// Members that hold one schema.
const ONE: [&str; 12] = [
    "additionalItems",
    "additionalProperties",
    "contains",
    "contentSchema",
    "else",
    "if",
    "items",
    "not",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
];

/// Members that hold a list of schemas; `items` may in draft-07.
const LIST: [&str; 5] = ["allOf", "anyOf", "items", "oneOf", "prefixItems"];

/// Members that hold schemas by name.
const NAMED: [&str; 6] = [
    "$defs",
    "definitions",
    "dependencies",
    "dependentSchemas",
    "patternProperties",
    "properties",
];

/// A schema inside another, with its pointer and how deep it is.
pub(super) struct Sub<'s> {
    /// The schema.
    pub(super) schema: &'s Value,
    /// Where it stands in the definition.
    pub(super) pointer: String,
    depth: usize,
}

/// What is wrong with the input schema of a definition.
pub(super) fn schema(definition: &Value, found: &mut Vec<Problem>) {
    let pointer = "/inputSchema";
    let Some(schema) = definition.get("inputSchema") else {
        found.push(Problem::new(
            &ROOT_NOT_OBJECT,
            pointer,
            "there is no input schema",
        ));
        return;
    };
    if schema.get("type").and_then(Value::as_str) != Some("object") {
        let message = "an input schema must say `type: object` at its root";
        found.push(Problem::new(&ROOT_NOT_OBJECT, pointer, message));
    }
    let bytes = schema.to_string().len();
    let all = subschemas(schema);
    let deepest = all.iter().map(|sub| sub.depth).max().unwrap_or_default();
    let message = if bytes > BYTES {
        format!("the schema has {bytes} bytes, at most {BYTES}")
    } else if all.len() > SUBSCHEMAS {
        format!("the schema has more than {SUBSCHEMAS} subschemas")
    } else if deepest > DEPTH {
        format!("the schema nests deeper than {DEPTH} levels")
    } else {
        String::new()
    };
    if !message.is_empty() {
        // It is not looked at any closer: that would take the time that this limit saves.
        found.push(Problem::new(&SCHEMA_TOO_LARGE, pointer, message));
        return;
    }
    if let Some((place, message)) = against_meta_schema(schema) {
        let pointer = format!("{pointer}{place}");
        found.push(Problem::new(&INVALID_SCHEMA, &pointer, message));
    }
    references(schema, &all, found);
}

/// The first place where a schema breaks its meta-schema.
fn against_meta_schema(schema: &Value) -> Option<(String, &'static str)> {
    let declared = schema
        .get("$schema")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let (result, message) = if declared.contains("json-schema.org/draft-07/") {
        (
            jsonschema::draft7::meta::validate(schema),
            "not valid by JSON Schema draft-07",
        )
    } else {
        (
            jsonschema::draft202012::meta::validate(schema),
            "not valid by JSON Schema 2020-12",
        )
    };
    // The message of the validator would quote the schema.
    let place = result.err()?.instance_path().to_string();
    Some((place, message))
}

/// The schema and all inside it, but no more than can be told too many or too deep.
pub(super) fn subschemas(root: &Value) -> Vec<Sub<'_>> {
    let mut all = Vec::new();
    let mut left = vec![Sub {
        schema: root,
        pointer: "/inputSchema".to_owned(),
        depth: 1,
    }];
    while let Some(sub) = left.pop() {
        if all.len() > SUBSCHEMAS {
            break;
        }
        if sub.depth <= DEPTH {
            children(&sub, &mut left);
        }
        all.push(sub);
    }
    all
}

fn children<'s>(sub: &Sub<'s>, left: &mut Vec<Sub<'s>>) {
    let Some(members) = sub.schema.as_object() else {
        return;
    };
    let mut push = |schema: &'s Value, path: String| {
        if schema.is_object() {
            left.push(Sub {
                schema,
                pointer: format!("{}/{path}", sub.pointer),
                depth: sub.depth + 1,
            });
        }
    };
    for (name, value) in members {
        let name = name.as_str();
        match value {
            Value::Object(inner) if NAMED.contains(&name) => {
                for (key, schema) in inner {
                    push(schema, format!("{name}/{}", escape(key)));
                }
            }
            Value::Array(items) if LIST.contains(&name) => {
                for (index, schema) in items.iter().enumerate() {
                    push(schema, format!("{name}/{index}"));
                }
            }
            Value::Object(_) if ONE.contains(&name) => push(value, name.to_owned()),
            Value::Object(_)
            | Value::Array(_)
            | Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_) => {}
        }
    }
}

/// A member's name as a step of a JSON pointer.
pub(super) fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn references(root: &Value, all: &[Sub<'_>], found: &mut Vec<Problem>) {
    let text = |sub: &Sub<'_>, name: &str| Some(sub.schema.get(name)?.as_str()?.to_owned());
    let ids: BTreeSet<String> = all.iter().filter_map(|sub| text(sub, "$id")).collect();
    let anchors: BTreeSet<String> = ["$anchor", "$dynamicAnchor"]
        .iter()
        .flat_map(|name| all.iter().filter_map(|sub| text(sub, name)))
        .collect();
    for sub in all {
        for name in ["$ref", "$dynamicRef"] {
            let Some(reference) = sub.schema.get(name).and_then(Value::as_str) else {
                continue;
            };
            let pointer = format!("{}/{name}", sub.pointer);
            let (document, fragment) = reference.split_once('#').unwrap_or((reference, ""));
            if !document.is_empty() {
                if !ids.contains(document) {
                    let message = format!("`{name}` leaves the schema; nothing is ever fetched");
                    found.push(Problem::new(&EXTERNAL_REF, &pointer, message));
                }
                continue;
            }
            let resolves = fragment.is_empty()
                || fragment.starts_with('/') && root.pointer(&unescape(fragment)).is_some()
                || anchors.contains(fragment);
            if !resolves {
                let message = format!("`{name}` points to nothing in this schema");
                found.push(Problem::new(&UNRESOLVED_REF, &pointer, message));
            }
        }
    }
}

/// A fragment without its percent escapes.
fn unescape(fragment: &str) -> String {
    let mut bytes = Vec::with_capacity(fragment.len());
    let mut rest = fragment.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let escaped = after
            .get(..2)
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        if let (b'%', Some(escaped)) = (byte, escaped) {
            bytes.push(escaped);
            rest = after.get(2..).unwrap_or_default();
        } else {
            bytes.push(byte);
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(schema: &Value) -> Vec<(&'static str, String)> {
        let mut found = Vec::new();
        super::schema(&json!({"name": "t", "inputSchema": schema}), &mut found);
        found
            .into_iter()
            .map(|problem| (problem.check.code, problem.pointer))
            .collect()
    }

    fn object(properties: &Value) -> Value {
        json!({"type": "object", "properties": properties})
    }

    #[test]
    fn the_dialect_decides_what_is_valid() {
        let tuple = json!({"type": "object", "properties": {"q": {"items": [{}, {}]}}});
        assert_eq!(
            found(&tuple),
            [("TOL002", "/inputSchema/properties/q/items".to_owned())]
        );
        let mut old = tuple;
        old["$schema"] = json!("http://json-schema.org/draft-07/schema#");
        assert_eq!(found(&old), []);
        assert_eq!(
            found(&object(&json!({"q": {"type": "strng"}}))),
            [("TOL002", "/inputSchema/properties/q/type".to_owned())]
        );
    }

    #[test]
    fn the_root_says_object() {
        for bad in [
            json!({"type": "array"}),
            json!({}),
            json!({"type": ["object"]}),
        ] {
            assert_eq!(found(&bad)[0].0, "TOL003", "{bad}");
        }
        assert_eq!(found(&json!({"type": "object"})), []);
    }

    #[test]
    fn references_stay_inside_and_point_to_something() {
        let at = "/inputSchema/properties/a/$ref".to_owned();
        let with = |reference: &str| {
            let mut schema = object(&json!({"a": {"$ref": reference}}));
            schema["$defs"] = json!({"B": {"$anchor": "b", "type": "string"}, "c d": {}});
            found(&schema)
        };
        assert_eq!(with("https://x.example/y.json"), [("TOL005", at.clone())]);
        assert_eq!(with("other.json#/$defs/B"), [("TOL005", at.clone())]);
        assert_eq!(with("#/$defs/Foo"), [("TOL006", at.clone())]);
        assert_eq!(with("#nothing"), [("TOL006", at)]);
        for good in ["#", "#/$defs/B", "#b", "#/$defs/c%20d", "#/properties/a"] {
            assert_eq!(with(good), [], "{good}");
        }
        // A property that is called `$ref` refers to nothing.
        assert_eq!(found(&object(&json!({"$ref": {"type": "string"}}))), []);
    }

    #[test]
    fn what_is_too_large_is_not_looked_at_any_closer() {
        let mut deep = json!({"type": "strng"});
        for _ in 0..32 {
            deep = object(&json!({"a": deep}));
        }
        assert_eq!(found(&deep), [("TOL007", "/inputSchema".to_owned())]);
        let many = (0..1_000).map(|n| (format!("p{n}"), json!({}))).collect();
        assert_eq!(found(&object(&Value::Object(many)))[0].0, "TOL007");
        let long = object(&json!({"a": {"description": "x".repeat(BYTES)}}));
        assert_eq!(found(&long)[0].0, "TOL007");
        let mut fits = json!({"type": "string"});
        for _ in 0..31 {
            fits = object(&json!({"a": fits}));
        }
        assert_eq!(found(&fits), []);
    }
}
