//! A sketch: the nodes and edges of one environment with their lines, as data.

use schemars::{JsonSchema, Schema, schema_for};
use serde::Serialize;

use crate::answer::{Inquiry, Place, effect_word};
use crate::graph::{Node, NodeKind};

/// Version of the format. It grows when a program that reads the old one would be wrong.
const VERSION: u32 = 1;

/// The permission graph of one environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Sketch {
    /// Version of this format.
    pub version: u32,
    /// The environment.
    pub environment: String,
    /// What is connected.
    pub nodes: Vec<Shape>,
    /// How: sorted by the nodes, relation and place.
    pub edges: Vec<Line>,
}

/// A node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Shape {
    /// Unique in the sketch: the kind, a colon and the name.
    pub id: String,
    /// What it is: tool, agent, role, server, data-class, untrusted, internal, external, group, secret, host.
    pub kind: String,
    /// Its name; of a tool `server:tool`.
    pub name: String,
    /// The team that owns it.
    pub team: Option<String>,
    /// What the catalog says an agent, a role or a server is.
    pub describe: Option<String>,
    /// What a tool does: read, write, destructive.
    pub effect: Option<String>,
    /// Whether it is switched off here.
    pub suspended: bool,
    /// Where it is declared.
    pub place: Option<Place>,
}

/// An edge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Line {
    /// Number of the first node in `nodes`, from 0.
    pub from: usize,
    /// What it says: holds, allows, delegates, provides, reads, ingests, sends, gated-by, uses, reaches.
    pub relation: String,
    /// Number of the second node.
    pub to: usize,
    /// Whether the grant or the role behind it demands an approval.
    pub gated: bool,
    /// The line of the catalog.
    pub place: Option<Place>,
}

impl Sketch {
    /// The whole graph.
    pub fn of(inquiry: &Inquiry<'_>) -> Self {
        let graph = inquiry.graph();
        let place = |loc| inquiry.places().find(loc);
        let shape = |node: &Node| Shape {
            id: format!("{}:{node}", node.kind.word()),
            kind: node.kind.word().to_owned(),
            name: node.to_string(),
            team: node.team.as_ref().map(ToString::to_string),
            describe: inquiry.describe_node(node).map(ToOwned::to_owned),
            effect: node
                .effect
                .filter(|_| node.kind == NodeKind::Tool)
                .map(|effect| effect_word(effect).to_owned()),
            suspended: node.suspended.is_some(),
            place: node.loc.and_then(place),
        };
        let edges = graph.edges().into_iter().map(|edge| Line {
            from: edge.from.index(),
            relation: edge.kind.word().to_owned(),
            to: edge.to.index(),
            gated: edge.is_gated,
            place: place(edge.loc),
        });
        Self {
            version: VERSION,
            environment: graph.environment().to_string(),
            nodes: graph.nodes().map(|(_, node)| shape(node)).collect(),
            edges: edges.collect(),
        }
    }

    /// Each pair of nodes with a relation once, however many lines say it; gated when all of them are.
    pub(super) fn without_repetition(mut self) -> Self {
        self.edges.sort_by(|one, other| {
            let key = |line: &Line| (line.from, line.to, line.relation.clone(), line.gated);
            key(one).cmp(&key(other))
        });
        self.edges.dedup_by(|one, other| {
            (one.from, one.to, &one.relation) == (other.from, other.to, &other.relation)
        });
        self
    }

    /// Without nodes that no edge touches.
    pub(super) fn without_loose_ends(self) -> Self {
        let mut touched = vec![false; self.nodes.len()];
        for node in self.edges.iter().flat_map(|edge| [edge.from, edge.to]) {
            if let Some(mark) = touched.get_mut(node) {
                *mark = true;
            }
        }
        self.keep(&touched)
    }

    /// The nodes that are marked, and the edges between them.
    fn keep(self, marks: &[bool]) -> Self {
        let mut next = 0;
        let numbers: Vec<Option<usize>> = marks
            .iter()
            .map(|mark| {
                mark.then(|| {
                    next += 1;
                    next - 1
                })
            })
            .collect();
        let number = |old: usize| numbers.get(old).copied().flatten();
        let nodes = self.nodes.into_iter().zip(marks);
        let edges = self.edges.into_iter();
        Self {
            nodes: nodes
                .filter(|(_, mark)| **mark)
                .map(|(node, _)| node)
                .collect(),
            edges: edges
                .filter_map(|edge| {
                    Some(Line {
                        from: number(edge.from)?,
                        to: number(edge.to)?,
                        ..edge
                    })
                })
                .collect(),
            ..self
        }
    }
}

/// The JSON Schema of a sketch.
pub fn schema() -> Schema {
    schema_for!(Sketch)
}
