//! What is missing nearest to a path: the first thing that is not there, from the agent and the tool towards the
//! grant between them.

use std::collections::{BTreeMap, BTreeSet};

use super::{EdgeKind, Graph, NodeId};
use crate::environment::Environment;
use crate::model::{Catalog, Granted, Name, Pattern, Role, is_visible};
use crate::source::Loc;

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
        /// Roles that allow the tool: granting one would be enough. Those that give the least come first, and
        /// last those that the agent must not hold.
        roles: Vec<AllowingRole>,
        /// Grants that would give it but for their `mode=shadow`, by place.
        shadow: Vec<Loc>,
        /// Environments in which the agent is granted it, with the grant.
        elsewhere: Vec<(Name, Loc)>,
        /// The ceiling that forbids it here.
        denied: Option<Loc>,
        /// Who has to show the server to the agent's team first.
        hidden: Option<Hidden>,
    },
}

/// A server that the agent's team may not use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hidden {
    /// The team of the server.
    pub owner: Name,
    /// The team of the agent.
    pub team: Name,
}

/// A role that allows a tool and that the agent does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowingRole {
    /// Its name.
    pub name: Name,
    /// The pattern that allows the tool.
    pub allow: Loc,
    /// How many other tools it allows here.
    pub further: usize,
    /// A role that an `exclusive` keeps apart from it, and that the agent reaches, or one that has the agent
    /// called.
    pub apart_from: Option<Name>,
}

pub(super) struct Question<'q> {
    pub(super) catalog: &'q Catalog,
    pub(super) environments: &'q BTreeMap<Name, Environment>,
    pub(super) graph: &'q Graph,
    pub(super) agent: &'q str,
    pub(super) server: &'q str,
    pub(super) tool: &'q str,
}

impl Question<'_> {
    /// What is missing first, from the agent and the tool towards the grant between them.
    pub(super) fn missing(&self) -> Missing {
        let Some(agent) = self.catalog.agents.get(self.agent) else {
            return Missing::Agent;
        };
        let team = &agent.team.value;
        let Some(server) = self.catalog.servers.get(self.server) else {
            return Missing::Server;
        };
        let place = server.name.loc;
        let here = self.environments.get(self.graph.environment());
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
            Some(_) => {
                let reached = self.reached_roles();
                Missing::Grant {
                    roles: self.allowing_roles(team, &reached),
                    shadow: self.shadow(&reached),
                    elsewhere: self.granted_elsewhere(),
                    denied: here.and_then(|here| {
                        let patterns = here.target.deny.iter().flat_map(|deny| &deny.patterns);
                        let mut denied = patterns.filter(|pattern| self.is_meant(&pattern.value));
                        denied.next().map(|pattern| pattern.loc)
                    }),
                    hidden: (!is_visible(self.catalog, server, team)).then(|| Hidden {
                        owner: server.team.value.clone(),
                        team: team.clone(),
                    }),
                }
            }
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

    /// The roles that allow the tool and that a team may be granted.
    fn allowing_roles(&self, team: &Name, reached: &BTreeSet<Name>) -> Vec<AllowingRole> {
        let roles = self.catalog.roles.values();
        let roles = roles.filter(|role| role.team.as_ref().is_none_or(|own| own.value == *team));
        let mut allowing: Vec<AllowingRole> = roles
            .filter_map(|role| {
                let mut allow = role.allow.iter();
                let allow = allow.find(|allow| self.is_meant(&allow.value))?;
                Some(AllowingRole {
                    name: role.name.value.clone(),
                    allow: allow.loc,
                    further: self.count(role).saturating_sub(1),
                    apart_from: self.apart_from(&role.name.value, reached),
                })
            })
            .collect();
        allowing.sort_by_key(|role| (role.apart_from.is_some(), role.further));
        allowing
    }

    /// How many tools a role allows here.
    fn count(&self, role: &Role) -> usize {
        let tools = self.graph.tools();
        let given = tools.filter(|(_, tool, _)| {
            let server = tool.server.as_deref().unwrap_or_default();
            let mut allow = role.allow.iter();
            tool.is_locked && allow.any(|allow| allow.value.matches(server, &tool.name))
        });
        given.count()
    }

    /// One of the roles that are reached which an `exclusive` keeps apart from this one.
    fn apart_from(&self, role: &Name, reached: &BTreeSet<Name>) -> Option<Name> {
        let exclusive = self.catalog.exclusive.iter();
        let of_role =
            exclusive.filter(|exclusive| exclusive.roles.iter().any(|one| one.value == *role));
        let mut others = of_role
            .flat_map(|exclusive| &exclusive.roles)
            .map(|other| &other.value)
            .filter(|other| *other != role && reached.contains(*other));
        others.next().cloned()
    }

    /// The roles that come together with whatever the agent is granted: its own, those of agents that reach it by
    /// delegation, and all that these reach.
    fn reached_roles(&self) -> BTreeSet<Name> {
        if self.catalog.exclusive.is_empty() {
            return BTreeSet::new();
        }
        let agents = self.callers().into_iter();
        let agents = agents.filter_map(|agent| self.graph.agent(agent));
        let holders = agents.flat_map(|agent| self.graph.calls(agent).agents().collect::<Vec<_>>());
        let holders: BTreeSet<NodeId> = holders.map(|(holder, _)| holder).collect();
        let edges = holders
            .into_iter()
            .flat_map(|holder| self.graph.edges_from(holder));
        let roles = edges.filter(|edge| edge.kind == EdgeKind::Holds);
        let roles = roles.filter_map(|edge| self.graph.node(edge.to));
        roles.map(|role| role.name.clone()).collect()
    }

    /// The agent and all that reach it by delegation. The graph lacks an agent that is granted nothing.
    fn callers(&self) -> BTreeSet<&str> {
        let mut callers = BTreeSet::from([self.agent]);
        loop {
            let agents = self.catalog.agents.values();
            let more: Vec<&str> = agents
                .filter(|agent| {
                    let mut delegates = agent.delegates.iter();
                    delegates.any(|delegate| callers.contains(&*delegate.value))
                })
                .map(|agent| &*agent.name.value)
                .filter(|name| !callers.contains(name))
                .collect();
            if more.is_empty() {
                return callers;
            }
            callers.extend(more);
        }
    }

    /// The grants in shadow that would give the tool, but for those of a role that the agent must not hold.
    fn shadow(&self, reached: &BTreeSet<Name>) -> Vec<Loc> {
        let overlays = self.catalog.overlays_of(self.graph.environment()).iter();
        let grants = overlays.flat_map(|overlay| &overlay.grants);
        let mut shadow: Vec<Loc> = grants
            .filter(|grant| &*grant.agent.value == self.agent && grant.shadow.is_some())
            .flat_map(|grant| &grant.what)
            .filter(|what| match &what.value {
                Granted::Tools(pattern) => self.is_meant(pattern),
                Granted::Role(role) => self.catalog.roles.get(role).is_some_and(|role| {
                    let mut allow = role.allow.iter();
                    allow.any(|allow| self.is_meant(&allow.value))
                        && self.apart_from(&role.name.value, reached).is_none()
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
