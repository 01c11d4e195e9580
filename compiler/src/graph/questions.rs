//! Questions to the graph: why an agent can call a tool or what it lacks, who can call a tool, and what an
//! agent can call.

use std::collections::BTreeMap;

use super::{Calls, EdgeKind, Graph, NodeId, Path};
use crate::environment::Environment;
use crate::model::{Catalog, Granted, Name, Pattern};
use crate::source::Loc;

/// The answer to `why`: the paths, or what is missing nearest to one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    /// Every way, shortest first; those that begin with a delegation are of another agent's calls.
    pub paths: Vec<Path>,
    /// What is switched off on the shortest way, so that the calls are refused: an agent, a server or a tool.
    pub suspended: Vec<(NodeId, Loc)>,
    /// What is missing; none when there is a way.
    pub missing: Option<Missing>,
}

/// The missing line that comes nearest to a path from an agent to a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// The catalog has no such agent.
    Agent,
    /// The catalog has no such server.
    Server,
    /// The server has no `tool` line for it.
    Tool {
        /// The server.
        server: Loc,
        /// Whether the definition file has it, so that a line is all that is missing; false where no
        /// definition file is known.
        is_locked: bool,
    },
    /// Nothing deploys the server here.
    Deployment {
        /// The server.
        server: Loc,
        /// Where it is deployed, by environment.
        elsewhere: Vec<(Name, Loc)>,
    },
    /// The server is deployed here, but cannot be resolved, as without its definition file (a finding).
    Definitions {
        /// The server.
        server: Loc,
    },
    /// The `tool` line is there, but the definition file has no such tool.
    Lock {
        /// The `tool` line.
        tool: Loc,
    },
    /// No grant gives it.
    Grant {
        /// Roles that allow the tool, by name: granting one would be enough.
        roles: Vec<AllowingRole>,
        /// Grants that would give it but for their `mode=shadow`, by place.
        shadow: Vec<Loc>,
        /// Environments in which the agent is granted it, with the grant.
        elsewhere: Vec<(Name, Loc)>,
        /// The ceiling that forbids it here.
        denied: Option<Loc>,
    },
}

/// A role that allows a tool and that the agent does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowingRole {
    /// Its name.
    pub name: Name,
    /// The pattern that allows the tool.
    pub allow: Loc,
}

/// An agent that can call a tool, or have another call it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CanCall {
    /// The agent.
    pub agent: NodeId,
    /// The tool.
    pub tool: NodeId,
    /// A shortest way.
    pub path: Path,
    /// Further agents whose own grants give it, so that these can make the call too, each on its own terms;
    /// nearest first.
    pub others: Vec<NodeId>,
    /// Whether every call waits for an approval, whoever makes it.
    pub needs_approval: bool,
}

impl CanCall {
    /// Whether another agent makes the call.
    pub fn is_delegated(&self) -> bool {
        let first = self.path.hops.first();
        first.is_some_and(|hop| hop.kind == EdgeKind::Delegates)
    }
}

impl Graph {
    /// Why an agent reaches a tool, or what it lacks.
    pub fn why(
        &self,
        catalog: &Catalog,
        environments: &BTreeMap<Name, Environment>,
        agent: &str,
        (server, tool): (&str, &str),
    ) -> Why {
        let ends = (self.agent(agent), self.tool(server, tool));
        let paths = match ends {
            (Some(agent), Some(tool)) => self.paths(agent, tool),
            (None, _) | (_, None) => Vec::new(),
        };
        let missing = paths.is_empty().then(|| Question {
            catalog,
            environments,
            environment: &self.environment,
            agent,
            server,
            tool,
        });
        Why {
            suspended: paths
                .first()
                .map_or_else(Vec::new, |path| self.suspended(path)),
            missing: missing.map(|question| question.missing()),
            paths,
        }
    }

    /// What is switched off on a way: the agent that calls, the server, or the tool.
    pub fn suspended(&self, path: &Path) -> Vec<(NodeId, Loc)> {
        let (holder, tool) = (path.holder(), path.tool());
        let server = tool.and_then(|tool| {
            let edges = self
                .graph
                .edges_directed(super::index(tool), petgraph::Direction::Incoming);
            let mut provides = edges.filter(|edge| edge.weight().kind == EdgeKind::Provides);
            let edge = provides.next()?;
            Some(super::id(petgraph::visit::EdgeRef::source(&edge)))
        });
        [holder, server, tool]
            .into_iter()
            .flatten()
            .filter_map(|node| Some((node, self.node(node)?.suspended?)))
            .collect()
    }

    /// The agents that reach a tool, by name.
    pub fn who_can(&self, tool: NodeId) -> Vec<CanCall> {
        self.agents()
            .filter(|(_, agent)| {
                let reach = self.reach(*agent);
                reach.is_some_and(|reach| reach.all().contains(tool))
            })
            .filter_map(|(_, agent)| {
                let wanted = [tool].into_iter().collect();
                let path = self.nearest(agent, &wanted, super::Approvals::Given)?;
                Some(self.can_call(agent, tool, path, &self.calls(agent)))
            })
            .collect()
    }

