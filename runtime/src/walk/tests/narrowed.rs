//! Calls of a tool of which an agent gets less than it has.

use bailiwick_config::{FixedArgument, Permission};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::stub::{Speaks, Stub};
use super::world::{CONNECTOR, Setup, World, message};
use crate::config::Snapshot;
use crate::edge::Era;
use crate::view::Day;

/// What the server declares.
fn declared() -> Value {
    json!({
        "type": "object",
        "properties": {
            "owner": {"type": "string", "x-mcp-header": "Owner"},
            "amount": {"type": "number"},
            "filter": {"type": "object", "properties": {"project": {"type": "string"}}},
        },
        "required": ["owner"],
    })
}

/// What is left of it: the owner and the project are fixed, the amount is at most 5.
fn narrowed() -> Value {
    json!({
        "type": "object",
        "properties": {
            "amount": {"type": "number", "maximum": 5},
            "filter": {"type": "object", "properties": {}, "not": {"anyOf": [{"required": ["project"]}]}},
        },
        "required": ["amount", "filter"],
        "not": {"anyOf": [{"required": ["owner"]}]},
    })
}

async fn world(stub: &Stub) -> World {
    let mut setup = Setup::new(&stub.url);
    let permission = setup.add_tool("alice", "s", "pay", declared());
    permission.input_schema = Some(narrowed());
    permission.fixed = vec![
        fixed(&["owner"], "acme"),
        fixed(&["filter", "project"], "p1"),
    ];
    World::start(&setup).await
}

fn fixed(path: &[&str], value: &str) -> FixedArgument {
    FixedArgument {
        path: path.iter().map(|name| (*name).to_owned()).collect(),
        value: value.into(),
    }
}

#[tokio::test]
async fn fixed_arguments_are_put_in_and_the_rest_stays_byte_for_byte() {
    let stub = Stub::start(Speaks::Modern, |seen| seen.result(r#"{"content":[]}"#)).await;
    let world = world(&stub).await;
    let sent = r#"{ "amount":1.50e0 ,"filter":{ }}"#;
    world.call(Era::Modern, "s_pay", sent).await;
    let seen = stub.seen_of("tools/call");
    let whole = r#""arguments":{"owner":"acme", "amount":1.50e0 ,"filter":{"project":"p1" }}"#;
    assert_eq!(seen.len(), 1);
    assert!(seen[0].raw.contains(whole), "{}", seen[0].raw);
    // The server's own definition says that the owner is in a header too.
    assert_eq!(seen[0].headers["mcp-param-owner"], "acme");
}

#[tokio::test]
async fn what_is_narrowed_away_never_reaches_the_server() {
    let stub = Stub::start(Speaks::Modern, |seen| seen.result(r#"{"content":[]}"#)).await;
    let world = world(&stub).await;
    for arguments in [
        r#"{"amount":6,"filter":{}}"#,
        r#"{"filter":{}}"#,
        r#"{"amount":1}"#,
        r#"{"amount":1,"filter":{},"owner":"acme"}"#,
        r#"{"amount":1,"filter":{},"owner":"evil"}"#,
        r#"{"amount":1,"filter":{"project":"p2"}}"#,
        r#"{"amount":1,"filter":"p1"}"#,
    ] {
        let answered = world.call(Era::Modern, "s_pay", arguments).await;
        assert_eq!(answered.body["result"]["isError"], true, "{arguments}");
    }
    assert!(stub.seen_of("tools/call").is_empty());
}

#[tokio::test]
async fn the_agent_sees_what_is_left() {
    let stub = Stub::start(Speaks::Modern, |seen| seen.result("{}")).await;
    let world = world(&stub).await;
    let asked = message(Era::Modern, "tools/list", "{}");
    let listed = world.send(asked, CancellationToken::new()).await;
    let tools = listed.body["result"]["tools"].as_array().unwrap();
    let pay = tools.iter().find(|tool| tool["name"] == "s_pay").unwrap();
    assert_eq!(pay["inputSchema"], narrowed());
}

#[test]
fn agents_that_have_the_same_left_share_it() {
    let mut setup = Setup::new("http://127.0.0.1:1/mcp");
    let narrower = json!({"type": "object", "maxProperties": 0});
    let agents = [
        ("alice", narrowed()),
        ("bob", narrowed()),
        ("carol", narrower),
    ];
    for (agent, schema) in agents {
        setup.add_tool(agent, "s", "pay", declared()).input_schema = Some(schema);
    }
    let snapshot = Snapshot::compile(&setup.files(), None, &CONNECTOR, Day::today()).unwrap();
    let [alice, bob, carol] = ["alice", "bob", "carol"].map(|agent| {
        let view = snapshot.view(agent).unwrap();
        view.find("s_pay", Day::today()).unwrap().schema()
    });
    assert!(std::ptr::eq(alice, bob));
    assert!(!std::ptr::eq(alice, carol));
}

#[test]
fn what_cannot_be_held_does_not_load() {
    let loads = |change: fn(&mut Permission)| {
        let mut setup = Setup::new("http://127.0.0.1:1/mcp");
        change(setup.add_tool("alice", "s", "pay", declared()));
        Snapshot::compile(&setup.files(), None, &CONNECTOR, Day::today()).is_ok()
    };
    assert!(loads(|_| {}));
    assert!(loads(
        |permission| permission.input_schema = Some(narrowed())
    ));
    // The agent would see an argument that it may not send.
    assert!(!loads(
        |permission| permission.fixed = vec![fixed(&["owner"], "acme")]
    ));
    assert!(!loads(
        |permission| permission.input_schema = Some(json!({"$ref": "#"}))
    ));
}
