//! Delegation as the catalog declares it, whatever is granted where: circles and long chains.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef as _;

use crate::model::{Catalog, Name};
use crate::source::Loc;

/// One delegation: from an agent to another, and the place that names the other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Delegation {
    /// Who calls.
    pub from: Name,
    /// Whom.
    pub to: Name,
    /// The place in `delegate`.
    pub loc: Loc,
}

/// A delegation in the graph, and its place.
type Step = (NodeIndex, NodeIndex, Loc);

/// Who may call on whom, over the whole catalog.
#[derive(Clone, Debug)]
pub struct Delegations {
    graph: DiGraph<Name, Loc>,
    /// The agents, in groups of those that reach each other; a group comes after those that it reaches.
    groups: Vec<Vec<NodeIndex>>,
}

impl Delegations {
    /// The delegations between agents that exist.
    pub fn of(catalog: &Catalog) -> Self {
        let mut graph = DiGraph::new();
        let agents: BTreeMap<&Name, NodeIndex> = catalog
            .agents
            .keys()
            .map(|name| (name, graph.add_node(name.clone())))
            .collect();
        for agent in catalog.agents.values() {
            for delegate in &agent.delegates {
                let ends = (agents.get(&agent.name.value), agents.get(&delegate.value));
                if let (Some(from), Some(to)) = ends {
                    graph.add_edge(*from, *to, delegate.loc);
                }
            }
        }
        let groups = kosaraju_scc(&graph);
        Self { graph, groups }
    }

    /// A shortest circle for every group of agents that reach each other, from its first agent by name and
    /// back; sorted.
    pub fn circles(&self) -> Vec<Vec<Delegation>> {
        let firsts = self.groups.iter().filter_map(|group| group.iter().min());
        let mut circles: Vec<Vec<Delegation>> =
            firsts.filter_map(|first| self.circle(*first)).collect();
        circles.sort_unstable();
        circles
    }

    /// A shortest way from an agent back to itself.
    fn circle(&self, agent: NodeIndex) -> Option<Vec<Delegation>> {
        let mut last: BTreeMap<NodeIndex, (NodeIndex, Loc)> = BTreeMap::new();
        let mut waiting = VecDeque::from([agent]);
        while let Some(from) = waiting.pop_front() {
            for (to, loc) in self.from(from) {
                if to == agent {
                    let mut hops = vec![self.delegation(from, to, loc)?];
                    let mut at = from;
                    while let Some((from, loc)) = last.get(&at) {
                        hops.push(self.delegation(*from, at, *loc)?);
                        at = *from;
                    }
                    hops.reverse();
                    return Some(hops);
                }
                if let std::collections::btree_map::Entry::Vacant(new) = last.entry(to) {
                    new.insert((from, loc));
                    waiting.push_back(to);
                }
            }
        }
        None
    }

    /// For every agent that nobody delegates to, its longest chain when that has at least `agents` agents;
    /// sorted. Agents that reach each other count once.
    pub fn chains(&self, agents: usize) -> Vec<Vec<Delegation>> {
        let mut group_of: BTreeMap<NodeIndex, usize> = BTreeMap::new();
        for (number, group) in self.groups.iter().enumerate() {
            group_of.extend(group.iter().map(|agent| (*agent, number)));
        }
        // The longest chain that begins in a group: its length in groups, and the delegation out of it.
        let mut longest: Vec<(usize, Option<Step>)> = Vec::new();
        let mut called: BTreeSet<NodeIndex> = BTreeSet::new();
        for (number, group) in self.groups.iter().enumerate() {
            let mut best = (1, None);
            for from in group {
                for (to, loc) in self.from(*from) {
                    called.insert(to);
                    let other = group_of.get(&to).copied().unwrap_or(number);
                    let (length, _) = longest.get(other).copied().unwrap_or_default();
                    if other != number && length >= best.0 {
                        best = (length + 1, Some((*from, to, loc)));
                    }
                }
            }
            longest.push(best);
        }
        let mut chains = Vec::new();
        for (number, group) in self.groups.iter().enumerate() {
            let length = longest.get(number).map_or(0, |(length, _)| *length);
            if length < agents || group.iter().any(|agent| called.contains(agent)) {
                continue;
            }
            let step = |number: usize| longest.get(number).and_then(|(_, step)| *step);
            let steps = std::iter::successors(step(number), |(_, to, _)| {
                group_of.get(to).and_then(|number| step(*number))
            });
            let chain = steps.filter_map(|(from, to, loc)| self.delegation(from, to, loc));
            chains.push(chain.collect());
        }
        chains.sort_unstable();
        chains
    }

    /// The delegations of one agent, by the names of the others.
    fn from(&self, agent: NodeIndex) -> Vec<(NodeIndex, Loc)> {
        let edges = self.graph.edges(agent);
        let mut to: Vec<(NodeIndex, Loc)> =
            edges.map(|edge| (edge.target(), *edge.weight())).collect();
        to.sort_unstable();
        to
    }

    fn delegation(&self, from: NodeIndex, to: NodeIndex, loc: Loc) -> Option<Delegation> {
        Some(Delegation {
            from: self.graph.node_weight(from)?.clone(),
            to: self.graph.node_weight(to)?.clone(),
            loc,
        })
    }
}
