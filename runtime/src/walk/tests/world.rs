//! A config folder, a log and a state, for one test.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex};

use bailiwick_audit::{Entry as Line, Failed, Position};
use bailiwick_config::{
    Agent, Auth, Config, Definitions, DefinitionsFile, Digest, Effect, Endpoint, Identity, Issuer,
    IssuerKind, Jwks, Limit, Permission, Server, VERSION,
};
use http::Response;
use http_body_util::BodyExt as _;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::audit::{Recorder, Sink};
use crate::dispatch::Connector;
use crate::edge::{Era, Message, Meta};
use crate::identity::Caller;
use crate::reply::{Body, CallId};
use crate::walk::{Settings, Snapshot, State, handle};

/// Reading what the system trusts takes time: once is enough.
pub(super) static CONNECTOR: LazyLock<Connector> = LazyLock::new(|| Connector::new(None).unwrap());

/// A config that a test changes before it is written.
#[derive(Clone)]
pub(super) struct Setup {
    pub(super) config: Config,
    /// Definitions by server and tool.
    pub(super) definitions: BTreeMap<String, BTreeMap<String, String>>,
}

impl Setup {
    /// The agent `alice` may call `echo` of the server `s` at `url` as `s_echo`.
    pub(super) fn new(url: &str) -> Self {
        let mut setup = Self::empty();
        setup.add_server("s", url);
        setup.add_tool("alice", "s", "echo", json!({"type": "object"}));
        setup
    }

    pub(super) fn empty() -> Self {
        let issuer = Issuer {
            kind: IssuerKind::Oidc,
            url: "https://issuer.example".into(),
            audience: "bailiwick".into(),
            jwks: Jwks::Discovery,
            ca: None,
            max_age: 3600,
        };
        let config = Config {
            version: VERSION,
            digest: Digest::of(b""),
            catalog: "acme".into(),
            environment: "test".into(),
            endpoint: Endpoint {
                url: "http://localhost/mcp".into(),
                tls: None,
            },
            issuers: [("corp".into(), issuer)].into(),
            agents: BTreeMap::new(),
            servers: BTreeMap::new(),
        };
        Self {
            config,
            definitions: BTreeMap::new(),
        }
    }

    pub(super) fn add_server(&mut self, name: &str, url: &str) {
        let server = Server {
            url: url.into(),
            revision: "1".into(),
            limit: Limit::default(),
            auth: Auth::None,
            definitions: DefinitionsFile {
                file: format!("{name}.json"),
                sha256: Digest::of(b""),
            },
        };
        self.config.servers.insert(name.into(), server);
        self.definitions.entry(name.into()).or_default();
    }

    /// Grants `agent` the tool `tool` of `server`, exposed as `<server>_<tool>`.
    pub(super) fn add_tool(
        &mut self,
        agent: &str,
        server: &str,
        tool: &str,
        schema: impl Into<Value>,
    ) -> &mut Permission {
        let definition = json!({"name": tool, "inputSchema": schema.into()});
        let tools = self.definitions.get_mut(server).unwrap();
        tools.entry(tool.into()).or_insert(definition.to_string());
        let permission = Permission {
            server: server.into(),
            tool: tool.into(),
            limit: Limit::default(),
            max_args: 4096,
            max_result: 64 << 10,
            timeout: 10_000,
            until: None,
            effect: Effect::Read,
            input_schema: None,
            fixed: Vec::new(),
        };
        let agents = &mut self.config.agents;
        let agent = agents.entry(agent.into()).or_insert_with(|| Agent {
            team: "support".into(),
            owners: Vec::new(),
            identity: Identity::Subject {
                issuer: "corp".into(),
                subject: agent.into(),
                client: None,
            },
            limit: Limit::default(),
            tools: BTreeMap::new(),
        });
        let exposed = format!("{server}_{tool}");
        agent.tools.insert(exposed.clone(), permission);
        agent.tools.get_mut(&exposed).unwrap()
    }

    /// The permission of alice for `exposed`.
    pub(super) fn permission(&mut self, exposed: &str) -> &mut Permission {
        let alice = self.config.agents.get_mut("alice").unwrap();
        alice.tools.get_mut(exposed).unwrap()
    }

    /// The files as they are mounted.
    pub(super) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut config = self.config.clone();
        let mut files = BTreeMap::new();
        for (name, tools) in &self.definitions {
            let raw = |text: &String| RawValue::from_string(text.clone()).unwrap();
            let definitions = Definitions {
                server: name.clone(),
                revision: "1".into(),
                tools: tools
                    .iter()
                    .map(|(name, text)| (name.clone(), raw(text)))
                    .collect(),
            };
            let bytes = serde_json::to_vec(&definitions).unwrap();
            config.servers.get_mut(name).unwrap().definitions.sha256 = Digest::of(&bytes);
            files.insert(format!("{name}.json"), bytes);
        }
        config.digest = config.computed_digest().unwrap();
        files.insert("config.json".into(), config.to_file().unwrap());
        files
    }

    /// Writes the files, `config.json` last.
    pub(super) fn write(&self, folder: &Path) {
        let mut files = self.files();
        let config = files.remove("config.json").unwrap();
        for (name, bytes) in files {
            std::fs::write(folder.join(name), bytes).unwrap();
        }
        std::fs::write(folder.join("config.json"), config).unwrap();
    }
}

/// A log in memory that keeps entries at once, or not at all.
#[derive(Clone, Default)]
pub(super) struct Memory(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    lines: Vec<Line>,
    failed: Option<Failed>,
    refused: usize,
    held: Option<Vec<crate::audit::Done>>,
}

