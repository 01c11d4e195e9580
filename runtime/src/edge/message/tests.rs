use http::{HeaderMap, HeaderName, HeaderValue};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};

use super::{Era, Message};

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in pairs {
        map.append(
            HeaderName::try_from(*name).unwrap(),
            HeaderValue::from_str(value).unwrap(),
        );
    }
    map
}

const CALL_HEADERS: [(&str, &str); 3] = [
    ("mcp-protocol-version", "2026-07-28"),
    ("mcp-method", "tools/call"),
    ("mcp-name", "read_issue"),
];

fn modern_call(id: &Value) -> Value {
    json!({
        "jsonrpc": "2.0",
        "id": id,
        "method": "tools/call",
        "params": {
            "name": "read_issue",
            "arguments": { "number": 1 },
            "_meta": {
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientCapabilities": {}
            }
        }
    })
}

fn read(pairs: &[(&str, &str)], body: &Value) -> Message {
    Message::read(&headers(pairs), body.to_string().as_bytes()).unwrap()
}

/// Status and body of the refusal.
fn refused(pairs: &[(&str, &str)], body: &[u8]) -> (u16, Value) {
    let response = Message::read(&headers(pairs), body)
        .unwrap_err()
        .into_response();
    let status = response.status().as_u16();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let bytes = runtime
        .block_on(response.into_body().collect())
        .unwrap()
        .to_bytes();
    (status, serde_json::from_slice(&bytes).unwrap())
}

fn error(id: impl Into<Value>, code: i32, message: &str) -> (u16, Value) {
    (
        400,
        json!({ "jsonrpc": "2.0", "id": id.into(), "error": { "code": code, "message": message } }),
    )
}

#[test]
fn a_modern_call_keeps_its_bytes() {
    let body = br#"{"id":"a\u0062" , "jsonrpc":"2.0","method":"tools/call","params":{ "name":"read_issue","arguments":{"n":1.50e0,"z":9007199254740993,"a":"\u00e9"},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{"elicitation":{}},"io.modelcontextprotocol/clientInfo":{"name":"c"},"progressToken":7,"traceparent":"00-1-2-01"} },"x":1}"#;
    let message = Message::read(&headers(&CALL_HEADERS), body).unwrap();
    assert_eq!(message.id.unwrap().get(), r#""a\u0062""#);
    assert_eq!(
        (message.era, &*message.version, &*message.method),
        (Era::Modern, "2026-07-28", "tools/call")
    );
    let params = message.params.unwrap();
    assert!(params.get().starts_with(
        r#"{ "name":"read_issue","arguments":{"n":1.50e0,"z":9007199254740993,"a":"\u00e9"}"#
    ));
    assert_eq!(message.meta.progress_token.unwrap().get(), "7");
    assert_eq!(
        message.meta.client_capabilities.unwrap().get(),
        r#"{"elicitation":{}}"#
    );
    assert_eq!(message.meta.traceparent.as_deref(), Some("00-1-2-01"));
}

#[test]
fn an_older_client_needs_neither_meta_nor_mcp_headers() {
    let body = json!({ "jsonrpc": "2.0", "id": -3, "method": "tools/list" });
    for (pairs, version) in [
        (&[][..], "2025-06-18"),
        (&[("mcp-protocol-version", "2025-06-18")], "2025-06-18"),
        (&[("mcp-protocol-version", "2025-11-25")], "2025-11-25"),
    ] {
        let message = read(pairs, &body);
        assert_eq!((message.era, &*message.version), (Era::Legacy, version));
        assert_eq!(message.id.unwrap().get(), "-3");
    }
}

#[test]
fn initialize_is_a_handshake_of_older_clients() {
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": { "protocolVersion": "2026-07-28" } });
    assert_eq!(read(&[], &body).era, Era::Legacy);
}

#[test]
fn a_notification_has_no_id() {
    let body = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    let message = read(&[], &body);
    assert!(message.id.is_none());
    assert_eq!(message.era, Era::Legacy);
}

#[test]
fn an_encoded_name_is_compared_decoded() {
    let mut body = modern_call(&json!(1));
    body["params"]["name"] = json!("größe");
    let mut pairs = CALL_HEADERS;
    pairs[2].1 = "=?base64?Z3LDtsOfZQ==?=";
    assert_eq!(read(&pairs, &body).method, "tools/call");
}

#[test]
fn only_param_headers_are_kept() {
    let mut pairs = CALL_HEADERS.to_vec();
    pairs.extend([
        ("mcp-param-region", "eu"),
        ("mcp-param-region", "us"),
        ("authorization", "Bearer x"),
        ("cookie", "c"),
    ]);
    let kept = read(&pairs, &modern_call(&json!(1))).param_headers;
    let kept: Vec<_> = kept
        .iter()
        .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
        .collect();
    assert_eq!(
        kept,
        [("mcp-param-region", "eu"), ("mcp-param-region", "us")]
    );
}

#[test]
fn text_that_is_not_strict_json_is_a_parse_error() {
    let deep = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"m","params":{{"a":{}}}}}"#,
        "[".repeat(200_000)
    );
    let many = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"m","params":{{"a":[{}0]}}}}"#,
        "0,".repeat(30_000)
    );
    for (body, why) in [
        (&b""[..], "not JSON"),
        (b"{\"jsonrpc\":\"2.0\"", "not JSON"),
        (b"{} {}", "not JSON"),
        (b"\xff{}", "not UTF-8"),
        (
            br#"{"jsonrpc":"2.0","id":1,"id":2,"method":"m"}"#,
            "a key twice in one object",
        ),
        (
            br#"{"jsonrpc":"2.0","id":1,"method":"m","params":{"name":"a","\u006eame":"b"}}"#,
            "a key twice in one object",
        ),
        (
            br#"{"jsonrpc":"2.0","id":1,"method":"\ud800"}"#,
            "a string with half a surrogate pair",
        ),
        (
            br#"{"jsonrpc":"2.0","id":1,"method":"m","params":{"n":1e999}}"#,
            "a number beyond what a double can hold",
        ),
        (deep.as_bytes(), "nested too deep"),
        (many.as_bytes(), "too many values"),
    ] {
        assert_eq!(
            refused(&[], body),
            error(Value::Null, -32700, &format!("Parse error: {why}"))
        );
    }
}

