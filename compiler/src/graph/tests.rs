//! The graph against random small universes, and what it says of single ones.

mod agreement;
mod deep;
mod oracle;
mod universe;
mod why;
