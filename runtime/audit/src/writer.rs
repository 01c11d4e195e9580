//! The one thread that writes: it gathers what is queued, writes it once, syncs once, and only
//! then answers everybody who waits.

use std::fs::File;
use std::io;
use std::os::fd::AsFd as _;
use std::os::unix::fs::FileExt as _;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, OnceLock};
use std::thread;

use rustix::fs::fdatasync;

use crate::chain::Leaf;
use crate::folder::Folder;
use crate::log::{Closed, Done, Durable, Failed, Message, Position};
use crate::record::{Kind, MAX_RECORD, Record};
use crate::time;

/// How much goes into a batch and a segment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    /// Most records in one batch.
    pub(crate) batch_records: usize,
    /// Most bytes in one batch.
    pub(crate) batch_bytes: usize,
    /// Most bytes in one segment.
    pub(crate) segment: u64,
    /// When so little of a segment is left, the next one is prepared. While that fails, the rest is
    /// for the outcomes of calls in flight, and all else is refused.
    pub(crate) reserve: u64,
}

impl Sizes {
    pub(crate) const STANDARD: Self = Self {
        batch_records: 1_024,
        batch_bytes: 1024 * 1024,
        segment: 64 * 1024 * 1024,
        reserve: 8 * 1024 * 1024,
    };
}

/// What one line can take at most, with its line feed.
const LINE: usize = MAX_RECORD + 1;

/// The writing end of a log.
#[derive(Debug)]
pub(crate) struct Writer {
    pub(crate) folder: Folder,
    pub(crate) sizes: Sizes,
    /// The last segment.
    pub(crate) segment: File,
    /// Bytes written to it.
    pub(crate) length: u64,
    /// Index of the next record.
    pub(crate) index: u64,
    /// Leaf hash of the record before.
    pub(crate) prev: Leaf,
    /// Name of this run.
    pub(crate) boot: String,
    /// Whether the next segment is prepared.
    pub(crate) spare: bool,
}

/// Records that become durable together.
#[derive(Default)]
struct Batch {
    bytes: Vec<u8>,
    waiting: Vec<(Position, Done)>,
}

impl Writer {
    /// Serves the queue until it is closed or a write fails.
    pub(crate) fn run(
        mut self,
        queue: &Receiver<Message>,
        failure: &OnceLock<Failed>,
        tell: &dyn Fn(Durable),
    ) {
        let mut batch = Batch::default();
        let failed = loop {
            let Ok(first) = queue.recv() else { return };
            // Whoever is about to record something on this core does so first, and shares the write.
            thread::yield_now();
            match self.write_batch(first, queue, &mut batch, tell) {
                Ok(None) => {}
                Ok(Some(closed)) => {
                    drop(self);
                    return drop(closed);
                }
                Err(error) => break Failed::Write(Arc::new(error)),
            }
        };
        // Nothing is written any more; whoever waits or still asks is told why.
        failure.get_or_init(|| failed.clone());
        drop(self);
        let waiting = batch.waiting.into_iter().map(|(_, done)| done);
        let asking = queue.iter().filter_map(|message| match message {
            Message::Append(_, done) => Some(done),
            Message::Close(_) => None,
        });
        for done in waiting.chain(asking) {
            done.call(Err(failed.clone()));
        }
    }

    /// Makes one batch durable and answers those who wait for it. Gives the message that closes
    /// the log.
    fn write_batch(
        &mut self,
        first: Message,
        queue: &Receiver<Message>,
        batch: &mut Batch,
        tell: &dyn Fn(Durable),
    ) -> io::Result<Option<Closed>> {
        let room = self.make_room();
        let closed = self.gather(first, queue, batch);
        room?;
        self.commit(&mut batch.bytes)?;
        tell(Durable(std::mem::take(&mut batch.waiting)));
        if closed.is_some() {
            self.end_segment()?;
        }
        Ok(closed)
    }

