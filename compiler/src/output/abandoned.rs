//! Folders of environments that the catalog no longer has.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use crate::checks::lock::OUTPUT_OUT_OF_DATE;
use crate::diagnostic::Diagnostic;

use super::folder::{clear, failed, read_folder};
use super::verify::is_absent;
use super::{MARK, OutputError};

/// A folder that `build` made for an environment that is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Abandoned {
    folder: PathBuf,
}

impl Abandoned {
    /// Those below `out`, sorted, of environments that are not among `wanted`.
    ///
    /// # Errors
    /// When the folder cannot be read; an absent one has none.
    pub fn below(out: &Path, wanted: &BTreeSet<&str>) -> Result<Vec<Self>, OutputError> {
        let entries = match read_folder(out) {
            Ok(entries) => entries,
            Err(OutputError::Io { source, .. }) if is_absent(&source) => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut folders = entries
            .map(|entry| Ok(entry?.path()))
            .collect::<io::Result<Vec<_>>>()
            .map_err(failed("read", out))?;
        folders.retain(|folder| {
            let name = folder.file_name().unwrap_or_default().to_string_lossy();
            // A hidden one is what a killed run left beside a folder; the next `write` removes it.
            !name.starts_with('.') && !wanted.contains(&*name) && folder.join(MARK).is_file()
        });
        folders.sort();
        Ok(folders.into_iter().map(|folder| Self { folder }).collect())
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Removes it with all that is in it.
    ///
    /// # Errors
    /// When something in it cannot be removed.
    pub fn remove(&self) -> Result<(), OutputError> {
        clear(&self.folder)
    }

    /// The finding for `build --check`; `folder` is the folder as the user knows it.
    pub fn finding(&self, folder: &str) -> Diagnostic {
        OUTPUT_OUT_OF_DATE
            .nowhere(format!(
                "`{folder}` is of an environment that the catalog does not have"
            ))
            .help("run `bailiwick build` and commit what it removes")
    }
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "the test makes what output then looks at"
)]
mod tests {
    use super::*;

    #[test]
    fn only_what_build_made_for_environments_that_are_gone_is_removed() {
        let out = tempfile::tempdir().unwrap();
        let make = |path: &str| {
            let path = out.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        };
        make("prod/permissions.txt");
        make("stage/permissions.txt");
        make("stage/runtime/config.json");
        make("notes/README.md");
        make("README.md");
        make(".stage.new/permissions.txt");
        let found = Abandoned::below(out.path(), &BTreeSet::from(["prod"])).unwrap();
        let [stage] = found.as_slice() else {
            panic!("{found:?}")
        };
        assert_eq!(stage.folder(), out.path().join("stage"));
        stage.remove().unwrap();
        for (path, is_there) in [
            ("stage", false),
            ("prod/permissions.txt", true),
            ("notes/README.md", true),
            ("README.md", true),
        ] {
            assert_eq!(out.path().join(path).exists(), is_there, "{path}");
        }
    }

    #[test]
    fn an_output_folder_that_is_not_there_has_none() {
        let out = tempfile::tempdir().unwrap();
        let found = Abandoned::below(&out.path().join("none"), &BTreeSet::new());
        assert_eq!(found.unwrap(), []);
    }
}
