//! The file format of a lock: members, rules, and the one text form.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::model::files::LOCKS;

use super::Origin;
use super::json;

/// A definition file, member by member.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct DefinitionFile {
    /// Arguments of the image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub args: Option<Vec<String>>,
    /// Program and arguments of a stdio server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<Vec<String>>,
    /// Container image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<LockedImage>,
    /// What the server tells models about itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instructions: Option<String>,
    /// MCP version that was spoken.
    pub protocol: String,
    /// Revision of the server.
    pub revision: String,
    /// Name of the server in the catalog.
    pub server: String,
    /// What the server says it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_info: Option<ServerInfo>,
    /// Namespace and name of a Service, joined by `/`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Complete definitions as the server gave them (MCP `Tool` objects).
    pub tools: Vec<Box<RawValue>>,
    /// Remote URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// The image that a server ran in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct LockedImage {
    /// `sha256:` and 64 hex digits; absent for an image that is in no registry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// The reference as the catalog writes it.
    pub reference: String,
}

/// The name and version that a server gives itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ServerInfo {
    /// Its name.
    pub name: String,
    /// Its name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its version.
    pub version: String,
}

/// A definition file that breaks a rule.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// Not text.
    #[error("not UTF-8: byte {0} is wrong")]
    Encoding(usize),
    /// Not JSON, a member missing or unknown.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// A member twice, somewhere in the file.
    #[error("{0}: readers differ in which one they see")]
    Twice(#[source] serde_json::Error),
    /// No list of tools.
    #[error("has no `tools`")]
    NoTools,
    /// An entry of `tools` that is no object with a name.
    #[error("entry {0} of `tools` is not an object with a `name`")]
    NamelessTool(usize),
    /// A tool twice.
    #[error("tool `{0}` is there twice")]
    DuplicateTool(String),
    /// None or several of `image`, `command` alone, `url`, `service`.
    #[error("needs one origin: `image`, `command`, `url` or `service`")]
    Origin,
    /// A digest that is none.
    #[error("`digest` of the image is not `sha256:` and 64 lower-case hex digits")]
    Digest,
    /// A digest in the reference and another beside it.
    #[error("`digest` and `reference` of the image name different digests")]
    OtherDigest,
}

/// Where the definition file of a server's revision is, when `kdl` is the file that defines the
/// server.
pub fn path_of(kdl: &str, server: &str, revision: &str) -> String {
    let folder = kdl.rsplit_once('/').map_or("", |(folder, _)| folder);
    let slash = if folder.is_empty() { "" } else { "/" };
    format!("{folder}{slash}{LOCKS}/{server}@{revision}.json")
}

impl DefinitionFile {
    /// Largest file, bytes.
    pub const MAX_BYTES: u64 = 1024 * 1024;

    /// Reads a file's bytes and holds them against the rules of the format.
    ///
    /// # Errors
    /// When a rule is broken.
    pub fn parse(bytes: &[u8]) -> Result<Self, FileError> {
        let text =
            std::str::from_utf8(bytes).map_err(|error| FileError::Encoding(error.valid_up_to()))?;
        json::check(text).map_err(|error| {
            if json::is_twice(&error) {
                FileError::Twice(error)
            } else {
                FileError::Json(error)
            }
        })?;
        let file: Self = serde_json::from_str(text)?;
        file.origin_is_one()?;
        file.image_digest()?;
        file.tools_by_name()?;
        Ok(file)
    }

    /// The text to write: sorted members, tools sorted by name, two spaces, LF, final newline.
    ///
    /// # Errors
    /// When a tool has no name or a name is there twice.
    pub fn to_text(&self) -> Result<String, FileError> {
        let mut sorted = self.clone();
        sorted.tools = self
            .tools_by_name()?
            .into_values()
            .map(ToOwned::to_owned)
            .collect();
        Ok(json::pretty(&serde_json::to_string(&sorted)?)? + "\n")
    }

    /// The definitions by the tool's name.
    ///
    /// # Errors
    /// When one has no name, or two have the same.
    pub fn tools_by_name(&self) -> Result<BTreeMap<String, &RawValue>, FileError> {
        #[derive(Deserialize)]
        struct Named {
            name: String,
        }
        let mut tools = BTreeMap::new();
        for (index, definition) in self.tools.iter().enumerate() {
            let is_object = definition.get().trim_start().starts_with('{');
            let named = serde_json::from_str::<Named>(definition.get());
            let (true, Ok(Named { name })) = (is_object, named) else {
                return Err(FileError::NamelessTool(index));
            };
            if tools.insert(name.clone(), &**definition).is_some() {
                return Err(FileError::DuplicateTool(name));
            }
        }
        Ok(tools)
    }

    /// The digest of the image, from `digest` or from the reference.
    ///
    /// # Errors
    /// When it is malformed, or the two differ.
    pub fn image_digest(&self) -> Result<Option<String>, FileError> {
        let Some(image) = &self.image else {
            return Ok(None);
        };
        let referenced = image.reference.split_once('@').map(|(_, digest)| digest);
        let beside = image.digest.as_deref();
        for digest in [referenced, beside].into_iter().flatten() {
            digest
                .parse::<bailiwick_config::Digest>()
                .map_err(|_| FileError::Digest)?;
        }
        match (referenced, beside) {
            (Some(one), Some(other)) if one != other => Err(FileError::OtherDigest),
            (one, other) => Ok(one.or(other).map(ToOwned::to_owned)),
        }
    }

