//! Source files, places in them, and the one door through which files are read.

use std::fmt;
use std::sync::Arc;

mod disk;
mod memory;

pub use disk::Disk;
pub use memory::Memory;

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

impl Loc {
    /// Whether all of `other` is inside.
    pub fn contains(&self, other: &Self) -> bool {
        self.file == other.file
            && self.span.start <= other.span.start
            && other.span.end <= self.span.end
    }
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

/// Reads files, several at once. Paths are relative to the folder that has `catalogs/`, with `/` between
/// parts.
pub trait Loader: Sync {
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

/// A place as editors count it, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

impl SourceFile {
    /// Line and column of a byte; those of the end when there is no such byte.
    pub fn position(&self, offset: u32) -> Position {
        let offset = usize::try_from(offset)
            .unwrap_or(usize::MAX)
            .min(self.text.len());
        let before = self.text.as_bytes().get(..offset).unwrap_or_default();
        let line = before.split(|&byte| byte == b'\n').skip(1).count();
        let column = before
            .iter()
            .rev()
            .take_while(|&&byte| byte != b'\n')
            // Bytes that continue a character are not counted.
            .filter(|&&byte| byte & 0xC0 != 0x80)
            .count();
        Position {
            line: line + 1,
            column: column + 1,
        }
    }
}

/// All files of one compilation, sorted by path. Diagnostics point into it.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<Arc<SourceFile>>,
}

impl Sources {
    /// Adds a file and gives its number.
    pub fn add(&mut self, path: String, text: String) -> FileId {
        self.share(Arc::new(SourceFile { path, text }))
    }

    /// Adds a file that others have too, and gives its number.
    pub(crate) fn share(&mut self, file: Arc<SourceFile>) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(file);
        id
    }

    /// The file with this number.
    pub fn get(&self, id: FileId) -> Option<&SourceFile> {
        self.shared(id).map(|file| &**file)
    }

    /// The file with this number, for others to have too.
    pub(crate) fn shared(&self, id: FileId) -> Option<&Arc<SourceFile>> {
        self.files.get(usize::try_from(id.0).ok()?)
    }

    /// Replaces what stands at a place by asterisks, so that no excerpt shows it. Places stay valid.
    pub(crate) fn conceal(&mut self, loc: Loc) {
        let index = usize::try_from(loc.file.0).unwrap_or(usize::MAX);
        let Some(file) = self.files.get_mut(index) else {
            return;
        };
        let covered = |at: usize| {
            u32::try_from(at).is_ok_and(|at| (loc.span.start..loc.span.end).contains(&at))
        };
        let concealed = file.text.char_indices().flat_map(|(at, c)| {
            let hide = covered(at) && !matches!(c, '\n' | '"');
            let (c, times) = if hide { ('*', c.len_utf8()) } else { (c, 1) };
            std::iter::repeat_n(c, times)
        });
        let concealed = concealed.collect();
        Arc::make_mut(file).text = concealed;
    }

    /// All files with their numbers, in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        let files = self.files.iter().map(|file| &**file);
        (0..).map(FileId).zip(files)
    }
}

#[cfg(test)]
mod tests {
    use super::{Position, SourceFile};

    #[test]
    fn lines_and_columns_count_from_one_and_by_character() {
        let file = SourceFile {
            path: "a.kdl".into(),
            text: "aé\nb€c\n".into(),
        };
        let places = [0, 1, 3, 4, 5, 8, 9, 10, 99].map(|offset| {
            let Position { line, column } = file.position(offset);
            (line, column)
        });
        assert_eq!(
            places,
            [
                (1, 1),
                (1, 2),
                (1, 3),
                (2, 1),
                (2, 2),
                (2, 3),
                (2, 4),
                (3, 1),
                (3, 1)
            ]
        );
    }
}
