//! A sketch by teams: one node for all agents of a team, one for its roles, one for its tools, so that a large
//! organisation still fits on a page.

use std::collections::BTreeMap;

use super::{Line, Shape, Sketch};

impl Sketch {
    /// The sketch by teams.
    pub(super) fn by_team(&self) -> Self {
        let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
        let mut nodes: Vec<Shape> = Vec::new();
        let mut members: Vec<usize> = Vec::new();
        let mut group_of = Vec::new();
        for node in &self.nodes {
            let group = group(node);
            let number = *numbers.entry(group.id.clone()).or_insert_with(|| {
                nodes.push(group);
                members.push(0);
                nodes.len() - 1
            });
            // A server is there with its tools.
            if node.kind != "server"
                && let Some(count) = members.get_mut(number)
            {
                *count += 1;
            }
            group_of.push(number);
        }
        for (node, count) in nodes.iter_mut().zip(&members) {
            if let Some(name) = node.name.strip_prefix('#') {
                node.name = format!("{count} {name}");
            }
        }
        let number = |node: usize| group_of.get(node).copied();
        let edges = self.edges.iter().filter_map(|edge| {
            let (from, to) = (number(edge.from)?, number(edge.to)?);
            (from != to).then(|| Line {
                from,
                to,
                place: None,
                ..edge.clone()
            })
        });
        let sketch = Self {
            nodes,
            edges: edges.collect(),
            ..self.clone()
        };
        sketch.without_repetition()
    }
}

/// The group of a node. A name that begins with `#` gets the number of members there.
fn group(node: &Shape) -> Shape {
    let team = node.team.as_deref().unwrap_or("the organisation");
    let (kind, name) = match node.kind.as_str() {
        "agent" => ("agent", format!("# agents of {team}")),
        "role" => ("role", format!("# roles of {team}")),
        "tool" | "server" => ("tool", format!("# tools of {team}")),
        "secret" => ("secret", "# secrets".to_owned()),
        "host" => ("host", "# hosts".to_owned()),
        _ => return node.clone(),
    };
    Shape {
        id: format!("{kind}s:{}", node.team.as_deref().unwrap_or_default()),
        kind: kind.to_owned(),
        name: name.replacen("# ", "#", 1),
        team: node.team.clone(),
        describe: None,
        effect: None,
        suspended: false,
        place: None,
    }
}
