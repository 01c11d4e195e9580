//! Any bytes are read without a panic, and every span in the tree is what it claims to be.
#![no_main]

#[path = "../../tests/reader/invariants.rs"]
mod invariants;

use bailiwick_compiler::diagnostic::terminal::{self, Colour};
use bailiwick_compiler::source::Sources;
use bailiwick_compiler::syntax::decode;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let (mut sources, mut found) = (Sources::default(), Vec::new());
    let Some(file) = decode("org.kdl".into(), bytes.to_vec(), &mut sources, &mut found) else {
        return;
    };
    let text = sources.get(file).map(|file| file.text.clone()).unwrap_or_default();
    let (_, mistakes) = invariants::checked_read(&text);
    for finding in found.iter().chain(&mistakes).take(20) {
        let shown = terminal::render(finding, &sources, Colour::Never);
        assert!(!shown.contains(|c: char| c.is_control() && c != '\n'));
    }
});
