//! The admin port, reloads, streams, and the end.

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::client::{
    Running, config, grant_read_issue, legacy, modern, modern_with, now, start, start_in, write,
};
use crate::identity::testing::{EC, person};

#[tokio::test]
async fn without_a_config_the_process_is_alive_but_not_ready() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("audit")).unwrap();
    let running = start_in(folder).await;
    let healthy = "HTTP/1.1 200 OK\r\ncontent-type: text/plain; charset=utf-8\r\n\
                   connection: close\r\ncontent-length: 3\r\n\r\nok\n";
    assert_eq!(running.admin("/healthz").await, healthy);
    let unready = running.admin("/readyz").await;
    assert!(
        unready.starts_with("HTTP/1.1 503 Service Unavailable\r\n"),
        "{unready}"
    );
    assert!(unready.contains("no config is served\n"), "{unready}");
    // It becomes ready when a config comes.
    write(running.folder.path(), config());
    running.until_ready("ready\n").await;
    let answer = running.send(modern("tools/list", json!({}))).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
}

#[tokio::test]
async fn the_admin_port_knows_nothing_else() {
    let running = start(config()).await;
    let expected = "HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    for path in [
        "/",
        "/mcp",
        "/readyz/",
        "/.well-known/oauth-protected-resource/mcp",
    ] {
        assert_eq!(running.admin(path).await, expected, "{path}");
    }
}

#[tokio::test]
async fn a_new_config_decides_about_the_next_request() {
    let running = start(config()).await;
    let request = modern("tools/list", json!({}));
    assert!(
        running
            .send(&request)
            .await
            .starts_with("HTTP/1.1 200 OK\r\n")
    );
    let mut without = config();
    without.agents.remove("triage");
    write(running.folder.path(), without);
    // The token was remembered, but for the old config.
    let is_refused = async || {
        running
            .send(&request)
            .await
            .starts_with("HTTP/1.1 401 Unauthorized\r\n")
    };
    running.until(is_refused).await;
}

#[tokio::test]
async fn a_config_with_a_url_that_cannot_be_served_leaves_the_old_one_serving() {
    let running = start(config()).await;
    let mut broken = config();
    broken.endpoint.url = "https://user@mcp.acme.internal/mcp".into();
    write(running.folder.path(), broken);
    let request = modern("tools/list", json!({}));
    assert!(
        running
            .send(&request)
            .await
            .starts_with("HTTP/1.1 200 OK\r\n")
    );
    // A later one shows that the broken one is over.
    let mut moved = config();
    moved.endpoint.url = "https://mcp.acme.internal/v2".into();
    write(running.folder.path(), moved);
    let is_moved = async || {
        running
            .send(&request)
            .await
            .starts_with("HTTP/1.1 404 Not Found\r\n")
    };
    running.until(is_moved).await;
}

/// An open stream of notifications.
struct Stream(BufReader<TcpStream>);

impl Stream {
    async fn open(running: &Running) -> Self {
        let mut stream = TcpStream::connect(running.server.address()).await.unwrap();
        let wanted = json!({ "toolsListChanged": true, "promptsListChanged": true });
        let request = modern("subscriptions/listen", json!({ "notifications": wanted }));
        stream.write_all(request.as_bytes()).await.unwrap();
        Self(BufReader::new(stream))
    }

    /// The next event's data; `None` at the end.
    async fn next(&mut self) -> Option<Value> {
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line).await.unwrap() == 0 {
                return None;
            }
            if let Some(data) = line.trim_end().strip_prefix("data: ") {
                return Some(serde_json::from_str(data).unwrap());
            }
        }
    }
}

const SUBSCRIPTION: &str = "io.modelcontextprotocol/subscriptionId";

/// What a stream says first.
fn acknowledged() -> Value {
    json!({
        "jsonrpc": "2.0",
        "method": "notifications/subscriptions/acknowledged",
        "params": { "notifications": { "toolsListChanged": true }, "_meta": { SUBSCRIPTION: 1 } }
    })
}

/// What a stream says last when its server ends it.
fn ended() -> Value {
    let server = json!({ "name": "bailiwick-dispatch", "version": env!("CARGO_PKG_VERSION") });
    let meta = json!({ SUBSCRIPTION: 1, "io.modelcontextprotocol/serverInfo": server });
    let result = json!({ "resultType": "complete", "_meta": meta });
    json!({ "jsonrpc": "2.0", "id": 1, "result": result })
}

