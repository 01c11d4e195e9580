//! The folder that a command works on.

use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// Where a command works: the folder that has `catalogs/`.
#[derive(Debug, Clone)]
pub(crate) struct Project {
    root: PathBuf,
}

impl Project {
    /// The folder itself if given, else the nearest one from the working folder upwards.
    ///
    /// # Errors
    /// When there is no such folder.
    pub(crate) fn find(given: Option<&Path>) -> Result<Self, Failure> {
        if let Some(folder) = given {
            return if folder.join("catalogs").is_dir() {
                Ok(Self {
                    root: folder.to_owned(),
                })
            } else {
                Err(Failure::Usage(format!(
                    "`{}` has no folder `catalogs`",
                    folder.display()
                )))
            };
        }
        let here = std::env::current_dir().map_err(Failure::doing("tell the working folder"))?;
        here.ancestors()
            .find(|folder| folder.join("catalogs").is_dir())
            .map(|folder| Self {
                root: folder.to_owned(),
            })
            .ok_or_else(|| {
                Failure::Usage(
                    "no folder `catalogs` here or above; name the folder that has it with -C DIR"
                        .to_owned(),
                )
            })
    }

    /// The folder that has `catalogs/`.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }
}
