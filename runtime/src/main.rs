//! The dispatch server's command line.

use std::error::Error;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use bailiwick_runtime::causes;
use bailiwick_runtime::server::{Options, Server};
use bailiwick_runtime::walk::Settings;
use clap::Parser;
use rustix::process::{Signal, set_parent_process_death_signal};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// Lets each agent call exactly its tools, and records it.
///
/// Exit codes: 0 stopped in order, 1 cannot start, 2 wrong arguments.
#[derive(Debug, Parser)]
#[command(name = "bailiwick-dispatch", version)]
struct Arguments {
    /// Folder with `config.json` and the definitions; looked at again when it changes
    #[arg(long, value_name = "DIR")]
    config: PathBuf,
    /// Folder of the audit log
    #[arg(long, value_name = "DIR")]
    audit: PathBuf,
    /// Address of the MCP port; port 0 takes a free one, which the log names
    #[arg(long, value_name = "ADDR")]
    listen: SocketAddr,
    /// Address of the admin port: /healthz, /readyz, /metrics
    #[arg(long, value_name = "ADDR")]
    admin: SocketAddr,
    /// Name of this replica in the audit log
    #[arg(long, value_name = "NAME")]
    replica: String,
    /// Certificate authorities (PEM) to trust instead of the system's
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// End when the process that started this one does, even if it is killed
    #[arg(long)]
    end_with_parent: bool,
    /// What to log, as in `info,bailiwick_runtime=debug`
    #[arg(
        long,
        value_name = "FILTER",
        default_value = "info,hyper=error,rmcp=error"
    )]
    log: EnvFilter,
}

impl From<Arguments> for Options {
    fn from(arguments: Arguments) -> Self {
        let Arguments {
            config,
            audit,
            listen,
            admin,
            replica,
            ca,
            end_with_parent: _,
            log: _,
        } = arguments;
        Self {
            settings: Settings {
                config,
                audit,
                replica,
            },
            listen,
            admin,
            ca,
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let mut arguments = Arguments::parse();
    let log = std::mem::take(&mut arguments.log);
    tracing_subscriber::fmt()
        .json()
        .with_env_filter(log)
        .with_writer(std::io::stderr)
        .init();
    let end_with_parent = arguments.end_with_parent;
    match run(arguments.into(), end_with_parent).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error = causes::line(&*error), "cannot start");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options, end_with_parent: bool) -> Result<(), Box<dyn Error>> {
    let (mut term, mut interrupt) = (
        signal(SignalKind::terminate())?,
        signal(SignalKind::interrupt())?,
    );
    if end_with_parent {
        set_parent_process_death_signal(Some(Signal::TERM))?;
    }
    let server = Server::start(options).await?;
    announce(&server);
    tokio::select! {
        _ = term.recv() => {}
        _ = interrupt.recv() => {}
    }
    server.stop().await;
    Ok(())
}

/// Says on standard output where the ports are, for whoever started this with port 0. Nobody may be
/// reading.
fn announce(server: &Server) {
    let (mcp, admin) = (server.address(), server.admin_address());
    let line = format!("listening on {mcp} admin {admin}\n");
    drop(std::io::stdout().write_all(line.as_bytes()));
}
