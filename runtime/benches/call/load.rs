//! Callers: each sends the next call when the last one is answered.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Uri};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

/// What one round of calls took.
#[derive(Debug)]
pub(crate) struct Round {
    /// Latency of each call, sorted.
    pub(crate) latencies: Vec<Duration>,
    /// From the first call to the last answer.
    pub(crate) took: Duration,
}

impl Round {
    /// The latency that a share of the calls keeps.
    pub(crate) fn quantile(&self, share: f64) -> Duration {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            clippy::cast_sign_loss,
            reason = "an index of a list in memory"
        )]
        let at = ((self.latencies.len() - 1) as f64 * share) as usize;
        self.latencies[at]
    }

    /// How many calls it was.
    #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52 calls")]
    pub(crate) fn calls(&self) -> f64 {
        self.latencies.len() as f64
    }

    /// Calls in a second.
    pub(crate) fn rate(&self) -> f64 {
        self.calls() / self.took.as_secs_f64()
    }
}

/// Makes `calls` calls by `callers` callers.
pub(crate) async fn run(
    target: &Uri,
    token: &str,
    tool: &str,
    callers: usize,
    calls: usize,
) -> Round {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new()).build(connector);
    let start = Instant::now();
    let tasks: Vec<_> = (0..callers)
        .map(|_| {
            let (client, target) = (client.clone(), target.clone());
            let (token, tool) = (format!("Bearer {token}"), tool.to_owned());
            tokio::spawn(async move {
                let mut latencies = Vec::with_capacity(calls / callers);
                for id in 0..calls / callers {
                    let body = format!(
                        r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{{"name":"{tool}","arguments":{{"text":"hello","count":3}}}}}}"#
                    );
                    let request = Request::post(&target)
                        .header("authorization", &token)
                        .header("content-type", "application/json")
                        .header("accept", "application/json, text/event-stream")
                        .header("mcp-protocol-version", "2025-11-25")
                        .body(Full::new(Bytes::from(body)))
                        .unwrap();
                    let began = Instant::now();
                    let response = client.request(request).await.unwrap();
                    let status = response.status();
                    let body = response.into_body().collect().await.unwrap().to_bytes();
                    latencies.push(began.elapsed());
                    let right = status.is_success() && find(&body, b"0123456789");
                    assert!(right, "{status} {}", String::from_utf8_lossy(&body));
                }
                latencies
            })
        })
        .collect();
    let mut latencies = Vec::with_capacity(calls);
    for task in tasks {
        latencies.extend(task.await.unwrap());
    }
    let took = start.elapsed();
    latencies.sort_unstable();
    Round { latencies, took }
}

fn find(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|window| window == word)
}
