//! The file that a server is written into.

use std::io::ErrorKind;

use bailiwick_compiler::Report;
use bailiwick_compiler::source::{Disk, LoadError, Loader as _};
use bailiwick_compiler::syntax::FILE_BYTES;

use crate::failure::Failure;

/// The file of a team's servers.
#[derive(Debug)]
pub(super) struct Place {
    path: String,
    team: Option<String>,
}

impl Place {
    /// `catalogs/<team>/catalog.kdl` where the team has a folder, else `catalogs/org.kdl`.
    ///
    /// # Errors
    /// When there is no such team, or it must be said which.
    pub(super) fn choose(report: &Report, team: Option<&str>) -> Result<Self, Failure> {
        let teams = &report.resolved.catalog.teams;
        let names: Vec<&str> = teams.keys().map(|name| &**name).collect();
        let team = match (team, names.as_slice()) {
            (Some(team), _) if names.contains(&team) => team,
            (None, [only]) => only,
            (_, []) => {
                return Err(Failure::Usage(
                    "the catalog declares no team; write `team NAME` into catalogs/org.kdl"
                        .to_owned(),
                ));
            }
            (Some(team), _) => {
                return Err(Failure::Usage(format!(
                    "no team `{team}`; there are: {}",
                    names.join(", ")
                )));
            }
            (None, _) => {
                return Err(Failure::Usage(format!(
                    "say which team owns the server with --team: {}",
                    names.join(", ")
                )));
            }
        };
        let folder = format!("catalogs/{team}/");
        let has_folder = report
            .sources
            .iter()
            .any(|(_, file)| file.path.starts_with(&folder));
        Ok(if has_folder {
            Self {
                path: format!("{folder}catalog.kdl"),
                team: None,
            }
        } else {
            Self {
                path: "catalogs/org.kdl".to_owned(),
                team: Some(team.to_owned()),
            }
        })
    }

    /// The path, relative to the folder that has `catalogs/`.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// The team to write; none where the folder implies it.
    pub(super) fn team(&self) -> Option<&str> {
        self.team.as_deref()
    }

    /// What is in the file now; nothing when there is none.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn text(&self, disk: &Disk) -> Result<String, Failure> {
        let limit = u64::try_from(FILE_BYTES).unwrap_or(u64::MAX);
        let bytes = match disk.read(&self.path, limit) {
            Ok(bytes) => bytes,
            Err(LoadError::Io { source, .. }) if source.kind() == ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        String::from_utf8(bytes)
            .map_err(|_| Failure::Usage(format!("`{}` is not UTF-8", self.path)))
    }
}
