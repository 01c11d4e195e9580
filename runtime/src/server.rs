//! Puts the process together: two ports, the config's followers, the walk, and an orderly end.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::admin::Admin;
use crate::audit::{Recorder, Sink};
use crate::calls::Calls;
use crate::descriptors;
use crate::front::{self, Front};
use crate::identity::{Fetcher, FetcherError};
use crate::listener::{self, tls};
use crate::walk::{Settings, State};

/// Connections to the admin port at the same time: probes, a scraper, a person.
const ADMIN_CONNECTIONS: usize = 64;
/// How long requests may go on after the process was told to stop.
const DRAIN: Duration = Duration::from_secs(20);
/// How long cancelled calls may take to record their outcome.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// What the process is told when it is started.
#[derive(Clone, Debug)]
pub struct Options {
    /// What the walk is told.
    pub settings: Settings,
    /// Address of the MCP port.
    pub listen: SocketAddr,
    /// Address of the admin port.
    pub admin: SocketAddr,
    /// PEM file with the certificate authorities to trust instead of the system's.
    pub ca: Option<PathBuf>,
}

/// The process cannot do its work.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// An address is taken, or not ours.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// There are no certificate authorities to trust.
    #[error(transparent)]
    Authorities(#[from] FetcherError),
}

/// The running server.
#[derive(Debug)]
pub struct Server {
    mcp: SocketAddr,
    admin: SocketAddr,
    state: Arc<State>,
    calls: Calls,
    /// No new requests.
    draining: CancellationToken,
    /// No more requests from operators either.
    ended: CancellationToken,
    ports: JoinSet<()>,
    followers: JoinSet<()>,
}

impl Server {
    /// Opens both ports and starts everything behind them. A config or an audit log that cannot
    /// be used is no error here: `/readyz` says so, and both are looked at again.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        Self::start_recording(options, Recorder::default()).await
    }

    /// The same with another audit log than the one in `options`, which is not opened then. The
    /// product has no switch for this.
    pub async fn start_with(options: Options, log: Arc<dyn Sink>) -> Result<Self, StartError> {
        let recorder = Recorder::default();
        recorder.open(log);
        Self::start_recording(options, recorder).await
    }

    async fn start_recording(options: Options, recorder: Recorder) -> Result<Self, StartError> {
        let fetcher = Fetcher::new(options.ca.as_deref())?;
        let (mcp, admin) = (bind(options.listen).await?, bind(options.admin).await?);
        let state = State::start(options.settings, recorder, options.ca.as_deref());
        let calls = Calls::default();
        let (draining, ended) = (CancellationToken::new(), CancellationToken::new());

        let (served_sender, served) = watch::channel(None);
        let (announced_sender, announced) = watch::channel(None);
        let (security_sender, security) = watch::channel(None);
        let mut followers = JoinSet::new();
        followers.spawn(front::follow(
            state.snapshots(),
            fetcher,
            served_sender,
            announced_sender,
        ));
        followers.spawn(tls::follow(state.snapshots(), security_sender));

        let front = Front::new(
            Arc::clone(&state),
            served.clone(),
            announced,
            calls.clone(),
            draining.clone(),
        );
        let operator = Admin {
            state: Arc::clone(&state),
            served,
            security: security.clone(),
            draining: draining.clone(),
        };
        let plain = watch::Sender::new(Some(tls::Security::Plain)).subscribe();
        let (mcp_address, admin_address) = (mcp.address, admin.address);
        let connections = descriptors::connections(descriptors::raise(), listener::CONNECTIONS);
        let mut ports = JoinSet::new();
        ports.spawn(listener::serve(
            mcp.listener,
            connections,
            security,
            Arc::new(front),
            draining.clone(),
            DRAIN,
        ));
        ports.spawn(listener::serve(
            admin.listener,
            ADMIN_CONNECTIONS,
            plain,
            Arc::new(operator),
            ended.clone(),
            Duration::ZERO,
        ));
        tracing::info!(mcp = %mcp_address, admin = %admin_address, "listening");
        Ok(Self {
            mcp: mcp_address,
            admin: admin_address,
            state,
            calls,
            draining,
            ended,
            ports,
            followers,
        })
    }

    /// Where the MCP port is.
    pub fn address(&self) -> SocketAddr {
        self.mcp
    }

    /// Where the admin port is.
    pub fn admin_address(&self) -> SocketAddr {
        self.admin
    }

    /// Stops in order: no new requests, then those in flight finish or are cancelled, then the log
    /// is closed.
    pub async fn stop(mut self) {
        tracing::info!("stopping");
        self.draining.cancel();
        // The first port to end is the MCP port: the other one waits for `ended`.
        drop(self.ports.join_next().await);
        self.calls.stopping.cancel();
        self.calls.tasks.close();
        if timeout(LAST_WORDS, self.calls.tasks.wait()).await.is_err() {
            tracing::error!("calls did not end in time");
        }
        self.followers.shutdown().await;
        self.state.stop().await;
        self.ended.cancel();
        drop(self.ports.join_next().await);
        tracing::info!("stopped");
    }
}

struct Bound {
    listener: TcpListener,
    address: SocketAddr,
}

async fn bind(address: SocketAddr) -> Result<Bound, StartError> {
    let failed = |source| StartError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok(Bound { listener, address })
}

#[cfg(test)]
mod tests;
