//! NAM008: names of tools that are taken for those of another server.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::run::Whole;
use super::warning;
use crate::diagnostic::{Check, Diagnostic};
use crate::model::{Catalog, Name, Server, Tool};

pub(crate) const LOOK_ALIKE: Check = warning(
    "NAM008",
    "look-alike",
    "the name of a tool looks like that of a tool of another server",
);

/// A tool and its server.
type Named<'c> = (&'c Server, &'c Tool);

/// The names of all tools of a part of a catalog, each once, by what they look like.
#[derive(Debug)]
pub(crate) struct Looks(Vec<(String, Name)>);

impl Looks {
    /// Those of a part.
    pub(super) fn of(catalog: &Catalog) -> Self {
        let servers = catalog.servers.values();
        let names: BTreeSet<&Name> = servers.flat_map(|server| server.tools.keys()).collect();
        let mut looks: Vec<(String, Name)> = names
            .into_iter()
            .map(|name| (look(name), name.clone()))
            .collect();
        looks.sort_unstable();
        Self(looks)
    }

    /// Whether two names in these parts differ and look the same.
    fn has_alike(parts: &[&Self]) -> bool {
        let mut all: Vec<&(String, Name)> = parts.iter().flat_map(|part| &part.0).collect();
        // Each part is sorted already, which this sort makes use of.
        all.sort();
        let next = all.iter().skip(1);
        all.iter()
            .zip(next)
            .any(|(one, next)| one.0 == next.0 && one.1 != next.1)
    }
}

/// Names that differ and look the same are told apart by nobody. Of those that look alike, the one that
/// most servers have is taken for the real one, and of several the one with the fewest figures and capitals.
/// Each name is looked at once, so this is linear but for sorting.
pub(super) fn look_alike(whole: &Whole<'_>, found: &mut Vec<Diagnostic>) {
    if !Looks::has_alike(&whole.looks) {
        return;
    }
    let mut alike: BTreeMap<String, BTreeMap<&str, Vec<Named<'_>>>> = BTreeMap::new();
    for &server in whole.servers.values() {
        for tool in server.tools.values() {
            let name = &*tool.name.value;
            let group = alike.entry(look(name)).or_default();
            group.entry(name).or_default().push((server, tool));
        }
    }
    for group in alike.values().filter(|group| group.len() > 1) {
        let unusual = |name: &str| {
            let letters = name.chars();
            letters.filter(|c| !c.is_ascii_lowercase()).count()
        };
        let real = group
            .iter()
            .min_by_key(|(name, named)| (Reverse(named.len()), unusual(name)));
        let Some((real, of)) = real else {
            continue;
        };
        for (name, named) in group.iter().filter(|(name, _)| *name != real) {
            for (server, tool) in named {
                let other = of
                    .iter()
                    .find(|(other, _)| other.name.value != server.name.value);
                let Some((other, original)) = other else {
                    continue;
                };
                let message = format!(
                    "`{name}` looks like `{real}` of server {}",
                    other.name.value
                );
                found.push(
                    LOOK_ALIKE
                        .at(tool.name.loc, message)
                        .and(original.name.loc, "the other tool")
                        .help("find out whether the server means to be taken for the other; if not, give the tool another name by `as`"),
                );
            }
        }
    }
}

/// What a name looks like: letters and figures that many fonts draw alike are one.
fn look(name: &str) -> String {
    let lower: String = name
        .chars()
        .map(|c| match c {
            'I' | 'i' | 'L' | 'l' | '1' => 'l',
            'O' | 'o' | '0' => 'o',
            '-' | '.' => '_',
            _ => c.to_ascii_lowercase(),
        })
        .collect();
    lower.replace("rn", "m").replace("vv", "w")
}
