//! GRA007: roles that exclude each other do not come together in one agent.

use std::collections::BTreeMap;

use super::{Resolved, error};
use crate::diagnostic::{Check, Diagnostic};
use crate::environment::Environment;
use crate::graph::{EdgeKind, Graph, Hop, NodeId, ToolSet};
use crate::model::Exclusive;

pub(crate) const SEPARATION_OF_DUTIES: Check = error(
    "GRA007",
    "separation-of-duties",
    "an agent would hold two exclusive roles",
);

/// No agent holds, directly or by delegation, two roles that exclude each other.
pub(super) fn separation_of_duties(resolved: &Resolved, found: &mut Vec<Diagnostic>) {
    for (environment, graph) in resolved.by_tier() {
        for exclusive in &resolved.catalog.exclusive {
            let mut roles: Vec<NodeId> = exclusive
                .roles
                .iter()
                .filter_map(|role| graph.role(&role.value))
                .collect();
            roles.sort_unstable();
            roles.dedup();
            if roles.len() < 2 {
                continue;
            }
            let has_two = |agent: NodeId| held(graph, agent, &roles).len() >= 2;
            for (_, agent) in graph.agents() {
                if has_two(agent) && graph.arises_at(agent, has_two) {
                    let held = held(graph, agent, &roles);
                    found.extend(finding(environment, graph, exclusive, agent, &held));
                }
            }
        }
    }
}

/// The shortest way of an agent to each of these roles that it holds; shortest first.
fn held(graph: &Graph, agent: NodeId, roles: &[NodeId]) -> Vec<Vec<Hop>> {
    let calls = graph.calls(agent);
    let mut held: BTreeMap<NodeId, Vec<Hop>> = BTreeMap::new();
    for (holder, _) in calls.agents() {
        let edges = graph.edges_from(holder).into_iter();
        for edge in edges.filter(|edge| edge.kind == EdgeKind::Holds && roles.contains(&edge.to)) {
            held.entry(edge.to).or_insert_with(|| {
                let mut hops = calls.way_to(holder);
                hops.push(edge.into());
                hops
            });
        }
    }
    let mut held: Vec<Vec<Hop>> = held.into_values().collect();
    held.sort_by_key(Vec::len);
    held
}

fn finding(
    environment: &Environment,
    graph: &Graph,
    exclusive: &Exclusive,
    agent: NodeId,
    held: &[Vec<Hop>],
) -> Option<Diagnostic> {
    let agent_name = graph.name(agent);
    let how_many = match held.len() {
        2 => "two".to_owned(),
        many => many.to_string(),
    };
    // The one that is furthest away is the one to change.
    let (last, nearer) = held.split_last()?;
    let (grant, delegations) = last.split_last()?;
    let role = graph.name(grant.to);
    let here = if delegations.is_empty() {
        format!("holds `{role}` here")
    } else {
        format!("and reaches `{role}` here")
    };
    let mut diagnostic = environment
        .finding(
            &SEPARATION_OF_DUTIES,
            grant.loc,
            format!(
                "`{agent_name}` would hold {how_many} exclusive roles in {}",
                environment.name()
            ),
        )
        .labelled(here);
    for hops in nearer {
        let Some((grant, way)) = hops.split_last() else {
            continue;
        };
        let verb = if way.is_empty() { "holds" } else { "reaches" };
        diagnostic = diagnostic.and(grant.loc, format!("{verb} `{}` here", graph.name(grant.to)));
        diagnostic = through(diagnostic, way);
    }
    diagnostic = through(diagnostic, delegations);
    for declared in exclusive.roles.iter().take(1) {
        diagnostic = diagnostic.and(
            declared.loc,
            format!("declared exclusive here: {}", exclusive.reason),
        );
    }
    if !delegations.is_empty() {
        diagnostic = diagnostic.note(format!("path: {}", text(graph, last)));
    }
    Some(diagnostic.help(if delegations.is_empty() {
        format!("grant `{role}` to another agent")
    } else {
        format!("remove the delegation, or move `{role}` to another agent")
    }))
}

fn through(diagnostic: Diagnostic, delegations: &[Hop]) -> Diagnostic {
    delegations.iter().fold(diagnostic, |diagnostic, hop| {
        diagnostic.and(hop.loc, "through this delegation")
    })
}

/// The names on the way to a role, and the first tool that it allows.
fn text(graph: &Graph, hops: &[Hop]) -> String {
    let first = hops.first().map(|hop| hop.from);
    let nodes = first.into_iter().chain(hops.iter().map(|hop| hop.to));
    let mut names: Vec<String> = nodes.map(|node| graph.name(node)).collect();
    if let Some(grant) = hops.last() {
        let edges = graph.edges_from(grant.to).into_iter();
        let tools: ToolSet = edges
            .filter(|edge| edge.kind == EdgeKind::Allows)
            .map(|edge| edge.to)
            .collect();
        names.extend(tools.iter().next().map(|tool| graph.name(tool)));
    }
    names.join(" -> ")
}
