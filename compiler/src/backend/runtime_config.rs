//! What the dispatch server reads: `config.json` and one file of definitions for each server.
//! Serialized from the contract's types; no template can touch it.

use std::collections::{BTreeMap, BTreeSet};

use bailiwick_config::{
    Agent, CONFIG_FILE, Config, Definitions, DefinitionsFile, Digest, Effect, FixedArgument, Limit,
    Permission, Rate, Server, VERSION, indented,
};

use crate::bundle::{Laptop, Serving};
use crate::environment::{self, Environment, ResolvedLimit};
use crate::model::{self, Name};
use crate::narrowing::{Narrowed, narrowed};
use crate::source::Loc;

/// The files of a configuration, by name, `config.json` among them.
pub type RuntimeFiles = BTreeMap<String, Vec<u8>>;

/// The configuration that `bailiwick dev` serves: the permissions of `environment`, with the
/// laptop's endpoint, issuer and addresses. Tools of servers that the laptop does not reach are
/// left out.
pub fn for_laptop(
    environment: &Environment,
    laptop: &Laptop,
) -> Result<RuntimeFiles, serde_json::Error> {
    files(environment, &Serving::on_laptop(environment, laptop))
}

/// The configuration of an environment.
pub(crate) fn files(
    environment: &Environment,
    serving: &Serving,
) -> Result<RuntimeFiles, serde_json::Error> {
    let mut files = definitions(environment, |server| serving.upstreams.contains_key(server))?;
    let mut config = Config {
        version: VERSION,
        digest: Digest::of(&[]),
        catalog: environment.catalog.to_string(),
        environment: environment.target.name.value.to_string(),
        endpoint: serving.endpoint.clone(),
        issuers: serving.issuers.clone(),
        agents: agents(environment, serving),
        servers: servers(environment, serving, &files),
    };
    config.digest = config.computed_digest()?;
    files.insert(CONFIG_FILE.to_owned(), config.to_file()?);
    Ok(files)
}

/// The definitions of each server that somebody may call and that `wanted` wants: granted tools only.
pub(crate) fn definitions(
    environment: &Environment,
    wanted: impl Fn(&Name) -> bool,
) -> Result<RuntimeFiles, serde_json::Error> {
    let mut granted: BTreeMap<&Name, BTreeSet<&Name>> = BTreeMap::new();
    for (_, server, tool) in environment.permissions.keys() {
        granted.entry(server).or_default().insert(tool);
    }
    granted
        .into_iter()
        .filter(|(server, _)| wanted(server))
        .filter_map(|(server, tools)| Some((server, tools, environment.servers.get(server)?)))
        .map(|(server, tools, deployed)| {
            let locked = &deployed.lock.tools;
            let definitions = Definitions {
                server: server.to_string(),
                revision: deployed.revision.clone(),
                tools: tools
                    .into_iter()
                    .filter_map(|tool| Some((tool.to_string(), locked.get(tool)?.clone())))
                    .collect(),
            };
            // The lock's own spacing does not show.
            let text = indented(&serde_json::to_string(&definitions)?, usize::MAX);
            Ok((file_name(server), text.into_bytes()))
        })
        .collect()
}

fn file_name(server: &str) -> String {
    format!("{server}.json")
}

fn agents(environment: &Environment, serving: &Serving) -> BTreeMap<String, Agent> {
    let mut granted: BTreeMap<&Name, BTreeMap<String, Permission>> = BTreeMap::new();
    let mut narrowings = Narrowings::default();
    for ((agent, server, tool), own) in &environment.permissions {
        if serving.upstreams.contains_key(server) {
            // What does not fit is reported, and allowed to nobody.
            let Ok(narrowed) = narrowings.of(environment, server, tool, own) else {
                continue;
            };
            let tools = granted.entry(agent).or_default();
            let permission = permission(server, tool, own, narrowed);
            tools.insert(own.exposed.clone(), permission);
        }
    }
    let mut agents = BTreeMap::new();
    for (name, tools) in granted {
        let (Some(granted), Some(identity)) =
            (environment.agents.get(name), serving.identities.get(name))
        else {
            continue;
        };
        let agent = Agent {
            team: granted.agent.team.value.to_string(),
            owners: granted.owners.iter().map(ToString::to_string).collect(),
            identity: identity.clone(),
            limit: limit(&granted.limit),
            tools,
        };
        agents.insert(name.to_string(), agent);
    }
    agents
}

/// A server, a tool of it, and the places of what narrows its arguments.
type Combination<'e> = (&'e Name, &'e Name, Vec<Loc>);

/// What narrows arguments, each combination made once: a role brings the same to many agents.
#[derive(Default)]
struct Narrowings<'e>(BTreeMap<Combination<'e>, Result<Option<Narrowed>, ()>>);

impl<'e> Narrowings<'e> {
    fn of(
        &mut self,
        environment: &Environment,
        server: &'e Name,
        tool: &'e Name,
        own: &environment::Permission,
    ) -> Result<Option<Narrowed>, ()> {
        if own.narrowings.is_empty() {
            return Ok(None);
        }
        let places = own.narrowings.iter().map(|one| one.loc).collect();
        let made = self.0.entry((server, tool, places)).or_insert_with(|| {
            let deployed = environment.servers.get(server).ok_or(())?;
            let definition = deployed.lock.tools.get(tool).ok_or(())?;
            narrowed(definition, &own.narrowings).map_err(drop)
        });
        made.clone()
    }
}

fn permission(
    server: &str,
    tool: &str,
    own: &environment::Permission,
    narrowed: Option<Narrowed>,
) -> Permission {
    let (input_schema, fixed) = match narrowed {
        Some(narrowed) => (Some(narrowed.input_schema), narrowed.fixed),
        None => (None, Vec::new()),
    };
    let fixed = fixed.into_iter().map(|fixed| FixedArgument {
        path: fixed.path,
        value: fixed.value,
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

fn servers(
    environment: &Environment,
    serving: &Serving,
    files: &RuntimeFiles,
) -> BTreeMap<String, Server> {
    let mut servers = BTreeMap::new();
    for (name, deployed) in &environment.servers {
        let file = file_name(name);
        let (Some(upstream), Some(bytes)) = (serving.upstreams.get(name), files.get(&file)) else {
            continue;
        };
        let server = Server {
            url: upstream.url.clone(),
            revision: deployed.revision.clone(),
            limit: limit(&deployed.limit),
            auth: upstream.auth.clone(),
            definitions: DefinitionsFile {
                sha256: Digest::of(bytes),
                file,
            },
        };
        servers.insert(name.to_string(), server);
    }
    servers
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
