//! The catalog as declared: every definition with the place it was written, nothing resolved yet.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::source::{At, FileId, Loader, Loc};

mod authority;
pub(crate) mod files;
pub(crate) mod lower;
pub(crate) mod origin;
mod references;
mod visibility;

/// The declared catalog of all files. Mistakes go to `found`.
pub(crate) fn declare(
    files: &files::Files,
    loader: &dyn Loader,
    found: &mut Vec<Diagnostic>,
) -> Catalog {
    let catalog = lower::lower(&files.files, loader, found);
    authority::check(&catalog, &files.files, found);
    visibility::check(&catalog, found);
    // What nothing seems to declare may be declared in what could not be read.
    if !files.is_partial {
        let folders = authority::unknown_folders(&catalog, &files.files, found);
        references::check(&catalog, &folders, found);
    }
    catalog
}

/// A name in the catalog: `[a-z][a-z0-9-]{0,39}`, no `--`, no trailing `-`. Also used for other
/// short texts with rules of their own, such as tool names; the type of the field says which.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Arc<str>);

impl Name {
    /// Wraps text that was held against its rules by the grammar.
    pub(crate) fn trusted(text: &str) -> Self {
        Self(text.into())
    }
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

/// Kinds of named things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `group`
    Group,
    /// `team`
    Team,
    /// `environment`
    Environment,
    /// `issuer`
    Issuer,
    /// `server`
    Server,
    /// `role`
    Role,
    /// `agent`
    Agent,
}

/// All that the sources declare.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    /// The organisation; none when the `catalog` node is missing or broken (reported).
    pub name: Option<At<Name>>,
    /// Groups of people.
    pub groups: BTreeMap<Name, Group>,
    /// Teams and where they are declared.
    pub teams: BTreeMap<Name, At<Name>>,
    /// Deployment targets.
    pub environments: BTreeMap<Name, Target>,
    /// MCP servers.
    pub servers: BTreeMap<Name, Server>,
    /// Named sets of tools.
    pub roles: BTreeMap<Name, Role>,
    /// Callers.
    pub agents: BTreeMap<Name, Agent>,
    /// What is live.
    pub overlays: Vec<Overlay>,
    /// Assertions.
    pub tests: Vec<Test>,
    /// Exceptions that people accepted.
    pub suppressions: Vec<Suppression>,
    /// Names whose definition had a mistake: references to them are not reported.
    pub poisoned: BTreeSet<(Kind, Name)>,
}

/// A group of people at the identity provider.
#[derive(Clone, Debug)]
pub struct Group {
    /// Its name here.
    pub name: At<Name>,
    /// Its name in a token's `groups` claim.
    pub idp: String,
}

/// How much an environment matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// Development.
    #[default]
    Dev,
    /// Before production.
    Stage,
    /// Production.
    Prod,
}

/// What holds `egress`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Network {
    /// `NetworkPolicy`.
    #[default]
    Kubernetes,
    /// `CiliumNetworkPolicy`, which can match host names.
    Cilium,
}

/// An environment as declared.
#[derive(Clone, Debug)]
pub struct Target {
    /// Its name.
    pub name: At<Name>,
    /// How much it matters.
    pub tier: Tier,
    /// The environment that comes before it.
    pub after: Option<At<Name>>,
    /// Kubernetes namespace.
    pub namespace: At<Name>,
    /// What holds `egress`.
    pub network: Network,
    /// Ceilings.
    pub deny: Vec<Deny>,
    /// Whose tokens are accepted, by name.
    pub issuers: BTreeMap<Name, Issuer>,
    /// The dispatch server; none: for `bailiwick dev` only.
    pub dispatch: Option<Dispatch>,
    /// Default and ceiling.
    pub limit: Option<Limit>,
    /// Default and ceiling, milliseconds.
    pub timeout: Option<At<u64>>,
}

/// A ceiling: what no grant may touch.
#[derive(Clone, Debug)]
pub struct Deny {
    /// The tools.
    pub patterns: Vec<At<Pattern>>,
    /// Why.
    pub reason: String,
    /// The node.
    pub loc: Loc,
}

/// Tools by server and name; `None` is any.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pattern {
    /// The server, or any.
    pub server: Option<Name>,
    /// Which of its tools.
    pub tool: ToolPattern,
}

/// The part of a pattern after the colon.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ToolPattern {
    /// Exactly this tool.
    Exact(Name),
    /// Every tool whose name starts so; empty for `*`.
    Prefix(String),
}

/// Kinds of issuers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum IssuerKind {
    /// Kubernetes.
    Kubernetes,
    /// OpenID Connect.
    Oidc,
}

