//! The official git server behind the bridge.

use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};

use crate::running::{Running, call};

/// Where the repository's scripts install it.
#[expect(clippy::disallowed_methods, reason = "tests are told by variables")]
fn git_server() -> PathBuf {
    let cache = std::env::var("BAILIWICK_CACHE")
        .or_else(|_| std::env::var("XDG_CACHE_HOME").map(|folder| folder + "/bailiwick"))
        .unwrap_or_else(|_| std::env::var("HOME").unwrap() + "/.cache/bailiwick");
    PathBuf::from(cache).join("mcp-server-git-2026.10.19/bin/mcp-server-git")
}

#[expect(clippy::disallowed_methods, reason = "tests are told by variables")]
fn may_skip() -> bool {
    std::env::var("ALLOW_SKIP").is_ok_and(|value| value == "1")
}

#[tokio::test]
async fn the_git_server_lists_and_calls() {
    let program = git_server();
    if !program.is_file() {
        let why = format!("{} is not there: run `make test`", program.display());
        assert!(may_skip(), "{why}, or set ALLOW_SKIP=1");
        return;
    }
    let repository = tempfile::tempdir().unwrap();
    let folder = repository.path().to_str().unwrap();
    let made = Command::new("git")
        .args(["init", "-q", folder])
        .status()
        .unwrap();
    assert!(made.success());

    let bridge = Running::of(&[], program.to_str().unwrap(), &["--repository", folder]).await;
    let list = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"});
    let (_, body) = bridge.post(&list).await;
    let answer: Value = serde_json::from_str(&body).unwrap();
    let tools = answer["result"]["tools"].as_array().unwrap();
    assert!(
        tools.iter().any(|tool| tool["name"] == "git_status"),
        "{body}"
    );

    let status = call(2, "git_status", json!({"repo_path": folder}));
    let (_, body) = bridge.post(&status).await;
    assert!(body.contains("No commits yet"), "{body}");

    // As a caller of the newer era sends it.
    let mut newer = call(3, "git_status", json!({"repo_path": folder}));
    newer["params"]["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let (_, body) = bridge.post(&newer).await;
    assert!(body.contains("No commits yet"), "{body}");
}
