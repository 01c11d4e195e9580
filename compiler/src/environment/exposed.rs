//! The names that agents see.

use crate::model::Tool;

/// Longest exposed name, characters.
pub(crate) const MAX_EXPOSED: usize = 64;

/// `<server>_<tool>` with `.` as `_`, or the name that `as` gives.
pub(crate) fn exposed_name(server: &str, tool: &Tool) -> String {
    match &tool.exposed {
        Some(exposed) => exposed.value.to_string(),
        None => format!("{server}_{}", tool.name.value.replace('.', "_")),
    }
}
