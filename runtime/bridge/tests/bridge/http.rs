//! Requests that are refused before they reach the server.

use std::fs;

use ::http::{Method, Request, StatusCode};
use bytes::Bytes;
use http_body_util::Full;
use serde_json::json;

use crate::running::{Running, call, post, text};

#[tokio::test]
async fn without_the_token_nobody_gets_in() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    fs::write(&file, "secret\n").unwrap();
    let bridge = Running::with("older", &["--token-file", file.to_str().unwrap()]).await;
    let message = call(1, "echo", json!({})).to_string();

    let response = bridge.send(post(message.clone())).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(response.headers()["www-authenticate"], "Bearer");
    for (shown, status) in [("secret", 200), ("secreT", 401), ("", 401)] {
        let mut request = post(message.clone());
        let value = format!("Bearer {shown}").parse().unwrap();
        request.headers_mut().insert("authorization", value);
        assert_eq!(bridge.send(request).await.status(), status, "{shown}");
    }
    let health = Request::get("/healthz").body(Full::default()).unwrap();
    assert_eq!(bridge.send(health).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn requests_of_the_wrong_kind_are_refused() {
    let bridge = Running::older().await;
    let message = call(1, "echo", json!({})).to_string();
    let with = |change: fn(&mut Request<Full<Bytes>>)| {
        let mut request = post(message.clone());
        change(&mut request);
        request
    };
    let cases = [
        (with(|_| ()), 200),
        (with(|request| *request.method_mut() = Method::GET), 405),
        (with(|request| *request.method_mut() = Method::DELETE), 405),
        (
            with(|request| *request.uri_mut() = "/".parse().unwrap()),
            404,
        ),
        (
            with(|request| *request.uri_mut() = "/mcp/".parse().unwrap()),
            404,
        ),
        (
            with(|request| *request.uri_mut() = "/healthz".parse().unwrap()),
            405,
        ),
        (
            with(|request| {
                let origin = "http://127.0.0.1".parse().unwrap();
                request.headers_mut().insert("origin", origin);
            }),
            403,
        ),
        (
            with(|request| {
                request.headers_mut().remove("content-type");
            }),
            415,
        ),
    ];
    for (request, status) in cases {
        let what = format!(
            "{} {} {:?}",
            request.method(),
            request.uri(),
            request.headers()
        );
        assert_eq!(bridge.send(request).await.status(), status, "{what}");
    }
}

#[tokio::test]
async fn bodies_that_are_no_message_are_refused() {
    let bridge = Running::older().await;
    for body in [
        "",
        "{",
        "[]",
        "1",
        r#"{"jsonrpc":"2.0"}"#,
        r#"{"id":1,"id":2,"method":"x"}"#,
    ] {
        let response = bridge.send(post(body)).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{body}");
        let text = text(response).await;
        assert!(text.contains(r#""id":null,"error""#), "{text}");
    }
    let response = bridge
        .send(post(Bytes::from_static(b"{\"a\":\"\xff\"}")))
        .await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    let response = bridge.send(post(vec![b' '; 16 * 1024 * 1024 + 1])).await;
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
}
