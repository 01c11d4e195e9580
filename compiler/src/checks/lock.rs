//! LCK: the lock.

use crate::diagnostic::{Check, Level};

pub(crate) const NOT_LOCKED: Check = Check {
    code: "LCK001",
    name: "not-locked",
    summary: "a deployed server has no definition file of its revision and origin",
    level: Level::Error,
};
