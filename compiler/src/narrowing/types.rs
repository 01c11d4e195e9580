//! Which types a schema takes, as far as it says so.

use std::collections::BTreeSet;

use serde_json::Value;

/// Deepest schemas inside each other that are asked.
const DEEPEST: usize = 32;

/// The types that `schema` takes; none when it does not say. References are resolved in `root`.
pub(super) fn of(root: &Value, schema: &Value, depth: usize) -> Option<BTreeSet<String>> {
    if depth > DEEPEST {
        return None;
    }
    let deeper = |schema: &Value| of(root, schema, depth + 1);
    let written = match schema.get("type") {
        Some(Value::String(one)) => Some(BTreeSet::from([one.clone()])),
        Some(Value::Array(many)) => {
            let many = many.iter().filter_map(Value::as_str).map(str::to_owned);
            Some(many.collect())
        }
        _ => None,
    };
    if written.is_some() {
        return written;
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        return Some(values.iter().map(|value| name(value).to_owned()).collect());
    }
    if let Some(value) = schema.get("const") {
        return Some(BTreeSet::from([name(value).to_owned()]));
    }
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        let all = bailiwick_schema::subschemas(root, "");
        return deeper(bailiwick_schema::resolve(root, &all, reference).ok()?);
    }
    for member in ["anyOf", "oneOf"] {
        if let Some(ways) = schema.get(member).and_then(Value::as_array) {
            let types: Option<Vec<BTreeSet<String>>> = ways.iter().map(deeper).collect();
            return types.map(|types| types.into_iter().flatten().collect());
        }
    }
    let all = schema.get("allOf").and_then(Value::as_array);
    all.and_then(|all| all.iter().find_map(deeper))
}

/// Whether a schema with these types takes a value of the type `name`.
pub(super) fn takes(types: Option<&BTreeSet<String>>, name: &str) -> bool {
    types.is_none_or(|types| {
        types.contains(name)
            || name == "integer" && types.contains("number")
            || name == "number" && types.contains("integer")
    })
}

/// The name of the type of `value`.
pub(super) fn name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
