//! The bound holds: what is accepted enters no more schemas than the bound says, counted in the validator itself; and
//! what doubles with each step is refused.

#![cfg(test)]

mod counting;
mod families;
mod hostile;

use std::borrow::Cow;

use bailiwick_schema::{LONGEST_VALUE, MOST_WORK, Schema, work};
use counting::{Counting, ENTERED};
use serde_json::{Value, json};

#[test]
fn what_is_accepted_enters_no_more_schemas_than_its_bound() {
    let (mut accepted, mut most) = (0, 0);
    for seed in 0..600 {
        let mut dice = hostile::Dice::new(seed);
        let schema = hostile::schema(&mut dice);
        let Ok(work) = work(&schema) else { continue };
        accepted += 1;
        let counting = Counting::new(&schema).unwrap();
        for _ in 0..3 {
            let bytes = usize::try_from(LONGEST_VALUE).unwrap();
            let value = hostile::value(&mut dice, bytes);
            if u64::try_from(value.to_string().len()).unwrap() > LONGEST_VALUE {
                continue;
            }
            let entered = counting.entered(&value);
            assert!(
                entered * ENTERED <= work.longest,
                "seed {seed}: {entered} entered, bound {} for {schema}",
                work.longest
            );
            most = most.max(entered);
        }
    }
    // Else the values would not be where the schemas look.
    assert!(
        accepted > 150 && most > 8_000,
        "{accepted} accepted, {most} entered"
    );
}

#[test]
fn the_largest_of_each_family_enters_no_more_schemas_than_its_bound() {
    let mut most = 0;
    for (name, schema, values) in families::accepted() {
        let bound = work(&schema).unwrap().longest;
        assert!(bound <= MOST_WORK);
        let counting = Counting::new(&schema).unwrap();
        for value in values {
            let entered = counting.entered(&value);
            assert!(
                entered * ENTERED <= bound,
                "{name}: {entered} entered, bound {bound}"
            );
            most = most.max(entered);
        }
    }
    assert!(most > 100_000, "{most}");
}

#[test]
fn what_doubles_with_each_step_is_refused() {
    for (name, schema, _) in families::EXPONENTIAL {
        for size in (14..=30).chain([64, 200]) {
            let schema = schema(size);
            assert!(work(&schema).is_err(), "{name} of {size}");
            assert!(Schema::compile(&schema).is_err(), "{name} of {size}");
        }
    }
}

#[test]
fn the_counter_sees_what_doubles() {
    let (_, schema, _) = families::EXPONENTIAL.first().unwrap();
    let entered = |size| {
        let counting = Counting::new(&schema(size)).unwrap();
        counting.entered(&json!({}))
    };
    assert!(entered(10) > 1_000 && entered(11) >= 2 * entered(10) - 4);
}

#[test]
fn a_circle_that_goes_nowhere_is_refused() {
    for schema in [
        json!({"$ref": "#"}),
        json!({"allOf": [{"$ref": "#"}]}),
        json!({"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"not": {"$ref": "#/$defs/a"}}}}),
    ] {
        assert_eq!(
            work(&schema),
            Err(bailiwick_schema::TooCostly::Circle),
            "{schema}"
        );
    }
    // One that goes into the value ends where the value ends.
    let tree = json!({"type": "object", "properties": {"children": {"items": {"$ref": "#"}}}});
    assert!(work(&tree).is_ok());
}

#[test]
fn references_are_followed_as_the_validator_follows_them() {
    let bomb = |reference: &str, place: Value| {
        let mut schema =
            json!({"type": "object", "properties": {"a": {"items": {"$ref": reference}}}});
        schema
            .as_object_mut()
            .unwrap()
            .extend(place.as_object().unwrap().clone());
        work(&schema).is_err()
    };
    let dear = || json!({"allOf": vec![json!({"multipleOf": 0.01}); 40]});
    // Controls: the same places without anything dear in them are accepted.
    for (reference, place) in [
        ("#/$defs/x", json!({"$defs": {"x": dear()}})),
        ("#/$defs/x%20y", json!({"$defs": {"x y": dear()}})),
        ("#/$defs/x~1y", json!({"$defs": {"x/y": dear()}})),
        (
            "#x",
            json!({"$defs": {"q": {"$anchor": "x", "allOf": [dear()]}}}),
        ),
        ("#/x-else/0", json!({"x-else": [dear()]})),
        (
            "https://a.example/s#/$defs/x",
            json!({"$id": "https://a.example/s", "$defs": {"x": dear()}}),
        ),
    ] {
        assert!(bomb(reference, place), "{reference}");
    }
    for (reference, place) in [
        ("#/$defs/x", json!({"$defs": {"x": {}}})),
        ("#/x-else/0", json!({"x-else": [{}]})),
        ("#", json!({})),
    ] {
        assert!(!bomb(reference, place), "{reference}");
    }
}

#[test]
fn references_that_readers_read_in_different_ways_are_refused() {
    for (reference, place) in [
        ("other", json!({"$defs": {"x": {"$id": "other"}}})),
        (
            "#/$defs/x%2Fy",
            json!({"$defs": {"x/y": {}, "x": {"y": {}}}}),
        ),
        ("#/$defs/%7E0", json!({"$defs": {"~": {}}})),
        ("#/$defs/%zz", json!({"$defs": {"%zz": {}}})),
        (
            "#x",
            json!({"$defs": {"a": {"$anchor": "x"}, "b": {"$anchor": "x"}}}),
        ),
        ("file:///etc/hostname", json!({})),
        ("//a.example/x", json!({})),
        ("?x#", json!({})),
    ] {
        let mut schema = json!({"type": "object", "properties": {"a": {"$ref": reference}}});
        schema
            .as_object_mut()
            .unwrap()
            .extend(place.as_object().unwrap().clone());
        assert!(Schema::compile(&schema).is_err(), "{reference}");
    }
}

#[test]
fn an_embedded_schema_of_its_own_is_refused() {
    let schema = json!({"type": "object", "properties": {"a": {"$id": "https://a.example/x", "$ref": "#/$defs/y", "$defs": {"y": {}}}}, "$defs": {"y": {}}});
    assert!(Schema::compile(&schema).is_err());
    let dialect = json!({"type": "object", "properties": {"a": {"$schema": "http://json-schema.org/draft-04/schema#"}}});
    assert!(Schema::compile(&dialect).is_err());
}

#[test]
fn patterns_that_are_not_linear_or_explode_are_refused() {
    let of = |pattern: &str| {
        let schema: Cow<'_, Value> = Cow::Owned(json!({"properties": {"a": {"pattern": pattern}}}));
        work(&schema)
    };
    for bad in [
        "(?=a)b",
        "(a)\\1",
        "^(a|b)*a(a|b){100}$",
        "(a{50}){50}",
        "(a|b)*a(a|b){30}c",
        "[",
    ] {
        assert!(of(bad).is_err(), "{bad}");
    }
    for good in [
        "^[A-Za-z0-9_-]{1,64}$",
        "^(a|b)*a(a|b){4}$",
        "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
        "^\\p{L}+$",
        "^((25[0-5]|2[0-4][0-9]|[0-9])\\.){3}(25[0-5]|[0-9])\\/([0-9]|3[0-2])$",
        "^a(a|b){100}$",
        "^.{1,500}$",
        "^[^\\s@]+@[^\\s@]+$",
        "https?://",
    ] {
        assert!(of(good).is_ok(), "{good}: {:?}", of(good));
    }
}