#[tokio::test]
async fn a_stream_says_when_its_agents_list_of_tools_has_changed_and_only_then() {
    let running = start(config()).await;
    let mut stream = Stream::open(&running).await;
    assert_eq!(stream.next().await, Some(acknowledged()));

    // A limit is not in the list, and another agent's end is none of its business.
    let mut changed = config();
    changed.agents.get_mut("triage").unwrap().limit.concurrent = Some(5);
    changed.agents.remove("refunds");
    write(running.folder.path(), changed.clone());
    let token = EC.token(&now(person("agent:refunds", "batch", &[])));
    let request = modern_with(&token, "tools/list", json!({}));
    let is_loaded = async || running.send(&request).await.starts_with("HTTP/1.1 401 ");
    running.until(is_loaded).await;

    grant_read_issue(
        running.folder.path(),
        &mut changed,
        "http://127.0.0.1:9/mcp",
    );
    write(running.folder.path(), changed.clone());
    let notification = json!({
        "jsonrpc": "2.0",
        "method": "notifications/tools/list_changed",
        "params": { "_meta": { SUBSCRIPTION: 1 } }
    });
    assert_eq!(stream.next().await, Some(notification.clone()));
    // Who asks when it hears of a change sees it.
    let list = running.send(modern("tools/list", json!({}))).await;
    assert!(list.contains("read_issue"), "{list}");

    // Less left of an argument is a change of the list too.
    let triage = changed.agents.get_mut("triage").unwrap();
    let permission = triage.tools.values_mut().next().unwrap();
    permission.input_schema = Some(json!({ "type": "object", "maxProperties": 1 }));
    write(running.folder.path(), changed);
    assert_eq!(stream.next().await, Some(notification));
    let list = running.send(modern("tools/list", json!({}))).await;
    assert!(list.contains("maxProperties"), "{list}");
    let (last, ()) = tokio::join!(stream.next(), running.server.stop());
    assert_eq!(last, Some(ended()));
}

#[tokio::test]
async fn one_client_cannot_take_all_connections_with_streams() {
    let running = start(config()).await;
    let mut open = Vec::new();
    for _ in 0..64 {
        let mut stream = Stream::open(&running).await;
        assert_eq!(stream.next().await, Some(acknowledged()));
        open.push(stream);
    }
    let refused = running
        .send(modern("subscriptions/listen", json!({})))
        .await;
    assert!(
        refused.starts_with("HTTP/1.1 503 Service Unavailable\r\n"),
        "{refused}"
    );
    assert!(refused.contains("\r\nretry-after: 1\r\n"), "{refused}");
    // A client that goes away gives its place back.
    drop(open.pop());
    let is_open = async || Stream::open(&running).await.next().await == Some(acknowledged());
    running.until(is_open).await;
}

#[tokio::test]
async fn a_stream_ends_in_order_with_the_process() {
    let running = start(config()).await;
    let mut stream = Stream::open(&running).await;
    assert_eq!(stream.next().await, Some(acknowledged()));
    let (last, ()) = tokio::join!(stream.next(), running.server.stop());
    assert_eq!(last, Some(ended()));
    assert_eq!(stream.next().await, None);
}

#[tokio::test]
async fn a_stream_ends_when_its_agent_is_gone() {
    let running = start(config()).await;
    let mut stream = Stream::open(&running).await;
    assert_eq!(stream.next().await, Some(acknowledged()));
    let mut without = config();
    without.agents.remove("triage");
    write(running.folder.path(), without);
    assert_eq!(stream.next().await, Some(ended()));
    assert_eq!(stream.next().await, None);
}

#[tokio::test]
async fn a_client_that_goes_away_takes_its_upstream_request_with_it() {
    // It takes requests, and never answers.
    let upstream = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/mcp", upstream.local_addr().unwrap());
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("audit")).unwrap();
    let mut config = config();
    write(folder.path(), config.clone());
    grant_read_issue(folder.path(), &mut config, &url);
    write(folder.path(), config);
    let running = start_in(folder).await;
    running.until_ready("ready\n").await;

    let mut client = TcpStream::connect(running.server.address()).await.unwrap();
    let params = json!({ "name": "read_issue", "arguments": {} });
    let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
    client.write_all(legacy(&call).as_bytes()).await.unwrap();
    let (mut request, _) = upstream.accept().await.unwrap();
    let mut first = [0];
    request.read_exact(&mut first).await.unwrap();
    drop(client);
    request.read_to_end(&mut Vec::new()).await.unwrap();
    // It did not end by itself: the outcome says so.
    let labels = r#"agent="triage",tool="read_issue",decision="allow",reason="cancelled""#;
    let counted = format!("bailiwick_requests_total{{{labels}}} 1\n");
    let is_counted = async || running.admin("/metrics").await.contains(&counted);
    running.until(is_counted).await;
    running.server.stop().await;
}

#[tokio::test]
async fn stopping_closes_both_ports() {
    let running = start(config()).await;
    let (mcp, admin) = (running.server.address(), running.server.admin_address());
    running
        .send(legacy(
            &json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" }),
        ))
        .await;
    running.server.stop().await;
    assert!(TcpStream::connect(mcp).await.is_err());
    assert!(TcpStream::connect(admin).await.is_err());
}
