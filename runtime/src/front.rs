//! A request's way up to the walk, in one screen.

mod guarded;
mod served;
mod surviving;

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use hyper::body::{Body as HttpBody, Incoming};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::calls::Calls;
use crate::edge::body::{self, Budget, Taken};
use crate::edge::{Message, Refusal, media};
use crate::identity::{Caller, Unauthenticated};
use crate::listener::Answer;
use crate::protocol::{self, Protocol};
use crate::reply::{self, Body, CALL_HEADER, CallId, RpcError};
use crate::streams::Streams;
use crate::walk::{self, Snapshot, State};

pub(crate) use served::{Served, follow};
use surviving::Surviving;

/// Bytes of request bodies that are in flight at most.
const IN_FLIGHT: usize = 64 * 1024 * 1024;

/// Answers requests to the MCP port.
#[derive(Debug)]
pub(crate) struct Front {
    state: Arc<State>,
    served: watch::Receiver<Option<Arc<Served>>>,
    budget: Budget,
    calls: Calls,
    streams: Streams,
    protocol: Protocol,
}

/// Why a request does not get to the walk.
enum Stopped {
    /// It is not one that this endpoint takes.
    Refused(Refusal),
    /// The same, and the caller is known.
    Denied(Refusal, Caller),
    /// It has no caller.
    Unauthenticated(Unauthenticated),
}

impl From<Refusal> for Stopped {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Unauthenticated> for Stopped {
    fn from(refusal: Unauthenticated) -> Self {
        Self::Unauthenticated(refusal)
    }
}

impl Front {
    /// Serves what `served` holds, and tells streams of changes in what is `announced`; `calls` are the ones in flight, and `draining` ends streams.
    pub(crate) fn new(
        state: Arc<State>,
        served: watch::Receiver<Option<Arc<Served>>>,
        announced: watch::Receiver<Option<Arc<Snapshot>>>,
        calls: Calls,
        draining: CancellationToken,
    ) -> Self {
        let protocol = Protocol::new(announced, draining);
        Self {
            state,
            served,
            budget: Budget::new(IN_FLIGHT),
            calls,
            streams: Streams::default(),
            protocol,
        }
    }

    /// Answers one request. Dropping the future, or the body it gives, cancels the call.
    async fn answer_any<B>(&self, request: Request<B>) -> Response<Body>
    where
        B: HttpBody<Data = Bytes> + Send,
    {
        let call = CallId::new();
        // One config from here on: a reload in between changes nothing for this request.
        let served = self.served.borrow().clone();
        let mut response = match served {
            Some(served) => self.route(&served, request, call).await,
            None => reply::unavailable("there is no config"),
        };
        if let Ok(id) = call.to_string().try_into() {
            response.headers_mut().insert(CALL_HEADER, id);
        }
        response
    }

    async fn route<B>(&self, served: &Served, request: Request<B>, call: CallId) -> Response<Body>
    where
        B: HttpBody<Data = Bytes> + Send,
    {
        if let Err(refusal) = served.endpoint.check(request.uri(), request.headers()) {
            return self.stop(served, refusal.into(), call).await;
        }
        if request.uri().path() == served.challenge.path() && request.method() == Method::GET {
            return served.challenge.metadata();
        }
        match self.receive(served, request).await {
            Ok(received) => self.serve(served, received, call).await,
            Err(stopped) => self.stop(served, stopped, call).await,
        }
    }

    /// Who calls is settled before the body is read: a stranger gets no share of the budget.
    async fn receive<B>(&self, served: &Served, request: Request<B>) -> Result<Received, Stopped>
    where
        B: HttpBody<Data = Bytes> + Send,
    {
        served.endpoint.check_target(request.uri())?;
        media::check(request.method(), request.headers())?;
        let caller = served.verifier.verify(request.headers()).await?;
        let (parts, body) = request.into_parts();
        let read = async {
            let taken = body::read(&parts.headers, body, &self.budget).await?;
            let message = Message::read(&parts.headers, &taken.bytes)?;
            Ok((taken, message))
        };
        match read.await {
            Ok((taken, message)) => Ok(Received {
                caller,
                message,
                taken,
                headers: parts.headers,
            }),
            Err(refusal) => Err(Stopped::Denied(refusal, caller)),
        }
    }

