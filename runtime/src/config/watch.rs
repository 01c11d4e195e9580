//! Looks at the config folder again and again, and compiles what has changed.

use std::path::PathBuf;
use std::sync::Arc;

use bailiwick_config::{CONFIG_FILE, Digest};

use super::folder::{self, Files};
use super::{LoadError, Snapshot};
use crate::dispatch::Connector;
use crate::view::Day;

/// Loads a folder each time that it has changed.
#[derive(Debug)]
pub(crate) struct Loader {
    folder: PathBuf,
    connector: Connector,
    /// The files of the last attempt, also of one that failed.
    seen: Option<Files>,
    serving: Option<Arc<Snapshot>>,
}

/// What a look at the folder found.
#[derive(Debug)]
pub(crate) enum Found {
    /// The files of the last look.
    Nothing,
    /// Other files that say what is served already.
    Same,
    /// A new config.
    New(Arc<Snapshot>),
    /// Something that cannot be used.
    Bad {
        /// Why not.
        error: LoadError,
        /// Digest of the bytes of `config.json`, where there are any.
        digest: Option<Digest>,
    },
}

impl Loader {
    /// A loader that has seen nothing yet.
    pub(crate) fn new(folder: PathBuf, connector: Connector) -> Self {
        Self {
            folder,
            connector,
            seen: None,
            serving: None,
        }
    }

    /// Looks at the folder; blocks. Bytes are compared, because Kubernetes changes a ConfigMap
    /// by moving a symbolic link, and files of one config can arrive one by one.
    pub(crate) fn look(&mut self) -> Found {
        let files = match folder::read(&self.folder) {
            Ok(files) => files,
            Err(error) => {
                self.seen = None;
                return Found::Bad {
                    error: error.into(),
                    digest: None,
                };
            }
        };
        if self.seen.as_ref() == Some(&files) {
            return Found::Nothing;
        }
        let compiled = Snapshot::compile(
            &files,
            self.serving.as_deref(),
            &self.connector,
            Day::today(),
        );
        let digest = files.get(CONFIG_FILE).map(|bytes| Digest::of(bytes));
        self.seen = Some(files);
        match compiled.and_then(|snapshot| self.take(snapshot)) {
            Ok(Some(snapshot)) => Found::New(snapshot),
            Ok(None) => Found::Same,
            Err(error) => Found::Bad { error, digest },
        }
    }

    /// Serves `snapshot` from now on; none when it is what is served already.
    fn take(&mut self, snapshot: Snapshot) -> Result<Option<Arc<Snapshot>>, LoadError> {
        if let Some(serving) = &self.serving {
            if serving.purpose() != snapshot.purpose() {
                return Err(LoadError::Environment {
                    found: snapshot.purpose(),
                    serving: serving.purpose(),
                });
            }
            if serving.digest() == snapshot.digest() {
                return Ok(None);
            }
        }
        let snapshot = Arc::new(snapshot);
        self.serving = Some(Arc::clone(&snapshot));
        Ok(Some(snapshot))
    }
}
