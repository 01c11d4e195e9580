//! The table: every node and property of the language.

mod access;
mod environment;
mod server;
mod settings;
mod top;

use super::row::Row;

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const KIB: u64 = 1_024;
const MIB: u64 = 1_024 * KIB;
const GIB: u64 = 1_024 * MIB;
const TIB: u64 = 1_024 * GIB;

/// Most words in lists whose length the language does not say.
const MANY: usize = 1_000;

/// All rows, in the order of the reference page.
pub(crate) fn rows() -> impl Iterator<Item = &'static Row> {
    [
        top::ROWS,
        environment::ROWS,
        server::ROWS,
        access::ROWS,
        settings::ROWS,
    ]
    .into_iter()
    .flatten()
}

/// Nodes, properties and words that are designed and not available yet: writing one gets an answer
/// better than "unknown".
const LATER: &[&str] = &[
    "admission",
    "gateway",
    "oauth",
    "prompt",
    "resource",
    "secrets",
    "slo",
];

/// Whether a word belongs to a part of the language that is not available yet.
pub(crate) fn later(word: &str) -> bool {
    LATER.contains(&word)
}