/// Whose tokens are accepted.
#[derive(Clone, Debug)]
pub struct Issuer {
    /// Its name.
    pub name: At<Name>,
    /// Its kind.
    pub kind: IssuerKind,
    /// Its `iss`.
    pub url: At<String>,
    /// Its `aud`; none: the dispatch URL.
    pub audience: Option<At<String>>,
    /// Where its keys are.
    pub jwks: JwksSource,
    /// Longest accepted lifetime, seconds.
    pub max_age: u64,
}

/// Where an issuer's keys are.
#[derive(Clone, Debug)]
pub enum JwksSource {
    /// Discovery at its URL.
    Discovery,
    /// An https URL.
    Url(At<String>),
    /// A file relative to the `.kdl`, read at build: its path and the key set.
    File(At<String>, serde_json::Value),
}

/// The dispatch server of an environment.
#[derive(Clone, Debug)]
pub struct Dispatch {
    /// Image of dispatch and bridge.
    pub image: At<ImageReference>,
    /// Public URL.
    pub url: At<String>,
    /// Replicas, 1 to 9.
    pub replicas: At<u32>,
    /// How it serves TLS.
    pub tls: At<TlsSource>,
    /// Size of the audit volume, Kubernetes quantity.
    pub audit_volume: String,
    /// Subjects that may change what is generated.
    pub deployers: Vec<At<Deployer>>,
    /// The node.
    pub loc: Loc,
}

/// How dispatch serves TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TlsSource {
    /// Not at all.
    None,
    /// From a Secret of type `kubernetes.io/tls`.
    Secret(Name),
    /// From a cert-manager issuer.
    Issuer {
        /// Its name.
        name: Name,
        /// Whether it is a `ClusterIssuer` (else an `Issuer`).
        cluster: bool,
    },
}

/// Who may change what is generated.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deployer {
    /// A Kubernetes user name.
    User(String),
    /// A group of the cluster.
    Group(String),
}

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
    /// What a patch may replace.
    pub settings: ServerSettings,
    /// Persistent volumes.
    pub volumes: Vec<Volume>,
    /// Writable emptyDirs.
    pub scratch: Vec<Volume>,
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
    /// Counts all calls to it.
    pub limit: Option<Limit>,
    /// Milliseconds.
    pub timeout: Option<At<u64>>,
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
    /// Counts calls of one agent to it.
    pub limit: Option<Limit>,
    /// Milliseconds.
    pub timeout: Option<At<u64>>,
    /// The node.
    pub loc: Loc,
}

/// A `limit` node, field by field as written.
#[derive(Clone, Debug)]
pub struct Limit {
    /// Calls and window in milliseconds.
    pub rate: Option<At<(u32, u64)>>,
    /// Bucket size.
    pub burst: Option<At<u32>>,
    /// Calls in flight.
    pub concurrent: Option<At<u32>>,
    /// Bytes.
    pub max_args: Option<At<u64>>,
    /// Bytes.
    pub max_result: Option<At<u64>>,
    /// The node.
    pub loc: Loc,
}

/// A named set of tools.
#[derive(Clone, Debug)]
pub struct Role {
    /// Its name.
    pub name: At<Name>,
    /// The team that owns it; none: the organisation's.
    pub team: Option<At<Name>>,
    /// The tools.
    pub allow: Vec<At<Pattern>>,
    /// Counts calls of one agent to one tool.
    pub limit: Option<Limit>,
    /// Milliseconds.
    pub timeout: Option<At<u64>>,
    /// The node.
    pub loc: Loc,
}

/// A caller.
#[derive(Clone, Debug)]
pub struct Agent {
    /// Its name.
    pub name: At<Name>,
    /// The team that owns it.
    pub team: At<Name>,
    /// How it proves who it is.
    pub identity: Option<At<Identity>>,
    /// Counts all its calls.
    pub limit: Option<Limit>,
    /// The node.
    pub loc: Loc,
}

/// How an agent proves who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// A Kubernetes service account.
    Kubernetes {
        /// Issuer; none: the environment's only one of the kind.
        issuer: Option<At<Name>>,
        /// Namespace.
        namespace: String,
        /// Name.
        service_account: String,
    },
    /// A subject or a group of an OpenID Connect issuer.
    Oidc {
        /// Issuer; none: the environment's only one of the kind.
        issuer: Option<At<Name>>,
        /// Who.
        who: OidcWho,
        /// `azp` or `client_id`.
        client: Option<String>,
    },
}

