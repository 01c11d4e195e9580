//! The graph as Mermaid, which code forges draw in comments.

use super::Sketch;

/// Most edges that are drawn: Mermaid refuses 500, and a person many fewer.
const MOST_EDGES: usize = 200;

/// The graph as a Mermaid flowchart: by teams when it has more than 200 edges, and then its first 200.
pub fn mermaid(sketch: &Sketch) -> String {
    let mut drawn = sketch.clone().without_repetition();
    if drawn.edges.len() > MOST_EDGES {
        drawn = drawn.by_team();
    }
    let left_out = drawn.edges.len().saturating_sub(MOST_EDGES);
    drawn.edges.truncate(MOST_EDGES);
    let drawn = drawn.without_loose_ends();
    let mut lines = vec!["flowchart LR".to_owned()];
    for (number, node) in drawn.nodes.iter().enumerate() {
        let (open, close) = match node.kind.as_str() {
            "agent" => ("([", "])"),
            "role" => ("{{", "}}"),
            "data-class" | "untrusted" => ("[(", ")]"),
            "internal" | "external" | "host" => ("{", "}"),
            _ => ("[", "]"),
        };
        lines.push(format!(
            "    n{number}{open}\"{}\"{close}",
            text(&node.name)
        ));
    }
    for edge in &drawn.edges {
        let (from, to) = (edge.from, edge.to);
        let arrow = if edge.gated { "-.->" } else { "-->" };
        lines.push(format!("    n{from} {arrow}|{}| n{to}", edge.relation));
    }
    if left_out > 0 {
        lines.push(format!("    more[\"and {left_out} more edges\"]"));
    }
    lines.join("\n") + "\n"
}

/// Text in quotes: what could end them or be markup is written as an entity.
fn text(text: &str) -> String {
    let mut safe = String::new();
    for c in text.chars() {
        if c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.' | ':' | '/' | '*' | '@') {
            safe.push(c);
        } else {
            let code = format!("#{};", u32::from(c));
            safe.push_str(&code);
        }
    }
    safe
}
