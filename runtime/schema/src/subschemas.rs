//! The schemas inside a schema, by the members that hold them.

use serde_json::Value;

/// Deepest nesting of subschemas.
pub const MOST_DEPTH: usize = 32;

/// Most subschemas.
pub const MOST_SUBSCHEMAS: usize = 1_000;

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
#[derive(Clone, Debug)]
pub struct Sub<'s> {
    /// The schema, an object.
    pub schema: &'s Value,
    /// Where it stands, a JSON pointer that begins as the root's.
    pub pointer: String,
    /// Schemas around it and itself; the root has 1.
    pub depth: usize,
}

/// The schema at `pointer` and all inside it, but no more than can be told too many or too deep.
pub fn subschemas<'s>(root: &'s Value, pointer: &str) -> Vec<Sub<'s>> {
    let mut all = Vec::new();
    let mut left = vec![Sub {
        schema: root,
        pointer: pointer.to_owned(),
        depth: 1,
    }];
    while let Some(sub) = left.pop() {
        if all.len() > MOST_SUBSCHEMAS {
            break;
        }
        if sub.depth <= MOST_DEPTH {
            for (member, key, schema) in children(sub.schema) {
                let step = match key {
                    Key::None => String::new(),
                    Key::Name(name) => format!("/{}", escape(name)),
                    Key::Index(index) => format!("/{index}"),
                };
                left.push(Sub {
                    schema,
                    pointer: format!("{}/{member}{step}", sub.pointer),
                    depth: sub.depth + 1,
                });
            }
        }
        all.push(sub);
    }
    all
}

/// Where in a member a schema stands.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Key<'s> {
    /// It is the member.
    None,
    /// Under a name.
    Name(&'s str),
    /// At a place in a list.
    Index(usize),
}

/// The schemas directly inside `schema` that are objects, each with the member that holds it.
pub(crate) fn children(schema: &Value) -> impl Iterator<Item = (&str, Key<'_>, &Value)> {
    let members = schema.as_object().into_iter().flatten();
    members.flat_map(|(member, value)| {
        let member = member.as_str();
        let mut found = Vec::new();
        match value {
            Value::Object(inner) if NAMED.contains(&member) => {
                found.extend(
                    inner
                        .iter()
                        .map(|(name, schema)| (member, Key::Name(name), schema)),
                );
            }
            Value::Array(items) if LIST.contains(&member) => {
                let items = items.iter().enumerate();
                found.extend(items.map(|(index, schema)| (member, Key::Index(index), schema)));
            }
            Value::Object(_) if ONE.contains(&member) => found.push((member, Key::None, value)),
            Value::Object(_)
            | Value::Array(_)
            | Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_) => {}
        }
        found
            .into_iter()
            .filter(|(_, _, schema)| schema.is_object())
    })
}

/// A member's name as a step of a JSON pointer.
pub fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