#[test]
fn what_is_not_one_call_is_an_invalid_request() {
    let batch = "Invalid Request: one JSON-RPC message, no batch";
    let bad_id = "Invalid Request: an id is a short string or an integer";
    let neither = "Invalid Request: neither a JSON-RPC 2.0 request nor a notification";
    for (body, id, message) in [
        (json!([]), Value::Null, batch),
        (
            json!([{ "jsonrpc": "2.0", "id": 1, "method": "ping" }]),
            Value::Null,
            batch,
        ),
        (json!(["2.0", 1, "ping", {}]), Value::Null, batch),
        (json!("ping"), Value::Null, batch),
        (json!(null), Value::Null, batch),
        (
            json!({ "jsonrpc": "2.0", "id": null, "method": "ping" }),
            Value::Null,
            bad_id,
        ),
        (
            json!({ "jsonrpc": "2.0", "id": 1.5, "method": "ping" }),
            Value::Null,
            bad_id,
        ),
        (
            json!({ "jsonrpc": "2.0", "id": {}, "method": "ping" }),
            Value::Null,
            bad_id,
        ),
        (
            json!({ "jsonrpc": "2.0", "id": "x".repeat(300), "method": "ping" }),
            Value::Null,
            bad_id,
        ),
        (json!({ "id": 1, "method": "ping" }), json!(1), neither),
        (
            json!({ "jsonrpc": "1.0", "id": 1, "method": "ping" }),
            json!(1),
            neither,
        ),
        (json!({ "jsonrpc": "2.0", "id": "r" }), json!("r"), neither),
        (
            json!({ "jsonrpc": "2.0", "id": 1, "result": {} }),
            json!(1),
            neither,
        ),
        (
            json!({ "jsonrpc": "2.0", "id": 1, "error": {} }),
            json!(1),
            neither,
        ),
        (
            json!({ "jsonrpc": "2.0", "id": 1, "method": "ping", "params": [] }),
            json!(1),
            "Invalid Request: `params` is not an object",
        ),
        (
            json!({ "jsonrpc": "2.0", "id": 1, "method": "ping", "params": null }),
            json!(1),
            "Invalid Request: `params` is not an object",
        ),
    ] {
        assert_eq!(
            refused(&[], body.to_string().as_bytes()),
            error(id, -32600, message),
            "{body}"
        );
    }
    let not_a_name = br#"{"jsonrpc":"2.0","id":1,"method":5}"#;
    assert_eq!(refused(&[], not_a_name), error(Value::Null, -32600, batch));
}

