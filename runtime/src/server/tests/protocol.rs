//! The protocol's own methods, of both eras.

use serde_json::{Value, json};

use super::client::{config, legacy, modern, start};

/// Status line and JSON body of an answer.
fn parts(answer: &str) -> (&str, Value) {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let body = serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}"));
    (head.lines().next().unwrap(), body)
}

fn server() -> Value {
    json!({ "name": "bailiwick-dispatch", "version": env!("CARGO_PKG_VERSION") })
}

#[tokio::test]
async fn an_older_client_initializes_without_a_session() {
    let running = start(config()).await;
    for (asked, answered) in [
        ("2025-06-18", "2025-06-18"),
        ("2025-11-25", "2025-11-25"),
        ("2024-11-05", "2025-11-25"),
        ("2026-07-28", "2025-11-25"),
    ] {
        let client = json!({ "name": "c", "version": "1" });
        let params = json!({ "protocolVersion": asked, "capabilities": {}, "clientInfo": client });
        let body = json!({ "jsonrpc": "2.0", "id": "i", "method": "initialize", "params": params });
        // Its first request does not say a version in the header.
        let request = legacy(&body).replace("MCP-Protocol-Version: 2025-11-25\r\n", "");
        let answer = running.send(request).await;
        let result = json!({
            "protocolVersion": answered,
            "capabilities": { "tools": { "listChanged": true } },
            "serverInfo": server()
        });
        let expected = json!({ "jsonrpc": "2.0", "id": "i", "result": result });
        assert_eq!(parts(&answer), ("HTTP/1.1 200 OK", expected));
        assert!(
            !answer.to_lowercase().contains("mcp-session-id"),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn an_older_client_pings() {
    let running = start(config()).await;
    let ping = json!({ "jsonrpc": "2.0", "id": 7, "method": "ping" });
    let expected = json!({ "jsonrpc": "2.0", "id": 7, "result": {} });
    assert_eq!(
        parts(&running.send(legacy(&ping)).await),
        ("HTTP/1.1 200 OK", expected)
    );
}

#[tokio::test]
async fn a_modern_client_discovers() {
    let running = start(config()).await;
    let result = json!({
        "resultType": "complete",
        "supportedVersions": ["2025-06-18", "2025-11-25", "2026-07-28"],
        "capabilities": { "tools": { "listChanged": true } },
        "ttlMs": 0,
        "cacheScope": "private",
        "_meta": { "io.modelcontextprotocol/serverInfo": server() }
    });
    let expected = json!({ "jsonrpc": "2.0", "id": 1, "result": result });
    let answer = running.send(modern("server/discover", json!({}))).await;
    assert_eq!(parts(&answer), ("HTTP/1.1 200 OK", expected));
}

#[tokio::test]
async fn a_method_of_no_era_or_the_other_one_is_not_found() {
    let running = start(config()).await;
    let error = json!({ "code": -32601, "message": "Method not found" });
    let error = json!({ "jsonrpc": "2.0", "id": 1, "error": error });
    for method in [
        "initialize",
        "ping",
        "completion/complete",
        "logging/setLevel",
        "tools/List",
        "no/such",
    ] {
        let answer = running.send(modern(method, json!({}))).await;
        assert_eq!(
            parts(&answer),
            ("HTTP/1.1 404 Not Found", error.clone()),
            "{method}"
        );
    }
    for method in [
        "subscriptions/listen",
        "prompts/list",
        "resources/list",
        "tasks/get",
        "no/such",
    ] {
        let request = legacy(&json!({ "jsonrpc": "2.0", "id": 1, "method": method }));
        assert_eq!(
            parts(&running.send(request).await),
            ("HTTP/1.1 200 OK", error.clone()),
            "{method}"
        );
    }
}
