//! The config of this process: loaded whole or not at all, looked at again each second.

mod check;
mod error;
mod folder;
mod snapshot;
mod watch;

pub use error::LoadError;
pub use folder::FolderError;
pub use snapshot::Snapshot;
pub(crate) use watch::{Found, Loader};
