//! Holds assertions against one environment.

use std::collections::{BTreeMap, BTreeSet};

use super::{Asserted, AssertionResult, Counterexample, Fault, Outcome, Way};
use crate::environment::{Environment, Hop};
use crate::graph::{self, Flows, Graph, NodeId, ToolSet};
use crate::model::{
    Assertion, Catalog, Claim, FlowSink, FlowSource, Granted, Kind, Name, Pattern, Test,
};
use crate::source::At;

/// Holds assertions against one environment.
pub(super) struct Judge<'c> {
    catalog: &'c Catalog,
    environment: &'c Environment,
    graph: &'c Graph,
    /// Agents that are granted a role that has a mistake, which is reported there: what it would give is not
    /// known.
    uncertain: BTreeSet<&'c Name>,
    /// Tools that give and take the data of flows that some assertion is about.
    flows: BTreeMap<(FlowSource, FlowSink), (ToolSet, ToolSet)>,
}

type Pair<'c> = (&'c Name, &'c Name);

impl<'c> Judge<'c> {
    pub(super) fn new(
        catalog: &'c Catalog,
        environment: &'c Environment,
        graph: &'c Graph,
    ) -> Self {
        let is_unknown = |what: &At<Granted>| match &what.value {
            Granted::Role(role) => !catalog.roles.contains_key(role),
            Granted::Tools(_) => false,
        };
        let overlays = catalog.overlays_of(environment.name()).iter();
        let grants = overlays.flat_map(|overlay| &overlay.grants);
        let uncertain = grants.filter(|grant| grant.what.iter().any(is_unknown));
        Self {
            catalog,
            environment,
            graph,
            uncertain: uncertain.map(|grant| &grant.agent.value).collect(),
            flows: BTreeMap::new(),
        }
    }

    /// What became of every assertion of a test whose agent exists.
    pub(super) fn assertions(&mut self, test: &Test) -> Vec<AssertionResult> {
        let agents = &self.catalog.agents;
        let known = |assertion: &&Assertion| {
            let agent = assertion.agent.as_ref();
            agent.is_none_or(|agent| agents.contains_key(&agent.value))
        };
        let assertions = test.assertions.iter().filter(known);
        assertions
            .flat_map(|assertion| self.assertion(assertion))
            .collect()
    }

    fn assertion(&mut self, assertion: &Assertion) -> Vec<AssertionResult> {
        let agent = assertion.agent.as_ref().map(|agent| &agent.value);
        let result = |claim, loc, outcome| AssertionResult {
            agent: agent.cloned(),
            claim,
            loc,
            outcome,
        };
        if let Claim::NoFlow { from, to } = &assertion.claim {
            let outcome = self.no_flow(agent, &from.value, to.value);
            let claim = Asserted::NoFlow(from.value.clone(), to.value);
            return vec![result(claim, assertion.loc, outcome)];
        }
        let patterns = assertion.patterns().iter();
        patterns
            .filter(|pattern| !self.is_poisoned(&pattern.value))
            .map(|At { value, loc }| {
                let tools = self.matching(value);
                let claim = match assertion.claim {
                    Claim::Can(_) => Asserted::Can(value.clone()),
                    Claim::NeedsApproval(_) => Asserted::NeedsApproval(value.clone()),
                    Claim::Cannot(_) | Claim::NoFlow { .. } => Asserted::Cannot(value.clone()),
                };
                let outcome = if tools.is_empty() {
                    self.about_nothing(value)
                } else {
                    broken(self.against(agent, &claim, &tools))
                };
                result(claim, *loc, outcome)
            })
            .collect()
    }

    /// Whether the pattern is of a server whose definition has a mistake, which is reported there.
    fn is_poisoned(&self, pattern: &Pattern) -> bool {
        let poisoned = &self.catalog.poisoned;
        let server = pattern.server.as_ref();
        server.is_some_and(|server| poisoned.contains(&(Kind::Server, server.clone())))
    }

