//! The tree of generated files of one environment: written whole or not at all, compared with what
//! is there.

mod abandoned;
mod folder;
mod verify;

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

pub use abandoned::Abandoned;
pub use verify::{Difference, Differs};

/// Kept when the folder is written, left out when it is compared: the signature is made after the
/// merge, by somebody who has a key.
const SIGNATURE: &str = "runtime/config.sig";

/// The file that every generated folder has; a folder without it is not replaced.
const MARK: &str = "permissions.txt";

/// Generated files, by path below the environment's folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputTree {
    files: BTreeMap<String, Vec<u8>>,
}

/// Output that could not be read or written. What was there before is whole.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The system refused.
    #[error("cannot {action} `{}`", path.display())]
    Io {
        /// What was tried, as in "write".
        action: &'static str,
        /// With what.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
    /// There is something that `build` did not make.
    #[error("`{}` was not made by `bailiwick build`: {why}; it is left as it is", path.display())]
    Foreign {
        /// The folder.
        path: PathBuf,
        /// How one sees it.
        why: &'static str,
    },
}

impl OutputTree {
    pub(crate) fn new(files: BTreeMap<String, Vec<u8>>) -> Self {
        Self { files }
    }

    /// The files, sorted by path.
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files
            .iter()
            .map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }

    /// The bytes of one file.
    pub fn get(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }
}

#[cfg(test)]
mod tests;
