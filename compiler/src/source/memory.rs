//! Files that are in memory: for tests, fuzzing and editors.

use std::collections::BTreeMap;
use std::io;

use super::{LoadError, Loader};

/// Files by path.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    files: BTreeMap<String, Vec<u8>>,
}

impl Memory {
    /// Adds a file, or replaces it.
    pub fn insert(&mut self, path: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.files.insert(path.into(), bytes.into());
    }
}

impl<P: Into<String>, B: Into<Vec<u8>>> FromIterator<(P, B)> for Memory {
    fn from_iter<I: IntoIterator<Item = (P, B)>>(files: I) -> Self {
        let files = files
            .into_iter()
            .map(|(path, bytes)| (path.into(), bytes.into()))
            .collect();
        Self { files }
    }
}

impl Loader for Memory {
    fn list(&self, below: &str) -> Result<Vec<String>, LoadError> {
        let is_below = |path: &&String| {
            path.strip_prefix(below)
                .is_some_and(|rest| rest.starts_with('/'))
        };
        Ok(self.files.keys().filter(is_below).cloned().collect())
    }

    fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, LoadError> {
        let bytes = self.files.get(path).ok_or_else(|| LoadError::Io {
            path: path.to_owned(),
            source: io::ErrorKind::NotFound.into(),
        })?;
        if u64::try_from(bytes.len()).is_ok_and(|length| length > limit) {
            return Err(LoadError::TooLarge {
                path: path.to_owned(),
                limit,
            });
        }
        Ok(bytes.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::{LoadError, Loader as _, Memory};

    #[test]
    fn it_behaves_as_a_folder() {
        let memory: Memory = [("a/x", "1"), ("a/b/y", "22"), ("ab/z", "")]
            .into_iter()
            .collect();
        assert_eq!(memory.list("a").unwrap(), ["a/b/y", "a/x"]);
        assert_eq!(memory.read("a/b/y", 2).unwrap(), b"22");
        assert!(matches!(
            memory.read("a/b/y", 1),
            Err(LoadError::TooLarge { .. })
        ));
        assert!(matches!(memory.read("a", 1), Err(LoadError::Io { .. })));
    }
}
