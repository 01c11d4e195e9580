//! Entry point.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use bailiwick_bridge::{Bridge, Program, Settings, install};
use clap::{Parser, Subcommand};
use rustix::process::{Signal, set_parent_process_death_signal};
use tokio::signal::unix::{SignalKind, signal};

/// Connects stdio MCP servers with HTTP
#[derive(Debug, Parser)]
#[command(name = "bailiwick-bridge", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(Serve),
    Install(Install),
}

/// Copies this program to a file, for a container that has none of its own
#[derive(Debug, clap::Args)]
struct Install {
    /// The file; replaced when it is there
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// Runs a stdio MCP server and serves it over streamable HTTP
///
/// Prints `listening on URL` when it listens. GET /healthz answers 200 while the server is ready
/// for calls. SIGTERM or Ctrl-C ends the bridge together with the server.
#[derive(Debug, clap::Args)]
struct Serve {
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Path of the endpoint
    #[arg(long, value_name = "PATH", default_value = "/mcp")]
    path: String,
    /// File with a bearer token that every request must show
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// How long calls in flight may take to end when the bridge is told to stop, seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 2)]
    drain: u64,
    /// End when the process that started this one does, even if it is killed
    #[arg(long)]
    end_with_parent: bool,
    /// The server's program and its arguments
    #[arg(last = true, required = true, value_name = "PROGRAM")]
    program: Vec<OsString>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_ansi(false)
        .init();
    let done = match arguments.command {
        Command::Serve(arguments) => tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(Into::into)
            .and_then(|runtime| runtime.block_on(serve(arguments))),
        Command::Install(arguments) => install(&arguments.file).map_err(Into::into),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let mut text = format!("bailiwick-bridge: {error}");
            let mut cause = error.source();
            while let Some(error) = cause {
                text = format!("{text}: {error}");
                cause = error.source();
            }
            tracing::error!("{text}");
            ExitCode::from(2)
        }
    }
}

async fn serve(arguments: Serve) -> Result<(), Box<dyn std::error::Error>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    if arguments.end_with_parent {
        set_parent_process_death_signal(Some(Signal::TERM))?;
    }
    let mut words = arguments.program.into_iter();
    let program = Program {
        name: words.next().unwrap_or_default(),
        arguments: words.collect(),
    };
    let bridge = Bridge::start(Settings {
        listen: arguments.listen,
        path: arguments.path,
        token_file: arguments.token_file,
        program,
        drain: Duration::from_secs(arguments.drain),
    })
    .await?;
    let mut out = io::stdout();
    writeln!(out, "listening on {}", bridge.url())?;
    out.flush()?;
    let told = async {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    bridge.run(told).await;
    Ok(())
}
