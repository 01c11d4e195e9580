//! GRA: what grants let agents do: how much, how badly, for how long.

use std::collections::{BTreeMap, BTreeSet};

use super::understood::Live;
use super::{Resolved, error_in_prod, note, warning};
use crate::diagnostic::{Check, Diagnostic};
use crate::environment::Environment;
use crate::graph::{Graph, NodeId, ToolSet};
use crate::model::{Catalog, Claim, FlowSink, Grant, Name, Pattern, Tier, Tool};
use crate::source::{At, Loc};

pub(crate) const UNREACHABLE_TOOL: Check = note(
    "GRA002",
    "unreachable-tool",
    "a tool is deployed, but no agent may call it",
);
pub(crate) const UNAPPROVED_EFFECT: Check = error_in_prod(
    "GRA008",
    "unapproved-effect",
    "a destructive tool can be called without approval",
);
pub(crate) const NO_EXPIRY: Check = warning(
    "GRA011",
    "no-expiry",
    "a grant gives write access in prod without an end",
);
pub(crate) const BROAD_GRANT: Check =
    warning("GRA016", "broad-grant", "a grant gives very many tools");

/// Tools of one grant from which on it is broad.
const BROAD: usize = 26;

/// A person looks before something is destroyed.
pub(super) fn unapproved_effect(resolved: &Resolved, found: &mut Vec<Diagnostic>) {
    for (environment, graph) in resolved.by_tier() {
        let destructive = graph.sinks(FlowSink::Destructive);
        for (_, agent) in graph.agents() {
            let Some(reach) = graph.reach(agent) else {
                continue;
            };
            let open = reach.granted_unapproved().intersection(&destructive);
            for (line, given) in graph.by_line(agent, &open) {
                found.extend(unapproved(environment, graph, agent, line, &given));
            }
        }
    }
}

fn unapproved(
    environment: &Environment,
    graph: &Graph,
    agent: NodeId,
    line: Loc,
    given: &ToolSet,
) -> Option<Diagnostic> {
    let first = given.iter().next()?;
    let facts = graph.facts(first)?;
    let agent = graph.name(agent);
    let what = match given.len() {
        1 => format!("`{}`, which is destructive,", graph.name(first)),
        many => format!("{many} destructive tools"),
    };
    let is_written =
        definition(environment, graph, first).is_some_and(|tool| tool.name.loc != facts.effect.loc);
    let (label, help) = if is_written {
        (
            "destructive by this",
            "write an `approval` on the tool, the role, the grant or the environment, or grant less",
        )
    } else {
        (
            "nothing says what it does, so it counts as destructive",
            "write its `effect`; if it is destructive, write an `approval` too, or grant less",
        )
    };
    Some(
        environment
            .finding(
                &UNAPPROVED_EFFECT,
                line,
                format!(
                    "`{agent}` may call {what} in {} without approval",
                    environment.name()
                ),
            )
            .labelled(format!("gives {}", given.text(graph)))
            .and(facts.effect.loc, label)
            .help(help),
    )
}

fn definition<'e>(environment: &'e Environment, graph: &Graph, tool: NodeId) -> Option<&'e Tool> {
    let node = graph.node(tool)?;
    environment.tool(node.server.as_ref()?, &node.name)
}

/// Write access in prod ends one day, so that somebody asks whether it is still needed.
pub(super) fn no_expiry(resolved: &Resolved, found: &mut Vec<Diagnostic>) {
    for (environment, graph) in resolved.by_tier() {
        if environment.target.tier != Tier::Prod {
            continue;
        }
        let writing = graph.sinks(FlowSink::Write);
        let mut lines: BTreeMap<&Name, BTreeMap<Loc, ToolSet>> = BTreeMap::new();
        for grant in grants(&resolved.catalog, environment).filter(|grant| grant.until.is_none()) {
            let agent = &grant.agent.value;
            let Some(node) = graph.agent(agent) else {
                continue;
            };
            let lines = lines
                .entry(agent)
                .or_insert_with(|| graph.by_line(node, &writing));
            let given = grant.what.iter();
            let given = given.filter_map(|what| Some((what.loc, lines.get(&what.loc)?)));
            let all = given
                .clone()
                .fold(ToolSet::default(), |all, (_, given)| all.union(given));
            let Some((loc, _)) = given.min_by_key(|(loc, _)| *loc) else {
                continue;
            };
            found.push(
                environment
                    .finding(
                        &NO_EXPIRY,
                        loc,
                        format!(
                            "`{agent}` may write in {} without an end",
                            environment.name()
                        ),
                    )
                    .labelled(format!("this grant gives {}", all.text(graph)))
                    .help("write `until=` on the grant, so that somebody looks again"),
            );
        }
    }
}

