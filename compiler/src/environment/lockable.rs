//! The revisions of servers that need a definition file.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::deployed::{deploys, revision};
use super::patch::Patches;
use crate::lock::{Origin, path_of};
use crate::model::{Catalog, Name, Server};
use crate::source::Sources;

/// A revision of a server, as the catalog runs it somewhere.
#[derive(Clone, Debug)]
pub struct Lockable {
    /// The server, patches applied.
    pub server: Arc<Server>,
    /// Its revision.
    pub revision: String,
    /// What it is run from or found at.
    pub origin: Origin,
    /// Where its definition file is, relative to the folder that has `catalogs/`.
    pub path: String,
    /// Environments that deploy it; none for a server that is only defined.
    pub environments: Vec<Name>,
}

/// Every revision of every server that an environment deploys, and the defined revision of those that
/// none deploys; sorted by path. Servers without an origin or a revision are left out (reported).
pub fn lockable(catalog: &Catalog, sources: &Sources) -> Vec<Lockable> {
    let mut found: BTreeMap<(String, Vec<String>), Lockable> = BTreeMap::new();
    for environment in catalog.environments.keys() {
        let patches = Patches::of(catalog, environment);
        for name in deploys(catalog, environment).into_keys() {
            let Some(defined) = catalog.servers.get(name) else {
                continue;
            };
            let Some(one) = of(patches.server(defined), sources) else {
                continue;
            };
            found
                .entry(key(&one))
                .or_insert(one)
                .environments
                .push(environment.clone());
        }
    }
    for defined in catalog.servers.values() {
        let name = &defined.name.value;
        let is_deployed = found.values().any(|one| one.server.name.value == *name);
        if let (false, Some(one)) = (is_deployed, of(Arc::clone(defined), sources)) {
            found.insert(key(&one), one);
        }
    }
    found.into_values().collect()
}

/// Two origins of one revision are two things to lock, of which one file can hold one (LCK001).
fn key(one: &Lockable) -> (String, Vec<String>) {
    let origin = &one.origin;
    let texts = [&origin.image, &origin.url, &origin.service];
    let words = [&origin.args, &origin.command];
    let texts = texts.into_iter().flatten().cloned();
    let words = words.into_iter().flatten().flatten().cloned();
    (one.path.clone(), texts.chain(words).collect())
}

fn of(server: Arc<Server>, sources: &Sources) -> Option<Lockable> {
    let origin = Origin::of(&server.settings);
    if origin == Origin::default() {
        return None;
    }
    let revision = revision(&server.settings)?;
    let path = path_of(
        &sources.get(server.file)?.path,
        &server.name.value,
        &revision,
    );
    Some(Lockable {
        revision,
        origin,
        path,
        environments: Vec::new(),
        server,
    })
}
