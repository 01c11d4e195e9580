//! A schema as a graph: which schemas hold one value together, and which hold the values inside it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::cost::TooCostly;
use crate::pattern::{self, Matching};
use crate::reference::resolve;
use crate::subschemas::{Key, MOST_SUBSCHEMAS, Sub, children, subschemas};

/// A schema and where it leads.
#[derive(Debug, Default)]
pub(crate) struct Node<'s> {
    /// Schemas that hold the same value.
    pub(crate) same: Vec<usize>,
    /// Of the members of an object, by name.
    pub(crate) named: BTreeMap<&'s str, usize>,
    /// Of members that `named` does not have.
    pub(crate) others: Vec<usize>,
    /// Of members whose name fits a pattern: any may.
    pub(crate) patterned: Vec<usize>,
    /// Of the names of members.
    pub(crate) names: Option<usize>,
    /// Of items, by place.
    pub(crate) placed: BTreeMap<usize, usize>,
    /// Of items at later places.
    pub(crate) later: Vec<usize>,
    /// Of items at every place.
    pub(crate) items: Vec<usize>,
    /// Whether the schemas that hold the same value are looked at once more, to see what they did not.
    pub(crate) looks_back: bool,
    /// What it takes.
    pub(crate) weight: Weight,
}

/// How much a schema takes; times are nanoseconds on the machine that the weights were measured on.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Weight {
    /// Schemas that are entered for each value.
    pub(crate) entered: u64,
    /// For each value, by its kind.
    pub(crate) value: [u64; KINDS],
    /// For each value that is directly inside.
    pub(crate) child: u64,
    /// For each value inside, at any depth.
    pub(crate) inside: u64,
    /// For a hundred bytes of a string.
    pub(crate) text: u64,
    /// For a hundred bytes of the name of a member.
    pub(crate) name: u64,
}

/// Kinds of values: a number (and what is as short), a text, an object, an array.
pub(crate) const KINDS: usize = 4;

/// Fewest bytes of each kind with the comma behind it.
pub(crate) const SHORTEST: [u64; KINDS] = [2, 3, 3, 3];

const NUMBER: usize = 0;
const TEXT: usize = 1;
const OBJECT: usize = 2;
const ARRAY: usize = 3;

/// Every schema is entered, and says what types it takes.
const ENTER: u64 = 4;
/// One more keyword.
const KEYWORD: u64 = 3;
/// A keyword that says nothing about this kind of value.
const PASS: u64 = 1;
/// Each value inside an object or array, for taking it out.
const TAKE: u64 = 5;
/// Each entry of an `enum` that is looked through, each name that is looked up.
const ENTRY: u64 = 4;
/// Each value inside an entry that is an object or array.
const PART: u64 = 10;
/// A division without remainder.
const DIVIDE: u64 = 120;
/// The same with a fraction: of very large and very small numbers.
const DIVIDE_FRACTION: u64 = 600;
/// Each value below a `uniqueItems`: it is hashed, or compared with those of 14 others.
const UNIQUE: u64 = 80;
/// To begin to read a text in a format.
const READ: u64 = 40;
/// Reading a hundred bytes of it.
const READ_TEXT: u64 = 400;
/// Counting a hundred bytes of characters.
const COUNT: u64 = 50;

/// Members that say nothing about values.
const NOTES: [&str; 14] = [
    "$anchor",
    "$comment",
    "$defs",
    "$id",
    "$schema",
    "default",
    "definitions",
    "deprecated",
    "description",
    "examples",
    "readOnly",
    "title",
    "writeOnly",
    "x-mcp-header",
];

/// The graph; the root is the first node.
pub(crate) fn of(root: &Value) -> Result<Vec<Node<'_>>, TooCostly> {
    let all = subschemas(root, "");
    if all.iter().skip(1).any(|sub| is_embedded(sub.schema)) {
        return Err(TooCostly::Embedded);
    }
    let mut builder = Builder {
        root,
        all: &all,
        places: BTreeMap::new(),
        found: Vec::new(),
    };
    builder.place(root);
    let mut nodes = Vec::new();
    while let Some(schema) = builder.found.get(nodes.len()).copied() {
        if nodes.len() > MOST_SUBSCHEMAS {
            return Err(TooCostly::Large);
        }
        nodes.push(builder.node(schema)?);
    }
    Ok(nodes)
}

/// Whether a schema inside another stands for itself, so that references below it are relative to it. An `$id` that only
/// names a place (draft-07) does not.
fn is_embedded(schema: &Value) -> bool {
    let id = schema.get("$id").and_then(Value::as_str);
    id.is_some_and(|id| !id.starts_with('#')) || schema.get("$schema").is_some_and(Value::is_string)
}

struct Builder<'s, 'a> {
    root: &'s Value,
    all: &'a [Sub<'s>],
    /// Places of schemas in `found`, by their address.
    places: BTreeMap<usize, usize>,
    found: Vec<&'s Value>,
}

