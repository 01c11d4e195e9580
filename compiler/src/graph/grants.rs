//! Grants: the tools that the grants of one agent give, and the lines that give them.

use std::collections::BTreeMap;

use petgraph::visit::EdgeRef as _;

use super::{Edge, EdgeKind, Graph, NodeId, ToolSet, id, index, to_edge};
use crate::source::Loc;

/// One way by which a grant gives a tool.
#[derive(Clone, Copy, Debug)]
pub(super) struct Given {
    /// The line of the grant: it leads to the tool, or to a role.
    pub(super) grant: Edge,
    /// The line of the role that allows the tool.
    pub(super) allowed: Option<Edge>,
}

impl Given {
    /// The tool.
    pub(super) fn tool(&self) -> NodeId {
        self.allowed.map_or(self.grant.to, |allowed| allowed.to)
    }

    /// Whether the grant or the role demands an approval.
    pub(super) fn is_gated(&self) -> bool {
        self.grant.is_gated || self.allowed.is_some_and(|allowed| allowed.is_gated)
    }
}

impl Graph {
    /// All that the grants of one agent give.
    pub(super) fn given(&self, agent: NodeId) -> impl Iterator<Item = Given> {
        let direct = self.lines(agent, EdgeKind::Allows).map(|grant| Given {
            grant,
            allowed: None,
        });
        let by_roles = self.lines(agent, EdgeKind::Holds).flat_map(|grant| {
            let allows = self.lines(grant.to, EdgeKind::Allows);
            allows.map(move |allowed| Given {
                grant,
                allowed: Some(allowed),
            })
        });
        direct.chain(by_roles)
    }

    /// Of some tools, those that each line of an agent's grants gives; no line that gives none of them.
    pub(crate) fn by_line(&self, agent: NodeId, tools: &ToolSet) -> BTreeMap<Loc, ToolSet> {
        if tools.is_empty() {
            return BTreeMap::new();
        }
        let mut lines: BTreeMap<Loc, Vec<NodeId>> = BTreeMap::new();
        for given in self.given(agent).filter(|one| tools.contains(one.tool())) {
            lines.entry(given.grant.loc).or_default().push(given.tool());
        }
        let sets = lines.into_iter();
        sets.map(|(line, given)| (line, given.into_iter().collect()))
            .collect()
    }

    fn lines(&self, from: NodeId, kind: EdgeKind) -> impl Iterator<Item = Edge> {
        let edges = self.graph.edges(index(from));
        let edges = edges.filter(move |edge| edge.weight().kind == kind);
        edges.map(move |edge| to_edge(from, id(edge.target()), *edge.weight()))
    }
}
