//! A recorded list of tools: JSON with `tools`, and what else the recorder kept of the server.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{FileError, Listing, Origin, ServerInfo, json};

/// Spoken where a recording does not say otherwise: the first version of the protocol.
const OLDEST_PROTOCOL: &str = "2024-11-05";

/// A recorded list of tools.
#[derive(Clone, Debug)]
pub struct Recording {
    /// What the server said.
    pub listing: Listing,
    /// What it was run from or found at; empty when the recording does not say.
    pub origin: Origin,
    /// Its revision: what the recording says, else what the server says of itself.
    pub revision: Option<String>,
    /// The variables that it was run with.
    pub variables: BTreeMap<String, String>,
}

/// The members that we know, wherever the recorder put them; all others are left alone.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    args: Option<Vec<String>>,
    command: Option<Vec<String>>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    image: Option<Image>,
    initialize: Option<Initialize>,
    instructions: Option<String>,
    protocol: Option<String>,
    result: Option<Tools>,
    revision: Option<String>,
    server_info: Option<Info>,
    service: Option<String>,
    tools: Option<Vec<Box<RawValue>>>,
    url: Option<String>,
    version: Option<String>,
}

#[derive(Deserialize)]
struct Tools {
    tools: Vec<Box<RawValue>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Initialize {
    instructions: Option<String>,
    protocol_version: Option<String>,
    server_info: Option<Info>,
}

/// What a server says it is; it may say more than we keep.
#[derive(Deserialize)]
struct Info {
    name: String,
    title: Option<String>,
    version: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Image {
    Reference(String),
    Locked { reference: String },
}

impl Recording {
    /// Largest recording, bytes.
    pub const MAX_BYTES: u64 = 8 * 1024 * 1024;

    /// Reads a recording: the object that `tools/list` answers, with or without its JSON-RPC
    /// envelope, a definition file, or either with `command`, `url` or `image`, `env`, `version` and
    /// the answer to `initialize` beside it.
    ///
    /// # Errors
    /// When it is not such a JSON object, or says a thing twice.
    pub fn parse(bytes: &[u8]) -> Result<Self, FileError> {
        let text =
            std::str::from_utf8(bytes).map_err(|error| FileError::Encoding(error.valid_up_to()))?;
        json::check(text)?;
        let file: File = serde_json::from_str(text)?;
        let tools = file
            .tools
            .or_else(|| Some(file.result?.tools))
            .ok_or(FileError::NoTools)?;
        let (instructions, protocol, info) = match file.initialize {
            Some(said) => (said.instructions, said.protocol_version, said.server_info),
            None => (None, None, None),
        };
        let server_info = file.server_info.or(info).map(|info| ServerInfo {
            name: info.name,
            title: info.title,
            version: info.version,
        });
        let said = server_info.as_ref().map(|info| info.version.clone());
        Ok(Self {
            revision: file.revision.or(file.version).or(said),
            listing: Listing {
                instructions: file.instructions.or(instructions),
                protocol: file
                    .protocol
                    .or(protocol)
                    .unwrap_or_else(|| OLDEST_PROTOCOL.to_owned()),
                server_info,
                tools,
            },
            origin: Origin {
                image: file.image.map(|image| match image {
                    Image::Reference(reference) | Image::Locked { reference } => reference,
                }),
                args: file.args,
                command: file.command,
                url: file.url,
                service: file.service,
            },
            variables: file.env,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Recording {
        Recording::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn a_bare_answer_has_tools_and_nothing_else() {
        for text in [
            r#"{"tools":[{"name":"a"}]}"#,
            r#"{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"a"}]}}"#,
        ] {
            let recording = parse(text);
            assert_eq!(recording.listing.tools[0].get(), r#"{"name":"a"}"#);
            assert_eq!(recording.origin, Origin::default());
            assert_eq!(recording.revision, None);
        }
    }

    #[test]
    fn what_stands_beside_the_tools_is_used() {
        let recording = parse(
            r#"{"command":["x","y"],"env":{"A":"b"},"version":"2","extra":[],
               "initialize":{"protocolVersion":"2025-11-25","instructions":"do","serverInfo":
               {"name":"n","version":"1","icons":[]}},"tools":[]}"#,
        );
        assert_eq!(recording.revision.as_deref(), Some("2"));
        assert_eq!(recording.listing.protocol, "2025-11-25");
        assert_eq!(recording.listing.instructions.as_deref(), Some("do"));
        assert_eq!(recording.listing.server_info.unwrap().name, "n");
        assert_eq!(recording.origin.command.unwrap(), ["x", "y"]);
        assert_eq!(recording.variables["A"], "b");
    }

    #[test]
    fn what_is_no_recording_is_refused() {
        for text in [
            "",
            "[]",
            "{}",
            r#"{"tools":[],"tools":[]}"#,
            r#"{"tools":[{"a":1,"a":2}]}"#,
        ] {
            assert!(Recording::parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
