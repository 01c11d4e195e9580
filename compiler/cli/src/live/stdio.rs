//! A server that is started and speaks through standard input and output.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::process::Stdio;
use std::task::{Context, Poll};
use std::time::Duration;

use bailiwick_compiler::lock::Listing;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, ReadBuf};
use tokio::process::{Child, Command};

use super::raw::Raw;
use super::{LiveError, MAX_BYTES, connect, list, within};

/// How long a server has to end by itself once its input is closed.
const GRACE: Duration = Duration::from_secs(2);

/// Starts the program, reads it, and ends it with all that it started.
pub(super) async fn read(
    words: &[String],
    variables: &BTreeMap<String, String>,
    folder: &Path,
) -> Result<Listing, LiveError> {
    let (program, arguments) = words.split_first().ok_or(LiveError::Empty)?;
    let start = |source| LiveError::Start {
        program: program.clone(),
        source,
    };
    let mut child = Command::new(program)
        .args(arguments)
        .envs(variables)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .map_err(start)?;
    let group = child
        .id()
        .and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
    let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(start(io::Error::other(
            "it has no standard input or output",
        )));
    };
    let raw = Raw::default();
    let tee = Tee {
        inner: output,
        raw: raw.clone(),
        line: Vec::new(),
        left: MAX_BYTES,
    };
    let listing = within(async {
        let client = connect((tee, input)).await?;
        let listing = list(&client, &raw).await;
        // It ends when its input does; what it says of that does not matter.
        let _ended = client.cancel().await;
        listing
    })
    .await;
    end(&mut child, group).await;
    listing
}

async fn end(child: &mut Child, group: Option<Pid>) {
    let _in_time = tokio::time::timeout(GRACE, child.wait()).await;
    if let Some(group) = group {
        // Also for what it started; there is nothing to kill when all is well.
        let _killed = kill_process_group(group, Signal::KILL);
    }
    let _reaped = child.wait().await;
}

/// Passes bytes on, and shows each line to [`Raw`].
struct Tee<R> {
    inner: R,
    raw: Raw,
    line: Vec<u8>,
    left: usize,
}

impl<R: AsyncRead + Unpin> AsyncRead for Tee<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let tee = &mut *self;
        let read = Pin::new(&mut tee.inner).poll_read(context, buffer);
        if !matches!(read, Poll::Ready(Ok(()))) {
            return read;
        }
        let new = buffer.filled().get(before..).unwrap_or_default();
        let Some(left) = tee.left.checked_sub(new.len()) else {
            let error = io::Error::other("the server says more than it may");
            return Poll::Ready(Err(error));
        };
        tee.left = left;
        for byte in new {
            if *byte == b'\n' {
                tee.raw.see(&tee.line);
                tee.line.clear();
            } else {
                tee.line.push(*byte);
            }
        }
        Poll::Ready(Ok(()))
    }
}
