//! The files of a config folder, as bytes with bounds.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Largest file, bytes. (A ConfigMap holds less than 1 MiB.)
const MAX_FILE: u64 = 8 << 20;
/// Largest folder, bytes.
const MAX_FOLDER: u64 = 64 << 20;
/// Most entries of a folder.
const MAX_ENTRIES: usize = 4096;

/// The JSON files of a folder, by name. Kubernetes mounts a ConfigMap through symbolic links, so
/// these are followed.
pub(super) type Files = BTreeMap<String, Vec<u8>>;

/// Why a folder cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// A file or the folder cannot be read.
    #[error("cannot read {}", .path.display())]
    Read {
        /// The file or the folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A file is too large.
    #[error("{} is larger than {} bytes", .path.display(), MAX_FILE)]
    LargeFile {
        /// The file.
        path: PathBuf,
    },
    /// The folder is too large.
    #[error("{} has more than {} bytes of JSON or {} entries", .path.display(), MAX_FOLDER, MAX_ENTRIES)]
    LargeFolder {
        /// The folder.
        path: PathBuf,
    },
}

/// Reads all JSON files of `folder`.
pub(super) fn read(folder: &Path) -> Result<Files, FolderError> {
    let failed = |source| FolderError::Read {
        path: folder.into(),
        source,
    };
    let too_large = || FolderError::LargeFolder {
        path: folder.into(),
    };
    let mut files = Files::new();
    let mut total = 0;
    for (number, entry) in std::fs::read_dir(folder).map_err(failed)?.enumerate() {
        if number >= MAX_ENTRIES {
            return Err(too_large());
        }
        let path = entry.map_err(failed)?.path();
        let is_json = path
            .extension()
            .is_some_and(|extension| extension == "json");
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        if !is_json || name.starts_with('.') {
            continue;
        }
        let bytes = read_file(&path)?;
        total += bytes.len() as u64;
        if total > MAX_FOLDER {
            return Err(too_large());
        }
        files.insert(name.into(), bytes);
    }
    Ok(files)
}

fn read_file(path: &Path) -> Result<Vec<u8>, FolderError> {
    let failed = |source| FolderError::Read {
        path: path.into(),
        source,
    };
    let file = File::open(path).map_err(failed)?;
    if !file.metadata().map_err(failed)?.is_file() {
        return Err(failed(std::io::ErrorKind::InvalidInput.into()));
    }
    let mut bytes = Vec::new();
    file.take(MAX_FILE + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(FolderError::LargeFile { path: path.into() });
    }
    Ok(bytes)
}
