//! Reach: the tools of each agent, by its own grants and by delegation, with and without approvals.

use std::sync::Arc;

use super::{EdgeKind, Graph, NodeId, ToolSet, index};

/// The tools that an agent reaches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    granted: Tools,
    /// With those of the agents that it reaches; none for an agent that delegates to nobody.
    delegated: Option<Arc<Tools>>,
}

/// All tools, and those of them whose calls wait for nobody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Tools {
    all: ToolSet,
    unapproved: ToolSet,
}

impl Reach {
    /// Tools that its own grants give.
    pub fn granted(&self) -> &ToolSet {
        &self.granted.all
    }

    /// Those of them that it calls without an approval.
    pub fn granted_unapproved(&self) -> &ToolSet {
        &self.granted.unapproved
    }

    /// Tools that its own grants give, and those of all agents that it reaches by delegation.
    pub fn all(&self) -> &ToolSet {
        &self.widest().all
    }

    /// Those of them that can be called without an approval, by some agent on the way.
    pub fn unapproved(&self) -> &ToolSet {
        &self.widest().unapproved
    }

    fn widest(&self) -> &Tools {
        self.delegated.as_deref().unwrap_or(&self.granted)
    }
}

impl Tools {
    fn add(&mut self, other: &Self) {
        self.all = self.all.union(&other.all);
        self.unapproved = self.unapproved.union(&other.unapproved);
    }
}

/// The reach of every agent, in their order. `groups` are of agents that reach each other, each after those
/// that it reaches.
pub(super) fn reach(graph: &Graph, groups: &[Vec<NodeId>]) -> Vec<Reach> {
    let gated: ToolSet = (0..)
        .map(NodeId)
        .take(graph.facts.len())
        .filter(|tool| graph.is_gated(*tool))
        .collect();
    let mut reach: Vec<Reach> = graph
        .agents
        .values()
        .map(|agent| Reach {
            granted: granted(graph, *agent, &gated),
            delegated: None,
        })
        .collect();
    for group in groups {
        let delegates: Vec<NodeId> = group
            .iter()
            .flat_map(|agent| graph.delegates(*agent))
            .map(|(agent, _)| agent)
            .collect();
        if delegates.is_empty() {
            continue;
        }
        let mut tools = Tools::default();
        for agent in group.iter().chain(&delegates) {
            if let Some(reach) = place(graph, *agent).and_then(|place| reach.get(place)) {
                tools.add(reach.widest());
            }
        }
        let tools = Arc::new(tools);
        for agent in group {
            let place = place(graph, *agent);
            if let Some(reach) = place.and_then(|place| reach.get_mut(place)) {
                reach.delegated = Some(Arc::clone(&tools));
            }
        }
    }
    reach
}

fn place(graph: &Graph, agent: NodeId) -> Option<usize> {
    agent.index().checked_sub(graph.facts.len())
}

/// What the grants of one agent give. An approval that one of them demands holds for the tool, whichever
/// other grant gives it too.
fn granted(graph: &Graph, agent: NodeId, gated: &ToolSet) -> Tools {
    let mut given: Vec<NodeId> = Vec::new();
    let mut waiting: Vec<NodeId> = Vec::new();
    for one in graph.given(agent) {
        given.push(one.tool());
        if one.is_gated() {
            waiting.push(one.tool());
        }
    }
    let all: ToolSet = given.into_iter().collect();
    let waiting: ToolSet = waiting.into_iter().collect();
    let unapproved = all.difference(&waiting).difference(gated);
    Tools { all, unapproved }
}

impl Graph {
    /// Whether calls of a tool, or of all that a role gives, wait for an approval.
    fn is_gated(&self, node: NodeId) -> bool {
        let mut edges = self.graph.edges(index(node));
        edges.any(|edge| edge.weight().kind == EdgeKind::GatedBy)
    }
}
