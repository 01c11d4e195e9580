//! Compares a tree with a folder.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use super::folder::{failed, read_file, read_folder};
use super::{OutputError, OutputTree, SIGNATURE};

/// Lines of a difference that are shown.
const SHOWN: usize = 20;

/// A file that is not as `build` would write it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Path below the environment's folder.
    pub path: String,
    /// How.
    pub how: Differs,
}

/// How a file differs from what `build` would write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Differs {
    /// It is not there.
    Missing,
    /// It is there, but nothing generates it any more.
    Stale,
    /// It has other text: lines with `-` are in the folder, with `+` in a fresh build, after a
    /// `@` and the number of the first.
    Changed(Vec<String>),
}

impl OutputTree {
    /// What in `folder` is not as [`OutputTree::write`] would leave it, sorted by path; nothing
    /// when all is. The signature is not looked at.
    ///
    /// # Errors
    /// When something in the folder cannot be read.
    pub fn verify(&self, folder: &Path) -> Result<Vec<Difference>, OutputError> {
        let mut found = Vec::new();
        for (path, fresh) in self.files() {
            let place = folder.join(path);
            let how = match read_file(&place) {
                Ok(old) if old == fresh => continue,
                Ok(old) => Differs::Changed(lines(&old, fresh)),
                Err(error) if is_absent(&error) => Differs::Missing,
                Err(error) => return Err(failed("read", &place)(error)),
            };
            let path = path.to_owned();
            found.push(Difference { path, how });
        }
        let mut there = BTreeSet::new();
        collect(folder, "", &mut there)?;
        found.extend(
            there
                .into_iter()
                .filter(|path| path != SIGNATURE && self.get(path).is_none())
                .map(|path| Difference {
                    path,
                    how: Differs::Stale,
                }),
        );
        found.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(found)
    }
}

fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::IsADirectory
    )
}

/// Every file below `folder`, with `/` between parts.
fn collect(folder: &Path, below: &str, files: &mut BTreeSet<String>) -> Result<(), OutputError> {
    let entries = match read_folder(folder) {
        Ok(entries) => entries,
        Err(OutputError::Io { source, .. }) if below.is_empty() && is_absent(&source) => {
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry.map_err(failed("read", folder))?;
        let path = entry.path();
        let name = format!("{below}{}", entry.file_name().to_string_lossy());
        let kind = entry.file_type().map_err(failed("look at", &path))?;
        if kind.is_dir() {
            collect(&path, &format!("{name}/"), files)?;
        } else {
            files.insert(name);
        }
    }
    Ok(())
}

/// The part in which two texts differ, whole lines.
fn lines(old: &[u8], fresh: &[u8]) -> Vec<String> {
    let (old, fresh) = (String::from_utf8_lossy(old), String::from_utf8_lossy(fresh));
    let old: Vec<&str> = old.split_inclusive('\n').collect();
    let fresh: Vec<&str> = fresh.split_inclusive('\n').collect();
    let same = old
        .iter()
        .zip(&fresh)
        .take_while(|(old, fresh)| old == fresh)
        .count();
    let shorter = old.len().min(fresh.len()) - same;
    let same_end = old
        .iter()
        .rev()
        .zip(fresh.iter().rev())
        .take(shorter)
        .take_while(|(old, fresh)| old == fresh)
        .count();
    let part = |all: &[&str], mark: char| -> Vec<String> {
        let differing = all.len().saturating_sub(same + same_end);
        all.iter()
            .skip(same)
            .take(differing)
            .map(|line| format!("{mark}{}", line.trim_end_matches(['\n', '\r'])))
            .collect()
    };
    let mut shown = vec![format!("@ {}", same + 1)];
    let all: Vec<String> = part(&old, '-')
        .into_iter()
        .chain(part(&fresh, '+'))
        .collect();
    let more = all.len().saturating_sub(SHOWN);
    shown.extend(all.into_iter().take(SHOWN));
    if more > 0 {
        shown.push(format!("... and {more} lines more"));
    }
    shown
}
