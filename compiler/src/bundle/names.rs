//! Names of cluster objects, derived from names in the catalog.

use std::collections::BTreeSet;

use bailiwick_config::Digest;

/// Longest name of an object, bytes: the limit of a DNS label, which holds for every kind we emit.
const LIMIT: usize = 63;

/// What is kept of a name that is too long; `-` and 8 hex digits follow.
const KEPT: usize = 54;

/// A derived name that was too long, and what it became.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ObjectName {
    /// As derived.
    pub(crate) derived: String,
    /// As used.
    pub(crate) used: String,
}

/// Derives names and remembers which were too long.
#[derive(Debug, Default)]
pub(crate) struct Names {
    shortened: BTreeSet<ObjectName>,
}

impl Names {
    /// The name made of `parts`, joined by `-` and shortened where it is too long.
    pub(crate) fn derive(&mut self, parts: &[&str]) -> String {
        let derived = parts.join("-");
        let used = shorten(&derived);
        if used != derived {
            self.shortened.insert(ObjectName {
                derived,
                used: used.clone(),
            });
        }
        used
    }

    /// The names that were too long, sorted.
    pub(crate) fn shortened(self) -> Vec<ObjectName> {
        self.shortened.into_iter().collect()
    }
}

/// `name` itself when it fits, else its beginning and a part of its hash.
pub(super) fn shorten(name: &str) -> String {
    if name.len() <= LIMIT {
        return name.to_owned();
    }
    let kept: String = name.chars().take(KEPT).collect();
    let hash = Digest::of(name.as_bytes()).to_string();
    let hash: String = hash.trim_start_matches("sha256:").chars().take(8).collect();
    format!("{kept}-{hash}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_63_characters_stays() {
        let name = "a".repeat(63);
        assert_eq!(shorten(&name), name);
    }

    #[test]
    fn a_longer_name_keeps_54_characters_and_gets_8_of_its_hash() {
        let name = "a".repeat(64);
        let short = shorten(&name);
        assert_eq!(short, format!("{}-{}", "a".repeat(54), "ffe054fe"));
        assert_ne!(short, shorten(&"a".repeat(65)));
    }

    #[test]
    fn what_was_shortened_is_told_once() {
        let mut names = Names::default();
        let long = "b".repeat(70);
        names.derive(&["mcp", "short"]);
        let used = names.derive(&["mcp", &long]);
        names.derive(&["mcp", &long]);
        assert_eq!(
            names.shortened(),
            [ObjectName {
                derived: format!("mcp-{long}"),
                used
            }]
        );
    }
}
