//! One environment, resolved: overlays and patches applied, patterns expanded, constraints intersected.

mod arguments;
mod conditions;
mod constraints;
mod deployed;
mod exposed;
mod identity;
mod limits;
mod lockable;
mod patch;
mod permissions;
mod reach;
mod resolve;
mod suspended;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub(crate) use arguments::narrow;
pub(crate) use conditions::is_repeat_safe;
pub use conditions::{
    DEFAULT_BACKOFF, DEFAULT_MAX_BACKOFF, DEFAULT_QUORUM, DEFAULT_TTL, RequiredApproval,
    ResolvedRecord, ResolvedRetry,
};
pub(crate) use deployed::command_without_image;
pub(crate) use exposed::MAX_EXPOSED;
pub(crate) use limits::{Bounds, Rate};
pub use limits::{DEFAULT_CONCURRENT, DEFAULT_MAX_ARGS, DEFAULT_MAX_RESULT, DEFAULT_TIMEOUT};
pub use lockable::{Lockable, lockable};
pub(crate) use reach::granted_patterns;
pub(crate) use resolve::{read_ahead, resolve};

use crate::diagnostic::{Check, Diagnostic};
use crate::lock::LockFile;
use crate::model::{Agent, Effect, Identity, Name, Narrowing, Server, Target, Tier, Tool};
use crate::narrowing::Arguments;
use crate::source::Loc;

/// An environment, resolved.
#[derive(Clone, Debug)]
pub struct Environment {
    /// What the catalog declares of it.
    pub target: Target,
    /// Name of the organisation.
    pub catalog: Name,
    /// Deployed servers that have their lock file, by name.
    pub servers: BTreeMap<Name, DeployedServer>,
    /// Servers that an overlay deploys here but that cannot be resolved, as without a lock file
    /// (reported); nothing of them is callable.
    pub unresolved: BTreeSet<Name>,
    /// Agents that are granted something here, by name.
    pub agents: BTreeMap<Name, GrantedAgent>,
    /// What is callable, by agent, server and tool.
    pub permissions: BTreeMap<(Name, Name, Name), Permission>,
    /// What would be callable, were it not suspended, by agent, server and tool.
    pub suspended: BTreeMap<(Name, Name, Name), SuspendedPermission>,
    /// What shadow grants would give, by agent, server and tool: neither reach nor constraints.
    pub shadows: BTreeMap<(Name, Name, Name), BTreeSet<Path>>,
    /// Written limits and timeouts that take part here, sorted by place.
    pub constraints: BTreeSet<Constraint>,
}

impl Environment {
    /// Its name.
    pub fn name(&self) -> &Name {
        &self.target.name.value
    }

    /// Whether a cluster runs it, else only `bailiwick dev`.
    pub fn is_cluster(&self) -> bool {
        self.target.dispatch.is_some()
    }

    /// A tool of a deployed server, as it is here.
    pub fn tool(&self, server: &str, tool: &str) -> Option<&Tool> {
        self.servers.get(server)?.server.tools.get(tool)
    }

    /// A finding about this environment.
    pub(crate) fn finding(
        &self,
        check: &'static Check,
        loc: Loc,
        message: impl Into<String>,
    ) -> Diagnostic {
        check
            .at(loc, message)
            .in_tier(self.name(), self.target.tier == Tier::Prod)
    }
}

/// A server in an environment, patches applied.
#[derive(Clone, Debug)]
pub struct DeployedServer {
    /// Definition after patches.
    pub server: Arc<Server>,
    /// Where it runs or is.
    pub origin: Origin,
    /// Revision.
    pub revision: String,
    /// What was locked of it.
    pub lock: Arc<LockFile>,
    /// All calls to it, by everybody.
    pub limit: ResolvedLimit,
    /// Replicas; 1 where nothing runs.
    pub replicas: u32,
    /// Where it is deployed.
    pub loc: Loc,
}

/// Where a server runs or is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A container that speaks HTTP itself.
    Image,
    /// A stdio program in a container, behind the bridge.
    ImageCommand,
    /// A stdio program of a laptop.
    Command,
    /// A remote URL.
    Url(String),
    /// A Service that exists: namespace, name.
    Service(String, String),
}

