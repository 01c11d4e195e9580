//! Refusals that tell how long to wait.

use bailiwick_config::{Limit, Rate};
use serde_json::json;

use super::stub::{Answer, Speaks, Stub};
use super::world::{Setup, World, message};
use crate::edge::Era;
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn a_rate_says_when_to_try_again() {
    let stub = Stub::start(Speaks::Modern, |seen| seen.result("{}")).await;
    let mut setup = Setup::new(&stub.url);
    setup.permission("s_echo").limit.rate = Some(Rate {
        calls: 1,
        per: 60_000,
        burst: 2,
    });
    let world = World::start(&setup).await;
    for _ in 0..2 {
        assert_eq!(
            world.call(Era::Legacy, "s_echo", "{}").await.body["result"],
            json!({})
        );
    }
    let refused = world.call(Era::Legacy, "s_echo", "{}").await;
    assert_eq!((refused.reason(), refused.status), ("rate-limit", 200));
    assert!(
        (59..=60).contains(&refused.retry_after.unwrap()),
        "{refused:?}"
    );
    assert_eq!(world.log.kinds().pop().unwrap(), "deny rate-limit");
    assert_eq!(stub.seen_of("tools/call").len(), 2);
}

#[tokio::test]
async fn an_agents_and_a_servers_counter_count_all_of_its_tools() {
    for on_server in [true, false] {
        let stub = Stub::start(Speaks::Modern, |_| Answer::Never).await;
        let mut setup = Setup::new(&stub.url);
        setup.add_tool("alice", "s", "other", json!({}));
        let limit = Limit {
            rate: None,
            concurrent: Some(1),
        };
        if on_server {
            setup.config.servers.get_mut("s").unwrap().limit = limit;
        } else {
            setup.config.agents.get_mut("alice").unwrap().limit = limit;
        }
        let world = World::start(&setup).await;
        let cancel = CancellationToken::new();
        let call = message(Era::Modern, "tools/call", r#"{"name":"s_echo"}"#);
        let (_, ()) = tokio::join!(world.send(call, cancel.clone()), async {
            stub.wait_for("tools/call").await;
            let refused = world.call(Era::Modern, "s_other", "{}").await;
            assert_eq!(refused.reason(), "concurrency");
            assert_eq!(refused.retry_after, Some(1));
            cancel.cancel();
        });
    }
}

#[tokio::test]
async fn arguments_are_bounded_and_checked_before_anything_is_spent() {
    let stub = Stub::start(Speaks::Modern, |seen| seen.result("{}")).await;
    let mut setup = Setup::empty();
    setup.add_server("s", &stub.url);
    let schema = json!({"type": "object", "properties": {"n": {"type": "integer"}}});
    let permission = setup.add_tool("alice", "s", "echo", schema);
    permission.max_args = 32;
    permission.limit.rate = Some(Rate {
        calls: 1,
        per: 60_000,
        burst: 1,
    });
    let world = World::start(&setup).await;
    let long = format!(r#"{{"n":{}}}"#, "1".repeat(40));
    for (arguments, word) in [
        (long.as_str(), "arguments-too-large"),
        (r#"{"n":"hunter2"}"#, "invalid-arguments"),
        ("[]", "invalid-arguments"),
    ] {
        let refused = world.call(Era::Legacy, "s_echo", arguments).await;
        assert_eq!(refused.reason(), word, "{arguments}");
        assert!(!refused.raw.contains("hunter2"), "{}", refused.raw);
        assert_eq!(world.log.kinds().pop().unwrap(), format!("deny {word}"));
    }
    assert!(stub.seen().is_empty());
    assert_eq!(
        world.call(Era::Legacy, "s_echo", r#"{"n":1}"#).await.body["result"],
        json!({})
    );
}
