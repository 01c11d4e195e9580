//! Holds a syntax tree against the table and gives typed items: what fits, with its place.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::Diagnostic;
use crate::model::Name;
use crate::source::{At, FileId, Loc, Span};
use crate::syntax::{Document, Entry, FILE_MISTAKES, Node, Text};

use super::messages::with_help;
use super::row::{Argument, Row, TOP};
use super::types::Type;
use super::value::{self, Value};
use super::{messages, row, rows};

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
        annotations: 0,
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
    annotations: usize,
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

    /// Whether the reader had something to say of the name of a node, or of where it stands.
    fn is_reported(&self, node: &Node<'_>) -> bool {
        let name = node.name.span;
        let mut at = self.damaged.iter().map(|damage| damage.start);
        node.broken && self.is_damaged(name) || at.any(|start| start == name.start)
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
                        let again = self.loc(node.name.span);
                        self.report(messages::repeated(found.name, again, *first));
                    } else {
                        once.insert(found.name, self.loc(node.name.span));
                        items.push(self.node(found, node));
                    }
                }
                None if unclosed && row(TOP, &node.name.text).is_some() => {
                    swallowed.push(node.clone());
                }
                // A name that was reported as such is not unknown too.
                None if self.is_reported(node) && parent == TOP => {
                    self.lost.extend(label(node));
                }
                None if self.is_reported(node) => {}
                None => self.unknown(parent, node),
            }
        }
        if !swallowed.is_empty() {
            self.displaced.push(swallowed);
        }
        items
    }

    fn node(&mut self, row: &'static Row, node: &Node<'d>) -> Item {
        self.annotation(node.annotation.as_ref());
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
        // What seems to be missing may be what stands there under another name.
        let is_misspelt = node
            .children
            .iter()
            .any(|child| super::row(row.name, &child.name.text).is_none());
        if !item.broken && !is_misspelt {
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
            self.annotation(entry.annotation.as_ref());
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
            self.report(messages::too_many(row, self.loc(entry.span)));
        }
        if !item.broken {
            self.missing_entries(node, item, &given);
        }
    }

    /// The language has types of its own.
    fn annotation(&mut self, written: Option<&Text<'_>>) {
        let Some(written) = written else {
            return;
        };
        // It makes nothing wrong, so it is no mistake.
        self.annotations += 1;
        if self.annotations <= FILE_MISTAKES {
            let loc = self.loc(written.span);
            self.found.push(messages::annotation(&written.text, loc));
        }
    }

    fn property(&mut self, entry: &Entry<'d>, name: &str, span: Span, item: &mut Item) {
        let row = item.row;
        let Some(property) = row.property(name) else {
            self.report(messages::unknown_property(row, name, self.loc(span)));
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
                let found = misfit.check.at(loc, misfit.message);
                self.report(with_help(found, misfit.help));
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
        let count = |argument: &Argument| given.get(argument.name).copied().unwrap_or(0);
        let missing = row
            .arguments
            .iter()
            .find(|argument| count(argument) < argument.min);
        if let Some(argument) = missing {
            self.report(messages::missing_argument(row, argument, item.head));
        }
        let missing: Vec<&str> = row
            .properties
            .iter()
            .filter(|property| property.required && !written(node, property.name))
            .map(|property| property.name)
            .collect();
        // What seems to be missing may be what stands there under another name.
        let mut named = node.entries.iter().filter_map(|entry| entry.name.as_ref());
        let is_misspelt = named.any(|name| row.property(&name.text).is_none());
        if !missing.is_empty() && !is_misspelt {
            self.report(messages::missing_properties(row, &missing, item.head));
        }
    }

    fn missing_nodes(&mut self, item: &Item) {
        for row in rows().filter(|row| row.required && row.under.contains(&item.row.name)) {
            if item.child(row.name).is_none() {
                self.report(messages::missing_node(item.row, row, item.head));
            }
        }
    }

    fn unknown(&mut self, parent: &str, node: &Node<'d>) {
        if parent == TOP {
            self.lost.extend(label(node));
        }
        let loc = self.loc(node.name.span);
        self.report(messages::unknown_node(parent, &node.name.text, loc));
    }
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

fn argument_place(row: &Row, argument: &Argument) -> String {
    if row.arguments.len() == 1 {
        format!("`{}`", row.name)
    } else {
        format!("{} of `{}`", argument.name, row.name)
    }
}
