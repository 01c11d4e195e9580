//! The connections to one server. The call that uses one drives it: there is no task beside it.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use http::header::HOST;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, Method, Request, Response, Uri};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Incoming};
use hyper::client::conn::http1;
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until};
use tokio_util::task::AbortOnDropHandle;
use tower_service::Service as _;

/// How long a connection without a call is kept: less than the 5 s after which common servers end
/// theirs, so that a call seldom meets a connection that is just being closed.
const IDLE: Duration = Duration::from_secs(4);
/// Most connections without a call that are kept.
const MAX_IDLE: usize = 256;

/// The connections to one server, with one credential.
#[derive(Debug)]
pub(super) struct Pool {
    connector: HttpsConnector<HttpConnector>,
    uri: Uri,
    host: HeaderValue,
    path: Uri,
    idle: Arc<Idle>,
}

/// Connections without a call.
#[derive(Debug, Default)]
struct Idle {
    connections: Mutex<Vec<(Instant, Connection)>>,
    /// Closes those that nobody used for too long.
    reaper: Mutex<Option<AbortOnDropHandle<()>>>,
}

/// Why a request got no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum SendError {
    /// The server cannot be reached.
    #[error("no connection")]
    Connect(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The connection broke off.
    #[error("the connection broke off")]
    Broken(#[source] hyper::Error),
}

/// The body of an answer, and the connection that it comes on. Dropped before its end, it closes
/// the connection.
#[derive(Debug)]
pub(super) struct Body {
    incoming: Incoming,
    /// None once it went back to the pool.
    connection: Option<Connection>,
    idle: Arc<Idle>,
}

impl Pool {
    /// Connections to the server at `uri`; none is made yet. None for a URL without a host.
    pub(super) fn new(connector: HttpsConnector<HttpConnector>, uri: Uri) -> Option<Self> {
        let authority = uri.authority()?;
        let is_usual = matches!(
            (uri.scheme_str(), authority.port_u16()),
            (_, None) | (Some("http"), Some(80)) | (Some("https"), Some(443))
        );
        let host = if is_usual {
            authority.host()
        } else {
            authority.as_str()
        };
        let path = uri
            .path_and_query()
            .cloned()
            .unwrap_or_else(|| PathAndQuery::from_static("/"));
        Some(Self {
            host: HeaderValue::from_str(host).ok()?,
            path: path.into(),
            connector,
            uri,
            idle: Arc::default(),
        })
    }

    /// Sends a POST and waits for the head of its answer. Sent again is only what a connection that
    /// had been idle did not even begin to send. Dropping the future closes the connection.
    pub(super) async fn post(
        &self,
        mut headers: HeaderMap,
        body: Bytes,
    ) -> Result<Response<Body>, SendError> {
        headers.insert(HOST, self.host.clone());
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.path.clone();
        *request.headers_mut() = headers;
        loop {
            let idle = self.idle.take();
            let was_idle = idle.is_some();
            let mut connection = match idle {
                Some(connection) => connection,
                None => self.connect().await?,
            };
            let sent = connection.sender.try_send_request(request);
            match connection.driver.drive(sent).await {
                Ok(response) => {
                    return Ok(response.map(|incoming| Body {
                        incoming,
                        connection: Some(connection),
                        idle: Arc::clone(&self.idle),
                    }));
                }
                Err(mut error) => match error.take_message() {
                    Some(unsent) if was_idle => request = unsent,
                    _ => return Err(SendError::Broken(error.into_error())),
                },
            }
        }
    }

    async fn connect(&self) -> Result<Connection, SendError> {
        let mut connector = self.connector.clone();
        let connected = async {
            poll_fn(|context| connector.poll_ready(context)).await?;
            connector.call(self.uri.clone()).await
        };
        let stream = connected.await.map_err(SendError::Connect)?;
        let (sender, connection) = http1::handshake(stream).await.map_err(SendError::Broken)?;
        let driver = Driver(Some(connection));
        Ok(Connection { sender, driver })
    }
}

impl Body {
    /// The next bytes; none at the end, when the connection can be used again.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, hyper::Error> {
        while let Some(connection) = &mut self.connection {
            let frame = connection.driver.drive(self.incoming.frame()).await;
            match frame.transpose()? {
                Some(frame) => {
                    self.end_if_empty();
                    if let Ok(bytes) = frame.into_data() {
                        return Ok(Some(bytes));
                    }
                }
                None => self.give_back(),
            }
        }
        Ok(None)
    }

    /// Lower bound of what is still to come, bytes.
    pub(super) fn at_least(&self) -> u64 {
        self.incoming.size_hint().lower()
    }

    /// Leaves the connection to the next call once nothing more comes.
    pub(super) fn end_if_empty(&mut self) {
        if self.incoming.is_end_stream() {
            self.give_back();
        }
    }

    fn give_back(&mut self) {
        // Whether it really can be used is seen when somebody wants to.
        if let Some(connection) = self.connection.take()
            && connection.driver.0.is_some()
        {
            self.idle.put(connection);
        }
    }
}

