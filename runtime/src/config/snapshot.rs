//! One config, compiled into the tables that decide.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bailiwick_config::{
    Agent, CONFIG_FILE, Config, Definitions, Digest, Limit, Permission, Rate, Server,
};

use super::folder::Files;
use super::{LoadError, check};
use crate::dispatch::{Connector, Upstream};
use crate::limits::Counter;
use crate::view::{Day, Definition, Entry, Narrowed, Schemas, View};

/// How many refusals of one agent are recorded one by one; what is beyond is counted.
const RECORDED_REFUSALS: Limit = Limit {
    rate: Some(Rate {
        calls: 10,
        per: 1_000,
        burst: 100,
    }),
    concurrent: None,
};

/// One loaded config with all that was compiled from it. Never changes; a reload makes a new one.
#[derive(Debug)]
pub struct Snapshot {
    config: Config,
    digest: String,
    views: BTreeMap<Box<str>, View>,
    upstreams: BTreeMap<Box<str>, Arc<Upstream>>,
    counters: BTreeMap<Counted, Arc<Counter>>,
}

/// What a counter counts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Counted {
    Pair {
        agent: String,
        server: String,
        tool: String,
    },
    Agent(String),
    Server(String),
}

type Compiled = BTreeMap<String, BTreeMap<String, Arc<Definition>>>;

impl Snapshot {
    /// Compiles `files`, all or nothing. Counters and connections of `before` go on where the
    /// new config says the same about them.
    pub(crate) fn compile(
        files: &Files,
        before: Option<&Self>,
        connector: &Connector,
        today: Day,
    ) -> Result<Self, LoadError> {
        let config = parse(files)?;
        check::check(&config)?;
        let definitions = compile_definitions(&config, files)?;
        let mut snapshot = Self {
            digest: config.digest.to_string(),
            views: BTreeMap::new(),
            upstreams: BTreeMap::new(),
            counters: BTreeMap::new(),
            config,
        };
        snapshot.add_upstreams(before, connector)?;
        let mut narrowed = Schemas::default();
        for (name, agent) in &snapshot.config.agents.clone() {
            let view =
                snapshot.compile_view(name, agent, &definitions, &mut narrowed, before, today)?;
            snapshot.views.insert(name.as_str().into(), view);
        }
        Ok(snapshot)
    }

    /// The config that this was made from.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The config's digest, as records have it.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// What `agent` sees and may do.
    pub(crate) fn view(&self, agent: &str) -> Option<&View> {
        self.views.get(agent)
    }

    /// What the config is for, `catalog/environment`.
    pub(crate) fn purpose(&self) -> String {
        format!("{}/{}", self.config.catalog, self.config.environment)
    }

    fn add_upstreams(
        &mut self,
        before: Option<&Self>,
        connector: &Connector,
    ) -> Result<(), LoadError> {
        for (name, server) in &self.config.servers {
            let kept = before
                .and_then(|before| before.upstreams.get(name.as_str()))
                .filter(|upstream| upstream.is_for(server));
            let made = || Upstream::new(name, server, connector).map(Arc::new);
            let upstream = kept.map_or_else(made, |kept| Ok(Arc::clone(kept)));
            let upstream = upstream.map_err(|source| LoadError::Upstream {
                server: name.clone(),
                source,
            })?;
            self.upstreams.insert(name.as_str().into(), upstream);
        }
        Ok(())
    }

    fn compile_view(
        &mut self,
        name: &str,
        agent: &Agent,
        definitions: &Compiled,
        narrowed: &mut Schemas,
        before: Option<&Self>,
        today: Day,
    ) -> Result<View, LoadError> {
        let owner: Arc<str> = match agent.owners.as_slice() {
            [] => agent.team.as_str().into(),
            groups => groups.join(", ").into(),
        };
        let mut tools = BTreeMap::new();
        for (exposed, permission) in &agent.tools {
            let failed = |problem| {
                let place = format!("the tool `{exposed}` of the agent `{name}`");
                LoadError::invalid(place, problem)
            };
            let definition = definitions
                .get(&permission.server)
                .and_then(|tools| tools.get(&permission.tool))
                .ok_or_else(|| failed("its definition is not there"))?;
            let upstream = self
                .upstreams
                .get(permission.server.as_str())
                .ok_or_else(|| failed("no server has the name that it gives"))?;
            let narrowed = Narrowed::compile(permission, narrowed);
            let entry = Entry {
                exposed: exposed.as_str().into(),
                owner: Arc::clone(&owner),
                upstream: Arc::clone(upstream),
                tool: permission.tool.as_str().into(),
                definition: Arc::clone(definition),
                narrowed: narrowed.map_err(|source| LoadError::Narrowed {
                    agent: name.into(),
                    tool: exposed.clone(),
                    source,
                })?,
                max_args: usize::try_from(permission.max_args).unwrap_or(usize::MAX),
                max_result: usize::try_from(permission.max_result).unwrap_or(usize::MAX),
                timeout: Duration::from_millis(permission.timeout),
                until: day(name, exposed, permission)?,
                counters: self.counters(name, agent, permission, before),
            };
            tools.insert(entry.exposed.clone(), Arc::new(entry));
        }
        Ok(View::new(tools, Counter::new(RECORDED_REFUSALS), today))
    }

