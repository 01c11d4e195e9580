//! From typed items to the declared catalog: each thing becomes its type, each name is given once.

mod agent;
mod assertion;
mod dispatch;
mod environment;
mod organisation;
mod overlay;
mod read;
mod server;
mod settings;
mod team;
mod upstream;
mod workload;

use std::collections::{BTreeMap, BTreeSet};

use crate::checks::language::MISSING_PART;
use crate::checks::names::DUPLICATE_NAME;
use crate::diagnostic::Diagnostic;
use crate::grammar::Item;
use crate::source::{At, Loader, Loc};

pub(crate) use super::files::{File, Folder};
use super::{Catalog, Kind, Name, Suppression, Test, authority};

/// The last day of what has no end.
const NO_END: &str = "9999-12-31";

/// Lowers files into a catalog in which something is already; what is wrong goes to `found`. References to
/// `lost` names are not reported.
pub(crate) fn lower(
    catalog: Catalog,
    files: &[File],
    lost: &BTreeSet<Name>,
    loader: &dyn Loader,
    found: &mut Vec<Diagnostic>,
) -> Catalog {
    let mut lowering = Lowering {
        catalog,
        loader,
        found,
    };
    for file in files {
        for item in &file.items {
            if !authority::is_root_only(item, file) {
                lowering.item(item, file);
            }
        }
        let commented = &mut lowering.catalog.commented_grants;
        commented.extend(&file.commented_grants);
    }
    for file in files {
        let refused = file.items.iter();
        for item in refused.filter(|item| authority::is_root_only(item, file)) {
            lowering.refused(item, file);
        }
    }
    lowering.lost(lost);
    let overlays = &mut lowering.catalog.overlays;
    overlays.sort_by(|one, other| one.environment.value.cmp(&other.environment.value));
    lowering.catalog
}

/// Reports a catalog without a `catalog` node, or with several.
pub(crate) fn one_catalog<'f>(
    files: impl Iterator<Item = &'f File> + Clone,
    found: &mut Vec<Diagnostic>,
) {
    let all = files.clone().flat_map(|file| {
        let nodes = file.items.iter();
        nodes.map(move |item| (item, authority::is_root_only(item, file)))
    });
    let all = all.filter(|(item, _)| item.row.name == "catalog");
    // One that a team's file has is reported as such.
    let (refused, nodes): (Vec<_>, Vec<_>) = all.partition(|(_, is_refused)| *is_refused);
    let mut nodes = nodes.into_iter().map(|(item, _)| item);
    let Some(first) = nodes.next() else {
        if !refused.is_empty() {
            return;
        }
        let mut files = files;
        let missing = match files.next() {
            Some(file) => MISSING_PART.at(
                Loc {
                    file: file.id,
                    span: crate::source::Span::default(),
                },
                "no file declares the `catalog`",
            ),
            None => MISSING_PART.nowhere("there is no file `catalogs/*.kdl`"),
        };
        found.push(missing.help("write `catalog NAME language=1` in `catalogs/org.kdl`"));
        return;
    };
    for again in nodes.filter(|item| item.loc.file != first.loc.file) {
        found.push(
            crate::checks::language::REPEATED_NODE
                .at(again.head, "only one `catalog` allowed")
                .and(first.head, "first is here"),
        );
    }
}

struct Lowering<'a> {
    catalog: Catalog,
    loader: &'a dyn Loader,
    found: &'a mut Vec<Diagnostic>,
}

impl Lowering<'_> {
    fn item(&mut self, item: &Item, file: &File) {
        match item.row.name {
            "catalog" => self.organisation(item),
            "exclusive" => self.exclusive(item),
            "group" => self.group(item),
            "team" => self.team(item),
            "environment" => self.environment(item, file),
            "server" => self.server(item, file),
            "role" => self.role(item, file),
            "agent" => self.agent(item, file),
            "overlay" => self.overlay(item),
            "test" => self.test(item),
            _ => {}
        }
        self.suppressions(item);
    }

    /// What a team's file may not have is known by its name, and otherwise does nothing.
    fn refused(&mut self, item: &Item, file: &File) {
        let kind = match item.row.name {
            "catalog" => return self.refused_organisation(item),
            "group" => Kind::Group,
            "team" => Kind::Team,
            "environment" => Kind::Environment,
            _ => return,
        };
        let name = item.label.as_ref();
        if name.is_some_and(|name| !self.catalog.knows(kind, name)) {
            self.item(item, file);
        }
    }

    fn test(&mut self, item: &Item) {
        let (Some(title), Some(environment)) = (
            item.argument("title").and_then(read::text),
            item.property("env").and_then(read::name),
        ) else {
            return;
        };
        self.catalog.tests.push(Test {
            title,
            environment,
            assertions: item
                .children
                .iter()
                .filter_map(assertion::assertion)
                .collect(),
            loc: item.loc,
        });
    }

    /// The name that a node gives. A node with a mistake poisons it.
    fn new_name(&mut self, item: &Item, kind: Kind) -> Option<At<Name>> {
        if item.broken {
            self.catalog
                .poisoned
                .extend(item.label.clone().map(|label| (kind, label)));
        }
        item.argument("name").and_then(read::name)
    }

    /// Whether a name is not given yet; else it is reported at the later place.
    fn is_first(&mut self, kind: Kind, name: &At<Name>, first: Option<Loc>) -> bool {
        if let Some(first) = first {
            self.found
                .push(duplicate(kind.word(), &name.value, name.loc, first));
        }
        first.is_none()
    }

    fn lost(&mut self, names: &BTreeSet<Name>) {
        for name in names {
            for kind in [
                Kind::Group,
                Kind::Team,
                Kind::Environment,
                Kind::Issuer,
                Kind::Server,
                Kind::Role,
                Kind::Agent,
                Kind::DataClass,
            ] {
                self.catalog.poisoned.insert((kind, name.clone()));
            }
        }
    }

    fn suppressions(&mut self, item: &Item) {
        for node in item.all("suppress") {
            let Some(code) = node.argument("code").and_then(read::text) else {
                continue;
            };
            // One with a mistake is reported; what it accepts would only be said beside that.
            let text = |property: &str| node.property(property).and_then(read::text);
            self.catalog.suppressions.push(Suppression {
                code,
                reason: text("reason").map_or_else(String::new, |reason| reason.value),
                until: text("until").unwrap_or(At {
                    value: NO_END.to_owned(),
                    loc: node.loc,
                }),
                scope: item.loc,
                loc: node.loc,
            });
        }
        for child in &item.children {
            self.suppressions(child);
        }
    }
}

/// Two things of one kind have one name.
fn duplicate(what: &str, name: &str, again: Loc, first: Loc) -> Diagnostic {
    DUPLICATE_NAME
        .at(again, format!("{what} `{name}` is already defined"))
        .and(first, "first is here")
}

/// Collects by key; a second one of the same key is reported.
fn by_key<V>(
    what: &str,
    entries: impl Iterator<Item = (String, At<V>)>,
    found: &mut Vec<Diagnostic>,
) -> BTreeMap<String, At<V>> {
    let mut map: BTreeMap<String, At<V>> = BTreeMap::new();
    for (key, value) in entries {
        if let Some(first) = map.get(&key) {
            found.push(duplicate(what, &key, value.loc, first.loc));
        } else {
            map.insert(key, value);
        }
    }
    map
}
