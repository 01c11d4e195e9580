//! TOL: the input schemas of tools.

pub(super) use bailiwick_schema::escape;
use bailiwick_schema::{
    MOST_DEPTH, MOST_SUBSCHEMAS, ReferenceError, Schema, SchemaError, Sub, TooCostly, resolve,
};
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
pub(crate) const UNSUPPORTED_DIALECT: Check = error(
    "TOL004",
    "unsupported-dialect",
    "a schema is written in a dialect other than draft-07 and 2020-12",
);
pub(crate) const INVALID_OUTPUT_SCHEMA: Check = error(
    "TOL015",
    "invalid-output-schema",
    "an output schema is not a valid JSON Schema",
);
/// Made where the definition file is read.
pub(crate) const DUPLICATE_JSON_KEY: Check = error(
    "TOL023",
    "duplicate-json-key",
    "a definition file has a member twice, of which different readers see different ones",
);
pub(crate) const EXTERNAL_REF: Check = error(
    "TOL005",
    "external-ref",
    "a `$ref` leaves the schema or is relative to an `$id` inside it; it is never fetched",
);
pub(crate) const UNRESOLVED_REF: Check = error(
    "TOL006",
    "unresolved-ref",
    "a `$ref` points to nothing in its schema",
);
pub(crate) const SCHEMA_TOO_LARGE: Check = error(
    "TOL007",
    "schema-too-large",
    "an input schema is deeper or larger than callers can be expected to take, or dear to check",
);

/// Largest schema, bytes of its shortest JSON.
const BYTES: usize = 64 * 1024;

/// A definition has no input schema.
pub(super) fn missing() -> Problem {
    Problem::new(&ROOT_NOT_OBJECT, "/inputSchema", "there is no input schema")
}

/// What is wrong with an input schema, of which the shortest JSON has so many `bytes`.
pub(super) fn schema(schema: &Value, bytes: usize, found: &mut Vec<Problem>) {
    let pointer = "/inputSchema";
    if schema.get("type").and_then(Value::as_str) != Some("object") {
        let message = "an input schema must say `type: object` at its root";
        found.push(Problem::new(&ROOT_NOT_OBJECT, pointer, message));
    }
    let all = subschemas(schema);
    let deepest = all.iter().map(|sub| sub.depth).max().unwrap_or_default();
    let message = if bytes > BYTES {
        format!("the schema has {bytes} bytes, at most {BYTES}")
    } else if all.len() > MOST_SUBSCHEMAS {
        format!("the schema has more than {MOST_SUBSCHEMAS} subschemas")
    } else if deepest > MOST_DEPTH {
        format!("the schema nests deeper than {MOST_DEPTH} levels")
    } else {
        String::new()
    };
    if !message.is_empty() {
        // It is not looked at any closer: that would take the time that this limit saves.
        found.push(Problem::new(&SCHEMA_TOO_LARGE, pointer, message));
        return;
    }
    let before = found.len();
    if dialect(schema).is_none() {
        // By which rules it would be read is not known, so nothing more is said.
        let message = "the dialect is neither draft-07 nor 2020-12";
        let pointer = format!("{pointer}/$schema");
        found.push(Problem::new(&UNSUPPORTED_DIALECT, &pointer, message));
        return;
    }
    if let Some((place, message)) = against_meta_schema(schema) {
        let pointer = format!("{pointer}{place}");
        found.push(Problem::new(&INVALID_SCHEMA, &pointer, message));
    }
    references(schema, &all, found);
    if found.len() == before {
        compiles(schema, &all, found);
    }
}

/// The dialects that are read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Dialect {
    Draft07,
    Draft202012,
}

/// The dialect that a schema says, 2020-12 without; none for any other.
fn dialect(schema: &Value) -> Option<Dialect> {
    let Some(declared) = schema.get("$schema") else {
        return Some(Dialect::Draft202012);
    };
    let declared = declared.as_str()?.trim_end_matches('#');
    let path = declared
        .strip_prefix("https://")
        .or(declared.strip_prefix("http://"))?;
    match path {
        "json-schema.org/draft-07/schema" => Some(Dialect::Draft07),
        "json-schema.org/draft/2020-12/schema" => Some(Dialect::Draft202012),
        _ => None,
    }
}