    /// The counters that a call of `agent` with `permission` must pass.
    fn counters(
        &mut self,
        name: &str,
        agent: &Agent,
        permission: &Permission,
        before: Option<&Self>,
    ) -> [Arc<Counter>; 3] {
        let pair = Counted::Pair {
            agent: name.into(),
            server: permission.server.clone(),
            tool: permission.tool.clone(),
        };
        let of_server = self
            .config
            .servers
            .get(&permission.server)
            .map(|server| server.limit.clone())
            .unwrap_or_default();
        [
            (pair, permission.limit.clone()),
            (Counted::Agent(name.into()), agent.limit.clone()),
            (Counted::Server(permission.server.clone()), of_server),
        ]
        .map(|(counted, limit)| {
            let kept = before.and_then(|before| before.counters.get(&counted));
            let counter = self.counters.entry(counted).or_insert_with(|| {
                kept.filter(|counter| *counter.limit() == limit)
                    .map_or_else(|| Arc::new(Counter::new(limit)), Arc::clone)
            });
            Arc::clone(counter)
        })
    }
}

/// Reads `config.json`, and holds it against its own digest and the one form that it may have.
fn parse(files: &Files) -> Result<Config, LoadError> {
    #[derive(serde::Deserialize)]
    struct Versioned {
        version: u32,
    }
    let failed = |source| LoadError::Json {
        file: CONFIG_FILE.into(),
        source,
    };
    let bytes = find(files, CONFIG_FILE)?;
    // The version goes first: another one may have other members.
    let Versioned { version } = serde_json::from_slice(bytes).map_err(failed)?;
    check::check_version(version)?;
    let config: Config = serde_json::from_slice(bytes).map_err(failed)?;
    let is_whole = config.computed_digest().map_err(failed)? == config.digest;
    if is_whole && config.to_file().map_err(failed)? == bytes {
        Ok(config)
    } else {
        Err(LoadError::Digest)
    }
}

fn compile_definitions(config: &Config, files: &Files) -> Result<Compiled, LoadError> {
    let mut all = Compiled::new();
    for (name, server) in &config.servers {
        let mut tools = BTreeMap::new();
        for (tool, raw) in read_definitions(name, server, files)?.tools {
            let definition =
                Definition::compile(&tool, &raw).map_err(|source| LoadError::Definition {
                    server: name.clone(),
                    tool: tool.clone(),
                    source,
                })?;
            tools.insert(tool, Arc::new(definition));
        }
        all.insert(name.clone(), tools);
    }
    Ok(all)
}

/// Reads the definitions file of a server, which must be the very one that the config names.
fn read_definitions(name: &str, server: &Server, files: &Files) -> Result<Definitions, LoadError> {
    let file = &server.definitions.file;
    let bytes = find(files, file)?;
    let found = Digest::of(bytes);
    let named = server.definitions.sha256;
    if found != named {
        return Err(LoadError::Definitions {
            file: file.clone(),
            found,
            named,
        });
    }
    let definitions: Definitions =
        serde_json::from_slice(bytes).map_err(|source| LoadError::Json {
            file: file.clone(),
            source,
        })?;
    if definitions.server != name || definitions.revision != server.revision {
        return Err(LoadError::Revision {
            file: file.clone(),
            server: name.into(),
        });
    }
    Ok(definitions)
}

fn find<'a>(files: &'a Files, name: &str) -> Result<&'a [u8], LoadError> {
    files
        .get(name)
        .map(Vec::as_slice)
        .ok_or_else(|| LoadError::Missing { file: name.into() })
}

fn day(agent: &str, exposed: &str, permission: &Permission) -> Result<Option<Day>, LoadError> {
    let parsed = permission.until.as_deref().map(str::parse).transpose();
    parsed.map_err(|source| LoadError::Until {
        agent: agent.into(),
        tool: exposed.into(),
        source,
    })
}
