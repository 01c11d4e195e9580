//! KDL text to a tree with spans, recovering after each mistake.

use std::borrow::Cow;

use crate::source::Span;

/// A file's nodes. Text is borrowed from the source wherever it needs no decoding.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document<'s> {
    /// Top-level nodes in the order written.
    pub nodes: Vec<Node<'s>>,
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
