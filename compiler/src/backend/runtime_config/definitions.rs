//! The files of definitions of several environments, each made once: a server is mostly the same in all of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bailiwick_config::{Definitions, Digest, indented};

use crate::environment::{DeployedServer, Environment};
use crate::model::Name;
use crate::parallel;

/// The files of definitions of some environments, by environment and server.
#[derive(Debug)]
pub(crate) struct DefinitionFiles<'e>(BTreeMap<(&'e Name, &'e Name), Arc<DefinitionsText>>);

/// A file of definitions.
#[derive(Debug)]
pub(super) struct DefinitionsText {
    /// Its bytes.
    pub(super) bytes: Vec<u8>,
    /// Their digest.
    pub(super) digest: Digest,
}

/// A server, its revision, the path of its definition file, and the tools that somebody may call.
type Granted<'e> = (&'e Name, &'e str, &'e str, BTreeSet<&'e Name>);

impl<'e> DefinitionFiles<'e> {
    /// Makes the files of `environments`.
    pub(crate) fn of(environments: &[&'e Environment]) -> Result<Self, serde_json::Error> {
        definitions(environments).map(Self)
    }

    /// The definitions of the tools of `server` that somebody may call; none when nobody calls it.
    pub(super) fn of_server(
        &self,
        environment: &'e Environment,
        server: &'e Name,
    ) -> Option<&DefinitionsText> {
        let file = self.0.get(&(environment.name(), server))?;
        Some(file)
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
