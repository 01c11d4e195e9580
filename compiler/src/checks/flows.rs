//! FLO: what agents can read, held against where they can send and what they can do, alone and together.

use std::collections::BTreeSet;

use super::{Resolved, error_in_prod, warning};
use crate::diagnostic::{Check, Diagnostic};
use crate::environment::Environment;
use crate::graph::{EdgeKind, Flows, Graph, NodeId, NodeKind, Path, ToolSet};
use crate::model::{FlowSink, FlowSource, Tier};
use crate::source::Loc;

pub(crate) const PRIVATE_TO_EXTERNAL: Check = error_in_prod(
    "FLO002",
    "private-to-external",
    "private data can leave the organisation without approval",
);
pub(crate) const UNTRUSTED_TO_DESTRUCTIVE: Check = error_in_prod(
    "FLO003",
    "untrusted-to-destructive",
    "text written by strangers can trigger a destructive tool",
);
pub(crate) const UNTRUSTED_TO_EXTERNAL: Check = warning(
    "FLO004",
    "untrusted-to-external",
    "text written by strangers can steer what is sent out of prod",
);
pub(crate) const FLOW_THROUGH_DELEGATION: Check = error_in_prod(
    "FLO007",
    "flow-through-delegation",
    "a flow crosses agents by delegation",
);

/// What a source gives, for people.
pub(super) fn given(from: &FlowSource) -> String {
    match from {
        FlowSource::Class(class) => format!("`{class}` data"),
        FlowSource::Untrusted => "text written by strangers".to_owned(),
    }
}

/// What takes it, for people.
pub(super) fn taking(to: FlowSink) -> &'static str {
    match to {
        FlowSink::Internal => "a tool that sends",
        FlowSink::External => "a tool that sends outside",
        FlowSink::Write => "a tool that writes",
        FlowSink::Destructive => "a destructive tool",
    }
}

/// A kind of flow that is looked for.
struct Kind {
    check: &'static Check,
    from: FlowSource,
    to: FlowSink,
    help: &'static str,
}

impl Kind {
    fn private_to_external(graph: &Graph) -> Option<Self> {
        Some(Self {
            check: &PRIVATE_TO_EXTERNAL,
            from: FlowSource::Class(graph.classes().private()?.clone()),
            to: FlowSink::External,
            help: "grant less, divide the agent in two, or write an `approval` on the way out",
        })
    }

    fn untrusted_to_destructive() -> Self {
        Self {
            check: &UNTRUSTED_TO_DESTRUCTIVE,
            from: FlowSource::Untrusted,
            to: FlowSink::Destructive,
            help: "grant less, divide the agent in two, or write an `approval` on the destructive tool",
        }
    }
}

/// What is private stays inside, or a person lets it out.
pub(super) fn private_to_external(resolved: &Resolved, found: &mut Vec<Diagnostic>) {
    for (environment, graph) in resolved.by_tier() {
        if let Some(kind) = Kind::private_to_external(graph) {
            within_one_agent(environment, graph, &kind, found);
        }
    }
}

/// Strangers destroy nothing, or a person lets them.
pub(super) fn untrusted_to_destructive(resolved: &Resolved, found: &mut Vec<Diagnostic>) {
    for (environment, graph) in resolved.by_tier() {
        within_one_agent(environment, graph, &Kind::untrusted_to_destructive(), found);
    }
}

fn within_one_agent(
    environment: &Environment,
    graph: &Graph,
    kind: &Kind,
    found: &mut Vec<Diagnostic>,
) {
    let (sources, sinks) = (graph.sources(&kind.from), graph.sinks(kind.to));
    for (_, agent) in graph.agents() {
        if !has_own(graph, agent, &sources, &sinks) {
            continue;
        }
        // What a destructive tool returns comes when it has destroyed something already.
        let flows = match kind.to {
            FlowSink::Destructive => between_two(graph, agent, &sources, &sinks),
            FlowSink::Internal | FlowSink::External | FlowSink::Write => {
                graph.flow(agent, &sources, &sinks)
            }
        };
        found.extend(flows.and_then(|flows| finding(environment, graph, kind, &flows)));
    }
}

/// Flows from one tool to another among the agent's own.
fn between_two(graph: &Graph, agent: NodeId, sources: &ToolSet, sinks: &ToolSet) -> Option<Flows> {
    let own = graph.reach(agent)?.granted_unapproved();
    let (sources, sinks) = (own.intersection(sources), own.intersection(sinks));
    let both = sources.intersection(&sinks);
    let others = sources.difference(&sinks);
    if !others.is_empty() {
        return graph.flow(agent, &others, &sinks);
    }
    let first: ToolSet = both.iter().take(1).collect();
    graph.flow(agent, &first, &sinks.difference(&first))
}

/// Whether an agent's own grants make an unguarded flow.
fn has_own(graph: &Graph, agent: NodeId, sources: &ToolSet, sinks: &ToolSet) -> bool {
    let meets = |one: &ToolSet, other: &ToolSet| !one.intersection(other).is_empty();
    graph.reach(agent).is_some_and(|reach| {
        let own = reach.granted_unapproved();
        meets(own, sources) && meets(own, sinks)
    })
}

/// What strangers write does not decide what prod sends.
pub(super) fn untrusted_to_external(resolved: &Resolved, found: &mut Vec<Diagnostic>) {
    for (environment, graph) in resolved.by_tier() {
        if environment.target.tier != Tier::Prod {
            continue;
        }
        let kind = Kind {
            check: &UNTRUSTED_TO_EXTERNAL,
            from: FlowSource::Untrusted,
            to: FlowSink::External,
            help: "grant less, or write an `approval` on the way out",
        };
        // FLO001 says more of the same agents.
        let trifectas = graph.trifectas().into_iter();
        let said: BTreeSet<NodeId> = trifectas.map(|trifecta| trifecta.agent).collect();
        let flows = graph.flows(&kind.from, kind.to).into_iter();
        let flows = flows.filter(|flows| flows.unguarded > 0 && !said.contains(&flows.agent));
        found.extend(flows.filter_map(|flows| finding(environment, graph, &kind, &flows)));
    }
}

