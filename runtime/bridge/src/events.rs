//! What a call brings, in order: progress, then the answer.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::sync::OwnedSemaphorePermit;

use crate::session::{Answer, Call, Gone};

/// What comes next of a call.
#[derive(Debug)]
pub(crate) enum Next {
    /// A notification of progress.
    Progress(Bytes),
    /// The answer, or the news that there will be none.
    Answer(Result<Answer, Gone>),
}

/// A call in flight with its place among the calls.
#[derive(Debug)]
pub(crate) struct Flight {
    call: Call,
    _place: OwnedSemaphorePermit,
    /// The answer, kept back while there is progress from before it.
    answer: Option<Result<Answer, Gone>>,
}

impl Flight {
    pub(crate) fn new(call: Call, place: OwnedSemaphorePermit) -> Self {
        Self {
            call,
            _place: place,
            answer: None,
        }
    }

    /// Waits for what comes next.
    pub(crate) async fn next(&mut self) -> Next {
        poll_fn(|context| self.poll_next(context)).await
    }

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Next> {
        if self.answer.is_none()
            && let Poll::Ready(answer) = Pin::new(&mut self.call.answer).poll(context)
        {
            self.answer = Some(answer.map_err(|_| Gone));
        }
        if let Some(answer) = self.answer.take() {
            // Progress was queued before the answer was, so all of it is there. Polling for it
            // could say that it is not, when this task has had its turn.
            let Ok(progress) = self.call.progress.try_recv() else {
                return Poll::Ready(Next::Answer(answer));
            };
            self.answer = Some(answer);
            return Poll::Ready(Next::Progress(progress));
        }
        match self.call.progress.poll_recv(context) {
            Poll::Ready(Some(progress)) => Poll::Ready(Next::Progress(progress)),
            Poll::Ready(None) | Poll::Pending => Poll::Pending,
        }
    }
}

/// The rest of a call as server-sent events.
#[derive(Debug)]
pub(crate) struct Events {
    first: Option<Bytes>,
    flight: Option<Flight>,
    gone: Bytes,
}

impl Events {
    /// Begins with `first`; ends with the answer, or with `gone` if there will be none.
    pub(crate) fn new(first: Bytes, flight: Flight, gone: String) -> Self {
        Self {
            first: Some(first),
            flight: Some(flight),
            gone: gone.into(),
        }
    }

    /// The next event; none after the answer.
    pub(crate) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(event(&first)));
        }
        let Some(flight) = &mut self.flight else {
            return Poll::Ready(None);
        };
        let body = match flight.poll_next(context) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(Next::Progress(progress)) => progress,
            Poll::Ready(Next::Answer(answer)) => {
                self.flight = None;
                answer.map_or_else(|Gone| self.gone.clone(), |answer| answer.body)
            }
        };
        Poll::Ready(Some(event(&body)))
    }
}

/// One server-sent event. `message` is one line.
fn event(message: &[u8]) -> Bytes {
    [b"event: message\ndata: ", message, b"\n\n"]
        .concat()
        .into()
}
