//! Servers and their tools.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Bound;

use crate::source::{At, FileId, Loc};

use super::{
    ArgumentPath, Auth, Limit, Name, Probe, Propagation, Record, Relayed, Resources, Retry,
    ToolPattern, ToolSettings,
};

/// An OCI reference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ImageReference {
    /// As written.
    pub text: String,
    /// Registry and repository.
    pub repository: String,
    /// Tag.
    pub tag: Option<String>,
    /// Digest, `sha256:...`.
    pub digest: Option<String>,
}

/// An MCP server and its tools.
#[derive(Clone, Debug)]
pub struct Server {
    /// Its name.
    pub name: At<Name>,
    /// The team that owns it.
    pub team: At<Name>,
    /// What it is, for people.
    pub describe: Option<String>,
    /// What a patch may replace.
    pub settings: ServerSettings,
    /// What the audit log keeps of calls to it.
    pub record: Option<Record>,
    /// Persistent volumes.
    pub volumes: Vec<Volume>,
    /// Writable emptyDirs.
    pub scratch: Vec<Volume>,
    /// User and group id of its processes, never root.
    pub run_as: Option<At<u32>>,
    /// How the cluster asks whether it is ready and alive.
    pub probe: Option<At<Probe>>,
    /// Secret that its image is pulled with.
    pub pull_secret: Option<At<Name>>,
    /// Which of its requests may reach the caller.
    pub relay: Option<At<BTreeSet<Relayed>>>,
    /// How the caller is told to it.
    pub propagate: Option<At<Propagation>>,
    /// Other teams that may be granted its tools.
    pub visible_to: Visibility,
    /// Defaults of its tools.
    pub tool_defaults: ToolDefaults,
    /// Its tools, by name.
    pub tools: BTreeMap<Name, Tool>,
    /// The file that defines it; its lock files are in `lock/` beside it.
    pub file: FileId,
    /// The node.
    pub loc: Loc,
}

impl Server {
    /// What a tool does. What nobody classified is taken for the worst, unless there is a mistake that is
    /// reported where it would be.
    pub fn effect(&self, tool: &Tool) -> Effect {
        let (own, defaults) = (&tool.facts, &self.tool_defaults.facts);
        match own.effect.as_ref().or(defaults.effect.as_ref()) {
            Some(effect) => effect.value,
            None if self.is_unclear(tool) => Effect::Read,
            None => Effect::Destructive,
        }
    }

    /// Whether what says the facts of a tool has a mistake, which is reported.
    pub(crate) fn is_unclear(&self, tool: &Tool) -> bool {
        tool.facts.is_broken || self.tool_defaults.facts.is_broken
    }

    /// Its tools that the pattern covers.
    pub(crate) fn matching<'s>(
        &'s self,
        pattern: &'s ToolPattern,
    ) -> impl Iterator<Item = (&'s Name, &'s Tool)> {
        let (start, exact) = match pattern {
            ToolPattern::Exact(tool) => (&**tool, true),
            ToolPattern::Prefix(prefix) => (prefix.as_str(), false),
        };
        let from = (Bound::Included(start), Bound::Unbounded);
        let following = self.tools.range::<str, _>(from);
        following.take_while(move |(tool, _)| {
            if exact {
                ***tool == *start
            } else {
                tool.starts_with(start)
            }
        })
    }
}

/// The settings of a server that an environment may replace. Absent means unwritten.
#[derive(Clone, Debug, Default)]
pub struct ServerSettings {
    /// Revision where no tag gives it.
    pub version: Option<At<String>>,
    /// Container image.
    pub image: Option<At<ImageReference>>,
    /// Arguments of the image.
    pub args: Option<At<Vec<String>>>,
    /// Program and arguments of a stdio server.
    pub command: Option<At<Vec<String>>>,
    /// Remote https URL.
    pub url: Option<At<String>>,
    /// Namespace and name of a Service that exists.
    pub service: Option<At<(String, String)>>,
    /// How it speaks.
    pub transport: Option<At<Transport>>,
    /// Plain environment variables.
    pub env: BTreeMap<String, At<String>>,
    /// Environment variables from Secrets.
    pub secrets: BTreeMap<String, At<SecretKey>>,
    /// Where its pod may connect, all `egress` lines together.
    pub egress: Vec<At<Egress>>,
    /// What its container asks for.
    pub resources: Option<At<Resources>>,
    /// How dispatch authenticates to it.
    pub auth: Option<At<Auth>>,
    /// Counts all calls to it.
    pub limit: Option<Limit>,
    /// Milliseconds.
    pub timeout: Option<At<u64>>,
    /// Further tries of its tools that a second call does no harm.
    pub retry: Option<Retry>,
}

