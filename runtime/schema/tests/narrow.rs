//! Proves that an allowed call and a valid call are the same thing.

#![cfg(test)]

use bailiwick_schema::{Fixed, Narrow, Schema, argument, narrow, splice, splice_text};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        (-2..5_i64).prop_map(Value::from),
        prop_oneof![Just(0.5), Just(1.0), Just(2.5)].prop_map(Value::from),
        "[ab]{0,3}".prop_map(Value::from),
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
    ]
}

/// What a property is declared to be.
fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!({})),
        Just(json!(true)),
        Just(json!({"type": "string"})),
        Just(json!({"type": "string", "maxLength": 2, "pattern": "a"})),
        Just(json!({"type": ["integer", "null"], "minimum": 0})),
        Just(json!({"type": "number", "maximum": 3, "description": "how many"})),
        Just(json!({"enum": ["a", "ab", 1, 1.0, 2]})),
        Just(json!({"anyOf": [{"type": "string"}, {"type": "number", "minimum": 1}]})),
        Just(json!({"allOf": [{"not": {"const": "b"}}]})),
        Just(json!({"$ref": "#/$defs/leaf"})),
    ]
}

fn container(property: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    let more = prop_oneof![
        3 => Just(json!({})),
        1 => Just(json!({"additionalProperties": false})),
        1 => Just(json!({"minProperties": 2})),
        1 => Just(json!({"maxProperties": 2})),
        1 => Just(json!({"additionalProperties": {"type": "string"}})),
        1 => Just(json!({"anyOf": [{"required": ["a"]}, {"required": ["b"]}]})),
        1 => Just(json!({"patternProperties": {"^a": {"type": "string"}}})),
    ];
    let names = proptest::sample::subsequence(vec!["a", "b", "c"], 0..=2);
    (property, leaf(), more, names).prop_map(|(a, b, more, required)| {
        let mut schema =
            json!({"type": "object", "properties": {"a": a, "b": b}, "required": required});
        schema
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        schema
    })
}

fn schema() -> impl Strategy<Value = Value> {
    let inner = prop_oneof![
        leaf(),
        container(leaf()),
        Just(json!({"$ref": "#/$defs/box"})),
        Just(json!({"properties": {"a": {"type": ["string", "number"]}}})),
    ];
    (container(inner), container(leaf()), any::<bool>()).prop_map(|(mut schema, boxed, old)| {
        schema["$defs"] = json!({"leaf": {"type": ["number", "string"]}, "box": boxed});
        if old {
            schema["$schema"] = json!("http://json-schema.org/draft-07/schema#");
        }
        schema
    })
}

fn path() -> impl Strategy<Value = Vec<String>> {
    prop_oneof![
        Just(vec!["a".to_owned()]),
        Just(vec!["b".to_owned()]),
        Just(vec!["a".to_owned(), "a".to_owned()]),
        Just(vec!["a".to_owned(), "b".to_owned()]),
    ]
}

fn one_narrow() -> impl Strategy<Value = Narrow> {
    let demand = prop_oneof![
        Just(json!({"type": "number", "minimum": 1})),
        Just(json!({"type": "number", "minimum": 0, "maximum": 2})),
        Just(json!({"type": "string", "maxLength": 1})),
        Just(json!({"type": "string", "pattern": "^(?:a+)$"})),
        proptest::collection::vec(scalar(), 1..4).prop_map(|values| json!({"enum": values})),
    ];
    (path(), demand).prop_map(|(path, demand)| Narrow {
        path,
        demand: demand.as_object().unwrap().clone(),
    })
}

fn value() -> impl Strategy<Value = Map<String, Value>> {
    let object = |inner: BoxedStrategy<Value>| {
        proptest::collection::btree_map("[abc]", inner, 0..4)
            .prop_map(|members| Value::Object(members.into_iter().collect()))
    };
    let inner = prop_oneof![2 => scalar(), 1 => object(scalar().boxed())];
    object(inner.boxed()).prop_map(|value| value.as_object().unwrap().clone())
}

