//! Accepts connections and speaks HTTP/1 on them, within bounds.

mod patience;
pub(crate) mod tls;

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use self::patience::Patience;
use self::tls::Security;
use crate::reply::Body;

/// Connections at the same time; more wait in the kernel's queue.
pub(crate) const CONNECTIONS: usize = 4096;
/// How long a client may take for a TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(5);
/// How long a client may take for the head of a request, being idle before it included.
const HEAD: Duration = Duration::from_secs(10);
/// Headers of one request at most.
const HEADERS: usize = 64;
/// Bytes of a request's head at most; a token has up to 8 KiB of them.
const HEAD_SIZE: usize = 16 * 1024;
/// Bytes that are buffered of one connection at most.
const BUFFER: usize = 64 * 1024;
/// Pause after `accept` failed, so that a lack of file descriptors does not spin.
const PAUSE: Duration = Duration::from_millis(50);

/// Answers requests.
pub(crate) trait Answer: Send + Sync + 'static {
    /// Answers one request. Dropping the future means that the client is gone.
    fn answer(&self, request: Request<Incoming>) -> impl Future<Output = Response<Body>> + Send;
}

/// Accepts connections until `stop`, then lets open ones finish their requests for `drain`.
/// While `security` is `None` nobody is accepted, and never more than `connections` at a time.
pub(crate) async fn serve(
    listener: TcpListener,
    connections: usize,
    mut security: watch::Receiver<Option<Security>>,
    answer: Arc<impl Answer>,
    stop: CancellationToken,
    drain: Duration,
) {
    let places = Arc::new(Semaphore::new(connections));
    let graceful = GracefulShutdown::new();
    // Dropping it ends the connections that are left.
    let mut connections = JoinSet::new();
    let accepting = async {
        while let Ok(secured) = security
            .wait_for(Option::is_some)
            .await
            .map(|secured| secured.clone())
        {
            let (stream, place) = tokio::select! {
                accepted = accept(&listener, &places) => accepted,
                // What will never change again is not waited for.
                Ok(()) = security.changed() => continue,
            };
            while connections.try_join_next().is_some() {}
            if let Some(secured) = secured {
                let (answer, watcher) = (Arc::clone(&answer), graceful.watcher());
                connections.spawn(connect(stream, secured, answer, watcher, place));
            }
        }
    };
    tokio::select! {
        () = accepting => {}
        () = stop.cancelled() => {}
    }
    drop(listener);
    if timeout(drain, graceful.shutdown()).await.is_err() {
        tracing::warn!("connections were still busy at the end");
    }
}

/// The next connection, once there is a place for it.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> (TcpStream, Option<OwnedSemaphorePermit>) {
    // The semaphore is never closed, so there always is a permit.
    let place = Arc::clone(places).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return (stream, place),
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Serves one connection to its end; `place` is held so long.
async fn connect(
    stream: TcpStream,
    security: Security,
    answer: Arc<impl Answer>,
    watcher: Watcher,
    place: Option<OwnedSemaphorePermit>,
) {
    // Answers are written whole; waiting for more of them would only delay them.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "no TCP_NODELAY");
    }
    let served = match security {
        Security::Plain => speak(stream, answer, watcher).await,
        Security::Tls(acceptor) => match timeout(HANDSHAKE, acceptor.accept(stream)).await {
            Ok(Ok(stream)) => speak(stream, answer, watcher).await,
            Ok(Err(error)) => Err(error),
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        },
    };
    // What clients do wrong on a connection is their own business.
    if let Err(error) = served {
        tracing::debug!(%error, "connection ended");
    }
    drop(place);
}

async fn speak<S>(stream: S, answer: Arc<impl Answer>, watcher: Watcher) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request| {
        let answer = Arc::clone(&answer);
        async move { Ok::<_, Infallible>(answer.answer(request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_headers(HEADERS)
        .max_header_size(HEAD_SIZE)
        .max_buf_size(BUFFER)
        .serve_connection(TokioIo::new(Patience::new(stream)), service);
    watcher.watch(connection).await.map_err(io::Error::other)
}

#[cfg(test)]
mod tests;