    /// Declared tools of deployed servers.
    fn matching<'p>(&'p self, pattern: &'p Pattern) -> Vec<Pair<'p>> {
        let deployed = self.environment.servers.iter();
        deployed
            .filter(|(name, _)| is_meant(pattern, name))
            .flat_map(|(name, deployed)| {
                let tools = deployed.server.matching(&pattern.tool);
                tools.map(move |(tool, _)| (name, tool))
            })
            .collect()
    }

    fn about_nothing(&self, pattern: &Pattern) -> Outcome {
        // What a server without its definition file would give is not known; that is reported there.
        let unresolved = self.environment.unresolved.iter();
        let mut unresolved = unresolved
            .filter(|name| is_meant(pattern, name))
            .filter_map(|name| self.catalog.servers.get(name));
        if unresolved.any(|server| server.matching(&pattern.tool).next().is_some()) {
            return Outcome::Held;
        }
        let server = pattern.server.as_ref();
        let is_elsewhere = server.is_some_and(|server| {
            self.catalog.servers.contains_key(server)
                && !self.environment.servers.contains_key(server)
                && !self.environment.unresolved.contains(server)
        });
        if is_elsewhere {
            Outcome::NotDeployed
        } else {
            Outcome::Vacuous
        }
    }

    fn against(
        &self,
        agent: Option<&Name>,
        claim: &Asserted,
        tools: &[Pair<'_>],
    ) -> Vec<Counterexample> {
        match (agent, claim) {
            (Some(agent), Asserted::Can(_) | Asserted::NeedsApproval(_))
                if self.uncertain.contains(agent) =>
            {
                Vec::new()
            }
            (Some(agent), Asserted::Can(_)) => {
                let tools = tools.iter().copied();
                let missing = tools.filter(|tool| !self.is_callable(agent, *tool));
                missing.map(|tool| missing_one(agent, tool)).collect()
            }
            (Some(agent), Asserted::NeedsApproval(_)) => {
                let tools = tools.iter();
                tools
                    .filter_map(|tool| self.unapproved(agent, *tool))
                    .collect()
            }
            (Some(agent), Asserted::Cannot(_) | Asserted::NoFlow(..)) => self.reached(agent, tools),
            // Through another agent nobody reaches more than that one has.
            (None, _) => {
                let agents = self.environment.agents.keys();
                agents
                    .flat_map(|agent| tools.iter().map(move |tool| (agent, *tool)))
                    .filter_map(|(agent, tool)| self.granted(agent, tool, Fault::Reached))
                    .collect()
            }
        }
    }

    fn is_callable(&self, agent: &Name, (server, tool): Pair<'_>) -> bool {
        let pair = (agent.clone(), server.clone(), tool.clone());
        self.environment.permissions.contains_key(&pair)
    }

    /// A counterexample of what a grant to the agent itself gives, if one gives it.
    fn granted(
        &self,
        agent: &Name,
        (server, tool): Pair<'_>,
        fault: Fault,
    ) -> Option<Counterexample> {
        let pair = (agent.clone(), server.clone(), tool.clone());
        let permission = self.environment.permissions.get(&pair)?;
        let path = permission.paths.first();
        let way = path.map(|path| Way {
            from: agent.to_string(),
            hops: path.hops(server, tool),
        });
        let (agent, server, tool) = pair;
        Some(Counterexample {
            agent,
            server,
            tool,
            fault,
            way,
        })
    }

    /// The tools that the agent can call, itself or through another.
    fn reached(&self, agent: &Name, tools: &[Pair<'_>]) -> Vec<Counterexample> {
        let node = self.graph.agent(agent);
        let beyond = node.and_then(|node| {
            let reach = self.graph.reach(node)?;
            Some((node, reach.all().difference(reach.granted())))
        });
        let tools = tools.iter();
        tools
            .filter_map(|tool| {
                self.granted(agent, *tool, Fault::Reached).or_else(|| {
                    let (node, beyond) = beyond.as_ref()?;
                    let target = self.graph.tool(tool.0, tool.1)?;
                    let is_beyond = beyond.contains(target);
                    is_beyond.then(|| self.delegated(agent, *node, *tool, target))?
                })
            })
            .collect()
    }

    fn delegated(
        &self,
        agent: &Name,
        node: NodeId,
        (server, tool): Pair<'_>,
        target: NodeId,
    ) -> Option<Counterexample> {
        let paths = self.graph.paths(node, target).into_iter();
        let mut callable = paths.filter(|path| {
            let holder = path.holder().and_then(|holder| self.graph.node(holder));
            holder.is_some_and(|holder| self.is_callable(&holder.name, (server, tool)))
        });
        let path = callable.next()?;
        Some(Counterexample {
            agent: agent.clone(),
            server: server.clone(),
            tool: tool.clone(),
            fault: Fault::Reached,
            way: Some(self.way(&path.hops)),
        })
    }

    fn unapproved(&self, agent: &Name, (server, tool): Pair<'_>) -> Option<Counterexample> {
        let ends = (self.graph.agent(agent), self.graph.tool(server, tool));
        let (Some(node), Some(target)) = ends else {
            return Some(missing_one(agent, (server, tool)));
        };
        let reach = self.graph.reach(node)?;
        if !reach.granted().contains(target) {
            return Some(missing_one(agent, (server, tool)));
        }
        let wanted: ToolSet = [target].into_iter().collect();
        let path = self
            .graph
            .nearest(node, &wanted, graph::Approvals::Missing)?;
        Some(Counterexample {
            agent: agent.clone(),
            server: server.clone(),
            tool: tool.clone(),
            fault: Fault::Unapproved,
            way: Some(self.way(&path.hops)),
        })
    }

    fn no_flow(&mut self, agent: Option<&Name>, from: &FlowSource, to: FlowSink) -> Outcome {
        if let FlowSource::Class(class) = from
            && self.graph.classes().rank(class).is_none()
        {
            // What is no class is reported where it is written.
            return Outcome::Held;
        }
        let graph = self.graph;
        let (sources, sinks) = self
            .flows
            .entry((from.clone(), to))
            .or_insert_with(|| (graph.sources(from), graph.sinks(to)));
        let flows: Vec<Flows> = match agent {
            Some(agent) => {
                let agent = graph.agent(agent).into_iter();
                agent
                    .filter_map(|agent| graph.flow(agent, sources, sinks))
                    .collect()
            }
            None => graph.flows(from, to),
        };
        let unguarded = flows.iter().filter(|flows| flows.unguarded > 0);
        broken(unguarded.filter_map(|flows| self.flow(flows)).collect())
    }

    fn flow(&self, flows: &Flows) -> Option<Counterexample> {
        let agent = self.graph.node(flows.agent)?.name.clone();
        let sink = flows.shortest.send.tool()?;
        let sink = self.graph.node(sink)?;
        Some(Counterexample {
            agent,
            server: sink.server.clone()?,
            tool: sink.name.clone(),
            fault: Fault::Flow(flows.unguarded),
            way: Some(self.way(&flows.shortest.hops())),
        })
    }

    fn way(&self, hops: &[graph::Hop]) -> Way {
        let name = |node| {
            self.graph
                .node(node)
                .map_or_else(String::new, ToString::to_string)
        };
        Way {
            from: hops.first().map(|hop| name(hop.from)).unwrap_or_default(),
            hops: hops
                .iter()
                .map(|hop| Hop {
                    to: name(hop.to),
                    loc: hop.loc,
                })
                .collect(),
        }
    }
}

fn is_meant(pattern: &Pattern, server: &Name) -> bool {
    let named = pattern.server.as_ref();
    named.is_none_or(|named| named == server)
}

fn missing_one(agent: &Name, (server, tool): Pair<'_>) -> Counterexample {
    Counterexample {
        agent: agent.clone(),
        server: server.clone(),
        tool: tool.clone(),
        fault: Fault::Missing,
        way: None,
    }
}

fn broken(against: Vec<Counterexample>) -> Outcome {
    if against.is_empty() {
        Outcome::Held
    } else {
        Outcome::Broken(against)
    }
}
