//! What the configurations of several environments are made of, each part made once: a server is mostly the
//! same in all of them, and a role brings the same narrowing to many agents.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bailiwick_config::{Definitions, Digest, indented};

use crate::environment::{DeployedServer, Environment, Permission};
use crate::model::Name;
use crate::narrowing::{Misfit, Narrowed, narrowed};
use crate::parallel;
use crate::source::Loc;

/// The parts of some environments.
#[derive(Debug)]
pub(crate) struct Parts<'e> {
    /// By environment and server.
    definitions: BTreeMap<(&'e Name, &'e Name), Arc<DefinitionsText>>,
    narrowed: BTreeMap<Combination<'e>, Result<Option<Narrowed>, Vec<Misfit>>>,
}

/// A file of definitions.
#[derive(Debug)]
pub(super) struct DefinitionsText {
    /// Its bytes.
    pub(super) bytes: Vec<u8>,
    /// Their digest.
    pub(super) digest: Digest,
}

/// The path of a definition file, a tool in it, and the places of what narrows its arguments.
type Combination<'e> = (&'e str, &'e Name, Vec<Loc>);

/// A server, its revision, the path of its definition file, and the tools that somebody may call.
type Granted<'e> = (&'e Name, &'e str, &'e str, BTreeSet<&'e Name>);

impl<'e> Parts<'e> {
    /// Makes the parts of `environments`.
    pub(crate) fn of(environments: &[&'e Environment]) -> Result<Self, serde_json::Error> {
        Ok(Self {
            definitions: definitions(environments)?,
            narrowed: narrowings(environments),
        })
    }

    /// The definitions of the tools of `server` that somebody may call; none when nobody calls it.
    pub(super) fn definitions(
        &self,
        environment: &'e Environment,
        server: &'e Name,
    ) -> Option<&DefinitionsText> {
        let definitions = self.definitions.get(&(environment.name(), server))?;
        Some(definitions)
    }

    /// What is left of the arguments of a tool; none when nothing narrows them.
    ///
    /// # Errors
    /// When what narrows them does not fit, or its definition is not there.
    pub(super) fn narrowed(
        &self,
        deployed: &'e DeployedServer,
        tool: &'e Name,
        permission: &Permission,
    ) -> Result<Option<&Narrowed>, ()> {
        if permission.narrowings.is_empty() {
            return Ok(None);
        }
        let made = self.narrowed.get(&combination(deployed, tool, permission));
        made.and_then(|made| made.as_ref().ok())
            .map(Option::as_ref)
            .ok_or(())
    }
}

fn definitions<'e>(
    environments: &[&'e Environment],
) -> Result<BTreeMap<(&'e Name, &'e Name), Arc<DefinitionsText>>, serde_json::Error> {
    let mut users: BTreeMap<Granted<'_>, (&DeployedServer, Vec<&Environment>)> = BTreeMap::new();
    for &environment in environments {
        let mut granted: BTreeMap<&Name, BTreeSet<&Name>> = BTreeMap::new();
        for (_, server, tool) in environment.permissions.keys() {
            granted.entry(server).or_default().insert(tool);
        }
        for (server, tools) in granted {
            if let Some(deployed) = environment.servers.get(server) {
                let path = deployed.lock.path.as_str();
                let key = (server, deployed.revision.as_str(), path, tools);
                let (_, users) = users.entry(key).or_insert((deployed, Vec::new()));
                users.push(environment);
            }
        }
    }
    let users: Vec<_> = users.into_iter().collect();
    let made = parallel::map(&users, |((server, _, _, tools), (deployed, _))| {
        text(server, deployed, tools)
    });
    let mut by_environment = BTreeMap::new();
    for (((server, ..), (_, users)), made) in users.into_iter().zip(made) {
        let made = Arc::new(made?);
        let users = users.into_iter();
        by_environment.extend(users.map(|user| ((user.name(), server), Arc::clone(&made))));
    }
    Ok(by_environment)
}

/// The file of a server: granted tools only.
fn text(
    server: &Name,
    deployed: &DeployedServer,
    tools: &BTreeSet<&Name>,
) -> Result<DefinitionsText, serde_json::Error> {
    let locked = &deployed.lock.tools;
    let tools = tools.iter();
    let definitions = Definitions {
        server: server.to_string(),
        revision: deployed.revision.clone(),
        tools: tools
            .filter_map(|&tool| Some((tool.to_string(), locked.get(tool)?.clone())))
            .collect(),
    };
    // The lock's own spacing does not show.
    let bytes = indented(&serde_json::to_string(&definitions)?, usize::MAX).into_bytes();
    Ok(DefinitionsText {
        digest: Digest::of(&bytes),
        bytes,
    })
}

fn narrowings<'e>(
    environments: &[&'e Environment],
) -> BTreeMap<Combination<'e>, Result<Option<Narrowed>, Vec<Misfit>>> {
    let mut wanted = BTreeMap::new();
    for environment in environments {
        for ((_, server, tool), permission) in &environment.permissions {
            if permission.narrowings.is_empty() {
                continue;
            }
            let deployed = environment.servers.get(server);
            if let Some(deployed) = deployed
                && let Some(definition) = deployed.lock.tools.get(tool)
            {
                let key = combination(deployed, tool, permission);
                wanted.insert(key, (&**definition, &*permission.narrowings));
            }
        }
    }
    let wanted: Vec<_> = wanted.into_iter().collect();
    let made = parallel::map(&wanted, |(_, (definition, narrowings))| {
        narrowed(definition, narrowings)
    });
    let keys = wanted.into_iter().map(|(key, _)| key);
    keys.zip(made).collect()
}

fn combination<'e>(
    deployed: &'e DeployedServer,
    tool: &'e Name,
    permission: &Permission,
) -> Combination<'e> {
    let places = permission.narrowings.iter().map(|one| one.loc).collect();
    (&deployed.lock.path, tool, places)
}
