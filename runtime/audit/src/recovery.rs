//! Opening a log: find the end, cut a torn tail, close what the last run left open.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use crate::commitment;
use crate::entry::Boot;
use crate::folder::{self, Folder, ORIGIN_FILE, SegmentFile};
use crate::record::{Cut, Kind, MAX_RECORD, Record};
use crate::time;
use crate::walk::{self, Fault, Lines, Place};
use crate::writer::{Sizes, Writer, is_out_of_space};

/// Longest time between the intent and the outcome of a call, with some slack, microseconds.
/// (A deadline is at most 1 h.) Recovery looks no further back for calls that were left open.
const LONGEST_CALL: u64 = 65 * 60 * 1_000_000;
/// Random bytes in the name of a run.
const BOOT_LENGTH: usize = 16;

/// What opening a log found and did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Records that were there.
    pub records: u64,
    /// What was cut off the end; none when the end was good.
    pub cut: Option<Cut>,
    /// Calls that the last run left open, by call id; their outcome is now recorded as unknown.
    pub unknown: BTreeSet<String>,
}

/// Why a log cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process writes to the folder.
    #[error("another process writes to the audit log in {}", .folder.display())]
    Locked {
        /// The log's folder.
        folder: PathBuf,
    },
    /// The folder cannot be written.
    #[error("the audit log's folder {} is read-only", .folder.display())]
    ReadOnly {
        /// The log's folder.
        folder: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The disk has no room for a segment.
    #[error("the disk of the audit log's folder {} is full: a segment takes {needed} bytes", .folder.display())]
    Full {
        /// The log's folder.
        folder: PathBuf,
        /// Bytes that a segment takes.
        needed: u64,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The origin is not printable ASCII without spaces, or too long.
    #[error("`{origin}` cannot name an audit log")]
    BadOrigin {
        /// The text.
        origin: String,
    },
    /// The folder holds the log of another origin.
    #[error("the folder holds the audit log of `{found}`, not of `{expected}`")]
    OtherOrigin {
        /// The origin that was asked for.
        expected: String,
        /// The folder's origin.
        found: String,
    },
    /// There are records, but the file that names their origin is gone.
    #[error("the audit log has lost its origin file")]
    NoOrigin,
    /// Records that were durable are damaged. `bailiwick audit verify` says more.
    #[error("the audit log is damaged at record {index}, byte {offset} of {}: {fault}", .segment.display())]
    Damaged {
        /// Index of the record.
        index: u64,
        /// The segment file.
        segment: PathBuf,
        /// Where its line begins.
        offset: u64,
        /// What is wrong with it.
        fault: Fault,
    },
    /// Something else failed.
    #[error("the audit log cannot be opened")]
    Io(#[source] io::Error),
}

/// Opens the log in `path` for writing and records the start.
pub(crate) fn open(
    path: &Path,
    origin: &str,
    boot: Boot,
    sizes: Sizes,
) -> Result<(Writer, Recovery), OpenError> {
    if !folder::is_origin(origin) {
        return Err(OpenError::BadOrigin {
            origin: origin.to_owned(),
        });
    }
    let explain = |error| explain(path, sizes, error);
    let Some(folder) = Folder::lock(path).map_err(explain)? else {
        return Err(OpenError::Locked {
            folder: path.to_path_buf(),
        });
    };
    let segments = folder::segments(path).map_err(explain)?;
    match folder::read_origin(path).map_err(explain)? {
        Some(found) if found == origin => {}
        Some(found) => {
            return Err(OpenError::OtherOrigin {
                expected: origin.to_owned(),
                found,
            });
        }
        None if segments.is_empty() => folder
            .write_durably(ORIGIN_FILE, format!("{origin}\n").as_bytes())
            .map_err(explain)?,
        None => return Err(OpenError::NoOrigin),
    }

    let Tail {
        place,
        unknown,
        damage,
    } = find_end(&segments, origin).map_err(explain)?;
    let cut = match damage {
        None => None,
        Some(damage) => {
            check_torn(&damage, sizes).map_err(explain)??;
            Some(cut_off(&folder, &damage).map_err(explain)?)
        }
    };
    let recovery = Recovery {
        records: place.index,
        cut: cut.clone(),
        unknown: unknown.clone(),
    };

    let mut writer = writer(folder, &segments, &place, sizes).map_err(explain)?;
    let mut records = vec![Record::boot(boot, cut)];
    records.extend(unknown.into_iter().map(Record::unknown_outcome));
    writer.write_now(records).map_err(explain)?;
    Ok((writer, recovery))
}

/// Says what an error of the system means for the log.
fn explain(folder: &Path, sizes: Sizes, source: io::Error) -> OpenError {
    let folder = folder.to_path_buf();
    match source.kind() {
        io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
            OpenError::ReadOnly { folder, source }
        }
        _ if is_out_of_space(&source) => OpenError::Full {
            folder,
            needed: sizes.segment,
            source,
        },
        _ => OpenError::Io(source),
    }
}

/// The end of a log as a crash may have left it.
struct Tail {
    /// After the last good record.
    place: Place,
    /// Calls with an intent and without an outcome.
    unknown: BTreeSet<String>,
    damage: Option<Damage>,
}

/// The first line that is not good.
struct Damage {
    index: u64,
    segment: PathBuf,
    offset: u64,
    fault: Fault,
    /// Whether it is in the last segment.
    last: bool,
}

/// Walks over the segments that can hold calls left open, and so to the log's end.
fn find_end(segments: &[SegmentFile], origin: &str) -> io::Result<Tail> {
    let recent = recent(segments)?;
    let mut place = match recent.first() {
        Some(segment) if segment.first > 0 => Place::unknown(segment.first),
        _ => Place::start(origin),
    };
    let mut unknown = BTreeSet::new();
    for (nth, segment) in recent.iter().enumerate() {
        let mut lines = Lines::open(&segment.path)?;
        let mut fault = (segment.first != place.index).then_some((
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
                last: nth + 1 == recent.len(),
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
    let mut lines = Lines::open(segment)?;
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

/// Accepts damage that is the torn end of a batch nobody was told about; anything else was
/// durable once.
fn check_torn(damage: &Damage, sizes: Sizes) -> io::Result<Result<(), OpenError>> {
    let length = fs::metadata(&damage.segment)?.len() - damage.offset;
    let longest = (sizes.batch_bytes + MAX_RECORD + 1) as u64;
    let is_torn = damage.last
        && !matches!(damage.fault, Fault::Version { .. })
        && length <= longest
        && !has_later_batch(damage)?;
    Ok(if is_torn {
        Ok(())
    } else {
        Err(OpenError::Damaged {
            index: damage.index,
            segment: damage.segment.clone(),
            offset: damage.offset,
            fault: damage.fault,
        })
    })
}

/// Whether a record after the damage belongs to a later batch. A batch is written only when the
/// one before is durable, so then the damaged record was durable.
fn has_later_batch(damage: &Damage) -> io::Result<bool> {
    let mut lines = Lines::open_at(&damage.segment, damage.offset)?;
    while let Some(line) = lines.next()? {
        let batch = line.content.ok().and_then(walk::batch_of);
        if batch.is_some_and(|batch| batch > damage.index) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Moves everything from the damage on into quarantine.
fn cut_off(folder: &Folder, damage: &Damage) -> io::Result<Cut> {
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .open(&damage.segment)?;
    file.seek(SeekFrom::Start(damage.offset))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let name = format!("{:020}-{:016x}.torn", damage.index, time::now());
    let cut = Cut {
        bytes: bytes.len() as u64,
        file: folder.quarantine(&name, &bytes)?,
    };
    file.set_len(damage.offset)?;
    file.sync_all()?;
    Ok(cut)
}

/// A writer that goes on at `place`.
fn writer(
    folder: Folder,
    segments: &[SegmentFile],
    place: &Place,
    sizes: Sizes,
) -> io::Result<Writer> {
    let segment = if let Some(last) = segments.last() {
        let file = OpenOptions::new().write(true).open(&last.path)?;
        folder::preallocate(&file, sizes.segment)?;
        file
    } else {
        folder.prepare_segment(sizes.segment)?;
        folder.place_segment(0)?
    };
    let prev = place
        .prev
        .ok_or_else(|| io::Error::other("the last segment has no record before it"))?;
    let boot = commitment::random(BOOT_LENGTH).map_err(io::Error::other)?;
    Ok(Writer {
        length: length(&segment)?,
        segment,
        folder,
        sizes,
        index: place.index,
        prev,
        boot: boot.iter().map(|byte| format!("{byte:02x}")).collect(),
        spare: false,
    })
}

fn length(file: &File) -> io::Result<u64> {
    Ok(file.metadata()?.len())
}
