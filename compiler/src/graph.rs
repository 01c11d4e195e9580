//! The permission graph of one resolved environment: who reaches what, by which lines, and how data flows.

mod build;
mod circles;
mod delegation;
mod facts;
mod flows;
mod grants;
mod missing;
mod node;
mod paths;
mod questions;
mod reach;
mod tool_set;

use std::collections::BTreeMap;

use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef as _;

pub use circles::{Delegation, Delegations};
pub use delegation::Calls;
pub use facts::{Facts, Sends};
pub use flows::{Flow, Flows, Legs, Trifecta};
pub use missing::{AllowingRole, Hidden, Missing};
pub use node::{Edge, EdgeKind, Node, NodeId, NodeKind};
pub use paths::{Approvals, Hop, Path};
pub use questions::{CanCall, Why};
pub use reach::Reach;
pub use tool_set::ToolSet;

use crate::environment::Environment;
use crate::model::{Catalog, DataClasses, Name};
use crate::source::Loc;

/// The permission graph of one environment. What is suspended counts; shadow grants do not.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_field_names,
    reason = "the graph in it is what petgraph calls one"
)]
pub struct Graph {
    environment: Name,
    /// INVARIANT: the first nodes are the tools, sorted by server and name, then the agents, sorted.
    graph: DiGraph<Node, Line>,
    classes: DataClasses,
    /// By tool.
    facts: Vec<Facts>,
    /// Number of the first tool of each server, and how many it has.
    servers: BTreeMap<Name, (u32, u32)>,
    agents: BTreeMap<Name, NodeId>,
    roles: BTreeMap<Name, NodeId>,
    /// By agent, in their order.
    reach: Vec<Reach>,
    /// By agent, the number of the group of agents that reach each other.
    groups: Vec<usize>,
}

/// What an edge says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Line {
    kind: EdgeKind,
    loc: Loc,
    is_gated: bool,
}

/// The graph of every environment.
pub fn graphs(
    catalog: &Catalog,
    environments: &BTreeMap<Name, Environment>,
) -> BTreeMap<Name, Graph> {
    environments
        .iter()
        .map(|(name, environment)| (name.clone(), Graph::of(catalog, environment)))
        .collect()
}

impl Graph {
    /// The graph of one environment of the catalog.
    pub fn of(catalog: &Catalog, environment: &Environment) -> Self {
        let mut graph = build::build(catalog, environment);
        let groups = delegation::groups(&graph);
        graph.reach = reach::reach(&graph, &groups);
        graph.groups = numbers(&groups);
        graph
    }

    /// Name of the environment.
    pub fn environment(&self) -> &Name {
        &self.environment
    }

    /// All nodes, by number.
    pub fn nodes(&self) -> impl Iterator<Item = (NodeId, &Node)> {
        (0..).map(NodeId).zip(self.graph.node_weights())
    }

    /// One node.
    pub fn node(&self, id: NodeId) -> Option<&Node> {
        self.graph.node_weight(index(id))
    }

    /// The name of a node as the catalog writes it; empty when there is none.
    pub(crate) fn name(&self, node: NodeId) -> String {
        self.node(node)
            .map_or_else(String::new, ToString::to_string)
    }

    /// All edges, sorted by their nodes, kind and place.
    pub fn edges(&self) -> Vec<Edge> {
        let mut edges: Vec<Edge> = self
            .graph
            .edge_references()
            .map(|edge| to_edge(id(edge.source()), id(edge.target()), *edge.weight()))
            .collect();
        edges.sort_unstable();
        edges
    }

    /// The edges that begin at a node, sorted.
    pub fn edges_from(&self, from: NodeId) -> Vec<Edge> {
        let edges = self.graph.edges(index(from));
        let mut edges: Vec<Edge> = edges
            .map(|edge| to_edge(from, id(edge.target()), *edge.weight()))
            .collect();
        edges.sort_unstable();
        edges
    }

    /// The data classes of the catalog.
    pub fn classes(&self) -> &DataClasses {
        &self.classes
    }

    /// The agents that are granted something here, or reach one that is by delegation; sorted.
    pub fn agents(&self) -> impl Iterator<Item = (&Name, NodeId)> {
        self.agents.iter().map(|(name, id)| (name, *id))
    }

    /// The agent of this name.
    pub fn agent(&self, name: &str) -> Option<NodeId> {
        self.agents.get(name).copied()
    }

    /// The role of this name, when some agent holds it here.
    pub fn role(&self, name: &str) -> Option<NodeId> {
        self.roles.get(name).copied()
    }

    /// A declared tool of a deployed server.
    pub fn tool(&self, server: &str, tool: &str) -> Option<NodeId> {
        let (first, count) = *self.servers.get(server)?;
        let name_at = |number: u32| self.node(NodeId(number)).map(|node| &*node.name);
        let (mut low, mut high) = (first, first + count);
        while low < high {
            let middle = low + (high - low) / 2;
            if name_at(middle)? < tool {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        (low < first + count && name_at(low)? == tool).then_some(NodeId(low))
    }

    /// Every declared tool of a deployed server with its facts, sorted by server and name.
    pub fn tools(&self) -> impl Iterator<Item = (NodeId, &Node, &Facts)> {
        let tools = self.nodes().zip(&self.facts);
        tools.map(|((id, node), facts)| (id, node, facts))
    }

    /// The facts of a tool.
    pub fn facts(&self, tool: NodeId) -> Option<&Facts> {
        self.facts.get(tool.index())
    }

    /// What an agent reaches; none for a node that is no agent.
    pub fn reach(&self, agent: NodeId) -> Option<&Reach> {
        let number = agent.index().checked_sub(self.facts.len())?;
        self.reach.get(number)
    }

    /// The tools of which the facts are so.
    fn tools_where(&self, is_so: impl Fn(&Facts) -> bool) -> ToolSet {
        let tools = (0..).map(NodeId).zip(&self.facts);
        tools
            .filter(|(_, facts)| is_so(facts))
            .map(|(tool, _)| tool)
            .collect()
    }
}

/// For each agent in order the number of its group.
fn numbers(groups: &[Vec<NodeId>]) -> Vec<usize> {
    let members = groups.iter().enumerate();
    let numbers: BTreeMap<NodeId, usize> = members
        .flat_map(|(number, group)| group.iter().map(move |agent| (*agent, number)))
        .collect();
    numbers.into_values().collect()
}

fn to_edge(from: NodeId, to: NodeId, line: Line) -> Edge {
    Edge {
        from,
        to,
        kind: line.kind,
        loc: line.loc,
        is_gated: line.is_gated,
    }
}

fn index(id: NodeId) -> NodeIndex {
    NodeIndex::new(id.index())
}

fn id(index: NodeIndex) -> NodeId {
    NodeId(u32::try_from(index.index()).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests;
