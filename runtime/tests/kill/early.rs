//! The control: a dispatch server that says of each record that it is durable, and then writes it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use bailiwick_audit::{Boot, Entry, Failed, Leaf, Log, Position};
use bailiwick_runtime::audit::{Done, Sink};
use bailiwick_runtime::server::{Options, Server};
use bailiwick_runtime::walk::Settings;
use tokio::signal::unix::{SignalKind, signal};

use crate::support::process::Process;

/// Variables that make the ignored test below a server: its folder, and where it listens.
const FOLDER: &str = "KILL_TEST_FOLDER";
const LISTEN: &str = "KILL_TEST_LISTEN";

struct Early(Log);

impl Sink for Early {
    fn append(&self, entry: Entry, done: Done) {
        done(Ok(Position {
            index: 0,
            leaf: Leaf::of(b""),
        }));
        Sink::append(&self.0, entry, Box::new(drop));
    }

    fn failure(&self) -> Option<Failed> {
        Sink::failure(&self.0)
    }

    fn close(&self) {
        self.0.clone().close();
    }
}

/// Starts one in a process of its own.
pub(crate) fn start(folder: &Path, listen: &str) -> Process {
    std::fs::create_dir_all(folder.join("audit")).unwrap();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "early::serve", "--ignored", "--nocapture"])
        .env(FOLDER, folder)
        .env(LISTEN, listen);
    Process::start(command, folder)
}

#[tokio::test]
#[ignore = "run by another test: a server that is killed"]
async fn serve() {
    let (Some(folder), Some(listen)) = (std::env::var_os(FOLDER), std::env::var_os(LISTEN)) else {
        return;
    };
    let mut terminate = signal(SignalKind::terminate()).unwrap();
    let folder = PathBuf::from(folder);
    let boot = Boot {
        build: "early".to_owned(),
        config: None,
    };
    let (log, _) = Log::open(&folder.join("audit"), "test/early", boot).unwrap();
    let options = Options {
        settings: Settings {
            config: folder.join("config"),
            audit: folder.join("audit"),
            replica: "early".to_owned(),
        },
        listen: listen.to_str().unwrap().parse().unwrap(),
        admin: ([127, 0, 0, 1], 0).into(),
        ca: None,
    };
    let log = Arc::new(Early(log));
    let server = Server::start_with(options, log).await.unwrap();
    println!(
        "listening on {} admin {}",
        server.address(),
        server.admin_address()
    );
    terminate.recv().await;
    server.stop().await;
}
