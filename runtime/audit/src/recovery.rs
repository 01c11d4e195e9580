//! Opening a log: take the lock, cut a torn tail, close what the last run left open.

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::commitment;
use crate::entry::Boot;
use crate::folder::{self, Folder, ORIGIN_FILE, SegmentFile, written_length};
use crate::record::{Cut, Record};
use crate::tail::{Damage, Tail, find_end};
use crate::time;
use crate::walk::{Fault, Place};
use crate::writer::{Sizes, Writer, is_out_of_space};

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
            if !damage.is_torn(sizes).map_err(explain)? {
                return Err(damage.into());
            }
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

impl From<Damage> for OpenError {
    fn from(damage: Damage) -> Self {
        Self::Damaged {
            index: damage.index,
            segment: damage.segment,
            offset: damage.offset,
            fault: damage.fault,
        }
    }
}

/// Says what an error of the system means for the log.
fn explain(folder: &Path, sizes: Sizes, source: io::Error) -> OpenError {
    let folder = folder.to_path_buf();
    if is_read_only(&source) {
        OpenError::ReadOnly { folder, source }
    } else if is_out_of_space(&source) {
        let needed = sizes.segment;
        OpenError::Full {
            folder,
            needed,
            source,
        }
    } else {
        OpenError::Io(source)
    }
}

fn is_read_only(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied
    )
}

/// Moves everything from the damage on into quarantine.
fn cut_off(folder: &Folder, damage: &Damage) -> io::Result<Cut> {
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .open(&damage.segment)?;
    let written = written_length(&file)?;
    file.seek(SeekFrom::Start(damage.offset))?;
    let mut bytes = Vec::new();
    (&mut file)
        .take(written.saturating_sub(damage.offset))
        .read_to_end(&mut bytes)?;
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
    let (segment, length) = if let Some(last) = segments.last() {
        let file = OpenOptions::new().read(true).write(true).open(&last.path)?;
        let length = written_length(&file)?;
        folder::preallocate(&file, sizes.segment)?;
        // The first record must not have to write the new length.
        file.sync_all()?;
        (file, length)
    } else {
        folder.prepare_segment(sizes.segment)?;
        (folder.place_segment(0)?, 0)
    };
    let prev = place
        .prev
        .ok_or_else(|| io::Error::other("the last segment has no record before it"))?;
    let boot = commitment::random(BOOT_LENGTH).map_err(io::Error::other)?;
    Ok(Writer {
        segment,
        length,
        folder,
        sizes,
        index: place.index,
        prev,
        boot: URL_SAFE_NO_PAD.encode(boot),
        spare: false,
    })
}
