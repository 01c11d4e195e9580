//! Any text is taken as a catalog, through reader, grammar, lowering, resolution and checks, and what is said of it can
//! be shown.
#![no_main]

#[path = "../../tests/archive/mod.rs"]
mod archive;
#[path = "../../tests/sound/mod.rs"]
mod sound;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    sound::checked(&archive::files(bytes));
});
