//! Holds a syntax tree against the table and gives typed items: what fits, with its place.

use std::collections::{BTreeMap, BTreeSet};

use crate::checks::{environments, language};
use crate::diagnostic::suggestion::did_you_mean;
use crate::diagnostic::{Check, Diagnostic};
use crate::model::Name;
use crate::source::{At, FileId, Loc, Span};
use crate::syntax::{Document, Entry, FILE_MISTAKES, Node};

use super::row::{Argument, Row, TOP};
use super::types::Type;
use super::value::{self, Value, quote};
use super::{row, rows, table};

/// A node that has a row, and of its parts those that fit.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    /// Its row.
    pub(crate) row: &'static Row,
    /// Arguments by their name in the row.
    arguments: BTreeMap<&'static str, Vec<At<Value>>>,
    /// Properties.
    properties: BTreeMap<&'static str, At<Value>>,
    /// Child nodes in the order written.
    pub(crate) children: Vec<Item>,
    /// The whole node.
    pub(crate) loc: Loc,
    /// Its name.
    pub(crate) head: Loc,
    /// Its first argument as written, whether it fits or not.
    pub(crate) label: Option<Name>,
    /// Whether it, or a node inside, has a mistake.
    pub(crate) broken: bool,
}

impl Item {
    /// The argument of this name.
    pub(crate) fn argument(&self, name: &str) -> Option<&At<Value>> {
        self.arguments(name).first()
    }

    /// All arguments of this name.
    pub(crate) fn arguments(&self, name: &str) -> &[At<Value>] {
        self.arguments.get(name).map_or(&[], Vec::as_slice)
    }

    /// The property of this name.
    pub(crate) fn property(&self, name: &str) -> Option<&At<Value>> {
        self.properties.get(name)
    }

    /// The child node of this name, when it does not repeat.
    pub(crate) fn child(&self, name: &str) -> Option<&Item> {
        self.children.iter().find(|child| child.row.name == name)
    }

    /// All child nodes of this name.
    pub(crate) fn all<'i>(&'i self, name: &'i str) -> impl Iterator<Item = &'i Item> {
        self.children
            .iter()
            .filter(move |child| child.row.name == name)
    }
}

/// Holds one file against the table. `damaged` are the places of its syntax errors: a node around
/// one is not blamed for what may have been lost there.
pub(crate) fn walk(
    document: &Document<'_>,
    file: FileId,
    damaged: &[Span],
    found: &mut Vec<Diagnostic>,
) -> Walked {
    let mut walker = Walker {
        file,
        damaged,
        found,
        mistakes: 0,
        displaced: Vec::new(),
        lost: BTreeSet::new(),
    };
    let mut items = walker.children(TOP, &document.nodes, None);
    while let Some(nodes) = walker.displaced.pop() {
        items.extend(walker.children(TOP, &nodes, None));
    }
    Walked {
        items,
        lost: walker.lost,
    }
}

/// What a file has.
#[derive(Clone, Debug, Default)]
pub(crate) struct Walked {
    /// Its top-level nodes.
    pub(crate) items: Vec<Item>,
    /// What top-level nodes without a row would have named.
    pub(crate) lost: BTreeSet<Name>,
}

struct Walker<'a, 'd> {
    file: FileId,
    damaged: &'a [Span],
    found: &'a mut Vec<Diagnostic>,
    mistakes: usize,
    /// Top-level nodes inside a block whose end is missing.
    displaced: Vec<Vec<Node<'d>>>,
    lost: BTreeSet<Name>,
}

