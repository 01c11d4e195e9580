//! TOL: tools as the catalog declares them.

use std::collections::{BTreeMap, BTreeSet};

use super::understood::Live;
use super::{Resolved, error, error_in_prod};
use crate::diagnostic::{Check, Diagnostic};
use crate::environment::{Environment, Path};
use crate::model::{DataClasses, Name, Server, Tool};
use crate::source::Loc;

pub(crate) const BAD_TOOL_NAME: Check = error(
    "TOL016",
    "bad-tool-name",
    "tool names are 1 to 128 of A-Z a-z 0-9 _ - .",
);
pub(crate) const UNCLASSIFIED_TOOL: Check = error_in_prod(
    "TOL017",
    "unclassified-tool",
    "nothing says what a granted tool does, reads or returns",
);

/// Somebody has looked at each tool that an agent may call, and says what it does. Said once of a tool, for
/// the environment of the highest tier that grants it.
pub(super) fn unclassified_tool(resolved: &Resolved, _: Live, found: &mut Vec<Diagnostic>) {
    let mut seen: BTreeSet<Loc> = BTreeSet::new();
    for (environment, _) in resolved.by_tier() {
        for ((server, tool), path) in granted(environment) {
            let Some(deployed) = environment.servers.get(server) else {
                continue;
            };
            let server = &deployed.server;
            let Some(line) = server.tools.get(tool).filter(|tool| seen.insert(tool.loc)) else {
                continue;
            };
            let missing = unwritten(server, line, &resolved.catalog.classes);
            if !missing.is_empty() {
                found.push(unclassified(environment, server, line, path, &missing));
            }
        }
    }
}

/// Each tool that some agent is granted, suspended or not, with the first way to it.
fn granted(environment: &Environment) -> BTreeMap<(&Name, &Name), &Path> {
    let suspended = environment.suspended.iter();
    let suspended = suspended.map(|(key, suspended)| (key, &suspended.permission));
    let mut granted = BTreeMap::new();
    for ((_, server, tool), permission) in environment.permissions.iter().chain(suspended) {
        if let Some(path) = permission.paths.first() {
            granted.entry((server, tool)).or_insert(path);
        }
    }
    granted
}

/// A fact that nobody wrote, and what is taken for it.
type Unwritten<'c> = (&'static str, &'c str);

/// The facts that are written neither on the tool nor in the defaults of its server.
fn unwritten<'c>(server: &Server, tool: &Tool, classes: &'c DataClasses) -> Vec<Unwritten<'c>> {
    let (own, defaults) = (&tool.facts, &server.tool_defaults.facts);
    let class = classes.unwritten();
    let class = class.map_or("", |class| &**class);
    let mut missing = Vec::new();
    // What is wrong with a line is reported, and may be what seems to be missing.
    if server.is_unclear(tool) {
        return missing;
    }
    if own.effect.is_none() && defaults.effect.is_none() {
        missing.push(("effect", "destructive"));
    }
    if own.reads.is_none() && defaults.reads.is_none() {
        missing.push(("reads", class));
    }
    if own.untrusted.is_none() && defaults.untrusted.is_none() {
        missing.push(("content", "untrusted"));
    }
    missing
}

fn unclassified(
    environment: &Environment,
    server: &Server,
    tool: &Tool,
    path: &Path,
    missing: &[Unwritten<'_>],
) -> Diagnostic {
    let name = format!("{}:{}", server.name.value, tool.name.value);
    let facts: Vec<String> = missing
        .iter()
        .map(|(fact, _)| format!("`{fact}`"))
        .collect();
    let facts = listed(&facts);
    let taken: Vec<String> = missing
        .iter()
        .map(|(fact, default)| format!("`{fact}={default}`"))
        .collect();
    let hops = path.hops(&server.name.value, &tool.name.value);
    let mut finding = environment
        .finding(
            &UNCLASSIFIED_TOOL,
            tool.name.loc,
            format!(
                "`{name}` is granted in {}, but nobody declared its {facts}",
                environment.name()
            ),
        )
        .labelled(format!("without {facts}"));
    if let Some(last) = hops.last() {
        finding = finding.and(last.loc, "granted by this");
    }
    finding
        .note(format!("until then it is taken for {}", listed(&taken)))
        .help(format!("read the definition of the tool and write {facts} on its line, or on `tool-defaults` of `{}` where all its tools are alike", server.name.value))
}

/// Words as a sentence lists them.
fn listed(words: &[String]) -> String {
    match words {
        [first, last] => format!("{first} and {last}"),
        [first, middle, last] => format!("{first}, {middle} and {last}"),
        words => words.join(", "),
    }
}
