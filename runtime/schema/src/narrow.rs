//! A schema of which less is left: what a caller sees when its arguments are narrowed.
//!
//! The narrowed schema accepts exactly the arguments that fit the schema when fixed ones are put in, and that keep all
//! narrowings. A narrowed argument must be sent: what is left out, the server would choose.

use std::cmp::Ordering;

use serde_json::{Map, Value, json};

use crate::arguments::{Fixed, argument};
use crate::subschemas::subschemas;

/// What narrows one argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Narrow {
    /// Names of nested properties, outermost first.
    pub path: Vec<String>,
    /// What its value must be: `type`, `enum`, `pattern`, `minimum`, `maximum`, `maxLength`.
    pub demand: Map<String, Value>,
}

/// Why a schema cannot be narrowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NarrowError {
    /// There is no such argument.
    #[error("there is no such argument")]
    NoArgument,
    /// Another part of the schema refers to a place that would change.
    #[error("its schema refers to itself outside of `$defs`, so no argument can be narrowed alone")]
    Shared,
    /// What the argument stands in says more than its properties.
    #[error("its object has `{0}` beside `properties`, so it cannot be taken out")]
    Entangled(String),
    /// The object may have no member less.
    #[error("its object may not be without it")]
    Full,
}

/// `schema` with all of `narrows`, without the `fixed`.
pub fn narrow(schema: &Value, narrows: &[Narrow], fixed: &[Fixed]) -> Result<Value, NarrowError> {
    let references = subschemas(schema, "");
    let references = references
        .iter()
        .flat_map(|sub| ["$ref", "$dynamicRef"].map(|member| sub.schema.get(member)))
        .flatten()
        .filter_map(Value::as_str);
    for reference in references {
        let into_definitions = ["#/$defs/", "#/definitions/"]
            .iter()
            .any(|start| reference.starts_with(start));
        if !into_definitions {
            return Err(NarrowError::Shared);
        }
    }
    let mut narrowed = schema.clone();
    for one in narrows {
        argument(schema, &one.path).map_err(|_| NarrowError::NoArgument)?;
        demand(&mut narrowed, &one.path, &one.demand);
    }
    for one in fixed {
        argument(schema, &one.path).map_err(|_| NarrowError::NoArgument)?;
        take_out(schema, &mut narrowed, &one.path)?;
    }
    Ok(narrowed)
}

/// Demands something of the argument at `path`, and that it is there.
fn demand(schema: &mut Value, path: &[String], what: &Map<String, Value>) {
    let Some((name, rest)) = path.split_first() else {
        add(schema, what);
        return;
    };
    let is_plain = schema.get("$ref").is_none();
    let property = schema
        .get_mut("properties")
        .and_then(|properties| properties.get_mut(name));
    if let Some(property) = property.filter(|_| is_plain) {
        demand(property, rest, what);
        need(schema, name);
        return;
    }
    let overlay = path.iter().rev().fold(
        Value::Object(what.clone()),
        |inside, name| json!({"type": "object", "properties": {name: inside}, "required": [name]}),
    );
    wrap(schema, overlay);
}

/// Demands that `schema` is an object with the member `name`.
fn need(schema: &mut Value, name: &str) {
    add(
        schema,
        &Map::from_iter([("type".to_owned(), json!("object"))]),
    );
    let Some(members) = schema.as_object_mut() else {
        return;
    };
    let required = members.entry("required").or_insert_with(|| json!([]));
    if let Some(names) = required.as_array_mut()
        && !names.iter().any(|other| other.as_str() == Some(name))
    {
        names.push(json!(name));
    }
}

/// Demands both `schema` and `more`.
fn wrap(schema: &mut Value, more: Value) {
    let own = schema.get_mut("allOf").and_then(Value::as_array_mut);
    if let Some(all) = own {
        all.push(more);
        return;
    }
    match schema.as_object_mut() {
        Some(members) if !members.contains_key("$ref") => {
            members.insert("allOf".to_owned(), Value::Array(vec![more]));
        }
        _ => *schema = json!({"allOf": [schema.take(), more]}),
    }
}

/// Adds demands to a schema, in its own words where it has none of its own.
fn add(schema: &mut Value, what: &Map<String, Value>) {
    let mut left = Map::new();
    match schema.as_object_mut() {
        Some(members) if !members.contains_key("$ref") => {
            for (member, value) in what {
                let joined = match members.get(member) {
                    None => Some(value.clone()),
                    Some(own) => join(member, own, value),
                };
                match joined {
                    Some(joined) => drop(members.insert(member.clone(), joined)),
                    None => drop(left.insert(member.clone(), value.clone())),
                }
            }
        }
        _ => left.clone_from(what),
    }
    if !left.is_empty() {
        wrap(schema, Value::Object(left));
    }
}

/// One value of a keyword that says what both say; none when there is none.
fn join(member: &str, own: &Value, more: &Value) -> Option<Value> {
    // Equal as floating point, two numbers can still differ: the validator sees both.
    let stricter = |stricter: Ordering| match own.as_f64()?.partial_cmp(&more.as_f64()?)? {
        Ordering::Equal => None,
        order if order == stricter => Some(own.clone()),
        Ordering::Less | Ordering::Greater => Some(more.clone()),
    };
    match member {
        "type" => join_types(own, more),
        "minimum" => stricter(Ordering::Greater),
        "maximum" | "maxLength" => stricter(Ordering::Less),
        "enum" => {
            let more = more.as_array()?;
            let both = own.as_array()?.iter().filter(|own| more.contains(own));
            let both: Vec<Value> = both.cloned().collect();
            // Numbers that are the same and written differently are left to the validator.
            (both.len() == more.len()).then_some(Value::Array(both))
        }
        _ => (own == more).then(|| own.clone()),
    }
}

