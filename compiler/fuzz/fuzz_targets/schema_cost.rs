//! A schema of any text makes no more work than its bound says, which the validator itself counts; and the bound is found
//! in a bounded time.

#![no_main]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bailiwick_schema::{LONGEST_VALUE, work};
use jsonschema::{Keyword, PatternOptions, ValidationError};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

#[path = "../../../runtime/schema/tests/hostile/mod.rs"]
mod hostile;

/// Fewest nanoseconds that the bound counts for a schema that is entered.
const ENTERED: u64 = 4;

struct Counter(Arc<AtomicU64>);

impl<'i> Keyword<'i> for Counter {
    fn validate(&self, _: &'i Value) -> Result<(), ValidationError<'i>> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    fn is_valid(&self, _: &'i Value) -> bool {
        self.0.fetch_add(1, Ordering::Relaxed);
        true
    }
}

fn count(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            for (name, inside) in members.iter_mut() {
                if !["enum", "const", "required", "dependentRequired"].contains(&name.as_str()) {
                    count(inside);
                }
            }
            members.insert("x-entered".into(), true.into());
        }
        Value::Array(items) => items.iter_mut().for_each(count),
        _ => {}
    }
}

fuzz_target!(|data: &[u8]| {
    let seed = data.iter().fold(7_u64, |seed, byte| seed.wrapping_mul(31) + u64::from(*byte));
    let mut dice = hostile::Dice::new(seed);
    // What is no JSON is the seed of a schema.
    let schema = serde_json::from_slice(data).unwrap_or_else(|_| hostile::schema(&mut dice));
    let Ok(bound) = work(&schema) else { return };
    let entered = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&entered);
    let mut counted = schema.clone();
    count(&mut counted);
    let validator = jsonschema::options()
        .offline()
        .with_pattern_options(PatternOptions::regex())
        .with_keyword("x-entered", move |_, _, _| {
            Ok(Box::new(Counter(Arc::clone(&counter))))
        })
        .build(&counted);
    let Ok(validator) = validator else { return };
    let value = hostile::value(&mut dice, 16 * 1024);
    let length = u64::try_from(value.to_string().len()).unwrap_or(u64::MAX);
    std::hint::black_box(validator.is_valid(&value));
    let entered = entered.load(Ordering::Relaxed);
    assert!(
        length > LONGEST_VALUE || entered * ENTERED <= bound.longest,
        "{entered} entered, bound {bound:?}: {schema}"
    );
});
