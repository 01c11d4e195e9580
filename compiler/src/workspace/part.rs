//! A part of a catalog: what it declares, what that is in each environment, and what is wrong in it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::memo::same_nodes;
use crate::checks::{self, KnownDefinitions, Live, OfPart, Resolved};
use crate::diagnostic::Diagnostic;
use crate::grammar::{Item, Value};
use crate::lock::{KnownLocks, Locks};
use crate::model::{self, Catalog, Common, Dangling, Name, Size, Target};
use crate::narrowing::KnownNarrowings;
use crate::parallel;
use crate::source::{LoadError, Loader, Sources};
use crate::{build, environment, graph};

/// A part that is declared.
#[derive(Debug)]
pub(super) struct Declared {
    nodes: Vec<Arc<Item>>,
    lost: BTreeSet<Name>,
    /// Files beside the `.kdl` files that were read, or looked for.
    read: BTreeSet<String>,
    part: model::Declared,
    found: Vec<Diagnostic>,
    /// What stood in its place before, of which environments may still be right.
    before: Option<Part>,
}

/// A part that is checked.
#[derive(Debug)]
pub(super) struct Part {
    nodes: Vec<Arc<Item>>,
    lost: BTreeSet<Name>,
    read: BTreeSet<String>,
    locks: KnownLocks,
    size: Size,
    dangling: Vec<Dangling>,
    resolved: Resolved,
    /// What resolving found, by environment.
    found_in: BTreeMap<Name, Vec<Diagnostic>>,
    /// What declaring found.
    found_before: Vec<Diagnostic>,
    /// What the checks made of it.
    checked: OfPart,
    /// What nothing uses, where that was asked, with what was live then.
    absence: Option<(Live, Vec<Diagnostic>)>,
}

impl Declared {
    /// Declares a part.
    pub(super) fn new(
        part: &model::Part,
        before: Option<Part>,
        common: &Common,
        loader: &dyn Loader,
    ) -> Self {
        let noting = Noting {
            loader,
            read: Mutex::default(),
        };
        let mut found = Vec::new();
        let declared = model::declare(part, common, &noting, &mut found);
        let read = noting.read.into_inner();
        Self {
            nodes: part.items().cloned().collect(),
            lost: part.named_of(&common.lost),
            read: read.unwrap_or_else(PoisonError::into_inner),
            part: declared,
            found,
            before,
        }
    }

    /// How large it becomes.
    pub(super) fn size(&self) -> Size {
        self.part.size
    }

    /// Resolves and checks it.
    pub(super) fn check(
        self,
        sources: &Sources,
        loader: &dyn Loader,
        locks: &KnownLocks,
        definitions: &KnownDefinitions,
        narrowings: &KnownNarrowings,
    ) -> Part {
        let model::Declared {
            catalog,
            size,
            dangling,
        } = self.part;
        let mut found = self.found;
        let mut known = Known::of(self.before, &self.nodes, &catalog);
        let mut kept = Resolved::default();
        let mut found_in = BTreeMap::new();
        let mut unknown: Vec<&Target> = Vec::new();
        for (name, target) in &catalog.environments {
            match known.environment(name) {
                Some((of_one, found)) => {
                    kept = Resolved::join([kept, of_one]);
                    found_in.insert(name.clone(), found);
                }
                None => unknown.push(target),
            }
        }
        let locks = Locks::new(loader, locks);
        if !unknown.is_empty() {
            environment::read_ahead(&catalog, sources, &locks);
        }
        let new = parallel::map(&unknown, |target| {
            let mut found = Vec::new();
            let environment = environment::resolve(&catalog, target, sources, &locks, &mut found);
            (target.name.value.clone(), environment, found)
        });
        let mut environments = BTreeMap::new();
        for (name, environment, found) in new {
            environments.insert(name.clone(), environment);
            found_in.insert(name, found);
        }
        environment::narrow(&mut environments, narrowings);
        let mut misfits = Vec::new();
        build::fits(&catalog, &environments, &mut misfits);
        for misfit in misfits {
            let of = misfit.environment.as_deref().unwrap_or_default();
            found_in.get_mut(of).unwrap_or(&mut found).push(misfit);
        }
        let new = Resolved {
            graphs: graph::graphs(&catalog, &environments),
            environments,
            catalog: Catalog::default(),
        };
        let mut resolved = Resolved::join([kept, new]);
        resolved.catalog = catalog;
        let mut asked = known.locks;
        asked.learn(&locks.into_asked());
        Part {
            nodes: self.nodes,
            lost: self.lost,
            read: self.read,
            locks: asked,
            size,
            dangling,
            found_in,
            found_before: found,
            checked: checks::of_part(&resolved, definitions),
            resolved,
            absence: None,
        }
    }
}

/// What is known of a part from before: environments that none of its new nodes touches.
#[derive(Debug, Default)]
struct Known {
    resolved: Resolved,
    found_in: BTreeMap<Name, Vec<Diagnostic>>,
    locks: KnownLocks,
}