/// One connection: the end that takes requests, and the one that reads and writes.
#[derive(Debug)]
struct Connection {
    sender: http1::SendRequest<Full<Bytes>>,
    driver: Driver,
}

impl Connection {
    /// Whether it takes a request now. Looks at the socket without waiting.
    fn is_usable(&mut self) -> bool {
        let mut context = Context::from_waker(Waker::noop());
        self.driver.poll(&mut context);
        self.sender.is_ready()
    }
}

/// Reads and writes while something is waited for; none once the connection ended.
#[derive(Debug)]
struct Driver(Option<http1::Connection<MaybeHttpsStream<TokioIo<TcpStream>>, Full<Bytes>>>);

impl Driver {
    /// Waits for `wanted`, which depends on this connection.
    async fn drive<F: Future>(&mut self, wanted: F) -> F::Output {
        let mut wanted = pin!(wanted);
        poll_fn(|context| {
            if let Poll::Ready(output) = wanted.as_mut().poll(context) {
                return Poll::Ready(output);
            }
            self.poll(context);
            wanted.as_mut().poll(context)
        })
        .await
    }

    fn poll(&mut self, context: &mut Context<'_>) {
        if let Some(connection) = &mut self.0
            && let Poll::Ready(ended) = Pin::new(connection).poll(context)
        {
            // Whoever waits for an answer on it hears the reason as well.
            tracing::trace!(?ended, "a connection to a server ended");
            self.0 = None;
        }
    }
}

impl Idle {
    /// The connection that was used last, if it still can be.
    fn take(&self) -> Option<Connection> {
        loop {
            let (_, mut connection) = self.lock().pop()?;
            if connection.is_usable() {
                return Some(connection);
            }
        }
    }

    fn put(self: &Arc<Self>, connection: Connection) {
        let mut connections = self.lock();
        if connections.len() < MAX_IDLE {
            connections.push((Instant::now(), connection));
        }
        let is_first = connections.len() == 1;
        drop(connections);
        if is_first {
            self.watch();
        }
    }

    /// Sees to it that idle connections are closed in time.
    fn watch(self: &Arc<Self>) {
        let mut reaper = self.reaper.lock().unwrap_or_else(PoisonError::into_inner);
        if reaper.as_ref().is_none_or(AbortOnDropHandle::is_finished) {
            // It must not keep alive what ends it.
            let idle = Arc::downgrade(self);
            *reaper = Some(AbortOnDropHandle::new(tokio::spawn(async move {
                while let Some(next) = idle.upgrade().map(|idle| idle.reap()) {
                    sleep_until(next).await;
                }
            })));
        }
    }

    /// Closes what was idle for too long; says when to look again.
    fn reap(&self) -> Instant {
        let now = Instant::now();
        let mut connections = self.lock();
        let old = connections.partition_point(|(since, _)| *since + IDLE <= now);
        let closed: Vec<_> = connections.drain(..old).collect();
        let next = connections.first().map_or(now, |(since, _)| *since);
        drop(connections);
        drop(closed);
        next + IDLE
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(Instant, Connection)>> {
        self.connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
