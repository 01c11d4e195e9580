//! What an agent sees: its own tools, as they were locked; and what it does not see.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::world::{Setup, World, message};
use crate::edge::Era;
use crate::view::Day;

const NOWHERE: &str = "http://127.0.0.1:1/mcp";

async fn list(world: &World, era: Era, params: &str) -> super::world::Answered {
    let message = message(era, "tools/list", params);
    world.send(message, CancellationToken::new()).await
}

#[tokio::test]
async fn definitions_are_listed_byte_for_byte_but_for_the_name() {
    let mut setup = Setup::empty();
    setup.add_server("b", NOWHERE);
    setup.add_server("a", NOWHERE);
    let odd = r#"{ "x-vendor":1.50,"inputSchema": {"type":"object","properties":{"name":{}}} , "name":"od\u0064","description":"\u00e9"}"#;
    setup
        .definitions
        .get_mut("b")
        .unwrap()
        .insert("odd".into(), odd.into());
    setup.add_tool("alice", "b", "odd", json!({}));
    setup.add_tool("alice", "a", "plain", json!({"type": "object"}));
    setup.add_tool("bob", "a", "hidden", json!({"type": "object"}));
    let world = World::start(&setup).await;
    let tools = format!(
        r#"[{{"inputSchema":{{"type":"object"}},"name":"a_plain"}},{}]"#,
        odd.replace(r#""od\u0064""#, r#""b_odd""#)
    );
    let legacy = list(&world, Era::Legacy, "{}").await;
    assert_eq!(
        legacy.raw,
        format!(r#"{{"jsonrpc":"2.0","id":7,"result":{{"tools":{tools}}}}}"#)
    );
    let modern = list(&world, Era::Modern, "{}").await;
    assert!(
        modern.raw.contains(&format!(r#""tools":{tools},"#)),
        "{}",
        modern.raw
    );
    let mut result = modern.body["result"].clone();
    result.as_object_mut().unwrap().remove("tools");
    let version = env!("CARGO_PKG_VERSION");
    let expected = json!({
        "resultType": "complete", "ttlMs": 30_000, "cacheScope": "private",
        "_meta": {"io.modelcontextprotocol/serverInfo": {"name": "bailiwick-dispatch", "version": version}},
    });
    assert_eq!(result, expected);
}

#[tokio::test]
async fn there_is_one_page_only() {
    let world = World::start(&Setup::new(NOWHERE)).await;
    let refused = list(&world, Era::Legacy, r#"{"cursor":"x"}"#).await;
    assert_eq!(refused.body["error"]["code"], -32602);
}

#[tokio::test]
async fn unknown_hidden_and_ended_tools_are_one_answer() {
    let mut setup = Setup::new(NOWHERE);
    setup.add_tool("bob", "s", "hidden", json!({}));
    setup.add_tool("alice", "s", "ended", json!({})).until = Some("2020-02-29".into());
    let world = World::start(&setup).await;
    for tool in ["s_hidden", "s_ended", "s_nothere", "", "echo", "hidden"] {
        let answered = world.call(Era::Modern, tool, "{}").await;
        let expected = format!(
            r#"{{"jsonrpc":"2.0","id":7,"error":{{"code":-32602,"message":"Unknown tool: {tool}"}}}}"#
        );
        assert_eq!((answered.status, answered.raw), (200, expected));
    }
    assert_eq!(world.log.kinds(), ["deny unknown-tool"; 6]);
    let listed = list(&world, Era::Legacy, "{}").await.body["result"]["tools"].clone();
    let names: Vec<_> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|tool| &tool["name"])
        .collect();
    assert_eq!(names, [&Value::from("s_echo")]);
}

#[tokio::test]
async fn a_permission_ends_at_midnight_without_a_reload() {
    let mut setup = Setup::new(NOWHERE);
    setup.add_tool("alice", "s", "brief", json!({})).until = Some("2100-01-01".into());
    setup.add_tool("alice", "s", "longer", json!({})).until = Some("2100-01-02".into());
    let world = World::start(&setup).await;
    let snapshot = world.snapshot();
    let view = snapshot.view("alice").unwrap();
    let midnight =
        SystemTime::UNIX_EPOCH + Duration::from_secs("2100-01-02".parse::<Day>().unwrap().start());
    let names = |time| {
        let listed = view.list(Era::Modern, Day::of(time)).unwrap().get();
        let listed: Value = serde_json::from_str(listed).unwrap();
        let tools = listed["tools"].as_array().unwrap().clone();
        let name = |tool: &Value| tool["name"].as_str().unwrap().to_owned();
        tools.iter().map(name).collect::<Vec<_>>()
    };
    let day = Duration::from_hours(24);
    assert_eq!(
        names(midnight - Duration::from_nanos(1)),
        ["s_brief", "s_echo", "s_longer"]
    );
    assert_eq!(names(midnight), ["s_echo", "s_longer"]);
    assert_eq!(names(midnight + day), ["s_echo"]);
    // A clock that is set back brings back what then still held.
    assert_eq!(names(midnight - day), ["s_brief", "s_echo", "s_longer"]);
    assert!(
        view.find("s_brief", Day::of(midnight - Duration::from_nanos(1)))
            .is_some()
    );
    assert!(view.find("s_brief", Day::of(midnight)).is_none());
}