impl Memory {
    pub(super) fn lines(&self) -> Vec<Line> {
        self.0.lock().unwrap().lines.clone()
    }

    /// The kinds of what was kept, with the reason or the result of each.
    pub(super) fn kinds(&self) -> Vec<String> {
        let kind = |line: &Line| match line {
            Line::Config(_) => "config".to_owned(),
            Line::Deny(deny) => format!("deny {}", deny.reason),
            Line::Intent(_) => "intent".to_owned(),
            Line::Outcome(outcome) => {
                let reason = outcome.reason.as_deref().unwrap_or("-");
                format!("outcome {:?} {reason}", outcome.result)
            }
            Line::Gap(gap) => format!("gap {:?}", gap.refused),
        };
        self.lines()
            .iter()
            .map(kind)
            .filter(|kind| kind != "config")
            .collect()
    }

    /// From now on nothing is kept.
    pub(super) fn fail(&self, failed: Failed) {
        self.0.lock().unwrap().failed = Some(failed);
    }

    /// From now on everything is kept again.
    pub(super) fn recover(&self) {
        self.0.lock().unwrap().failed = None;
    }

    /// How many entries were not kept.
    pub(super) fn refused(&self) -> usize {
        self.0.lock().unwrap().refused
    }

    /// From now on entries are not durable before [`Self::release`].
    pub(super) fn hold(&self) {
        self.0.lock().unwrap().held = Some(Vec::new());
    }

    /// How many entries are held.
    pub(super) fn held(&self) -> usize {
        self.0.lock().unwrap().held.as_ref().map_or(0, Vec::len)
    }

    /// Makes what is held durable.
    pub(super) fn release(&self) {
        let held = self.0.lock().unwrap().held.as_mut().map(std::mem::take);
        for done in held.into_iter().flatten() {
            done(Ok(position()));
        }
    }
}

fn position() -> Position {
    let leaf = "A".repeat(43).parse().unwrap();
    Position { index: 0, leaf }
}

impl Sink for Memory {
    fn append(&self, line: Line, done: crate::audit::Done) {
        let mut kept = self.0.lock().unwrap();
        if let Some(failed) = kept.failed.clone() {
            kept.refused += 1;
            drop(kept);
            return done(Err(failed));
        }
        kept.lines.push(line);
        if let Some(held) = &mut kept.held {
            return held.push(done);
        }
        drop(kept);
        done(Ok(position()));
    }

    fn failure(&self) -> Option<Failed> {
        self.0.lock().unwrap().failed.clone()
    }

    fn close(&self) {}
}

/// A running walk.
pub(super) struct World {
    pub(super) folder: TempDir,
    pub(super) state: Arc<State>,
    pub(super) log: Memory,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Answered {
    pub(super) status: u16,
    pub(super) retry_after: Option<u64>,
    pub(super) raw: String,
    pub(super) body: Value,
}

impl Answered {
    /// The reason word of a result that is an error.
    pub(super) fn reason(&self) -> &str {
        assert_eq!(self.body["result"]["isError"], json!(true), "{}", self.raw);
        self.body["result"]["_meta"]["bailiwick"]["reason"]
            .as_str()
            .unwrap_or("none")
    }
}

impl World {
    /// Starts on `setup` and waits until it is in force.
    pub(super) async fn start(setup: &Setup) -> Self {
        Self::start_with(setup, CONNECTOR.clone()).await
    }

    /// The same with connections of `connector`.
    pub(super) async fn start_with(setup: &Setup, connector: Connector) -> Self {
        let folder = TempDir::new().unwrap();
        setup.write(folder.path());
        let log = Memory::default();
        let recorder = Recorder::default();
        recorder.open(Arc::new(log.clone()));
        let settings = Settings {
            config: folder.path().into(),
            audit: folder.path().join("audit"),
            replica: "0".into(),
        };
        let state = State::start_with(settings, recorder, connector);
        state.snapshots().wait_for(Option::is_some).await.unwrap();
        Self { folder, state, log }
    }

    pub(super) fn snapshot(&self) -> Arc<Snapshot> {
        self.state.snapshots().borrow().clone().unwrap()
    }

    /// Calls a tool as alice, with id 7.
    pub(super) async fn call(&self, era: Era, tool: &str, arguments: &str) -> Answered {
        let params = format!(r#"{{"name":"{tool}","arguments":{arguments}}}"#);
        let message = message(era, "tools/call", &params);
        self.send(message, CancellationToken::new()).await
    }

    /// Sends a message as alice.
    pub(super) async fn send(&self, message: Message, cancel: CancellationToken) -> Answered {
        let caller = Caller::for_test("alice");
        let snapshot = self.snapshot();
        let call = CallId::new();
        read(handle(&self.state, &snapshot, caller, message, call, cancel).await).await
    }
}

pub(super) async fn read(response: Response<Body>) -> Answered {
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    let raw = String::from_utf8(bytes.to_vec()).unwrap();
    let retry_after = parts.headers.get("retry-after");
    Answered {
        status: parts.status.as_u16(),
        retry_after: retry_after.map(|value| value.to_str().unwrap().parse().unwrap()),
        body: serde_json::from_str(&raw).unwrap_or(Value::Null),
        raw,
    }
}

/// A request with id 7.
pub(super) fn message(era: Era, method: &str, params: &str) -> Message {
    let raw = |text: &str| RawValue::from_string(text.into()).unwrap();
    Message {
        id: Some(raw("7")),
        method: method.into(),
        params: Some(raw(params)),
        era,
        version: match era {
            Era::Legacy => "2025-11-25".into(),
            Era::Modern => "2026-07-28".into(),
        },
        meta: Meta::default(),
        param_headers: http::HeaderMap::new(),
    }
}
