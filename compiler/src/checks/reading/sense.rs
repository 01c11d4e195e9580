//! TOL: whether an input schema makes sense. It is valid, and yet its author cannot have meant it.

use bailiwick_schema::{Schema, Sub, standalone};
use serde_json::Value;

use crate::checks::definitions::{Problem, shown};
use crate::checks::schemas::subschemas;
use crate::checks::warning;
use crate::diagnostic::Check;

pub(crate) const REQUIRED_MISSING: Check = warning(
    "TOL011",
    "required-missing",
    "`required` names what is not a property",
);
pub(crate) const CONTRADICTORY_SCHEMA: Check = warning(
    "TOL012",
    "contradictory-schema",
    "no value can satisfy a part of an input schema",
);
pub(crate) const DEFAULT_VIOLATES_SCHEMA: Check = warning(
    "TOL024",
    "default-violates-schema",
    "a default is not valid for its own schema",
);

/// Most parts of one schema whose values are held against it: each compiles a schema.
const COMPILED: usize = 200;

/// What makes no sense in an input schema that is valid.
pub(super) fn sense(definition: &Value, found: &mut Vec<Problem>) {
    let Some(schema) = definition.get("inputSchema") else {
        return;
    };
    // What is wrong with one that does not compile is said by other checks.
    if Schema::compile(schema).is_err() {
        return;
    }
    let all = subschemas(schema);
    for sub in &all {
        required_missing(sub, found);
        bounds(sub, found);
    }
    let has_values = |sub: &&Sub<'_>| {
        let members = ["const", "default", "enum"];
        members.iter().any(|name| sub.schema.get(name).is_some())
    };
    for sub in all.iter().filter(has_values).take(COMPILED) {
        values(schema, sub, found);
    }
}

/// Members beside which a property can be declared elsewhere.
const ELSEWHERE: [&str; 8] = [
    "$dynamicRef",
    "$ref",
    "allOf",
    "anyOf",
    "if",
    "oneOf",
    "patternProperties",
    "dependentSchemas",
];

fn required_missing(sub: &Sub<'_>, found: &mut Vec<Problem>) {
    let properties = sub.schema.get("properties").and_then(Value::as_object);
    let required = sub.schema.get("required").and_then(Value::as_array);
    let (Some(properties), Some(required)) = (properties, required) else {
        return;
    };
    if ELSEWHERE
        .iter()
        .any(|member| sub.schema.get(member).is_some())
    {
        return;
    }
    let names = required.iter().enumerate();
    let missing = names.filter_map(|(index, name)| {
        let name = name.as_str()?;
        (!properties.contains_key(name)).then_some((index, name))
    });
    let is_closed = sub.schema.get("additionalProperties") == Some(&Value::Bool(false));
    for (index, name) in missing {
        let pointer = format!("{}/required/{index}", sub.pointer);
        let name = shown(name);
        let (check, message) = if is_closed {
            let message =
                format!("no object can have `{name}`, which is required and not a property");
            (&CONTRADICTORY_SCHEMA, message)
        } else {
            let message = format!("`required` names `{name}`, which is not a property");
            (&REQUIRED_MISSING, message)
        };
        found.push(Problem::new(check, &pointer, message));
    }
}

/// Pairs of members of which the first may not be more than the second, and what they are about.
const BOUNDS: [(&str, &str, &str); 7] = [
    ("minimum", "maximum", "number"),
    ("exclusiveMinimum", "maximum", "number"),
    ("minimum", "exclusiveMaximum", "number"),
    ("exclusiveMinimum", "exclusiveMaximum", "number"),
    ("minLength", "maxLength", "text"),
    ("minItems", "maxItems", "list"),
    ("minProperties", "maxProperties", "object"),
];

fn bounds(sub: &Sub<'_>, found: &mut Vec<Problem>) {
    let number = |member: &str| sub.schema.get(member).and_then(Value::as_f64);
    for (least, most, what) in BOUNDS {
        let (Some(low), Some(high)) = (number(least), number(most)) else {
            continue;
        };
        let is_exclusive = least.starts_with("exclusive") || most.starts_with("exclusive");
        if low > high || is_exclusive && low >= high {
            let pointer = format!("{}/{least}", sub.pointer);
            let message = format!("no {what} can satisfy both `{least}` {low} and `{most}` {high}");
            found.push(Problem::new(&CONTRADICTORY_SCHEMA, &pointer, message));
        }
    }
}

