//! What both readers accept they read alike; what only one accepts is in the list of differences.
#![no_main]

#[path = "../../tests/reader/agreement.rs"]
mod agreement;
#[path = "../../tests/reader/invariants.rs"]
mod invariants;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Err(why) = agreement::compare(text) {
        panic!("{why}\n{text:?}");
    }
});
