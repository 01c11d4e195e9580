//! The definition files that are there.

use std::collections::BTreeSet;
use std::fs;

use bailiwick_compiler::environment::Lockable;
use bailiwick_compiler::lock::DefinitionFile;
use bailiwick_compiler::review::closest;
use bailiwick_compiler::source::{Disk, LoadError, Loader as _};

use crate::failure::Failure;

/// What was accepted of a server before.
#[derive(Debug)]
pub(super) struct Before {
    /// The file to compare with: of the same revision, else the one with the fewest changes.
    pub(super) file: Option<DefinitionFile>,
    /// The text of the file that would be replaced.
    pub(super) text: Option<String>,
    /// The file that would be replaced cannot be read.
    damaged: bool,
}

impl Before {
    /// Finds what to compare `given` with.
    ///
    /// # Errors
    /// When files cannot be listed or read.
    pub(super) fn of(one: &Lockable, given: &DefinitionFile, disk: &Disk) -> Result<Self, Failure> {
        let own = read(disk, &one.path)?;
        let text = own
            .as_ref()
            .map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        let parsed = own.as_deref().map(DefinitionFile::parse);
        let damaged = matches!(parsed, Some(Err(_)));
        let file = if let Some(Ok(file)) = parsed {
            Some(file)
        } else {
            let others = others(one, disk)?;
            closest(&others, given)
                .map_err(Failure::definitions)?
                .cloned()
        };
        Ok(Self {
            file,
            text,
            damaged,
        })
    }

    /// The digest of an image as it was accepted.
    pub(super) fn digest(&self, reference: &str) -> Option<String> {
        let image = self.file.as_ref()?.image.as_ref()?;
        (image.reference == reference).then(|| image.digest.clone())?
    }

    /// Why the file of this revision says nothing about what was accepted, if it does not.
    pub(super) fn damage(&self) -> Option<&'static str> {
        self.damaged.then_some(
            "the definition file of this revision cannot be read, so nothing says what was accepted",
        )
    }
}

fn read(disk: &Disk, path: &str) -> Result<Option<Vec<u8>>, Failure> {
    match disk.read(path, DefinitionFile::MAX_BYTES) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(LoadError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
            Ok(None)
        }
        // It is replaced, and counts as damaged.
        Err(LoadError::TooLarge { .. }) => Ok(Some(Vec::new())),
        Err(error) => Err(error.into()),
    }
}

/// The readable definition files of other revisions of the server.
fn others(one: &Lockable, disk: &Disk) -> Result<Vec<DefinitionFile>, Failure> {
    let mut files = Vec::new();
    for path in all(disk)? {
        if path == one.path || !is_of(&path, one) {
            continue;
        }
        let parsed = read(disk, &path)?.and_then(|bytes| DefinitionFile::parse(&bytes).ok());
        files.extend(parsed);
    }
    Ok(files)
}

/// Whether a definition file is of this server, beside the file that defines it.
fn is_of(path: &str, one: &Lockable) -> bool {
    let folder = one.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let start = format!("{folder}/{}@", one.server.name.value);
    path.strip_prefix(&start)
        .is_some_and(|rest| !rest.contains('/'))
}

/// All definition files of the catalog.
fn all(disk: &Disk) -> Result<Vec<String>, Failure> {
    let mut paths = disk.list("catalogs")?;
    paths.retain(|path| {
        let mut parts = path.rsplit('/');
        let name = parts.next().and_then(|name| name.strip_suffix(".json"));
        name.is_some_and(|name| name.contains('@')) && parts.next() == Some("lock")
    });
    Ok(paths)
}

/// Removes the definition files that no environment uses, and gives their paths. Those of servers that are
/// only defined stay.
///
/// # Errors
/// When a file cannot be removed.
pub(super) fn prune(used: &[Lockable], disk: &Disk) -> Result<Vec<String>, Failure> {
    let used: BTreeSet<&str> = used.iter().map(|one| one.path.as_str()).collect();
    let mut removed = Vec::new();
    for path in all(disk)? {
        if used.contains(path.as_str()) {
            continue;
        }
        let full = disk.root().join(&path);
        fs::remove_file(&full).map_err(Failure::io("remove", &full))?;
        removed.push(path);
    }
    Ok(removed)
}
