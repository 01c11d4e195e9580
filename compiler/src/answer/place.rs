//! Lines of catalogs, as people and programs find them.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

use crate::source::{FileId, Loc, SourceFile, Sources};

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Place {
    /// Path relative to the folder that has `catalogs/`, with `/` between parts.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// Finds lines. Each file is searched for its line breaks once, so that thousands of places cost little.
#[derive(Debug)]
pub struct Places<'s> {
    files: BTreeMap<FileId, (&'s SourceFile, OnceCell<Vec<usize>>)>,
}

impl<'s> Places<'s> {
    /// Places in these files.
    pub fn new(sources: &'s Sources) -> Self {
        let files = sources.iter();
        Self {
            files: files
                .map(|(id, file)| (id, (file, OnceCell::new())))
                .collect(),
        }
    }

    /// The line at which a place begins; none for a file that is not there.
    pub fn find(&self, loc: Loc) -> Option<Place> {
        let (file, breaks) = self.files.get(&loc.file)?;
        let breaks = breaks.get_or_init(|| {
            let bytes = file.text.bytes().enumerate();
            bytes
                .filter(|(_, byte)| *byte == b'\n')
                .map(|(at, _)| at)
                .collect()
        });
        let start = usize::try_from(loc.span.start).unwrap_or(usize::MAX);
        Some(Place {
            file: file.path.clone(),
            line: breaks.partition_point(|at| *at < start) + 1,
        })
    }
}
