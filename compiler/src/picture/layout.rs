//! Where each node of a sketch stands: layers from left to right, few crossings.

use rust_sugiyama::configure::Config;
use rust_sugiyama::from_vertices_and_edges;

use super::Sketch;

/// Height of a node, pixels.
pub(super) const HEIGHT: f64 = 30.0;
/// Room between nodes of a layer, pixels.
const ROOM: f64 = 12.0;
/// Room between layers, pixels; edges curve in it.
const GUTTER: f64 = 110.0;

/// A laid-out sketch.
#[derive(Debug)]
pub(super) struct Layout {
    /// Left edge and vertical middle of each node.
    pub(super) nodes: Vec<(f64, f64)>,
    /// Width of all.
    pub(super) width: f64,
    /// Height of all.
    pub(super) height: f64,
}

impl Layout {
    /// Lays out nodes of these widths, in pixels.
    pub(super) fn of(sketch: &Sketch, widths: &[f64]) -> Self {
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        // The algorithm puts layers below each other: its axes are ours turned round.
        let vertices: Vec<(u32, (f64, f64))> = widths
            .iter()
            .enumerate()
            .map(|(node, width)| (number(node), (HEIGHT, width + GUTTER)))
            .collect();
        let known = 0..widths.len();
        let edges: Vec<(u32, u32)> = sketch
            .edges
            .iter()
            .filter(|edge| known.contains(&edge.from) && known.contains(&edge.to))
            .filter(|edge| edge.from != edge.to)
            .map(|edge| (number(edge.from), number(edge.to)))
            .collect();
        let config = Config {
            vertex_spacing: ROOM,
            ..Config::default()
        };
        let mut layout = Self {
            nodes: vec![(0.0, 0.0); widths.len()],
            width: 0.0,
            height: 0.0,
        };
        let mut parts = from_vertices_and_edges(&vertices, &edges, &config);
        for (part, ..) in &mut parts {
            part.sort_by_key(|(node, _)| *node);
        }
        // The largest part first, then as the nodes come.
        parts.sort_by_key(|(part, ..)| {
            let first = part.first().map(|(node, _)| *node);
            (usize::MAX - part.len(), first)
        });
        for (part, ..) in parts {
            layout.place(&part, widths);
        }
        layout
    }

    /// Puts a connected part below what is there.
    fn place(&mut self, part: &[(usize, (f64, f64))], widths: &[f64]) {
        let left = |(node, (_, y)): &(usize, (f64, f64))| {
            let width = widths.get(*node).copied().unwrap_or_default();
            y - f64::midpoint(width, GUTTER)
        };
        let least_x = part.iter().map(left).fold(f64::INFINITY, f64::min);
        let least_y = part.iter().map(|(_, (x, _))| *x);
        let least_y = least_y.fold(f64::INFINITY, f64::min);
        let top = self.height;
        for one in part {
            let (node, (across, _)) = *one;
            let place = (left(one) - least_x, across - least_y + HEIGHT / 2.0 + top);
            let width = widths.get(node).copied().unwrap_or_default();
            if let Some(to) = self.nodes.get_mut(node) {
                *to = place;
            }
            self.width = self.width.max(place.0 + width);
            self.height = self.height.max(place.1 + HEIGHT / 2.0 + ROOM);
        }
    }
}
