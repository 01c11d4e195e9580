//! Calls that go well: both eras on both sides, byte for byte, with nothing of the caller's but
//! the arguments.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bailiwick_config::Auth;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::stub::{Answer, Speaks, Stub};
use super::world::{Setup, World, message};
use crate::edge::Era;

/// Odd but valid JSON: order, spacing, escapes and digits must all survive.
const ARGUMENTS: &str =
    r#"{"z": 1.50,"a":"\u00e9\/","n":12345678901234567890123,  "deep":{"y":[ ],"x":1e2}}"#;
const RESULT: &str =
    r#"{ "content":[{"type":"new-kind","x-vendor":1.50,"text":"\u00e9"}] ,"z":{"b":1,"a":2}}"#;

fn echo(seen: &super::stub::Seen) -> Answer {
    seen.result(RESULT)
}

#[tokio::test]
async fn arguments_and_results_pass_byte_for_byte_in_both_eras() {
    for speaks in [Speaks::Modern, Speaks::Legacy] {
        let stub = Stub::start(speaks, echo).await;
        let world = World::start(&Setup::new(&stub.url)).await;
        let legacy = world.call(Era::Legacy, "s_echo", ARGUMENTS).await;
        assert_eq!(
            legacy.raw,
            format!(r#"{{"jsonrpc":"2.0","id":7,"result":{RESULT}}}"#)
        );
        let modern = world.call(Era::Modern, "s_echo", ARGUMENTS).await;
        let typed = RESULT.replacen('{', r#"{"resultType":"complete","#, 1);
        assert_eq!(
            modern.raw,
            format!(r#"{{"jsonrpc":"2.0","id":7,"result":{typed}}}"#)
        );
        for call in stub.seen_of("tools/call") {
            let sent = format!(r#""params":{{"name":"echo","arguments":{ARGUMENTS}"#);
            assert!(call.raw.contains(&sent), "{}", call.raw);
        }
        let expected = ["intent", "outcome Ok -", "intent", "outcome Ok -"];
        assert_eq!(world.log.kinds(), expected);
    }
}

#[tokio::test]
async fn a_result_that_says_its_kind_is_not_touched() {
    let result = r#"{"resultType":"complete","content":[]}"#;
    let stub = Stub::start(Speaks::Modern, move |seen| seen.result(result)).await;
    let world = World::start(&Setup::new(&stub.url)).await;
    let answered = world.call(Era::Modern, "s_echo", "{}").await;
    assert_eq!(
        answered.raw,
        format!(r#"{{"jsonrpc":"2.0","id":7,"result":{result}}}"#)
    );
}

#[tokio::test]
async fn an_empty_result_stays_an_object() {
    let stub = Stub::start(Speaks::Legacy, |seen| seen.result("{}")).await;
    let world = World::start(&Setup::new(&stub.url)).await;
    let answered = world.call(Era::Modern, "s_echo", "{}").await;
    assert_eq!(answered.body["result"], json!({"resultType": "complete"}));
}

#[tokio::test]
async fn how_a_server_speaks_is_found_out_once() {
    for (speaks, first) in [
        (Speaks::Modern, vec!["server/discover"]),
        (
            Speaks::Legacy,
            vec!["server/discover", "initialize", "notifications/initialized"],
        ),
    ] {
        let stub = Stub::start(speaks, echo).await;
        let world = World::start(&Setup::new(&stub.url)).await;
        for _ in 0..3 {
            world.call(Era::Modern, "s_echo", "{}").await;
        }
        let methods: Vec<_> = stub
            .seen()
            .iter()
            .map(|seen| seen.method().to_owned())
            .collect();
        let calls = ["tools/call"; 3];
        let expected: Vec<_> = first.into_iter().chain(calls).map(str::to_owned).collect();
        assert_eq!(methods, expected, "{speaks:?}");
    }
}

#[tokio::test]
async fn a_server_that_restarts_is_asked_anew_and_the_call_succeeds() {
    for (before, after) in [
        (Speaks::Legacy, Speaks::Legacy),
        (Speaks::Legacy, Speaks::Modern),
        (Speaks::Modern, Speaks::Legacy),
    ] {
        let stub = Stub::start(before, echo).await;
        let world = World::start(&Setup::new(&stub.url)).await;
        assert_eq!(
            world.call(Era::Legacy, "s_echo", "{}").await.body["result"]["z"]["b"],
            1
        );
        let address = stub.stop().await;
        let carried_out = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&carried_out);
        let stub = Stub::start_at(address, after, move |seen| {
            count.fetch_add(1, Ordering::Relaxed);
            echo(seen)
        })
        .await;
        let answered = world.call(Era::Legacy, "s_echo", "{}").await;
        assert_eq!(
            answered.body["result"]["z"]["b"], 1,
            "{before:?} to {after:?}: {answered:?}"
        );
        assert_eq!(carried_out.load(Ordering::Relaxed), 1);
        stub.stop().await;
    }
}

#[tokio::test]
async fn an_event_stream_is_read_in_order_until_the_answer() {
    let stub = Stub::start(Speaks::Legacy, |seen| {
        let id = &seen.body["id"];
        Answer::events(format!(
            ": open\n\ndata: {{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{{}}}}\n\n\
             data: {{\"jsonrpc\":\"2.0\",\"id\":999999,\"result\":{{\"content\":[\"not ours\"]}}}}\n\n\
             event: message\nid: 1\ndata: {{\"jsonrpc\":\"2.0\",\"id\":{id},\"result\":{{\"content\":[]}}}}\n\n\
             data: never read\n\n"
        ))
    })
    .await;
    let world = World::start(&Setup::new(&stub.url)).await;
    let answered = world.call(Era::Legacy, "s_echo", "{}").await;
    assert_eq!(answered.body["result"], json!({"content": []}));
}

#[tokio::test]
async fn connections_are_used_again_whatever_the_form_of_the_answer() {
    for in_events in [false, true] {
        let stub = Stub::start(Speaks::Modern, move |seen| {
            let id = &seen.body["id"];
            let answer = format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{}}}}"#);
            if in_events {
                Answer::events(format!("data: {answer}\n\n"))
            } else {
                Answer::json(answer)
            }
        })
        .await;
        let world = World::start(&Setup::new(&stub.url)).await;
        for _ in 0..20 {
            world.call(Era::Legacy, "s_echo", "{}").await;
            tokio::task::yield_now().await;
        }
        let opened = stub.connections.load(Ordering::Relaxed);
        assert!(
            opened <= 3,
            "{opened} connections for 20 calls, in events: {in_events}"
        );
    }
}

/// Everything that may ever leave this process as a header. `mcp-param-*` only as a definition
/// says.
const HEADERS: [&str; 10] = [
    "accept",
    "authorization",
    "content-length",
    "content-type",
    "host",
    "mcp-method",
    "mcp-name",
    "mcp-param-region",
    "mcp-protocol-version",
    "mcp-session-id",
];

#[tokio::test]
async fn the_headers_that_leave_are_these_and_no_others() {
    let mut names = BTreeSet::new();
    for speaks in [Speaks::Modern, Speaks::Legacy] {
        let stub = Stub::start(speaks, |_| Answer::Never).await;
        let tokens = tempfile::TempDir::new().unwrap();
        let token_file = tokens.path().join("token");
        std::fs::write(&token_file, "  upstream-token\n").unwrap();
        let mut setup = Setup::empty();
        setup.add_server("s", &stub.url);
        let schema =
            json!({"properties": {"region": {"type": "string", "x-mcp-header": "Region"}}});
        setup.add_tool("alice", "s", "echo", schema).timeout = 300;
        setup.config.servers.get_mut("s").unwrap().auth = Auth::Bearer {
            token_file: token_file.to_str().unwrap().into(),
        };
        let world = World::start(&setup).await;
        let mut sent = message(
            Era::Modern,
            "tools/call",
            r#"{"name":"s_echo","arguments":{"region":"eu-1"},"_meta":{"x":"caller-secret"}}"#,
        );
        sent.meta.baggage = Some("caller-secret=1".into());
        sent.meta.traceparent =
            Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into());
        sent.meta.client_info = Some(
            serde_json::value::RawValue::from_string(r#"{"name":"caller-secret"}"#.into()).unwrap(),
        );
        sent.param_headers
            .insert("mcp-param-region", "eu-1".parse().unwrap());
        assert_eq!(
            world.send(sent, CancellationToken::new()).await.reason(),
            "timeout"
        );
        if speaks == Speaks::Legacy {
            stub.wait_for("notifications/cancelled").await;
        }
        for seen in stub.seen() {
            assert!(!seen.raw.contains("caller-secret"), "{}", seen.raw);
            assert_eq!(seen.headers["authorization"], "Bearer upstream-token");
            names.extend(seen.headers.keys().map(|name| name.as_str().to_owned()));
        }
        let call = stub.seen_of("tools/call").pop().unwrap();
        let trace = &call.body["params"]["_meta"]["traceparent"];
        assert_eq!(
            trace,
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        );
    }
    assert_eq!(names, HEADERS.map(str::to_owned).into());
}

#[tokio::test]
async fn a_token_file_that_changes_is_read_again_after_a_refusal() {
    let stub = Stub::start(Speaks::Modern, |seen| {
        if seen.headers["authorization"] == "Bearer new" {
            seen.result("{}")
        } else {
            Answer::status(401)
        }
    })
    .await;
    let tokens = tempfile::TempDir::new().unwrap();
    let token_file = tokens.path().join("token");
    let mut setup = Setup::new(&stub.url);
    setup.config.servers.get_mut("s").unwrap().auth = Auth::Bearer {
        token_file: token_file.to_str().unwrap().into(),
    };
    let world = World::start(&setup).await;
    let missing = world.call(Era::Legacy, "s_echo", "{}").await;
    assert_eq!(missing.reason(), "upstream-credential");
    assert!(stub.seen().is_empty());
    std::fs::write(&token_file, "old").unwrap();
    let refused = world.call(Era::Legacy, "s_echo", "{}").await;
    assert_eq!(refused.reason(), "upstream-credential");
    std::fs::write(&token_file, "new").unwrap();
    let answered = world.call(Era::Legacy, "s_echo", "{}").await;
    assert_eq!(answered.body["result"], json!({}));
}

#[tokio::test]
async fn a_header_must_repeat_its_argument() {
    let stub = Stub::start(Speaks::Modern, |seen| seen.result("{}")).await;
    let mut setup = Setup::empty();
    setup.add_server("s", &stub.url);
    let schema = json!({"properties": {"region": {"type": "string", "x-mcp-header": "Region"}}});
    setup.add_tool("alice", "s", "echo", schema);
    let world = World::start(&setup).await;
    for (header, status) in [(Some("eu-1"), 200), (Some("eu-2"), 400), (None, 400)] {
        let params = r#"{"name":"s_echo","arguments":{"region":"eu-1"}}"#;
        let mut sent = message(Era::Modern, "tools/call", params);
        if let Some(header) = header {
            sent.param_headers
                .insert("mcp-param-region", header.parse().unwrap());
        }
        let answered = world.send(sent, CancellationToken::new()).await;
        assert_eq!(answered.status, status, "{header:?}");
        if status == 400 {
            assert_eq!(answered.body["error"]["code"], -32020);
        }
    }
    assert_eq!(
        stub.seen_of("tools/call")[0].headers["mcp-param-region"],
        "eu-1"
    );
}
