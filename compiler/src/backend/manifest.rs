//! A file of objects: the template that shapes it, the values it gets, and what must come out.

use serde_json::Value;

/// One file of objects.
#[derive(Debug)]
pub(crate) struct Manifest {
    /// Path below the environment's folder.
    pub(crate) path: String,
    /// Path of the template, without `.j2`.
    pub(crate) template: &'static str,
    /// What the template gets.
    pub(crate) values: Value,
    /// The objects that must come out, no others.
    pub(crate) objects: Vec<Expected>,
}

/// An object that must come out of a template.
#[derive(Debug)]
pub(crate) struct Expected {
    /// `apiVersion`
    pub(crate) api_version: &'static str,
    /// `kind`
    pub(crate) kind: &'static str,
    /// Name; none for a kustomization, which has none.
    pub(crate) name: Option<String>,
    /// Namespace; none outside of namespaces.
    pub(crate) namespace: Option<String>,
    /// What a template may not change in it.
    pub(crate) pins: Vec<Pin>,
}

/// What a template may not change. Places are JSON pointers.
#[derive(Debug)]
pub(crate) enum Pin {
    /// The value at the place, members in `free` left out, is this one.
    Is {
        /// The place.
        at: String,
        /// The value.
        value: Value,
        /// Members of it that a template may set as it likes.
        free: &'static [&'static str],
    },
    /// The object at the place has at least these members.
    Has {
        /// The place.
        at: String,
        /// The members.
        members: Value,
    },
    /// The list at the place has so many items; an absent one has none.
    Counts {
        /// The place.
        at: String,
        /// How many.
        items: usize,
    },
}

impl Pin {
    /// The value at `at` is exactly `value`.
    pub(super) fn exactly(at: &str, value: Value) -> Self {
        Self::except(at, value, &[])
    }

    /// The value at `at` is `value` but for the members in `free`.
    pub(super) fn except(at: &str, value: Value, free: &'static [&'static str]) -> Self {
        Self::Is {
            at: at.to_owned(),
            value,
            free,
        }
    }

    /// The object at `at` has at least `members`.
    pub(super) fn has(at: &str, members: Value) -> Self {
        Self::Has {
            at: at.to_owned(),
            members,
        }
    }

    /// The list at `at` has `items` items.
    pub(super) fn counts(at: &str, items: usize) -> Self {
        Self::Counts {
            at: at.to_owned(),
            items,
        }
    }
}
