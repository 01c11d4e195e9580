//! Servers that are down, die, answer garbage, too much or never: each a clear result, a record,
//! and no place that leaks.

use bailiwick_audit::CallResult;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::stub::{Answer, OnCall, Seen, Speaks, Stub};
use super::world::{Setup, World, message};
use crate::edge::Era;

/// What one call of a server that behaves like `on_call` comes to, as reason word and record.
async fn fails(
    speaks: Speaks,
    on_call: impl Fn(&Seen) -> Answer + Send + Sync + 'static,
) -> (String, String) {
    let stub = Stub::start(speaks, on_call).await;
    let mut setup = Setup::new(&stub.url);
    setup.permission("s_echo").timeout = 700;
    let world = World::start(&setup).await;
    let answered = world.call(Era::Modern, "s_echo", "{}").await;
    assert_eq!(answered.status, 200);
    assert_eq!(answered.body["id"], 7);
    assert_eq!(answered.body["result"]["resultType"], "complete");
    let text = answered.body["result"]["content"][0]["text"]
        .as_str()
        .unwrap();
    assert!(text.contains("owner: support"), "{text}");
    let reason = answered.reason().to_owned();
    assert_eq!(places(&world), [0; 3], "{reason}");
    (reason, world.log.kinds().pop().unwrap())
}

/// Calls in flight by the counters of alice's `s_echo`.
fn places(world: &World) -> [u32; 3] {
    let snapshot = world.snapshot();
    let view = snapshot.view("alice").unwrap();
    let entry = view.find("s_echo", crate::view::Day::today()).unwrap();
    entry.counters.each_ref().map(|counter| counter.in_flight())
}

#[tokio::test]
async fn a_refusal_names_the_groups_that_answer_for_the_team() {
    let stub = Stub::start(Speaks::Modern, |_| Answer::status(500)).await;
    let mut setup = Setup::new(&stub.url);
    let agent = setup.config.agents.get_mut("alice").unwrap();
    agent.owners = vec!["support-leads".to_owned(), "oncall".to_owned()];
    let world = World::start(&setup).await;
    let answered = world.call(Era::Modern, "s_echo", "{}").await;
    let result = &answered.body["result"];
    let text = result["content"][0]["text"].as_str().unwrap();
    assert!(text.ends_with("; owner: support-leads, oncall)"), "{text}");
    let owner = &result["_meta"]["bailiwick"]["owner"];
    assert_eq!(owner, "support-leads, oncall");
}

