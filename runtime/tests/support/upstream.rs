//! An MCP server in this process, of the older protocol without sessions, that says what happens to it.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// Gives back `text`.
pub(crate) const ECHO: &str = r#"{"name":"echo","description":"Gives back what it gets.","inputSchema":{"type":"object","properties":{"text":{"type":"string"}},"required":["text"]}}"#;

/// Never ends by itself.
pub(crate) const SLOW: &str =
    r#"{"name":"slow","description":"Never ends.","inputSchema":{"type":"object"}}"#;

/// What happened at the server.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// A call came.
    Came {
        /// Of this tool.
        tool: String,
        /// Its `traceparent`.
        trace: Option<String>,
    },
    /// The caller of a `slow` call went away.
    Gone,
    /// A call was cancelled by a notification.
    Cancelled,
}

/// A running server.
#[derive(Debug)]
pub(crate) struct Upstream {
    /// Its URL.
    pub(crate) url: String,
    /// What happens there.
    pub(crate) events: mpsc::Receiver<Event>,
}

impl Upstream {
    /// Starts one on a free port of loopback; it lives as long as the runtime.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/mcp", listener.local_addr().unwrap());
        let (sender, events) = mpsc::channel(1_000_000);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                stream.set_nodelay(true).unwrap();
                let sender = sender.clone();
                tokio::spawn(async move {
                    let service = service_fn(|request| answer(request, sender.clone()));
                    let _ended = hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
            }
        });
        Self { url, events }
    }

    /// Waits for the next event that is not a call of `echo`.
    pub(crate) async fn next(&mut self) -> Event {
        loop {
            let event = self.events.recv().await.unwrap();
            if !matches!(&event, Event::Came { tool, .. } if tool == "echo") {
                return event;
            }
        }
    }
}

/// Says that the caller is gone when the answer is dropped before it is made.
struct Watch(mpsc::Sender<Event>);

impl Drop for Watch {
    fn drop(&mut self) {
        // The test may be over.
        drop(self.0.try_send(Event::Gone));
    }
}

async fn answer(
    request: Request<Incoming>,
    events: mpsc::Sender<Event>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let Ok(body) = request.into_body().collect().await else {
        return Ok(reply(StatusCode::BAD_REQUEST, String::new()));
    };
    let message: Value = serde_json::from_slice(&body.to_bytes()).unwrap();
    let method = message["method"].as_str().unwrap_or_default();
    if method == "notifications/cancelled" {
        drop(events.try_send(Event::Cancelled));
    }
    let Some(id) = message.get("id") else {
        return Ok(reply(StatusCode::ACCEPTED, String::new()));
    };
    let result = match method {
        "initialize" => json!({
            "protocolVersion": "2025-11-25", "capabilities": { "tools": {} },
            "serverInfo": { "name": "upstream", "version": "1" },
        }),
        "tools/list" => {
            let tools: Vec<Value> = [ECHO, SLOW]
                .map(|text| serde_json::from_str(text).unwrap())
                .into();
            json!({ "tools": tools })
        }
        "tools/call" => {
            let tool = message["params"]["name"].as_str().unwrap();
            let trace = message["params"]["_meta"]["traceparent"].as_str();
            drop(events.try_send(Event::Came {
                tool: tool.to_owned(),
                trace: trace.map(ToOwned::to_owned),
            }));
            if tool == "slow" {
                let _watch = Arc::new(Watch(events));
                std::future::pending::<()>().await;
            }
            let text = &message["params"]["arguments"]["text"];
            json!({ "content": [{ "type": "text", "text": text }] })
        }
        _ => {
            let error = json!({ "code": -32601, "message": "Method not found" });
            let body = json!({ "jsonrpc": "2.0", "id": id, "error": error });
            return Ok(reply(StatusCode::OK, body.to_string()));
        }
    };
    let body = json!({ "jsonrpc": "2.0", "id": id, "result": result });
    Ok(reply(StatusCode::OK, body.to_string()))
}

fn reply(status: StatusCode, body: String) -> Response<Full<Bytes>> {
    Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .body(Full::new(body.into()))
        .unwrap()
}
