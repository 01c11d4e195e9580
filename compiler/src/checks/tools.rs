//! TOL: tools and their definitions.

use super::error;
use crate::diagnostic::Check;

pub(crate) const BAD_TOOL_NAME: Check = error(
    "TOL016",
    "bad-tool-name",
    "tool names are 1 to 128 of A-Z a-z 0-9 _ - .",
);
