//! A running bridge, and a small HTTP client for it.

use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use ::http::{Request, Response, StatusCode};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// Nothing in these tests takes so long unless it hangs.
pub(crate) const HANGS: Duration = Duration::from_secs(30);

pub(crate) fn server() -> &'static str {
    concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bridge/server.py")
}

pub(crate) struct Running {
    child: Child,
    address: String,
    folder: TempDir,
}

impl Running {
    /// The test server in `mode`, behind a bridge with `options`.
    pub(crate) async fn with(mode: &str, options: &[&str]) -> Self {
        Self::of(options, "python3", &[server(), mode]).await
    }

    pub(crate) async fn older() -> Self {
        Self::with("older", &[]).await
    }

    /// Any program behind a bridge.
    pub(crate) async fn of(options: &[&str], program: &str, arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let log = std::fs::File::create(folder.path().join("log")).unwrap();
        let mut child = bridge(options, program, arguments)
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = timeout(HANGS, lines.next_line())
            .await
            .unwrap()
            .unwrap()
            .unwrap();
        let url = line.strip_prefix("listening on ").unwrap().to_owned();
        let (address, path) = url
            .strip_prefix("http://")
            .unwrap()
            .split_once('/')
            .unwrap();
        assert_eq!(path, "mcp");
        Self {
            address: address.to_owned(),
            child,
            folder,
        }
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    /// Sends a request on a connection of its own.
    pub(crate) async fn send(&self, request: Request<Full<Bytes>>) -> Response<Incoming> {
        let stream = TcpStream::connect(&self.address).await.unwrap();
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .unwrap();
        tokio::spawn(connection);
        timeout(HANGS, sender.send_request(request))
            .await
            .unwrap()
            .unwrap()
    }

    /// Sends one JSON-RPC message and gives status and body.
    pub(crate) async fn post(&self, message: &Value) -> (StatusCode, String) {
        let response = self.send(post(message.to_string())).await;
        (response.status(), text(response).await)
    }

    /// Calls a tool and gives the JSON of the answer.
    pub(crate) async fn call(&self, name: &str, arguments: Value) -> Value {
        let (status, body) = self.post(&call(1, name, arguments)).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        serde_json::from_str(&body).unwrap()
    }

    /// Calls a tool and gives the text of its result.
    pub(crate) async fn text_of(&self, name: &str) -> String {
        let answer = self.call(name, json!({})).await;
        answer["result"]["content"][0]["text"]
            .as_str()
            .expect("a text")
            .to_owned()
    }

    /// Waits until the server holds back the answers of so many calls.
    pub(crate) async fn until_held(&self, calls: usize) {
        let held = async {
            while self.text_of("held").await != calls.to_string() {
                tokio::task::yield_now().await;
            }
        };
        timeout(HANGS, held).await.unwrap();
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let id = Pid::from_raw(self.child.id().unwrap().try_into().unwrap()).unwrap();
        kill_process(id, signal).unwrap();
    }

    pub(crate) async fn ended(mut self) -> ExitStatus {
        timeout(HANGS, self.child.wait()).await.unwrap().unwrap()
    }
}

/// The command that runs a bridge.
pub(crate) fn bridge(options: &[&str], program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bailiwick-bridge"));
    command
        .arg("serve")
        .args(options)
        .arg("--")
        .arg(program)
        .args(arguments);
    command.kill_on_drop(true);
    command
}

pub(crate) fn post(body: impl Into<Bytes>) -> Request<Full<Bytes>> {
    Request::post("/mcp")
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream")
        .body(Full::new(body.into()))
        .unwrap()
}

pub(crate) fn call(id: impl Into<Value>, name: &str, arguments: Value) -> Value {
    let mut message = json!({"jsonrpc": "2.0", "method": "tools/call", "params": {"name": name}});
    message["id"] = id.into();
    message["params"]["arguments"] = arguments;
    message
}

/// A call whose caller wants to hear of progress.
pub(crate) fn call_with_progress(token: &str, name: &str, arguments: Value) -> Value {
    let mut message = call(1, name, arguments);
    message["params"]["_meta"] = json!({"progressToken": token});
    message
}

pub(crate) async fn text(response: Response<Incoming>) -> String {
    let body = timeout(HANGS, response.into_body().collect())
        .await
        .unwrap()
        .unwrap();
    String::from_utf8(body.to_bytes().to_vec()).unwrap()
}

/// The messages of a stream of events.
pub(crate) fn events(text: &str) -> Vec<Value> {
    let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
    data.map(|data| serde_json::from_str(data).unwrap())
        .collect()
}
