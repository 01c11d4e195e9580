//! The steps of a way through the graph, each with its line.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Inquiry, Place};
use crate::graph::Hop;

/// One step of a way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Step {
    /// Where it begins: an agent or a role.
    pub from: String,
    /// What the line says of the two: holds, allows, delegates.
    pub relation: String,
    /// Where it ends: an agent, a role, or `server:tool`.
    pub to: String,
    /// The line.
    pub place: Option<Place>,
}

impl Inquiry<'_> {
    pub(super) fn steps(&self, hops: &[Hop]) -> Vec<Step> {
        let name = |node| {
            let node = self.graph.node(node);
            node.map_or_else(String::new, ToString::to_string)
        };
        let steps = hops.iter().map(|hop| Step {
            from: name(hop.from),
            relation: hop.kind.word().to_owned(),
            to: name(hop.to),
            place: self.places.find(hop.loc),
        });
        steps.collect()
    }
}
