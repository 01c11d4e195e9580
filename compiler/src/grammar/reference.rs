//! The reference page of the language, written from the table.

use super::row::{Argument, Holder, Property, Row, TOP};
use super::rows;

const HEAD: &str = "\
# Nodes of the language

Written from the compiler's own table; `make generated` writes it anew. *Held by* says who makes a setting true: the build, which
refuses or decides; the cluster, by Kubernetes, its network plugin or Kyverno; or the runtime, which is the dispatch server or the
bridge.
";

/// The page, Markdown.
pub fn reference() -> String {
    let nodes: Vec<String> = rows().map(node).collect();
    format!("{HEAD}\n{}", nodes.join("\n"))
}

fn node(row: &Row) -> String {
    let mut facts = vec![format!("Stands {}", places(row))];
    if !row.arguments.is_empty() {
        let arguments: Vec<String> = row.arguments.iter().map(argument).collect();
        facts.push(format!("takes {}", arguments.join(", then ")));
    }
    facts.push(
        match (row.required, row.repeats) {
            (true, _) => "required",
            (false, true) => "may repeat",
            (false, false) => "at most once",
        }
        .to_owned(),
    );
    facts.push(format!("held by {}", holders(row.held_by)));
    let mut text = format!(
        "## `{}`\n\n{}\n\n{}.\n",
        row.name,
        row.doc,
        facts.join("; ")
    );
    if !row.properties.is_empty() {
        text.push_str("\n| property | value | where not written | held by | meaning |\n|---|---|---|---|---|\n");
        let lines = row.properties.iter().map(|written| property(row, written));
        text.extend(lines);
    }
    text
}

fn places(row: &Row) -> String {
    let parents: Vec<String> = row
        .under
        .iter()
        .map(|parent| match *parent {
            TOP => "at the top of a file".to_owned(),
            parent => format!("in `{parent}`"),
        })
        .collect();
    parents.join(", ")
}

fn argument(argument: &Argument) -> String {
    let what = argument.of.noun();
    match (argument.min, argument.max) {
        (1, 1) => what,
        (0, 1) => format!("optionally {what}"),
        (0, most) => format!("up to {most} times {what}"),
        (_, most) => format!("up to {most} times, at least once, {what}"),
    }
}

fn property(row: &Row, property: &Property) -> String {
    let default = match (property.required, property.default) {
        (true, _) => "required".to_owned(),
        (false, Some(default)) => default.to_owned(),
        (false, None) => "-".to_owned(),
    };
    let holders = holders(property.held_by.unwrap_or(row.held_by));
    let cells = [
        format!("`{}`", property.name),
        property.of.noun(),
        default.replace('<', "\\<"),
        holders,
        property.doc.to_owned(),
    ];
    format!("| {} |\n", cells.join(" | "))
}

fn holders(holders: &[Holder]) -> String {
    let words: Vec<&str> = holders
        .iter()
        .map(|holder| match holder {
            Holder::Build => "build",
            Holder::Cluster => "cluster",
            Holder::Runtime => "runtime",
        })
        .collect();
    words.join(", ")
}
