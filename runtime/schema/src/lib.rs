//! Input schemas of tools: how much work one may make, and the validator that dispatch uses.
//!
//! The compiler refuses a schema by the same bound by which dispatch does not load it, and both hold values against
//! schemas with the same validator: what one says about a schema is what the other does with it.

mod arguments;
mod compiled;
mod cost;
mod explore;
mod graph;
mod narrow;
mod pattern;
mod reference;
mod subschemas;

pub use arguments::{Fixed, NoArgument, argument, splice, splice_text, standalone};
pub use compiled::{Schema, SchemaError};
pub use cost::{LONGEST_VALUE, MOST_WORK, TooCostly, Work, work};
pub use narrow::{Narrow, NarrowError, narrow};
pub use pattern::{PatternError, check_whole, whole};
pub use reference::{ReferenceError, resolve};
pub use subschemas::{MOST_DEPTH, MOST_SUBSCHEMAS, Sub, escape, subschemas};