impl Known {
    /// What is left of a part when it has these nodes, which declare this.
    fn of(before: Option<Part>, nodes: &[Arc<Item>], catalog: &Catalog) -> Self {
        let before = before.filter(|before| {
            let poisoned = &before.resolved.catalog.poisoned;
            !before.size.is_too_large() && *poisoned == catalog.poisoned
        });
        let Some(mut before) = before else {
            return Self::default();
        };
        let (old, new) = (by_environment(&before.nodes), by_environment(nodes));
        let is_same = |of: Option<&Name>| {
            let old = old.get(&of).into_iter().flatten().copied();
            same_nodes(old, new.get(&of).into_iter().flatten().copied())
        };
        if !is_same(None) {
            return Self::default();
        }
        before.found_in.retain(|name, _| is_same(Some(name)));
        Self {
            resolved: before.resolved,
            found_in: before.found_in,
            locks: before.locks,
        }
    }

    /// An environment of which all nodes are the same.
    fn environment(&mut self, name: &Name) -> Option<(Resolved, Vec<Diagnostic>)> {
        let found = self.found_in.remove(name)?;
        let (name, environment) = self.resolved.environments.remove_entry(name)?;
        let graph = self.resolved.graphs.remove_entry(&name);
        let resolved = Resolved {
            catalog: Catalog::default(),
            environments: BTreeMap::from([(name, environment)]),
            graphs: graph.into_iter().collect(),
        };
        Some((resolved, found))
    }
}

/// The nodes of each environment, and those that are of all.
type Nodes<'n> = BTreeMap<Option<&'n Name>, Vec<&'n Arc<Item>>>;

fn by_environment(nodes: &[Arc<Item>]) -> Nodes<'_> {
    let mut by_environment = Nodes::new();
    for node in nodes {
        by_environment.entry(only_of(node)).or_default().push(node);
    }
    by_environment
}

/// The environment that a node is about and no other: one that is declared, lived in or tested.
fn only_of(node: &Item) -> Option<&Name> {
    let named = match node.row.name {
        "environment" => node.argument("name"),
        "overlay" => node.argument("environment"),
        "test" => node.property("env"),
        _ => None,
    };
    let Value::Name(name) = &named?.value else {
        return None;
    };
    Some(name)
}

impl Part {
    /// What finds a part of these nodes: the address of the first.
    pub(super) fn key_of(part: &model::Part) -> usize {
        address(part.items().next())
    }

    /// What finds this part.
    pub(super) fn key(&self) -> usize {
        address(self.nodes.first())
    }

    /// Its nodes.
    #[cfg(test)]
    pub(super) fn nodes(&self) -> &[Arc<Item>] {
        &self.nodes
    }

    /// Whether it was made of these very nodes, and of the same lost names among what they name.
    pub(super) fn is_of(&self, part: &model::Part, common: &Common) -> bool {
        same_nodes(&self.nodes, part.items()) && self.lost == part.named_of(&common.lost)
    }

    /// Whether a file beside the `.kdl` files was read for it, or looked for.
    pub(super) fn has_read(&self, path: &str) -> bool {
        self.read.contains(path) || self.locks.knows(path)
    }

    /// The definition files of it.
    pub(super) fn locks(&self) -> &KnownLocks {
        &self.locks
    }

    /// How large it becomes.
    pub(super) fn size(&self) -> Size {
        self.size
    }

    /// What names nothing in it.
    pub(super) fn dangling(&self) -> &[Dangling] {
        &self.dangling
    }

    /// The catalog of it, with its environments.
    pub(super) fn resolved(&self) -> &Resolved {
        &self.resolved
    }

    /// The catalog of it, with its environments.
    pub(super) fn into_resolved(self) -> Resolved {
        self.resolved
    }

    /// What declaring and resolving found.
    pub(super) fn found_before(&self) -> impl Iterator<Item = &Diagnostic> {
        let found_in = self.found_in.values().flatten();
        self.found_before.iter().chain(found_in)
    }

    /// What the checks made of it.
    pub(super) fn checked(&self) -> &OfPart {
        &self.checked
    }

    /// What nothing uses, when so much is live.
    pub(super) fn absence(&mut self, live: Live) -> &[Diagnostic] {
        if self.absence.as_ref().is_none_or(|(then, _)| *then != live) {
            self.absence = Some((live, checks::of_absence(&self.resolved, live)));
        }
        self.absence.as_ref().map_or(&[], |(_, found)| found)
    }
}

fn address(node: Option<&Arc<Item>>) -> usize {
    node.map_or(0, |node| Arc::as_ptr(node).addr())
}

/// Notes which files are read.
struct Noting<'l> {
    loader: &'l dyn Loader,
    read: Mutex<BTreeSet<String>>,
}

impl Loader for Noting<'_> {
    fn list(&self, below: &str) -> Result<Vec<String>, LoadError> {
        self.loader.list(below)
    }

    fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, LoadError> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        read.insert(path.to_owned());
        drop(read);
        self.loader.read(path, limit)
    }
}
