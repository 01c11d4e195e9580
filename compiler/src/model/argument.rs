//! Arguments of tools: where one stands, and what narrows it.

use std::fmt;

use serde_json::{Number, Value};

use crate::source::{At, Loc};

/// Where an argument of a tool stands: names of nested `properties`, at least one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ArgumentPath(Vec<String>);

/// Most names in a path: as deep as a schema may be.
const DEEPEST: usize = 32;

impl ArgumentPath {
    /// Reads names joined by `.`, or a JSON pointer.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let names: Option<Vec<String>> = match text.strip_prefix('/') {
            Some(pointer) => pointer.split('/').map(unescape).collect(),
            None => text
                .split('.')
                .map(|name| (!name.is_empty()).then(|| name.to_owned()))
                .collect(),
        };
        let names = names.filter(|names| names.len() <= DEEPEST)?;
        let plain = names.iter().flat_map(|name| name.chars());
        (!plain.clone().any(char::is_control) && plain.count() > 0).then_some(Self(names))
    }

    /// The names, outermost first.
    pub fn names(&self) -> &[String] {
        &self.0
    }
}

/// A part of a JSON pointer (RFC 6901).
fn unescape(part: &str) -> Option<String> {
    let escapes = part.matches('~').count();
    let known = part.matches("~0").count() + part.matches("~1").count();
    (escapes == known).then(|| part.replace("~1", "/").replace("~0", "~"))
}

impl fmt::Display for ArgumentPath {
    /// Names joined by `.`, or where that would mean another path a JSON pointer.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.0.first().is_some_and(|name| name.starts_with('/'));
        let plain = |name: &String| !name.is_empty() && !name.contains('.');
        if !first && self.0.iter().all(plain) {
            return f.write_str(&self.0.join("."));
        }
        for name in &self.0 {
            write!(f, "/{}", name.replace('~', "~0").replace('/', "~1"))?;
        }
        Ok(())
    }
}

/// An `arg` node: what it writes holds at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Narrowing {
    /// The argument.
    pub path: At<ArgumentPath>,
    /// The only values; empty does not narrow.
    pub one_of: Vec<At<Value>>,
    /// The value that agents neither see nor choose.
    pub fix: Option<At<Value>>,
    /// What a text must match as a whole.
    pub pattern: Option<At<String>>,
    /// Smallest number.
    pub min: Option<At<Number>>,
    /// Largest number.
    pub max: Option<At<Number>>,
    /// Longest text, characters.
    pub max_length: Option<At<u64>>,
    /// The node.
    pub loc: Loc,
}

#[cfg(test)]
mod tests {
    use super::ArgumentPath;

    #[test]
    fn names_and_pointers_are_shown_as_they_are_written() {
        for path in [
            "amount",
            "filter.project",
            "/filter/a.b",
            "/a~1b~0c/",
            "//a",
        ] {
            let parsed = ArgumentPath::parse(path).unwrap();
            assert_eq!(parsed.to_string(), path);
        }
        let same = ArgumentPath::parse("/filter/project").unwrap();
        assert_eq!(same.to_string(), "filter.project");
    }

    #[test]
    fn what_leads_nowhere_is_no_path() {
        let deep = vec!["a"; 33].join(".");
        for text in ["", ".", "a.", "a..b", "/", "/a~2b", "a\u{1}", &deep] {
            assert_eq!(ArgumentPath::parse(text), None, "{text:?}");
        }
    }
}