/// An agent in an environment, patches applied.
#[derive(Clone, Debug)]
pub struct GrantedAgent {
    /// Definition after patches.
    pub agent: Agent,
    /// Groups that answer for its team.
    pub owners: Vec<Name>,
    /// Its identity with the issuer's name filled in; none where no issuer is declared (laptop) or
    /// none was written.
    pub identity: Option<(Name, Identity)>,
    /// All its calls.
    pub limit: ResolvedLimit,
}

/// Values of one limit; absent does not limit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResolvedLimit {
    /// Calls and window in milliseconds.
    pub rate: Option<(u32, u64)>,
    /// Bucket size; present when `rate` is.
    pub burst: Option<u32>,
    /// Calls in flight.
    pub concurrent: Option<u32>,
}

/// What one agent may do with one tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permission {
    /// Exposed name.
    pub exposed: String,
    /// What the tool does; destructive when nobody said.
    pub effect: Effect,
    /// Rate, burst, concurrent of the pair (concurrent is always present).
    pub limit: ResolvedLimit,
    /// Bytes.
    pub max_args: u64,
    /// Bytes.
    pub max_result: u64,
    /// Milliseconds.
    pub timeout: u64,
    /// Who must approve each call, by group.
    pub approvals: Vec<RequiredApproval>,
    /// What narrows its arguments, all at once, by place.
    pub narrowings: Vec<Arc<Narrowing>>,
    /// What they leave of its arguments.
    pub(crate) arguments: Arguments,
    /// Further tries of a call.
    pub retry: Option<ResolvedRetry>,
    /// What the audit log keeps.
    pub record: ResolvedRecord,
    /// Last day; none when one grant has none.
    pub until: Option<String>,
    /// How it came about, sorted by place.
    pub paths: Vec<Path>,
}

/// A permission that a `suspend` took out of the callable table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuspendedPermission {
    /// What it would allow.
    pub permission: Permission,
    /// The `suspend` nodes.
    pub places: BTreeSet<Loc>,
}

/// One way by which a permission came about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path {
    /// The grant.
    pub grant: Loc,
    /// The role and its `allow` pattern, when it came through one.
    pub role: Option<(Name, Loc)>,
}

/// One step of a [`Path`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// What it leads to: a role, or `server:tool`.
    pub to: String,
    /// The line that leads there: in the grant, or in the role.
    pub loc: Loc,
}

impl Path {
    /// The steps from the agent to this tool.
    pub fn hops(&self, server: &str, tool: &str) -> Vec<Hop> {
        let tool = |loc| Hop {
            to: format!("{server}:{tool}"),
            loc,
        };
        match &self.role {
            Some((role, allow)) => vec![
                Hop {
                    to: role.to_string(),
                    loc: self.grant,
                },
                tool(*allow),
            ],
            None => vec![tool(self.grant)],
        }
    }

    /// The path in one line, for people.
    pub(crate) fn text(&self, agent: &str, server: &str, tool: &str) -> String {
        let hops = self.hops(server, tool);
        hops.iter().fold(format!("path: {agent}"), |path, hop| {
            path + " -> " + &hop.to
        })
    }
}

/// A written limit or timeout that takes part in an environment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Constraint {
    /// Where the value is written.
    pub loc: Loc,
    /// What it is written on.
    pub on: Bearer,
    /// Which setting, with its value.
    pub setting: Setting,
}

/// What a limit or timeout is written on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bearer {
    /// `environment`
    Environment,
    /// `server`
    Server,
    /// `tool-defaults`
    ToolDefaults,
    /// `tool`
    Tool,
    /// `role`
    Role,
    /// `agent`
    Agent,
    /// `grant`
    Grant,
}

/// One field of a `limit`, or a `timeout`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Setting {
    /// Calls and window in milliseconds.
    Rate(u32, u64),
    /// Bucket size.
    Burst(u32),
    /// Calls in flight.
    Concurrent(u32),
    /// Bytes.
    MaxArgs(u64),
    /// Bytes.
    MaxResult(u64),
    /// Milliseconds.
    Timeout(u64),
}

#[cfg(test)]
mod tests;
