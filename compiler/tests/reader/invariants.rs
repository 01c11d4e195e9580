//! What holds of every tree and finding, whatever the text was.

use bailiwick_compiler::diagnostic::Diagnostic;
use bailiwick_compiler::source::{FileId, Sources, Span};
use bailiwick_compiler::syntax::{Document, Node, read};

/// Reads a text and checks that all spans are what they claim to be.
pub(crate) fn checked_read(text: &str) -> (Document<'_>, Vec<Diagnostic>) {
    let mut found = Vec::new();
    let document = read(file(), text, &mut found);
    let whole = Span {
        start: 0,
        end: u32::try_from(text.len()).unwrap(),
    };
    check_nodes(text, &document.nodes, whole);
    let mut last = 0;
    for finding in &found {
        let span = finding.primary.as_ref().expect("a place").loc.span;
        check_span(text, span, whole);
        assert!(span.start >= last, "findings are in the order of the text");
        last = span.start;
        assert!(!finding.message.contains('\n'), "{}", finding.message);
        assert!(finding.help.is_some(), "{}", finding.message);
    }
    if found.is_empty() {
        check_unbroken(&document.nodes);
    }
    (document, found)
}

fn file() -> FileId {
    Sources::default().add("catalogs/org.kdl".into(), String::new())
}

fn check_nodes(text: &str, nodes: &[Node<'_>], parent: Span) {
    let mut end = parent.start;
    for node in nodes {
        check_span(text, node.span, parent);
        assert!(node.span.start >= end, "nodes overlap in {text:?}");
        end = node.span.end;
        check_span(text, node.name.span, node.span);
        if let Some(annotation) = &node.annotation {
            check_span(text, annotation.span, node.span);
        }
        let mut entry_end = node.name.span.end;
        for entry in &node.entries {
            check_span(text, entry.span, node.span);
            check_span(text, entry.value_span, entry.span);
            assert!(entry.span.start >= entry_end, "entries overlap in {text:?}");
            entry_end = entry.span.end;
            if let Some(name) = &entry.name {
                check_span(text, name.span, entry.span);
            }
        }
        if let Some(block) = node.block {
            check_span(text, block, node.span);
        } else {
            assert!(node.children.is_empty(), "children are in a block");
        }
        // Two blocks of one node are a mistake, and the second is the one that is kept.
        check_nodes(
            text,
            &node.children,
            if node.broken {
                node.span
            } else {
                node.block.unwrap_or_default()
            },
        );
    }
}

fn check_span(text: &str, span: Span, parent: Span) {
    let inside = parent.start <= span.start && span.start <= span.end && span.end <= parent.end;
    assert!(inside, "{span:?} is not in {parent:?} of {text:?}");
    let (start, end) = (span.start as usize, span.end as usize);
    assert!(text.get(start..end).is_some(), "{span:?} cuts a character");
}

fn check_unbroken(nodes: &[Node<'_>]) {
    for node in nodes {
        assert!(
            !node.broken,
            "{} is broken without a finding",
            node.name.text
        );
        check_unbroken(&node.children);
    }
}
