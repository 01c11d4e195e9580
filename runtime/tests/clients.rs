//! Clients that are not ours, through the served endpoint: they list, call, are refused, and cancel.

#![cfg(test)]

mod support;

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use support::installed::installed;
use support::issuer::Issuer;
use support::process::{Process, free_address};
use support::upstream::{ECHO, Event, SLOW, Upstream};
use support::{Granted, write_config};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::Command;
use tokio::time::timeout;

/// How long a client may take for all it does.
const PATIENCE: Duration = Duration::from_mins(2);

/// Runs a client through all it does; gives what it printed.
async fn run(mut client: Command, mode: &str, mut cancelled_by: Vec<Event>) -> Option<Vec<Value>> {
    let mut upstream = Upstream::start().await;
    let folder = tempfile::tempdir().unwrap();
    let issuer = Issuer::new();
    let address = free_address();
    let url = format!("http://{address}/mcp");
    let granted = Granted::new("test", &upstream.url, &[ECHO, SLOW]);
    write_config(&folder.path().join("config"), &url, &issuer, &[granted]);
    let _dispatch = Process::dispatch(folder.path(), &address);

    let mut child = client
        .args([
            mode,
            &url,
            &issuer.token(&url),
            "test_echo",
            "test_hidden",
            "test_slow",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let work = async {
        let mut said = Vec::new();
        while let Some(line) = lines.next_line().await.unwrap() {
            said.push(serde_json::from_str(&line).unwrap());
            if said.len() == 4 {
                // The slow call is under way at the server: now the client shall cancel it.
                let came = upstream.next().await;
                assert!(matches!(came, Event::Came { .. }), "{came:?}");
                input.write_all(b"cancel\n").await.unwrap();
                // Nothing more happens at the server than the end of that call.
                while !cancelled_by.is_empty() {
                    let event = upstream.next().await;
                    let expected = cancelled_by.iter().position(|one| *one == event);
                    cancelled_by.remove(expected.unwrap_or_else(|| panic!("{event:?}")));
                }
            }
        }
        assert!(child.wait().await.unwrap().success());
        said
    };
    Some(
        timeout(PATIENCE, work)
            .await
            .expect("the client takes too long"),
    )
}

/// What every client must see.
fn expected(protocol: &str, refusal: &str) -> Vec<Value> {
    vec![
        json!({ "protocol": protocol }),
        json!({ "listed": ["test_echo", "test_slow"] }),
        json!({ "called": "hello", "error": false }),
        json!({ "refused": refusal, "code": -32602 }),
        json!({ "cancelled": true }),
    ]
}

fn python() -> Option<Command> {
    let folder = installed("mcp-python-")?;
    let mut client = Command::new(folder.join("bin/python"));
    client.arg(clients().join("python.py"));
    Some(client)
}

fn typescript(generation: &str) -> Option<Command> {
    let folder = installed("mcp-node-")?;
    let mut client = Command::new("node");
    client
        .arg(clients().join("typescript.mjs"))
        .arg(generation)
        .env("NODE_TOOLS", folder);
    Some(client)
}

fn clients() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients")
}

/// Our connection to the server ends, and an older server is told as well.
fn ends() -> Vec<Event> {
    vec![Event::Gone, Event::Cancelled]
}

const UNKNOWN: &str = "Unknown tool: test_hidden";

#[tokio::test(flavor = "multi_thread")]
async fn the_python_client_in_its_modern_mode() {
    let Some(client) = python() else { return };
    let said = run(client, "modern", ends()).await;
    assert_eq!(said, Some(expected("2026-07-28", UNKNOWN)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_python_client_in_its_legacy_mode() {
    let Some(client) = python() else { return };
    let said = run(client, "legacy", ends()).await;
    assert_eq!(said, Some(expected("2025-11-25", UNKNOWN)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_typescript_client_of_the_second_generation() {
    let Some(client) = typescript("v2") else {
        return;
    };
    let said = run(client, "modern", ends()).await;
    assert_eq!(said, Some(expected("2026-07-28", UNKNOWN)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_typescript_client_of_the_second_generation_in_its_legacy_mode() {
    let Some(client) = typescript("v2") else {
        return;
    };
    let said = run(client, "legacy", ends()).await;
    assert_eq!(said, Some(expected("2025-11-25", UNKNOWN)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_typescript_client_of_the_first_generation() {
    let Some(client) = typescript("v1") else {
        return;
    };
    let said = run(client, "legacy", ends()).await;
    let refusal = format!("MCP error -32602: {UNKNOWN}");
    assert_eq!(said, Some(expected("2025-11-25", &refusal)));
}
