//! Overlays: what is deployed, granted, patched and suspended.

use crate::checks::environments::NOT_PATCHABLE;
use crate::checks::language::{CONFLICTING_NODES, MISSING_PART, WRONG_TYPE};
use crate::diagnostic::Diagnostic;
use crate::grammar::{Item, Value};
use crate::model::{
    AgentSettings, Change, Deploy, Grant, Granted, Name, Overlay, Patch, Subject, Suspension,
};
use crate::source::At;

use super::{Lowering, agent, read, server, settings};

impl Lowering<'_> {
    pub(super) fn overlay(&mut self, item: &Item) {
        let Some(environment) = item.argument("environment").and_then(read::name) else {
            return;
        };
        let overlay = Overlay {
            environment,
            deploys: item.all("deploy").map(deploy).collect(),
            grants: item
                .all("grant")
                .filter_map(|item| grant(item, self.found))
                .collect(),
            patches: item
                .all("patch")
                .filter_map(|item| patch(item, self.found))
                .collect(),
            suspensions: item
                .all("suspend")
                .filter_map(|item| suspension(item, self.found))
                .collect(),
            loc: item.loc,
        };
        self.catalog.overlays.push(overlay);
    }
}

fn deploy(item: &Item) -> Deploy {
    Deploy {
        servers: item
            .arguments("server")
            .iter()
            .filter_map(read::name)
            .collect(),
        replicas: item.property("replicas").and_then(read::small),
        loc: item.loc,
    }
}

fn grant(item: &Item, found: &mut Vec<Diagnostic>) -> Option<Grant> {
    Some(Grant {
        agent: item.argument("agent").and_then(read::name)?,
        what: item.arguments("what").iter().filter_map(granted).collect(),
        until: item.property("until").and_then(read::text),
        shadow: item
            .property("mode")
            .filter(|mode| read::word(mode) == Some("shadow"))
            .map(|mode| mode.loc),
        limit: settings::limit(item, found),
        timeout: settings::timeout(item),
        approvals: settings::approvals(item),
        narrowings: settings::narrowings(item, found),
        loc: item.loc,
    })
}

fn granted(at: &At<Value>) -> Option<At<Granted>> {
    let role = read::name(at).map(|role| Granted::Role(role.value));
    let granted = role.or_else(|| Some(Granted::Tools(read::pattern(at)?.value)))?;
    Some(read::with(at, granted))
}

/// What each kind of thing lets a patch replace.
const OF_SERVER: &[&str] = &[
    "image",
    "args",
    "command",
    "url",
    "service",
    "transport",
    "env",
    "secret",
    "egress",
    "resources",
    "auth",
    "limit",
    "timeout",
    "retry",
];
const OF_AGENT: &[&str] = &["identity", "limit"];
const OF_TOOL: &[&str] = &["limit", "timeout", "retry", "approval", "arg"];

fn patch(item: &Item, found: &mut Vec<Diagnostic>) -> Option<Patch> {
    let kind = item.argument("kind").and_then(read::word)?;
    let subject = item.argument("subject").and_then(read::name)?;
    let settings = match kind {
        "server" => OF_SERVER,
        "agent" => OF_AGENT,
        _ => OF_TOOL,
    };
    for child in item
        .children
        .iter()
        .filter(|child| !settings.contains(&child.row.name))
    {
        found.push(NOT_PATCHABLE.at(
            child.head,
            format!(
                "`{}` of {} `{}` cannot be patched",
                child.row.name, kind, subject.value
            ),
        ));
    }
    let version = item.property("version");
    if let Some(version) = version.filter(|_| kind != "server") {
        found.push(CONFLICTING_NODES.at(version.loc, "`version` is for `patch server` alone"));
    }
    if item.children.is_empty() && version.is_none() && !item.broken {
        found.push(MISSING_PART.at(item.head, "`patch` needs a setting to replace"));
    }
    let change = match kind {
        "server" => Change::Server(subject, Box::new(server::server_settings(item, found))),
        "agent" => {
            let settings = AgentSettings {
                identity: agent::identity(item, found),
                limit: settings::limit(item, found),
            };
            Change::Agent(subject, Box::new(settings))
        }
        _ => Change::Tool(
            tool_subject(&subject, found)?,
            Box::new(settings::of_tool(item, found)),
        ),
    };
    Some(Patch {
        change,
        loc: item.loc,
    })
}

/// `server:tool`
fn tool_subject(subject: &At<Name>, found: &mut Vec<Diagnostic>) -> Option<At<(Name, Name)>> {
    let parts = subject
        .value
        .split_once(':')
        .filter(|(server, tool)| !server.is_empty() && !tool.contains('*'));
    let Some((server, tool)) = parts else {
        found.push(WRONG_TYPE.at(
            subject.loc,
            format!(
                "expected one tool as `server:tool`, found `{}`",
                subject.value
            ),
        ));
        return None;
    };
    Some(At {
        value: (Name::trusted(server), Name::trusted(tool)),
        loc: subject.loc,
    })
}

fn suspension(item: &Item, found: &mut Vec<Diagnostic>) -> Option<Suspension> {
    let kind = item.argument("kind").and_then(read::word)?;
    let named = item.argument("subject").and_then(read::name)?;
    let reason = item.property("reason").and_then(read::text)?;
    let subject = match kind {
        "agent" => Subject::Agent(named.value.clone()),
        "server" => Subject::Server(named.value.clone()),
        _ => {
            let (server, tool) = tool_subject(&named, found)?.value;
            Subject::Tool(server, tool)
        }
    };
    Some(Suspension {
        subject: At {
            value: subject,
            loc: named.loc,
        },
        reason: reason.value,
        loc: item.loc,
    })
}
