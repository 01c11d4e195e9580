//! Nothing goes out before it is on disk, and nothing is told before that.

use std::pin::pin;
use std::sync::Arc;

use bailiwick_audit::{Entry as Line, Failed};
use serde_json::json;

use super::stub::{Speaks, Stub};
use super::world::{Setup, World};
use crate::config::Snapshot;
use crate::edge::Era;

/// Lets `future` go as far as it can without anything from outside.
async fn is_pending(mut future: std::pin::Pin<&mut impl Future>) -> bool {
    for _ in 0..50 {
        let polled = std::future::poll_fn(|context| {
            std::task::Poll::Ready(future.as_mut().poll(context).is_pending())
        });
        if !polled.await {
            return false;
        }
        tokio::task::yield_now().await;
    }
    true
}

#[tokio::test]
async fn no_byte_goes_out_before_the_intent_and_none_back_before_the_outcome() {
    let stub = Stub::start(Speaks::Modern, |seen| seen.result("{}")).await;
    let world = World::start(&Setup::new(&stub.url)).await;
    world.log.hold();
    let mut call = pin!(world.call(Era::Legacy, "s_echo", "{}"));
    assert!(is_pending(call.as_mut()).await);
    assert_eq!(world.log.kinds(), ["intent"]);
    assert!(
        stub.seen().is_empty(),
        "a byte went out before the intent was durable"
    );
    world.log.release();
    // The server answers; the outcome waits for the disk.
    while world.log.held() == 0 {
        assert!(is_pending(call.as_mut()).await);
    }
    assert_eq!(world.log.kinds(), ["intent", "outcome Ok -"]);
    assert!(
        is_pending(call.as_mut()).await,
        "a reply went before its outcome was durable"
    );
    world.log.release();
    assert_eq!(call.await.body["result"], json!({}));
}

#[tokio::test]
async fn no_refusal_goes_before_its_record() {
    let world = World::start(&Setup::new("http://127.0.0.1:1/mcp")).await;
    world.log.hold();
    let mut call = pin!(world.call(Era::Legacy, "nothing", "{}"));
    assert!(is_pending(call.as_mut()).await);
    assert_eq!(world.log.kinds(), ["deny unknown-tool"]);
    world.log.release();
    assert_eq!(call.await.body["error"]["code"], -32602);
}

#[tokio::test]
async fn a_log_that_cannot_be_written_refuses_every_call() {
    let stub = Stub::start(Speaks::Modern, |seen| seen.result("{}")).await;
    let world = World::start(&Setup::new(&stub.url)).await;
    assert_eq!(world.state.unready(), [""; 0]);
    world.log.fail(Failed::Full);
    for tool in ["s_echo", "nothing"] {
        let refused = world.call(Era::Legacy, tool, "{}").await;
        assert_eq!(refused.status, 503);
        assert_eq!(refused.body["error"]["code"], -32603);
    }
    assert!(stub.seen().is_empty());
    assert_eq!(
        world.state.unready(),
        ["audit: the audit log has no room on its disk"]
    );
}

#[tokio::test]
async fn a_config_decides_only_once_it_is_recorded() {
    let mut setup = Setup::new("http://127.0.0.1:1/mcp");
    let world = World::start(&setup).await;
    let before = world.snapshot().digest().to_owned();
    world.log.fail(Failed::Overloaded);
    setup.add_tool("alice", "s", "more", json!({}));
    setup.write(world.folder.path());
    // It is tried again and again, or it is in force.
    while world.log.refused() < 2 && world.snapshot().digest() == before {
        tokio::task::yield_now().await;
    }
    assert_eq!(world.snapshot().digest(), before);
    world.log.recover();
    let mut snapshots = world.state.snapshots();
    let is_new = |snapshot: &Option<Arc<Snapshot>>| {
        snapshot
            .as_ref()
            .is_some_and(|snapshot| snapshot.digest() != before)
    };
    let now = snapshots.wait_for(is_new).await.unwrap().clone().unwrap();
    let last = world.log.lines().pop();
    assert!(
        matches!(&last, Some(Line::Config(config)) if config.digest == now.digest()),
        "{last:?}"
    );
    assert_eq!(world.state.unready(), [""; 0]);
}

#[tokio::test]
async fn a_log_that_is_overloaded_says_to_come_back() {
    let world = World::start(&Setup::new("http://127.0.0.1:1/mcp")).await;
    world.log.fail(Failed::Overloaded);
    let refused = world.call(Era::Legacy, "s_echo", "{}").await;
    assert_eq!((refused.status, refused.retry_after), (503, Some(1)));
}

#[tokio::test]
async fn records_say_who_and_what_but_no_argument() {
    let stub = Stub::start(Speaks::Modern, |seen| {
        seen.result(r#"{"content":["s3cret"]}"#)
    })
    .await;
    let world = World::start(&Setup::new(&stub.url)).await;
    let digest = world.snapshot().digest().to_owned();
    let answered = world
        .call(Era::Legacy, "s_echo", r#"{"pin":"hunter2","n":1}"#)
        .await;
    assert_eq!(answered.status, 200);
    let lines: Vec<_> = world
        .log
        .lines()
        .into_iter()
        .filter(|line| !matches!(line, Line::Config(_)))
        .collect();
    let [Line::Intent(intent), Line::Outcome(outcome)] = lines.as_slice() else {
        panic!("{lines:?}");
    };
    assert_eq!(intent.call, outcome.call);
    assert_eq!(intent.config, digest);
    assert_eq!(
        (intent.caller.agent.as_str(), intent.caller.sub.as_str()),
        ("alice", "alice")
    );
    assert_eq!(intent.target.tool, "echo");
    assert_eq!(intent.target.server.as_deref(), Some("s"));
    assert_eq!(intent.target.exposed.as_deref(), Some("s_echo"));
    assert_eq!(
        (intent.arguments.digests.len(), intent.arguments.bytes),
        (2, 23)
    );
    assert_eq!(outcome.bytes, 22);
    let written = format!("{lines:?}");
    assert!(
        !written.contains("hunter2") && !written.contains("s3cret"),
        "{written}"
    );
}

#[tokio::test]
async fn a_flood_of_refusals_is_counted_and_not_written_one_by_one() {
    let world = World::start(&Setup::new("http://127.0.0.1:1/mcp")).await;
    for _ in 0..1_000 {
        assert_eq!(
            world.call(Era::Legacy, "nothing", "{}").await.body["error"]["code"],
            -32602
        );
    }
    world.state.recorder.flush().await;
    let (mut written, mut counted) = (0, 0);
    for line in world.log.lines() {
        match line {
            Line::Deny(_) => written += 1,
            Line::Gap(gap) => counted += gap.refused["unknown-tool"],
            Line::Config(_) | Line::Intent(_) | Line::Outcome(_) => {}
        }
    }
    assert_eq!(written + counted, 1_000);
    assert!((100..200).contains(&written), "{written} were written");
}
