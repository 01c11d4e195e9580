//! The verifier: reads a whole log, in constant memory, and says whether it can be believed.

use std::fmt;
use std::io;
use std::path::Path;
use std::str::FromStr;

use crate::chain::Leaf;
use crate::folder::{self, SegmentFile};
use crate::walk::{Fault, Lines, Place};

/// What somebody outside the log's reach noted about it: how many records it had, and the leaf
/// hash of the last of them. Written `SIZE:LEAF`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// Number of records, at least 1.
    pub size: u64,
    /// Leaf hash of record `size - 1`.
    pub leaf: Leaf,
}

/// What the verifier found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The log's name; none without an origin file.
    pub origin: Option<String>,
    /// Number of good records, counted from the start.
    pub records: u64,
    /// An anchor on the last good record, to be kept somewhere else; none without records.
    pub head: Option<Anchor>,
    /// Whether a writer was in the middle of a line; what it had not finished is not judged.
    pub is_live: bool,
    /// The judgement.
    pub verdict: Verdict,
}

/// The judgement on a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every record is as it was written, and none is missing.
    Good,
    /// A record was changed, removed, added, moved or torn.
    Tampered {
        /// Index of the first record that is not good.
        index: u64,
        /// Name of its segment file.
        segment: String,
        /// Where its line begins in the file, bytes.
        offset: u64,
        /// What is wrong with it.
        fault: Fault,
    },
    /// The log is good in itself, but is not the one that the anchor was taken from.
    Rewritten {
        /// Index of the record that the anchor names.
        index: u64,
        /// Its leaf hash now.
        found: Leaf,
    },
    /// The log has fewer records than the anchor says.
    Truncated {
        /// Records by the anchor.
        expected: u64,
        /// Records that there are.
        found: u64,
    },
    /// Records are missing before the first segment, or between two.
    Gap {
        /// Index of the first missing record.
        expected: u64,
        /// Index of the first record after the gap; none when there is no record at all.
        found: Option<u64>,
    },
    /// The file that names the log is missing.
    NoOrigin,
    /// A newer program wrote the record; this one cannot judge it.
    NewerVersion {
        /// Index of the record.
        index: u64,
        /// Its format version.
        version: u32,
    },
}

impl Verdict {
    /// The exit code of `bailiwick audit verify`.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Good => 0,
            Self::NewerVersion { .. } => 2,
            Self::Tampered { .. } | Self::Rewritten { .. } => 20,
            Self::Truncated { .. } => 21,
            Self::Gap { .. } | Self::NoOrigin => 22,
        }
    }
}

/// Verifies the log in `folder`, also against an anchor if there is one. The log may be written
/// to meanwhile.
///
/// # Errors
/// When the folder cannot be read.
pub fn verify(folder: &Path, anchor: Option<&Anchor>) -> io::Result<Report> {
    let mut report = Report {
        origin: folder::read_origin(folder)?,
        records: 0,
        head: None,
        is_live: false,
        verdict: Verdict::NoOrigin,
    };
    let Some(origin) = &report.origin else {
        return Ok(report);
    };
    let mut walk = Walk {
        place: Place::start(origin),
        anchor,
        anchored: None,
    };
    let segments = folder::segments(folder)?;
    let mut broken = None;
    for (nth, segment) in segments.iter().enumerate() {
        broken = walk.segment(segment, nth + 1 == segments.len())?;
        if broken.is_some() {
            break;
        }
    }
    let is_unfinished = matches!(&broken, Some(Verdict::Tampered { segment, fault, .. })
        if *fault == Fault::Unfinished && segments.last().is_some_and(|last| last.name() == *segment));
    report.is_live = is_unfinished && folder::is_locked(folder)?;
    report.records = walk.place.index;
    report.head = walk.head();
    report.verdict = match broken {
        Some(verdict) if !report.is_live => verdict,
        _ => walk.whole(),
    };
    Ok(report)
}

struct Walk<'a> {
    place: Place,
    anchor: Option<&'a Anchor>,
    /// Leaf hash of the record that the anchor names.
    anchored: Option<Leaf>,
}

impl Walk<'_> {
    /// Takes one segment; gives what is wrong first.
    fn segment(&mut self, segment: &SegmentFile, is_last: bool) -> io::Result<Option<Verdict>> {
        let tampered = |place: &Place, offset, fault| Verdict::Tampered {
            index: place.index,
            segment: segment.name(),
            offset,
            fault,
        };
        let found = segment.first;
        if found > self.place.index {
            return Ok(Some(Verdict::Gap {
                expected: self.place.index,
                found: Some(found),
            }));
        }
        if found < self.place.index {
            return Ok(Some(tampered(&self.place, 0, Fault::Index { found })));
        }
        let mut lines = Lines::open(&segment.path, is_last)?;
        while let Some(line) = lines.next()? {
            match self.place.step(line.content) {
                Ok(()) => self.note_anchor(),
                Err(Fault::Version { found }) => {
                    return Ok(Some(Verdict::NewerVersion {
                        index: self.place.index,
                        version: found,
                    }));
                }
                Err(fault) => return Ok(Some(tampered(&self.place, line.offset, fault))),
            }
        }
        Ok(None)
    }

    fn note_anchor(&mut self) {
        if self
            .anchor
            .is_some_and(|anchor| anchor.size == self.place.index)
        {
            self.anchored = self.place.prev;
        }
    }

    /// The judgement on a log whose records are all good.
    fn whole(&self) -> Verdict {
        let size = self.place.index;
        match (self.anchor, self.anchored) {
            (Some(anchor), Some(found)) if found != anchor.leaf => Verdict::Rewritten {
                index: anchor.size.saturating_sub(1),
                found,
            },
            (Some(anchor), None) => Verdict::Truncated {
                expected: anchor.size,
                found: size,
            },
            _ if size == 0 => Verdict::Gap {
                expected: 0,
                found: None,
            },
            _ => Verdict::Good,
        }
    }

    fn head(&self) -> Option<Anchor> {
        let size = self.place.index;
        let leaf = self.place.prev.filter(|_| size > 0)?;
        Some(Anchor { size, leaf })
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Good => f.write_str("good"),
            Self::Tampered {
                index,
                segment,
                offset,
                fault,
            } => write!(
                f,
                "tampered with or torn at record {index}, byte {offset} of {segment}: {fault}"
            ),
            Self::Rewritten { index, found } => write!(
                f,
                "rewritten: record {index} has leaf hash {found}, not the anchor's"
            ),
            Self::Truncated { expected, found } => write!(
                f,
                "truncated: {found} records, but the anchor was taken at {expected}"
            ),
            Self::Gap {
                expected,
                found: Some(found),
            } => write!(f, "records {expected} to {} are missing", found - 1),
            Self::Gap { found: None, .. } => f.write_str("there are no records"),
            Self::NoOrigin => f.write_str("the origin file is missing"),
            Self::NewerVersion { index, version } => write!(
                f,
                "record {index} has format version {version}, which this program does not know"
            ),
        }
    }
}

impl fmt::Display for Anchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.size, self.leaf)
    }
}

/// Text that is not an anchor.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not an anchor: expected the number of records, `:`, and the leaf hash of the last one")]
pub struct AnchorError;

impl FromStr for Anchor {
    type Err = AnchorError;

    fn from_str(text: &str) -> Result<Self, AnchorError> {
        let (size, leaf) = text.split_once(':').ok_or(AnchorError)?;
        let size = size.parse().ok().filter(|size| *size > 0);
        Ok(Self {
            size: size.ok_or(AnchorError)?,
            leaf: leaf.parse().map_err(|_| AnchorError)?,
        })
    }
}
