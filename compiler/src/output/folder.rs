//! Writes a tree: beside the old folder first, flushed, then both are exchanged in one step.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::parallel;

use super::{MARK, OutputError, OutputTree, SIGNATURE};

impl OutputTree {
    /// Makes `folder` hold exactly these files, and the signature that was there. Until the last
    /// step the old files are untouched; that step is one rename, so that a crash leaves either
    /// the old folder or the new one.
    ///
    /// # Errors
    /// When something cannot be read or written, or `folder` holds what `build` did not make. The
    /// old folder is whole then.
    pub fn write(&self, folder: &Path) -> Result<(), OutputError> {
        let old = is_replaceable(folder)?;
        let new = beside(folder, "new");
        if old && self.verify(folder)?.is_empty() {
            // A run that was killed may have left something all the same.
            clear(&new)?;
            return Ok(());
        }
        let parent = folder
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty());
        let parent = parent.unwrap_or_else(|| Path::new("."));
        make_folder(parent)?;
        clear(&new)?;
        let written = self.fill(&new).and_then(|()| {
            if old {
                keep_signature(folder, &new)?;
            }
            flush_all(&new)?;
            if old {
                exchange(folder, &new)
            } else {
                rename(&new, folder)
            }
        });
        if written.is_ok() {
            flush(parent)?;
        }
        // After the exchange this is the old folder; after a failure what was begun. What cannot
        // be removed now is removed by the next run.
        let cleared = clear(&new);
        written.and(cleared)
    }

    fn fill(&self, folder: &Path) -> Result<(), OutputError> {
        make_folder(folder)?;
        for (path, bytes) in self.files() {
            let path = folder.join(path);
            if let Some(parent) = path.parent() {
                make_folder(parent)?;
            }
            write_file(&path, bytes)?;
        }
        Ok(())
    }
}

/// Whether there is an output to replace; refuses to replace anything else.
fn is_replaceable(folder: &Path) -> Result<bool, OutputError> {
    let foreign = |why| {
        let path = folder.to_owned();
        Err(OutputError::Foreign { path, why })
    };
    let found = match fs::symlink_metadata(folder) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(failed("look at", folder)(error)),
    };
    if !found.is_dir() {
        return foreign("it is no folder");
    }
    let mut entries = read_folder(folder)?;
    let empty = entries.next().is_none();
    if empty || folder.join(MARK).is_file() {
        Ok(true)
    } else {
        foreign("it has files, but no `permissions.txt`")
    }
}

fn keep_signature(old: &Path, new: &Path) -> Result<(), OutputError> {
    let old = old.join(SIGNATURE);
    match read_file(&old) {
        Ok(bytes) => {
            let new = new.join(SIGNATURE);
            if let Some(parent) = new.parent() {
                make_folder(parent)?;
            }
            write_file(&new, &bytes)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(failed("read", &old)(error)),
    }
}

/// Puts each folder in the place of the other, in one step.
fn exchange(folder: &Path, new: &Path) -> Result<(), OutputError> {
    let here = rustix::fs::CWD;
    match rustix::fs::renameat_with(here, new, here, folder, rustix::fs::RenameFlags::EXCHANGE) {
        Ok(()) => Ok(()),
        // Some file systems cannot: the old folder steps aside, and back when its place cannot be
        // taken. A crash between leaves it beside, whole; the next run finds and removes it.
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS | rustix::io::Errno::NOTSUP) => {
            let aside = beside(folder, "old");
            clear(&aside)?;
            rename(folder, &aside)?;
            if let Err(error) = rename(new, folder) {
                rename(&aside, folder)?;
                return Err(error);
            }
            clear(&aside)
        }
        Err(error) => Err(failed("replace", folder)(error.into())),
    }
}

/// A name beside `folder`, hidden, the same in every run so that a leftover is found.
fn beside(folder: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(folder.file_name().unwrap_or_default());
    name.push(".");
    name.push(ending);
    folder.with_file_name(name)
}

pub(super) fn failed<'p>(
    action: &'static str,
    path: &'p Path,
) -> impl FnOnce(io::Error) -> OutputError + 'p {
    move |source| OutputError::Io {
        action,
        path: path.to_owned(),
        source,
    }
}

/// Removes a folder of ours and all below it; an absent one is fine.
pub(super) fn clear(folder: &Path) -> Result<(), OutputError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(failed("remove", folder)(error))
        }
        _ => Ok(()),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "output is the part that writes files"
)]
fn make_folder(folder: &Path) -> Result<(), OutputError> {
    fs::create_dir_all(folder).map_err(failed("make", folder))
}

#[expect(
    clippy::disallowed_methods,
    reason = "output is the part that writes files"
)]
fn write_file(path: &Path, bytes: &[u8]) -> Result<(), OutputError> {
    let write = || fs::File::create(path)?.write_all(bytes);
    write().map_err(failed("write", path))
}

#[expect(
    clippy::disallowed_methods,
    reason = "output is the part that writes files"
)]
fn rename(from: &Path, to: &Path) -> Result<(), OutputError> {
    fs::rename(from, to).map_err(failed("replace", to))
}

/// Makes the bytes of a file, or the names in a folder, durable.
#[expect(
    clippy::disallowed_methods,
    reason = "output is the part that writes files"
)]
fn flush(path: &Path) -> Result<(), OutputError> {
    fs::File::open(path)
        .and_then(|file| file.sync_all())
        .map_err(failed("flush", path))
}

/// Makes a folder durable with all below it. After all was written, and many at once, so that the
/// system can write it in one go.
fn flush_all(folder: &Path) -> Result<(), OutputError> {
    let mut all = vec![folder.to_owned()];
    let mut listed = 0;
    while let Some(path) = all.get(listed) {
        if path.is_dir() {
            let entries = read_folder(path)?.map(|entry| entry.map(|entry| entry.path()));
            let entries = entries.collect::<io::Result<Vec<PathBuf>>>();
            let entries = entries.map_err(failed("read", path))?;
            all.extend(entries);
        }
        listed += 1;
    }
    parallel::map_waiting(&all, |path| flush(path))
        .into_iter()
        .collect()
}

#[expect(
    clippy::disallowed_methods,
    reason = "output compares with what it wrote"
)]
pub(super) fn read_folder(folder: &Path) -> Result<fs::ReadDir, OutputError> {
    fs::read_dir(folder).map_err(failed("read", folder))
}

#[expect(
    clippy::disallowed_methods,
    reason = "output compares with what it wrote"
)]
pub(super) fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    fs::read(path)
}