#[test]
fn a_version_that_is_not_served_is_named_with_those_that_are() {
    let expected = |requested: &str| {
        let data = json!({ "supported": ["2025-06-18", "2025-11-25", "2026-07-28"], "requested": requested });
        let error =
            json!({ "code": -32022, "message": "Unsupported protocol version", "data": data });
        (400, json!({ "jsonrpc": "2.0", "id": 1, "error": error }))
    };
    let mut body = modern_call(&json!(1));
    body["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"] = json!("2099-01-01");
    let mut pairs = CALL_HEADERS;
    pairs[0].1 = "2099-01-01";
    assert_eq!(
        refused(&pairs, body.to_string().as_bytes()),
        expected("2099-01-01")
    );
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" });
    assert_eq!(
        refused(
            &[("mcp-protocol-version", "2024-11-05")],
            body.to_string().as_bytes()
        ),
        expected("2024-11-05")
    );
}

#[test]
fn a_modern_request_must_carry_its_meta() {
    let mut no_meta = modern_call(&json!(1));
    no_meta["params"].as_object_mut().unwrap().remove("_meta");
    let message = "`_meta` must name io.modelcontextprotocol/protocolVersion";
    assert_eq!(
        refused(&CALL_HEADERS, no_meta.to_string().as_bytes()),
        error(json!(1), -32602, message)
    );

    let discover = json!({ "jsonrpc": "2.0", "id": 1, "method": "server/discover" });
    assert_eq!(
        refused(&[], discover.to_string().as_bytes()),
        error(json!(1), -32602, message)
    );

    let mut no_capabilities = modern_call(&json!(1));
    no_capabilities["params"]["_meta"]
        .as_object_mut()
        .unwrap()
        .remove("io.modelcontextprotocol/clientCapabilities");
    let message = "Invalid params: `_meta` must name io.modelcontextprotocol/clientCapabilities";
    assert_eq!(
        refused(&CALL_HEADERS, no_capabilities.to_string().as_bytes()),
        error(json!(1), -32602, message)
    );
}

#[test]
fn meta_of_the_wrong_type_is_refused() {
    let message = "Invalid params: `_meta` has members of the wrong type";
    for (key, value) in [
        ("io.modelcontextprotocol/clientCapabilities", json!([])),
        ("io.modelcontextprotocol/clientInfo", json!("me")),
        ("io.modelcontextprotocol/protocolVersion", json!(20_260_728)),
        ("progressToken", json!({})),
        ("progressToken", json!(1.5)),
        ("traceparent", json!(1)),
    ] {
        let mut body = modern_call(&json!(1));
        body["params"]["_meta"][key] = value;
        assert_eq!(
            refused(&CALL_HEADERS, body.to_string().as_bytes()),
            error(json!(1), -32602, message),
            "{key}"
        );
    }
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "ping", "params": { "_meta": 1 } });
    assert_eq!(
        refused(&[], body.to_string().as_bytes()),
        error(json!(1), -32602, message)
    );
}

#[test]
fn headers_must_say_what_the_body_says() {
    let version = "the header MCP-Protocol-Version and `_meta` name different versions";
    let method = "the header Mcp-Method and the body name different methods";
    let name = "the header Mcp-Name and the body name different things";
    let good = CALL_HEADERS.to_vec();
    let changed = |index: usize, value: &'static str| {
        let mut pairs = good.clone();
        pairs[index].1 = value;
        pairs
    };
    let without = |index: usize| {
        let mut pairs = good.clone();
        pairs.remove(index);
        pairs
    };
    let twice = |index: usize| {
        let mut pairs = good.clone();
        pairs.push(pairs[index]);
        pairs
    };
    for (pairs, message) in [
        (changed(0, "2025-11-25"), version),
        (changed(0, "2099-01-01"), version),
        (without(0), "the header MCP-Protocol-Version is missing"),
        (
            twice(0),
            "the header mcp-protocol-version must be there once, in ASCII",
        ),
        (changed(1, "tools/list"), method),
        (changed(1, "TOOLS/CALL"), method),
        (without(1), "the header Mcp-Method is missing"),
        (
            twice(1),
            "the header mcp-method must be there once, in ASCII",
        ),
        (changed(2, "write_issue"), name),
        (changed(2, "=?base64?d3JpdGVfaXNzdWU=?="), name),
        (changed(2, "=?base64?!!!?="), name),
        (without(2), "the header Mcp-Name is missing"),
        (twice(2), "the header mcp-name must be there once, in ASCII"),
    ] {
        let body = modern_call(&json!(1)).to_string();
        assert_eq!(
            refused(&pairs, body.as_bytes()),
            error(json!(1), -32020, message),
            "{pairs:?}"
        );
    }
}
