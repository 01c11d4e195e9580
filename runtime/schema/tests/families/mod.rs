//! The families of schemas that are known to be dear, by size.

use bailiwick_schema::work;
use serde_json::{Map, Value, json};

/// A family: its name, its schema of a size, and the values of 64 KiB that are the most work for it.
type Family = (&'static str, fn(usize) -> Value, fn() -> Vec<Value>);

/// Families that double with each step: a few steps are too many.
pub(crate) const EXPONENTIAL: &[Family] = &[
    (
        "two references to the next, in allOf",
        |n| bomb(n, "allOf", false),
        small,
    ),
    (
        "two references to the next, in anyOf",
        |n| bomb(n, "anyOf", false),
        small,
    ),
    (
        "two references to the next, in oneOf",
        |n| bomb(n, "oneOf", false),
        small,
    ),
    (
        "the same with unevaluatedProperties",
        |n| bomb(n, "allOf", true),
        small,
    ),
    (
        "the same in anyOf with unevaluatedProperties",
        |n| bomb(n, "anyOf", true),
        small,
    ),
    ("if, then and else that are the next", conditions, small),
    (
        "two references to the next, in a property",
        nested_references,
        small,
    ),
    (
        "alternatives that each go deeper into one property",
        recursive,
        deep,
    ),
    ("dependentSchemas on the next", dependent, small),
];

/// Families that grow with their size.
pub(crate) const GROWING: &[Family] = &[
    (
        "alternatives of an item",
        |n| of_item(json!({"anyOf": list(n, |i| json!({"minimum": 10 + i}))})),
        numbers,
    ),
    (
        "one alternative of an item",
        |n| of_item(json!({"oneOf": list(n, |i| json!({"minimum": 10 + i}))})),
        numbers,
    ),
    (
        "alternatives that are objects",
        |n| {
            of_item(
                json!({"anyOf": list(n, |i| json!({"type": "object", "required": [format!("p{i}")]}))}),
            )
        },
        objects,
    ),
    (
        "patterns of an item",
        |n| of_item(json!({"allOf": list(n, |i| json!({"pattern": format!("^[ab{i}]*$")}))})),
        texts,
    ),
    (
        "patterns of one text",
        |n| of_argument(json!({"allOf": list(n, |i| json!({"pattern": format!("^[ab{i}]*$")}))})),
        texts,
    ),
    (
        "the states of one pattern",
        |n| of_argument(json!({"pattern": format!("^(a|b)*a(a|b){{{n}}}$")})),
        texts,
    ),
    (
        "the states of a pattern that begins anywhere",
        |n| of_argument(json!({"pattern": format!("a[ab]{{{n}}}c")})),
        texts,
    ),
    (
        "letters of every script",
        |n| {
            of_argument(
                json!({"pattern": format!("^(\\p{{L}}|\\p{{N}})*\\p{{Lu}}(\\p{{L}}|\\p{{N}}){{{n}}}$")}),
            )
        },
        letters,
    ),
    (
        "an enum of objects",
        |n| of_item(json!({"enum": list(n, |i| json!({"x": i}))})),
        objects,
    ),
    (
        "an enum of several types",
        |n| {
            of_item(
                json!({"enum": list(n, |i| if i % 2 == 0 { json!(i) } else { json!(i.to_string()) })}),
            )
        },
        numbers,
    ),
    (
        "a dear division",
        |n| of_item(json!({"allOf": list(n, |_| json!({"multipleOf": 0.001}))})),
        numbers,
    ),
    ("uniqueItems around uniqueItems", unique, arrays),
    (
        "patternProperties",
        |n| {
            of_argument(
                json!({"patternProperties": list(n, |i| json!(i)).as_array().unwrap().iter().map(|i| (format!("^[a-z{i}]+$"), json!({}))).collect::<Map<_, _>>()}),
            )
        },
        members,
    ),
    (
        "propertyNames",
        |n| {
            of_argument(
                json!({"propertyNames": {"allOf": list(n, |i| json!({"pattern": format!("^[0-9a-f{i}]+$")}))}}),
            )
        },
        members,
    ),
    (
        "contains",
        |n| {
            of_argument(
                json!({"allOf": list(n, |i| json!({"contains": {"minimum": 10 + i}, "minContains": 0}))}),
            )
        },
        numbers,
    ),
    (
        "dependentRequired of an item",
        |n| {
            of_item(
                json!({"dependentRequired": list(n, |i| json!(i)).as_array().unwrap().iter().map(|i| (format!("p{i}"), json!(["q"]))).collect::<Map<_, _>>()}),
            )
        },
        objects,
    ),
    (
        "unevaluatedProperties behind alternatives",
        |n| {
            of_argument(
                json!({"anyOf": list(n, |i| json!({"patternProperties": {format!("^k{i}"): {}}})), "unevaluatedProperties": {"type": "integer"}}),
            )
        },
        members,
    ),
    (
        "unevaluatedItems behind alternatives",
        |n| {
            of_argument(
                json!({"anyOf": list(n, |i| json!({"prefixItems": [{"minimum": i}], "contains": {"minimum": i}})), "unevaluatedItems": {"type": "integer"}}),
            )
        },
        numbers,
    ),
    ("any JSON, with alternatives", |n| any_json(n), arrays),
];

/// Largest size that is tried.
const MOST: usize = 2_000;

/// The largest schema of each family that is accepted, with its values.
pub(crate) fn accepted() -> Vec<(&'static str, Value, Vec<Value>)> {
    let families = EXPONENTIAL.iter().chain(GROWING);
    families
        .filter_map(|(name, schema, values)| {
            let (mut accepted, mut refused) = (0, MOST);
            while refused - accepted > 1 {
                let middle = usize::midpoint(accepted, refused);
                if work(&schema(middle)).is_ok() {
                    accepted = middle;
                } else {
                    refused = middle;
                }
            }
            (accepted > 0).then(|| (*name, schema(accepted), values()))
        })
        .collect()
}

fn list(n: usize, item: impl Fn(usize) -> Value) -> Value {
    (0..n).map(item).collect::<Vec<_>>().into()
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "each is made where it is given away"
)]
fn of_argument(schema: Value) -> Value {
    json!({"type": "object", "properties": {"a": schema}})
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "each is made where it is given away"
)]
fn of_item(schema: Value) -> Value {
    of_argument(json!({"items": {"anyOf": [schema, {}]}}))
}