/// What is wrong with the output schema of a definition, if it has one.
pub(super) fn output(definition: &Value, found: &mut Vec<Problem>) {
    let Some(schema) = definition.get("outputSchema") else {
        return;
    };
    let pointer = "/outputSchema";
    let mut say = |place: &str, message: &str| {
        let pointer = format!("{pointer}{place}");
        found.push(Problem::new(&INVALID_OUTPUT_SCHEMA, &pointer, message));
    };
    let all = bailiwick_schema::subschemas(schema, pointer);
    let deepest = all.iter().map(|sub| sub.depth).max().unwrap_or_default();
    if all.len() > MOST_SUBSCHEMAS || deepest > MOST_DEPTH || schema.to_string().len() > BYTES {
        return say("", "it is larger or deeper than an input schema may be");
    }
    if schema.get("type").and_then(Value::as_str) != Some("object") {
        say("", "an output schema must say `type: object` at its root");
    }
    if dialect(schema).is_none() {
        return say("/$schema", "the dialect is neither draft-07 nor 2020-12");
    }
    if let Some((place, message)) = against_meta_schema(schema) {
        say(&place, message);
    }
    for (place, why) in broken_references(schema, &all) {
        let place = place.strip_prefix(pointer).unwrap_or_default();
        say(place, &why.1);
    }
}

/// Compiles a schema as the dispatch server does: what it would not load is refused here.
fn compiles(schema: &Value, all: &[Sub<'_>], found: &mut Vec<Problem>) {
    let pointer = "/inputSchema";
    let (check, place, message) = match Schema::compile(schema) {
        Ok(_) => return,
        Err(SchemaError::Compile(_)) => {
            let message = "the dispatch server cannot read the schema".to_owned();
            (&INVALID_SCHEMA, pointer, message)
        }
        Err(SchemaError::Cost(TooCostly::Pattern(pattern))) => {
            let message = "the pattern is too large, or needs an engine that is not linear-time";
            let place = all.iter().find_map(|sub| pattern_place(sub, &pattern));
            let place = place.unwrap_or_else(|| pointer.to_owned());
            found.push(Problem::new(&SCHEMA_TOO_LARGE, &place, message));
            return;
        }
        Err(SchemaError::Cost(TooCostly::Embedded)) => {
            let message = "a schema inside it has an `$id` or `$schema` of its own".to_owned();
            (&EXTERNAL_REF, pointer, message)
        }
        Err(SchemaError::Cost(why)) => (&SCHEMA_TOO_LARGE, pointer, why.to_string()),
    };
    found.push(Problem::new(check, place, message));
}

/// Where in `sub` the pattern stands.
fn pattern_place(sub: &Sub<'_>, pattern: &str) -> Option<String> {
    if sub.schema.get("pattern").and_then(Value::as_str) == Some(pattern) {
        return Some(format!("{}/pattern", sub.pointer));
    }
    sub.schema.get("patternProperties")?.get(pattern)?;
    let step = escape(pattern);
    Some(format!("{}/patternProperties/{step}", sub.pointer))
}

/// The first place where a schema breaks its meta-schema.
fn against_meta_schema(schema: &Value) -> Option<(String, &'static str)> {
    let (result, message) = if dialect(schema) == Some(Dialect::Draft07) {
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

/// The input schema and all inside it, but no more than can be told too many or too deep.
pub(super) fn subschemas(root: &Value) -> Vec<Sub<'_>> {
    bailiwick_schema::subschemas(root, "/inputSchema")
}

fn references(root: &Value, all: &[Sub<'_>], found: &mut Vec<Problem>) {
    for (place, (check, message)) in broken_references(root, all) {
        found.push(Problem::new(check, &place, message));
    }
}

type Broken = (String, (&'static Check, String));

/// The references that lead nowhere, each with its pointer and what is wrong.
fn broken_references(root: &Value, all: &[Sub<'_>]) -> Vec<Broken> {
    let mut broken = Vec::new();
    for sub in all {
        for name in ["$ref", "$dynamicRef"] {
            let Some(reference) = sub.schema.get(name).and_then(Value::as_str) else {
                continue;
            };
            let wrong = match resolve(root, all, reference) {
                Ok(_) => continue,
                Err(ReferenceError::Leaves) => {
                    let message = format!("`{name}` leaves the schema; nothing is ever fetched");
                    (&EXTERNAL_REF, message)
                }
                Err(ReferenceError::Nothing) => {
                    let message = format!("`{name}` points to nothing in this schema");
                    (&UNRESOLVED_REF, message)
                }
            };
            broken.push((format!("{}/{name}", sub.pointer), wrong));
        }
    }
    broken
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(schema: &Value) -> Vec<(&'static str, String)> {
        let mut found = Vec::new();
        super::schema(schema, schema.to_string().len(), &mut found);
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
        for good in ["#", "#/$defs/B", "#b", "#/$defs/c%20d"] {
            assert_eq!(with(good), [], "{good}");
        }
        // It would apply to a value because it applies to it.
        assert_eq!(with("#/properties/a")[0].0, "TOL007");
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
