//! What the recorder needs of an audit log.

use bailiwick_audit::{Append, Entry, Failed, Log, Position};

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