/// What one agent may not do, two do not do together.
pub(super) fn flow_through_delegation(resolved: &Resolved, found: &mut Vec<Diagnostic>) {
    let mut seen = BTreeSet::new();
    for (environment, graph) in resolved.by_tier() {
        let kinds = Kind::private_to_external(graph).into_iter();
        for kind in kinds.chain([Kind::untrusted_to_destructive()]) {
            let (sources, sinks) = (graph.sources(&kind.from), graph.sinks(kind.to));
            for flows in graph.flows(&kind.from, kind.to) {
                if flows.unguarded == 0 || has_own(graph, flows.agent, &sources, &sinks) {
                    continue;
                }
                let crossing = crossing(environment, graph, &kind, &flows);
                // Delegation is the same in every environment: it is said once, for the first of them.
                let place = |found: &Diagnostic| found.primary.as_ref().map(|label| label.loc);
                if let Some(crossing) = crossing
                    && seen.insert((place(&crossing), kind.check.code))
                {
                    found.push(crossing);
                }
            }
        }
    }
}

fn crossing(
    environment: &Environment,
    graph: &Graph,
    kind: &Kind,
    flows: &Flows,
) -> Option<Diagnostic> {
    let shortest = &flows.shortest;
    let hops = || shortest.send.hops.iter().chain(&shortest.read.hops);
    let delegation = hops().find(|hop| hop.kind == EdgeKind::Delegates)?;
    let mut agents: Vec<String> = Vec::new();
    let steps = shortest.hops();
    for node in steps.iter().flat_map(|hop| [hop.from, hop.to]) {
        let is_agent = graph.node(node)?.kind == NodeKind::Agent;
        let agent = format!("`{}`", graph.name(node));
        if is_agent && agents.last() != Some(&agent) {
            agents.push(agent);
        }
    }
    let environment_name = environment.name();
    let mut diagnostic = environment
        .finding(
            &FLOW_THROUGH_DELEGATION,
            delegation.loc,
            format!(
                "the flow crosses agents {}: {} can reach {} in {environment_name} without approval",
                agents.join(" -> "),
                given(&kind.from),
                taking(kind.to)
            ),
        )
        .labelled(format!("through this delegation of `{}`", graph.name(delegation.from)));
    diagnostic = with_ends(diagnostic, graph, kind, flows, delegation.loc)?;
    Some(diagnostic.help("remove the delegation, grant one of the agents less, or write an `approval` on the last tool"))
}

fn finding(
    environment: &Environment,
    graph: &Graph,
    kind: &Kind,
    flows: &Flows,
) -> Option<Diagnostic> {
    let send = &flows.shortest.send;
    let place = send.hops.first()?.loc;
    let diagnostic = environment
        .finding(
            kind.check,
            place,
            format!(
                "{} can reach {} through `{}` in {} without approval",
                given(&kind.from),
                taking(kind.to),
                graph.name(flows.agent),
                environment.name()
            ),
        )
        .labelled(label(graph, send, does(kind.to))?);
    Some(with_ends(diagnostic, graph, kind, flows, place)?.help(kind.help))
}

/// Adds the two ends of a flow, its path, and how many more there are.
fn with_ends(
    mut diagnostic: Diagnostic,
    graph: &Graph,
    kind: &Kind,
    flows: &Flows,
    primary: Loc,
) -> Option<Diagnostic> {
    let shortest = &flows.shortest;
    let ends = [
        (&shortest.read, gives(&kind.from)),
        (&shortest.send, does(kind.to).to_owned()),
    ];
    for (path, does) in ends {
        let own = path
            .hops
            .iter()
            .find(|hop| hop.kind != EdgeKind::Delegates)?;
        let text = label(graph, path, &does)?;
        if own.loc != primary {
            diagnostic = diagnostic.and(own.loc, text);
        } else if let Some(label) = &mut diagnostic.primary
            && !label.text.contains(&text)
        {
            label.text = format!("{}, {text}", label.text);
        }
    }
    diagnostic = diagnostic.note(format!("path: {}", shortest.text(graph)));
    if flows.unguarded > 1 {
        diagnostic = diagnostic.note(format!(
            "{} such flows in all: from {} to {}",
            flows.unguarded,
            open(graph, flows.agent, &flows.sources).text(graph),
            open(graph, flows.agent, &flows.sinks).text(graph)
        ));
    }
    Some(diagnostic)
}

fn open(graph: &Graph, agent: NodeId, tools: &ToolSet) -> ToolSet {
    let reach = graph.reach(agent);
    reach.map_or_else(ToolSet::default, |reach| {
        reach.unapproved().intersection(tools)
    })
}

fn label(graph: &Graph, path: &Path, does: &str) -> Option<String> {
    Some(format!("`{}` {does}", graph.name(path.tool()?)))
}

fn gives(from: &FlowSource) -> String {
    match from {
        FlowSource::Class(_) => "returns private data".to_owned(),
        FlowSource::Untrusted => "returns what strangers can write".to_owned(),
    }
}

fn does(to: FlowSink) -> &'static str {
    match to {
        FlowSink::Internal => "sends",
        FlowSink::External => "sends outside",
        FlowSink::Write => "writes",
        FlowSink::Destructive => "is destructive",
    }
}