#[tokio::test]
async fn each_way_to_fail_has_its_word() {
    let redirect = || Answer::Say {
        status: 307,
        headers: vec![("location", "http://127.0.0.1:1/elsewhere".into())],
        body: String::new(),
    };
    let json = Answer::json;
    let cases: Vec<(&str, Box<OnCall>)> = vec![
        ("timeout", Box::new(|_| Answer::Never)),
        ("upstream-closed", Box::new(|_| Answer::HangUp)),
        (
            "upstream-closed",
            Box::new(|_| Answer::HangUpAfter(r#"{"jsonrpc":"2.0","#.into())),
        ),
        (
            "upstream-closed",
            Box::new(|_| Answer::events(": nothing\n\n")),
        ),
        ("upstream-redirect", Box::new(move |_| redirect())),
        ("upstream-status", Box::new(|_| Answer::status(500))),
        ("upstream-status", Box::new(|_| Answer::status(418))),
        ("upstream-credential", Box::new(|_| Answer::status(401))),
        ("upstream-garbage", Box::new(|_| Answer::status(200))),
        ("upstream-garbage", Box::new(move |_| json("<html>"))),
        (
            "upstream-garbage",
            Box::new(|_| Answer::events("data: \u{0}\n\n")),
        ),
        (
            "upstream-garbage",
            Box::new(|seen| Answer::Say {
                status: 200,
                headers: vec![
                    ("content-type", "application/json".into()),
                    ("content-encoding", "gzip".into()),
                ],
                body: seen.raw.clone(),
            }),
        ),
        ("upstream-garbage", Box::new(|seen| seen.result("[]"))),
        (
            "upstream-garbage",
            Box::new(|_| Answer::json(r#"{"jsonrpc":"2.0","id":999,"result":{}}"#)),
        ),
        (
            "input-required",
            Box::new(|seen| seen.result(r#"{"resultType":"input_required","inputRequests":{}}"#)),
        ),
        (
            "upstream-error",
            Box::new(|seen| {
                let id = &seen.body["id"];
                Answer::json(format!(
                    r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":-32602,"message":"no such repo"}}}}"#
                ))
            }),
        ),
        (
            "result-too-large",
            Box::new(|seen| seen.result(&format!(r#"{{"x":"{}"}}"#, "y".repeat(8 << 20)))),
        ),
        (
            "result-too-large",
            Box::new(|seen| seen.result(&format!(r#"{{"x":"{}"}}"#, "y".repeat(64 << 10)))),
        ),
        (
            "result-too-large",
            Box::new(|_| Answer::events(format!("data: {}\n\n", "y".repeat(8 << 20)))),
        ),
        ("result-too-large", Box::new(|_| Answer::Endless)),
    ];
    for (number, (word, on_call)) in cases.into_iter().enumerate() {
        let speaks = [Speaks::Modern, Speaks::Legacy][number % 2];
        let (reason, record) = fails(speaks, on_call).await;
        assert_eq!(reason, word, "case {number}");
        let result = if word == "timeout" {
            "Timeout"
        } else {
            "UpstreamError"
        };
        assert_eq!(record, format!("outcome {result} {word}"), "case {number}");
    }
}

#[tokio::test]
async fn a_server_that_is_down_at_the_start_is_called_once_it_is_up() {
    let stub = Stub::start(Speaks::Modern, |seen| seen.result("{}")).await;
    let setup = Setup::new(&stub.url);
    let address = stub.stop().await;
    let world = World::start(&setup).await;
    let down = world.call(Era::Legacy, "s_echo", "{}").await;
    assert_eq!(down.reason(), "upstream-unreachable");
    let _stub = Stub::start_at(address, Speaks::Modern, |seen| seen.result("{}")).await;
    let up = world.call(Era::Legacy, "s_echo", "{}").await;
    assert_eq!(up.body["result"], json!({}));
}

#[tokio::test]
async fn a_deadline_shorter_than_the_handshake_gets_past_it_in_the_end() {
    let stub = Stub::start(Speaks::Mute, |seen| seen.result("{}")).await;
    let mut setup = Setup::new(&stub.url);
    setup.permission("s_echo").timeout = 300;
    let world = World::start(&setup).await;
    let early = world.call(Era::Legacy, "s_echo", "{}").await;
    assert_eq!(early.reason(), "timeout");
    stub.wait_for("notifications/initialized").await;
    let late = world.call(Era::Legacy, "s_echo", "{}").await;
    assert_eq!(late.body["result"], json!({}));
    assert_eq!(stub.seen_of("server/discover").len(), 1);
}

#[tokio::test]
async fn a_call_that_the_server_has_understood_is_not_sent_again() {
    for status in [402, 409, 410, 418, 422, 429] {
        let stub = Stub::start(Speaks::Legacy, move |_| Answer::status(status)).await;
        let world = World::start(&Setup::new(&stub.url)).await;
        let answered = world.call(Era::Legacy, "s_echo", "{}").await;
        assert_eq!(answered.reason(), "upstream-status");
        assert_eq!(stub.seen_of("tools/call").len(), 1, "{status}");
    }
}

#[tokio::test]
async fn a_tool_that_says_it_failed_is_no_failure_of_ours() {
    let result = r#"{"isError":true,"content":[{"type":"text","text":"no"}]}"#;
    let stub = Stub::start(Speaks::Legacy, move |seen| seen.result(result)).await;
    let world = World::start(&Setup::new(&stub.url)).await;
    let answered = world.call(Era::Legacy, "s_echo", "{}").await;
    assert_eq!(answered.body["result"]["content"][0]["text"], "no");
    assert_eq!(world.log.kinds(), ["intent", "outcome ToolError -"]);
}

#[tokio::test]
async fn a_cancelled_call_ends_at_the_server_too() {
    for speaks in [Speaks::Modern, Speaks::Legacy] {
        let stub = Stub::start(speaks, |_| Answer::Never).await;
        let world = World::start(&Setup::new(&stub.url)).await;
        let cancel = CancellationToken::new();
        let call = message(Era::Legacy, "tools/call", r#"{"name":"s_echo"}"#);
        let (answered, ()) = tokio::join!(world.send(call, cancel.clone()), async {
            stub.wait_for("tools/call").await;
            assert_eq!(places(&world), [1; 3]);
            cancel.cancel();
        });
        assert_eq!(answered.reason(), "cancelled");
        assert_eq!(world.log.kinds(), ["intent", "outcome Cancelled cancelled"]);
        assert_eq!(places(&world), [0; 3]);
        // The server's request is dropped; an older server is told so as well.
        stub.abandoned
            .clone()
            .wait_for(|count| *count == 1)
            .await
            .unwrap();
        if speaks == Speaks::Legacy {
            let told = stub.wait_for("notifications/cancelled").await;
            let call = stub.seen_of("tools/call").pop().unwrap();
            assert_eq!(told.body["params"]["requestId"], call.body["id"]);
            assert_eq!(told.headers["mcp-session-id"], "session-1");
        }
    }
}

#[tokio::test]
async fn a_storm_of_cancelled_calls_leaves_no_place_taken() {
    let stub = Stub::start(Speaks::Modern, |_| Answer::Never).await;
    let mut setup = Setup::new(&stub.url);
    setup.permission("s_echo").limit.concurrent = Some(16);
    let world = World::start(&setup).await;
    let storm = (0..400).map(|number| {
        let cancel = CancellationToken::new();
        let world = &world;
        async move {
            let call = message(Era::Modern, "tools/call", r#"{"name":"s_echo"}"#);
            let send = world.send(call, cancel.clone());
            let (answered, ()) = tokio::join!(send, async {
                for _ in 0..number % 7 {
                    tokio::task::yield_now().await;
                }
                cancel.cancel();
            });
            answered.reason().to_owned()
        }
    });
    let reasons = futures_in_order(storm).await;
    let cancelled = reasons
        .iter()
        .filter(|reason| *reason == "cancelled")
        .count();
    assert!(cancelled >= 16, "only {cancelled} calls were in flight");
    let known = ["cancelled", "concurrency"];
    assert!(
        reasons
            .iter()
            .all(|reason| known.contains(&reason.as_str())),
        "{reasons:?}"
    );
    assert_eq!(places(&world), [0; 3]);
    let outcomes = world.log.lines().into_iter().filter(|line| {
        matches!(line, bailiwick_audit::Entry::Outcome(outcome) if outcome.result == CallResult::Cancelled)
    });
    assert_eq!(
        outcomes.count(),
        cancelled,
        "each cancelled call has its outcome"
    );
}

/// The control of the test above: a place that is held is seen.
#[tokio::test]
async fn a_call_in_flight_holds_its_places() {
    let stub = Stub::start(Speaks::Modern, |_| Answer::Never).await;
    let world = World::start(&Setup::new(&stub.url)).await;
    let cancel = CancellationToken::new();
    let call = message(Era::Modern, "tools/call", r#"{"name":"s_echo"}"#);
    let (_, ()) = tokio::join!(world.send(call, cancel.clone()), async {
        stub.wait_for("tools/call").await;
        assert_eq!(places(&world), [1; 3]);
        cancel.cancel();
    });
}

/// Runs all futures at the same time, on one task.
async fn futures_in_order<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut running: Vec<_> = futures.map(|future| (Box::pin(future), None)).collect();
    std::future::poll_fn(|context| {
        let mut is_done = true;
        for (future, output) in &mut running {
            if output.is_none() {
                match future.as_mut().poll(context) {
                    std::task::Poll::Ready(value) => *output = Some(value),
                    std::task::Poll::Pending => is_done = false,
                }
            }
        }
        if is_done {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    running
        .into_iter()
        .filter_map(|(_, output)| output)
        .collect()
}
