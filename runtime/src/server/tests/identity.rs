//! What a client without a caller gets to see.

use serde_json::json;

use super::client::{
    config, error, modern, modern_with, now, reply, start, start_in, token, write,
};
use crate::identity::testing::{EC, RSA, STRANGER, person, service_account};

/// A 401 with this before the pointer to the metadata.
fn unauthorized(challenge: &str) -> String {
    let metadata = "https://mcp.acme.internal/.well-known/oauth-protected-resource/mcp";
    let header =
        format!("www-authenticate: Bearer {challenge}resource_metadata=\"{metadata}\"\r\n");
    error(
        "401 Unauthorized",
        &header,
        -32600,
        "a valid bearer token is needed",
    )
}

#[tokio::test]
async fn without_a_token_the_challenge_says_where_to_read_on() {
    let running = start(config()).await;
    let request = modern("tools/list", json!({}));
    let (before, after) = request.split_once("Authorization").unwrap();
    let without = format!("{before}{}", after.split_once("\r\n").unwrap().1);
    assert_eq!(running.send(without).await, unauthorized(""));
}

#[tokio::test]
async fn every_bad_token_gets_the_same_bytes_whatever_it_asks_for() {
    let running = start(config()).await;
    let expected = unauthorized("error=\"invalid_token\", ");
    let triage = now(service_account("support", "triage-bot"));
    let mut expired = triage.clone();
    expired["iat"] = json!(1_700_000_000);
    expired["exp"] = json!(1_700_000_300);
    for token in [
        "garbage".to_owned(),
        RSA.token(&expired),
        STRANGER.token(&triage),
        EC.token(&triage),
        RSA.token(&now(service_account("support", "nobody"))),
        EC.token(&now(person("eve", "ide", &[]))),
    ] {
        for method in ["tools/list", "server/discover", "no/such"] {
            let answer = running.send(modern_with(&token, method, json!({}))).await;
            assert_eq!(answer, expected, "{token} {method}");
        }
    }
    let again = format!("Authorization: Bearer {}\r\nAccept:", token());
    let twice = modern("tools/list", json!({})).replacen("Accept:", &again, 1);
    assert_eq!(running.send(twice).await, expected);
}

#[tokio::test]
async fn tokens_of_clusters_and_companies_pass() {
    let running = start(config()).await;
    for token in [
        token(),
        EC.token(&now(person("bob", "ide", &["engineers"]))),
    ] {
        let answer = running
            .send(modern_with(&token, "tools/list", json!({})))
            .await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    }
}

#[tokio::test]
async fn the_metadata_needs_no_token() {
    let running = start(config()).await;
    let get = |host: &str| {
        let path = "/.well-known/oauth-protected-resource/mcp";
        format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
    };
    let metadata = json!({
        "authorization_servers": ["https://login.acme.com"],
        "bearer_methods_supported": ["header"],
        "resource": "https://mcp.acme.internal/mcp"
    });
    let expected = reply("200 OK", "", &metadata.to_string());
    assert_eq!(running.send(get("mcp.acme.internal")).await, expected);
    let misdirected = error(
        "421 Misdirected Request",
        "",
        -32600,
        "this host is not served here",
    );
    assert_eq!(running.send(get("evil.example")).await, misdirected);
}

#[tokio::test]
async fn without_the_issuers_keys_nobody_is_blamed() {
    let mut config = config();
    let none = json!({ "from": "inline", "keys": { "keys": [] } });
    config.issuers.get_mut("corp").unwrap().jwks = serde_json::from_value(none).unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("audit")).unwrap();
    write(folder.path(), config);
    let running = start_in(folder).await;
    running.until_ready("no keys of issuer corp\n").await;
    let token = EC.token(&now(person("bob", "ide", &["engineers"])));
    let answer = running
        .send(modern_with(&token, "tools/list", json!({})))
        .await;
    let message = "tokens cannot be verified now";
    let expected = error(
        "503 Service Unavailable",
        "retry-after: 10\r\n",
        -32603,
        message,
    );
    assert_eq!(answer, expected);
}