fn chain(n: usize, step: impl Fn(Value) -> Value) -> Value {
    let mut definitions = Map::new();
    for index in 0..n {
        let next = json!({"$ref": format!("#/$defs/d{}", index + 1)});
        definitions.insert(format!("d{index}"), step(next));
    }
    definitions.insert(format!("d{n}"), json!({"properties": {"a": {}}}));
    json!({"type": "object", "$defs": definitions, "$ref": "#/$defs/d0"})
}

fn bomb(n: usize, member: &str, unevaluated: bool) -> Value {
    chain(n, |next| {
        let mut step = json!({member: [next, {"required": ["zz"], "not": {}}, next]});
        if member == "allOf" {
            step = json!({member: [next, next]});
        }
        if unevaluated {
            step["unevaluatedProperties"] = json!(false);
        }
        step
    })
}

fn conditions(n: usize) -> Value {
    chain(n, |next| json!({"if": next, "then": next, "else": next}))
}

fn dependent(n: usize) -> Value {
    chain(
        n,
        |next| json!({"dependentSchemas": {"a": next, "b": next}, "allOf": [next]}),
    )
}

fn nested_references(n: usize) -> Value {
    chain(
        n,
        |next| json!({"properties": {"a": {"allOf": [next, next]}}}),
    )
}

