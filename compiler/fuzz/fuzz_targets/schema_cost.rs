//! A schema of any text makes no more work than its bound says, which the validator itself counts; and the bound is found
//! in a bounded time.

#![no_main]

use bailiwick_schema::{LONGEST_VALUE, work};
use libfuzzer_sys::fuzz_target;

#[path = "../../../runtime/schema/tests/counting/mod.rs"]
mod counting;
#[path = "../../../runtime/schema/tests/hostile/mod.rs"]
mod hostile;

fuzz_target!(|data: &[u8]| {
    let seed = data.iter().fold(7_u64, |seed, byte| seed.wrapping_mul(31).wrapping_add(u64::from(*byte)));
    let mut dice = hostile::Dice::new(seed);
    // What is no JSON is the seed of a schema.
    let schema = serde_json::from_slice(data).unwrap_or_else(|_| hostile::schema(&mut dice));
    let Ok(bound) = work(&schema) else { return };
    let Some(counting) = counting::Counting::new(&schema) else {
        return;
    };
    let value = hostile::value(&mut dice, 16 * 1024);
    let length = u64::try_from(value.to_string().len()).unwrap_or(u64::MAX);
    let entered = counting.entered(&value);
    assert!(
        length > LONGEST_VALUE || entered * counting::ENTERED <= bound.longest,
        "{entered} entered, bound {bound:?}: {schema}"
    );
});
