//! The calls in flight: who made them, so that they can be cancelled, and the tasks they run in,
//! so that stopping can wait for them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;
use serde_json::value::RawValue;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::edge::Message;
use crate::identity::Caller;

/// A caller's own name for a call: its identity, its pod, the request's id.
type Name = (Arc<str>, Arc<str>, Option<Arc<str>>, String);

/// All calls in flight.
#[derive(Clone, Debug, Default)]
pub(crate) struct Calls {
    by_name: Arc<Mutex<BTreeMap<Name, Vec<CancellationToken>>>>,
    /// The tasks that the calls run in.
    pub(crate) tasks: TaskTracker,
    /// Cancels all of them.
    pub(crate) stopping: CancellationToken,
}

/// A call's place among those in flight, given up when it is dropped.
#[derive(Debug)]
pub(crate) struct InFlight {
    calls: Calls,
    name: Option<Name>,
    /// Fires when the call is to end.
    pub(crate) cancel: CancellationToken,
}

impl Calls {
    /// Adds a call.
    pub(crate) fn enter(&self, caller: &Caller, message: &Message) -> InFlight {
        let cancel = self.stopping.child_token();
        let name = message.id.as_deref().and_then(|id| name(caller, id));
        if let Some(name) = name.clone() {
            let mut by_name = self.by_name.lock().unwrap_or_else(PoisonError::into_inner);
            by_name.entry(name).or_default().push(cancel.clone());
        }
        InFlight {
            calls: self.clone(),
            name,
            cancel,
        }
    }

    /// Does what a client's `notifications/cancelled` says. Ids are unique per client, not per
    /// caller: where two calls share one, neither is meant with certainty, and both go on.
    pub(crate) fn cancelled(&self, caller: &Caller, notification: &Message) {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Params<'a> {
            #[serde(borrow)]
            request_id: &'a RawValue,
        }
        let params = notification.params.as_deref().map_or("", RawValue::get);
        let Some(name) = serde_json::from_str(params)
            .ok()
            .and_then(|Params { request_id }| name(caller, request_id))
        else {
            return;
        };
        let by_name = self.by_name.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some([only]) = by_name.get(&name).map(Vec::as_slice) {
            only.cancel();
        }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let Some(name) = self.name.take() else { return };
        let mut by_name = self
            .calls
            .by_name
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(same) = by_name.get_mut(&name) {
            // Which of the equal names goes does not matter unless one is cancelled, and then
            // there was only one.
            same.pop();
            if same.is_empty() {
                by_name.remove(&name);
            }
        }
    }
}

/// Ids are equal when they mean the same, however they are written.
fn name(caller: &Caller, id: &RawValue) -> Option<Name> {
    let id: serde_json::Value = serde_json::from_str(id.get()).ok()?;
    let pod = caller.pod().map(|pod| Arc::clone(&pod.uid));
    Some((
        Arc::clone(caller.issuer()),
        Arc::clone(caller.subject()),
        pod,
        id.to_string(),
    ))
}
