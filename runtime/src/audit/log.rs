//! What the recorder needs of an audit log.

use std::path::Path;

use bailiwick_audit::{Append, Boot, Durable, Entry, Failed, Log, OpenError, Position, Recovery};
use tokio::sync::mpsc::{self, error::TrySendError};

/// Batches of durable records that may wait to be told of; further ones the log's own thread tells.
const BATCHES: usize = 16;

/// Called exactly once: when an entry is durable, or is lost. It does not block.
pub type Done = Box<dyn FnOnce(Result<Position, Failed>) + Send>;

/// Whatever keeps entries. In the product that is a [`Log`]; who puts a server together from this
/// library may give it another with [`Server::start_with`](crate::server::Server::start_with).
pub trait Sink: Send + Sync {
    /// Queues `entry` and returns at once; `done` tells when the entry is durable.
    fn append(&self, entry: Entry, done: Done);

    /// Why nothing can be kept any more; none while all is well.
    fn failure(&self) -> Option<Failed>;

    /// Ends it in good order; blocks.
    fn close(&self);
}

/// Opens the log of `origin` in `folder`. Who waits for a record is woken by a task: the log's
/// thread wakes it once for all records of a batch. Must be called within a Tokio runtime; blocks.
pub(crate) fn open(folder: &Path, origin: &str, boot: Boot) -> Result<(Log, Recovery), OpenError> {
    let (batches, mut waiting) = mpsc::channel::<Durable>(BATCHES);
    // The other end belongs to the log's thread: the task ends with it.
    drop(tokio::spawn(async move {
        while let Some(batch) = waiting.recv().await {
            batch.tell();
        }
    }));
    Log::open_telling(folder, origin, boot, move |batch| {
        let sent = batches.try_send(batch);
        if let Err(TrySendError::Full(batch) | TrySendError::Closed(batch)) = sent {
            batch.tell();
        }
    })
}

impl Sink for Log {
    fn append(&self, entry: Entry, done: Done) {
        Append::append(self, entry, done);
    }

    fn failure(&self) -> Option<Failed> {
        Append::failure(self)
    }

    fn close(&self) {
        self.clone().close();
    }
}
