//! Definition files: what a person accepted of a server, one JSON file per server and revision.

mod difference;
mod file;
mod json;
mod listing;
mod origin;
mod read;
mod recording;

use std::collections::BTreeMap;

use bailiwick_config::{Digest, canonical_json};
use serde_json::value::RawValue;

use crate::model::Name;

pub use difference::{differences, only_words_differ};
pub use file::{DefinitionFile, FileError, LockedImage, ServerInfo, path_of};
pub use listing::Listing;
pub use origin::Origin;
pub use read::{KnownLocks, LockError, Locks, Wanted};
pub use recording::Recording;

/// A definition file as an environment uses it.
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
    /// How long the file is when it is laid out as the dispatch server's definitions are, bytes.
    pub(crate) laid_out: usize,
}

/// The digest of a definition: SHA-256 over its RFC 8785 form, so that spacing, order of members
/// and spelling of numbers do not count, and everything else does.
///
/// # Errors
/// When the text is not JSON.
pub fn definition_digest(definition: &RawValue) -> Result<Digest, serde_json::Error> {
    let value: serde_json::Value = serde_json::from_str(definition.get())?;
    Ok(Digest::of(&canonical_json(&value)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(text: &str) -> Digest {
        definition_digest(&RawValue::from_string(text.to_owned()).unwrap()).unwrap()
    }

    #[test]
    fn spacing_and_order_do_not_count() {
        assert_eq!(
            digest(r#"{"name":"t","inputSchema":{"type":"object","minimum":1.0}}"#),
            digest(
                "{ \"inputSchema\": {\"minimum\":1, \"type\":\"object\"},\n\"name\":\"\\u0074\"}"
            )
        );
    }

    #[test]
    fn every_member_counts() {
        let base = digest(r#"{"name":"t","inputSchema":{"type":"object"}}"#);
        for changed in [
            r#"{"name":"t","inputSchema":{"type":"array"}}"#,
            r#"{"name":"t","inputSchema":{"type":"object"},"_meta":{}}"#,
            r#"{"name":"t","inputSchema":{"type":"object","properties":{}}}"#,
            r#"{"name":"T","inputSchema":{"type":"object"}}"#,
        ] {
            assert_ne!(digest(changed), base, "{changed}");
        }
    }
}
