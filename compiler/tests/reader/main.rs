//! The KDL reader: its corpus, its agreement with the `kdl` crate, and hostile input.
//!
//! `tests/kdl/valid` has each production of the grammar of KDL v2, as `productions` lists them, and
//! `tests/kdl/broken` one kind of mistake a file. What the reader makes of them is in `snapshots/syntax`.

#[cfg(test)]
mod agreement;
#[cfg(test)]
mod corpus;
#[cfg(test)]
mod dump;
#[cfg(test)]
mod generate;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod invariants;
#[cfg(test)]
#[path = "../mutate/mod.rs"]
mod mutate;
#[cfg(test)]
mod mutations;
#[cfg(test)]
mod productions;
