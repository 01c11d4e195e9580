//! The worked example of the language page, resolved.

use std::cell::Cell;
use std::io;

use super::*;
use crate::diagnostic::Diagnostic;
use crate::model::{
    Catalog, Deploy, Grant, Granted, ImageReference, Limit, Network, Overlay, Pattern, Role,
    ServerSettings, Tier, Tool, ToolDefaults, ToolFacts, ToolPattern, Visibility,
};
use crate::source::{At, FileId, LoadError, Loader, Sources, Span};

thread_local! {
    static PLACE: Cell<u32> = const { Cell::new(0) };
}

fn loc() -> Loc {
    let start = PLACE.get();
    PLACE.set(start + 1);
    Loc {
        file: FileId(0),
        span: Span {
            start,
            end: start + 1,
        },
    }
}

fn at<T>(value: T) -> At<T> {
    At { value, loc: loc() }
}

fn name(text: &str) -> Name {
    Name::trusted(text)
}

fn limit(calls: u32, per: u64) -> Limit {
    Limit {
        rate: Some(at((calls, per))),
        burst: None,
        concurrent: None,
        max_args: None,
        max_result: None,
        loc: loc(),
    }
}

fn tool(own: &str, timeout: Option<u64>) -> (Name, Tool) {
    let tool = Tool {
        name: at(name(own)),
        facts: ToolFacts::default(),
        exposed: None,
        limit: None,
        timeout: timeout.map(at),
        loc: loc(),
    };
    (name(own), tool)
}

fn zendesk() -> Server {
    let image = ImageReference {
        text: "r.example/zendesk:2.3.0".to_owned(),
        repository: "r.example/zendesk".to_owned(),
        tag: Some("2.3.0".to_owned()),
        digest: None,
    };
    Server {
        name: at(name("zendesk")),
        team: at(name("support")),
        settings: ServerSettings {
            image: Some(at(image)),
            timeout: Some(at(10_000)),
            ..ServerSettings::default()
        },
        volumes: Vec::new(),
        scratch: Vec::new(),
        visible_to: Visibility::Teams(Vec::new()),
        tool_defaults: ToolDefaults::default(),
        tools: [
            tool("get_ticket", None),
            tool("search_tickets", Some(20_000)),
            tool("new_upstream", None),
        ]
        .into(),
        file: FileId(0),
        loc: loc(),
    }
}

fn grant(agent: &str, what: Granted) -> Grant {
    Grant {
        agent: at(name(agent)),
        what: vec![at(what)],
        until: None,
        limit: None,
        timeout: None,
        loc: loc(),
    }
}

fn all_of_zendesk() -> Pattern {
    Pattern {
        server: Some(name("zendesk")),
        tool: ToolPattern::Prefix(String::new()),
    }
}

fn catalog() -> Catalog {
    let target = Target {
        name: at(name("prod")),
        tier: Tier::Prod,
        after: None,
        namespace: at(name("mcp-prod")),
        network: Network::Cilium,
        deny: Vec::new(),
        issuers: BTreeMap::new(),
        dispatch: None,
        limit: Some(Limit {
            burst: Some(at(20)),
            concurrent: Some(at(8)),
            ..limit(120, 60_000)
        }),
        timeout: None,
    };
    let role = Role {
        name: at(name("reader")),
        team: None,
        allow: vec![at(all_of_zendesk())],
        limit: None,
        timeout: None,
        loc: loc(),
    };
    let agent = |own: &str| {
        let agent = Agent {
            name: at(name(own)),
            team: at(name("support")),
            identity: None,
            limit: None,
            loc: loc(),
        };
        (name(own), agent)
    };
    let mut triage = grant("triage-bot", Granted::Role(name("reader")));
    triage.limit = Some(Limit {
        concurrent: Some(at(2)),
        ..limit(30, 60_000)
    });
    let mut reply = grant("reply-bot", Granted::Role(name("reader")));
    reply.until = Some(at("2027-03-31".to_owned()));
    Catalog {
        name: Some(at(name("acme"))),
        environments: [(name("prod"), target)].into(),
        servers: [(name("zendesk"), zendesk())].into(),
        roles: [(name("reader"), role)].into(),
        agents: [agent("triage-bot"), agent("reply-bot")].into(),
        overlays: vec![Overlay {
            environment: at(name("prod")),
            deploys: vec![Deploy {
                servers: vec![at(name("zendesk"))],
                replicas: Some(at(3)),
                loc: loc(),
            }],
            grants: vec![triage, reply],
            patches: Vec::new(),
            loc: loc(),
        }],
        ..Catalog::default()
    }
}

struct OneFile(Option<&'static str>);

impl Loader for OneFile {
    fn list(&self, _: &str) -> Result<Vec<String>, LoadError> {
        Ok(Vec::new())
    }

    fn read(&self, path: &str, _: u64) -> Result<Vec<u8>, LoadError> {
        let file = self
            .0
            .filter(|_| path == "catalogs/support/lock/zendesk@2.3.0.json");
        file.map(|text| text.as_bytes().to_vec())
            .ok_or_else(|| LoadError::Io {
                path: path.to_owned(),
                source: io::ErrorKind::NotFound.into(),
            })
    }
}

const LOCK: &str = r#"{
  "image": { "reference": "r.example/zendesk:2.3.0" },
  "protocol": "2025-11-25", "revision": "2.3.0", "server": "zendesk",
  "tools": [ { "name": "get_ticket" }, { "name": "search_tickets" }, { "name": "undeclared" } ]
}"#;

fn resolved(lock: Option<&'static str>) -> (Environment, Vec<Diagnostic>) {
    let mut sources = Sources::default();
    sources.add("catalogs/support/catalog.kdl".to_owned(), String::new());
    let mut found = Vec::new();
    let mut environments = resolve(&catalog(), &sources, &OneFile(lock), &mut found);
    (environments.remove("prod").unwrap(), found)
}

#[test]
fn a_pair_has_the_smallest_of_all_values_and_the_latest_end() {
    let (environment, found) = resolved(Some(LOCK));
    assert_eq!(found, []);
    let lines: Vec<String> = environment
        .permissions
        .iter()
        .map(|((agent, server, tool), permission)| {
            let Permission {
                limit,
                timeout,
                until,
                ..
            } = permission;
            let (calls, per) = limit.rate.unwrap();
            let (burst, concurrent) = (limit.burst.unwrap(), limit.concurrent.unwrap());
            format!(
                "{agent} {server}:{tool} {calls}/{per} {burst} {concurrent} {timeout} {until:?}"
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            "reply-bot zendesk:get_ticket 120/60000 20 8 10000 Some(\"2027-03-31\")",
            "reply-bot zendesk:search_tickets 120/60000 20 8 20000 Some(\"2027-03-31\")",
            "triage-bot zendesk:get_ticket 30/60000 20 2 10000 None",
            "triage-bot zendesk:search_tickets 30/60000 20 2 20000 None",
        ]
    );
}

#[test]
fn a_server_without_its_lock_file_gives_nothing() {
    let (environment, found) = resolved(None);
    assert_eq!(environment.permissions, BTreeMap::new());
    assert_eq!(environment.unresolved, [name("zendesk")].into());
    let [missing] = found.as_slice() else {
        panic!("{found:?}")
    };
    assert_eq!(missing.check.code, "LCK001");
    assert_eq!(
        missing.message,
        "prod deploys `zendesk@2.3.0`; no matching file `catalogs/support/lock/zendesk@2.3.0.json`"
    );
    assert_eq!(missing.notes, ["the file does not exist"]);
}
