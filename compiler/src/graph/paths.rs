//! Paths: the lines by which an agent reaches a tool, shortest first.

use std::collections::BTreeMap;

use super::{Edge, EdgeKind, Graph, NodeId, ToolSet};
use crate::source::Loc;

/// One step of a [`Path`], with the line that allows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hop {
    /// Where it begins.
    pub from: NodeId,
    /// What the line says.
    pub kind: EdgeKind,
    /// Where it ends.
    pub to: NodeId,
    /// The line.
    pub loc: Loc,
}

impl From<Edge> for Hop {
    fn from(edge: Edge) -> Self {
        Self {
            from: edge.from,
            kind: edge.kind,
            to: edge.to,
            loc: edge.loc,
        }
    }
}

/// A way from an agent to a tool: delegations, then a grant, through a role or not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path {
    /// The steps; never empty.
    pub hops: Vec<Hop>,
}

impl Path {
    /// The tool that it leads to.
    pub fn tool(&self) -> Option<NodeId> {
        self.hops.last().map(|hop| hop.to)
    }

    /// The agent whose grant gives the tool: the last one on the way.
    pub fn holder(&self) -> Option<NodeId> {
        let own = |hop: &&Hop| hop.kind != EdgeKind::Delegates;
        self.hops.iter().find(own).map(|hop| hop.from)
    }

    /// The names on the way, as ` -> ` between them.
    pub fn text(&self, graph: &Graph) -> String {
        let first = self.hops.first().map(|hop| hop.from);
        let nodes = first.into_iter().chain(self.hops.iter().map(|hop| hop.to));
        let names = nodes
            .filter_map(|node| graph.node(node))
            .map(ToString::to_string);
        names.collect::<Vec<String>>().join(" -> ")
    }
}

/// Whether calls that wait for an approval count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Approvals {
    /// All calls count.
    Given,
    /// Only calls that wait for nobody.
    Missing,
}

impl Graph {
    /// Every way by which an agent reaches a tool, through each agent by one of the shortest chains of
    /// delegations; shortest first, then by the names on the way.
    pub fn paths(&self, agent: NodeId, tool: NodeId) -> Vec<Path> {
        let calls = self.calls(agent);
        let wanted: ToolSet = [tool].into_iter().collect();
        let mut paths = Vec::new();
        for (holder, _) in calls.agents() {
            let own = self.own_paths(holder, &wanted);
            let with_way = own.into_iter().map(|own| {
                let mut hops = calls.way_to(holder);
                hops.extend(own);
                Path { hops }
            });
            paths.extend(with_way);
        }
        paths.sort_by(|one, other| {
            let length = one.hops.len().cmp(&other.hops.len());
            length.then_with(|| one.cmp(other))
        });
        paths
    }

    /// A shortest way from an agent to one of these tools; of equal ones that with the fewest delegations,
    /// then the first tool.
    pub fn nearest(&self, agent: NodeId, tools: &ToolSet, approvals: Approvals) -> Option<Path> {
        let calls = self.calls(agent);
        let mut best: Option<(usize, NodeId, Vec<Hop>)> = None;
        for (holder, depth) in calls.agents() {
            if best
                .as_ref()
                .is_some_and(|(length, ..)| depth + 1 >= *length)
            {
                break;
            }
            let Some(reach) = self.reach(holder) else {
                continue;
            };
            let own = match approvals {
                Approvals::Given => reach.granted(),
                Approvals::Missing => reach.granted_unapproved(),
            };
            let wanted = own.intersection(tools);
            if wanted.is_empty() {
                continue;
            }
            let shortest =
                |hops: &Vec<Hop>| (hops.len(), hops.last().map(|hop| hop.to), hops.clone());
            let Some(hops) = self
                .own_paths(holder, &wanted)
                .into_iter()
                .min_by_key(shortest)
            else {
                continue;
            };
            let length = depth + hops.len();
            if best.as_ref().is_none_or(|(least, ..)| length < *least) {
                best = Some((length, holder, hops));
            }
        }
        let (_, holder, own) = best?;
        let mut hops = calls.way_to(holder);
        hops.extend(own);
        Some(Path { hops })
    }

    /// A shortest way from an agent to every tool that it reaches, by tool.
    pub(super) fn shortest(&self, agent: NodeId) -> BTreeMap<NodeId, Path> {
        let calls = self.calls(agent);
        let mut shortest: BTreeMap<NodeId, (usize, NodeId, Vec<Hop>)> = BTreeMap::new();
        for (holder, depth) in calls.agents() {
            let Some(reach) = self.reach(holder) else {
                continue;
            };
            for own in self.own_paths(holder, reach.granted()) {
                let Some(tool) = own.last().map(|hop| hop.to) else {
                    continue;
                };
                let found = (depth + own.len(), holder, own);
                let rank = |(length, _, own): &(usize, NodeId, Vec<Hop>)| (*length, own.clone());
                match shortest.get_mut(&tool) {
                    Some(best) if best.1 != holder && best.0 <= found.0 => {}
                    Some(best) if best.1 == holder && rank(best) <= rank(&found) => {}
                    Some(best) => *best = found,
                    None => drop(shortest.insert(tool, found)),
                }
            }
        }
        let with_way = |(tool, (_, holder, own))| {
            let mut hops = calls.way_to(holder);
            hops.extend::<Vec<Hop>>(own);
            (tool, Path { hops })
        };
        shortest.into_iter().map(with_way).collect()
    }

    /// The ways by which the grants of one agent give these tools.
    fn own_paths(&self, agent: NodeId, tools: &ToolSet) -> Vec<Vec<Hop>> {
        self.given(agent)
            .filter(|given| tools.contains(given.tool()))
            .map(|given| {
                let hops = [given.grant].into_iter().chain(given.allowed);
                hops.map(Hop::from).collect()
            })
            .collect()
    }
}
