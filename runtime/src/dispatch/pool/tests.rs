//! Which connections are used again, seen from the server.

use bytes::Bytes;
use http::{HeaderMap, Uri};
use hyper_rustls::HttpsConnectorBuilder;
use rustls::RootCertStore;
use rustls::crypto::aws_lc_rs;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::{IDLE, Pool, SendError};

const ANSWER: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// A server that the test plays, and the pool that calls it.
async fn server() -> (TcpListener, Pool) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let tls = rustls::ClientConfig::builder_with_provider(aws_lc_rs::default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    let connector = HttpsConnectorBuilder::new()
        .with_tls_config(tls)
        .https_or_http()
        .enable_http1()
        .build();
    let uri: Uri = format!("http://{address}/mcp?a=b").parse().unwrap();
    (listener, Pool::new(connector, uri).unwrap())
}

/// Sends one request and reads its whole answer.
async fn post(pool: &Pool) -> Result<Bytes, SendError> {
    let response = pool.post(HeaderMap::new(), "{}".into()).await?;
    let mut body = response.into_body();
    let mut whole = Vec::new();
    while let Some(bytes) = body.next().await.map_err(SendError::Broken)? {
        whole.extend_from_slice(&bytes);
    }
    Ok(whole.into())
}

/// Reads one request.
async fn hear(stream: &mut TcpStream) -> String {
    let mut heard = Vec::new();
    while !heard.ends_with(b"{}") {
        assert_ne!(stream.read_buf(&mut heard).await.unwrap(), 0, "it ended");
    }
    String::from_utf8(heard).unwrap()
}

/// Answers one request on `stream`; gives what was asked.
async fn serve(stream: &mut TcpStream, answer: &str) -> String {
    let heard = hear(stream).await;
    stream.write_all(answer.as_bytes()).await.unwrap();
    heard
}

/// A call and the server's next connection, which answers it.
async fn first_call(listener: &TcpListener, pool: &Pool, answer: &str) -> TcpStream {
    let serving = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        serve(&mut stream, answer).await;
        stream
    };
    let (answered, stream) = tokio::join!(post(pool), serving);
    assert_eq!(answered.unwrap(), "ok");
    stream
}

/// Waits until the pool has no connection that it would use again.
async fn nothing_is_idle(pool: &Pool) {
    while let Some(connection) = pool.idle.take() {
        pool.idle.put(connection);
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_request_names_host_and_path() {
    let (listener, pool) = server().await;
    let address = listener.local_addr().unwrap();
    let serving = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        serve(&mut stream, ANSWER).await
    };
    let (answered, asked) = tokio::join!(post(&pool), serving);
    assert_eq!(answered.unwrap(), "ok");
    let expected =
        format!("POST /mcp?a=b HTTP/1.1\r\nhost: {address}\r\ncontent-length: 2\r\n\r\n{{}}");
    assert_eq!(asked, expected);
}

#[tokio::test]
async fn a_connection_is_used_again() {
    let (listener, pool) = server().await;
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n";
    let mut stream = first_call(&listener, &pool, ANSWER).await;
    for answer in [chunked, ANSWER, chunked] {
        let (answered, _) = tokio::join!(post(&pool), serve(&mut stream, answer));
        assert_eq!(answered.unwrap(), "ok");
    }
}

#[tokio::test]
async fn a_connection_that_was_closed_meanwhile_costs_no_call() {
    let (listener, pool) = server().await;
    drop(first_call(&listener, &pool, ANSWER).await);
    nothing_is_idle(&pool).await;
    first_call(&listener, &pool, ANSWER).await;
}

#[tokio::test]
async fn a_connection_that_says_something_unasked_is_not_used_again() {
    let (listener, pool) = server().await;
    let mut stream = first_call(&listener, &pool, ANSWER).await;
    stream.write_all(ANSWER.as_bytes()).await.unwrap();
    nothing_is_idle(&pool).await;
    first_call(&listener, &pool, ANSWER).await;
}

#[tokio::test]
async fn a_server_may_ask_for_a_connection_each_time() {
    let (listener, pool) = server().await;
    let last = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok";
    let _open = first_call(&listener, &pool, last).await;
    nothing_is_idle(&pool).await;
    first_call(&listener, &pool, ANSWER).await;
}

#[tokio::test]
async fn a_request_that_was_sent_is_not_sent_again() {
    let (listener, pool) = server().await;
    let mut stream = first_call(&listener, &pool, ANSWER).await;
    let hanging_up = async {
        hear(&mut stream).await;
        drop(stream);
    };
    let (answered, ()) = tokio::join!(post(&pool), hanging_up);
    assert!(matches!(answered, Err(SendError::Broken(_))));
}

#[tokio::test]
async fn a_call_that_is_dropped_closes_its_connection() {
    let (listener, pool) = server().await;
    let mut stream = first_call(&listener, &pool, ANSWER).await;
    tokio::select! {
        _ = post(&pool) => panic!("nobody answers"),
        _ = hear(&mut stream) => {}
    }
    assert_eq!(stream.read(&mut [0]).await.unwrap(), 0);
}

#[tokio::test]
async fn an_idle_connection_is_closed_in_time() {
    let (listener, pool) = server().await;
    let mut stream = first_call(&listener, &pool, ANSWER).await;
    tokio::time::pause();
    let closed = tokio::time::timeout(10 * IDLE, stream.read(&mut [0])).await;
    assert_eq!(closed.unwrap().unwrap(), 0);
    assert!(pool.idle.take().is_none());
}