impl<'s> Builder<'s, '_> {
    fn place(&mut self, schema: &'s Value) -> usize {
        let next = self.found.len();
        let place = *self
            .places
            .entry(std::ptr::from_ref(schema).addr())
            .or_insert(next);
        if place == next {
            self.found.push(schema);
        }
        place
    }

    fn node(&mut self, schema: &'s Value) -> Result<Node<'s>, TooCostly> {
        let mut node = Node::default();
        let Some(members) = schema.as_object() else {
            node.weight.entered = 1;
            node.weight.value = [ENTER; KINDS];
            return Ok(node);
        };
        for (member, key, inside) in children(schema) {
            let place = self.place(inside);
            match (member, key) {
                ("properties", Key::Name(name)) => {
                    node.named.insert(name, place);
                }
                ("patternProperties", _) => node.patterned.push(place),
                ("additionalProperties" | "unevaluatedProperties", _) => node.others.push(place),
                ("propertyNames", _) => node.names = Some(place),
                ("prefixItems" | "items", Key::Index(index)) => {
                    node.placed.insert(index, place);
                }
                ("additionalItems" | "unevaluatedItems", _) => node.later.push(place),
                ("items", _) if schema.get("prefixItems").is_some() => node.later.push(place),
                ("items" | "contains", _) => node.items.push(place),
                ("$defs" | "definitions" | "contentSchema", _) => {}
                _ => node.same.push(place),
            }
        }
        for member in ["$ref", "$dynamicRef"] {
            if let Some(reference) = members.get(member).and_then(Value::as_str) {
                let found = resolve(self.root, self.all, reference);
                let found = found.map_err(|_| TooCostly::Reference)?;
                node.same.push(self.place(found));
            }
        }
        let looks_back = |member: &&str| members.contains_key(*member);
        node.looks_back = ["unevaluatedProperties", "unevaluatedItems"]
            .iter()
            .any(looks_back);
        node.weight = weight(members)?;
        Ok(node)
    }
}

fn weight(members: &Map<String, Value>) -> Result<Weight, TooCostly> {
    let mut weight = Weight {
        entered: 1,
        value: [ENTER; KINDS],
        child: TAKE,
        ..Weight::default()
    };
    for (member, value) in members {
        if NOTES.contains(&member.as_str()) {
            continue;
        }
        let mut once = KEYWORD.saturating_add(once(member, value));
        match (member.as_str(), value) {
            ("minLength" | "maxLength", _) => weight.text += COUNT,
            ("uniqueItems", Value::Bool(true)) => weight.inside += UNIQUE,
            ("pattern", Value::String(pattern)) => {
                let matching = matching(pattern)?;
                once = once.saturating_add(matching.once);
                weight.text += matching.text;
            }
            ("patternProperties", Value::Object(patterns)) => {
                for pattern in patterns.keys() {
                    let matching = matching(pattern)?;
                    weight.child += matching.once;
                    weight.name += matching.text;
                }
            }
            // Base64 or JSON: read once.
            ("contentEncoding" | "contentMediaType" | "format", _) => weight.text += READ_TEXT,
            _ => {}
        }
        let kinds = kinds(member);
        for (kind, sum) in weight.value.iter_mut().enumerate() {
            *sum = sum.saturating_add(if kinds.contains(&kind) { once } else { PASS });
        }
    }
    Ok(weight)
}

/// What a keyword takes for each value that it says something about, beyond being looked at; of a pattern, nothing: that
/// is measured.
fn once(member: &str, value: &Value) -> u64 {
    match (member, value) {
        ("enum", Value::Array(entries)) => entries_cost(entries),
        ("const", _) => PART * size(value),
        ("multipleOf", number) if number.is_f64() => DIVIDE_FRACTION,
        ("multipleOf", _) => DIVIDE,
        ("required", Value::Array(names)) => ENTRY * count(names.len()),
        ("dependentRequired" | "dependencies" | "dependentSchemas", Value::Object(names)) => {
            let each = |names: &Value| 1 + names.as_array().map_or(0, Vec::len);
            ENTRY * count(names.values().map(each).sum())
        }
        ("contentEncoding" | "contentMediaType" | "format", _) => READ,
        _ => 0,
    }
}

/// The kinds of values that a keyword says something about.
fn kinds(member: &str) -> &'static [usize] {
    match member {
        "exclusiveMaximum" | "exclusiveMinimum" | "maximum" | "minimum" | "multipleOf" => &[NUMBER],
        "contentEncoding" | "contentMediaType" | "maxLength" | "minLength" | "pattern" => &[TEXT],
        "format" => &[NUMBER, TEXT],
        "additionalProperties"
        | "dependencies"
        | "dependentRequired"
        | "dependentSchemas"
        | "maxProperties"
        | "minProperties"
        | "patternProperties"
        | "properties"
        | "propertyNames"
        | "required"
        | "unevaluatedProperties" => &[OBJECT],
        "additionalItems" | "contains" | "items" | "maxContains" | "maxItems" | "minContains"
        | "minItems" | "prefixItems" | "unevaluatedItems" | "uniqueItems" => &[ARRAY],
        _ => &[NUMBER, TEXT, OBJECT, ARRAY],
    }
}

fn matching(pattern: &str) -> Result<Matching, TooCostly> {
    pattern::matching(pattern).ok_or_else(|| TooCostly::Pattern(pattern.to_owned()))
}

/// Texts alone are looked up; anything else is looked through.
fn entries_cost(entries: &[Value]) -> u64 {
    if entries.iter().all(Value::is_string) {
        return 2 * ENTRY;
    }
    let parts = entries
        .iter()
        .filter(|entry| entry.is_object() || entry.is_array());
    ENTRY * count(entries.len()) + PART * parts.map(size).sum::<u64>()
}

/// Values in `value`, itself included.
pub(crate) fn size(value: &Value) -> u64 {
    match value {
        Value::Array(items) => 1 + items.iter().map(size).sum::<u64>(),
        Value::Object(members) => 1 + members.values().map(size).sum::<u64>(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 1,
    }
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
