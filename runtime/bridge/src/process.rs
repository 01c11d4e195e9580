//! The child process: started in a group of its own, ended with its whole group.

use std::ffi::OsString;
use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

/// How long the child has to end by itself after each of: end of its input, SIGTERM.
const PATIENCE: Duration = Duration::from_secs(1);

/// A program with its arguments.
#[derive(Clone, Debug)]
pub struct Program {
    /// Name or path.
    pub name: OsString,
    /// Arguments.
    pub arguments: Vec<OsString>,
}

/// A running child.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    /// Its process group, which has its id.
    group: Option<Pid>,
}

/// The three streams of a child.
#[derive(Debug)]
pub(crate) struct Streams {
    pub(crate) input: ChildStdin,
    pub(crate) output: ChildStdout,
    pub(crate) errors: ChildStderr,
}

impl Process {
    pub(crate) fn start(program: &Program) -> io::Result<(Self, Streams)> {
        let mut child = Command::new(&program.name)
            .args(&program.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        let group = child.id().and_then(|id| Pid::from_raw(id.try_into().ok()?));
        let streams = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(input), Some(output), Some(errors)) = streams else {
            return Err(io::Error::other("the child has no standard streams"));
        };
        let streams = Streams {
            input,
            output,
            errors,
        };
        Ok((Self { child, group }, streams))
    }

    /// Waits until the child ends by itself.
    pub(crate) async fn ended(&mut self) -> io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// Ends the child, whose input is closed already, and everything that it started.
    pub(crate) async fn end(mut self) {
        if timeout(PATIENCE, self.child.wait()).await.is_err() {
            self.signal(Signal::TERM);
            if timeout(PATIENCE, self.child.wait()).await.is_err() {
                tracing::warn!("the server did not end; it is killed");
            }
        }
        self.signal(Signal::KILL);
        if let Err(error) = self.child.wait().await {
            tracing::warn!(%error, "cannot wait for the server's process");
        }
    }

    fn signal(&self, signal: Signal) {
        if let Some(group) = self.group {
            // It fails when there is nobody left in the group, which is what is wanted.
            let _gone: Result<(), rustix::io::Errno> = kill_process_group(group, signal);
        }
    }
}
