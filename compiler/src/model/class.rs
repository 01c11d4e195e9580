//! Classes of data, least to most sensitive.

use crate::source::{At, Loc};

use super::Name;

/// The classes where a catalog declares none.
const BUILT_IN: [&str; 4] = ["public", "internal", "confidential", "restricted"];

/// The first private one of them.
const BUILT_IN_PRIVATE: usize = 2;

/// What a tool returns where nothing is written, if it is a class.
const DEFAULT_READS: &str = "internal";

/// Classes of data, least to most sensitive.
#[derive(Clone, Debug)]
pub struct DataClasses {
    names: Vec<Name>,
    private: usize,
    /// The class that `private` names, as written.
    pub(crate) written: Option<At<Name>>,
    /// Whether a mistake in the node is reported, so that a class that is not there may be meant.
    pub(crate) broken: bool,
    /// The node; none where the built-in ones hold.
    pub loc: Option<Loc>,
}

impl Default for DataClasses {
    fn default() -> Self {
        Self {
            names: BUILT_IN.into_iter().map(Name::trusted).collect(),
            private: BUILT_IN_PRIVATE,
            written: None,
            broken: false,
            loc: None,
        }
    }
}

impl DataClasses {
    /// Classes as declared; `private` is the last where it is none of them.
    pub(crate) fn new(names: Vec<Name>, private: Option<At<Name>>, loc: Loc) -> Self {
        let last = names.len().saturating_sub(1);
        let place = |private: &At<Name>| names.iter().position(|name| *name == private.value);
        Self {
            private: private.as_ref().and_then(place).unwrap_or(last),
            written: private,
            broken: false,
            names,
            loc: Some(loc),
        }
    }

    /// The classes, least sensitive first.
    pub fn names(&self) -> &[Name] {
        &self.names
    }

    /// How sensitive a class is; larger is more. None for what is no class.
    pub fn rank(&self, class: &str) -> Option<usize> {
        self.names.iter().position(|name| **name == *class)
    }

    /// Whether data of this class counts as private. What is no class is taken for the worst.
    pub fn is_private(&self, class: &str) -> bool {
        self.rank(class).is_none_or(|rank| rank >= self.private)
    }

    /// The first class that counts as private.
    pub fn private(&self) -> Option<&Name> {
        self.names.get(self.private)
    }

    /// What a tool returns that says nothing: `internal`, or where that is no class the last.
    pub fn unwritten(&self) -> Option<&Name> {
        let internal = self.names.iter().find(|name| ***name == *DEFAULT_READS);
        internal.or(self.names.last())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, Span};

    const LOC: Loc = Loc {
        file: FileId(0),
        span: Span { start: 0, end: 0 },
    };

    fn names(words: &[&str]) -> Vec<Name> {
        words.iter().copied().map(Name::trusted).collect()
    }

    #[test]
    fn without_a_node_data_is_private_from_confidential() {
        let classes = DataClasses::default();
        let private: Vec<bool> = BUILT_IN.map(|class| classes.is_private(class)).to_vec();
        assert_eq!(private, [false, false, true, true]);
        assert_eq!(classes.unwritten().map(|name| &**name), Some("internal"));
    }

    #[test]
    fn the_last_class_is_private_where_none_is_named() {
        let classes = DataClasses::new(names(&["open", "secret"]), None, LOC);
        assert_eq!(classes.private().map(|name| &**name), Some("secret"));
        assert!(!classes.is_private("open"));
    }

    #[test]
    fn a_tool_that_says_nothing_returns_the_worst_where_internal_is_no_class() {
        let classes = DataClasses::new(names(&["open", "secret"]), None, LOC);
        assert_eq!(classes.unwritten().map(|name| &**name), Some("secret"));
    }
}
