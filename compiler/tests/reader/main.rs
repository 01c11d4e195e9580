//! The KDL reader: its corpus, its agreement with the `kdl` crate, and hostile input.
//!
//! `tests/kdl/valid` has each production of the grammar of KDL v2, `tests/kdl/broken` one kind of
//! mistake a file. What the reader makes of them is in `snapshots/syntax`.

mod agreement;
mod corpus;
mod dump;
mod generate;
mod hostile;
mod invariants;
mod mutate;
mod random;