    /// Fills the batch from the queue without waiting. Gives the message that closes the log.
    fn gather(
        &mut self,
        first: Message,
        queue: &Receiver<Message>,
        batch: &mut Batch,
    ) -> Option<Closed> {
        let began = self.index;
        let mut next = Some(first);
        while let Some(message) = next {
            match message {
                Message::Append(record, done) => self.stage(*record, done, began, batch),
                Message::Close(closed) => {
                    let stop = Record::of(Kind::Stop);
                    self.stage(stop, Done::new(|_| ()), began, batch);
                    return Some(closed);
                }
            }
            let left = self.sizes.segment.saturating_sub(self.length);
            let has_room = batch.waiting.len() < self.sizes.batch_records
                && batch.bytes.len() + LINE <= self.sizes.batch_bytes
                && (batch.bytes.len() + LINE) as u64 <= left;
            next = if has_room {
                queue.try_recv().ok()
            } else {
                None
            };
        }
        None
    }

    /// Encodes one record into the batch, or refuses it.
    fn stage(&mut self, record: Record, done: Done, began: u64, batch: &mut Batch) {
        let ends_something = matches!(record.kind, Kind::Outcome | Kind::Stop);
        if !ends_something && self.is_full() {
            return done.call(Err(Failed::Full));
        }
        match self.encode(record, began, &mut batch.bytes) {
            Ok(position) => batch.waiting.push((position, done)),
            Err(failed) => done.call(Err(failed)),
        }
    }

    /// Appends the line of `record` to `bytes` and moves to the next index.
    fn encode(
        &mut self,
        mut record: Record,
        began: u64,
        bytes: &mut Vec<u8>,
    ) -> Result<Position, Failed> {
        record.bound();
        record.index = self.index;
        record.batch = began;
        record.boot.clone_from(&self.boot);
        record.prev = self.prev.to_string();
        record.time = time::format(time::now());
        let start = bytes.len();
        let encoded = record.encode(bytes);
        let length = bytes.len() - start;
        let leaf = match encoded {
            Ok(leaf) if length <= MAX_RECORD => leaf,
            _ => {
                bytes.truncate(start);
                return Err(Failed::TooLarge { bytes: length });
            }
        };
        bytes.push(b'\n');
        let position = Position {
            index: self.index,
            leaf,
        };
        self.index += 1;
        self.prev = leaf;
        Ok(position)
    }

    /// Writes and syncs `bytes`. After an error nothing may be written any more: what the disk
    /// has is not known, and a second sync would report success without having written.
    fn commit(&mut self, bytes: &mut Vec<u8>) -> io::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        self.segment.write_all_at(bytes, self.length)?;
        fdatasync(self.segment.as_fd())?;
        self.length += bytes.len() as u64;
        bytes.clear();
        Ok(())
    }

    /// Writes records before the thread starts.
    pub(crate) fn write_now(&mut self, records: Vec<Record>) -> io::Result<()> {
        let mut bytes = Vec::new();
        let mut records = records.into_iter().peekable();
        while records.peek().is_some() {
            self.make_room()?;
            let began = self.index;
            let left = usize::try_from(self.sizes.segment.saturating_sub(self.length))
                .unwrap_or(usize::MAX);
            let most = left.min(self.sizes.batch_bytes);
            while bytes.len() + LINE <= most
                && let Some(record) = records.next()
            {
                self.encode(record, began, &mut bytes)
                    .map_err(io::Error::other)?;
            }
            self.commit(&mut bytes)?;
        }
        Ok(())
    }

    /// Prepares the next segment in good time and goes on to it when the present one is full.
    fn make_room(&mut self) -> io::Result<()> {
        let left = self.sizes.segment.saturating_sub(self.length);
        let must = left < LINE as u64;
        if !self.spare && (must || left < self.sizes.reserve) {
            match self.folder.prepare_segment(self.sizes.segment) {
                Ok(()) => self.spare = true,
                Err(error) if must => return Err(error),
                // The disk is full, or there are no file descriptors: the next batch tries again.
                Err(_) => {}
            }
        }
        if must {
            self.end_segment()?;
            self.segment = self.folder.place_segment(self.index)?;
            self.length = 0;
            self.spare = false;
        }
        Ok(())
    }

    /// Cuts the unwritten rest off the segment. Only the last one of a log may have such a rest, so
    /// this is durable before the next one is there.
    fn end_segment(&self) -> io::Result<()> {
        self.segment.set_len(self.length)?;
        self.segment.sync_all()
    }

    /// Whether what is left is for outcomes, because there is no further segment.
    fn is_full(&self) -> bool {
        !self.spare && self.sizes.segment.saturating_sub(self.length) < self.sizes.reserve
    }
}

/// Whether an error says that there is no space left.
pub(crate) fn is_out_of_space(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
    )
}