/// Holds the values that a part of the schema names against that part. One that cannot be compiled alone
/// refuses nothing.
fn values(root: &Value, sub: &Sub<'_>, found: &mut Vec<Problem>) {
    let Ok(schema) = Schema::compile(&standalone(root, sub.schema)) else {
        return;
    };
    let listed = sub.schema.get("enum").and_then(Value::as_array);
    let listed = listed.map(|values| ("enum", values.as_slice()));
    let only = sub.schema.get("const");
    let only = only.map(|value| ("const", std::slice::from_ref(value)));
    for (member, values) in listed.into_iter().chain(only) {
        if !values.iter().any(|value| schema.is_valid(value)) {
            let pointer = format!("{}/{member}", sub.pointer);
            let message =
                format!("no value of this `{member}` is valid for the rest of its schema");
            found.push(Problem::new(&CONTRADICTORY_SCHEMA, &pointer, message));
        }
    }
    let default = sub.schema.get("default");
    if default.is_some_and(|default| !schema.is_valid(default)) {
        let pointer = format!("{}/default", sub.pointer);
        let message = "the default is not valid for its own schema";
        found.push(Problem::new(&DEFAULT_VIOLATES_SCHEMA, &pointer, message));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(schema: &Value) -> Vec<(&'static str, String)> {
        let mut found = Vec::new();
        sense(&json!({ "inputSchema": schema }), &mut found);
        let one = |problem: Problem| (problem.check.code, problem.pointer);
        found.into_iter().map(one).collect()
    }

    fn of(property: &Value) -> Vec<(&'static str, String)> {
        found(&json!({"type": "object", "properties": {"a": property}}))
    }

    fn at(code: &'static str, place: &str) -> Vec<(&'static str, String)> {
        vec![(code, format!("/inputSchema/properties/a/{place}"))]
    }

    #[test]
    fn what_is_required_is_a_property_somewhere() {
        let object = |more: Value| {
            let mut schema = json!({"properties": {"x": {}}, "required": ["x", "id"]});
            schema
                .as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            of(&schema)
        };
        assert_eq!(object(json!({})), at("TOL011", "required/1"));
        let closed = json!({"additionalProperties": false});
        assert_eq!(object(closed), at("TOL012", "required/1"));
        assert_eq!(object(json!({"patternProperties": {"^i": {}}})), []);
        assert_eq!(of(&json!({"required": ["id"]})), []);
    }

    #[test]
    fn bounds_leave_a_value() {
        assert_eq!(
            of(&json!({"minimum": 5, "maximum": 3})),
            at("TOL012", "minimum")
        );
        assert_eq!(
            of(&json!({"exclusiveMinimum": 3, "maximum": 3})),
            at("TOL012", "exclusiveMinimum")
        );
        assert_eq!(
            of(&json!({"minLength": 2, "maxLength": 1})),
            at("TOL012", "minLength")
        );
        assert_eq!(of(&json!({"minimum": 3, "maximum": 3})), []);
    }

    #[test]
    fn listed_values_are_valid() {
        let wrong = json!({"type": "string", "enum": [1, 2]});
        assert_eq!(of(&wrong), at("TOL012", "enum"));
        assert_eq!(
            of(&json!({"type": "string", "const": null})),
            at("TOL012", "const")
        );
        assert_eq!(of(&json!({"type": "string", "enum": [1, "a"]})), []);
    }

    #[test]
    fn defaults_are_valid() {
        let wrong = json!({"type": "integer", "default": "x"});
        assert_eq!(of(&wrong), at("TOL024", "default"));
        assert_eq!(of(&json!({"type": "integer", "default": 1})), []);
        let schema = json!({
            "type": "object",
            "$defs": {"n": {"type": "integer"}},
            "properties": {"a": {"$ref": "#/$defs/n", "default": "x"}},
        });
        assert_eq!(found(&schema), at("TOL024", "default"));
    }
}
