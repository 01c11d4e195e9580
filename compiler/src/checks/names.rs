//! NAM: names, references and authority.

use super::error;
use crate::diagnostic::Check;

pub(crate) const DUPLICATE_NAME: Check = error(
    "NAM001",
    "duplicate-name",
    "two things of one kind have one name",
);
pub(crate) const BAD_NAME: Check = error(
    "NAM002",
    "bad-name",
    "names are lower-case letters, digits and single dashes",
);
pub(crate) const UNKNOWN_REFERENCE: Check = error(
    "NAM003",
    "unknown-reference",
    "nothing of this kind has this name",
);
pub(crate) const UNKNOWN_TOOL: Check =
    error("NAM004", "unknown-tool", "the server declares no such tool");
pub(crate) const EMPTY_PATTERN: Check = error(
    "NAM005",
    "empty-pattern",
    "a pattern matches no declared tool",
);
pub(crate) const NOT_VISIBLE: Check = error(
    "NAM006",
    "not-visible",
    "a grant gives what its agent's team may not use",
);
pub(crate) const OUTSIDE_AUTHORITY: Check = error(
    "NAM013",
    "outside-authority",
    "a team's file touches what is not the team's",
);
