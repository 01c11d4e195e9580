//! Keeps one child running: greets it, reads it, starts it again when it ends.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncWriteExt as _, BufReader};
use tokio::process::{ChildStdin, ChildStdout};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::handshake::{Era, greet};
use crate::lines::{self, Line, MAX_MESSAGE};
use crate::message::{Message, PROGRESS};
use crate::process::{Process, Program, Streams};
use crate::session::{Outgoing, Session};
use crate::stderr;

/// How long the child may take until its handshake is done.
const HANDSHAKE: Duration = Duration::from_mins(1);
/// Wait before the first new start; it doubles up to [`LONGEST_WAIT`].
const SHORTEST_WAIT: Duration = Duration::from_millis(200);
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// After so long a run, the next wait is the shortest again.
const GOOD_RUN: Duration = Duration::from_secs(30);
/// How long the output of a child that has ended is still read.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// JSON-RPC codes of the bridge's own errors.
pub(crate) const INTERNAL_ERROR: i64 = -32603;
pub(crate) const METHOD_NOT_FOUND: i64 = -32601;

/// A child that can be called.
#[derive(Clone, Debug)]
pub(crate) struct Ready {
    pub(crate) session: Arc<Session>,
    pub(crate) era: Era,
}

/// Runs `program`, of which `first` is running already, until `stop`.
pub(crate) async fn supervise(
    program: Program,
    first: (Process, Streams),
    ready: watch::Sender<Option<Ready>>,
    stop: CancellationToken,
) {
    let mut next = Some(first);
    let mut wait = SHORTEST_WAIT;
    loop {
        let began = Instant::now();
        match next.take().map_or_else(|| Process::start(&program), Ok) {
            Ok((process, streams)) => run(process, streams, &ready, &stop).await,
            Err(error) => tracing::error!(%error, "the server cannot be started"),
        }
        if stop.is_cancelled() {
            return;
        }
        if began.elapsed() >= GOOD_RUN {
            wait = SHORTEST_WAIT;
        }
        tracing::info!(after = ?wait, "the server is started again");
        tokio::select! {
            () = stop.cancelled() => return,
            () = sleep(wait) => {}
        }
        wait = LONGEST_WAIT.min(wait * 2);
    }
}

/// One run of the child, from its start to its end.
async fn run(
    mut process: Process,
    streams: Streams,
    ready: &watch::Sender<Option<Ready>>,
    stop: &CancellationToken,
) {
    let (session, outgoing) = Session::new();
    let over = CancellationToken::new();
    let mut tasks = JoinSet::new();
    tasks.spawn(write(
        streams.input,
        outgoing,
        Arc::clone(&session),
        over.clone(),
    ));
    tasks.spawn(stderr::log(streams.errors));
    let mut reader = tokio::spawn(read(streams.output, Arc::clone(&session)));

    let serve = async {
        match timeout(HANDSHAKE, greet(&session)).await {
            Ok(Ok(era)) => {
                let is_older = matches!(era, Era::Older(_));
                tracing::info!(is_older, "the server is ready");
                let session = Arc::clone(&session);
                ready.send_replace(Some(Ready { session, era }));
                std::future::pending::<()>().await;
            }
            Ok(Err(error)) => tracing::error!(%error, "no handshake with the server"),
            Err(_) => tracing::error!("the server did not answer the handshake"),
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = serve => {}
        status = process.ended() => {
            tracing::warn!(?status, "the server's process ended");
            let _late: Result<_, _> = timeout(LAST_WORDS, &mut reader).await;
        }
        _ = &mut reader => tracing::warn!("the server closed its output"),
    }
    ready.send_replace(None);
    session.end();
    over.cancel();
    process.end().await;
    reader.abort();
    tasks.shutdown().await;
}

/// Writes to the child until the session is over; then closes its input.
async fn write(
    mut input: ChildStdin,
    mut outgoing: mpsc::Receiver<Outgoing>,
    session: Arc<Session>,
    over: CancellationToken,
) {
    let work = async {
        while let Some(message) = outgoing.recv().await {
            let line = match message {
                Outgoing::Request(number, line) if session.note_written(number) => line,
                Outgoing::Request(..) => continue,
                Outgoing::Other(line) => line,
            };
            if let Err(error) = input.write_all(&line).await {
                tracing::warn!(%error, "cannot write to the server");
                return;
            }
        }
    };
    over.run_until_cancelled(work).await;
}

/// Reads the child's output to its end.
async fn read(output: ChildStdout, session: Arc<Session>) {
    let mut reader = BufReader::with_capacity(64 * 1024, output);
    loop {
        match lines::next(&mut reader, MAX_MESSAGE).await {
            Ok(Some(Line::Whole(line))) => {
                let text = std::str::from_utf8(&line).ok();
                let message = text.and_then(|text| Some((Message::parse(text)?, text)));
                if let Some((message, text)) = message {
                    take(&message, text, &session);
                } else {
                    tracing::warn!(bytes = line.len(), "the server wrote no message");
                }
            }
            Ok(Some(Line::TooLong(head))) => {
                tracing::error!(longest = MAX_MESSAGE, "the server wrote too long a message");
                if let Some(number) = answered(&head) {
                    session.fail(number, INTERNAL_ERROR, "the server's answer is too long");
                }
            }
            Ok(None) => return,
            Err(error) => return tracing::warn!(%error, "cannot read from the server"),
        }
    }
}

/// Takes one message of the child.
fn take(message: &Message<'_>, text: &str, session: &Session) {
    match (message.method.as_deref(), message.id) {
        (Some(PROGRESS), None) => session.progress(message, text),
        (Some(method), None) => tracing::debug!(method, "a notification was not passed on"),
        // We declare no capabilities, so a server has nothing to ask us but this.
        (Some(method), Some(id)) => {
            let answer = if method == "ping" {
                json!({"jsonrpc": "2.0", "id": id, "result": {}})
            } else {
                let error = json!({"code": METHOD_NOT_FOUND, "message": "not supported"});
                json!({"jsonrpc": "2.0", "id": id, "error": error})
            };
            session.send(&answer);
        }
        (None, _) => {
            if !session.answer(message, text) {
                tracing::debug!("an answer that nobody waits for");
            }
        }
    }
}

/// The id in the first bytes of an answer, where servers write it: before the result, inside of
/// which other ids may stand.
fn answered(head: &[u8]) -> Option<u64> {
    let text = String::from_utf8_lossy(head);
    let (before, rest) = text.split_once("\"id\":")?;
    // Inside of another object or list it is not the message's own.
    if before.matches(['{', '[']).count() != 1 {
        return None;
    }
    let rest = rest.trim_start();
    let end = rest.find(|c: char| !c.is_ascii_digit())?;
    rest.get(..end)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_answer_is_known_by_its_first_bytes() {
        assert_eq!(
            answered(br#"{"jsonrpc":"2.0","id": 12,"result":{"#),
            Some(12)
        );
        assert_eq!(answered(br#"{"jsonrpc":"2.0","result":{"#), None);
        assert_eq!(answered(br#"{"id":"x""#), None);
        // An id inside of the result is another call's, or nobody's.
        assert_eq!(answered(br#"{"result":{"content":[{"id":3,"#), None);
        assert_eq!(answered(br#"{"result":[{"id":3,"#), None);
        assert_eq!(answered(br#"{"method":"m","params":{"id":3,"#), None);
    }
}
