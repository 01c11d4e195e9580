//! Arguments and properties.

use std::collections::BTreeMap;

use super::problems::{
    BAD_TYPE_ANNOTATION, DUPLICATE_PROPERTY, EXPECTED_VALUE, VALUE_NEEDS_QUOTES,
};
use super::reader::{Begun, Reader};
use super::{Entry, Node, Text, Value};
use crate::source::Span;

/// A string, number or keyword.
pub(super) struct Token<'s> {
    pub(super) value: Value<'s>,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// More properties than this are compared through a map, since each pair would take too long.
const FEW: usize = 8;

impl<'s> Reader<'s, '_> {
    /// Reads an argument or property, and the spaces behind it.
    pub(super) fn entry(&mut self, begun: &mut Begun<'s>, slashed: bool) {
        let findings = self.found.len();
        let start = self.at;
        let annotation = self.annotation_here();
        if let Some(entry) = self.entry_behind(start, annotation)
            && !slashed
        {
            begun.node.span.end = entry.span.end;
            self.entries.push(entry);
        }
        // What is wrong with a part that is commented out was reported, but makes nothing miss.
        begun.node.broken |= !slashed && self.found.len() > findings;
    }

    fn entry_behind(&mut self, start: usize, annotation: Option<Text<'s>>) -> Option<Entry<'s>> {
        let annotation_end = self.at;
        let misread = self.found.len();
        let Some(token) = self.token() else {
            // An annotation that cannot be read was reported; what is behind it cannot be either.
            if annotation.is_none() && annotation_end > start {
                self.skip_rest_of_node();
            } else {
                self.unexpected(start);
            }
            return None;
        };
        let misread = self.found.len() > misread;
        let end = self.at;
        if self.peek() != Some(b'=') {
            self.passed_space = self.skip_node_space();
        }
        if self.peek() == Some(b'=') {
            self.passed_space = false;
            if annotation_end > start {
                self.report(
                    &BAD_TYPE_ANNOTATION,
                    start..annotation_end,
                    "type annotation before the name of a property",
                    "it belongs before the value; catalogs need none, so it can be deleted",
                );
            }
            return self.property(token, misread);
        }
        let mut text = Text {
            text: std::borrow::Cow::Borrowed(""),
            span: self.span(token.start, token.end),
        };
        let mut value = token.value;
        // What has a dot may be a host name; those are held against what they look like where they are read.
        if let Value::Text(word) = &mut value
            && !word.is_ascii()
            && !word.contains(|c: char| c.is_whitespace() || c == '.')
        {
            std::mem::swap(&mut text.text, word);
            self.is_suspicious(&text);
            std::mem::swap(&mut text.text, word);
        }
        Some(Entry {
            name: None,
            annotation,
            value,
            value_span: text.span,
            span: self.span(start, end),
        })
    }

    /// Reads `=` and the value behind it. What was `misread` in its name was reported.
    fn property(&mut self, name: Token<'s>, misread: bool) -> Option<Entry<'s>> {
        let raw = self.slice(name.start, name.end);
        let name_span = self.span(name.start, name.end);
        let start = name.start;
        let text = match name.value {
            Value::Text(text) => text,
            Value::Integer(_) | Value::Float(_) | Value::Bool(_) | Value::Null => {
                if !misread {
                    self.report(
                        &VALUE_NEEDS_QUOTES,
                        name.start..name.end,
                        format!("`{raw}` cannot name a property without quotes"),
                        format!("write `\"{raw}\"=`, if a property is meant"),
                    );
                }
                raw.into()
            }
        };
        let name = Text {
            text,
            span: name_span,
        };
        self.is_suspicious(&name);
        self.at += 1;
        let after_sign = self.at;
        self.skip_node_space();
        let annotation_start = self.at;
        let annotation = self.annotation_here();
        let annotation_misread = annotation.is_none() && self.at > annotation_start;
        let Some(token) = self.token() else {
            if !annotation_misread {
                self.report(
                    &EXPECTED_VALUE,
                    start..after_sign,
                    format!(
                        "expected a value after {}",
                        super::shown(self.slice(start, after_sign))
                    ),
                    "write the value behind the `=`; text with other characters goes in quotes",
                );
            }
            self.skip_rest_of_node();
            return None;
        };
        Some(Entry {
            name: Some(name),
            annotation,
            value: token.value,
            value_span: self.span(token.start, token.end),
            span: self.span(start, token.end),
        })
    }

    fn annotation_here(&mut self) -> Option<Text<'s>> {
        if self.peek() != Some(b'(') {
            return None;
        }
        let annotation = self.annotation();
        self.skip_node_space();
        annotation
    }

    /// Reports what stands where a value belongs, and skips it.
    fn unexpected(&mut self, start: usize) {
        let (message, help) = match self.peek() {
            Some(b'=') => (
                "expected a value here, found `=`",
                "arguments follow the name of the node without `=`; a property is `name=value`",
            ),
            Some(b'[' | b']') => (
                "expected a value here, found a bracket",
                "a list is written as several arguments, without brackets or commas",
            ),
            Some(b'#') => (
                "expected a value here, found `#`",
                "comments start with `//`; the keywords are #true, #false, #null, #inf, #-inf and #nan",
            ),
            Some(b'\\') => (
                "expected a value here, found `\\`",
                "a `\\` outside of quotes may only stand at the end of a line",
            ),
            _ => (
                "expected a value here",
                "a value is a word, a quoted string, a number or a keyword such as #true",
            ),
        };
        let end = self.glued_end(self.at);
        let end = if self.peek() == Some(b'=') {
            self.at + 1
        } else {
            end
        };
        self.report(&EXPECTED_VALUE, start..end, message, help);
        if self.peek() == Some(b'=') {
            self.at += 1;
            self.passed_space = true;
        } else {
            self.skip_rest_of_node();
        }
    }

    /// Reads a string, number or keyword, if one begins here.
    pub(super) fn token(&mut self) -> Option<Token<'s>> {
        let start = self.at;
        let value = match self.peek()? {
            b'"' => Value::Text(self.quoted_string()),
            b'#' if self.at_raw_string() => Value::Text(self.raw_string()),
            b'#' => self.keyword()?,
            _ if self.at_word() => self.word(),
            _ => return None,
        };
        Some(Token {
            value,
            start,
            end: self.at,
        })
    }

    /// Moves the entries into their node, and reports properties that are there twice.
    pub(super) fn settle_entries(&mut self, node: &mut Node<'s>) {
        if self.entries.is_empty() {
            return;
        }
        let repeated = repeated_properties(&self.entries);
        for (first, again) in repeated {
            let name = self.slice(again.start as usize, again.end as usize);
            let loc = |span| crate::source::Loc {
                file: self.file,
                span,
            };
            let finding = DUPLICATE_PROPERTY
                .at(
                    loc(again),
                    format!("{} is given twice; the last would win", super::shown(name)),
                )
                .and(loc(first), "given here first")
                .help("keep one of the two");
            self.push(finding);
        }
        node.entries = self.entries.drain(..).collect();
    }
}

/// The names of properties that repeat an earlier one, with that one.
fn repeated_properties(entries: &[Entry<'_>]) -> Vec<(Span, Span)> {
    let names = || entries.iter().filter_map(|entry| entry.name.as_ref());
    let mut repeated = Vec::new();
    if entries.len() <= FEW {
        for (position, name) in names().enumerate() {
            let first = names().take(position).find(|first| first.text == name.text);
            repeated.extend(first.map(|first| (first.span, name.span)));
        }
        return repeated;
    }
    let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
    for name in names() {
        match seen.get(name.text.as_ref()) {
            Some(&first) => repeated.push((first, name.span)),
            None => drop(seen.insert(&name.text, name.span)),
        }
    }
    repeated
}
