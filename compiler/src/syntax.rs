//! KDL text to a tree with spans, recovering after each mistake.

use std::borrow::Cow;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::visible::visible;
use crate::source::{FileId, Span};

mod characters;
mod entry;
mod escape;
mod files;
mod limits;
mod name;
mod number;
pub(crate) mod problems;
mod reader;
mod space;
mod string;
mod suspicious;
mod word;

pub use files::{decode, load};
pub use limits::{CATALOG_BYTES, FILE_BYTES, FILE_DEPTH, FILE_MISTAKES, FILE_NODES, Limits};

/// Reads a file. Mistakes go to `found`; what could be read in spite of them is in the tree.
///
/// Takes time and memory in proportion to the text, whatever it is.
pub fn read<'s>(file: FileId, text: &'s str, found: &mut Vec<Diagnostic>) -> Document<'s> {
    read_within(Limits::default(), file, text, found)
}

/// Reads a file under other limits than the built-in ones.
pub fn read_within<'s>(
    limits: Limits,
    file: FileId,
    text: &'s str,
    found: &mut Vec<Diagnostic>,
) -> Document<'s> {
    let before = found.len();
    let document = reader::Reader::new(file, text, limits, found).document();
    if let Some(found) = found.get_mut(before..) {
        found.sort_by_key(|finding| finding.primary.as_ref().map(|label| label.loc.span));
    }
    document
}

/// The user's words as a message shows them: in backticks, on one line, not too long.
fn shown(words: &str) -> String {
    const MOST: usize = 40;
    let words = words.trim();
    match words.char_indices().nth(MOST) {
        Some((end, _)) => format!("`{}…`", visible(words.get(..end).unwrap_or_default())),
        None => format!("`{}`", visible(words)),
    }
}

/// A file's nodes. Text is borrowed from the source wherever it needs no decoding.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document<'s> {
    /// Top-level nodes in the order written.
    pub nodes: Vec<Node<'s>>,
    /// Nodes that `/-` comments out, wherever they stand, in the order they end.
    pub commented: Vec<Node<'s>>,
}

/// A node.
#[derive(Clone, Debug, PartialEq)]
pub struct Node<'s> {
    /// Its name.
    pub name: Text<'s>,
    /// Type annotation, as in `(u8)node`.
    pub annotation: Option<Text<'s>>,
    /// Arguments and properties in the order written.
    pub entries: Vec<Entry<'s>>,
    /// Child nodes.
    pub children: Vec<Node<'s>>,
    /// The child block with its braces, when there is one.
    pub block: Option<Span>,
    /// From the first byte of the name (or annotation) to the last of the node, without spaces or terminator.
    pub span: Span,
    /// A mistake inside this node, outside its children, was reported: what it seems to lack may be there.
    pub broken: bool,
}

/// An argument or a property.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry<'s> {
    /// The property's name; none for an argument.
    pub name: Option<Text<'s>>,
    /// Type annotation of the value.
    pub annotation: Option<Text<'s>>,
    /// The value.
    pub value: Value<'s>,
    /// Bytes of the value alone.
    pub value_span: Span,
    /// Bytes of the whole entry.
    pub span: Span,
}

/// Decoded text and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text<'s> {
    /// The text, escapes decoded.
    pub text: Cow<'s, str>,
    /// Its bytes, quotes included.
    pub span: Span,
}

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'s> {
    /// A string, bare or quoted.
    Text(Cow<'s, str>),
    /// A whole number that fits.
    Integer(i128),
    /// Any other number, as written.
    Float(Cow<'s, str>),
    /// `#true` or `#false`.
    Bool(bool),
    /// `#null`.
    Null,
}
