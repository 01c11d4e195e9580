//! FLO: private data, untrusted content and a way out together, in one agent or in one tool.

use std::collections::{BTreeMap, BTreeSet};

use super::{Resolved, error_in_prod};
use crate::diagnostic::{Check, Diagnostic};
use crate::environment::Environment;
use crate::graph::{Approvals, Graph, NodeId, ToolSet, Trifecta};
use crate::source::Loc;

pub(crate) const LETHAL_TRIFECTA: Check = error_in_prod(
    "FLO001",
    "lethal-trifecta",
    "private data, untrusted content and a way out without approval in one agent",
);
pub(crate) const ONE_TOOL_TRIFECTA: Check = error_in_prod(
    "FLO005",
    "one-tool-trifecta",
    "one tool returns private data and text of strangers, and sends outside",
);

/// Nobody who can be steered by strangers holds secrets and a way out.
pub(super) fn lethal_trifecta(resolved: &Resolved, found: &mut Vec<Diagnostic>) {
    for (environment, graph) in resolved.by_tier() {
        for trifecta in graph.trifectas() {
            found.extend(trifecta_finding(environment, graph, &trifecta));
        }
    }
}

fn trifecta_finding(
    environment: &Environment,
    graph: &Graph,
    trifecta: &Trifecta,
) -> Option<Diagnostic> {
    let [private, untrusted, out] = &trifecta.shortest;
    let what = [
        (out, "sends outside without approval"),
        (private, "returns private data"),
        (untrusted, "returns what strangers can write"),
    ];
    let mut legs: BTreeMap<Loc, BTreeMap<NodeId, Vec<&str>>> = BTreeMap::new();
    for (path, does) in what {
        let of_line = legs.entry(path.hops.first()?.loc).or_default();
        of_line.entry(path.tool()?).or_default().push(does);
    }
    let text =
        |(tool, does): (NodeId, Vec<&str>)| format!("`{}` {}", graph.name(tool), does.join(", "));
    let mut labels: BTreeMap<Loc, Vec<String>> = legs
        .into_iter()
        .map(|(loc, tools)| (loc, tools.into_iter().map(text).collect()))
        .collect();
    let place = out.hops.first()?.loc;
    let agent = graph.name(trifecta.agent);
    let diagnostic = environment
        .finding(
            &LETHAL_TRIFECTA,
            place,
            format!(
                "`{agent}` has private data, untrusted content and a way out without approval in {}",
                environment.name()
            ),
        )
        .labelled(labels.remove(&place).unwrap_or_default().join(", "));
    let diagnostic = labels
        .into_iter()
        .fold(diagnostic, |diagnostic, (loc, texts)| {
            diagnostic.and(loc, texts.join(", "))
        });
    let mut paths: Vec<String> = [private, untrusted, out]
        .map(|path| path.text(graph))
        .to_vec();
    paths.dedup();
    let diagnostic = paths.into_iter().fold(diagnostic, |diagnostic, path| {
        diagnostic.note(format!("path: {path}"))
    });
    Some(
        diagnostic
            .note(format!(
                "in all: private data from {}, untrusted content from {}, a way out by {}",
                count(&trifecta.private),
                count(&trifecta.untrusted),
                count(&trifecta.out)
            ))
            .help("take one of the three away: grant less, divide the agent in two, or write an `approval` on the way out"),
    )
}

fn count(tools: &ToolSet) -> String {
    match tools.len() {
        1 => "1 tool".to_owned(),
        many => format!("{many} tools"),
    }
}

/// No tool is a leak by itself.
pub(super) fn one_tool_trifecta(resolved: &Resolved, found: &mut Vec<Diagnostic>) {
    let mut seen: BTreeSet<Loc> = BTreeSet::new();
    for (environment, graph) in resolved.by_tier() {
        let legs = graph.legs();
        let all = legs.private.intersection(&legs.untrusted);
        let all = all.intersection(&legs.external);
        for tool in all.iter() {
            let calls = |agent: &NodeId| {
                let reach = graph.reach(*agent);
                reach.is_some_and(|reach| reach.granted_unapproved().contains(tool))
            };
            let mut agents = graph.agents().map(|(_, agent)| agent);
            let Some(agent) = agents.find(calls) else {
                continue;
            };
            let Some(place) = graph.node(tool).and_then(|node| node.loc) else {
                continue;
            };
            if seen.insert(place) {
                found.extend(one_tool(environment, graph, tool, agent, place));
            }
        }
    }
}

fn one_tool(
    environment: &Environment,
    graph: &Graph,
    tool: NodeId,
    agent: NodeId,
    place: Loc,
) -> Option<Diagnostic> {
    let only: ToolSet = [tool].into_iter().collect();
    let path = graph.nearest(agent, &only, Approvals::Missing)?;
    let (tool, agent, here) = (graph.name(tool), graph.name(agent), environment.name());
    Some(
        environment
            .finding(
                &ONE_TOOL_TRIFECTA,
                place,
                format!("`{tool}` returns private data and text of strangers, and sends outside, in {here} without approval"),
            )
            .and(path.hops.first()?.loc, format!("granted to `{agent}` here"))
            .note(format!("path: {}", path.text(graph)))
            .help("divide the tool in two at its server, or write an `approval` on it"),
    )
}
