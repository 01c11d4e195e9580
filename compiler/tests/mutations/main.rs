//! Mutated documents, by number: whatever one says, the compiler ends, and what it says can be shown.
//! Each run of the tests looks at the first of them, `make proofs` at ten million.

#![expect(
    clippy::disallowed_methods,
    reason = "a test reads its own files, and takes its time"
)]

#[cfg(test)]
#[path = "../archive/mod.rs"]
mod archive;
#[cfg(test)]
mod documents;
#[cfg(test)]
#[path = "../reader/invariants.rs"]
mod invariants;
#[cfg(test)]
#[path = "../mutate/mod.rs"]
mod mutate;
#[cfg(test)]
mod run;
#[cfg(test)]
#[path = "../sound/mod.rs"]
mod sound;