/// Not accepted at any size from 2 on.
fn recursive(n: usize) -> Value {
    let again = |i| json!({"allOf": [{"$ref": "#/$defs/n"}, {"required": [format!("q{i}")]}]});
    json!({
        "type": "object",
        "$ref": "#/$defs/n",
        "$defs": {"n": {"type": "object", "properties": {"a": {"anyOf": list(n, again)}}}},
    })
}

fn unique(n: usize) -> Value {
    let mut schema = json!({});
    for _ in 0..n.min(24) {
        schema = json!({"uniqueItems": true, "items": schema});
    }
    of_argument(schema)
}

fn any_json(n: usize) -> Value {
    json!({
        "type": "object",
        "additionalProperties": {"$ref": "#/$defs/any"},
        "$defs": {"any": {"anyOf": [
            {"type": "array", "items": {"$ref": "#/$defs/any"}},
            {"type": "object", "additionalProperties": {"$ref": "#/$defs/any"}},
            {"enum": list(n, |i| json!(i))},
        ]}},
    })
}

const BYTES: usize = 65_000;

fn small() -> Vec<Value> {
    vec![json!({}), json!({"a": 1}), json!({"a": {}, "b": 1})]
}

fn deep() -> Vec<Value> {
    let mut value = json!({});
    for _ in 0..60 {
        value = json!({"a": value});
    }
    vec![value]
}

fn numbers() -> Vec<Value> {
    vec![
        json!({"a": vec![1; BYTES / 2]}),
        json!({"a": vec![0.5; BYTES / 4]}),
        json!({"a": vec!["9"; BYTES / 4]}),
    ]
}

fn objects() -> Vec<Value> {
    vec![
        json!({"a": vec![json!({}); BYTES / 3]}),
        json!({"a": vec![json!({"x": 1}); BYTES / 8]}),
    ]
}

fn arrays() -> Vec<Value> {
    let mut nested = json!(0);
    for _ in 0..6 {
        nested = json!(vec![nested; 4]);
    }
    // All alike but for the last: every comparison goes to the end.
    let alike = |last: usize| {
        let mut item = vec![0; BYTES / 30];
        item.push(last);
        item
    };
    let few: Vec<_> = (0..14).map(alike).collect();
    vec![
        json!({"a": few}),
        json!({"a": nested}),
        json!({"a": (0..BYTES / 6).collect::<Vec<_>>()}),
        json!({"a": vec![json!([]); BYTES / 3]}),
        json!({"a": vec![json!({"": 0}); BYTES / 8]}),
    ]
}

fn texts() -> Vec<Value> {
    let mut bits = 0x1234_5678_u32;
    let text: String = (0..BYTES)
        .map(|_| {
            bits ^= bits << 13;
            bits ^= bits >> 17;
            bits ^= bits << 5;
            if bits & 1 == 0 { 'a' } else { 'b' }
        })
        .collect();
    vec![
        json!({"a": text}),
        json!({"a": vec!["ab"; BYTES / 5]}),
        json!({"a": vec![""; BYTES / 3]}),
        json!({"a": "a".repeat(BYTES)}),
    ]
}

fn letters() -> Vec<Value> {
    let mut number = 7_u32;
    let text: String = (0..BYTES / 3)
        .map(|_| {
            number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let letters = [0x41, 0x61, 0xc4, 0x3b1, 0x410, 0x5d0, 0x4e00, 0xac00];
            let first = letters[usize::try_from(number >> 29).unwrap()];
            char::from_u32(first + (number >> 8) % 24).unwrap()
        })
        .collect();
    vec![json!({"a": text})]
}

fn members() -> Vec<Value> {
    let many = |bytes: usize| {
        (0..BYTES / bytes)
            .map(|i| (format!("{i:x}"), json!(1)))
            .collect::<Map<_, _>>()
    };
    let named = (0..BYTES / 10)
        .map(|i| (format!("k{i}"), json!(1)))
        .collect::<Map<_, _>>();
    let long = Map::from_iter([("a".repeat(BYTES), json!(1))]);
    vec![
        json!({"a": many(9)}),
        json!({"a": named}),
        json!({"a": long}),
    ]
}
