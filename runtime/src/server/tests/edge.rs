//! Requests that get nowhere, compared byte for byte.

use bailiwick_audit::{Filter, Kind, show};
use serde_json::json;

use super::client::{config, error, legacy, modern, start, token};

/// A good request with one thing in it replaced.
fn changed(from: &str, to: &str) -> String {
    let good = modern("tools/list", json!({}));
    assert!(good.contains(from), "{from}");
    good.replacen(from, to, 1)
}

/// An older client's request with this text for a body.
fn with_body(body: &str) -> String {
    let request = legacy(&json!(null));
    let (head, _) = request.split_once("Content-Length").unwrap();
    format!("{head}Content-Length: {}\r\n\r\n{body}", body.len())
}

#[tokio::test]
async fn a_request_for_another_host_or_from_another_site_is_refused() {
    let running = start(config()).await;
    let own = "Host: mcp.acme.internal";
    let misdirected = ("421 Misdirected Request", "this host is not served here");
    let bad = ("400 Bad Request", "exactly one valid Host header is needed");
    let forbidden = ("403 Forbidden", "pages of this origin may not call");
    for (request, (status, message)) in [
        (changed(own, "Host: evil.example"), misdirected),
        (changed(own, "Host: 127.0.0.1"), misdirected),
        (changed(&format!("{own}\r\n"), ""), bad),
        (changed(own, &format!("{own}\r\nHost: evil.example")), bad),
        (
            changed("Accept:", "Origin: https://evil.example\r\nAccept:"),
            forbidden,
        ),
        (changed("Accept:", "Origin: null\r\nAccept:"), forbidden),
    ] {
        assert_eq!(
            running.send(&request).await,
            error(status, "", -32600, message),
            "{request}"
        );
    }
}

#[tokio::test]
async fn a_request_for_another_path_is_refused() {
    let running = start(config()).await;
    for path in ["/", "/mcp/", "/MCP", "/%6dcp", "//mcp", "/mcp/../mcp"] {
        let answer = running
            .send(changed("POST /mcp ", &format!("POST {path} ")))
            .await;
        assert_eq!(
            answer,
            error("404 Not Found", "", -32600, "nothing is here"),
            "{path}"
        );
    }
    let in_query = changed(
        "POST /mcp ",
        &format!("POST /mcp?access_token={} ", token()),
    );
    let message = "this endpoint takes no query";
    assert_eq!(
        running.send(in_query).await,
        error("400 Bad Request", "", -32600, message)
    );
}

#[tokio::test]
async fn only_post_of_json_for_a_client_that_reads_streams_is_taken() {
    let running = start(config()).await;
    let post_only = error(
        "405 Method Not Allowed",
        "allow: POST\r\n",
        -32600,
        "this endpoint takes POST only",
    );
    for method in ["GET", "DELETE", "PUT", "OPTIONS"] {
        assert_eq!(
            running.send(changed("POST ", &format!("{method} "))).await,
            post_only
        );
    }
    let message = "Accept must name application/json and text/event-stream";
    let not_acceptable = error("406 Not Acceptable", "", -32600, message);
    let json_only = changed("application/json, text/event-stream", "application/json");
    assert_eq!(running.send(json_only).await, not_acceptable);
    let message = "the body must be application/json in UTF-8 without a content encoding";
    let unsupported = error("415 Unsupported Media Type", "", -32600, message);
    let own = "Content-Type: application/json";
    assert_eq!(
        running.send(changed(own, "Content-Type: text/plain")).await,
        unsupported
    );
    assert_eq!(
        running
            .send(changed(own, &format!("{own}\r\nContent-Encoding: gzip")))
            .await,
        unsupported
    );
}

#[tokio::test]
async fn a_body_that_is_not_one_strict_json_message_is_refused() {
    let running = start(config()).await;
    let deep = format!("{{\"a\":{}", "[".repeat(200_000));
    let twice =
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","name":"b"}}"#;
    for (body, why) in [
        ("", "not JSON"),
        ("{\"jsonrpc\"", "not JSON"),
        (&deep, "nested too deep"),
        (twice, "a key twice in one object"),
    ] {
        let expected = error(
            "400 Bad Request",
            "",
            -32700,
            &format!("Parse error: {why}"),
        );
        assert_eq!(running.send(with_body(body)).await, expected);
    }
    let mut not_utf8 = with_body("{\"a\":\"xx\"}").into_bytes();
    let at = not_utf8.len() - 4;
    not_utf8[at] = 0xff;
    let expected = error("400 Bad Request", "", -32700, "Parse error: not UTF-8");
    assert_eq!(running.send(not_utf8).await, expected);

    let batch = r#"[{"jsonrpc":"2.0","id":1,"method":"tools/list"}]"#;
    let message = "Invalid Request: one JSON-RPC message, no batch";
    let expected = error("400 Bad Request", "", -32600, message);
    assert_eq!(running.send(with_body(batch)).await, expected);
}

#[tokio::test]
async fn a_body_beyond_the_cap_is_refused_announced_or_not() {
    let running = start(config()).await;
    let message = "a request has at most 262144 bytes";
    let large = error("413 Payload Too Large", "", -32600, message);
    let announced = with_body("").replace("Content-Length: 0", "Content-Length: 262145");
    assert_eq!(running.send(announced).await, large);
    let chunk = format!("{:x}\r\n{}\r\n", 128 * 1024, " ".repeat(128 * 1024));
    let chunked = with_body("").replace("Content-Length: 0", "Transfer-Encoding: chunked");
    assert_eq!(
        running
            .send(format!("{chunked}{}1\r\n \r\n", chunk.repeat(2)))
            .await,
        large
    );
}

#[tokio::test]
async fn what_is_refused_without_a_caller_is_counted_by_reason() {
    let running = start(config()).await;
    running
        .send(changed("Host: mcp.acme.internal", "Host: evil.example"))
        .await;
    running.send(changed("POST /mcp ", "GET /mcp ")).await;
    running
        .send(changed("Authorization: Bearer", "Authorization: Basic"))
        .await;
    let metrics = running.admin("/metrics").await;
    for reason in ["wrong-host", "wrong-method", "not-bearer"] {
        let labels = format!(r#"agent="",tool="",decision="deny",reason="{reason}""#);
        let line = format!("bailiwick_requests_total{{{labels}}} 1\n");
        assert!(metrics.contains(&line), "{metrics}");
    }
}

#[tokio::test]
async fn a_good_request_passes() {
    let running = start(config()).await;
    let own_origin = changed("Accept:", "Origin: https://mcp.acme.internal\r\nAccept:");
    for request in [modern("tools/list", json!({})), own_origin] {
        let answer = running.send(request).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    }
    let notification = legacy(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
    let accepted = "HTTP/1.1 202 Accepted\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    assert_eq!(running.send(notification).await, accepted);
}

#[tokio::test]
async fn a_bad_message_of_a_known_agent_is_in_the_log_under_its_name() {
    let running = start(config()).await;
    let bad_name = modern("tools/call", json!({ "name": "read_issue" }));
    for request in [with_body("{"), bad_name] {
        let answer = running.send(request).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    }
    let of_triage = Filter {
        agent: Some("triage".into()),
        ..Filter::default()
    };
    let shown = show(&running.folder.path().join("audit"), of_triage).unwrap();
    let shown: Vec<_> = shown
        .map(|shown| shown.unwrap().record)
        .map(|record| (record.kind, record.reason.unwrap()))
        .collect();
    let denied = ["bad-json", "no-name-header"].map(|reason| (Kind::Deny, reason.to_owned()));
    assert_eq!(shown, denied);
}
