//! LIM: limits and time.

use super::error;
use crate::diagnostic::Check;

pub(crate) const NOT_POSITIVE: Check =
    error("LIM002", "not-positive", "a limit must be at least 1");
