//! An audit folder that cannot be written: no call is served, and the process stays up to say why.

#![cfg(test)]

mod support;

use std::path::Path;
use std::process::Command;

use serde_json::json;
use support::client::Client;
use support::issuer::Issuer;
use support::process::{Process, free_address};
use support::upstream::{ECHO, Upstream};
use support::{Granted, write_config};

const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// The dispatch server with an audit folder on a small disk of its own, which `prepare` readies.
fn on_small_disk(folder: &Path, listen: &str, prepare: &str) -> Process {
    let script = format!(r#"mount -t tmpfs -o size=128k tmpfs "$0" && {prepare} && exec "$@""#);
    let mut command = Command::new("unshare");
    command
        .args(["--map-root-user", "--mount", "sh", "-c", &script])
        .arg(folder.join("audit"))
        .arg(env!("CARGO_BIN_EXE_bailiwick-dispatch"))
        .args(Process::arguments(folder, listen));
    Process::start_unready(command, folder)
}

async fn refuses(prepare: &str, why: &str) {
    let mut upstream = Upstream::start().await;
    let folder = tempfile::tempdir().unwrap();
    let issuer = Issuer::new();
    let address = free_address();
    let url = format!("http://{address}/mcp");
    let granted = Granted::new("test", &upstream.url, &[ECHO]);
    write_config(&folder.path().join("config"), &url, &issuer, &[granted]);
    let process = on_small_disk(folder.path(), &address, prepare);

    let audit = folder.path().join("audit");
    let line = why.replace("FOLDER", audit.to_str().unwrap());
    process.wait_until("/readyz", |answer| answer.contains(&line));
    assert!(process.get("/readyz").starts_with("HTTP/1.1 503 "));
    assert!(process.get("/healthz").starts_with("HTTP/1.1 200 "));

    // Without a log no configuration is in force: the connection is not even taken up.
    let client = Client::new(&url, &issuer.token(&url));
    let arguments = json!({ "text": "hello" });
    let call = tokio::spawn(async move { client.call("test_echo", &arguments, TRACE).await });
    assert!(process.get("/readyz").contains(&line));
    process.stop();
    assert!(call.await.unwrap().is_none(), "it was answered");
    assert!(upstream.events.try_recv().is_err(), "the call went out");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_full_serves_no_call_and_says_so() {
    refuses(
        "true",
        "audit: the disk of the audit log's folder FOLDER is full",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_read_only_serves_no_call_and_says_so() {
    refuses(
        r#"mount -o remount,ro "$0""#,
        "audit: the audit log's folder FOLDER is read-only",
    )
    .await;
}
