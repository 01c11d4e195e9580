//! Files of `.bailiwick/dev`: readable by their owner alone, replaced whole or not at all.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use crate::failure::Failure;

/// Largest file read back, bytes. All of them are keys and tokens.
const LIMIT: u64 = 64 * 1024;

/// Makes a folder, and those above it, for the owner alone.
///
/// # Errors
/// When it cannot be made.
pub(crate) fn make_folder(path: &Path) -> Result<(), Failure> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(Failure::io("make the folder", path))
}

/// The bytes of a kept file; none when there is no such file.
///
/// # Errors
/// When it is there but cannot be read.
pub(crate) fn read_private(path: &Path) -> Result<Option<Vec<u8>>, Failure> {
    let file = match fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Failure::io("read", path)(error)),
    };
    let mut bytes = Vec::new();
    file.take(LIMIT)
        .read_to_end(&mut bytes)
        .map_err(Failure::io("read", path))?;
    Ok(Some(bytes))
}

/// Replaces a file whole, mode 0600.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    if let Some(folder) = path.parent() {
        make_folder(folder)?;
    }
    let fresh = path.with_extension("new");
    let _ = fs::remove_file(&fresh).ok();
    let write = || {
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&fresh)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&fresh, path)
    };
    write().map_err(Failure::io("write", path))
}