impl ServerSettings {
    /// The Secret with the bearer token that dispatch sends it, and where that is written.
    pub fn bearer(&self) -> Option<(&SecretKey, Loc)> {
        let auth = self.auth.as_ref()?;
        match &auth.value {
            Auth::Bearer(secret) => Some((secret, auth.loc)),
            Auth::None | Auth::TokenExchange(_) | Auth::ClientCredentials(_) => None,
        }
    }
}

/// How a server speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transport {
    /// Standard input and output, behind the bridge; else streamable HTTP.
    pub stdio: bool,
    /// TCP port.
    pub port: u16,
    /// HTTP path.
    pub path: String,
}

/// A key of a Secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretKey {
    /// Name of the Secret.
    pub secret: Name,
    /// Key in it.
    pub key: String,
}

/// Where a pod may connect.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Egress {
    /// A host name; `*.suffix` matches its subdomains; `*` is any host.
    Host(String, u16),
    /// An address or range in CIDR form.
    Cidr(String, u16),
    /// Pods of a Service in the cluster.
    Service {
        /// Namespace.
        namespace: String,
        /// Label key and value of its pods.
        pods: (String, String),
        /// Port.
        port: u16,
    },
}

impl fmt::Display for Egress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host(host, port) | Self::Cidr(host, port) => write!(f, "{host}:{port}"),
            Self::Service {
                namespace,
                pods: (label, value),
                port,
            } => write!(f, "{namespace}/{label}={value}:{port}"),
        }
    }
}

/// A path in the container and its size, Kubernetes quantity.
#[derive(Clone, Debug)]
pub struct Volume {
    /// Absolute path.
    pub path: At<String>,
    /// Size.
    pub size: String,
}

/// Teams that may be granted a server's tools.
#[derive(Clone, Debug)]
pub enum Visibility {
    /// The owner and these.
    Teams(Vec<At<Name>>),
    /// Every team.
    Everyone,
}

/// What a tool does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// Changes nothing.
    Read,
    /// Changes something.
    Write,
    /// Destroys something.
    Destructive,
}

/// Facts of a tool as written; absent means unwritten.
#[derive(Clone, Debug, Default)]
pub struct ToolFacts {
    /// What it does.
    pub effect: Option<At<Effect>>,
    /// Most sensitive data class it returns.
    pub reads: Option<At<Name>>,
    /// Whether strangers can write what it returns: `true` is untrusted.
    pub untrusted: Option<At<bool>>,
    /// How far its arguments travel: `none`, `internal`, `external`.
    pub sends: Option<At<Name>>,
    /// Whether a second call does no harm.
    pub repeat_safe: Option<At<bool>>,
    /// Whether the line has a mistake, so that what it does not say may be what is wrong in it.
    pub is_broken: bool,
}

/// `tool-defaults`
#[derive(Clone, Debug, Default)]
pub struct ToolDefaults {
    /// Facts.
    pub facts: ToolFacts,
    /// Counts calls of one agent to one tool.
    pub limit: Option<Limit>,
}

/// One tool.
#[derive(Clone, Debug)]
pub struct Tool {
    /// Its name at the server.
    pub name: At<Name>,
    /// Facts as written here.
    pub facts: ToolFacts,
    /// Exposed name instead of `<server>_<tool>`.
    pub exposed: Option<At<Name>>,
    /// What a patch may replace.
    pub settings: ToolSettings,
    /// Arguments that the audit log keeps no text of.
    pub sensitive: Vec<At<ArgumentPath>>,
    /// What the audit log keeps of its calls.
    pub record: Option<Record>,
    /// The node.
    pub loc: Loc,
}
