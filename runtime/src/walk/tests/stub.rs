//! A server on loopback that does as a test says, and remembers what it was sent.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body, Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How the server speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Speaks {
    Modern,
    Legacy,
    /// As the older ones, but never answers a method that it does not know.
    Mute,
}

/// One request that came in.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) headers: HeaderMap,
    pub(super) raw: String,
    pub(super) body: Value,
}

impl Seen {
    pub(super) fn method(&self) -> &str {
        self.body["method"].as_str().unwrap_or("")
    }

    /// An answer with `result`, written as it is.
    pub(super) fn result(&self, result: &str) -> Answer {
        let id = &self.body["id"];
        Answer::json(format!(
            r#"{{"jsonrpc":"2.0","id":{id},"result":{result}}}"#
        ))
    }
}

/// What the server does with a request.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    /// Says something.
    Say {
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: String,
    },
    /// Says nothing and keeps the connection.
    Never,
    /// Ends the connection.
    HangUp,
    /// Says `body`, then ends the connection though more was announced.
    HangUpAfter(String),
    /// Begins like JSON and never ends.
    Endless,
}

impl Answer {
    pub(super) fn json(body: impl Into<String>) -> Self {
        Self::Say {
            status: 200,
            headers: vec![("content-type", "application/json".into())],
            body: body.into(),
        }
    }

    pub(super) fn events(body: impl Into<String>) -> Self {
        Self::Say {
            status: 200,
            headers: vec![("content-type", "text/event-stream; charset=utf-8".into())],
            body: body.into(),
        }
    }

    pub(super) fn status(status: u16) -> Self {
        Self::Say {
            status,
            headers: vec![],
            body: String::new(),
        }
    }

    fn with(mut self, name: &'static str, value: &str) -> Self {
        if let Self::Say { headers, .. } = &mut self {
            headers.push((name, value.into()));
        }
        self
    }
}

pub(super) type OnCall = dyn Fn(&Seen) -> Answer + Send + Sync;

/// The server. It ends when it is dropped.
pub(super) struct Stub {
    pub(super) url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    /// Requests that nobody waits for any more, before they were answered.
    pub(super) abandoned: watch::Receiver<usize>,
    /// Requests that came in.
    pub(super) arrived: watch::Receiver<usize>,
    /// Connections that were opened.
    pub(super) connections: Arc<AtomicUsize>,
    tasks: JoinSet<()>,
}

struct Shared {
    speaks: Mutex<Speaks>,
    session: Mutex<usize>,
    seen: Arc<Mutex<Vec<Seen>>>,
    abandoned: watch::Sender<usize>,
    arrived: watch::Sender<usize>,
    on_call: Box<OnCall>,
}

impl Stub {
    /// A server that answers `tools/call` with `on_call`.
    pub(super) async fn start(
        speaks: Speaks,
        on_call: impl Fn(&Seen) -> Answer + Send + Sync + 'static,
    ) -> Self {
        Self::start_at(([127, 0, 0, 1], 0).into(), speaks, on_call).await
    }

    /// The same at an address of the test's choice.
    pub(super) async fn start_at(
        address: SocketAddr,
        speaks: Speaks,
        on_call: impl Fn(&Seen) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let url = format!("http://{}/mcp", listener.local_addr().unwrap());
        let seen = Arc::default();
        let (abandoned_sender, abandoned) = watch::channel(0);
        let (arrived_sender, arrived) = watch::channel(0);
        let shared = Arc::new(Shared {
            speaks: Mutex::new(speaks),
            session: Mutex::new(0),
            seen: Arc::clone(&seen),
            abandoned: abandoned_sender,
            arrived: arrived_sender,
            on_call: Box::new(on_call),
        });
        let mut tasks = JoinSet::new();
        let connections = Arc::new(AtomicUsize::new(0));
        tasks.spawn(accept(listener, shared, Arc::clone(&connections)));
        Self {
            url,
            seen,
            abandoned,
            arrived,
            connections,
            tasks,
        }
    }

    /// Ends it; its address is free then.
    pub(super) async fn stop(mut self) -> SocketAddr {
        self.tasks.shutdown().await;
        self.address()
    }

    pub(super) fn address(&self) -> SocketAddr {
        let address = self.url.strip_prefix("http://").unwrap();
        address.strip_suffix("/mcp").unwrap().parse().unwrap()
    }