impl<'d> Walker<'_, 'd> {
    fn loc(&self, span: Span) -> Loc {
        Loc {
            file: self.file,
            span,
        }
    }

    /// Counts a mistake, and keeps it unless there are too many to be read by anybody.
    fn report(&mut self, found: Diagnostic) {
        self.mistakes += 1;
        if self.mistakes <= FILE_MISTAKES {
            self.found.push(found);
        }
    }

    /// Whether a syntax error starts inside. They are sorted by place.
    fn is_damaged(&self, span: Span) -> bool {
        let next = self
            .damaged
            .partition_point(|damage| damage.start < span.start);
        self.damaged
            .get(next)
            .is_some_and(|damage| damage.start <= span.end)
    }

    /// The children of one parent: which of them have a row, and which stand too often.
    fn children(&mut self, parent: &str, nodes: &[Node<'d>], block: Option<Span>) -> Vec<Item> {
        // A block whose end is missing swallows the rest of the file.
        let unclosed = block.is_some_and(|block| {
            let next = self
                .damaged
                .partition_point(|damage| damage.start < block.start);
            self.damaged
                .get(next)
                .is_some_and(|damage| damage.start == block.start)
        });
        let mut items: Vec<Item> = Vec::new();
        let mut once: BTreeMap<&str, Loc> = BTreeMap::new();
        let mut swallowed = Vec::new();
        for node in nodes {
            match row(parent, &node.name.text) {
                Some(found) if found.repeats => items.push(self.node(found, node)),
                Some(found) => {
                    if let Some(first) = once.get(found.name) {
                        self.repeated(node, *first);
                    } else {
                        once.insert(found.name, self.loc(node.name.span));
                        items.push(self.node(found, node));
                    }
                }
                None if unclosed && row(TOP, &node.name.text).is_some() => {
                    swallowed.push(node.clone());
                }
                // A name that was reported as such is not unknown too.
                None if node.broken && self.is_damaged(node.name.span) && parent == TOP => {
                    self.lost.extend(label(node));
                }
                None if node.broken && self.is_damaged(node.name.span) => {}
                None => self.unknown(parent, node),
            }
        }
        if !swallowed.is_empty() {
            self.displaced.push(swallowed);
        }
        items
    }

    fn node(&mut self, row: &'static Row, node: &Node<'d>) -> Item {
        let before = self.mistakes;
        let mut item = Item {
            row,
            arguments: BTreeMap::new(),
            properties: BTreeMap::new(),
            children: Vec::new(),
            loc: self.loc(node.span),
            head: self.loc(node.name.span),
            label: label(node),
            broken: node.broken || self.is_damaged(node.span),
        };
        self.entries(node, &mut item);
        item.children = self.children(row.name, &node.children, node.block);
        if !item.broken {
            self.missing_nodes(&item);
        }
        item.broken |= self.mistakes > before;
        item
    }

    fn entries(&mut self, node: &Node<'d>, item: &mut Item) {
        let row = item.row;
        let mut places = row
            .arguments
            .iter()
            .flat_map(|argument| std::iter::repeat_n(argument, argument.max));
        let mut given: BTreeMap<&'static str, usize> = BTreeMap::new();
        let mut surplus = None;
        for entry in &node.entries {
            match &entry.name {
                Some(name) => self.property(entry, &name.text, name.span, item),
                None => match places.next() {
                    Some(argument) => {
                        *given.entry(argument.name).or_default() += 1;
                        let place = argument_place(row, argument);
                        if let Some(value) = self.value(argument.of, &place, entry) {
                            item.arguments.entry(argument.name).or_default().push(value);
                        }
                    }
                    None => surplus = surplus.or(Some(entry)),
                },
            }
        }
        if let Some(entry) = surplus {
            self.too_many(row, entry);
        }
        if !item.broken {
            self.missing_entries(node, item, &given);
        }
    }

    fn property(&mut self, entry: &Entry<'d>, name: &str, span: Span, item: &mut Item) {
        let row = item.row;
        let Some(property) = row.property(name) else {
            let found = self.unknown_property(row, name, span);
            self.report(found);
            return;
        };
        if let Some(value) = self.value(property.of, &format!("`{name}`"), entry) {
            item.properties.insert(property.name, value);
        }
    }

    fn value(&mut self, of: Type, place: &str, entry: &Entry<'d>) -> Option<At<Value>> {
        let loc = self.loc(entry.value_span);
        match value::read(of, place, &entry.value) {
            Ok(value) => Some(At { value, loc }),
            // What the reader could not make out is no value of the user's.
            Err(_) if self.is_damaged(entry.span) => None,
            Err(misfit) => {
                let mut found = misfit.check.at(loc, misfit.message);
                found.help = misfit.help;
                self.report(found);
                None
            }
        }
    }

    fn missing_entries(
        &mut self,
        node: &Node<'d>,
        item: &Item,
        given: &BTreeMap<&'static str, usize>,
    ) {
        let row = item.row;
        for argument in row.arguments {
            if given.get(argument.name).copied().unwrap_or(0) < argument.min {
                let found = language::MISSING_PART.at(
                    item.head,
                    format!("`{}` needs {}", row.name, argument_noun(argument)),
                );
                self.report(found);
                break;
            }
        }
        let missing: Vec<&str> = row
            .properties
            .iter()
            .filter(|property| property.required)
            .filter(|property| !written(node, property.name))
            .map(|property| property.name)
            .collect();
        if missing.is_empty() {
            return;
        }
        let found = if row.name == "suppress" {
            language::MISSING_REASON
                .at(
                    item.head,
                    format!(
                        "`suppress` needs {}: an exception has a reason and an end date",
                        list(&missing)
                    ),
                )
                .help("write `suppress CODE reason=\"...\" until=\"YYYY-MM-DD\"`")
        } else {
            language::MISSING_PART.at(
                item.head,
                format!("`{}` needs {}", row.name, list(&missing)),
            )
        };
        self.report(found);
    }

    fn missing_nodes(&mut self, item: &Item) {
        for row in rows().filter(|row| row.required && row.under.contains(&item.row.name)) {
            if item.child(row.name).is_none() {
                let found = language::MISSING_PART
                    .at(
                        item.head,
                        format!("`{}` needs a node `{}`", item.row.name, row.name),
                    )
                    .help(sentence(row.doc));
                self.report(found);
            }
        }
    }

    fn repeated(&mut self, node: &Node<'d>, first: Loc) {
        let found = language::REPEATED_NODE
            .at(
                self.loc(node.name.span),
                format!("only one `{}` allowed here", node.name.text),
            )
            .and(first, "first is here");
        self.report(found);
    }

    fn too_many(&mut self, row: &Row, entry: &Entry<'d>) {
        let takes = match row.most() {
            0 => "no argument".to_owned(),
            1 => "one argument".to_owned(),
            most => format!("at most {most} arguments"),
        };
        let found = language::TOO_MANY_ARGUMENTS.at(
            self.loc(entry.span),
            format!("`{}` takes {takes}", row.name),
        );
        self.report(found);
    }

    fn unknown(&mut self, parent: &str, node: &Node<'d>) {
        if parent == TOP {
            self.lost.extend(label(node));
        }
        let found = self.unknown_node(parent, node);
        self.report(found);
    }

    fn unknown_node(&self, parent: &str, node: &Node<'d>) -> Diagnostic {
        let name = &*node.name.text;
        let loc = self.loc(node.name.span);
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

    fn unknown_property(&self, row: &Row, name: &str, span: Span) -> Diagnostic {
        let loc = self.loc(span);
        let unknown = Check::at(
            &language::UNKNOWN_PROPERTY,
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
}

/// Adds help, when there is some.
pub(crate) fn with_help(mut found: Diagnostic, help: Option<String>) -> Diagnostic {
    found.help = found.help.or(help);
    found
}

/// The first argument, when it is text.
fn label(node: &Node<'_>) -> Option<Name> {
    let first = node.entries.iter().find(|entry| entry.name.is_none())?;
    match &first.value {
        crate::syntax::Value::Text(text) => Some(Name::trusted(text)),
        crate::syntax::Value::Integer(_)
        | crate::syntax::Value::Float(_)
        | crate::syntax::Value::Bool(_)
        | crate::syntax::Value::Null => None,
    }
}

/// Whether the entry is there, whatever its value.
fn written(node: &Node<'_>, property: &str) -> bool {
    node.entries.iter().any(|entry| {
        entry
            .name
            .as_ref()
            .is_some_and(|name| name.text == property)
    })
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

fn argument_place(row: &Row, argument: &Argument) -> String {
    if row.arguments.len() == 1 {
        format!("`{}`", row.name)
    } else {
        format!("{} of `{}`", argument.name, row.name)
    }
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
        several => format!("in {}", super::types::words_of(several)),
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