    /// What the server was run from or found at.
    pub fn origin(&self) -> Origin {
        Origin {
            image: self.image.as_ref().map(|image| image.reference.clone()),
            args: self.args.clone(),
            command: self.command.clone(),
            url: self.url.clone(),
            service: self.service.clone(),
        }
    }

    fn origin_is_one(&self) -> Result<(), FileError> {
        let runs = self.image.is_some() || self.command.is_some();
        let origins = [runs, self.url.is_some(), self.service.is_some()];
        let one = origins.iter().filter(|there| **there).count() == 1;
        let args_fit = self.args.is_none() || self.image.is_some() && self.command.is_none();
        if one && args_fit {
            Ok(())
        } else {
            Err(FileError::Origin)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIT: &str = r#"{
  "command": [
    "mcp-server-git",
    "--repository",
    "."
  ],
  "protocol": "2025-11-25",
  "revision": "2026.10.19",
  "server": "git",
  "serverInfo": {
    "name": "mcp-git",
    "version": "2026.10.19"
  },
  "tools": [
    {
      "inputSchema": {
        "type": "object"
      },
      "name": "git_log"
    },
    {
      "inputSchema": {
        "type": "object"
      },
      "name": "git_status"
    }
  ]
}
"#;

    fn error(from: &str, to: &str) -> String {
        assert!(GIT.contains(from), "{from}");
        let broken = GIT.replacen(from, to, 1);
        DefinitionFile::parse(broken.as_bytes())
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn a_file_in_the_text_form_is_written_back_byte_for_byte() {
        let file = DefinitionFile::parse(GIT.as_bytes()).unwrap();
        assert_eq!(file.to_text().unwrap(), GIT);
    }

    #[test]
    fn tools_are_written_by_name() {
        let mut file = DefinitionFile::parse(GIT.as_bytes()).unwrap();
        file.tools.reverse();
        assert_eq!(file.to_text().unwrap(), GIT);
    }

    #[test]
    fn a_file_that_breaks_a_rule_says_which() {
        let missing = error("\"revision\": \"2026.10.19\",", "");
        assert!(missing.starts_with("missing field `revision`"), "{missing}");
        let unknown = error("\"server\"", "\"extra\": 1, \"server\"");
        assert!(unknown.starts_with("unknown field `extra`"), "{unknown}");
        let twice = error("\"protocol\"", "\"revision\": \"1\", \"protocol\"");
        assert!(
            twice.starts_with("member `revision` is there twice"),
            "{twice}"
        );
        let nested = error(
            "\"type\": \"object\"",
            "\"type\": \"object\", \"type\": \"array\"",
        );
        assert!(
            nested.starts_with("member `type` is there twice"),
            "{nested}"
        );
        assert_eq!(
            error("git_status", "git_log"),
            "tool `git_log` is there twice"
        );
        assert_eq!(
            error("\"name\": \"git_log\"", "\"title\": \"git_log\""),
            "entry 0 of `tools` is not an object with a `name`"
        );
        let origin = "needs one origin: `image`, `command`, `url` or `service`";
        assert_eq!(
            error(
                "\"protocol\"",
                "\"url\": \"https://x.example\", \"protocol\""
            ),
            origin
        );
        assert_eq!(error("\"command\"", "\"args\""), origin);
    }

    #[test]
    fn an_array_is_no_definition() {
        let definition = RawValue::from_string(r#"["git_log"]"#.to_owned()).unwrap();
        let mut file = DefinitionFile::parse(GIT.as_bytes()).unwrap();
        file.tools = vec![definition];
        assert!(matches!(
            file.tools_by_name(),
            Err(FileError::NamelessTool(0))
        ));
    }

    #[test]
    fn the_digest_comes_from_either_place_and_must_agree() {
        let one = format!("sha256:{}", "1".repeat(64));
        let two = format!("sha256:{}", "2".repeat(64));
        let digest = |reference: &str, digest: Option<&str>| {
            let mut file = DefinitionFile::parse(GIT.as_bytes()).unwrap();
            file.image = Some(LockedImage {
                digest: digest.map(ToOwned::to_owned),
                reference: reference.to_owned(),
            });
            file.image_digest().map_err(|error| error.to_string())
        };
        assert_eq!(digest("r.example/x:1", None), Ok(None));
        assert_eq!(digest("r.example/x:1", Some(&one)), Ok(Some(one.clone())));
        assert_eq!(
            digest(&format!("r.example/x:1@{one}"), None),
            Ok(Some(one.clone()))
        );
        assert_eq!(
            digest(&format!("r.example/x:1@{one}"), Some(&two)),
            Err(FileError::OtherDigest.to_string())
        );
        assert_eq!(
            digest("r.example/x:1", Some("sha256:1")),
            Err(FileError::Digest.to_string())
        );
    }

    #[test]
    fn the_file_is_beside_the_kdl_in_lock() {
        assert_eq!(
            path_of("catalogs/org.kdl", "git", "1"),
            "catalogs/lock/git@1.json"
        );
        assert_eq!(
            path_of("catalogs/a/b/c.kdl", "git", "1"),
            "catalogs/a/b/lock/git@1.json"
        );
    }
}
