//! The checks, one group a file: a constant and a function per check.

pub(crate) mod lock;
pub(crate) mod names;
