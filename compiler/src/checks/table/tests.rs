use std::collections::BTreeSet;

use super::{CHECKS, all};
use crate::diagnostic::Diagnostic;
use crate::grammar::{row, rows};
use crate::source::FileId;
use crate::syntax::{self, Node};

/// Pages of mistakes in the grammar, whose bad example is what the grammar does not have.
const OUTSIDE_THE_GRAMMAR: [&str; 4] = ["LNG001", "LNG002", "LNG009", "ENV006"];

/// Pages whose bad example is too large, or of characters that a page cannot hold.
const TOLD: [&str; 4] = ["SYN011", "SYN012", "SYN016", "SYN021"];

#[test]
fn every_example_reads_but_for_the_mistake_that_it_shows() {
    let mut wrong = Vec::new();
    for (check, page) in CHECKS {
        for Example { section, text } in examples(page) {
            let is_mistake = section == "Avoid" && check.code.starts_with("SYN");
            let shown = is_mistake && !TOLD.contains(&check.code);
            let expected: BTreeSet<&str> = shown.then_some(check.code).into_iter().collect();
            if read(&text).1 != expected {
                wrong.push(format!("{} {section}: {:?}", check.code, read(&text).1));
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn every_example_has_nodes_and_properties_of_the_language_alone() {
    let mut wrong = Vec::new();
    for (check, page) in CHECKS {
        for Example { section, text } in examples(page) {
            let of_grammar = OUTSIDE_THE_GRAMMAR.contains(&check.code);
            if section == "Avoid" && (of_grammar || check.code.starts_with("SYN")) {
                continue;
            }
            if !stands_somewhere(&text) {
                wrong.push(format!("{} {section}", check.code));
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn an_example_with_a_mistake_is_seen() {
    assert!(stands_somewhere("retry 2 backoff=\"1s\""));
    assert!(!stands_somewhere("retri 2"));
    assert!(!stands_somewhere("retry 2 bakoff=\"1s\""));
    assert!(!stands_somewhere("server kb { retri 2; }"));
    // Each has a parent, but no parent has both.
    assert!(!stands_somewhere("team support\nretry 2"));
    assert_eq!(read("limit 60 per=1m").1, BTreeSet::from(["SYN002"]));
}

#[test]
fn the_pages_have_examples() {
    let examples = CHECKS.iter().map(|(_, page)| examples(page).count());
    assert!(examples.sum::<usize>() > all().count());
}

struct Example<'p> {
    section: &'p str,
    text: String,
}

/// The KDL blocks of a page.
fn examples(page: &str) -> impl Iterator<Item = Example<'_>> {
    page.split("\n## ").skip(1).flat_map(|part| {
        let (section, text) = part.split_once('\n').unwrap();
        let blocks = text.split("\n```kdl\n").skip(1);
        blocks.map(move |block| Example {
            section,
            text: block.split_once("```").unwrap().0.to_owned(),
        })
    })
}

/// The nodes of an example, and the codes of its mistakes.
fn read(text: &str) -> (Vec<Node<'_>>, BTreeSet<&'static str>) {
    let mut found: Vec<Diagnostic> = Vec::new();
    let nodes = syntax::read(FileId(0), text, &mut found).nodes;
    (nodes, found.iter().map(|one| one.check.code).collect())
}

/// Whether the language has all nodes and properties of an example, in a file or inside some node.
fn stands_somewhere(text: &str) -> bool {
    let nodes = read(text).0;
    let parents: BTreeSet<&str> = rows().flat_map(|row| row.under.iter().copied()).collect();
    parents.iter().any(|parent| stands(parent, &nodes))
}

fn stands(parent: &str, nodes: &[Node<'_>]) -> bool {
    nodes.iter().all(|node| {
        row(parent, &node.name.text).is_some_and(|row| {
            let mut named = node.entries.iter().filter_map(|entry| entry.name.as_ref());
            named.all(|name| row.property(&name.text).is_some()) && stands(row.name, &node.children)
        })
    })
}
