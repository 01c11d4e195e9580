//! A `bailiwick dev` that runs, and a client of it by hand.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use super::{Ran, bailiwick};

/// How long anything may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// A session; ended when dropped.
#[derive(Debug)]
pub(crate) struct Dev {
    child: Child,
    lines: Receiver<String>,
    /// What it said so far.
    pub(crate) said: String,
    folder: PathBuf,
    address: String,
}

/// A port of loopback that is free now.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

impl Dev {
    /// Serves the project in `folder`; waits until it is ready.
    pub(crate) fn start(folder: &Path, port: u16) -> Self {
        let mut child = bailiwick()
            .arg("dev")
            .arg(folder)
            .args(["--port", &port.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = sync_channel(10_000);
        std::thread::spawn(move || {
            for line in output.lines() {
                // The test may be over.
                drop(sender.send(line.unwrap()));
            }
        });
        let mut dev = Self {
            child,
            lines,
            said: String::new(),
            folder: folder.to_owned(),
            address: format!("127.0.0.1:{port}"),
        };
        dev.wait_for("ready: ");
        // The client configuration is the last that it says.
        dev.wait_for("}");
        dev
    }

    /// Waits for a line that begins so.
    pub(crate) fn wait_for(&mut self, word: &str) {
        loop {
            let line = self.lines.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("no `{word}` in:\n{}", self.said));
            self.said.push_str(&line);
            self.said.push('\n');
            if line.starts_with(word) {
                return;
            }
        }
    }

    /// Its process id.
    pub(crate) fn id(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// A file that it keeps.
    pub(crate) fn kept(&self, name: &str) -> PathBuf {
        self.folder.join(".bailiwick/dev").join(name)
    }

    /// Calls a tool as the agent; gives the JSON-RPC answer.
    pub(crate) fn call(&self, tool: &str) -> Value {
        let token = std::fs::read_to_string(self.kept("tokens/helper.jwt")).unwrap();
        let (status, body) = post(&self.address, Some(token.trim()), &call(tool));
        serde_json::from_str(&body).unwrap_or_else(|_| panic!("{status} {body}"))
    }

    /// Calls a tool until the answer is this one. The dispatch server takes up a new configuration by itself and
    /// tells nobody outside, so that only an answer shows it; each call takes as long as its answer does.
    pub(crate) fn call_until(&self, tool: &str, is_it: impl Fn(&Value) -> bool) {
        let end = Instant::now() + PATIENCE;
        loop {
            let answer = self.call(tool);
            if is_it(&answer) {
                return;
            }
            assert!(Instant::now() < end, "it stays {answer}");
        }
    }

    /// The processes that it started, and those that they started, with their command lines.
    pub(crate) fn processes(&self) -> Vec<(Pid, String)> {
        let mut family = BTreeSet::from([self.child.id()]);
        let mut found = Vec::new();
        loop {
            let mut more = Vec::new();
            for entry in std::fs::read_dir("/proc").unwrap() {
                let path = entry.unwrap().path();
                let name = path.file_name().unwrap().to_string_lossy();
                let Ok(id) = name.parse::<u32>() else {
                    continue;
                };
                // It may have ended since.
                let Ok(stat) = std::fs::read_to_string(path.join("stat")) else {
                    continue;
                };
                let parent = stat.rsplit_once(')').unwrap().1.split_whitespace().nth(1);
                let parent = parent.unwrap().parse::<u32>().unwrap();
                if family.contains(&parent) && !family.contains(&id) {
                    let line = std::fs::read_to_string(path.join("cmdline")).unwrap_or_default();
                    more.push((id, line.replace('\0', " ")));
                }
            }
            if more.is_empty() {
                return found;
            }
            family.extend(more.iter().map(|(id, _)| *id));
            let with_pid = |(id, line)| (Pid::from_raw(i32::try_from(id).unwrap()).unwrap(), line);
            found.extend(more.into_iter().map(with_pid));
        }
    }

    /// Presses Ctrl-C, and waits for the end.
    pub(crate) fn interrupt(self) -> Ran {
        let id = self.id();
        kill_process(id, Signal::INT).unwrap();
        self.end()
    }

    /// Waits for the end.
    pub(crate) fn end(mut self) -> Ran {
        while let Ok(line) = self.lines.recv_timeout(PATIENCE) {
            self.said.push_str(&line);
            self.said.push('\n');
        }
        let mut err = String::new();
        let mut errors = self.child.stderr.take().unwrap();
        errors.read_to_string(&mut err).unwrap();
        Ran {
            code: self.child.wait().unwrap().code(),
            out: std::mem::take(&mut self.said),
            err,
        }
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        // As a person would, so that its children end too.
        if let Ok(None) = self.child.try_wait() {
            let _ended = kill_process(Pid::from_child(&self.child), Signal::INT);
            drop(self.child.wait());
        }
    }
}

/// Whether a process is there.
pub(crate) fn is_running(id: Pid) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", id.as_raw_nonzero()));
    // One that nobody has waited for yet has ended too.
    stat.is_ok_and(|stat| {
        !stat
            .rsplit_once(')')
            .unwrap()
            .1
            .trim_start()
            .starts_with('Z')
    })
}

/// A `tools/call`.
pub(crate) fn call(tool: &str) -> Value {
    let params = json!({ "name": tool, "arguments": {} });
    json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params })
}

/// Posts a message to `/mcp` of `address`; gives the status and the body.
pub(crate) fn post(address: &str, token: Option<&str>, message: &Value) -> (u16, String) {
    let body = message.to_string();
    let bearer = token.map_or(String::new(), |token| {
        format!("Authorization: Bearer {token}\r\n")
    });
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "POST /mcp HTTP/1.1\r\nHost: {address}\r\n{bearer}Content-Type: application/json\r\n\
         Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2025-11-25\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, body.to_owned())
}