/// Who of an OpenID Connect issuer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OidcWho {
    /// The `sub` claim.
    Subject(String),
    /// A group of the catalog.
    Group(At<Name>),
}

/// What is live in one environment, as one block says.
#[derive(Clone, Debug)]
pub struct Overlay {
    /// The environment.
    pub environment: At<Name>,
    /// Servers that run.
    pub deploys: Vec<Deploy>,
    /// Who may do what.
    pub grants: Vec<Grant>,
    /// Settings replaced here.
    pub patches: Vec<Patch>,
    /// The node.
    pub loc: Loc,
}

/// `deploy`
#[derive(Clone, Debug)]
pub struct Deploy {
    /// The servers.
    pub servers: Vec<At<Name>>,
    /// Replicas of each, when written.
    pub replicas: Option<At<u32>>,
    /// The node.
    pub loc: Loc,
}

/// `grant`
#[derive(Clone, Debug)]
pub struct Grant {
    /// Who.
    pub agent: At<Name>,
    /// What.
    pub what: Vec<At<Granted>>,
    /// Last day, `YYYY-MM-DD`.
    pub until: Option<At<String>>,
    /// Counts calls of one agent to one tool.
    pub limit: Option<Limit>,
    /// Milliseconds.
    pub timeout: Option<At<u64>>,
    /// The node.
    pub loc: Loc,
}

/// What a grant gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Granted {
    /// A role.
    Role(Name),
    /// Tools.
    Tools(Pattern),
}

/// `patch`
#[derive(Clone, Debug)]
pub struct Patch {
    /// What it changes, and how.
    pub change: Change,
    /// The node.
    pub loc: Loc,
}

/// The change of a patch.
#[derive(Clone, Debug)]
pub enum Change {
    /// Settings of a server.
    Server(At<Name>, Box<ServerSettings>),
    /// Settings of an agent.
    Agent(At<Name>, Option<At<Identity>>, Option<Limit>),
    /// Settings of a tool: server, tool.
    Tool(At<(Name, Name)>, Option<Limit>, Option<At<u64>>),
}

/// Assertions about one environment.
#[derive(Clone, Debug)]
pub struct Test {
    /// Its title.
    pub title: At<String>,
    /// The environment.
    pub environment: At<Name>,
    /// The assertions in the order written.
    pub assertions: Vec<Assertion>,
    /// The node.
    pub loc: Loc,
}

/// One assertion.
#[derive(Clone, Debug)]
pub struct Assertion {
    /// `can`, else `cannot`.
    pub can: bool,
    /// The agent; none is every agent.
    pub agent: Option<At<Name>>,
    /// The tools.
    pub patterns: Vec<At<Pattern>>,
    /// The node.
    pub loc: Loc,
}

/// `suppress`
#[derive(Clone, Debug)]
pub struct Suppression {
    /// The code.
    pub code: At<String>,
    /// Why.
    pub reason: String,
    /// Last day, `YYYY-MM-DD`.
    pub until: At<String>,
    /// The node that it stands in: findings whose subject is inside are accepted.
    pub scope: Loc,
    /// The node itself.
    pub loc: Loc,
}

impl Catalog {
    /// The settings of every server, as defined and as patches write them.
    pub(crate) fn server_settings(&self) -> impl Iterator<Item = &ServerSettings> {
        let patches = self.overlays.iter().flat_map(|overlay| &overlay.patches);
        let patched = patches.filter_map(|patch| match &patch.change {
            Change::Server(_, settings) => Some(&**settings),
            Change::Agent(..) | Change::Tool(..) => None,
        });
        self.servers
            .values()
            .map(|server| &server.settings)
            .chain(patched)
    }
}

impl Pattern {
    /// Whether the pattern covers this tool.
    pub fn matches(&self, server: &str, tool: &str) -> bool {
        self.server.as_deref().is_none_or(|own| own == server)
            && match &self.tool {
                ToolPattern::Exact(name) => &**name == tool,
                ToolPattern::Prefix(prefix) => tool.starts_with(prefix.as_str()),
            }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.server, &self.tool) {
            (None, ToolPattern::Prefix(prefix)) if prefix.is_empty() => f.write_str("*"),
            (None, ToolPattern::Prefix(prefix)) => write!(f, "*:{prefix}*"),
            (None, ToolPattern::Exact(tool)) => write!(f, "*:{tool}"),
            (Some(server), ToolPattern::Prefix(prefix)) => write!(f, "{server}:{prefix}*"),
            (Some(server), ToolPattern::Exact(tool)) => write!(f, "{server}:{tool}"),
        }
    }
}
