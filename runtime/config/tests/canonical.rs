//! The canonical form is that of the canonicalizer, whichever way it was made.

#![cfg(test)]

use bailiwick_config::canonical_json;
use proptest::prelude::*;
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn both_ways_give_the_same_bytes(value in values()) {
        let expected = serde_json_canonicalizer::to_vec(&value).unwrap();
        prop_assert_eq!(canonical_json(&value).unwrap(), expected);
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
