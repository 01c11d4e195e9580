//! The contract between the compiler, which writes it, and the dispatch server, which obeys it.
//!
//! A configuration is one `config.json` ([`Config`]) and one file of tool definitions per server
//! ([`Definitions`]). It is loaded whole or not at all: `config.json` holds the SHA-256 of each
//! definitions file and its own. Everything in it is resolved; the dispatch server looks up, it
//! never decides.

mod digest;
mod layout;
mod sorted;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

pub use digest::{Digest, DigestError, canonical_json};
pub use layout::{indented, indented_length};

/// The contract version that this crate writes.
pub const VERSION: u32 = 1;

/// Name of the file that holds the [`Config`].
pub const CONFIG_FILE: &str = "config.json";

/// Everything the dispatch server of one environment does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Config {
    /// Contract version; see [`VERSION`].
    pub version: u32,
    /// SHA-256 over the RFC 8785 form of this object without this member.
    pub digest: Digest,
    /// Name of the organisation, first part of the audit log's origin.
    pub catalog: String,
    /// Name of the environment, second part of the audit log's origin.
    pub environment: String,
    /// Where agents find the MCP endpoint.
    pub endpoint: Endpoint,
    /// Whose tokens are accepted, by the issuer's name.
    pub issuers: BTreeMap<String, Issuer>,
    /// Who may call what, by the agent's name.
    pub agents: BTreeMap<String, Agent>,
    /// Where calls go, by the server's name.
    pub servers: BTreeMap<String, Server>,
}

/// The public MCP endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Endpoint {
    /// Public URL: allowed Host and Origin, RFC 9728 resource. Its path is the MCP path.
    pub url: String,
    /// Certificate and key, PEM files; absent means plain HTTP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<Tls>,
}

/// Files with the certificate chain and its private key, read again when they change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Tls {
    /// PEM file with the certificate chain, leaf first.
    pub certificate: String,
    /// PEM file with the private key.
    pub key: String,
}

/// An issuer of tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Issuer {
    /// Which rules its tokens must keep.
    pub kind: IssuerKind,
    /// Exact value of the `iss` claim.
    pub url: String,
    /// Value that the `aud` claim must contain.
    pub audience: String,
    /// Where its keys come from.
    pub jwks: Jwks,
    /// PEM file with the certificate authorities to trust where its keys are fetched, read anew for each fetch; absent
    /// means those that dispatch trusts anyway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<String>,
    /// Longest accepted lifetime (`exp` - `iat`), seconds.
    pub max_age: u64,
}

/// Kinds of issuers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum IssuerKind {
    /// Kubernetes projected service account tokens.
    Kubernetes,
    /// Any OpenID Connect issuer.
    Oidc,
}

/// Where an issuer's keys come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", tag = "from")]
pub enum Jwks {
    /// OpenID Connect discovery below the issuer's URL.
    Discovery,
    /// A fixed https URL.
    Url {
        /// The URL of the key set.
        url: String,
    },
    /// A key set written here; nothing is fetched.
    Inline {
        /// The JWK set (RFC 7517), as an object with `keys`.
        keys: serde_json::Value,
    },
}

/// One agent: how it proves who it is, and all it may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Agent {
    /// The team that owns it; named in refusals where it has no `owners`.
    pub team: String,
    /// Groups of people that answer for the team; named in refusals.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<String>,
    /// How it proves who it is.
    pub identity: Identity,
    /// Counts all calls of this agent.
    #[serde(default)]
    pub limit: Limit,
    /// What it may call, by the exposed name.
    pub tools: BTreeMap<String, Permission>,
}

/// How an agent proves who it is. Two agents never share one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", tag = "kind")]
pub enum Identity {
    /// A Kubernetes service account.
    #[serde(rename_all = "camelCase")]
    Kubernetes {
        /// Name of the issuer.
        issuer: String,
        /// Namespace of the service account.
        namespace: String,
        /// Name of the service account.
        service_account: String,
    },
    /// One subject of an OpenID Connect issuer.
    Subject {
        /// Name of the issuer.
        issuer: String,
        /// Value of the `sub` claim.
        subject: String,
        /// Value that `azp` or `client_id` must have.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client: Option<String>,
    },
    /// Every member of a group, through one client. A subject match goes before a group match.
    Group {
        /// Name of the issuer.
        issuer: String,
        /// Value that the `groups` claim must contain.
        group: String,
        /// Value that `azp` or `client_id` must have.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client: Option<String>,
    },
}

/// What one agent may do with one tool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Permission {
    /// Name of the server in [`Config::servers`].
    pub server: String,
    /// The tool's name at the server.
    pub tool: String,
    /// Counts calls of this agent to this tool.
    pub limit: Limit,
    /// Largest arguments, bytes of JSON.
    pub max_args: u64,
    /// Largest result, bytes of JSON.
    pub max_result: u64,
    /// Deadline of one call, milliseconds.
    pub timeout: u64,
    /// Last day (UTC, `YYYY-MM-DD`) on which the permission holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// What the tool does, as the catalog declares it.
    pub effect: Effect,
    /// What the agent sees as `inputSchema`, and what its arguments must fit, where they are narrowed; absent means the
    /// definition's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_schema: Option<serde_json::Value>,
    /// Arguments that the agent does not send: they are put into each call. Only beside `inputSchema`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fixed: Vec<FixedArgument>,
}

/// An argument that has one value, whoever calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct FixedArgument {
    /// Names of nested properties, outermost first; what it stands in is sent by the agent.
    pub path: Vec<String>,
    /// Its value.
    pub value: serde_json::Value,
}

/// What a tool does.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Changes nothing.
    Read,
    /// Changes something that can be undone.
    Write,
    /// Destroys something, or nobody said what it does.
    Destructive,
}

/// A counter; an absent part does not limit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Limit {
    /// Token bucket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
    /// Calls in flight at the same time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrent: Option<u32>,
}

/// A token bucket of `burst` calls, refilled at `calls` in `per` milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Rate {
    /// Calls, at least 1.
    pub calls: u32,
    /// Window, milliseconds, at least 1.
    pub per: u64,
    /// Size of the bucket, at least 1.
    pub burst: u32,
}

/// An MCP server: where it is, and what was locked of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Server {
    /// URL of its streamable HTTP endpoint. Dispatch goes nowhere else.
    pub url: String,
    /// Locked revision.
    pub revision: String,
    /// Counts all calls to this server, by everybody.
    #[serde(default)]
    pub limit: Limit,
    /// How dispatch authenticates to it.
    #[serde(default)]
    pub auth: Auth,
    /// Its definitions file.
    pub definitions: DefinitionsFile,
}

/// How dispatch authenticates to a server. The caller's own token is never sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", tag = "kind")]
pub enum Auth {
    /// Not at all.
    #[default]
    None,
    /// With a bearer token from a file, read again when it changes.
    #[serde(rename_all = "camelCase")]
    Bearer {
        /// The file; white space around the token is ignored.
        token_file: String,
    },
}

/// A reference to a definitions file beside `config.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct DefinitionsFile {
    /// File name, `<server>.json`; no folders.
    pub file: String,
    /// SHA-256 of the file's bytes.
    pub sha256: Digest,
}

/// The locked definitions of one server: granted tools only.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Definitions {
    /// Name of the server.
    pub server: String,
    /// Locked revision.
    pub revision: String,
    /// The definition of each granted tool as the server gave it (an MCP `Tool` object), by the
    /// tool's name at the server.
    pub tools: BTreeMap<String, Box<RawValue>>,
}
