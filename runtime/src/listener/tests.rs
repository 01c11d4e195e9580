use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Wake};
use std::time::Duration;

use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{Answer, Security, serve, speak};
use crate::reply::{self, Body};

/// Says when a request has come, answers it when told to, and says when it was dropped.
struct Slow {
    came: mpsc::Sender<String>,
    go_on: CancellationToken,
    dropped: mpsc::Sender<()>,
}

/// What a test holds of a [`Slow`].
struct Remote {
    came: mpsc::Receiver<String>,
    go_on: CancellationToken,
    dropped: mpsc::Receiver<()>,
}

impl Answer for Slow {
    async fn answer(&self, request: Request<Incoming>) -> Response<Body> {
        let _notice = Notice(self.dropped.clone());
        self.came
            .send(request.uri().path().to_owned())
            .await
            .unwrap();
        self.go_on.cancelled().await;
        reply::json(StatusCode::OK, "{}")
    }
}

struct Notice(mpsc::Sender<()>);

impl Drop for Notice {
    fn drop(&mut self) {
        self.0.try_send(()).unwrap();
    }
}

fn slow() -> (Arc<Slow>, Remote) {
    let (came_sender, came) = mpsc::channel(8);
    let (dropped_sender, dropped) = mpsc::channel(8);
    let go_on = CancellationToken::new();
    let slow = Slow {
        came: came_sender,
        go_on: go_on.clone(),
        dropped: dropped_sender,
    };
    (
        Arc::new(slow),
        Remote {
            came,
            go_on,
            dropped,
        },
    )
}

struct Running {
    address: std::net::SocketAddr,
    stop: CancellationToken,
    task: JoinHandle<()>,
    remote: Remote,
    security: watch::Sender<Option<Security>>,
}

async fn running(security: Option<Security>, drain: Duration) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let (slow, remote) = slow();
    let security = watch::Sender::new(security);
    let task = tokio::spawn(serve(
        listener,
        8,
        security.subscribe(),
        slow,
        stop.clone(),
        drain,
    ));
    Running {
        address,
        stop,
        task,
        remote,
        security,
    }
}

const GET: &[u8] = b"GET /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

/// Everything that comes until the connection ends, without the date.
async fn rest(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    text.split_inclusive("\r\n")
        .filter(|line| !line.starts_with("date: "))
        .collect()
}

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncache-control: no-store\r\n\
                  connection: close\r\ncontent-length: 2\r\n\r\n{}";

#[tokio::test]
async fn a_client_that_goes_away_drops_its_request() {
    let mut running = running(Some(Security::Plain), Duration::ZERO).await;
    let mut client = TcpStream::connect(running.address).await.unwrap();
    client.write_all(GET).await.unwrap();
    assert_eq!(running.remote.came.recv().await.as_deref(), Some("/x"));
    drop(client);
    assert_eq!(running.remote.dropped.recv().await, Some(()));
    assert!(!running.remote.go_on.is_cancelled());
}

