//! Names, and the kinds of things that have one.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

/// A name in the catalog: `[a-z][a-z0-9-]{0,39}`, no `--`, no trailing `-`. Also used for other
/// short texts with rules of their own, such as tool names; the type of the field says which.
#[derive(Clone, Eq)]
pub struct Name(Arc<str>);

impl Name {
    /// Wraps text that was held against its rules by the grammar.
    pub(crate) fn trusted(text: &str) -> Self {
        Self(text.into())
    }
}

// Names are compared all the time, and mostly they are clones of one: then nobody has to read them.
impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> Ordering {
        if Arc::ptr_eq(&self.0, &other.0) {
            Ordering::Equal
        } else {
            self.0.cmp(&other.0)
        }
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
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
