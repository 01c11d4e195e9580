//! The shape of a row: a node, where it stands, what it takes, and who holds it.

use super::types::Type;

/// The parent of top-level nodes.
pub(crate) const TOP: &str = "";

/// Who makes a setting true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Holder {
    /// The compiler refuses or decides.
    Build,
    /// Kubernetes, its network plugin or Kyverno.
    Cluster,
    /// The dispatch server or the bridge.
    Runtime,
}

/// A node of the language.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    /// Its name.
    pub(crate) name: &'static str,
    /// The nodes in which it may stand; [`TOP`] is the top of a file.
    pub(crate) under: &'static [&'static str],
    /// Its arguments in order.
    pub(crate) arguments: &'static [Argument],
    /// Its properties.
    pub(crate) properties: &'static [Property],
    /// Whether it may stand more than once in one parent.
    pub(crate) repeats: bool,
    /// Whether its parent needs it.
    pub(crate) required: bool,
    /// Who holds it.
    pub(crate) held_by: &'static [Holder],
    /// What it means, in a sentence or two.
    pub(crate) doc: &'static str,
}

/// An argument, or several of one type.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Argument {
    /// What it is called in messages and in the lowering.
    pub(crate) name: &'static str,
    /// Its type.
    pub(crate) of: Type,
    /// Fewest.
    pub(crate) min: usize,
    /// Most.
    pub(crate) max: usize,
}

/// A property.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Property {
    /// Its name.
    pub(crate) name: &'static str,
    /// Its type.
    pub(crate) of: Type,
    /// Whether the node needs it.
    pub(crate) required: bool,
    /// What holds where it is not written, for the reference page.
    pub(crate) default: Option<&'static str>,
    /// Who holds it, where that is not whoever holds the node.
    pub(crate) held_by: Option<&'static [Holder]>,
    /// What it means, in one sentence.
    pub(crate) doc: &'static str,
}

/// A node; the methods say the rest.
pub(super) const fn node(
    name: &'static str,
    under: &'static [&'static str],
    doc: &'static str,
) -> Row {
    Row {
        name,
        under,
        arguments: &[],
        properties: &[],
        repeats: false,
        required: false,
        held_by: &[],
        doc,
    }
}

impl Row {
    pub(super) const fn takes(mut self, arguments: &'static [Argument]) -> Self {
        self.arguments = arguments;
        self
    }

    pub(super) const fn with(mut self, properties: &'static [Property]) -> Self {
        self.properties = properties;
        self
    }

    pub(super) const fn repeats(mut self) -> Self {
        self.repeats = true;
        self
    }

    pub(super) const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    pub(super) const fn held_by(mut self, holders: &'static [Holder]) -> Self {
        self.held_by = holders;
        self
    }

    /// The property of this name.
    pub(crate) fn property(&self, name: &str) -> Option<&'static Property> {
        self.properties
            .iter()
            .find(|property| property.name == name)
    }

    /// Most arguments.
    pub(crate) fn most(&self) -> usize {
        self.arguments.iter().map(|argument| argument.max).sum()
    }
}

/// Exactly one argument.
pub(super) const fn one(name: &'static str, of: Type) -> Argument {
    several(name, of, 1, 1)
}

/// An argument that may be left out.
pub(super) const fn optional(name: &'static str, of: Type) -> Argument {
    several(name, of, 0, 1)
}

/// Between `min` and `max` arguments.
pub(super) const fn several(name: &'static str, of: Type, min: usize, max: usize) -> Argument {
    Argument { name, of, min, max }
}

/// A property that may be left out.
pub(super) const fn property(name: &'static str, of: Type, doc: &'static str) -> Property {
    Property {
        name,
        of,
        required: false,
        default: None,
        held_by: None,
        doc,
    }
}

impl Property {
    pub(super) const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    pub(super) const fn or(mut self, default: &'static str) -> Self {
        self.default = Some(default);
        self
    }

    pub(super) const fn held_by(mut self, holders: &'static [Holder]) -> Self {
        self.held_by = Some(holders);
        self
    }
}
