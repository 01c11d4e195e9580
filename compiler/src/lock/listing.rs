//! What a server said of itself and its tools at one moment, and the definition file made of it.

use serde_json::value::RawValue;

use super::{DefinitionFile, LockedImage, Origin, ServerInfo};

/// What a server says of itself and its tools.
#[derive(Clone, Debug)]
pub struct Listing {
    /// What it tells models about itself.
    pub instructions: Option<String>,
    /// MCP version that was spoken.
    pub protocol: String,
    /// What it says it is.
    pub server_info: Option<ServerInfo>,
    /// Complete definitions as it gave them (MCP `Tool` objects).
    pub tools: Vec<Box<RawValue>>,
}

impl Listing {
    /// The definition file of a server's revision with these tools. `digest` is that of the image,
    /// where it is known.
    pub fn locked(
        &self,
        server: &str,
        revision: &str,
        origin: &Origin,
        digest: Option<String>,
    ) -> DefinitionFile {
        DefinitionFile {
            args: origin.args.clone(),
            command: origin.command.clone(),
            image: origin
                .image
                .clone()
                .map(|reference| LockedImage { digest, reference }),
            instructions: self.instructions.clone(),
            protocol: self.protocol.clone(),
            revision: revision.to_owned(),
            server: server.to_owned(),
            server_info: self.server_info.clone(),
            service: origin.service.clone(),
            tools: self.tools.clone(),
            url: origin.url.clone(),
        }
    }
}
