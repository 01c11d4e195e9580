//! What the dispatch server reads: `config.json` and one file of definitions for each server.
//! Serialized from the contract's types; no template can touch it.

mod definitions;
mod size;

use std::collections::BTreeMap;

use bailiwick_config::{
    Agent, CONFIG_FILE, Config, DefinitionsFile, Digest, Effect, FixedArgument, Identity, Limit,
    Permission, Rate, Server, VERSION,
};

use crate::bundle::{Laptop, Serving};
use crate::environment::{self, Environment, GrantedAgent, ResolvedLimit};
use crate::model::{self, Name};
use crate::narrowing::{Arguments, Narrowed};

pub(crate) use definitions::DefinitionFiles;
pub(crate) use size::longest;

/// The files of a configuration, by name, `config.json` among them.
pub type RuntimeFiles = BTreeMap<String, Vec<u8>>;

/// The configuration that `bailiwick dev` serves: the permissions of `environment`, with the
/// laptop's endpoint, issuer and addresses. Tools of servers that the laptop does not reach are
/// left out.
pub fn for_laptop(
    environment: &Environment,
    laptop: &Laptop,
) -> Result<RuntimeFiles, serde_json::Error> {
    let definitions = DefinitionFiles::of(&[environment])?;
    files(
        environment,
        &Serving::on_laptop(environment, laptop),
        &definitions,
    )
}

/// The configuration of an environment.
pub(crate) fn files(
    environment: &Environment,
    serving: &Serving,
    definitions: &DefinitionFiles<'_>,
) -> Result<RuntimeFiles, serde_json::Error> {
    let servers = servers(environment, serving, |server| {
        let file = definitions.of_server(environment, server)?;
        Some(file.digest)
    });
    let mut config = config(environment, serving, agents(environment, serving), servers);
    config.digest = config.computed_digest()?;
    let mut files = self::definitions(environment, definitions, |server| {
        serving.upstreams.contains_key(server)
    });
    files.insert(CONFIG_FILE.to_owned(), config.to_file()?);
    Ok(files)
}

/// A configuration without its digest.
fn config(
    environment: &Environment,
    serving: &Serving,
    agents: BTreeMap<String, Agent>,
    servers: BTreeMap<String, Server>,
) -> Config {
    Config {
        version: VERSION,
        digest: Digest::of(&[]),
        catalog: environment.catalog.to_string(),
        environment: environment.target.name.value.to_string(),
        endpoint: serving.endpoint.clone(),
        issuers: serving.issuers.clone(),
        agents,
        servers,
    }
}

/// The definitions of each server that somebody may call and that `wanted` wants: granted tools only.
pub(crate) fn definitions(
    environment: &Environment,
    definitions: &DefinitionFiles<'_>,
    wanted: impl Fn(&Name) -> bool,
) -> RuntimeFiles {
    let servers = environment.servers.keys();
    servers
        .filter(|server| wanted(server))
        .filter_map(|server| {
            let file = definitions.of_server(environment, server)?;
            Some((file_name(server), file.bytes.clone()))
        })
        .collect()
}

fn file_name(server: &str) -> String {
    format!("{server}.json")
}

fn agents(environment: &Environment, serving: &Serving) -> BTreeMap<String, Agent> {
    let mut granted: BTreeMap<&Name, BTreeMap<String, Permission>> = BTreeMap::new();
    for ((agent, server, tool), own) in &environment.permissions {
        if serving.upstreams.contains_key(server) {
            let narrowed = match &own.arguments {
                Arguments::All => None,
                Arguments::Narrowed(left) => Some(&**left),
                // What does not fit is reported, and allowed to nobody.
                Arguments::Nothing(_) => continue,
            };
            let tools = granted.entry(agent).or_default();
            let permission = permission(server, tool, own, narrowed);
            tools.insert(own.exposed.clone(), permission);
        }
    }
    let granted = granted.into_iter();
    granted
        .filter_map(|(name, tools)| {
            let agent = agent(
                environment.agents.get(name)?,
                serving.identities.get(name)?,
                tools,
            );
            Some((name.to_string(), agent))
        })
        .collect()
}

fn agent(
    granted: &GrantedAgent,
    identity: &Identity,
    tools: BTreeMap<String, Permission>,
) -> Agent {
    Agent {
        team: granted.agent.team.value.to_string(),
        owners: granted.owners.iter().map(ToString::to_string).collect(),
        identity: identity.clone(),
        limit: limit(&granted.limit),
        tools,
    }
}

fn permission(
    server: &str,
    tool: &str,
    own: &environment::Permission,
    narrowed: Option<&Narrowed>,
) -> Permission {
    let (input_schema, fixed) = match narrowed {
        Some(narrowed) => (Some(narrowed.input_schema.clone()), &*narrowed.fixed),
        None => (None, &[][..]),
    };
    let fixed = fixed.iter().map(|fixed| FixedArgument {
        path: fixed.path.clone(),
        value: fixed.value.clone(),
    });
    Permission {
        server: server.to_owned(),
        tool: tool.to_owned(),
        limit: limit(&own.limit),
        max_args: own.max_args,
        max_result: own.max_result,
        timeout: own.timeout,
        until: own.until.clone(),
        effect: match own.effect {
            model::Effect::Read => Effect::Read,
            model::Effect::Write => Effect::Write,
            model::Effect::Destructive => Effect::Destructive,
        },
        input_schema,
        fixed: fixed.collect(),
    }
}

/// The servers whose definitions have a digest.
fn servers(
    environment: &Environment,
    serving: &Serving,
    digest: impl Fn(&Name) -> Option<Digest>,
) -> BTreeMap<String, Server> {
    let deployed = environment.servers.iter();
    deployed
        .filter_map(|(name, deployed)| {
            let upstream = serving.upstreams.get(name)?;
            let server = Server {
                url: upstream.url.clone(),
                revision: deployed.revision.clone(),
                limit: limit(&deployed.limit),
                auth: upstream.auth.clone(),
                definitions: DefinitionsFile {
                    sha256: digest(name)?,
                    file: file_name(name),
                },
            };
            Some((name.to_string(), server))
        })
        .collect()
}

fn limit(resolved: &ResolvedLimit) -> Limit {
    Limit {
        rate: resolved.rate.map(|(calls, per)| Rate {
            calls,
            per,
            burst: resolved.burst.unwrap_or(calls),
        }),
        concurrent: resolved.concurrent,
    }
}
