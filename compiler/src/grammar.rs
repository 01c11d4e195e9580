//! The one table of the language, and the walker that holds a syntax tree against it.
//!
//! A node or property exists because it has a row in [`table`]; checking, typing, suggestions and the
//! reference page read the same row.

mod mentions;
mod messages;
mod reference;
mod row;

mod table;
mod types;
pub(crate) mod value;
mod walk;

pub(crate) use messages::with_help;
pub use reference::reference;
pub(crate) use row::Row;
pub(crate) use table::rows;
pub(crate) use types::words_of;
pub(crate) use value::Value;
pub(crate) use walk::{Item, walk};

/// The row of the node `name` below the node `parent`.
pub(crate) fn row(parent: &str, name: &str) -> Option<&'static Row> {
    rows().find(|row| row.name == name && row.under.contains(&parent))
}

#[cfg(test)]
mod tests;