    /// What came in so far.
    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The requests of `method` so far.
    pub(super) fn seen_of(&self, method: &str) -> Vec<Seen> {
        let mut seen = self.seen();
        seen.retain(|request| request.method() == method);
        seen
    }

    /// Waits until a request of `method` came in.
    pub(super) async fn wait_for(&self, method: &str) -> Seen {
        let mut arrived = self.arrived.clone();
        loop {
            if let Some(seen) = self.seen_of(method).pop() {
                return seen;
            }
            arrived.changed().await.unwrap();
        }
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>, opened: Arc<AtomicUsize>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let shared = Arc::clone(&shared);
        opened.fetch_add(1, Ordering::Relaxed);
        connections.spawn(async move {
            let service = service_fn(|request| serve(Arc::clone(&shared), request));
            let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            drop(connection.await);
        });
    }
}

/// Counts a request as abandoned unless it was answered.
struct Waiting<'a>(&'a Shared, bool);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if !self.1 {
            self.0.abandoned.send_modify(|count| *count += 1);
        }
    }
}

async fn serve(
    shared: Arc<Shared>,
    request: Request<Incoming>,
) -> Result<Response<Said>, &'static str> {
    let (parts, body) = request.into_parts();
    let raw = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
    let seen = Seen {
        body: serde_json::from_str(&raw).unwrap(),
        headers: parts.headers,
        raw,
    };
    let answer = shared.answer(&seen);
    shared.seen.lock().unwrap().push(seen);
    shared.arrived.send_modify(|count| *count += 1);
    let mut waiting = Waiting(&shared, false);
    let response = match answer {
        Answer::Never => std::future::pending().await,
        Answer::HangUp => Err("the test says so"),
        Answer::HangUpAfter(body) => Ok(respond(200, Said::Part(Some(body.into())))),
        Answer::Endless => Ok(respond(200, Said::Endless)),
        Answer::Say {
            status,
            headers,
            body,
        } => {
            let mut response = respond(status, Said::Whole(Full::new(body.into())));
            response.headers_mut().clear();
            for (name, value) in headers {
                response.headers_mut().append(name, value.parse().unwrap());
            }
            Ok(response)
        }
    };
    waiting.1 = true;
    response
}

fn respond(status: u16, body: Said) -> Response<Said> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    let headers = response.headers_mut();
    headers.insert("content-type", "application/json".parse().unwrap());
    response
}

impl Shared {
    fn answer(&self, seen: &Seen) -> Answer {
        let speaks = *self.speaks.lock().unwrap();
        let session = *self.session.lock().unwrap();
        match (speaks, seen.method()) {
            (Speaks::Modern, "server/discover") => {
                seen.result(r#"{"resultType":"complete","supportedVersions":["2026-07-28"]}"#)
            }
            (Speaks::Modern, "tools/call") => (self.on_call)(seen),
            (Speaks::Modern, _) => Answer::status(404),
            (Speaks::Mute, "server/discover") => Answer::Never,
            (Speaks::Legacy | Speaks::Mute, "initialize") => {
                *self.session.lock().unwrap() += 1;
                let session = format!("session-{}", session + 1);
                seen.result(r#"{"protocolVersion":"2025-06-18","capabilities":{},"serverInfo":{}}"#)
                    .with("mcp-session-id", &session)
            }
            (Speaks::Legacy | Speaks::Mute, method) => {
                let sent = seen
                    .headers
                    .get("mcp-session-id")
                    .map(|id| id.to_str().unwrap());
                match method {
                    _ if sent != Some(format!("session-{session}").as_str()) => Answer::status(400),
                    "tools/call" => (self.on_call)(seen),
                    _ => Answer::status(202),
                }
            }
        }
    }
}

/// Body of an answer.
enum Said {
    Whole(Full<Bytes>),
    Part(Option<Bytes>),
    Endless,
}

impl Body for Said {
    type Data = Bytes;
    type Error = &'static str;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, &'static str>>> {
        match self.get_mut() {
            Self::Whole(body) => Pin::new(body)
                .poll_frame(context)
                .map_err(|never: Infallible| match never {}),
            Self::Part(part) => Poll::Ready(Some(match part.take() {
                Some(bytes) => Ok(Frame::data(bytes)),
                None => Err("the test says so"),
            })),
            Self::Endless => {
                let spaces = Bytes::from(vec![b' '; 65_536]);
                Poll::Ready(Some(Ok(Frame::data(spaces))))
            }
        }
    }
}
