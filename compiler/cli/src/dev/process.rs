//! Child processes of `dev`: each in a group of its own, ended together.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

use crate::failure::Failure;

/// How long a child may take to end by itself.
const GRACE: Duration = Duration::from_secs(5);

/// Longest line that is read while waiting for a child's word, bytes.
const LINE_LIMIT: u64 = 64 * 1024;

/// A running child.
#[derive(Debug)]
pub(crate) struct Process {
    name: String,
    child: Child,
}

/// How a child is started.
#[derive(Debug)]
pub(crate) struct Start {
    /// How it is called in messages.
    pub(crate) name: String,
    /// Program.
    pub(crate) program: PathBuf,
    /// Arguments.
    pub(crate) arguments: Vec<OsString>,
    /// Working folder.
    pub(crate) folder: PathBuf,
    /// Variables added to our own.
    pub(crate) variables: Vec<(String, String)>,
    /// Where its error output goes; none is to ours.
    pub(crate) log: Option<PathBuf>,
}

impl Process {
    /// Starts a child and gives its standard output.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(crate) fn start(start: Start) -> Result<(Self, ChildStdout), Failure> {
        let failed = Failure::doing(format!("start `{}`", start.program.display()));
        let log = match &start.log {
            Some(path) => Stdio::from(
                std::fs::OpenOptions::new()
                    .create(true)
                    .append(true)
                    .open(path)
                    .map_err(Failure::io("write", path))?,
            ),
            None => Stdio::inherit(),
        };
        let mut child = match Command::new(&start.program)
            .args(&start.arguments)
            .current_dir(&start.folder)
            .envs(start.variables)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
        {
            Ok(child) => child,
            Err(error) => return Err(failed(error)),
        };
        let Some(output) = child.stdout.take() else {
            return Err(failed(std::io::Error::other("it has no standard output")));
        };
        let name = start.name;
        Ok((Self { name, child }, output))
    }

    /// How it is called in messages.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Waits until it ends.
    pub(crate) async fn ended(&mut self) -> std::io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// Asks it to end, and ends it when it does not.
    pub(crate) async fn end(mut self) {
        if let Some(id) = self.child.id()
            && let Ok(id) = i32::try_from(id)
            && let Some(id) = rustix::process::Pid::from_raw(id)
        {
            let _asked = rustix::process::kill_process(id, rustix::process::Signal::TERM);
            if timeout(GRACE, self.child.wait()).await.is_err() {
                let _killed =
                    rustix::process::kill_process_group(id, rustix::process::Signal::KILL);
            }
        }
        let _waited = self.child.wait().await;
    }
}

/// Reads lines until one starts with `word`, and gives what follows it. The rest of the output is
/// read on and thrown away, so that the child never waits for us.
///
/// # Errors
/// When the output ends, or `patience` passes, before that line.
pub(crate) async fn wait_for_line(
    name: &str,
    output: ChildStdout,
    word: &str,
    patience: Duration,
) -> Result<String, Failure> {
    let mut lines = BufReader::new(output);
    let search = async {
        loop {
            let mut line = Vec::new();
            let read = (&mut lines)
                .take(LINE_LIMIT)
                .read_until(b'\n', &mut line)
                .await?;
            if read == 0 {
                return Err(std::io::Error::other("it ended before it was ready"));
            }
            if let Some(rest) = String::from_utf8_lossy(&line).trim_end().strip_prefix(word) {
                return Ok(rest.trim().to_owned());
            }
        }
    };
    let found = match timeout(patience, search).await {
        Ok(found) => found,
        Err(_) => Err(std::io::Error::other("it did not say that it is ready")),
    };
    let rest = found.map_err(Failure::doing(format!("start {name}")))?;
    tokio::spawn(async move { tokio::io::copy(&mut lines, &mut tokio::io::sink()).await });
    Ok(rest)
}

/// One of our own programs: beside this one, else wherever `PATH` finds it.
pub(crate) fn own_program(name: &str) -> PathBuf {
    std::env::current_exe()
        .ok()
        .and_then(|this| Some(this.parent()?.join(name)))
        .filter(|path| path.is_file())
        .unwrap_or_else(|| Path::new(name).to_owned())
}
