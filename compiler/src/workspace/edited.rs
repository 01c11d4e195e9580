//! Files of a loader, with texts of an editor in the place of some.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use crate::source::{LoadError, Loader};

/// The files.
pub(super) struct Edited<'w> {
    /// Reads what is not edited.
    pub(super) loader: &'w dyn Loader,
    /// The files that the loader has.
    pub(super) listed: &'w [String],
    /// Texts in the place of files; none for a file that is not there.
    pub(super) edits: &'w BTreeMap<String, Option<Vec<u8>>>,
}

impl Loader for Edited<'_> {
    fn list(&self, below: &str) -> Result<Vec<String>, LoadError> {
        let is_below = |path: &&String| {
            path.strip_prefix(below)
                .is_some_and(|rest| rest.starts_with('/'))
        };
        let listed = self.listed.iter();
        let listed = listed.filter(|path| !self.edits.contains_key(*path));
        let edited = self.edits.iter();
        let edited = edited.filter_map(|(path, text)| text.as_ref().map(|_| path));
        let all: BTreeSet<&String> = listed.chain(edited).filter(is_below).collect();
        Ok(all.into_iter().cloned().collect())
    }

    fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, LoadError> {
        let bytes = match self.edits.get(path) {
            None => return self.loader.read(path, limit),
            Some(Some(bytes)) => bytes,
            Some(None) => {
                return Err(LoadError::Io {
                    path: path.to_owned(),
                    source: io::ErrorKind::NotFound.into(),
                });
            }
        };
        if u64::try_from(bytes.len()).is_ok_and(|length| length > limit) {
            return Err(LoadError::TooLarge {
                path: path.to_owned(),
                limit,
            });
        }
        Ok(bytes.clone())
    }
}
