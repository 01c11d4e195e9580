//! One run of the child as callers see it: calls that wait for their answers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};

use crate::message::{CANCELLED, Message, PROGRESS};

/// Most messages that wait to be written to the child.
const OUTGOING: usize = 256;
/// Most progress notifications that wait for one slow caller; more are dropped.
const PROGRESS_QUEUE: usize = 256;
/// Longest notification of progress that is passed on, bytes.
const LONGEST_PROGRESS: usize = 64 * 1024;

/// What is to be written to the child.
#[derive(Debug)]
pub(crate) enum Outgoing {
    /// A request; not written when its caller has gone meanwhile.
    Request(u64, Vec<u8>),
    /// Anything else, a whole line.
    Other(Vec<u8>),
}

/// One run of the child.
#[derive(Debug)]
pub(crate) struct Session {
    outgoing: mpsc::Sender<Outgoing>,
    calls: Mutex<Calls>,
}

#[derive(Debug, Default)]
struct Calls {
    last: u64,
    waiting: BTreeMap<u64, Waiting>,
    is_over: bool,
}

/// A call whose answer has not come.
#[derive(Debug)]
struct Waiting {
    /// The caller's own id and progress token, as they were written.
    id: String,
    token: Option<String>,
    is_written: bool,
    progress: mpsc::Sender<Bytes>,
    answer: oneshot::Sender<Answer>,
}

/// The answer to a call.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The JSON-RPC response, with the caller's id.
    pub(crate) body: Bytes,
    /// The code of the error that it holds.
    pub(crate) error: Option<i64>,
}

/// The child is gone, or goes before it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the server's process ended")]
pub(crate) struct Gone;

/// A call in flight. Dropped before its answer has come, it is cancelled.
#[derive(Debug)]
pub(crate) struct Call {
    session: Arc<Session>,
    number: u64,
    pub(crate) progress: mpsc::Receiver<Bytes>,
    pub(crate) answer: oneshot::Receiver<Answer>,
}

impl Session {
    /// A session, and what is to be written to its child.
    pub(crate) fn new() -> (Arc<Self>, mpsc::Receiver<Outgoing>) {
        let (outgoing, queue) = mpsc::channel(OUTGOING);
        let session = Self {
            outgoing,
            calls: Mutex::default(),
        };
        (Arc::new(session), queue)
    }

    /// Sends the request `message`, whose text is `text`, to the child.
    pub(crate) async fn call(
        self: &Arc<Self>,
        message: &Message<'_>,
        text: &str,
        is_older: bool,
    ) -> Result<Call, Gone> {
        let (progress, progress_queue) = mpsc::channel(PROGRESS_QUEUE);
        let (answer, answered) = oneshot::channel();
        let waiting = Waiting {
            id: message.id.map_or("null", |id| id.get()).to_owned(),
            token: message.progress_token().map(str::to_owned),
            is_written: false,
            progress,
            answer,
        };
        let number = self.calls().add(waiting)?;
        let call = Call {
            session: Arc::clone(self),
            number,
            progress: progress_queue,
            answer: answered,
        };
        let line = message.to_child(text, number, is_older);
        self.outgoing
            .send(Outgoing::Request(number, line))
            .await
            .map_err(|_| Gone)?;
        Ok(call)
    }

    /// Sends a message that is no request. Never waits: it is sent by the task that reads from the
    /// child, and a child that cannot write would not read either.
    pub(crate) fn send(&self, message: &Value) {
        let line = Outgoing::Other(format!("{message}\n").into_bytes());
        if self.outgoing.try_send(line).is_err() {
            tracing::warn!(%message, "not sent: the server does not read");
        }
    }

    /// Whether the request is still wanted. From now on it counts as written.
    pub(crate) fn note_written(&self, number: u64) -> bool {
        let mut calls = self.calls();
        let waiting = calls.waiting.get_mut(&number);
        waiting.is_some_and(|waiting| {
            waiting.is_written = true;
            true
        })
    }

    /// Hands the child's answer to its caller. False when nobody waits for it.
    pub(crate) fn answer(&self, message: &Message<'_>, text: &str) -> bool {
        let number = message.id.and_then(|id| id.get().parse().ok());
        let Some(waiting) = number.and_then(|number| self.calls().waiting.remove(&number)) else {
            return false;
        };
        let answer = Answer {
            body: message.with_id(text, &waiting.id).into(),
            error: message.error_code(),
        };
        // Whoever waited may have gone in this very moment.
        waiting.answer.send(answer).is_ok()
    }

    /// Hands the child's progress to its caller.
    pub(crate) fn progress(&self, message: &Message<'_>, text: &str) {
        let number = message
            .reported_token()
            .and_then(|token| token.parse().ok());
        let calls = self.calls();
        let waiting = number.and_then(|number: u64| calls.waiting.get(&number));
        if text.len() <= LONGEST_PROGRESS
            && let Some(waiting) = waiting
            && let Some(token) = &waiting.token
        {
            let body = message.with_token(text, token).into();
            if waiting.progress.try_send(body).is_err() {
                tracing::debug!(method = PROGRESS, "dropped for a slow caller");
            }
        }
    }

    /// Fails the call `number`: its answer cannot be passed on.
    pub(crate) fn fail(&self, number: u64, code: i64, why: &str) {
        if let Some(waiting) = self.calls().waiting.remove(&number) {
            let body = error_body(&waiting.id, code, why).into();
            let error = Some(code);
            let _gone: Result<(), Answer> = waiting.answer.send(Answer { body, error });
        }
    }

    /// Ends the session: all who wait learn it by their dropped channels.
    pub(crate) fn end(&self) {
        let mut calls = self.calls();
        calls.is_over = true;
        calls.waiting.clear();
    }

    fn abandon(&self, number: u64) {
        let waiting = self.calls().waiting.remove(&number);
        if waiting.is_some_and(|waiting| waiting.is_written) {
            self.send(&json!({
                "jsonrpc": "2.0",
                "method": CANCELLED,
                "params": {"requestId": number, "reason": "the caller went away"},
            }));
        }
    }

    fn calls(&self) -> MutexGuard<'_, Calls> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Calls {
    fn add(&mut self, waiting: Waiting) -> Result<u64, Gone> {
        if self.is_over {
            return Err(Gone);
        }
        self.last += 1;
        self.waiting.insert(self.last, waiting);
        Ok(self.last)
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.session.abandon(self.number);
    }
}

/// A JSON-RPC response with an error.
pub(crate) fn error_body(id: &str, code: i64, message: &str) -> String {
    let error = json!({"code": code, "message": message});
    format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{error}}}"#)
}
