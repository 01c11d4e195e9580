//! Messages on their way: what is passed on, what is mapped, what is cancelled.

use ::http::StatusCode;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};

use crate::running::{Running, call, call_with_progress, events, post, text};

#[tokio::test]
async fn a_result_is_passed_on_as_raw_text_with_the_callers_id() {
    let bridge = Running::older().await;
    let (_, body) = bridge.post(&call("a/1", "echo", json!({}))).await;
    let result = r#"{"z":1e400,"a":"\u00e9","id":5,  "content":[]}"#;
    assert_eq!(
        body,
        format!(r#"{{"jsonrpc":"2.0","result":{result},"id":"a/1"}}"#)
    );
}

#[tokio::test]
async fn callers_with_the_same_id_get_their_own_answers() {
    let bridge = Running::older().await;
    let (first, second) = (call(1, "hold", json!({})), call(1, "hold", json!({})));
    let release = async {
        bridge.until_held(2).await;
        bridge.call("release", json!({})).await
    };
    let (first, second, released) =
        tokio::join!(bridge.post(&first), bridge.post(&second), release);
    assert_eq!(released["id"], 1);
    let both = [first.1, second.1].map(|body| serde_json::from_str::<Value>(&body).unwrap());
    assert_eq!(both[0]["id"], 1);
    assert_eq!(both[1]["id"], 1);
    assert_ne!(both[0]["result"], both[1]["result"]);
}

#[tokio::test]
async fn progress_comes_in_order_and_before_the_answer() {
    let bridge = Running::older().await;
    let message = call_with_progress("mine", "steps", json!({"steps": 200}));
    let response = bridge.send(post(message.to_string())).await;
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut events = events(&text(response).await);
    let answer = events.pop().unwrap();
    assert_eq!(
        (&answer["id"], &answer["result"]["content"][0]["text"]),
        (&json!(1), &json!("done"))
    );
    let steps: Vec<_> = events
        .iter()
        .map(|event| &event["params"]["progress"])
        .collect();
    assert_eq!(steps, (0..200).collect::<Vec<i32>>());
    assert!(
        events
            .iter()
            .all(|event| event["params"]["progressToken"] == "mine")
    );
}

#[tokio::test]
async fn a_caller_that_takes_no_events_gets_the_answer_alone() {
    let bridge = Running::older().await;
    let message = call_with_progress("mine", "steps", json!({"steps": 3}));
    let mut request = post(message.to_string());
    request
        .headers_mut()
        .insert("accept", "application/json".parse().unwrap());
    let response = bridge.send(request).await;
    assert_eq!(response.headers()["content-type"], "application/json");
    assert!(text(response).await.contains("done"));
}

#[tokio::test]
async fn a_caller_that_goes_away_cancels_its_call() {
    let bridge = Running::older().await;
    let message = call_with_progress("mine", "steps", json!({"steps": 1, "hold": true}));
    let mut response = bridge.send(post(message.to_string())).await;
    response.body_mut().frame().await.unwrap().unwrap();
    assert_eq!(bridge.text_of("cancelled").await, "[]");
    drop(response);
    until_one_is_cancelled(&bridge).await;
}

#[tokio::test]
async fn a_caller_that_goes_away_before_the_first_byte_cancels_its_call() {
    let bridge = Running::older().await;
    let message = call(1, "hold", json!({}));
    tokio::select! {
        _ = bridge.post(&message) => panic!("a held call has no answer"),
        () = bridge.until_held(1) => {}
    }
    until_one_is_cancelled(&bridge).await;
}

async fn until_one_is_cancelled(bridge: &Running) {
    let asked = async {
        loop {
            let cancelled: Vec<u64> =
                serde_json::from_str(&bridge.text_of("cancelled").await).unwrap();
            if !cancelled.is_empty() {
                return cancelled;
            }
            tokio::task::yield_now().await;
        }
    };
    let cancelled = tokio::time::timeout(crate::running::HANGS, asked)
        .await
        .unwrap();
    assert_eq!(cancelled.len(), 1);
}

#[tokio::test]
async fn a_caller_cannot_cancel_the_call_of_another_that_chose_the_same_id() {
    let bridge = Running::older().await;
    let held = call(1, "hold", json!({}));
    let cancel = json!({
        "jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1},
    });
    let other = async {
        bridge.until_held(1).await;
        assert_eq!(bridge.post(&cancel).await.0, StatusCode::ACCEPTED);
        assert_eq!(bridge.text_of("cancelled").await, "[]");
        bridge.call("release", json!({})).await
    };
    let ((_, body), _) = tokio::join!(bridge.post(&held), other);
    assert!(body.contains("released"), "{body}");
}

#[tokio::test]
async fn the_handshake_of_callers_is_answered_by_the_bridge() {
    let bridge = Running::older().await;
    let params = json!({"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {}});
    let message = json!({"jsonrpc": "2.0", "id": "i", "method": "initialize", "params": params});
    for _ in 0..2 {
        let (status, body) = bridge.post(&message).await;
        let answer: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(status, StatusCode::OK);
        assert_eq!(answer["id"], "i");
        assert_eq!(answer["result"]["serverInfo"]["name"], "test");
    }
    let initialized = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    assert_eq!(
        bridge.post(&initialized).await,
        (StatusCode::ACCEPTED, String::new())
    );
}

#[tokio::test]
async fn an_older_server_is_no_newer_one_but_takes_its_calls() {
    let bridge = Running::older().await;
    let discover = json!({"jsonrpc": "2.0", "id": 1, "method": "server/discover", "params": {}});
    let (status, body) = bridge.post(&discover).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(body.contains("-32601"), "{body}");

    let mut message = call(1, "meta", json!({}));
    message["params"]["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28", "traceparent": "00-1-2-01",
    });
    let (_, body) = bridge.post(&message).await;
    let answer: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(
        answer["result"]["content"][0]["text"],
        r#"{"traceparent": "00-1-2-01"}"#
    );
}

#[tokio::test]
async fn a_newer_server_is_spoken_to_in_its_own_way() {
    let bridge = Running::with("newer", &[]).await;
    let discover = json!({"jsonrpc": "2.0", "id": "d", "method": "server/discover", "params": {}});
    let (status, body) = bridge.post(&discover).await;
    assert_eq!(status, StatusCode::OK);
    assert!(
        body.contains(r#""supportedVersions": ["2026-07-28"]"#),
        "{body}"
    );

    let initialize = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {}});
    let (status, body) = bridge.post(&initialize).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(
        body.contains("-32022") && body.contains("2026-07-28"),
        "{body}"
    );

    let unknown = json!({"jsonrpc": "2.0", "id": 1, "method": "nonsense"});
    assert_eq!(bridge.post(&unknown).await.0, StatusCode::NOT_FOUND);

    let version = json!({"io.modelcontextprotocol/protocolVersion": "2026-07-28"});
    let mut message = call(1, "meta", json!({}));
    message["params"]["_meta"] = version.clone();
    let (_, body) = bridge.post(&message).await;
    let answer: Value = serde_json::from_str(&body).unwrap();
    let seen = answer["result"]["content"][0]["text"].as_str().unwrap();
    assert_eq!(serde_json::from_str::<Value>(seen).unwrap(), version);
}

#[tokio::test]
async fn a_server_that_asks_gets_an_answer_from_the_bridge() {
    let bridge = Running::older().await;
    let answers: Value = serde_json::from_str(&bridge.text_of("ask").await).unwrap();
    assert_eq!(
        answers[0],
        json!({"jsonrpc": "2.0", "id": "a", "result": {}})
    );
    assert_eq!(answers[1]["id"], "b");
    assert_eq!(answers[1]["error"]["code"], -32601);
}