#[tokio::test]
async fn stopping_lets_requests_in_flight_finish_and_takes_no_more() {
    let mut running = running(Some(Security::Plain), Duration::from_mins(1)).await;
    let mut client = TcpStream::connect(running.address).await.unwrap();
    client.write_all(GET).await.unwrap();
    running.remote.came.recv().await.unwrap();
    running.stop.cancel();
    // The port is closed at once, although a request is still in flight.
    while TcpStream::connect(running.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    running.remote.go_on.cancel();
    assert_eq!(rest(&mut client).await, OK);
    running.task.await.unwrap();
}

#[tokio::test]
async fn stopping_does_not_wait_for_ever() {
    let mut running = running(Some(Security::Plain), Duration::from_millis(1)).await;
    let mut client = TcpStream::connect(running.address).await.unwrap();
    client.write_all(GET).await.unwrap();
    running.remote.came.recv().await.unwrap();
    running.stop.cancel();
    running.task.await.unwrap();
    assert_eq!(running.remote.dropped.recv().await, Some(()));
}

#[tokio::test]
async fn nobody_is_served_before_it_is_known_how_to_secure_the_connection() {
    let mut running = running(None, Duration::ZERO).await;
    running.remote.go_on.cancel();
    let mut client = TcpStream::connect(running.address).await.unwrap();
    client.write_all(GET).await.unwrap();
    assert!(running.remote.came.try_recv().is_err());
    running.security.send_replace(Some(Security::Plain));
    assert_eq!(rest(&mut client).await, OK);
}

/// How long a client that sends `head` and then nothing stays connected, seconds.
async fn stays(head: &[u8]) -> u64 {
    let (slow, remote) = slow();
    remote.go_on.cancel();
    let (mut client, server) = tokio::io::duplex(64 * 1024);
    let graceful = GracefulShutdown::new();
    let connection = tokio::spawn(speak(server, slow, graceful.watcher()));
    let start = Instant::now();
    client.write_all(head).await.unwrap();
    let mut answer = Vec::new();
    client.read_to_end(&mut answer).await.unwrap();
    drop(connection.await.unwrap());
    start.elapsed().as_secs()
}

#[tokio::test(start_paused = true)]
async fn a_client_that_sends_its_head_slowly_is_disconnected() {
    assert_eq!(stays(b"").await, 10);
    assert_eq!(stays(b"POST /mcp HTTP/1.1\r\nHost: h\r\nX: ").await, 10);
    // An idle connection as well.
    assert_eq!(stays(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").await, 10);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_read_its_answer_is_disconnected() {
    let (slow, remote) = slow();
    remote.go_on.cancel();
    // The answer does not fit.
    let (mut client, server) = tokio::io::duplex(64);
    let graceful = GracefulShutdown::new();
    let connection = tokio::spawn(speak(server, slow, graceful.watcher()));
    let start = Instant::now();
    client.write_all(GET).await.unwrap();
    let ended = tokio::time::timeout(Duration::from_mins(10), connection).await;
    assert!(ended.unwrap().unwrap().is_err());
    assert_eq!(start.elapsed().as_secs(), 30);
}

/// The status line of the answer to `request`.
async fn status(request: String) -> String {
    let (slow, remote) = slow();
    remote.go_on.cancel();
    let (mut client, server) = tokio::io::duplex(256 * 1024);
    let graceful = GracefulShutdown::new();
    let connection = tokio::spawn(speak(server, slow, graceful.watcher()));
    client.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.unwrap();
    drop(connection.await.unwrap());
    answer.lines().next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_head_is_bounded_in_headers_and_in_bytes() {
    let head =
        |headers: &str| format!("GET / HTTP/1.1\r\nHost: h\r\n{headers}Connection: close\r\n\r\n");
    assert_eq!(status(head("")).await, "HTTP/1.1 200 OK");
    assert_eq!(
        status(head(&"X: y\r\n".repeat(62))).await,
        "HTTP/1.1 200 OK"
    );
    let too_large = "HTTP/1.1 431 Request Header Fields Too Large";
    assert_eq!(status(head(&"X: y\r\n".repeat(63))).await, too_large);
    assert_eq!(
        status(head(&format!("X: {}\r\n", "y".repeat(15_000)))).await,
        "HTTP/1.1 200 OK"
    );
    assert_eq!(
        status(head(&format!("X: {}\r\n", "y".repeat(17_000)))).await,
        too_large
    );
}

#[tokio::test]
async fn a_request_that_is_no_http_is_refused() {
    for request in [
        "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n",
        "GET / HTTP/1.1\r\nBad Header: x\r\n\r\n",
        "\u{16}\u{3}\u{1}\u{2}",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ] {
        let status = status(request.to_owned()).await;
        assert!(
            status.is_empty() || status == "HTTP/1.1 400 Bad Request",
            "{request:?}: {status}"
        );
    }
}

/// Counts how often it is asked to wake somebody.
#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[tokio::test]
async fn a_port_sleeps_while_nothing_happens() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (answer, _remote) = slow();
    // Its sender is gone: nothing will ever change.
    let security = watch::Sender::new(Some(Security::Plain)).subscribe();
    let stop = CancellationToken::new();
    let mut port = pin!(serve(listener, 8, security, answer, stop, Duration::ZERO));
    let wakes = Arc::new(Wakes::default());
    let waker = Arc::clone(&wakes).into();
    assert!(
        port.as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
    );
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    assert_eq!(wakes.0.load(Ordering::Relaxed), 0);
}
