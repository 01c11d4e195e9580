//! What tests of the whole process share: an issuer, a server to call, a config, the process itself.

#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "each test uses a part of it"
)]

pub(crate) mod client;
pub(crate) mod installed;
pub(crate) mod issuer;
pub(crate) mod process;
pub(crate) mod upstream;

use std::collections::BTreeMap;
use std::path::Path;

use bailiwick_config::{
    Agent, Auth, CONFIG_FILE, Config, Definitions, DefinitionsFile, Digest, Effect, Endpoint,
    Identity, Issuer as IssuerConfig, IssuerKind, Jwks, Limit, Permission, Server, VERSION,
};
use serde_json::value::RawValue;

/// What an issuer is called in the config.
const ISSUER: &str = "test";

/// A server with the definitions of the tools that agents are granted.
#[derive(Debug)]
pub(crate) struct Granted<'a> {
    /// Its name.
    pub(crate) server: &'a str,
    /// Where it is.
    pub(crate) url: &'a str,
    /// Definitions as the server gave them.
    pub(crate) tools: Vec<Box<RawValue>>,
    /// Bytes.
    pub(crate) max_result: u64,
    /// Milliseconds.
    pub(crate) timeout: u64,
}

impl<'a> Granted<'a> {
    /// A server with these definitions and the usual limits.
    pub(crate) fn new(server: &'a str, url: &'a str, definitions: &[&str]) -> Self {
        let tools = definitions.iter();
        Self {
            server,
            url,
            tools: tools
                .map(|text| RawValue::from_string((*text).to_owned()).unwrap())
                .collect(),
            max_result: 1024 * 1024,
            timeout: 30_000,
        }
    }
}

/// Writes a config whose one agent `agent` may call every tool of `granted`; the endpoint is `url`.
pub(crate) fn write_config(
    folder: &Path,
    url: &str,
    issuer: &issuer::Issuer,
    granted: &[Granted<'_>],
) {
    std::fs::create_dir_all(folder).unwrap();
    let mut tools = BTreeMap::new();
    let mut servers = BTreeMap::new();
    for one in granted {
        let mut definitions = BTreeMap::new();
        for definition in &one.tools {
            let parsed: serde_json::Value = serde_json::from_str(definition.get()).unwrap();
            let name = parsed["name"].as_str().unwrap().to_owned();
            let exposed = format!("{}_{}", one.server, name.replace('.', "_"));
            tools.insert(exposed, permission(one, &name));
            definitions.insert(name, definition.clone());
        }
        let file = format!("{}.json", one.server);
        let bytes = serde_json::to_vec(&Definitions {
            server: one.server.to_owned(),
            revision: "1".to_owned(),
            tools: definitions,
        })
        .unwrap();
        std::fs::write(folder.join(&file), &bytes).unwrap();
        let sha256 = Digest::of(&bytes);
        servers.insert(
            one.server.to_owned(),
            Server {
                url: one.url.to_owned(),
                revision: "1".to_owned(),
                limit: Limit::default(),
                auth: Auth::None,
                definitions: DefinitionsFile { file, sha256 },
            },
        );
    }
    let agent = Agent {
        team: "testers".to_owned(),
        owners: Vec::new(),
        identity: Identity::Subject {
            issuer: ISSUER.to_owned(),
            subject: issuer::SUBJECT.to_owned(),
            client: None,
        },
        limit: Limit::default(),
        tools,
    };
    let issuer = IssuerConfig {
        kind: IssuerKind::Oidc,
        url: issuer::URL.to_owned(),
        audience: url.to_owned(),
        jwks: Jwks::Inline {
            keys: issuer.jwks(),
        },
        ca: None,
        max_age: 86_400,
    };
    let mut config = Config {
        version: VERSION,
        digest: Digest::of(b""),
        catalog: "acme".to_owned(),
        environment: "test".to_owned(),
        endpoint: Endpoint {
            url: url.to_owned(),
            tls: None,
        },
        issuers: BTreeMap::from([(ISSUER.to_owned(), issuer)]),
        agents: BTreeMap::from([("agent".to_owned(), agent)]),
        servers,
    };
    config.digest = config.computed_digest().unwrap();
    std::fs::write(folder.join(CONFIG_FILE), config.to_file().unwrap()).unwrap();
}

fn permission(granted: &Granted<'_>, tool: &str) -> Permission {
    Permission {
        server: granted.server.to_owned(),
        tool: tool.to_owned(),
        limit: Limit {
            rate: None,
            concurrent: Some(1_000),
        },
        max_args: 64 * 1024,
        max_result: granted.max_result,
        timeout: granted.timeout,
        until: None,
        effect: Effect::Read,
        input_schema: None,
        fixed: Vec::new(),
    }
}
