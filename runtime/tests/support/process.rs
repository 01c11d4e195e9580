//! The dispatch server as a process.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Lines, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// How long it may take to be what a test waits for.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running dispatch server; killed when dropped.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    /// Held open: whoever writes to it later finds a reader.
    _output: Lines<BufReader<ChildStdout>>,
    /// Address of the MCP port.
    pub(crate) mcp: String,
    /// Address of the admin port.
    pub(crate) admin: String,
}

impl Process {
    /// Starts the dispatch server with the config and the log below `folder` and waits until it is
    /// ready.
    pub(crate) fn dispatch(folder: &Path, listen: &str) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bailiwick-dispatch"));
        command.args(Self::arguments(folder, listen));
        Self::start(command, folder)
    }

    /// The arguments of the dispatch server for the config and the log below `folder`.
    pub(crate) fn arguments(folder: &Path, listen: &str) -> Vec<OsString> {
        std::fs::create_dir_all(folder.join("audit")).unwrap();
        let mut arguments: Vec<OsString> = vec!["--config".into(), folder.join("config").into()];
        arguments.extend(["--audit".into(), folder.join("audit").into()]);
        let more = [
            "--listen",
            listen,
            "--admin",
            "127.0.0.1:0",
            "--replica",
            "r",
        ];
        arguments.extend(more.map(OsString::from));
        arguments
    }

    /// Starts a program that says where it listens as the dispatch server does, and waits until it
    /// is ready. Its errors go to `log` in `folder`.
    pub(crate) fn start(command: Command, folder: &Path) -> Self {
        let process = Self::start_unready(command, folder);
        process.wait_until("/readyz", |answer| answer.contains(" 200 "));
        process
    }

    /// The same, without waiting until it is ready.
    pub(crate) fn start_unready(mut command: Command, folder: &Path) -> Self {
        let log = std::fs::File::create(folder.join("log")).unwrap();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
        let said =
            output.find_map(|line| Some(line.unwrap().split_once("listening on ")?.1.to_owned()));
        let ports = said.unwrap_or_else(|| {
            let log = std::fs::read_to_string(folder.join("log")).unwrap();
            panic!("it did not say where it listens; its log:\n{log}")
        });
        let (mcp, admin) = ports.split_once(" admin ").unwrap();
        Self {
            mcp: mcp.to_owned(),
            admin: admin.to_owned(),
            child,
            _output: output,
        }
    }

    /// Asks the admin port until the answer is the one that is waited for: it has to be asked, as by a cluster.
    pub(crate) fn wait_until(&self, path: &str, is_it: impl Fn(&str) -> bool) {
        let end = Instant::now() + PATIENCE;
        loop {
            let answer = self.get(path);
            if is_it(&answer) {
                return;
            }
            assert!(Instant::now() < end, "it stays at {answer}");
            std::thread::yield_now();
        }
    }

    /// What the admin port answers.
    pub(crate) fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.admin).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it without any chance to do something about it.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop, and waits until it has.
    pub(crate) fn stop(mut self) {
        let id = Pid::from_child(&self.child);
        kill_process(id, Signal::TERM).unwrap();
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A port of loopback that is free now, for a URL that must be known before the process runs.
pub(crate) fn free_address() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}