    /// The tools that an agent reaches, by server and name.
    pub fn what_can(&self, agent: NodeId) -> Vec<CanCall> {
        let calls = self.calls(agent);
        let shortest = self.shortest(agent).into_iter();
        shortest
            .map(|(tool, path)| self.can_call(agent, tool, path, &calls))
            .collect()
    }

    fn can_call(&self, agent: NodeId, tool: NodeId, path: Path, calls: &Calls) -> CanCall {
        let reach = self.reach(agent);
        let caller = path.holder();
        let holders = calls.agents().map(|(holder, _)| holder);
        let others = holders.filter(|holder| {
            let own = self.reach(*holder);
            Some(*holder) != caller && own.is_some_and(|own| own.granted().contains(tool))
        });
        CanCall {
            agent,
            tool,
            others: others.collect(),
            path,
            needs_approval: !reach.is_some_and(|reach| reach.unapproved().contains(tool)),
        }
    }
}

struct Question<'q> {
    catalog: &'q Catalog,
    environments: &'q BTreeMap<Name, Environment>,
    environment: &'q str,
    agent: &'q str,
    server: &'q str,
    tool: &'q str,
}

impl Question<'_> {
    /// What is missing first, from the agent and the tool towards the grant between them.
    fn missing(&self) -> Missing {
        if !self.catalog.agents.contains_key(self.agent) {
            return Missing::Agent;
        }
        let Some(server) = self.catalog.servers.get(self.server) else {
            return Missing::Server;
        };
        let place = server.name.loc;
        let here = self.environments.get(self.environment);
        let deployed = here.and_then(|here| here.servers.get(self.server));
        let Some(tool) = server.tools.get(self.tool) else {
            let is_locked =
                deployed.is_some_and(|deployed| deployed.lock.tools.contains_key(self.tool));
            return Missing::Tool {
                server: place,
                is_locked,
            };
        };
        match deployed {
            None if here.is_some_and(|here| here.unresolved.contains(self.server)) => {
                Missing::Definitions { server: place }
            }
            None => Missing::Deployment {
                server: place,
                elsewhere: self.deployed_elsewhere(),
            },
            Some(deployed) if !deployed.lock.tools.contains_key(self.tool) => Missing::Lock {
                tool: tool.name.loc,
            },
            Some(_) => Missing::Grant {
                roles: self.allowing_roles(),
                shadow: self.shadow(),
                elsewhere: self.granted_elsewhere(),
                denied: here.and_then(|here| {
                    let patterns = here.target.deny.iter().flat_map(|deny| &deny.patterns);
                    let mut denied = patterns.filter(|pattern| self.is_meant(&pattern.value));
                    denied.next().map(|pattern| pattern.loc)
                }),
            },
        }
    }

    fn is_meant(&self, pattern: &Pattern) -> bool {
        pattern.matches(self.server, self.tool)
    }

    fn deployed_elsewhere(&self) -> Vec<(Name, Loc)> {
        let environments = self.environments.iter();
        environments
            .filter_map(|(name, other)| Some((name.clone(), other.servers.get(self.server)?.loc)))
            .collect()
    }

    fn allowing_roles(&self) -> Vec<AllowingRole> {
        let roles = self.catalog.roles.values();
        roles
            .filter_map(|role| {
                let mut allow = role.allow.iter();
                let allow = allow.find(|allow| self.is_meant(&allow.value))?;
                Some(AllowingRole {
                    name: role.name.value.clone(),
                    allow: allow.loc,
                })
            })
            .collect()
    }

    /// The grants in shadow that would give the tool.
    fn shadow(&self) -> Vec<Loc> {
        let overlays = self.catalog.overlays_of(self.environment).iter();
        let grants = overlays.flat_map(|overlay| &overlay.grants);
        let mut shadow: Vec<Loc> = grants
            .filter(|grant| &*grant.agent.value == self.agent && grant.shadow.is_some())
            .flat_map(|grant| &grant.what)
            .filter(|what| match &what.value {
                Granted::Tools(pattern) => self.is_meant(pattern),
                Granted::Role(role) => self.catalog.roles.get(role).is_some_and(|role| {
                    let mut allow = role.allow.iter();
                    allow.any(|allow| self.is_meant(&allow.value))
                }),
            })
            .map(|what| what.loc)
            .collect();
        shadow.sort_unstable();
        shadow
    }

    fn granted_elsewhere(&self) -> Vec<(Name, Loc)> {
        let key = (
            Name::trusted(self.agent),
            Name::trusted(self.server),
            Name::trusted(self.tool),
        );
        let environments = self.environments.iter();
        environments
            .filter_map(|(name, other)| {
                let path = other.permissions.get(&key)?.paths.first()?;
                Some((name.clone(), path.grant))
            })
            .collect()
    }
}
