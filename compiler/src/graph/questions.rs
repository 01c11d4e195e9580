//! Questions to the graph: why an agent can call a tool or what it lacks, who can call a tool, and what an
//! agent can call.

use std::collections::BTreeMap;

use super::missing::Question;
use super::{Calls, EdgeKind, Graph, Missing, NodeId, Path};
use crate::environment::Environment;
use crate::model::{Catalog, Name};
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
        let missing = paths.is_empty().then_some(Question {
            catalog,
            environments,
            graph: self,
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
