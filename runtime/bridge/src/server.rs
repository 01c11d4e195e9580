//! The listener, and the order in which everything starts and stops.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::endpoint::{Endpoint, HEALTH};
use crate::process::{Process, Program};
use crate::supervisor::supervise;
use crate::token::TokenFile;

/// Most connections at the same time; more wait to be accepted.
const CONNECTIONS: usize = 256;
/// How long the headers of a request may take, and so how long a connection may be idle: longer
/// than clients keep one for later, so that it is they who close it.
const HEADERS: Duration = Duration::from_mins(2);
/// Wait after a failure to accept a connection, so that the machine can recover.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);

/// How to run a bridge.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Address to listen on; port 0 takes any free one.
    pub listen: SocketAddr,
    /// Path of the MCP endpoint.
    pub path: String,
    /// File with the bearer token that callers must show; none lets everybody in.
    pub token_file: Option<PathBuf>,
    /// The stdio server.
    pub program: Program,
    /// How long calls in flight may take to end after the bridge was told to stop.
    pub drain: Duration,
}

/// Why a bridge cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The path does not begin with `/`, or is that of the readiness probe.
    #[error("`{0}` cannot be the path of the endpoint")]
    Path(String),
    /// The token file cannot be read, or is empty.
    #[error("cannot read the token file {}", .file.display())]
    Token {
        /// The file.
        file: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The program cannot be started.
    #[error("cannot start `{}`", .program.display())]
    Program {
        /// The program.
        program: std::ffi::OsString,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// A bridge that listens, with its server's process running.
#[derive(Debug)]
pub struct Bridge {
    listener: TcpListener,
    address: SocketAddr,
    path: String,
    drain: Duration,
    endpoint: Arc<Endpoint>,
    supervisor: JoinHandle<()>,
    /// Stops the supervisor.
    stop: CancellationToken,
}

impl Bridge {
    /// Starts the server's process and listens.
    ///
    /// # Errors
    /// When the settings cannot work.
    pub async fn start(settings: Settings) -> Result<Self, StartError> {
        let path = settings.path;
        if !path.starts_with('/') || path == HEALTH {
            return Err(StartError::Path(path));
        }
        let token = match settings.token_file {
            None => None,
            Some(file) => Some(
                TokenFile::open(file.clone())
                    .map_err(|source| StartError::Token { file, source })?,
            ),
        };
        let listen = async |address| {
            let listener = TcpListener::bind(address).await?;
            let bound = listener.local_addr()?;
            Ok((listener, bound))
        };
        let address = settings.listen;
        let (listener, bound) = listen(address)
            .await
            .map_err(|source| StartError::Listen { address, source })?;
        let program = settings.program;
        let first = Process::start(&program).map_err(|source| StartError::Program {
            program: program.name.clone(),
            source,
        })?;
        let (ready, watch) = watch::channel(None);
        let stop = CancellationToken::new();
        let supervisor = tokio::spawn(supervise(program, first, ready, stop.clone()));
        Ok(Self {
            listener,
            address: bound,
            endpoint: Arc::new(Endpoint::new(path.clone(), token, watch)),
            path,
            drain: settings.drain,
            supervisor,
            stop,
        })
    }

    /// The URL of the endpoint.
    pub fn url(&self) -> String {
        format!("http://{}{}", self.address, self.path)
    }

    /// Serves until `told` is done; then lets calls in flight end, and ends the server's process
    /// with everything that it started.
    pub async fn run(self, told: impl Future<Output = ()>) {
        let places = Arc::new(Semaphore::new(CONNECTIONS));
        let closing = CancellationToken::new();
        let mut connections = JoinSet::new();
        tokio::pin!(told);
        loop {
            tokio::select! {
                () = &mut told => break,
                (stream, place) = accept(&self.listener, &places) => {
                    let endpoint = Arc::clone(&self.endpoint);
                    connections.spawn(serve(stream, place, endpoint, closing.clone()));
                }
                Some(_) = connections.join_next() => {}
            }
        }
        drop(self.listener);
        closing.cancel();
        let drained = async { while connections.join_next().await.is_some() {} };
        if timeout(self.drain, drained).await.is_err() {
            tracing::warn!(calls = connections.len(), "calls in flight are broken off");
            connections.shutdown().await;
        }
        self.stop.cancel();
        if let Err(error) = self.supervisor.await {
            tracing::error!(%error, "the supervisor failed");
        }
    }
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> (TcpStream, Option<OwnedSemaphorePermit>) {
    // The semaphore is never closed, so there is always a place in the end.
    let place = Arc::clone(places).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return (stream, place),
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                sleep(ACCEPT_AGAIN).await;
            }
        }
    }
}

async fn serve(
    stream: TcpStream,
    _place: Option<OwnedSemaphorePermit>,
    endpoint: Arc<Endpoint>,
    closing: CancellationToken,
) {
    // Answers are written whole; waiting for more of them would only delay them.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "no TCP_NODELAY");
    }
    let service = service_fn(|request: Request<Incoming>| {
        let endpoint = Arc::clone(&endpoint);
        async move { Ok::<_, Infallible>(endpoint.answer(request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = &mut connection => ended,
        () = closing.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke");
    }
}
