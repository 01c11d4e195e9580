//! A server of one temporary folder, and the bytes that go to it and come back.

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bailiwick_config::{CONFIG_FILE, Config, Digest};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::super::{Options, Server};
use crate::identity::testing::{self, RSA, service_account};
use crate::walk::Settings;

/// Tests fail, rather than hang, when nothing comes for this long.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running server and its folders.
pub(super) struct Running {
    pub(super) server: Server,
    pub(super) folder: tempfile::TempDir,
}

/// The config of tests, served over plain HTTP.
pub(super) fn config() -> Config {
    testing::config()
}

/// Writes `config` as the compiler does.
pub(super) fn write(folder: &Path, mut config: Config) {
    config.digest = config.computed_digest().unwrap();
    std::fs::create_dir_all(folder.join("config")).unwrap();
    // In one step, as a ConfigMap changes: no half of it is ever seen.
    let new = folder.join("config.new");
    std::fs::write(&new, config.to_file().unwrap()).unwrap();
    std::fs::rename(new, folder.join("config").join(CONFIG_FILE)).unwrap();
}

/// Grants the agent `triage` the tool `read_issue` of the server `tracker`, and writes that
/// server's definitions.
pub(super) fn grant_read_issue(folder: &Path, config: &mut Config, url: &str) {
    let tool = json!({ "name": "read_issue", "inputSchema": { "type": "object" } });
    let definitions =
        json!({ "server": "tracker", "revision": "1", "tools": { "read_issue": tool } });
    let definitions = definitions.to_string();
    std::fs::write(folder.join("config/tracker.json"), &definitions).unwrap();
    let file = json!({ "file": "tracker.json", "sha256": Digest::of(definitions.as_bytes()) });
    let server = json!({ "url": url, "revision": "1", "definitions": file });
    config
        .servers
        .insert("tracker".into(), serde_json::from_value(server).unwrap());
    let permission = json!({
        "server": "tracker", "tool": "read_issue", "limit": {}, "maxArgs": 65_536,
        "maxResult": 1_048_576, "timeout": 10_000, "effect": "read"
    });
    let tools = &mut config.agents.get_mut("triage").unwrap().tools;
    tools.insert(
        "read_issue".into(),
        serde_json::from_value(permission).unwrap(),
    );
}

/// Starts a server in `folder`, which need not hold a config yet.
pub(super) async fn start_in(folder: tempfile::TempDir) -> Running {
    let audit = folder.path().join("audit");
    let settings = Settings {
        config: folder.path().join("config"),
        audit,
        replica: "dispatch-0".into(),
    };
    let any = "127.0.0.1:0".parse().unwrap();
    let options = Options {
        settings,
        listen: any,
        admin: any,
        ca: None,
    };
    Running {
        server: Server::start(options).await.unwrap(),
        folder,
    }
}

/// Starts a server that serves `config`.
pub(super) async fn start(config: Config) -> Running {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("audit")).unwrap();
    write(folder.path(), config);
    let running = start_in(folder).await;
    running.until_ready("ready\n").await;
    running
}

impl Running {
    /// Sends `request` to the MCP port, and gives all that comes back, without the call id.
    pub(super) async fn send(&self, request: impl AsRef<[u8]>) -> String {
        let text = exchange(self.server.address(), request.as_ref()).await;
        without_call_id(&text)
    }

    /// What the admin port answers.
    pub(super) async fn admin(&self, path: &str) -> String {
        let request = format!("GET {path} HTTP/1.1\r\nHost: admin\r\nConnection: close\r\n\r\n");
        exchange(self.server.admin_address(), request.as_bytes()).await
    }

    /// Asks `/readyz` until its body is this.
    pub(super) async fn until_ready(&self, body: &str) {
        self.until(async || {
            self.admin("/readyz")
                .await
                .ends_with(&format!("\r\n\r\n{body}"))
        })
        .await;
    }

    /// Asks until the answer is yes.
    pub(super) async fn until(&self, is_so: impl AsyncFn() -> bool) {
        let asking = async {
            while !is_so().await {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, asking).await.unwrap();
    }
}

async fn exchange(address: SocketAddr, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut text = String::new();
    let read = tokio::time::timeout(PATIENCE, stream.read_to_string(&mut text)).await;
    read.unwrap().unwrap();
    text.split_inclusive("\r\n")
        .filter(|line| !line.starts_with("date: "))
        .collect()
}

/// Checks that there is exactly one call id, a UUID of version 7, and takes it out.
fn without_call_id(text: &str) -> String {
    let parts: Vec<&str> = text.split("x-bailiwick-call: ").collect();
    let [head, rest] = parts[..] else {
        panic!("not one call id: {text}");
    };
    let (id, rest) = rest.split_once("\r\n").unwrap();
    assert_eq!(uuid::Uuid::parse_str(id).unwrap().get_version_num(), 7);
    format!("{head}{rest}")
}

/// A token of the agent `triage` that is good now.
pub(super) fn token() -> String {
    RSA.token(&now(service_account("support", "triage-bot")))
}

/// The claims, valid from now on for five minutes.
pub(super) fn now(mut claims: Value) -> Value {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs();
    claims["iat"] = json!(now);
    claims["exp"] = json!(now + 300);
    if claims.get("nbf").is_some() {
        claims["nbf"] = json!(now);
    }
    claims
}

/// A POST of `body` with these headers besides the usual ones.
pub(super) fn post(headers: &[(&str, &str)], body: &Value) -> String {
    let body = body.to_string();
    let lines = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"));
    let headers = lines.collect::<Vec<_>>().concat();
    format!(
        "POST /mcp HTTP/1.1\r\nHost: mcp.acme.internal\r\n\
         Accept: application/json, text/event-stream\r\nContent-Type: application/json\r\n\
         Connection: close\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// A modern request of the agent `triage`.
pub(super) fn modern(method: &str, params: Value) -> String {
    modern_with(&token(), method, params)
}

/// A modern request with this token.
pub(super) fn modern_with(token: &str, method: &str, mut params: Value) -> String {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {}
    });
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    let headers = [
        ("Authorization", &*format!("Bearer {token}")),
        ("MCP-Protocol-Version", "2026-07-28"),
        ("Mcp-Method", method),
    ];
    post(&headers, &body)
}

/// An older client's request of the agent `triage`.
pub(super) fn legacy(body: &Value) -> String {
    let headers = [
        ("Authorization", &*format!("Bearer {}", token())),
        ("MCP-Protocol-Version", "2025-11-25"),
    ];
    post(&headers, body)
}

/// A whole reply with a JSON body; `headers` are those besides the usual ones.
pub(super) fn reply(status: &str, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncache-control: no-store\r\n\
         {headers}connection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// A whole reply with a JSON-RPC error that answers no request in particular.
pub(super) fn error(status: &str, headers: &str, code: i32, message: &str) -> String {
    let error = format!(r#"{{"code":{code},"message":"{message}"}}"#);
    let body = format!(r#"{{"jsonrpc":"2.0","id":null,"error":{error}}}"#);
    reply(status, headers, &body)
}
