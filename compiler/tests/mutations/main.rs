//! Mutated documents, by number: whatever one says, the compiler ends, and what it says can be shown.
//!
//! `docs/fuzzing.md` has the command of the long run.

#![expect(
    clippy::disallowed_methods,
    clippy::string_slice,
    reason = "a test reads its own files, takes its time, and cuts texts at borders that it looked for"
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
mod mutate;
#[cfg(test)]
#[path = "../reader/random.rs"]
mod random;
#[cfg(test)]
mod run;
#[cfg(test)]
#[path = "../sound/mod.rs"]
mod sound;
