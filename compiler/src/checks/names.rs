//! NAM: names, references, authority.

use crate::diagnostic::{Check, Level};

pub(crate) const UNKNOWN_REFERENCE: Check = Check {
    code: "NAM003",
    name: "unknown-reference",
    summary: "a name refers to nothing that is declared",
    level: Level::Error,
};
