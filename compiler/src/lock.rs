//! Definition files: what a person accepted of a server, one JSON file per server and revision.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::model::Name;

/// A definition file.
#[derive(Clone, Debug)]
pub struct LockFile {
    /// Path relative to the folder that has `catalogs/`.
    pub path: String,
    /// Name of the server.
    pub server: Name,
    /// Revision.
    pub revision: String,
    /// Digest of the image, `sha256:...`, when known.
    pub image_digest: Option<String>,
    /// Definition of each tool as the server gave it (an MCP `Tool` object), by the tool's name.
    pub tools: BTreeMap<Name, Box<RawValue>>,
}
