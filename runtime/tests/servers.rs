//! Servers that are not ours, behind dispatch: one that speaks over its standard streams, by the
//! bridge, and one that speaks HTTP.

#![cfg(test)]

mod support;

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use bailiwick_bridge::{Bridge, Program, Settings};
use serde_json::{Value, json};
use support::client::{Answer, Client};
use support::installed::installed;
use support::issuer::Issuer;
use support::process::{Process, free_address};
use support::{Granted, write_config};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

const GIT_STATUS: &str = r#"{"name":"git_status","description":"Shows the working tree status","inputSchema":{"type":"object","properties":{"repo_path":{"type":"string"}},"required":["repo_path"]}}"#;
const EVERYTHING_ECHO: &str = r#"{"name":"echo","description":"Echoes back the input string","inputSchema":{"type":"object","properties":{"message":{"type":"string"}},"required":["message"]}}"#;
const EVERYTHING_SUM: &str = r#"{"name":"get-sum","description":"Returns the sum of two numbers","inputSchema":{"type":"object","properties":{"a":{"type":"number"},"b":{"type":"number"}},"required":["a","b"]}}"#;

/// A dispatch server in front of `granted`, and a client that may call all of it.
fn serve(folder: &Path, granted: Granted<'_>) -> (Process, Client) {
    let issuer = Issuer::new();
    let address = free_address();
    let url = format!("http://{address}/mcp");
    write_config(&folder.join("config"), &url, &issuer, &[granted]);
    let process = Process::dispatch(folder, &address);
    (process, Client::new(&url, &issuer.token(&url)))
}

/// The text of a result that is no error.
fn text(answer: &Answer) -> &str {
    let result = &answer.body["result"];
    assert_ne!(result["isError"], json!(true), "{}", answer.body);
    result["content"][0]["text"]
        .as_str()
        .unwrap_or_else(|| panic!("{}", answer.body))
}

#[tokio::test]
async fn the_git_server_of_python_behind_the_bridge() {
    let Some(tools) = installed("mcp-server-git-") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let repository = folder.path().join("repository");
    let made = std::process::Command::new("git")
        .args(["init", "-q"])
        .arg(&repository)
        .status()
        .unwrap();
    assert!(made.success());
    let bridge = Bridge::start(Settings {
        listen: ([127, 0, 0, 1], 0).into(),
        path: "/mcp".to_owned(),
        token_file: None,
        program: Program {
            name: tools.join("bin/mcp-server-git").into(),
            arguments: vec!["--repository".into(), repository.clone().into()],
        },
        drain: Duration::ZERO,
    })
    .await
    .unwrap();
    let url = bridge.url();
    let (stop, told) = tokio::sync::oneshot::channel::<()>();
    let bridge = tokio::spawn(bridge.run(async {
        drop(told.await);
    }));
    let (_dispatch, client) = serve(folder.path(), Granted::new("git", &url, &[GIT_STATUS]));

    let call = async |repository: &Path| {
        let arguments = json!({ "repo_path": repository });
        client
            .call("git_git_status", &arguments, TRACE)
            .await
            .unwrap()
    };
    let status = call(&repository).await;
    assert!(text(&status).contains("No commits yet"), "{}", status.body);
    // The server's own refusal is a result and passes as one.
    let refused = call(folder.path()).await;
    assert_eq!(refused.body["result"]["isError"], json!(true));

    stop.send(()).unwrap();
    bridge.await.unwrap();
}

/// Starts the everything server at `address`, on loopback alone: it would listen everywhere.
async fn everything(tools: &Path, address: &str) -> Child {
    let (host, port) = address.rsplit_once(':').unwrap();
    let loopback = format!(
        "data:text/javascript,import net from 'node:net'; const listen = net.Server.prototype.listen; \
         net.Server.prototype.listen = function (port, ...rest) {{ return listen.call(this, port, '{host}', ...rest); }};"
    );
    let program = "node_modules/@modelcontextprotocol/server-everything/dist/index.js";
    let mut child = Command::new("node")
        .args(["--import", &loopback])
        .arg(tools.join(program))
        .arg("streamableHttp")
        .env("PORT", port)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    loop {
        let line = lines.next_line().await.unwrap();
        if line.expect("it ended").contains("listening on port") {
            break;
        }
    }
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    child
}

#[tokio::test]
async fn the_everything_server_of_typescript_over_http() {
    let Some(tools) = installed("mcp-node-") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let address = free_address();
    let _server = everything(&tools, &address).await;
    let url = format!("http://{address}/mcp");
    let granted = Granted::new("every", &url, &[EVERYTHING_ECHO, EVERYTHING_SUM]);
    let (_dispatch, client) = serve(folder.path(), granted);

    let call =
        async |tool: &str, arguments: Value| client.call(tool, &arguments, TRACE).await.unwrap();
    let echo = call("every_echo", json!({ "message": "hello" })).await;
    assert_eq!(text(&echo), "Echo: hello");
    let sum = call("every_get-sum", json!({ "a": 2, "b": 40 })).await;
    assert_eq!(text(&sum), "The sum of 2 and 40 is 42.");
    // What the server has and the agent was not granted.
    let hidden = call("every_get-env", json!({})).await;
    assert_eq!(
        hidden.body["error"]["message"],
        "Unknown tool: every_get-env"
    );
}
