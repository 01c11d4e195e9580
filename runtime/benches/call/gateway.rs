//! The parts that run in processes of their own, and what the kernel says of what they cost.

use std::fs::DirEntry;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use bailiwick_audit::{Entry, Failed, Leaf, Position};
use bailiwick_runtime::audit::{Done, Sink};
use bailiwick_runtime::server::{Options, Server};
use bailiwick_runtime::walk::Settings;
use tempfile::TempDir;

use crate::support::issuer::Issuer;
use crate::support::process::{Process, free_address};
use crate::support::{Granted, write_config};
use crate::upstream::{DEFINITION, TOOL};

/// The core of the gateways; the upstream and the callers have the other.
const GATEWAYS: &str = "0";
const OTHERS: &str = "1";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The server behind all gateways.
    Upstream,
    /// A reverse proxy that passes bytes.
    Hyper,
    /// A gateway of rmcp as server and as client.
    Rmcp,
    /// The product.
    Dispatch,
    /// The product with a log that keeps nothing.
    Unaudited,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Upstream => "upstream",
            Self::Hyper => "hyper proxy",
            Self::Rmcp => "rmcp proxy",
            Self::Dispatch => "dispatch",
            Self::Unaudited => "dispatch, no log",
        }
    }

    fn role(self) -> &'static str {
        match self {
            Self::Upstream => "upstream",
            Self::Hyper => "hyper",
            Self::Rmcp => "rmcp",
            Self::Dispatch => "dispatch",
            Self::Unaudited => "unaudited",
        }
    }
}

/// A running part.
#[derive(Debug)]
pub(crate) struct Gateway {
    pub(crate) kind: Kind,
    /// Its MCP endpoint.
    pub(crate) url: String,
    /// The token of its agent; any for those who ask for none.
    pub(crate) token: String,
    /// What the tool is called there.
    pub(crate) tool: String,
    /// Resident memory before the first call, MiB.
    pub(crate) idle: f64,
    running: Running,
    _folder: Option<TempDir>,
}

#[derive(Debug)]
enum Running {
    Dispatch(Process),
    /// One of ours.
    Role {
        child: Child,
        /// Held open: whoever writes to it later finds a reader.
        _output: BufReader<ChildStdout>,
    },
}

impl Gateway {
    /// Starts one, in front of `upstream`.
    pub(crate) fn start(kind: Kind, upstream: Option<&str>) -> Self {
        let (url, token, tool, running, folder) = match kind {
            Kind::Dispatch | Kind::Unaudited => {
                let folder = tempfile::tempdir().unwrap();
                let issuer = Issuer::new();
                let address = free_address();
                let url = format!("http://{address}/mcp");
                let granted = Granted::new("bench", upstream.unwrap(), &[DEFINITION]);
                write_config(&folder.path().join("config"), &url, &issuer, &[granted]);
                let running = Self::dispatch(kind, folder.path(), &address);
                let token = issuer.token(&url);
                (url, token, format!("bench_{TOOL}"), running, Some(folder))
            }
            Kind::Upstream | Kind::Hyper | Kind::Rmcp => {
                let core = if kind == Kind::Upstream {
                    OTHERS
                } else {
                    GATEWAYS
                };
                let mut command = on_core(core, &std::env::current_exe().unwrap());
                command.arg(kind.role()).args(upstream);
                let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
                let mut output = BufReader::new(child.stdout.take().unwrap());
                let mut line = String::new();
                output.read_line(&mut line).unwrap();
                let url = line
                    .trim()
                    .strip_prefix("listening on ")
                    .unwrap()
                    .to_owned();
                let running = Running::Role {
                    child,
                    _output: output,
                };
                (url, "any".to_owned(), TOOL.to_owned(), running, None)
            }
        };
        let mut gateway = Self {
            kind,
            url,
            token,
            tool,
            idle: 0.0,
            running,
            _folder: folder,
        };
        gateway.idle = gateway.resident();
        gateway
    }

    fn dispatch(kind: Kind, folder: &Path, listen: &str) -> Running {
        let command = if kind == Kind::Unaudited {
            let mut command = on_core(GATEWAYS, &std::env::current_exe().unwrap());
            command.arg(kind.role()).arg(folder).arg(listen);
            command
        } else {
            let program = Path::new(env!("CARGO_BIN_EXE_bailiwick-dispatch"));
            let mut command = on_core(GATEWAYS, program);
            command.args(Process::arguments(folder, listen));
            command
        };
        Running::Dispatch(Process::start(command, folder))
    }

    fn id(&self) -> u32 {
        match &self.running {
            Running::Dispatch(process) => process.id(),
            Running::Role { child, .. } => child.id(),
        }
    }

    /// CPU time of the process so far, of user and of kernel.
    pub(crate) fn cpu(&self) -> Duration {
        // The file `stat` of the process has ticks of 10 ms; these have nanoseconds.
        let threads = std::fs::read_dir(format!("/proc/{}/task", self.id())).unwrap();
        let on_cpu = |thread: DirEntry| {
            let schedstat = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
            schedstat.split_whitespace().next()?.parse::<u64>().ok()
        };
        let nanoseconds = threads.filter_map(|thread| on_cpu(thread.ok()?));
        Duration::from_nanos(nanoseconds.sum())
    }

    /// Resident memory now, MiB.
    pub(crate) fn resident(&self) -> f64 {
        self.memory("VmRSS:")
    }

    /// Most resident memory so far, MiB.
    pub(crate) fn peak(&self) -> f64 {
        self.memory("VmHWM:")
    }

    fn memory(&self, name: &str) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kibibytes = line.unwrap().trim().trim_end_matches(" kB");
        kibibytes.parse::<f64>().unwrap() / 1024.0
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        if let Running::Role { child, .. } = &mut self.running {
            drop(child.kill());
            drop(child.wait());
        }
    }
}

/// A command that stays on one core.
fn on_core(core: &str, program: &Path) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", core]).arg(program);
    command
}

/// Keeps this process on the core of the callers.
pub(crate) fn pin_callers() {
    let pinned = Command::new("taskset")
        .args(["-a", "-c", "-p", OTHERS, &std::process::id().to_string()])
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(pinned.success());
}

/// A log that keeps nothing.
struct Null(Position);

impl Sink for Null {
    fn append(&self, _: Entry, done: Done) {
        done(Ok(self.0));
    }

    fn failure(&self) -> Option<Failed> {
        None
    }

    fn close(&self) {}
}

/// Serves for ever what dispatch serves, without a log.
pub(crate) async fn serve_unaudited(folder: PathBuf, listen: &str) {
    let options = Options {
        settings: Settings {
            config: folder.join("config"),
            audit: folder.join("audit"),
            replica: "r".to_owned(),
        },
        listen: listen.parse().unwrap(),
        admin: ([127, 0, 0, 1], 0).into(),
        ca: None,
    };
    let nowhere = Position {
        index: 0,
        leaf: Leaf::of(b""),
    };
    let server = Server::start_with(options, Arc::new(Null(nowhere)))
        .await
        .unwrap();
    let (mcp, admin) = (server.address(), server.admin_address());
    println!("listening on {mcp} admin {admin}");
    std::future::pending::<()>().await;
}
