//! A call's way after identity: view, policy, arguments, limits, audit, dispatch, audit, reply.

mod respond;
mod state;
mod supervise;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Instant;

use http::{Response, StatusCode};
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio_util::sync::CancellationToken;

pub use crate::config::Snapshot;
pub use state::{Settings, State};

use crate::audit::{Facts, Settled};
use crate::dispatch::{self, Trace};
use crate::edge::{Era, Message};
use crate::identity::Caller;
use crate::refusal::Refusal;
use crate::reply::{self, Body, CallId, RpcError};
use crate::view::Day;
use crate::{arguments, limits, policy};
use respond::To;

/// Answers `tools/list` and `tools/call` of `caller`. `snapshot` is the one that `caller` was
/// verified against. `cancel` fires when the client is gone, cancels, or the process stops; the
/// function still runs to its end then, so that the outcome is recorded.
pub async fn handle(
    state: &Arc<State>,
    snapshot: &Arc<Snapshot>,
    caller: Caller,
    message: Message,
    call: CallId,
    cancel: CancellationToken,
) -> Response<Body> {
    let Some(id) = message.id.as_deref() else {
        return reply::empty(StatusCode::ACCEPTED);
    };
    let to = To {
        id,
        era: message.era,
        call,
    };
    match message.method.as_str() {
        "tools/list" => list(state, snapshot, &caller, &message, to),
        "tools/call" => {
            let request = Request {
                params: message.params.as_deref(),
                param_headers: &message.param_headers,
                to,
            };
            let facts = Facts {
                call,
                caller: Arc::new(caller),
                config: snapshot.digest().to_owned(),
                trace: Trace::of(&message.meta),
            };
            answer_call(state, snapshot, request, facts, &cancel).await
        }
        _ => {
            let status = message.era.status_of_unknown_method();
            reply::error(status, Some(id), &RpcError::new(-32601, "Method not found"))
        }
    }
}

/// A `tools/call`.
#[derive(Clone, Copy)]
struct Request<'a> {
    params: Option<&'a RawValue>,
    param_headers: &'a http::HeaderMap,
    to: To<'a>,
}

#[derive(Deserialize)]
struct CallParams<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    arguments: Option<Box<RawValue>>,
}

/// Walks a call, and makes the reply of what it came to. No reply goes before its record.
async fn answer_call(
    state: &State,
    snapshot: &Snapshot,
    request: Request<'_>,
    facts: Facts,
    cancel: &CancellationToken,
) -> Response<Body> {
    let to = request.to;
    let agent = Arc::clone(facts.caller.agent());
    match walk(state, snapshot, request, facts.clone(), cancel).await {
        Ok(settled) => {
            let (tool, word) = settled.labels();
            state.metrics.count(&agent, tool, "allow", word);
            to.settled(settled)
        }
        Err(refusal) => {
            let tool = refusal.entry().map_or("", |entry| &entry.exposed);
            let word = refusal.reason().word();
            state.metrics.count(&agent, tool, "deny", word);
            if let Refusal::Unrecorded(failed) = &refusal {
                return to.unrecorded(failed);
            }
            let view = snapshot.view(&agent);
            match state.recorder.deny(&facts, &refusal, view).await {
                Ok(()) => to.refused(&refusal),
                Err(failed) => to.unrecorded(&failed),
            }
        }
    }
}

/// One call. Each step takes the evidence that only the step before can make.
async fn walk(
    state: &State,
    snapshot: &Snapshot,
    request: Request<'_>,
    facts: Facts,
    cancel: &CancellationToken,
) -> Result<Settled, Refusal> {
    let params = request.call_params()?;
    let permit = policy::decide(snapshot, &facts.caller, &params.name, Day::today())?;
    let valid = arguments::check(permit, params.arguments, request.repeated())?;
    let admitted = limits::admit(valid, Instant::now())?;
    // Nothing goes out before the disk has the intent, and nothing back before it has the outcome.
    let recorded = state.recorder.intent(admitted, facts).await?;
    let outcome = dispatch::send(recorded, cancel).await;
    let settled = state.recorder.outcome(outcome).await;
    settled.map_err(Refusal::Unrecorded)
}

impl<'a> Request<'a> {
    fn call_params(self) -> Result<CallParams<'a>, Refusal> {
        let params = self.params.map_or("{}", RawValue::get);
        serde_json::from_str(params)
            .map_err(|_| Refusal::Params("`params` must have a `name`, a string"))
    }

    /// The headers that must repeat arguments; older clients send none.
    fn repeated(self) -> Option<&'a http::HeaderMap> {
        (self.to.era == Era::Modern).then_some(self.param_headers)
    }
}

/// The caller's list, all of it on one page.
fn list(
    state: &State,
    snapshot: &Snapshot,
    caller: &Caller,
    message: &Message,
    to: To<'_>,
) -> Response<Body> {
    #[derive(Deserialize)]
    struct ListParams {
        cursor: Option<Box<RawValue>>,
    }
    let params = message.params.as_deref().map_or("{}", RawValue::get);
    let is_first =
        serde_json::from_str::<ListParams>(params).is_ok_and(|params| params.cursor.is_none());
    if !is_first {
        state
            .metrics
            .count(caller.agent(), "", "deny", "invalid-params");
        return to.refused(&Refusal::Params("there is no such cursor"));
    }
    state.metrics.count(caller.agent(), "", "list", "");
    let today = Day::today();
    let view = snapshot.view(caller.agent());
    match view.and_then(|view| view.list(to.era, today)) {
        Some(list) => reply::result(to.id, list),
        // A caller is verified against its own snapshot, so it has a view.
        None => reply::empty(StatusCode::FORBIDDEN),
    }
}

#[cfg(test)]
mod tests;
