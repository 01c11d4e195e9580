//! GRA: what agents reach through each other.

use std::collections::BTreeSet;

use super::{Resolved, error, error_in_prod, warning};
use crate::diagnostic::{Check, Diagnostic};
use crate::environment::Environment;
use crate::graph::{Approvals, Delegation, Delegations, Graph, NodeId, ToolSet};
use crate::model::FlowSink;
use crate::source::Loc;

pub(crate) const DELEGATION_ESCALATION: Check = error_in_prod(
    "GRA005",
    "delegation-escalation",
    "an agent reaches a destructive tool that it was not granted, through another",
);
pub(crate) const DELEGATION_CYCLE: Check = error(
    "GRA006",
    "delegation-cycle",
    "agents delegate to each other in a circle",
);
pub(crate) const DEEP_DELEGATION: Check = warning(
    "GRA018",
    "deep-delegation",
    "agents delegate to each other over many steps",
);

/// Agents in a chain from which on it is deep.
const DEEP: usize = 5;

/// An agent does not get more by another than its grants say.
pub(super) fn delegation_escalation(resolved: &Resolved, found: &mut Vec<Diagnostic>) {
    let mut seen = BTreeSet::new();
    for (environment, graph) in resolved.by_tier() {
        let destructive = graph.sinks(FlowSink::Destructive);
        for (_, agent) in graph.agents() {
            let Some(own) = graph.reach(agent) else {
                continue;
            };
            // What lies deeper is said of the agent that is nearer to it.
            for (other, loc) in graph.delegates(agent) {
                let Some(others) = graph.reach(other) else {
                    continue;
                };
                let gained = others.granted().intersection(&destructive);
                let gained = gained.difference(own.granted());
                if !gained.is_empty() && seen.insert(loc) {
                    let step = (agent, other, loc);
                    found.push(escalation(environment, graph, step, &gained));
                }
            }
        }
    }
}

fn escalation(
    environment: &Environment,
    graph: &Graph,
    (agent, other, loc): (NodeId, NodeId, Loc),
    gained: &ToolSet,
) -> Diagnostic {
    let (from, to) = (graph.name(agent), graph.name(other));
    let environment_name = environment.name();
    let mut diagnostic = environment
        .finding(
            &DELEGATION_ESCALATION,
            loc,
            format!(
                "`{from}` reaches {} in {environment_name} through `{to}`, and was not granted {}",
                destructive_tools(gained.len()),
                if gained.len() == 1 { "it" } else { "them" },
            ),
        )
        .labelled(format!("reaches {}", gained.text(graph)));
    if let Some(path) = graph.nearest(other, gained, Approvals::Given)
        && let Some(grant) = path.hops.first()
    {
        diagnostic = diagnostic
            .and(grant.loc, format!("granted to `{to}` here"))
            .note(format!("path: {from} -> {}", path.text(graph)));
    }
    diagnostic.help(format!(
        "remove the delegation, or grant `{to}` less; if `{from}` is to have this, grant it to `{from}`"
    ))
}

fn destructive_tools(count: usize) -> String {
    match count {
        1 => "a destructive tool".to_owned(),
        many => format!("{many} destructive tools"),
    }
}

/// Nobody calls on themselves, whatever is granted where.
pub(super) fn delegation_cycle(resolved: &Resolved, found: &mut Vec<Diagnostic>) {
    for circle in Delegations::of(&resolved.catalog).circles() {
        let message = format!("agents delegate in a circle: {}", names(&circle));
        found.extend(
            chain(&DELEGATION_CYCLE, message, &circle).map(|diagnostic| {
                diagnostic.help(
                    "take one of these delegations away: who answers for a call must have an end",
                )
            }),
        );
    }
}

/// Who answers for a call can be seen.
pub(super) fn deep_delegation(resolved: &Resolved, found: &mut Vec<Diagnostic>) {
    for steps in Delegations::of(&resolved.catalog).chains(DEEP) {
        let message = format!("chain of {} agents: {}", steps.len() + 1, names(&steps));
        found.extend(chain(&DEEP_DELEGATION, message, &steps).map(|diagnostic| {
            diagnostic.help("let an agent delegate to the one that does the work")
        }));
    }
}

/// A finding about steps that follow each other.
fn chain(check: &'static Check, message: String, steps: &[Delegation]) -> Option<Diagnostic> {
    let (first, further) = steps.split_first()?;
    let label = |step: &Delegation| format!("`{}` delegates to `{}`", step.from, step.to);
    let diagnostic = check.at(first.loc, message).labelled(label(first));
    Some(further.iter().fold(diagnostic, |diagnostic, step| {
        diagnostic.and(step.loc, label(step))
    }))
}

fn names(steps: &[Delegation]) -> String {
    let first = steps.first().map(|step| &step.from);
    let all = first.into_iter().chain(steps.iter().map(|step| &step.to));
    let all: Vec<String> = all.map(|name| format!("`{name}`")).collect();
    all.join(" -> ")
}
