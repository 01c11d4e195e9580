//! The graph as an SVG image, for pull requests and documents.

use super::layout::{HEIGHT, Layout};
use super::{Line, Shape, Sketch};
use crate::xml::escape;

/// A graph with more nodes is drawn by teams.
const MOST_NODES: usize = 120;
/// A graph with more edges is drawn by teams.
const MOST_EDGES: usize = 400;
/// Longest name that is written out, characters.
const LONGEST: usize = 44;
/// Room around the drawing, pixels.
const MARGIN: f64 = 16.0;
/// Room for the title, pixels.
const TITLE: f64 = 44.0;

/// The colours follow the reader's; kinds differ by their mark too, for those who do not see colours.
const STYLE: &str = "\
svg{background:#fff;font:14px system-ui,sans-serif}\
text{fill:#111}.title{font-size:18px;font-weight:600}\
rect{fill:#f4f5f7;stroke:#59616e;stroke-width:1.5}\
path{fill:none;stroke:#59616e;stroke-width:1.2;opacity:.75}.gated{stroke-dasharray:5 4}.many path{opacity:.3}\
.agent rect{fill:#dcebff;stroke:#0b4f9e}.role rect{fill:#efe3ff;stroke:#5b2c9d}\
.tool rect,.server rect{fill:#e3f4e5;stroke:#1d6b2c}.destructive rect,.external rect{fill:#ffe4de;stroke:#a32a12;stroke-width:2.5}\
.data-class rect,.untrusted rect{fill:#fff3cd;stroke:#7a5600}.suspended text{text-decoration:line-through}\
@media(prefers-color-scheme:dark){svg{background:#14171c}text{fill:#f2f4f8}rect{fill:#252a32;stroke:#a9b2c0}path{stroke:#a9b2c0}\
.agent rect{fill:#12365f;stroke:#8ec1ff}.role rect{fill:#3a2259;stroke:#cfaaff}.tool rect,.server rect{fill:#173c20;stroke:#8fdc9f}\
.destructive rect,.external rect{fill:#5a1d12;stroke:#ffab99}.data-class rect,.untrusted rect{fill:#4a3800;stroke:#ffd76a}}";

/// The graph as SVG: by teams when it is large.
pub fn svg(sketch: &Sketch) -> String {
    let mut drawn = sketch.clone().without_repetition().without_loose_ends();
    let is_large = drawn.nodes.len() > MOST_NODES || drawn.edges.len() > MOST_EDGES;
    if is_large {
        drawn = drawn.by_team();
    }
    let labels: Vec<String> = drawn.nodes.iter().map(label).collect();
    let widths: Vec<f64> = labels.iter().map(|label| width(label)).collect();
    let layout = Layout::of(&drawn, &widths);
    let (width, height) = (
        (layout.width + 2.0 * MARGIN).max(320.0).ceil(),
        (layout.height + 2.0 * MARGIN + TITLE).ceil(),
    );
    let class = if is_large { "many" } else { "few" };
    let title = format!("Permissions in {}", sketch.environment);
    let title = if is_large { title + ", by team" } else { title };
    let title = escape(&title);
    let mut out = vec![
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"{class}\" role=\"img\" aria-labelledby=\"title\" \
             width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">"
        ),
        format!("<title id=\"title\">{title}</title>"),
        format!("<style>{STYLE}</style>"),
        format!("<text class=\"title\" x=\"{MARGIN}\" y=\"30\">{title}</text>"),
    ];
    out.extend(
        drawn
            .edges
            .iter()
            .filter_map(|edge| curve(edge, &drawn, &layout, &widths)),
    );
    let nodes = drawn
        .nodes
        .iter()
        .zip(&labels)
        .zip(&widths)
        .zip(&layout.nodes);
    out.extend(nodes.map(|(((node, label), width), place)| shape(node, label, *width, *place)));
    out.push("</svg>\n".to_owned());
    out.join("\n")
}

/// What a node is, by a mark, and its name.
fn label(node: &Shape) -> String {
    let mark = match (node.kind.as_str(), node.effect.as_deref()) {
        ("agent", _) => "\u{25cf}",
        ("role", _) => "\u{2b22}",
        ("tool", Some("destructive")) => "\u{26a0}",
        ("tool", Some("write")) => "\u{270e}",
        ("tool" | "server", _) => "\u{25a0}",
        ("data-class" | "untrusted", _) => "\u{25c6}",
        ("internal" | "external" | "host", _) => "\u{2192}",
        ("group", _) => "\u{2713}",
        _ => "\u{25cb}",
    };
    let name: String = if node.name.chars().count() > LONGEST {
        let start = node.name.chars().take(LONGEST - 1);
        start.chain(['\u{2026}']).collect()
    } else {
        node.name.clone()
    };
    format!("{mark} {name}")
}

/// Room that a label takes at most, pixels.
fn width(label: &str) -> f64 {
    let characters = u32::try_from(label.chars().count()).unwrap_or(u32::MAX);
    f64::from(characters) * 8.5 + 28.0
}

fn shape(node: &Shape, label: &str, width: f64, (x, y): (f64, f64)) -> String {
    let mut class = node.kind.clone();
    if node.effect.as_deref() == Some("destructive") {
        class.push_str(" destructive");
    }
    if node.suspended {
        class.push_str(" suspended");
    }
    let place = node.place.as_ref().map(|place| format!(", {place}"));
    let title = format!("{} {}{}", node.kind, node.name, place.unwrap_or_default());
    let (left, middle) = (x + MARGIN, y + MARGIN + TITLE);
    format!(
        "<g class=\"{class}\"><title>{}</title><rect x=\"{left:.1}\" y=\"{:.1}\" width=\"{width:.1}\" \
         height=\"{HEIGHT}\" rx=\"6\"/><text x=\"{:.1}\" y=\"{:.1}\">{}</text></g>",
        escape(&title),
        middle - HEIGHT / 2.0,
        left + 10.0,
        middle + 5.0,
        escape(label)
    )
}

/// An edge from the right end of one node to the left end of the other.
fn curve(edge: &Line, sketch: &Sketch, layout: &Layout, widths: &[f64]) -> Option<String> {
    let ((from_x, from_y), (to_x, to_y)) =
        (*layout.nodes.get(edge.from)?, *layout.nodes.get(edge.to)?);
    let start = from_x + widths.get(edge.from)? + MARGIN;
    let end = to_x + MARGIN;
    let (from_y, to_y) = (from_y + MARGIN + TITLE, to_y + MARGIN + TITLE);
    let bend = ((end - start).abs() / 2.0).max(40.0);
    let class = if edge.gated { " class=\"gated\"" } else { "" };
    let name = |node: usize| sketch.nodes.get(node).map(|node| node.name.as_str());
    let title = format!("{} {} {}", name(edge.from)?, edge.relation, name(edge.to)?);
    Some(format!(
        "<path{class} d=\"M{start:.1} {from_y:.1}C{:.1} {from_y:.1} {:.1} {to_y:.1} {end:.1} {to_y:.1}\">\
         <title>{}</title></path>",
        start + bend,
        end - bend,
        escape(&title)
    ))
}
