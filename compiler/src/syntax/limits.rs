//! How much the reader takes in before it gives up.

/// Limits of one file. The built-in ones are [`Limits::default`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a file.
    pub file: usize,
    /// Nodes of a file, those that are commented out included.
    pub nodes: usize,
    /// Levels of child blocks inside each other.
    pub depth: usize,
    /// Mistakes in a file; after them it is not read further.
    pub mistakes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file: FILE_BYTES,
            nodes: FILE_NODES,
            depth: FILE_DEPTH,
            mistakes: FILE_MISTAKES,
        }
    }
}

/// Bytes of one `.kdl` file.
pub const FILE_BYTES: usize = 1024 * 1024;
/// Nodes of one file.
pub const FILE_NODES: usize = 50_000;
/// Levels of child blocks inside each other.
pub const FILE_DEPTH: usize = 64;
/// Mistakes in one file, after which it is not read further.
pub const FILE_MISTAKES: usize = 10_000;
/// Bytes of all `.kdl` files of a catalog.
pub const CATALOG_BYTES: usize = 64 * 1024 * 1024;
