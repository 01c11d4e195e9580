//! Names, and the kinds of things that have one.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// A name in the catalog: `[a-z][a-z0-9-]{0,39}`, no `--`, no trailing `-`. Also used for other
/// short texts with rules of their own, such as tool names; the type of the field says which.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Arc<str>);

impl Name {
    /// Wraps text that was held against its rules by the grammar.
    pub(crate) fn trusted(text: &str) -> Self {
        Self(text.into())
    }
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

/// Kinds of named things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `group`
    Group,
    /// `team`
    Team,
    /// `environment`
    Environment,
    /// `issuer`
    Issuer,
    /// `server`
    Server,
    /// `role`
    Role,
    /// `agent`
    Agent,
    /// A class of `data-classes`.
    DataClass,
}
