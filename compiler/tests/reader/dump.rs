//! A tree as text.

use std::fmt::Write as _;

use bailiwick_compiler::syntax::{Document, Entry, Node, Text};

/// One line for each node and entry, with the bytes it was read from.
pub(crate) fn dump(document: &Document<'_>) -> String {
    let mut out = String::new();
    for node in &document.nodes {
        write_node(&mut out, node, 0);
    }
    out
}

fn write_node(out: &mut String, node: &Node<'_>, depth: usize) {
    let indentation = "  ".repeat(depth);
    let span = node.span;
    write!(out, "{indentation}node {:?}", node.name.text).unwrap();
    write_annotation(out, node.annotation.as_ref());
    let name = node.name.span;
    write!(out, " name {}..{}", name.start, name.end).unwrap();
    if let Some(block) = node.block {
        write!(out, " block {}..{}", block.start, block.end).unwrap();
    }
    if node.broken {
        out.push_str(" broken");
    }
    writeln!(out, " in {}..{}", span.start, span.end).unwrap();
    for entry in &node.entries {
        write_entry(out, entry, &indentation);
    }
    for child in &node.children {
        write_node(out, child, depth + 1);
    }
}

fn write_entry(out: &mut String, entry: &Entry<'_>, indentation: &str) {
    write!(out, "{indentation}  - ").unwrap();
    if let Some(name) = &entry.name {
        write!(
            out,
            "{:?} {}..{} = ",
            name.text, name.span.start, name.span.end
        )
        .unwrap();
    }
    write!(out, "{:?}", entry.value).unwrap();
    write_annotation(out, entry.annotation.as_ref());
    let (value, whole) = (entry.value_span, entry.span);
    write!(out, " value {}..{}", value.start, value.end).unwrap();
    writeln!(out, " in {}..{}", whole.start, whole.end).unwrap();
}

fn write_annotation(out: &mut String, annotation: Option<&Text<'_>>) {
    if let Some(Text { text, span }) = annotation {
        write!(out, " ({text:?} {}..{})", span.start, span.end).unwrap();
    }
}
