//! The canonical form is that of the canonicalizer, whichever way it was made.

#![cfg(test)]

use bailiwick_config::{Config, Digest, canonical_json, indented, indented_length};
use proptest::prelude::*;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

fn values() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        "[ -~]{0,12}",
        any::<String>(),
        "[\u{0}-\u{1f}\u{7f}\"\\\\/\u{2028}]{0,6}"
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-9_i64..10).prop_map(Value::from),
        (-1e9_f64..1e9).prop_map(Value::from),
        text.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(text.clone(), inner, 0..6).prop_map(Value::from_iter),
        ]
    })
}

/// A value whose members are written in the reverse of their order, as fields of a type may be.
struct Reversed<'v>(&'v Value);

impl Serialize for Reversed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Array(items) => serializer.collect_seq(items.iter().map(Reversed)),
            Value::Object(members) => {
                let members = members.iter().rev();
                serializer.collect_map(members.map(|(name, value)| (name, Reversed(value))))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                self.0.serialize(serializer)
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn both_ways_give_the_same_bytes(value in values()) {
        let expected = serde_json_canonicalizer::to_vec(&value).unwrap();
        prop_assert_eq!(&canonical_json(&value).unwrap(), &expected);
        prop_assert_eq!(canonical_json(&Reversed(&value)).unwrap(), expected);
    }

    #[test]
    fn the_layout_of_any_value_is_that_of_serde_json(value in values()) {
        let pretty = serde_json::to_string_pretty(&value).unwrap();
        prop_assert_eq!(indented(&value.to_string(), usize::MAX), pretty + "\n");
        for levels in [0, 2, usize::MAX] {
            let length = indented_length(&value.to_string(), levels);
            prop_assert_eq!(length, indented(&value.to_string(), levels).len());
        }
    }
}

#[test]
fn numbers_and_names_are_written_as_ecmascript_does() {
    let value =
        json!({ "\u{e000}": 1, "\u{1f600}": 2.0, "b": 1e21, "a": [9_007_199_254_740_993_u64] });
    let text = String::from_utf8(canonical_json(&value).unwrap()).unwrap();
    assert_eq!(
        text,
        "{\"a\":[9007199254740992],\"b\":1e+21,\"\u{1f600}\":2,\"\u{e000}\":1}"
    );
}

#[test]
fn a_digest_is_that_of_the_canonical_form_without_the_digest() {
    let file = json!({
        "version": 1,
        "digest": Digest::of(b""),
        "catalog": "acme", "environment": "prod",
        "endpoint": { "url": "https://tools.acme.example/mcp" },
        "issuers": { "b": {
            "kind": "oidc", "url": "https://b.example", "audience": "é", "maxAge": 60,
            "jwks": { "from": "inline", "keys": { "keys": [{ "weight": 1.50 }] } },
        } },
        "agents": {}, "servers": {},
    });
    let plain = |file: &Value| {
        let mut file = file.clone();
        file.as_object_mut().unwrap().remove("digest");
        Digest::of(&serde_json_canonicalizer::to_vec(&file).unwrap())
    };
    let digest = |file: &Value| {
        let config: Config = serde_json::from_value(file.clone()).unwrap();
        config.computed_digest().unwrap()
    };
    assert_eq!(digest(&file), plain(&file));
    let mut without_a_fraction = file;
    without_a_fraction["issuers"] = json!({});
    assert_eq!(digest(&without_a_fraction), plain(&without_a_fraction));
}

#[test]
fn many_levels_are_refused_not_an_overflow() {
    let json = "[".repeat(100_000) + &"]".repeat(100_000);
    let raw = serde_json::value::RawValue::from_string(json).unwrap();
    assert!(canonical_json(&raw).is_err());
}
