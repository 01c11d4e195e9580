//! Any bytes are read as a definition file and as a recorded list of tools; what is accepted survives being written.
#![no_main]

#[path = "../../tests/definitions/mod.rs"]
mod definitions;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    definitions::check_bytes(bytes);
});
