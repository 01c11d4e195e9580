//! Where an argument stands in a schema, and arguments whose value is fixed.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::reference::resolve;
use crate::subschemas::subschemas;

/// An argument that has one value, which the caller neither sees nor sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixed {
    /// Names of nested properties, outermost first.
    pub path: Vec<String>,
    /// Its value.
    pub value: Value,
}

/// No property of that name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoArgument {
    /// How many names of the path were found.
    pub found: usize,
    /// The names that are there instead.
    pub known: Vec<String>,
}

/// The schema of the argument at `path`: along `properties`, through references.
pub fn argument<'s>(root: &'s Value, path: &[String]) -> Result<&'s Value, NoArgument> {
    let all = subschemas(root, "");
    let mut here = root;
    for (found, name) in path.iter().enumerate() {
        // A reference that leads to one is followed too; a circle has as many as there are subschemas.
        for _ in 0..all.len() {
            let reference = here.get("$ref").and_then(Value::as_str);
            let target = reference.and_then(|text| resolve(root, &all, text).ok());
            match target {
                Some(target) if here.get("properties").is_none() => here = target,
                _ => break,
            }
        }
        let properties = here.get("properties").and_then(Value::as_object);
        let next = properties.and_then(|properties| properties.get(name));
        here = next.ok_or_else(|| NoArgument {
            found,
            known: properties
                .into_iter()
                .flat_map(|properties| properties.keys().cloned())
                .collect(),
        })?;
    }
    Ok(here)
}

/// The schema at `path` for itself: with what its references point to.
pub fn standalone(root: &Value, schema: &Value) -> Value {
    let mut whole = Map::new();
    for member in ["$schema", "$defs", "definitions"] {
        if let Some(value) = root.get(member) {
            whole.insert(member.to_owned(), value.clone());
        }
    }
    whole.insert("allOf".to_owned(), Value::Array(vec![schema.clone()]));
    Value::Object(whole)
}

/// Puts fixed arguments into those that were sent. False when something that they stand in is not there, or they are
/// there already.
pub fn splice(arguments: &mut Map<String, Value>, fixed: &[Fixed]) -> bool {
    fixed.iter().all(|fixed| {
        let Some((last, parents)) = fixed.path.split_last() else {
            return false;
        };
        let mut here = &mut *arguments;
        for parent in parents {
            let Some(Value::Object(inside)) = here.get_mut(parent) else {
                return false;
            };
            here = inside;
        }
        here.insert(last.clone(), fixed.value.clone()).is_none()
    })
}

/// The same in the text of the arguments, which stays as it is otherwise; none when they do not fit in.
pub fn splice_text(arguments: &str, fixed: &[Fixed]) -> Option<String> {
    let mut text = arguments.to_owned();
    for fixed in fixed {
        let (last, parents) = fixed.path.split_last()?;
        let mut here = text.as_str();
        for parent in parents {
            let members: BTreeMap<String, &RawValue> = serde_json::from_str(here).ok()?;
            here = members.get(parent)?.get();
        }
        // `here` is a slice of `text`, so the difference of their addresses is an offset in it.
        let start = here.as_ptr().addr() - text.as_ptr().addr();
        let open = start + here.find('{')? + 1;
        let (before, after) = text.split_at_checked(open)?;
        let comma = if after.trim_start().starts_with('}') {
            ""
        } else {
            ","
        };
        let name = Value::from(last.as_str());
        text = format!("{before}{name}:{}{comma}{after}", fixed.value);
    }
    Some(text)
}
