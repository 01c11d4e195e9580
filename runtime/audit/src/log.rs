//! The handle that the dispatch server holds.

use std::convert::Infallible;
use std::fmt;
use std::io;
use std::path::Path;
use std::sync::mpsc::{self, Receiver, SyncSender, TrySendError};
use std::sync::{Arc, OnceLock};
use std::thread;

use crate::chain::Leaf;
use crate::entry::{Boot, Entry};
use crate::record::Record;
use crate::recovery::{self, OpenError, Recovery};
use crate::writer::Sizes;

/// Most records that wait for the writer; more are refused.
const QUEUE: usize = 8_192;

/// Where a record is, once it is durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Index of the record.
    pub index: u64,
    /// Its leaf hash.
    pub leaf: Leaf,
}

/// Why an entry was not recorded. What it announced must not happen.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Failed {
    /// Too many records wait for the disk.
    #[error("too many audit records wait for the disk")]
    Overloaded,
    /// The record is larger than the format allows.
    #[error("the audit record has {bytes} bytes, more than a record may have")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// Another segment cannot be made, mostly because the disk is full: only outcomes are taken.
    #[error("the audit log has no room on its disk")]
    Full,
    /// A write failed, now or before. It stays so until the process is started again.
    #[error("the audit log cannot be written")]
    Write(#[source] Arc<io::Error>),
    /// The log was closed, or its thread ended.
    #[error("the audit log is closed")]
    Closed,
}

/// Called once with the record's place, or with the reason why there is none. It runs on the
/// writer's thread (or the caller's, when the entry is refused at once) and must not block.
/// Dropped uncalled, as the queue of a closed log is, it says so.
pub(crate) struct Done(Option<Box<Callback>>);

type Callback = dyn FnOnce(Result<Position, Failed>) + Send;

impl Done {
    pub(crate) fn new(done: impl FnOnce(Result<Position, Failed>) + Send + 'static) -> Self {
        Self(Some(Box::new(done)))
    }

    pub(crate) fn call(mut self, result: Result<Position, Failed>) {
        if let Some(done) = self.0.take() {
            done(result);
        }
    }
}

impl Drop for Done {
    fn drop(&mut self) {
        if let Some(done) = self.0.take() {
            done(Err(Failed::Closed));
        }
    }
}

/// Records that became durable together, and those who wait to hear of it. Dropped untold, it says
/// that the log is closed.
#[must_use]
pub struct Durable(pub(crate) Vec<(Position, Done)>);

impl Durable {
    /// Tells everybody.
    pub fn tell(self) {
        for (position, done) in self.0 {
            done.call(Ok(position));
        }
    }
}

impl fmt::Debug for Durable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let positions = self.0.iter().map(|(position, _)| position);
        f.debug_list().entries(positions).finish()
    }
}

/// Dropped when the log is closed.
pub(crate) type Closed = SyncSender<Infallible>;

pub(crate) enum Message {
    Append(Box<Record>, Done),
    Close(Closed),
}

/// Whatever takes audit entries; the dispatch server knows no more of a log than this.
pub trait Append: Clone + Send + Sync + 'static {
    /// Queues `entry` and returns at once. `done` is called exactly once: with the place of the
    /// record when it is durable, or with the reason why it is not recorded. It must not block.
    fn append(&self, entry: Entry, done: impl FnOnce(Result<Position, Failed>) + Send + 'static);

    /// Why nothing can be recorded any more; none while all is well.
    fn failure(&self) -> Option<Failed>;
}

/// An open audit log. Clones write to the same log.
#[derive(Clone)]
pub struct Log {
    queue: SyncSender<Message>,
    failure: Arc<OnceLock<Failed>>,
}

impl Log {
    /// Opens the log of `origin` in `folder`: creates what is missing, takes the lock, repairs a
    /// torn end, and records the start. Blocks.
    ///
    /// # Errors
    /// When nothing can be recorded: the dispatch server must then refuse all calls.
    pub fn open(folder: &Path, origin: &str, boot: Boot) -> Result<(Self, Recovery), OpenError> {
        Self::open_telling(folder, origin, boot, Durable::tell)
    }

    /// The same, and durable records are given to `tell`, on the log's thread: who waits for them
    /// may be told elsewhere, so that the thread wakes one for all. `tell` must not block.
    ///
    /// # Errors
    /// As `open`.
    pub fn open_telling(
        folder: &Path,
        origin: &str,
        boot: Boot,
        tell: impl Fn(Durable) + Send + 'static,
    ) -> Result<(Self, Recovery), OpenError> {
        Self::open_sized(folder, origin, boot, Sizes::STANDARD, tell)
    }

    pub(crate) fn open_sized(
        folder: &Path,
        origin: &str,
        boot: Boot,
        sizes: Sizes,
        tell: impl Fn(Durable) + Send + 'static,
    ) -> Result<(Self, Recovery), OpenError> {
        let (writer, recovery) = recovery::open(folder, origin, boot, sizes)?;
        let log = Self::start(move |queue, failure| writer.run(queue, failure, &tell))?;
        Ok((log, recovery))
    }

    /// A log whose queue `run` serves on a thread of its own.
    pub(crate) fn start(
        run: impl FnOnce(&Receiver<Message>, &OnceLock<Failed>) + Send + 'static,
    ) -> Result<Self, OpenError> {
        let (queue, messages) = mpsc::sync_channel(QUEUE);
        let failure = Arc::new(OnceLock::new());
        let log = Self {
            queue,
            failure: Arc::clone(&failure),
        };
        thread::Builder::new()
            .name("audit".to_owned())
            .spawn(move || run(&messages, &failure))
            .map_err(OpenError::Io)?;
        Ok(log)
    }

    /// Writes what is queued and the record of the stop, and ends the thread. Blocks until the
    /// folder's lock is free. Later appends through other clones are refused.
    pub fn close(self) {
        let (closed, wait) = mpsc::sync_channel(0);
        if self.queue.send(Message::Close(closed)).is_ok() {
            // Nothing can be sent: the wait ends when the writer drops its end.
            let Err(mpsc::RecvError) = wait.recv();
        }
    }
}

impl Append for Log {
    fn append(&self, entry: Entry, done: impl FnOnce(Result<Position, Failed>) + Send + 'static) {
        if let Some(failed) = self.failure.get() {
            return done(Err(failed.clone()));
        }
        let message = Message::Append(Box::new(entry.into_record()), Done::new(done));
        // A message that comes back because the log is closed says so when it is dropped.
        if let Err(TrySendError::Full(Message::Append(_, done))) = self.queue.try_send(message) {
            done.call(Err(Failed::Overloaded));
        }
    }

    fn failure(&self) -> Option<Failed> {
        self.failure.get().cloned()
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Log")
            .field("failure", &self.failure)
            .finish_non_exhaustive()
    }
}
