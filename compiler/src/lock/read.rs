//! Finds the definition file of a server's revision and holds it against the catalog.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bailiwick_config::indented_length;

use super::file::{DefinitionFile, FileError};
use super::{LockFile, Origin};
use crate::model::Name;
use crate::parallel;
use crate::source::{LoadError, Loader};

/// Definition files, each read once, whoever asks.
pub struct Locks<'l> {
    loader: &'l dyn Loader,
    known: &'l KnownLocks,
    asked: Mutex<BTreeMap<String, Read>>,
}

/// What was read at each path.
#[derive(Clone, Debug, Default)]
pub struct KnownLocks(BTreeMap<String, Read>);

impl KnownLocks {
    /// Adds what others read.
    pub(crate) fn learn(&mut self, others: &Self) {
        let others = others.0.iter();
        self.0
            .extend(others.map(|(path, read)| (path.clone(), read.clone())));
    }

    /// Forgets a file, which has changed.
    pub(crate) fn forget(&mut self, path: &str) {
        self.0.remove(path);
    }

    /// Whether this file was asked for, found or not.
    pub(crate) fn knows(&self, path: &str) -> bool {
        self.0.contains_key(path)
    }
}

/// A definition file that will be asked for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wanted {
    /// Its path.
    pub path: String,
    /// The server.
    pub server: Name,
    /// The revision.
    pub revision: String,
}

type Read = Result<(Arc<LockFile>, Arc<Origin>), Arc<LockError>>;

impl std::fmt::Debug for Locks<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Locks")
            .field("asked", &self.asked().keys())
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
    /// Reads through `loader` what is not known.
    pub fn new(loader: &'l dyn Loader, known: &'l KnownLocks) -> Self {
        Self {
            loader,
            known,
            asked: Mutex::default(),
        }
    }

    /// All that was asked for.
    pub(crate) fn into_asked(self) -> KnownLocks {
        let asked = self.asked.into_inner();
        KnownLocks(asked.unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads files before they are asked for, several at once.
    pub fn read_ahead(&self, wanted: &[Wanted]) {
        // Who asks for a file that is wrong is told then.
        parallel::map(wanted, |wanted| {
            drop(self.get(&wanted.path, &wanted.server, &wanted.revision));
        });
    }

    /// The definition file at `path`, which must be of this server, revision and origin.
    ///
    /// # Errors
    /// When there is none that fits.
    pub fn find(
        &self,
        path: &str,
        server: &Name,
        revision: &str,
        declared: &Origin,
    ) -> Result<Arc<LockFile>, Arc<LockError>> {
        let (lock, locked) = self.get(path, server, revision)?;
        if let Some((part, locked, declared)) = locked.difference(declared) {
            return Err(Arc::new(LockError::Origin {
                part,
                locked,
                declared,
            }));
        }
        Ok(lock)
    }

    fn get(&self, path: &str, server: &Name, revision: &str) -> Read {
        let asked = self.asked().get(path).cloned();
        asked.unwrap_or_else(|| {
            let known = self.known.0.get(path).cloned();
            // Nobody waits while a file is read.
            let read = known
                .unwrap_or_else(|| read(self.loader, path, server, revision).map_err(Arc::new));
            self.asked().entry(path.to_owned()).or_insert(read).clone()
        })
    }

    fn asked(&self) -> MutexGuard<'_, BTreeMap<String, Read>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(
    loader: &dyn Loader,
    path: &str,
    server: &Name,
    revision: &str,
) -> Result<(Arc<LockFile>, Arc<Origin>), LockError> {
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
        laid_out: indented_length(&String::from_utf8_lossy(&bytes), usize::MAX),
    };
    Ok((Arc::new(lock), Arc::new(file.origin())))
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
