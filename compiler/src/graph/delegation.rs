//! Delegation: which agents an agent may call on, directly and through others.

use std::collections::BTreeMap;

use petgraph::algo::kosaraju_scc;
use petgraph::visit::{EdgeFiltered, EdgeRef as _, NodeFiltered};

use super::{EdgeKind, Graph, Hop, NodeId, NodeKind, id, index};
use crate::source::Loc;

/// The agents, in groups of those that reach each other; a group comes after those that it reaches.
pub(super) fn groups(graph: &Graph) -> Vec<Vec<NodeId>> {
    let agents = NodeFiltered::from_fn(&graph.graph, |node| {
        let node = graph.graph.node_weight(node);
        node.is_some_and(|node| node.kind == NodeKind::Agent)
    });
    let delegations =
        EdgeFiltered::from_fn(&agents, |edge| edge.weight().kind == EdgeKind::Delegates);
    let groups = kosaraju_scc(&delegations).into_iter();
    groups
        .map(|group| {
            let mut group: Vec<NodeId> = group.into_iter().map(id).collect();
            group.sort_unstable();
            group
        })
        .collect()
}

impl Graph {
    /// Whether two agents reach each other by delegation.
    pub(super) fn are_in_one_circle(&self, one: NodeId, other: NodeId) -> bool {
        let group = |agent: NodeId| {
            let place = agent.index().checked_sub(self.facts.len())?;
            self.groups.get(place)
        };
        one != other && group(one) == group(other)
    }

    /// The agents that an agent may call on, each with the place that says so; sorted.
    pub fn delegates(&self, agent: NodeId) -> Vec<(NodeId, Loc)> {
        let edges = self.graph.edges(index(agent));
        let delegates = edges.filter(|edge| edge.weight().kind == EdgeKind::Delegates);
        let mut delegates: Vec<(NodeId, Loc)> = delegates
            .map(|edge| (id(edge.target()), edge.weight().loc))
            .collect();
        delegates.sort_unstable();
        delegates
    }

    /// The agents that an agent reaches by delegation.
    pub fn calls(&self, agent: NodeId) -> Calls {
        let mut calls = Calls {
            agents: vec![(agent, 0)],
            last: BTreeMap::new(),
        };
        let mut next = 0;
        while let Some((from, depth)) = calls.agents.get(next).copied() {
            for (to, loc) in self.delegates(from) {
                if to == agent || calls.last.contains_key(&to) {
                    continue;
                }
                let kind = EdgeKind::Delegates;
                let hop = Hop {
                    from,
                    kind,
                    to,
                    loc,
                };
                calls.last.insert(to, hop);
                calls.agents.push((to, depth + 1));
            }
            next += 1;
        }
        calls
    }
}

/// The agents that one agent reaches by delegation.
#[derive(Clone, Debug)]
pub struct Calls {
    /// Each with the number of delegations that lead to it, nearest first.
    agents: Vec<(NodeId, usize)>,
    /// The last hop of a shortest way to each.
    last: BTreeMap<NodeId, Hop>,
}

impl Calls {
    /// The agent itself and all that it reaches, nearest first, each with the number of delegations that lead
    /// to it.
    pub fn agents(&self) -> impl Iterator<Item = (NodeId, usize)> {
        self.agents.iter().copied()
    }

    /// A shortest way to one of them.
    pub fn way_to(&self, agent: NodeId) -> Vec<Hop> {
        let last = |agent: NodeId| self.last.get(&agent).copied();
        let mut hops: Vec<Hop> = std::iter::successors(last(agent), |hop| last(hop.from)).collect();
        hops.reverse();
        hops
    }
}
