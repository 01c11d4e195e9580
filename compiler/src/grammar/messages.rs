//! What is wrong with a node, in words.

use crate::checks::{environments, language};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::suggestion::did_you_mean;
use crate::source::Loc;

use super::row::{Argument, Row, TOP};
use super::types::{Type, words_of};
use super::value::quote;
use super::{row, rows, table};

/// An argument that is not there.
pub(super) fn missing_argument(row: &Row, argument: &Argument, head: Loc) -> Diagnostic {
    let needed = match argument.min {
        0 | 1 => argument_noun(argument),
        several => format!("at least {several} {}", plural(argument.name)),
    };
    language::MISSING_PART.at(head, format!("`{}` needs {needed}", row.name))
}

/// Properties that are not there.
pub(super) fn missing_properties(row: &Row, missing: &[&str], head: Loc) -> Diagnostic {
    let missing = list(missing);
    if row.name == "suppress" {
        language::MISSING_REASON
            .at(
                head,
                format!("`suppress` needs {missing}: an exception has a reason and an end date"),
            )
            .help("write `suppress CODE reason=\"...\" until=\"YYYY-MM-DD\"`")
    } else {
        language::MISSING_PART.at(head, format!("`{}` needs {missing}", row.name))
    }
}

/// A child node that is not there.
pub(super) fn missing_node(parent: &Row, child: &Row, head: Loc) -> Diagnostic {
    language::MISSING_PART
        .at(
            head,
            format!("`{}` needs a node `{}`", parent.name, child.name),
        )
        .help(sentence(child.doc))
}

/// A node that stands more than once.
pub(super) fn repeated(name: &str, again: Loc, first: Loc) -> Diagnostic {
    language::REPEATED_NODE
        .at(again, format!("only one `{name}` allowed here"))
        .and(first, "first is here")
}

/// A type annotation.
pub(super) fn annotation(text: &str, loc: Loc) -> Diagnostic {
    language::TYPE_ANNOTATION
        .at(
            loc,
            format!("type annotation {} has no meaning here", quote(text)),
        )
        .help("leave it out: the language has types of its own")
}

/// More arguments than the node takes.
pub(super) fn too_many(row: &Row, surplus: Loc) -> Diagnostic {
    let takes = match row.most() {
        0 => "no argument".to_owned(),
        1 => "one argument".to_owned(),
        most => format!("at most {most} arguments"),
    };
    language::TOO_MANY_ARGUMENTS.at(surplus, format!("`{}` takes {takes}", row.name))
}

/// A node that has no row below this parent.
pub(super) fn unknown_node(parent: &str, name: &str, loc: Loc) -> Diagnostic {
    let here = if parent == TOP {
        "at the top of a file".to_owned()
    } else {
        format!("in `{parent}`")
    };
    if parent == "patch" && is_fact(name) {
        return environments::NOT_PATCHABLE
            .at(
                loc,
                format!(
                    "{} is a fact of the thing and cannot be patched",
                    quote(name)
                ),
            )
            .help("change the definition; what a thing is does not depend on the environment");
    }
    let parents: Vec<&str> = rows()
        .filter(|row| row.name == name)
        .flat_map(|row| row.under)
        .copied()
        .collect();
    if !parents.is_empty() {
        return language::MISPLACED_NODE
            .at(loc, format!("{} belongs {}", quote(name), places(&parents)));
    }
    let unknown = language::UNKNOWN_NODE.at(loc, format!("no node {} {here}", quote(name)));
    if table::later(name) {
        return unknown.help(format!("`{name}` is not available yet"));
    }
    if let Some(bare) = name
        .strip_suffix(':')
        .filter(|bare| row(parent, bare).is_some())
    {
        return unknown.help(format!("KDL has no colon after a name: write `{bare}`"));
    }
    let known = rows()
        .filter(|row| row.under.contains(&parent))
        .map(|row| row.name);
    with_help(unknown, did_you_mean(name, known))
}

/// A property that the node does not have.
pub(super) fn unknown_property(row: &Row, name: &str, loc: Loc) -> Diagnostic {
    let unknown = language::UNKNOWN_PROPERTY.at(
        loc,
        format!("`{}` has no property {}", row.name, quote(name)),
    );
    if table::later(name) {
        return unknown.help(format!("`{name}` is not available yet"));
    }
    if super::row(row.name, name).is_some() {
        return unknown.help(format!(
            "`{name}` is a node of its own: write it in a block `{{ }}`"
        ));
    }
    with_help(
        unknown,
        did_you_mean(name, row.properties.iter().map(|property| property.name)),
    )
}

/// Adds help, when there is some.
pub(crate) fn with_help(found: Diagnostic, help: Option<String>) -> Diagnostic {
    match help {
        Some(help) if found.help.is_none() => found.help(help),
        _ => found,
    }
}

/// Whether a node or property of this name says what a server, agent or tool is.
fn is_fact(name: &str) -> bool {
    ["server", "tool", "agent"].into_iter().any(|parent| {
        row(parent, name).is_some_and(|row| row.name != "suppress")
            || row(TOP, parent)
                .or_else(|| row("server", parent))
                .is_some_and(|row| row.property(name).is_some())
    })
}

fn argument_noun(argument: &Argument) -> String {
    if matches!(argument.of, Type::Text | Type::AnyText) {
        let article = if argument.name.starts_with('a') {
            "an"
        } else {
            "a"
        };
        format!("{article} {}", argument.name)
    } else {
        argument.of.noun()
    }
}

/// The name of an argument, of which there are several.
fn plural(name: &str) -> String {
    let ending = if name.ends_with('s') { "es" } else { "s" };
    format!("{name}{ending}")
}

fn list(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}=`")).collect();
    quoted.join(" and ")
}

fn places(parents: &[&str]) -> String {
    if parents.contains(&TOP) {
        return "at the top of a file".to_owned();
    }
    let mut parents = parents.to_vec();
    parents.sort_unstable();
    parents.dedup();
    match parents.as_slice() {
        [one] => {
            let article = if one.starts_with(['a', 'e', 'i', 'o']) {
                "an"
            } else {
                "a"
            };
            format!("in {article} `{one}`")
        }
        several => format!("in {}", words_of(several)),
    }
}

/// The first sentence of a doc, as help is written.
fn sentence(doc: &str) -> String {
    let first = doc
        .split(". ")
        .next()
        .unwrap_or_default()
        .trim_end_matches('.');
    let mut chars = first.chars();
    match chars.next() {
        Some(start) => start.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}
