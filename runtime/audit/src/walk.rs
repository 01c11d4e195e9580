//! Reads lines and holds each against the one before: the part that writer and verifier share.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Take};
use std::path::Path;

use serde::Deserialize;

use crate::chain::{self, Leaf};
use crate::folder::written_length;
use crate::record::{MAX_RECORD, VERSION};

/// The members that tie a line to its neighbours.
#[derive(Debug, Deserialize)]
struct Link<'a> {
    b: u64,
    i: u64,
    prev: &'a str,
    v: u32,
}

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The file ends inside the line.
    #[error("the file ends inside the line")]
    Unfinished,
    /// The line is longer than a record can be.
    #[error("the line is longer than a record can be")]
    TooLong,
    /// The line was changed: its seal does not fit.
    #[error("the line was changed: its seal does not fit")]
    Seal,
    /// The line is no record.
    #[error("the line is no record")]
    NoRecord,
    /// The record has another index than its place.
    #[error("the record has index {found}")]
    Index {
        /// The index that it has.
        found: u64,
    },
    /// The record does not follow the one before it.
    #[error("the record does not follow the one before it")]
    Chain,
    /// The record names an impossible batch.
    #[error("the record names an impossible batch")]
    Batch,
    /// The record has a format version that this program does not know.
    #[error("the record has format version {found}, which this program does not know")]
    Version {
        /// The version that it has.
        found: u32,
    },
}

/// The lines of one segment, with a bound on their length.
#[derive(Debug)]
pub(crate) struct Lines {
    reader: BufReader<Take<File>>,
    offset: u64,
    line: Vec<u8>,
}

/// One line as the file has it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line<'a> {
    /// Where it begins in the file.
    pub(crate) offset: u64,
    /// Its bytes without the line feed, or what is wrong with it already.
    pub(crate) content: Result<&'a [u8], Fault>,
}

impl Lines {
    /// The lines of a segment; of the last one without the zero bytes at its end, where nothing
    /// was written yet.
    pub(crate) fn open(path: &Path, is_last: bool) -> io::Result<Self> {
        let file = File::open(path)?;
        let length = if is_last {
            written_length(&file)?
        } else {
            file.metadata()?.len()
        };
        Self::between(file, 0, length)
    }

    /// The lines of the last segment from byte `offset` on.
    pub(crate) fn open_at(path: &Path, offset: u64) -> io::Result<Self> {
        let file = File::open(path)?;
        let length = written_length(&file)?;
        Self::between(file, offset, length)
    }

    fn between(mut file: File, offset: u64, end: u64) -> io::Result<Self> {
        file.seek(SeekFrom::Start(offset))?;
        let file = file.take(end.saturating_sub(offset));
        Ok(Self {
            reader: BufReader::with_capacity(256 * 1024, file),
            offset,
            line: Vec::new(),
        })
    }

    /// The next line; none at the end.
    pub(crate) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        self.line.clear();
        let offset = self.offset;
        let limit = MAX_RECORD as u64 + 1;
        let read = (&mut self.reader)
            .take(limit)
            .read_until(b'\n', &mut self.line)?;
        if read == 0 {
            return Ok(None);
        }
        self.offset += read as u64;
        let content = match self.line.strip_suffix(b"\n") {
            Some(line) => Ok(line),
            None if read as u64 == limit => Err(Fault::TooLong),
            None => Err(Fault::Unfinished),
        };
        Ok(Some(Line { offset, content }))
    }
}

/// A place in the chain: what the next line must be.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// Index of the next record.
    pub(crate) index: u64,
    /// Leaf hash of the line before; none when it was not read, which accepts any.
    pub(crate) prev: Option<Leaf>,
    /// Batch of the line before.
    batch: u64,
}

impl Place {
    /// Before the first record of the log `origin`.
    pub(crate) fn start(origin: &str) -> Self {
        Self {
            index: 0,
            prev: Some(Leaf::of(origin.as_bytes())),
            batch: 0,
        }
    }

    /// Before record `index`, not knowing what stands before it.
    pub(crate) fn unknown(index: u64) -> Self {
        Self {
            index,
            prev: None,
            batch: 0,
        }
    }

    /// Takes the next line, or says why it cannot be the next one and stays.
    pub(crate) fn step(&mut self, line: Result<&[u8], Fault>) -> Result<(), Fault> {
        let line = line?;
        let (leaf, link) = read_link(line)?;
        if link.i != self.index {
            return Err(Fault::Index { found: link.i });
        }
        if self.prev.is_some_and(|prev| prev.to_string() != link.prev) {
            return Err(Fault::Chain);
        }
        // A batch is the one before continued, or begins here.
        if link.b != link.i && (link.b > link.i || (self.prev.is_some() && link.b != self.batch)) {
            return Err(Fault::Batch);
        }
        self.index += 1;
        self.prev = Some(leaf);
        self.batch = link.b;
        Ok(())
    }
}

/// The batch that a line belongs to, if it is a record at all, wherever it stands.
pub(crate) fn batch_of(line: &[u8]) -> Option<u64> {
    read_link(line).ok().map(|(_, link)| link.b)
}

fn read_link(line: &[u8]) -> Result<(Leaf, Link<'_>), Fault> {
    let leaf = chain::check_seal(line).ok_or(Fault::Seal)?;
    let link: Link<'_> = serde_json::from_slice(line).map_err(|_| Fault::NoRecord)?;
    if link.v != VERSION {
        return Err(Fault::Version { found: link.v });
    }
    Ok((leaf, link))
}
