//! Division of a catalog into parts that hang together by no name: what is written in one of them says
//! nothing about another, so that each is checked by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Name;
use super::files::{File, Parsed};
use crate::grammar::Item;

/// The nodes of a part, file by file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Part {
    /// The files with the nodes that are of this part.
    pub(crate) files: Vec<File>,
}

/// The nodes that all parts have in common, file by file.
pub(crate) fn common(files: &[Arc<Parsed>]) -> Vec<File> {
    let all = files.iter();
    all.filter_map(|parsed| {
        let is_common = |item: &&Arc<Item>| item.is_common();
        let items = parsed.file.items.iter().filter(is_common);
        let items: Vec<Arc<Item>> = items.cloned().collect();
        (!items.is_empty()).then(|| parsed.file.with(items))
    })
    .collect()
}

/// All other nodes as one part.
pub(crate) fn undivided(files: &[Arc<Parsed>]) -> Vec<Part> {
    let mut whole = Part::default();
    for node in nodes(files) {
        whole.add(node);
    }
    vec![whole]
}

/// All other nodes in parts: what is of one environment is in one part, with all that it names. The first
/// part has what is of no environment.
pub(crate) fn divide(files: &[Arc<Parsed>]) -> Vec<Part> {
    let mut groups = Groups::default();
    let mut environments = Vec::new();
    let mut named: BTreeMap<&Name, usize> = BTreeMap::new();
    let mut whole_file = None;
    for (number, node) in nodes(files).enumerate() {
        groups.add();
        // A file that says what is live is reviewed as one: what else is in it matters.
        let is_together = node.parsed.has_overlay;
        if let Some((file, first)) = whole_file
            && is_together
            && file == node.parsed.file.id
        {
            groups.join(number, first);
        } else {
            whole_file = is_together.then_some((node.parsed.file.id, number));
        }
        for name in node.mentions {
            let other = *named.entry(name).or_insert(number);
            groups.join(number, other);
        }
        if node.item.row.name == "environment" {
            environments.push(number);
        }
    }
    let of_environments: BTreeSet<usize> = environments
        .into_iter()
        .map(|number| groups.find(number))
        .collect();
    let mut parts = vec![Part::default()];
    let mut places: BTreeMap<usize, usize> = BTreeMap::new();
    for (number, node) in nodes(files).enumerate() {
        let group = groups.find(number);
        let place = if of_environments.contains(&group) {
            *places.entry(group).or_insert_with(|| {
                parts.push(Part::default());
                parts.len() - 1
            })
        } else {
            0
        };
        if let Some(part) = parts.get_mut(place) {
            part.add(node);
        }
    }
    parts
}

/// A node that is not common.
#[derive(Clone, Copy)]
struct Placed<'f> {
    parsed: &'f Parsed,
    item: &'f Arc<Item>,
    mentions: &'f BTreeSet<Name>,
}

fn nodes(files: &[Arc<Parsed>]) -> impl Iterator<Item = Placed<'_>> {
    files.iter().flat_map(|parsed| {
        let items = parsed.file.items.iter().zip(&parsed.mentions);
        let items = items.filter(|(item, _)| !item.is_common());
        items.map(|(item, mentions)| Placed {
            parsed,
            item,
            mentions,
        })
    })
}

impl Part {
    fn add(&mut self, node: Placed<'_>) {
        let file = &node.parsed.file;
        match self.files.last_mut().filter(|last| last.id == file.id) {
            Some(last) => last.items.push(Arc::clone(node.item)),
            None => self.files.push(file.with(vec![Arc::clone(node.item)])),
        }
    }

    /// Those of these names that a node defines or names.
    pub(crate) fn named_of(&self, names: &BTreeSet<Name>) -> BTreeSet<Name> {
        if names.is_empty() {
            return BTreeSet::new();
        }
        let mentions = self.items().flat_map(|item| item.mentions());
        mentions.filter(|name| names.contains(name)).collect()
    }

