//! Callers that call without a pause, through every restart of the server, and note each answer.

use std::time::Duration;

use serde_json::json;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::support::client::{Answer, Client};

/// How many call at the same time.
const CALLERS: u64 = 16;

/// Most answers that wait to be noted.
const QUEUE: usize = 100_000;

/// How long the next answer may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// A call that was answered with its result.
#[derive(Debug)]
pub(crate) struct Answered {
    /// Its id, as the answer says it.
    pub(crate) call: String,
    /// Its `traceparent`.
    pub(crate) trace: String,
}

/// The callers.
#[derive(Debug)]
pub(crate) struct Load {
    /// How often the server was started; none when the callers shall end.
    starts: watch::Sender<Option<u64>>,
    answers: mpsc::Receiver<Answered>,
    answered: Vec<Answered>,
    callers: JoinSet<()>,
}

impl Load {
    /// Callers of `test_echo` at `url`; they wait for the server to start.
    pub(crate) fn new(url: &str, token: &str) -> Self {
        let (starts, started) = watch::channel(Some(0));
        let (sender, answers) = mpsc::channel(QUEUE);
        let mut callers = JoinSet::new();
        let client = Client::new(url, token);
        for number in 0..CALLERS {
            let caller = Caller {
                number,
                client: client.clone(),
            };
            callers.spawn(caller.run(started.clone(), sender.clone()));
        }
        Self {
            starts,
            answers,
            answered: Vec::new(),
            callers,
        }
    }

    /// Tells the callers that the server runs again.
    pub(crate) fn resume(&self) {
        self.starts
            .send_modify(|starts| *starts = starts.map(|number| number + 1));
    }

    /// Waits for so many more answers.
    pub(crate) async fn wait_for(&mut self, count: u64) {
        while let Ok(answered) = self.answers.try_recv() {
            self.answered.push(answered);
        }
        for _ in 0..count {
            let answered = timeout(PATIENCE, self.answers.recv()).await;
            let answered = answered.expect("no call is answered any more");
            self.answered.push(answered.unwrap());
        }
    }

    /// What was answered and waited for.
    pub(crate) fn answered(&self) -> &[Answered] {
        &self.answered
    }

    /// Ends the callers; gives everything that was answered.
    pub(crate) async fn stop(mut self) -> Vec<Answered> {
        self.starts.send_replace(None);
        while let Some(ended) = self.callers.join_next().await {
            ended.unwrap();
        }
        while let Some(answered) = self.answers.recv().await {
            self.answered.push(answered);
        }
        self.answered
    }
}

struct Caller {
    number: u64,
    client: Client,
}

impl Caller {
    async fn run(self, mut starts: watch::Receiver<Option<u64>>, answers: mpsc::Sender<Answered>) {
        // The server does not run yet.
        drop(starts.changed().await);
        let arguments = json!({ "text": "hello" });
        for count in 0_u64.. {
            let Some(start) = *starts.borrow_and_update() else {
                return;
            };
            let trace = format!("00-{count:032x}-{:016x}-01", self.number);
            let answer = self.client.call("test_echo", &arguments, &trace).await;
            let Some(Answer { call, body }) = answer else {
                // It was killed in this call, or is not up again.
                drop(starts.wait_for(|now| *now != Some(start)).await);
                continue;
            };
            assert_eq!(body["result"]["content"][0]["text"], "hello", "{body}");
            answers.try_send(Answered { call, trace }).unwrap();
        }
    }
}
