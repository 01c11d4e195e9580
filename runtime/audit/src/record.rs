//! One line of the log: every member that it can have, and its canonical bytes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::chain::{self, Leaf};
use crate::commitment::Commitments;

/// The format version that this crate writes and reads.
pub const VERSION: u32 = 1;
/// Longest line, bytes, without its line feed.
pub const MAX_RECORD: usize = 16 * 1024;
/// Longest text that a record keeps, bytes; what is longer is cut and ends in `…`.
pub const MAX_TEXT: usize = 512;
/// Largest integer that every JSON reader keeps exactly.
const MAX_INTEGER: u64 = (1 << 53) - 1;

/// One record. Which members it has depends on its [`Kind`]; the format page says which.
///
/// INVARIANT: here and in the structs below, members are declared in the order of RFC 8785 (by
/// UTF-16 code units of their written names), so that plain serialization is canonical.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Commitments to the arguments of a call.
    #[serde(rename = "args", default, skip_serializing_if = "Option::is_none")]
    pub arguments: Option<Commitments>,
    /// Index of the first record of the batch that became durable together with this one.
    #[serde(rename = "b")]
    pub batch: u64,
    /// Random name of the run of the server that wrote the record.
    pub boot: String,
    /// Name and version of the program, at its start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build: Option<String>,
    /// Size of a result, bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Call id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<String>,
    /// Digest of the configuration in force.
    #[serde(rename = "cfg", default, skip_serializing_if = "Option::is_none")]
    pub config: Option<String>,
    /// What recovery cut off, at a start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut: Option<Cut>,
    /// Index of the record, from 0, without holes.
    #[serde(rename = "i")]
    pub index: u64,
    /// Who called.
    #[serde(rename = "id", default, skip_serializing_if = "Option::is_none")]
    pub caller: Option<Caller>,
    /// What kind of record this is.
    #[serde(rename = "k")]
    pub kind: Kind,
    /// What was called.
    #[serde(rename = "mcp", default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// Leaf hash of the line before; of the origin, for the first.
    pub prev: String,
    /// Why, as one word of the runtime's list of reasons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How many refusals were only counted, by reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<BTreeMap<String, u64>>,
    /// How a call ended.
    #[serde(rename = "res", default, skip_serializing_if = "Option::is_none")]
    pub result: Option<CallResult>,
    /// When, UTC with microseconds.
    #[serde(rename = "t")]
    pub time: String,
    /// W3C `traceparent` of the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
    /// How long a call took, microseconds.
    #[serde(rename = "us", default, skip_serializing_if = "Option::is_none")]
    pub micros: Option<u64>,
    /// Format version, see [`VERSION`].
    #[serde(rename = "v")]
    pub version: u32,
    /// The seal: leaf hash of the line up to here. Written when the record is encoded.
    #[serde(rename = "z", default, skip_serializing)]
    pub seal: String,
}

/// Kinds of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The server started.
    Boot,
    /// Another configuration came into force, or was refused.
    Config,
    /// A call was refused.
    Deny,
    /// A call is about to go to its server.
    Intent,
    /// A call ended.
    Outcome,
    /// Refusals that were counted, not written one by one.
    Gap,
    /// The server stopped in good order.
    Stop,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallResult {
    /// The tool answered.
    Ok,
    /// The tool answered that it failed (`isError`).
    ToolError,
    /// The deadline passed.
    Timeout,
    /// The caller went away or cancelled.
    Cancelled,
    /// The server could not be reached, or its answer could not be passed on.
    UpstreamError,
    /// The dispatch server ended before the call did.
    Unknown,
}

/// Who called, as the verified token says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Caller {
    /// The agent's name in the catalog.
    pub agent: String,
    /// The token's issuer.
    pub iss: String,
    /// The token's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jti: Option<String>,
    /// The person behind an agent that is matched by group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// The pod's unique id, of a Kubernetes token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pod: Option<String>,
    /// The token's subject.
    pub sub: String,
}

/// What was called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// The name that the agent used, where it differs from `tool`.
    #[serde(rename = "as", default, skip_serializing_if = "Option::is_none")]
    pub exposed: Option<String>,
    /// Digest of the locked definition.
    #[serde(rename = "def", default, skip_serializing_if = "Option::is_none")]
    pub definition: Option<String>,
    /// The server's name in the catalog; absent when the agent has no such tool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// The tool's name at the server; as the agent wrote it when it has no such tool.
    pub tool: String,
}

/// What recovery cut off a log's end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cut {
    /// How many bytes.
    pub bytes: u64,
    /// Where they are now, below the log's folder.
    pub file: String,
}

impl Record {
    /// Appends the sealed line to `out`, without a line feed.
    pub(crate) fn encode(&self, out: &mut Vec<u8>) -> Result<Leaf, serde_json::Error> {
        let start = out.len();
        serde_json::to_writer(&mut *out, self)?;
        Ok(chain::seal(out, start))
    }

    /// Keeps the record inside the limits of the format: texts are cut, numbers are capped.
    pub(crate) fn bound(&mut self) {
        let texts = [&mut self.build, &mut self.call, &mut self.config]
            .into_iter()
            .chain([&mut self.reason, &mut self.trace]);
        texts.flatten().for_each(shorten);
        if let Some(caller) = &mut self.caller {
            let optional = [&mut caller.jti, &mut caller.person, &mut caller.pod];
            let always = [&mut caller.agent, &mut caller.iss, &mut caller.sub];
            optional
                .into_iter()
                .flatten()
                .chain(always)
                .for_each(shorten);
        }
        if let Some(target) = &mut self.target {
            let optional = [
                &mut target.exposed,
                &mut target.definition,
                &mut target.server,
            ];
            let all = optional.into_iter().flatten().chain([&mut target.tool]);
            all.for_each(shorten);
        }
        let numbers = [&mut self.bytes, &mut self.micros].into_iter().flatten();
        let counts = self.refused.iter_mut().flat_map(BTreeMap::values_mut);
        let sizes = self
            .arguments
            .iter_mut()
            .map(|commitments| &mut commitments.bytes);
        numbers
            .chain(counts)
            .chain(sizes)
            .for_each(|number| *number = (*number).min(MAX_INTEGER));
    }
}

fn shorten(text: &mut String) {
    const MARK: char = '…';
    if text.len() > MAX_TEXT {
        let end = text.floor_char_boundary(MAX_TEXT - MARK.len_utf8());
        text.truncate(end);
        text.push(MARK);
    }
}
