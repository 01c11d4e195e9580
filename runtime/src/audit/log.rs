//! What the recorder needs of an audit log.

use bailiwick_audit::{Append, Entry, Failed, Log, Position};

/// Called once an entry is durable, or lost.
pub(crate) type Done = Box<dyn FnOnce(Result<Position, Failed>) + Send>;

/// Whatever keeps entries.
pub(crate) trait Sink: Send + Sync {
    /// Queues `entry` and returns at once.
    fn append(&self, entry: Entry, done: Done);

    /// Why nothing can be kept any more.
    fn failure(&self) -> Option<Failed>;

    /// Ends it in good order; blocks.
    fn close(&self);
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
