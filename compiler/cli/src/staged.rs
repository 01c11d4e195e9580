//! Files that are about to be written: checked over what is there, then put into place one by one.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use bailiwick_compiler::source::{Disk, LoadError, Loader};

use crate::failure::Failure;

/// New texts by path, over a folder on disk.
#[derive(Debug)]
pub(crate) struct Staged {
    disk: Disk,
    files: BTreeMap<String, String>,
}

impl Staged {
    /// Nothing yet, over `disk`.
    pub(crate) fn over(disk: Disk) -> Self {
        Self {
            disk,
            files: BTreeMap::new(),
        }
    }

    /// Adds or replaces a file.
    pub(crate) fn put(&mut self, path: impl Into<String>, text: String) {
        self.files.insert(path.into(), text);
    }

    /// The paths, sorted.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// Writes every file: whole beside its place, then moved into it, so that a crash leaves the old or the
    /// new one.
    ///
    /// # Errors
    /// When one cannot be written.
    pub(crate) fn write(&self) -> Result<(), Failure> {
        for (path, text) in &self.files {
            write(&self.disk.root().join(path), text)?;
        }
        Ok(())
    }
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let failed = || Failure::io("write", path);
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(failed())?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = folder.join(format!(".{name}.new"));
    let mut file = fs::File::create(&beside).map_err(failed())?;
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| file.sync_all());
    let moved = written.and_then(|()| fs::rename(&beside, path));
    if moved.is_err() {
        // What could not be put into place is of no use.
        let _removed = fs::remove_file(&beside);
    }
    moved.map_err(failed())
}

impl Loader for Staged {
    fn list(&self, below: &str) -> Result<Vec<String>, LoadError> {
        let mut paths = self.disk.list(below)?;
        let is_below = |path: &&String| {
            path.strip_prefix(below)
                .is_some_and(|rest| rest.starts_with('/'))
        };
        paths.extend(self.files.keys().filter(is_below).cloned());
        paths.sort_unstable();
        paths.dedup();
        Ok(paths)
    }

    fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, LoadError> {
        match self.files.get(path) {
            Some(text) if u64::try_from(text.len()).is_ok_and(|length| length <= limit) => {
                Ok(text.clone().into_bytes())
            }
            Some(_) => Err(LoadError::TooLarge {
                path: path.to_owned(),
                limit,
            }),
            None => self.disk.read(path, limit),
        }
    }
}
