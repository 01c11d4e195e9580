//! Terms: what holds for each call of one agent to one tool.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Inquiry, Place};
use crate::backend::permissions;
use crate::environment::{Permission, ResolvedLimit};
use crate::graph::{CanCall, NodeId, Path};

/// What holds for each call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Terms {
    /// All of it in the words of `permissions.txt`.
    pub summary: String,
    /// Name of the tool as the agent sees it.
    pub exposed: String,
    /// Counts the calls of this agent to this tool.
    pub pair: Counter,
    /// Counts all calls of the agent.
    pub agent: Counter,
    /// Counts all calls to the server, by everybody.
    pub server: Counter,
    /// Largest arguments, bytes.
    pub max_args: u64,
    /// Largest result, bytes.
    pub max_result: u64,
    /// Deadline of a call with its retries, milliseconds.
    pub timeout_ms: u64,
    /// Last day, UTC; null when it does not end.
    pub until: Option<String>,
    /// Who must approve each call; all of them.
    pub approvals: Vec<Waiting>,
    /// What narrows the arguments; all of it.
    pub arguments: Vec<NarrowedArgument>,
    /// Where it is switched off here, so that calls are refused; empty when it is not.
    pub suspended: Vec<Place>,
}

/// What a counter lets through; null does not limit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Counter {
    /// Calls in a window.
    pub rate: Option<Rate>,
    /// Size of the bucket.
    pub burst: Option<u32>,
    /// Calls in flight.
    pub concurrent: Option<u32>,
}

/// Calls in a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Rate {
    /// Calls.
    pub calls: u32,
    /// Window, milliseconds.
    pub per_ms: u64,
}

/// Persons of one group who must approve each call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Waiting {
    /// The group.
    pub group: String,
    /// How many of them.
    pub quorum: u32,
    /// How long a call waits, milliseconds.
    pub ttl_ms: u64,
    /// The lines that ask for it.
    pub places: Vec<Place>,
}

/// An argument that is narrowed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NarrowedArgument {
    /// Path of the argument.
    pub argument: String,
    /// What holds, as `max:20`.
    pub narrows: Vec<String>,
    /// The line.
    pub place: Option<Place>,
}

/// A further agent that can make the same call, by its own grants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct OtherCaller {
    /// The agent.
    pub caller: String,
    /// What holds for each of its calls.
    pub terms: Terms,
}

impl OtherCaller {
    /// Who it is, and on what terms it calls, in a line.
    pub(super) fn summary(&self) -> String {
        let Self { caller, terms } = self;
        let refused = if terms.suspended.is_empty() {
            ""
        } else {
            " suspended"
        };
        format!("through {caller}: {}{refused}", terms.summary)
    }
}

impl From<&ResolvedLimit> for Counter {
    fn from(limit: &ResolvedLimit) -> Self {
        Self {
            rate: limit.rate.map(|(calls, per_ms)| Rate { calls, per_ms }),
            burst: limit.burst,
            concurrent: limit.concurrent,
        }
    }
}

impl Inquiry<'_> {
    /// The terms of the call at the end of a way; with whose call it is.
    pub(super) fn terms_of(&self, path: &Path) -> Option<(String, Terms)> {
        self.terms_between(path.holder()?, path.tool()?)
    }

    /// The other agents that can make a call, each with its terms.
    pub(super) fn others(&self, can: &CanCall) -> Vec<OtherCaller> {
        let others = can.others.iter();
        others
            .filter_map(|other| {
                let (caller, terms) = self.terms_between(*other, can.tool)?;
                Some(OtherCaller { caller, terms })
            })
            .collect()
    }

    /// The terms on which an agent calls a tool by its own grants; with its name.
    fn terms_between(&self, caller: NodeId, tool: NodeId) -> Option<(String, Terms)> {
        let caller = self.graph.node(caller)?;
        let tool = self.graph.node(tool)?;
        let server = tool.server.as_ref()?;
        let key = (caller.name.clone(), server.clone(), tool.name.clone());
        let suspended = self.environment.suspended.get(&key);
        let permission = match suspended {
            Some(suspended) => &suspended.permission,
            None => self.environment.permissions.get(&key)?,
        };
        let places = suspended
            .into_iter()
            .flat_map(|suspended| &suspended.places);
        let places = places.filter_map(|loc| self.places.find(*loc)).collect();
        let terms = self.terms(&caller.name, server, permission, places);
        Some((caller.to_string(), terms))
    }

    fn terms(
        &self,
        agent: &str,
        server: &str,
        permission: &Permission,
        suspended: Vec<Place>,
    ) -> Terms {
        let here = self.environment;
        let of_agent = here.agents.get(agent).map(|agent| &agent.limit);
        let of_server = here.servers.get(server).map(|server| &server.limit);
        let approvals = permission.approvals.iter().map(|approval| Waiting {
            group: approval.group.to_string(),
            quorum: approval.quorum,
            ttl_ms: approval.ttl,
            places: {
                let places = approval.places.iter();
                places.filter_map(|loc| self.places.find(*loc)).collect()
            },
        });
        let arguments = permission.narrowings.iter();
        let arguments = arguments.map(|narrowing| NarrowedArgument {
            argument: narrowing.path.value.to_string(),
            narrows: permissions::narrows(narrowing),
            place: self.places.find(narrowing.loc),
        });
        Terms {
            summary: permissions::terms(here, agent, server, permission),
            exposed: permission.exposed.clone(),
            pair: Counter::from(&permission.limit),
            agent: of_agent.map(Counter::from).unwrap_or_default(),
            server: of_server.map(Counter::from).unwrap_or_default(),
            max_args: permission.max_args,
            max_result: permission.max_result,
            timeout_ms: permission.timeout,
            until: permission.until.clone(),
            approvals: approvals.collect(),
            arguments: arguments.collect(),
            suspended,
        }
    }
}
