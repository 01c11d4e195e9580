//! The calls in flight: who made them, so that they can be cancelled, and the tasks they run in,
//! so that stopping can wait for them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;
use serde_json::value::RawValue;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::edge::Message;
use crate::identity::{Caller, Client};

/// A caller's own name for a call: who it is, and the request's id.
type Name = (Client, String);

/// The calls of one name, told apart by a number.
type Same = Vec<(u64, CancellationToken)>;

/// All calls in flight.
#[derive(Clone, Debug, Default)]
pub(crate) struct Calls {
    by_name: Arc<Mutex<BTreeMap<Name, Same>>>,
    next_place: Arc<AtomicU64>,
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
    place: u64,
    /// Fires when the call is to end.
    pub(crate) cancel: CancellationToken,
}

impl Calls {
    /// Adds a call.
    pub(crate) fn enter(&self, caller: &Caller, message: &Message) -> InFlight {
        let cancel = self.stopping.child_token();
        let name = message.id.as_deref().and_then(|id| name(caller, id));
        let place = self.next_place.fetch_add(1, Ordering::Relaxed);
        if let Some(name) = name.clone() {
            let mut by_name = self.by_name.lock().unwrap_or_else(PoisonError::into_inner);
            by_name
                .entry(name)
                .or_default()
                .push((place, cancel.clone()));
        }
        InFlight {
            calls: self.clone(),
            name,
            place,
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
        if let Some([(_, only)]) = by_name.get(&name).map(Vec::as_slice) {
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
            same.retain(|(call, _)| *call != self.place);
            if same.is_empty() {
                by_name.remove(&name);
            }
        }
    }
}

/// Ids are equal when they mean the same, however they are written.
fn name(caller: &Caller, id: &RawValue) -> Option<Name> {
    let id = id.get();
    // What has no escape is written in one way only.
    let meaning = if id.contains('\\') {
        serde_json::from_str::<serde_json::Value>(id)
            .ok()?
            .to_string()
    } else {
        id.to_owned()
    };
    Some((caller.client(), meaning))
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue};
    use serde_json::{Value, json};

    use super::{Calls, InFlight};
    use crate::edge::Message;
    use crate::identity::Caller;

    fn message(body: &Value) -> Message {
        let version = HeaderName::from_static("mcp-protocol-version");
        let headers = HeaderMap::from_iter([(version, HeaderValue::from_static("2025-11-25"))]);
        Message::read(&headers, body.to_string().as_bytes()).unwrap()
    }

    fn call(calls: &Calls, agent: &str, id: &Value) -> InFlight {
        let body = json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call" });
        calls.enter(&Caller::for_test(agent), &message(&body))
    }

    fn cancel(calls: &Calls, agent: &str, params: &Value) {
        let body =
            json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": params });
        calls.cancelled(&Caller::for_test(agent), &message(&body));
    }

    #[test]
    fn a_caller_cancels_its_own_call_by_id() {
        let calls = Calls::default();
        let one = call(&calls, "triage", &json!(1));
        let other = call(&calls, "triage", &json!(2));
        let same_id = call(&calls, "writer", &json!(1));
        cancel(
            &calls,
            "triage",
            &json!({ "requestId": 1, "reason": "no longer needed" }),
        );
        let cancelled = [&one, &other, &same_id].map(|call| call.cancel.is_cancelled());
        assert_eq!(cancelled, [true, false, false]);
    }

    #[test]
    fn ids_are_compared_by_meaning_and_type() {
        let calls = Calls::default();
        let text = call(&calls, "triage", &json!("1"));
        cancel(&calls, "triage", &json!({ "requestId": 1 }));
        assert!(!text.cancel.is_cancelled());
        let escaped = r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"\u0031"}}"#;
        let escaped = Message::read(&HeaderMap::new(), escaped.as_bytes()).unwrap();
        calls.cancelled(&Caller::for_test("triage"), &escaped);
        assert!(text.cancel.is_cancelled());
    }

    #[test]
    fn where_two_calls_have_the_id_neither_is_cancelled() {
        let calls = Calls::default();
        let one = call(&calls, "triage", &json!(1));
        let two = call(&calls, "triage", &json!(1));
        cancel(&calls, "triage", &json!({ "requestId": 1 }));
        assert!(!one.cancel.is_cancelled() && !two.cancel.is_cancelled());
        drop(one);
        cancel(&calls, "triage", &json!({ "requestId": 1 }));
        assert!(two.cancel.is_cancelled());
    }

    #[test]
    fn an_agent_of_the_same_person_cancels_nothing_of_another_one() {
        let calls = Calls::default();
        let [desk, notebook] =
            ["desk", "notebook"].map(|agent| Caller::for_test(agent).with_subject("ann"));
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call" });
        let one = calls.enter(&desk, &message(&body));
        let params = json!({ "requestId": 1 });
        let body =
            json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": params });
        calls.cancelled(&notebook, &message(&body));
        assert!(!one.cancel.is_cancelled());
        calls.cancelled(&desk, &message(&body));
        assert!(one.cancel.is_cancelled());
    }

    #[test]
    fn a_notification_that_names_nothing_is_ignored() {
        let calls = Calls::default();
        let one = call(&calls, "triage", &json!(1));
        for params in [
            json!({}),
            json!({ "requestId": null }),
            json!({ "requestId": [1] }),
            json!({ "requestId": 2 }),
        ] {
            cancel(&calls, "triage", &params);
        }
        assert!(!one.cancel.is_cancelled());
    }

    #[test]
    fn nothing_is_kept_of_a_call_that_is_over() {
        let calls = Calls::default();
        drop(call(&calls, "triage", &json!(1)));
        assert!(calls.by_name.lock().unwrap().is_empty());
    }

    #[test]
    fn stopping_cancels_every_call() {
        let calls = Calls::default();
        let one = call(&calls, "triage", &json!(1));
        calls.stopping.cancel();
        assert!(one.cancel.is_cancelled());
        assert!(call(&calls, "triage", &json!(2)).cancel.is_cancelled());
    }
}