/// The grants of an environment that let something through.
fn grants<'c>(catalog: &'c Catalog, environment: &Environment) -> impl Iterator<Item = &'c Grant> {
    let overlays = catalog.overlays_of(environment.name()).iter();
    let grants = overlays.flat_map(|overlay| &overlay.grants);
    grants.filter(|grant| grant.shadow.is_none())
}

/// A grant is small enough to be read.
pub(super) fn broad_grant(resolved: &Resolved, found: &mut Vec<Diagnostic>) {
    for (environment, graph) in resolved.by_tier() {
        let mut lines: BTreeMap<&Name, BTreeMap<Loc, ToolSet>> = BTreeMap::new();
        for grant in grants(&resolved.catalog, environment) {
            let agent = &grant.agent.value;
            let Some(node) = graph.agent(agent) else {
                continue;
            };
            let Some(reach) = graph
                .reach(node)
                .filter(|reach| reach.granted().len() >= BROAD)
            else {
                continue;
            };
            let lines = lines
                .entry(agent)
                .or_insert_with(|| graph.by_line(node, reach.granted()));
            let given = grant.what.iter().filter_map(|what| lines.get(&what.loc));
            let given = given.fold(ToolSet::default(), |all, given| all.union(given));
            if given.len() >= BROAD {
                found.push(
                    environment
                        .finding(
                            &BROAD_GRANT,
                            grant.agent.loc,
                            format!(
                                "this grant gives `{agent}` {} tools in {}, more than {}",
                                given.len(),
                                environment.name(),
                                BROAD - 1
                            ),
                        )
                        .help("grant the tools that the agent needs for its task"),
                );
            }
        }
    }
}

/// What is deployed is there for somebody. A tool of which a test says that it cannot be called is meant so.
pub(super) fn unreachable_tool(resolved: &Resolved, _: Live, found: &mut Vec<Diagnostic>) {
    let tests = resolved
        .catalog
        .tests
        .iter()
        .flat_map(|test| &test.assertions);
    let mut meant: BTreeMap<Option<&Name>, Vec<&Pattern>> = BTreeMap::new();
    for assertion in tests {
        let Claim::Cannot(patterns) = &assertion.claim else {
            continue;
        };
        for At { value, .. } in patterns {
            meant.entry(value.server.as_ref()).or_default().push(value);
        }
    }
    let is_meant = |server: &Name, tool: &Name| {
        let patterns = [meant.get(&Some(server)), meant.get(&None)];
        let mut patterns = patterns.into_iter().flatten().flatten();
        patterns.any(|pattern| pattern.matches(server, tool))
    };
    // What a shadow grant tries out is on its way to be granted.
    let shadows = resolved.environments.values();
    let shadows = shadows.flat_map(|environment| environment.shadows.keys());
    let mut reached: BTreeSet<(&Name, &Name)> =
        shadows.map(|(_, server, tool)| (server, tool)).collect();
    let mut deployed: BTreeMap<&Name, BTreeMap<&Name, Loc>> = BTreeMap::new();
    for graph in resolved.graphs.values() {
        let agents = graph.agents().filter_map(|(_, agent)| graph.reach(agent));
        let all = agents.fold(ToolSet::default(), |all, reach| all.union(reach.granted()));
        for (tool, node, _) in graph.tools().filter(|(_, node, _)| node.is_locked) {
            let (Some(server), Some(loc)) = (&node.server, node.loc) else {
                continue;
            };
            let key = (server, &node.name);
            if all.contains(tool) || is_meant(key.0, key.1) {
                reached.insert(key);
            }
            deployed.entry(server).or_default().insert(key.1, loc);
        }
    }
    for (server, tools) in deployed {
        let left: Vec<(&Name, Loc)> = tools
            .iter()
            .filter(|(tool, _)| !reached.contains(&(server, **tool)))
            .map(|(tool, loc)| (*tool, *loc))
            .collect();
        let defined = resolved
            .catalog
            .servers
            .get(server)
            .map(|server| server.name.loc);
        match defined.filter(|_| left.len() == tools.len() && left.len() > 1) {
            Some(place) => found.push(
                UNREACHABLE_TOOL
                    .at(
                        place,
                        format!(
                            "`{server}` is deployed, but no agent may call any of its {} tools",
                            left.len()
                        ),
                    )
                    .help("grant what is needed, or do not deploy it"),
            ),
            None => found.extend(left.into_iter().map(|(tool, loc)| {
                UNREACHABLE_TOOL
                    .at(
                        loc,
                        format!("`{server}:{tool}` is deployed, but no agent may call it"),
                    )
                    .help("grant it, take the line away, or let a `cannot` in a test say that nobody may")
            })),
        }
    }
}