    /// The nodes.
    pub(crate) fn items(&self) -> impl Iterator<Item = &Arc<Item>> {
        self.files.iter().flat_map(|file| &file.items)
    }
}

/// Disjoint groups of numbers, each named by the smallest in it.
#[derive(Default)]
struct Groups {
    towards: Vec<usize>,
}

impl Groups {
    fn add(&mut self) {
        self.towards.push(self.towards.len());
    }

    fn find(&mut self, number: usize) -> usize {
        let mut at = number;
        while let Some(&next) = self.towards.get(at)
            && next != at
        {
            // Each step shortens the way of the next one that comes along.
            let after = self.towards.get(next).copied().unwrap_or(next);
            if let Some(place) = self.towards.get_mut(at) {
                *place = after;
            }
            at = after;
        }
        at
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.find(one), self.find(other));
        if let Some(place) = self.towards.get_mut(one.max(other)) {
            *place = one.min(other);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{divide, undivided};
    use crate::model::files;
    use crate::source::{Memory, Sources};

    /// The labels of the nodes of each part.
    fn parts(texts: &[(&str, &str)]) -> Vec<Vec<String>> {
        let memory: Memory = texts.iter().copied().collect();
        let (mut sources, mut found) = (Sources::default(), Vec::new());
        let unread = files::load(&memory, &BTreeMap::new(), &mut sources, &mut found).unwrap();
        let files = files::parse(&sources, &unread, &BTreeMap::new(), &mut found);
        assert_eq!(undivided(&files.files).len(), 1);
        let parts = divide(&files.files).into_iter();
        parts
            .map(|part| {
                let labels = part
                    .items()
                    .map(|item| item.label.clone().unwrap().to_string());
                labels.collect()
            })
            .collect()
    }

    const ORG: &str = "catalog acme language=1\nteam a\nteam b\nenvironment dev\nenvironment prod after=dev\nenvironment lab\n";

    #[test]
    fn what_no_name_ties_together_is_apart() {
        let files = [
            ("catalogs/org.kdl", ORG),
            (
                "catalogs/a/catalog.kdl",
                "server x { url \"https://x.example\"; tool t; }\nagent bot",
            ),
            (
                "catalogs/a/prod.kdl",
                "overlay prod { deploy x; grant bot x:t; }",
            ),
            (
                "catalogs/b/catalog.kdl",
                "server y { visible-to a; url \"https://y.example\"; tool t; }\nagent idle\nagent cat",
            ),
            ("catalogs/b/lab.kdl", "overlay lab { grant cat y:t; }"),
        ];
        assert_eq!(
            parts(&files),
            [
                vec!["idle"],
                vec!["x", "bot", "prod", "dev", "prod"],
                vec!["y", "cat", "lab", "lab"],
            ]
        );
    }

    #[test]
    fn a_delegation_a_suspension_a_test_and_a_file_tie_together() {
        let apart = "overlay dev { suspend tool x:t reason=\"r\"; }\n";
        let files = |last: &'static str| {
            [
                (
                    "catalogs/a/catalog.kdl",
                    "server x { url \"https://x.example\"; tool t; }\nagent bot { delegate other; }",
                ),
                ("catalogs/a/dev.kdl", apart),
                ("catalogs/a/lab.kdl", last),
                ("catalogs/org.kdl", ORG),
            ]
        };
        let together = parts(&files("test \"t\" env=lab { can other x:t; }"));
        assert_eq!(
            together,
            [vec![], vec!["x", "bot", "dev", "t", "dev", "prod", "lab"]]
        );
        let by_file = parts(&files("overlay lab\nagent bot"));
        assert_eq!(
            by_file,
            [
                vec![],
                vec!["x", "dev", "dev", "prod"],
                vec!["bot", "lab", "bot", "lab"]
            ]
        );
    }
}
