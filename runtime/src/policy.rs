//! Whether a caller may call a tool: what its table does not hold does not exist.

use std::sync::Arc;

use crate::config::Snapshot;
use crate::identity::Caller;
use crate::refusal::Refusal;
use crate::view::{Day, Entry};

/// Evidence that a caller may call a tool. Only [`decide`] makes one.
///
/// ```compile_fail,E0451
/// # use bailiwick_runtime::policy::Permit;
/// fn forge(permit: Permit) -> Permit {
///     Permit { ..permit }
/// }
/// ```
/// The same without the private fields compiles:
/// ```
/// # use bailiwick_runtime::policy::Permit;
/// fn pass(permit: Permit) -> Permit {
///     permit
/// }
/// ```
#[derive(Debug)]
#[must_use]
pub struct Permit {
    caller: Arc<Caller>,
    entry: Arc<Entry>,
}

/// Looks up whether `caller` may call the tool that it names `tool` on `today`. Unknown, hidden
/// and not granted are one answer.
pub fn decide(
    snapshot: &Snapshot,
    caller: &Arc<Caller>,
    tool: &str,
    today: Day,
) -> Result<Permit, Refusal> {
    let entry = snapshot
        .view(caller.agent())
        .and_then(|view| view.find(tool, today))
        .ok_or_else(|| Refusal::unknown(tool))?;
    Ok(Permit {
        caller: Arc::clone(caller),
        entry: Arc::clone(entry),
    })
}

impl Permit {
    /// Who may call.
    pub(crate) fn caller(&self) -> &Caller {
        &self.caller
    }

    /// What may be called.
    pub(crate) fn entry(&self) -> &Arc<Entry> {
        &self.entry
    }
}
