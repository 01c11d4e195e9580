//! Finds the definition file of a server's revision and holds it against the catalog.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::file::{DefinitionFile, FileError};
use super::{LockFile, Origin};
use crate::model::Name;
use crate::source::{LoadError, Loader};

/// Definition files, each read once.
pub struct Locks<'l> {
    loader: &'l dyn Loader,
    read: BTreeMap<String, Read>,
}

type Read = Result<(Arc<LockFile>, Origin), Arc<LockError>>;

impl std::fmt::Debug for Locks<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Locks")
            .field("read", &self.read.keys())
            .finish_non_exhaustive()
    }
}

/// Why a server counts as not locked.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// There is no file.
    #[error("the file does not exist")]
    Missing,
    /// It cannot be read.
    #[error("the file cannot be read: {}", reason(.0))]
    Unreadable(#[source] LoadError),
    /// It breaks a rule of the format.
    #[error("the file is not valid: {0}")]
    Invalid(#[from] FileError),
    /// It is of another server or revision than its name says.
    #[error("the file is of `{server}@{revision}`")]
    Other {
        /// Server in the file.
        server: String,
        /// Revision in the file.
        revision: String,
    },
    /// It was made from something else than the catalog runs.
    #[error("`{part}` differs: {locked} is locked, the catalog has {declared}")]
    Origin {
        /// The node that differs.
        part: &'static str,
        /// Value in the lock.
        locked: String,
        /// Value in the catalog.
        declared: String,
    },
}

impl<'l> Locks<'l> {
    /// Reads through `loader`.
    pub fn new(loader: &'l dyn Loader) -> Self {
        Self {
            loader,
            read: BTreeMap::new(),
        }
    }

    /// The definition file at `path`, which must be of this server, revision and origin.
    ///
    /// # Errors
    /// When there is none that fits.
    pub fn find(
        &mut self,
        path: &str,
        server: &Name,
        revision: &str,
        declared: &Origin,
    ) -> Result<Arc<LockFile>, Arc<LockError>> {
        let loader = self.loader;
        let read = self
            .read
            .entry(path.to_owned())
            .or_insert_with(|| read(loader, path, server, revision).map_err(Arc::new));
        let (lock, locked) = read.as_ref().map_err(Arc::clone)?;
        if let Some((part, locked, declared)) = locked.difference(declared) {
            return Err(Arc::new(LockError::Origin {
                part,
                locked,
                declared,
            }));
        }
        Ok(Arc::clone(lock))
    }
}

fn read(
    loader: &dyn Loader,
    path: &str,
    server: &Name,
    revision: &str,
) -> Result<(Arc<LockFile>, Origin), LockError> {
    let bytes = loader
        .read(path, DefinitionFile::MAX_BYTES)
        .map_err(|error| {
            if is_missing(&error) {
                LockError::Missing
            } else {
                LockError::Unreadable(error)
            }
        })?;
    let file = DefinitionFile::parse(&bytes)?;
    if file.server != **server || file.revision != revision {
        return Err(LockError::Other {
            server: file.server,
            revision: file.revision,
        });
    }
    let tools = file
        .tools_by_name()?
        .into_iter()
        .map(|(name, definition)| (Name::trusted(&name), definition.to_owned()))
        .collect();
    let lock = LockFile {
        path: path.to_owned(),
        server: server.clone(),
        revision: revision.to_owned(),
        image_digest: file.image_digest()?,
        tools,
    };
    Ok((Arc::new(lock), file.origin()))
}

/// The cause alone: whoever shows it names the file.
fn reason(error: &LoadError) -> String {
    match error {
        LoadError::Io { source, .. } => source.kind().to_string(),
        LoadError::TooLarge { limit, .. } => format!("it has more than {limit} bytes"),
        LoadError::Outside { .. } => "it leaves the folder of the catalog".to_owned(),
    }
}

fn is_missing(error: &LoadError) -> bool {
    matches!(error, LoadError::Io { source, .. } if source.kind() == std::io::ErrorKind::NotFound)
}