fn join_types(own: &Value, more: &Value) -> Option<Value> {
    let list = |value: &Value| -> Option<Vec<String>> {
        match value {
            Value::String(one) => Some(vec![one.clone()]),
            Value::Array(many) => many
                .iter()
                .map(|one| Some(one.as_str()?.to_owned()))
                .collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => None,
        }
    };
    let (own, more) = (list(own)?, list(more)?);
    let narrower = |one: &String, other: &String| {
        (one == other || one == "integer" && other == "number").then(|| one.clone())
    };
    let mut both: Vec<String> = own
        .iter()
        .flat_map(|one| more.iter().map(move |other| (one, other)))
        .filter_map(|(one, other)| narrower(one, other).or_else(|| narrower(other, one)))
        .collect();
    both.sort_unstable();
    both.dedup();
    match both.as_slice() {
        [] => None,
        [one] => Some(json!(one)),
        _ => Some(json!(both)),
    }
}

/// Members of an object's schema beside which an argument can be taken out.
const SIMPLE: [&str; 18] = [
    "$comment",
    "$defs",
    "$id",
    "$schema",
    "additionalProperties",
    "default",
    "definitions",
    "deprecated",
    "description",
    "examples",
    "maxProperties",
    "minProperties",
    "not",
    "properties",
    "readOnly",
    "required",
    "title",
    "type",
];

/// Takes the argument at `path` out: it may not be sent, and what it stands in must be.
fn take_out(root: &Value, schema: &mut Value, path: &[String]) -> Result<(), NarrowError> {
    let Some((name, rest)) = path.split_first() else {
        return Ok(());
    };
    open(root, schema)?;
    let Some(members) = schema.as_object_mut() else {
        return Err(NarrowError::NoArgument);
    };
    let is_simple = |member: &&String| {
        SIMPLE.contains(&member.as_str()) && (*member != "not" || is_ours(members))
    };
    if let Some(other) = members.keys().find(|member| !is_simple(member)) {
        return Err(NarrowError::Entangled(other.clone()));
    }
    let properties = members.get_mut("properties").and_then(Value::as_object_mut);
    let properties = properties.ok_or(NarrowError::NoArgument)?;
    if !rest.is_empty() {
        let property = properties.get_mut(name).ok_or(NarrowError::NoArgument)?;
        take_out(root, property, rest)?;
        need(schema, name);
        return Ok(());
    }
    properties.remove(name);
    let own = members.get("type").cloned();
    let joined = own.map_or_else(
        || Some(json!("object")),
        |own| join_types(&own, &json!("object")),
    );
    let joined = joined.ok_or_else(|| NarrowError::Entangled("type".to_owned()))?;
    members.insert("type".to_owned(), joined);
    if let Some(required) = members.get_mut("required").and_then(Value::as_array_mut) {
        required.retain(|other| other.as_str() != Some(name));
    }
    for member in ["minProperties", "maxProperties"] {
        let Some(count) = members.get_mut(member) else {
            continue;
        };
        let less = count.as_u64().and_then(|count| count.checked_sub(1));
        match less {
            Some(less) => *count = json!(less),
            None if member == "maxProperties" => return Err(NarrowError::Full),
            None => {}
        }
    }
    if members.get("additionalProperties") != Some(&Value::Bool(false)) {
        let absent = json!({"required": [name]});
        match members.get_mut("not").and_then(|not| not.get_mut("anyOf")) {
            Some(Value::Array(all)) => all.push(absent),
            _ => drop(members.insert("not".to_owned(), json!({"anyOf": [absent]}))),
        }
    }
    Ok(())
}

/// Whether `not` says only what [`take_out`] says.
fn is_ours(members: &Map<String, Value>) -> bool {
    let any = members.get("not").and_then(|not| not.get("anyOf"));
    let is_absence = |one: &Value| {
        one.as_object()
            .is_some_and(|one| one.keys().eq(["required"]))
    };
    any.and_then(Value::as_array)
        .is_some_and(|any| any.iter().all(is_absence))
}

/// Puts the target of a reference in the place of the reference, so that it can be changed there alone.
fn open(root: &Value, schema: &mut Value) -> Result<(), NarrowError> {
    let all = subschemas(root, "");
    for _ in 0..all.len() {
        let Some(reference) = schema.get("$ref").and_then(Value::as_str) else {
            return Ok(());
        };
        let beside = schema.as_object().into_iter().flat_map(Map::keys);
        let notes = ["$ref", "description", "title", "default", "$comment"];
        if let Some(other) = beside
            .into_iter()
            .find(|member| !notes.contains(&member.as_str()))
        {
            return Err(NarrowError::Entangled(other.clone()));
        }
        let target = crate::reference::resolve(root, &all, reference);
        *schema = target.map_err(|_| NarrowError::NoArgument)?.clone();
    }
    Ok(())
}
