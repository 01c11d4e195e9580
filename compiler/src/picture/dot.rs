//! The graph as DOT, which Graphviz lays out.

use super::{Shape, Sketch};

/// The whole graph as DOT.
pub fn dot(sketch: &Sketch) -> String {
    let sketch = sketch.clone().without_repetition();
    let mut lines = vec![
        format!("digraph {} {{", quoted(&sketch.environment)),
        "    rankdir=LR".to_owned(),
        "    node [fontname=\"sans-serif\"]".to_owned(),
    ];
    for node in &sketch.nodes {
        let (id, name) = (quoted(&node.id), quoted(&node.name));
        lines.push(format!("    {id} [label={name}, shape={}]", shape(node)));
    }
    for edge in &sketch.edges {
        let id = |number: usize| sketch.nodes.get(number).map(|node| quoted(&node.id));
        if let (Some(from), Some(to)) = (id(edge.from), id(edge.to)) {
            let relation = quoted(&edge.relation);
            let style = if edge.gated { ", style=dashed" } else { "" };
            lines.push(format!("    {from} -> {to} [label={relation}{style}]"));
        }
    }
    lines.push("}\n".to_owned());
    lines.join("\n")
}

fn shape(node: &Shape) -> &'static str {
    match node.kind.as_str() {
        "agent" => "oval",
        "role" => "hexagon",
        "tool" => "box",
        "server" => "component",
        "data-class" | "untrusted" => "cylinder",
        "group" => "house",
        "secret" => "note",
        _ => "diamond",
    }
}

/// A quoted string, in which nothing is an escape.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
