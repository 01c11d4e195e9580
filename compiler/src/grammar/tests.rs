//! The table is complete: every row is held by somebody, explained, and used by a file of the corpus.

mod examples;
mod held;

use std::collections::BTreeSet;
use std::path::Path;

use super::*;
use crate::source::{Disk, FileId, Loader as _};
use crate::syntax;

#[test]
fn every_row_is_held_by_somebody() {
    for row in rows() {
        assert!(!row.held_by.is_empty(), "nobody holds `{}`", row.name);
        for property in row.properties {
            let nobody = property.held_by.is_some_and(<[_]>::is_empty);
            assert!(
                !nobody,
                "nobody holds `{}` of `{}`",
                property.name, row.name
            );
        }
    }
}

#[test]
fn every_row_is_explained_in_a_sentence() {
    let sentence =
        |doc: &str| doc.ends_with('.') && doc.starts_with(|c: char| c.is_uppercase() || c == '`');
    for row in rows() {
        assert!(sentence(row.doc), "`{}`: {:?}", row.name, row.doc);
        for property in row.properties {
            let known = property.doc.ends_with('.');
            assert!(
                known,
                "`{}` of `{}`: {:?}",
                property.name, row.name, property.doc
            );
        }
    }
}

#[test]
fn a_node_has_one_row_below_each_parent() {
    let mut places = BTreeSet::new();
    for row in rows() {
        for parent in row.under {
            assert!(
                places.insert((parent, row.name)),
                "`{}` twice below `{parent}`",
                row.name
            );
            let exists = *parent == row::TOP || rows().any(|other| other.name == *parent);
            assert!(
                exists,
                "`{}` stands below `{parent}`, which is no node",
                row.name
            );
        }
    }
}

#[test]
fn what_comes_later_is_not_there_yet() {
    for row in rows() {
        assert!(!table::later(row.name), "`{}` is there", row.name);
        for property in row.properties {
            assert!(
                !table::later(property.name),
                "`{}` of `{}` is there",
                property.name,
                row.name
            );
        }
    }
}

#[test]
fn every_row_is_used_by_an_example_or_a_catalog_of_the_corpus() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let disk = Disk::open(&root).unwrap();
    let mut used = BTreeSet::new();
    for below in [
        "examples",
        "compiler/tests/checks",
        "compiler/tests/everything",
    ] {
        for path in disk.list(below).unwrap() {
            let bytes = disk.read(&path, 1 << 21).unwrap();
            if let (true, Ok(text)) = (
                Path::new(&path).extension().is_some_and(|end| end == "kdl"),
                String::from_utf8(bytes),
            ) {
                let document = syntax::read(FileId(0), &text, &mut Vec::new());
                let walked = walk(&document, FileId(0), &[], &mut Vec::new());
                for item in &walked.items {
                    collect(row::TOP, item, &mut used);
                }
            }
        }
    }
    let unused: Vec<String> = rows()
        .flat_map(|row| row.under.iter().map(move |parent| (row, *parent)))
        .flat_map(|(row, parent)| {
            let properties = row
                .properties
                .iter()
                .map(move |property| format!("{parent}/{} {}", row.name, property.name));
            std::iter::once(format!("{parent}/{}", row.name)).chain(properties)
        })
        .filter(|place| !used.contains(place))
        .collect();
    assert!(unused.is_empty(), "no file has {unused:#?}");
}

fn collect(parent: &str, item: &Item, used: &mut BTreeSet<String>) {
    let place = format!("{parent}/{}", item.row.name);
    for property in item.row.properties {
        if item.property(property.name).is_some() {
            used.insert(format!("{place} {}", property.name));
        }
    }
    used.insert(place);
    for child in &item.children {
        collect(item.row.name, child, used);
    }
}

const REFERENCE: &str = "docs/reference/nodes.md";

#[test]
fn the_reference_is_up_to_date() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let written = Disk::open(&root).unwrap().read(REFERENCE, 1 << 20).unwrap();
    let same = String::from_utf8(written).unwrap() == reference();
    assert!(
        same,
        "{REFERENCE} is out of date; `make generated` writes it"
    );
}
