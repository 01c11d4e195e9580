//! Servers that crash, babble, flood, or will not go.

use std::path::Path;
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use ::http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use rustix::process::Signal;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::running::{HANGS, Running, bridge, call, post, server, text};

const MIB: usize = 1024 * 1024;

#[tokio::test]
async fn a_crash_fails_the_calls_in_flight_and_the_next_one_finds_a_new_server() {
    let bridge = Running::older().await;
    for _ in 0..3 {
        let held = call("held", "hold", json!({}));
        let (held, crashed) = tokio::join!(bridge.post(&held), async {
            bridge.until_held(1).await;
            bridge.call("crash", json!({})).await
        });
        assert_eq!(crashed["error"]["code"], -32603);
        let held: Value = serde_json::from_str(&held.1).unwrap();
        assert_eq!(
            (&held["id"], &held["error"]["code"]),
            (&json!("held"), &json!(-32603))
        );
        assert_eq!(bridge.text_of("cancelled").await, "[]");
    }
}

#[tokio::test]
async fn a_server_that_never_runs_is_not_ready() {
    let bridge = Running::of(&[], "false", &[]).await;
    let health = Request::get("/healthz").body(Full::default()).unwrap();
    assert_eq!(
        bridge.send(health).await.status(),
        StatusCode::SERVICE_UNAVAILABLE
    );
    let response = bridge
        .send(post(call(7, "echo", json!({})).to_string()))
        .await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers()["retry-after"], "1");
    assert!(text(response).await.contains(r#""id":7,"error""#));
    // Ten seconds of waiting fit 200, 400, ... ms of doubled waits: about six starts, not hundreds.
    let starts = bridge.log().matches("is started again").count();
    assert!((3..=8).contains(&starts), "{starts} starts");
}

#[tokio::test]
async fn lines_that_are_no_messages_do_no_harm() {
    let bridge = Running::older().await;
    assert_eq!(bridge.text_of("garbage").await, "done");
    assert!(bridge.log().contains("the server wrote no message"));
}

#[tokio::test]
async fn eight_mebibytes_pass() {
    let bridge = Running::older().await;
    let answer = bridge.call("big", json!({"bytes": 8 * MIB})).await;
    let content = answer["result"]["content"][0]["text"].as_str().unwrap();
    assert_eq!(content.len(), 8 * MIB);
}

#[tokio::test]
async fn an_answer_beyond_the_bound_is_an_error_and_the_server_goes_on() {
    let bridge = Running::older().await;
    let answer = bridge.call("big", json!({"bytes": 17 * MIB})).await;
    assert_eq!(answer["error"]["code"], -32603);
    assert_eq!(bridge.text_of("cancelled").await, "[]");
}

#[tokio::test]
async fn a_slow_reader_gets_everything_and_holds_up_nobody() {
    let bridge = Running::older().await;
    let message = call(1, "big", json!({"bytes": 8 * MIB}));
    let mut slow = bridge.send(post(message.to_string())).await;
    let first = slow
        .body_mut()
        .frame()
        .await
        .unwrap()
        .unwrap()
        .into_data()
        .unwrap();
    for _ in 0..20 {
        assert_eq!(bridge.text_of("cancelled").await, "[]");
    }
    let rest = text(slow).await;
    assert!(first.len() + rest.len() > 8 * MIB);
}

#[tokio::test]
async fn a_flood_of_errors_is_read_and_logged_in_part() {
    let bridge = Running::older().await;
    assert_eq!(bridge.text_of("flood").await, "done");
    let log = bridge.log();
    assert!(log.contains("xxxx"));
    assert!(log.len() < 300_000, "{} bytes of log", log.len());
}

async fn family(bridge: &Running) -> Vec<u32> {
    serde_json::from_str(&bridge.text_of("family").await).unwrap()
}

/// Waits until a process that was killed is gone.
async fn until_gone(process: u32) {
    let status = format!("/proc/{process}/stat");
    let is_there = || {
        let stat = std::fs::read_to_string(&status).unwrap_or_default();
        // A dead process may wait for its new parent.
        !stat.is_empty() && !stat.contains(") Z ")
    };
    let gone = async {
        while is_there() {
            tokio::task::yield_now().await;
        }
    };
    timeout(HANGS, gone).await.unwrap();
}

#[tokio::test]
async fn a_signal_ends_the_bridge_its_server_and_what_that_started() {
    for signal in [Signal::TERM, Signal::INT] {
        let bridge = Running::older().await;
        let family = family(&bridge).await;
        bridge.signal(signal);
        assert!(bridge.ended().await.success());
        for process in family {
            until_gone(process).await;
        }
    }
}

#[tokio::test]
async fn a_server_that_will_not_go_is_killed() {
    let bridge = Running::with("stubborn", &[]).await;
    let family = family(&bridge).await;
    let began = Instant::now();
    bridge.signal(Signal::TERM);
    assert!(bridge.ended().await.success());
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "{:?}",
        began.elapsed()
    );
    for process in family {
        until_gone(process).await;
    }
}

#[tokio::test]
async fn a_crash_takes_along_what_the_server_started() {
    let bridge = Running::older().await;
    let family = family(&bridge).await;
    bridge.call("crash", json!({})).await;
    bridge.text_of("cancelled").await;
    for process in family {
        until_gone(process).await;
    }
}

#[tokio::test]
async fn calls_in_flight_may_end_when_the_bridge_is_told_to_stop() {
    let bridge = Running::with("older", &["--drain", "20"]).await;
    let message = call(1, "big", json!({"bytes": 8 * MIB}));
    let mut slow = bridge.send(post(message.to_string())).await;
    slow.body_mut().frame().await.unwrap().unwrap();
    bridge.signal(Signal::TERM);
    assert!(text(slow).await.ends_with('}'));
    assert!(bridge.ended().await.success());
}

async fn fails(options: &[&str], program: &str) -> Output {
    let mut command = bridge(options, program, &[server()]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    timeout(HANGS, command.output()).await.unwrap().unwrap()
}

#[tokio::test]
async fn what_cannot_work_is_said_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty");
    std::fs::write(&empty, "").unwrap();
    let missing = Path::new("/nowhere/token");
    let cases = [
        (
            vec![],
            "/nowhere/program",
            "cannot start `/nowhere/program`",
        ),
        (vec!["--path", "mcp"], "python3", "`mcp` cannot be the path"),
        (
            vec!["--path", "/healthz"],
            "python3",
            "`/healthz` cannot be the path",
        ),
        (
            vec!["--token-file", empty.to_str().unwrap()],
            "python3",
            "the file holds no token",
        ),
        (
            vec!["--token-file", missing.to_str().unwrap()],
            "python3",
            "cannot read the token file",
        ),
        (
            vec!["--listen", "192.0.2.1:1"],
            "python3",
            "cannot listen on 192.0.2.1:1",
        ),
    ];
    for (options, program, why) in cases {
        let output = fails(&options, program).await;
        let log = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{log}");
        assert!(log.contains(why), "{log}");
        assert!(output.stdout.is_empty());
    }
}
