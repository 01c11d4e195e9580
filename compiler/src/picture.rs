//! The permission graph as a picture: JSON, DOT, Mermaid, SVG, and a page that a browser shows by itself.

mod dot;
mod group;
mod layout;
mod mermaid;
mod page;
mod sketch;
mod svg;

pub use dot::dot;
pub use mermaid::mermaid;
pub use page::page;
pub use sketch::{Line, Shape, Sketch, schema};
pub use svg::svg;

#[cfg(test)]
mod tests;
