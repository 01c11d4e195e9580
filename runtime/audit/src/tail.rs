//! The end of a log as a crash may have left it.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use crate::folder::{SegmentFile, written_length};
use crate::record::{Kind, MAX_RECORD, Record};
use crate::time;
use crate::walk::{self, Fault, Lines, Place};
use crate::writer::Sizes;

/// Longest time between the intent and the outcome of a call, with some slack, microseconds.
/// (A deadline is at most 1 h.) Recovery looks no further back for calls that were left open.
const LONGEST_CALL: u64 = 65 * 60 * 1_000_000;

/// The end of a log as a crash may have left it.
pub(crate) struct Tail {
    /// After the last good record.
    pub(crate) place: Place,
    /// Calls with an intent and without an outcome.
    pub(crate) unknown: BTreeSet<String>,
    pub(crate) damage: Option<Damage>,
}

/// The first line that is not good.
pub(crate) struct Damage {
    pub(crate) index: u64,
    pub(crate) segment: PathBuf,
    pub(crate) offset: u64,
    pub(crate) fault: Fault,
    /// Whether it is in the last segment, and that one goes on where the one before ends.
    is_at_end: bool,
}

/// Walks over the segments that can hold calls left open, and so to the log's end.
pub(crate) fn find_end(segments: &[SegmentFile], origin: &str) -> io::Result<Tail> {
    let recent = recent(segments)?;
    let mut place = match recent.first() {
        Some(segment) if segment.first > 0 => Place::unknown(segment.first),
        _ => Place::start(origin),
    };
    let mut unknown = BTreeSet::new();
    for (nth, segment) in recent.iter().enumerate() {
        let is_last = nth + 1 == recent.len();
        let mut lines = Lines::open(&segment.path, is_last)?;
        let follows = segment.first == place.index;
        let mut fault = (!follows).then_some((
            0,
            Fault::Index {
                found: segment.first,
            },
        ));
        while fault.is_none()
            && let Some(line) = lines.next()?
        {
            match place.step(line.content) {
                Ok(()) => note(line.content.unwrap_or_default(), &mut unknown),
                Err(found) => fault = Some((line.offset, found)),
            }
        }
        if let Some((offset, fault)) = fault {
            let damage = Damage {
                index: place.index,
                segment: segment.path.clone(),
                offset,
                fault,
                is_at_end: follows && is_last,
            };
            return Ok(Tail {
                place,
                unknown,
                damage: Some(damage),
            });
        }
    }
    Ok(Tail {
        place,
        unknown,
        damage: None,
    })
}

/// The last segments, back to one that begins before any call can that is still open.
fn recent(segments: &[SegmentFile]) -> io::Result<&[SegmentFile]> {
    let mut newest = None;
    for (nth, segment) in segments.iter().enumerate().rev() {
        let Some(begins) = first_time(&segment.path)? else {
            continue;
        };
        let newest = *newest.get_or_insert(begins);
        if begins.saturating_add(LONGEST_CALL) < newest {
            return Ok(segments.get(nth..).unwrap_or_default());
        }
    }
    Ok(segments)
}

/// The time of a segment's first record; none when it has none that can be read.
fn first_time(segment: &Path) -> io::Result<Option<u64>> {
    let mut lines = Lines::open(segment, false)?;
    let line = lines.next()?.and_then(|line| line.content.ok());
    let record = line.and_then(|line| serde_json::from_slice::<Record>(line).ok());
    Ok(record.and_then(|record| time::parse(&record.time)))
}

/// Keeps the set of open calls up to date.
fn note(line: &[u8], open: &mut BTreeSet<String>) {
    let Ok(record) = serde_json::from_slice::<Record>(line) else {
        return;
    };
    match (record.kind, record.call) {
        (Kind::Intent, Some(call)) => {
            open.insert(call);
        }
        (Kind::Outcome, Some(call)) => {
            open.remove(&call);
        }
        _ => {}
    }
}

impl Damage {
    /// Whether this is the torn end of a batch nobody was told about. Anything else was durable
    /// once.
    pub(crate) fn is_torn(&self, sizes: Sizes) -> io::Result<bool> {
        let written = written_length(&File::open(&self.segment)?)?;
        let length = written.saturating_sub(self.offset);
        let longest = (sizes.batch_bytes + MAX_RECORD + 1) as u64;
        Ok(self.is_at_end
            && !matches!(self.fault, Fault::Version { .. })
            && length <= longest
            && !self.is_before_later_batch()?)
    }

    /// Whether a record after the damage belongs to a later batch. A batch is written only when
    /// the one before is durable, so then the damaged record was durable.
    fn is_before_later_batch(&self) -> io::Result<bool> {
        let mut lines = Lines::open_at(&self.segment, self.offset)?;
        while let Some(line) = lines.next()? {
            let batch = line.content.ok().and_then(walk::batch_of);
            if batch.is_some_and(|batch| batch > self.index) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