    async fn serve(&self, served: &Served, received: Received, call: CallId) -> Response<Body> {
        let Received {
            caller,
            message,
            taken,
            headers,
        } = received;
        let Some(id) = message.id.as_deref() else {
            if message.method == "notifications/cancelled" {
                self.calls.cancelled(&caller, &message);
            }
            return reply::empty(StatusCode::ACCEPTED);
        };
        match &*message.method {
            "tools/list" | "tools/call" => self.walk(served, caller, message, taken, call).await,
            _ if protocol::is_stream(&message) => {
                let Some(place) = self.streams.enter(&caller) else {
                    let refusal = Refusal::too_many_streams().of(Some(id));
                    let stopped = Stopped::Denied(refusal, caller);
                    return self.stop(served, stopped, call).await;
                };
                let stream = self.protocol.answer(caller, &headers, taken.bytes).await;
                guarded::until_sent(stream, place)
            }
            _ if protocol::serves(&message) => {
                self.protocol.answer(caller, &headers, taken.bytes).await
            }
            _ => reply::error(
                message.era.status_of_unknown_method(),
                Some(id),
                &RpcError::new(-32601, "Method not found"),
            ),
        }
    }

    /// When the client goes away the walk is cancelled, but not dropped, so that the outcome is
    /// recorded.
    async fn walk(
        &self,
        served: &Served,
        caller: Caller,
        message: Message,
        taken: Taken,
        call: CallId,
    ) -> Response<Body> {
        let (state, snapshot) = (Arc::clone(&self.state), Arc::clone(&served.snapshot));
        let id = message.id.clone();
        let in_flight = self.calls.enter(&caller, &message);
        let cancel = in_flight.cancel.clone();
        let client_is_gone = cancel.clone().drop_guard();
        let walk = Surviving::new(&self.calls.tasks, async move {
            let response = walk::handle(&state, &snapshot, caller, message, call, cancel).await;
            drop((in_flight, taken));
            response
        });
        let response = walk.await.unwrap_or_else(|panic| {
            tracing::error!(call = %call, ?panic, "the walk broke off");
            let error = RpcError::new(-32603, "Internal error");
            reply::error(StatusCode::INTERNAL_SERVER_ERROR, id.as_deref(), &error)
        });
        guarded::until_sent(response, client_is_gone)
    }

    async fn stop(&self, served: &Served, stopped: Stopped, call: CallId) -> Response<Body> {
        match stopped {
            Stopped::Denied(refusal, caller) => {
                let (state, snapshot) = (&self.state, &served.snapshot);
                match state.deny(snapshot, caller, call, refusal.reason()).await {
                    Ok(()) => refusal.into_response(),
                    Err(_) => reply::unavailable("requests cannot be recorded now"),
                }
            }
            Stopped::Refused(refusal) => {
                self.state.count_unidentified(refusal.reason());
                refusal.into_response()
            }
            Stopped::Unauthenticated(refusal) => {
                self.state.count_unidentified(refusal.reason());
                // Counted, not logged by default: strangers must not fill a disk.
                tracing::debug!(reason = refusal.reason(), "unauthenticated");
                served.challenge.reply(refusal)
            }
        }
    }
}

impl Answer for Front {
    async fn answer(&self, request: Request<Incoming>) -> Response<Body> {
        self.answer_any(request).await
    }
}

/// A message and who sent it.
struct Received {
    caller: Caller,
    message: Message,
    taken: Taken,
    headers: http::HeaderMap,
}