/// Whether a narrowing holds, in the plainest way.
fn holds(arguments: &Map<String, Value>, one: &Narrow) -> bool {
    let mut here = &Value::Object(arguments.clone());
    for name in &one.path {
        let Some(next) = here.get(name) else {
            return false;
        };
        here = next;
    }
    let demand = Value::Object(one.demand.clone());
    Schema::compile(&demand).unwrap().is_valid(here)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, max_global_rejects: 100_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_allowed_call_and_a_valid_call_are_the_same(
        schema in schema(),
        narrows in proptest::collection::vec(one_narrow(), 0..3),
        fixed in proptest::collection::vec((path(), scalar()), 0..3),
        values in proptest::collection::vec(value(), 12),
    ) {
        let mut fixed: Vec<Fixed> = fixed
            .into_iter()
            .map(|(path, value)| Fixed { path, value })
            .collect();
        fixed.sort_by(|one, other| one.path.cmp(&other.path));
        // The compiler refuses what these leave out: two values for one place, narrowing what is fixed.
        fixed.dedup_by(|one, other| one.path == other.path);
        let apart = |one: &[String], other: &[String]| {
            !one.starts_with(other) && !other.starts_with(one)
        };
        prop_assume!(fixed.windows(2).all(|two| apart(&two[0].path, &two[1].path)));
        prop_assume!(narrows.iter().all(|one| fixed.iter().all(|other| apart(&one.path, &other.path))));
        let whole = Schema::compile(&schema).unwrap();
        for one in &fixed {
            // A value that its own schema does not take is refused by the compiler.
            let Ok(own) = argument(&schema, &one.path) else { continue };
            let own = bailiwick_schema::standalone(&schema, own);
            prop_assume!(Schema::compile(&own).unwrap().is_valid(&one.value));
        }
        let Ok(narrowed) = narrow(&schema, &narrows, &fixed) else { return Ok(()) };
        let seen = Schema::compile(&narrowed).unwrap();
        for value in values {
            let valid = seen.is_valid(&Value::Object(value.clone()));
            let mut spliced = value.clone();
            let fits = splice(&mut spliced, &fixed);
            let allowed = fits
                && whole.is_valid(&Value::Object(spliced.clone()))
                && narrows.iter().all(|one| holds(&value, one));
            prop_assert_eq!(
                valid, allowed,
                "schema {}\nnarrowed {}\nnarrows {:?}\nfixed {:?}\nvalue {:?}",
                &schema, &narrowed, &narrows, &fixed, &value
            );
            if fits {
                let text = splice_text(&Value::Object(value).to_string(), &fixed).unwrap();
                let read: Map<String, Value> = serde_json::from_str(&text).unwrap();
                prop_assert_eq!(read, spliced);
            }
        }
    }
}

#[test]
fn the_rest_of_a_text_stays_as_it_is() {
    let fixed = |path: &[&str], value: Value| Fixed {
        path: path.iter().map(|name| (*name).to_owned()).collect(),
        value,
    };
    let all = [fixed(&["o"], json!("acme")), fixed(&["f", "p\""], json!(7))];
    assert_eq!(
        splice_text(r#" { "f" : { } , "n":1.50e3}"#, &all).unwrap(),
        r#" {"o":"acme", "f" : {"p\"":7 } , "n":1.50e3}"#
    );
    assert_eq!(splice_text("{}", &all[..1]).unwrap(), r#"{"o":"acme"}"#);
    assert_eq!(splice_text("{}", &all), None);
}

#[test]
fn what_the_caller_sees_reads_like_a_schema_of_its_own() {
    let schema = json!({
        "type": "object",
        "properties": {
            "owner": {"type": "string"},
            "amount": {"type": "number", "minimum": 0, "description": "how much"},
            "currency": {"type": "string", "enum": ["EUR", "USD", "GBP"]},
        },
        "required": ["owner", "amount"],
        "additionalProperties": false,
    });
    let narrows = [
        Narrow {
            path: vec!["amount".into()],
            demand: json!({"type": "number", "minimum": 1, "maximum": 500})
                .as_object()
                .unwrap()
                .clone(),
        },
        Narrow {
            path: vec!["currency".into()],
            demand: json!({"enum": ["EUR", "USD"]}).as_object().unwrap().clone(),
        },
    ];
    let fixed = [Fixed {
        path: vec!["owner".into()],
        value: json!("acme"),
    }];
    assert_eq!(
        narrow(&schema, &narrows, &fixed).unwrap(),
        json!({
            "type": "object",
            "properties": {
                "amount": {"type": "number", "minimum": 1, "maximum": 500, "description": "how much"},
                "currency": {"type": "string", "enum": ["EUR", "USD"]},
            },
            "required": ["amount", "currency"],
            "additionalProperties": false,
        })
    );
}
