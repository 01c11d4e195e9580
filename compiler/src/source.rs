//! Source files, places in them, and the one door through which files are read.

use std::fmt;

/// Number of a file in [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub(crate) u32);

/// A range of bytes in one file, end excluded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// A place: a span plus its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Loc {
    /// The file.
    pub file: FileId,
    /// The bytes.
    pub span: Span,
}

/// A value and where it was written. Comparing looks at the value alone.
#[derive(Clone)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Where it was written.
    pub loc: Loc,
}

impl<T: PartialEq> PartialEq for At<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for At<T> {}

impl<T: fmt::Debug> fmt::Debug for At<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

/// Reads files. Paths are relative to the folder that has `catalogs/`, with `/` between parts.
pub trait Loader {
    /// Every file below the folder `below`, sorted by path.
    ///
    /// # Errors
    /// When the folder cannot be listed.
    fn list(&self, below: &str) -> Result<Vec<String>, LoadError>;

    /// The bytes of one file, refused when there are more than `limit`.
    ///
    /// # Errors
    /// When the file is missing, unreadable or too large.
    fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, LoadError>;
}

/// A file or folder that could not be read.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The system refused.
    #[error("cannot read `{path}`")]
    Io {
        /// What was read.
        path: String,
        /// Why it failed.
        #[source]
        source: std::io::Error,
    },
    /// More bytes than allowed; `limit` is the number.
    #[error("`{path}` has more than {limit} bytes")]
    TooLarge {
        /// What was read.
        path: String,
        /// The limit, bytes.
        limit: u64,
    },
    /// The path leaves the folder, as `..` or through a symbolic link.
    #[error("`{path}` leaves the folder of the catalog")]
    Outside {
        /// What was asked for.
        path: String,
    },
}

/// One source file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// Path relative to the folder that has `catalogs/`.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// All files of one compilation, sorted by path. Diagnostics point into it.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

impl Sources {
    /// Adds a file and gives its number.
    pub fn add(&mut self, path: String, text: String) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(SourceFile { path, text });
        id
    }

    /// The file with this number.
    pub fn get(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(usize::try_from(id.0).ok()?)
    }

    /// All files with their numbers, in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        (0..).map(FileId).zip(&self.files)
    }
}
