//! From a bearer token to a [`Caller`]: the only way in.

mod caller;

pub use caller::{Caller, Pod};
