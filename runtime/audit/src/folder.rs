//! The folder of one log: its lock, its origin, its segment files.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{FallocateFlags, FlockOperation, fallocate, flock};

/// Name of the file that names the log.
pub(crate) const ORIGIN_FILE: &str = "origin";
/// Name of the folder that keeps what recovery cut off.
pub(crate) const QUARANTINE: &str = "quarantine";
/// Longest origin, bytes.
const MAX_ORIGIN: usize = 256;
/// Name of the segment that is prepared for later.
pub(crate) const SPARE_FILE: &str = "next.tmp";

/// A log's folder, locked for one writer.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    /// Holds the lock.
    handle: File,
}

/// A segment file, by the index of its first record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SegmentFile {
    pub(crate) first: u64,
    pub(crate) path: PathBuf,
}

impl SegmentFile {
    pub(crate) fn name(&self) -> String {
        segment_name(self.first)
    }
}

impl Folder {
    /// Creates the folder if need be and takes its lock; none when somebody else has it.
    pub(crate) fn lock(path: &Path) -> io::Result<Option<Self>> {
        if !path.is_dir() {
            fs::create_dir_all(path)?;
            if let Some(parent) = path.canonicalize()?.parent() {
                File::open(parent)?.sync_all()?;
            }
        }
        let handle = File::open(path)?;
        match flock(handle.as_fd(), FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(Self {
                path: path.to_path_buf(),
                handle,
            })),
            Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
            Err(errno) => Err(errno.into()),
        }
    }

    /// Writes a file that is there whole or not at all.
    pub(crate) fn write_durably(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let temporary = self.path.join(format!("{name}.tmp"));
        let mut file = File::create(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&temporary, self.path.join(name))?;
        self.sync()
    }

    /// Moves bytes that recovery cut off into quarantine; gives the file's name in the folder.
    pub(crate) fn quarantine(&self, name: &str, bytes: &[u8]) -> io::Result<String> {
        let quarantine = self.path.join(QUARANTINE);
        fs::create_dir_all(&quarantine)?;
        self.sync()?;
        let name = format!("{QUARANTINE}/{name}");
        self.write_durably(&name, bytes)?;
        File::open(&quarantine)?.sync_all()?;
        Ok(name)
    }

    /// Makes sure that `length` bytes are there for the next segment.
    pub(crate) fn prepare_segment(&self, length: u64) -> io::Result<()> {
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .open(self.path.join(SPARE_FILE))?;
        preallocate(&file, length)?;
        file.sync_all()
    }

    /// Puts the prepared segment in its place, durably, before its first record is written.
    pub(crate) fn place_segment(&self, first: u64) -> io::Result<File> {
        let path = self.path.join(segment_name(first));
        fs::rename(self.path.join(SPARE_FILE), &path)?;
        self.sync()?;
        OpenOptions::new().write(true).open(path)
    }

    fn sync(&self) -> io::Result<()> {
        self.handle.sync_all()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Closing is not enough: a process that is just being started may hold a copy of the handle
        // for a moment. Where unlocking fails, closing has to do.
        let _unlocked: Result<(), rustix::io::Errno> =
            flock(self.handle.as_fd(), FlockOperation::Unlock);
    }
}

/// Gives the file its disk space and its full length, where the file system can: syncing a record
/// then has no new length to write. What has no record yet reads as zero bytes.
pub(crate) fn preallocate(file: &File, length: u64) -> io::Result<()> {
    match fallocate(file.as_fd(), FallocateFlags::empty(), 0, length) {
        Ok(()) | Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::NOSYS) => Ok(()),
        Err(errno) => Err(errno.into()),
    }
}

/// Length of what was written to a segment: all but the zero bytes at its end.
pub(crate) fn written_length(segment: &File) -> io::Result<u64> {
    let mut block = vec![0; 256 * 1024];
    let mut end = segment.metadata()?.len();
    while end > 0 {
        let start = end.saturating_sub(block.len() as u64);
        let length = usize::try_from(end - start).unwrap_or(block.len());
        let bytes = block.get_mut(..length).unwrap_or_default();
        segment.read_exact_at(bytes, start)?;
        if let Some(last) = bytes.iter().rposition(|byte| *byte != 0) {
            return Ok(start + last as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

/// The origin that the folder's file names; none without the file.
pub(crate) fn read_origin(folder: &Path) -> io::Result<Option<String>> {
    let file = match File::open(folder.join(ORIGIN_FILE)) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut bytes = Vec::new();
    file.take(MAX_ORIGIN as u64 + 2).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    Ok(Some(text.strip_suffix('\n').unwrap_or(&text).to_owned()))
}

/// Whether `origin` can name a log: printable ASCII without spaces, not too long.
pub(crate) fn is_origin(origin: &str) -> bool {
    (1..=MAX_ORIGIN).contains(&origin.len()) && origin.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Whether a writer holds the folder's lock at this moment.
pub(crate) fn is_locked(folder: &Path) -> io::Result<bool> {
    let handle = File::open(folder)?;
    match flock(handle.as_fd(), FlockOperation::NonBlockingLockShared) {
        Ok(()) => Ok(false),
        Err(rustix::io::Errno::WOULDBLOCK) => Ok(true),
        Err(errno) => Err(errno.into()),
    }
}

/// The name of the segment whose first record is `first`.
fn segment_name(first: u64) -> String {
    format!("seg-{first:020}.jsonl")
}

/// The folder's segments, in order.
pub(crate) fn segments(folder: &Path) -> io::Result<Vec<SegmentFile>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let first = path
            .file_name()
            .and_then(|name| name.to_str())
            .and_then(|name| name.strip_prefix("seg-")?.strip_suffix(".jsonl"))
            .filter(|digits| digits.len() == 20 && digits.bytes().all(|b| b.is_ascii_digit()))
            .and_then(|digits| digits.parse().ok());
        if let Some(first) = first {
            found.push(SegmentFile { first, path });
        }
    }
    found.sort_unstable();
    Ok(found)
}
