//! The graph agrees with the oracle and with the resolved permissions, and would not if either were wrong.

use std::collections::BTreeSet;

use super::oracle::{End, FlowCount, MISTAKES, Mistake, Oracle, Reached};
use super::universe::{AGENTS, CLASSES, TOOLS, Universe};
use crate::Report;
use crate::graph::{CanCall, EdgeKind, Graph, NodeId, NodeKind, Path, ToolSet};
use crate::model::{FlowSink, FlowSource, Name};

const UNIVERSES: u64 = 3_000;

fn graph(report: &Report) -> &Graph {
    &report.resolved.graphs["e"]
}

fn number(graph: &Graph, tool: NodeId) -> usize {
    let name = &graph.node(tool).unwrap().name;
    name.strip_prefix('t').unwrap().parse().unwrap()
}

fn agent(graph: &Graph, number: usize) -> Option<NodeId> {
    graph.agent(&format!("a{number}"))
}

fn reached(graph: &Graph) -> Vec<Reached> {
    let set = |tools: &ToolSet| tools.iter().map(|tool| number(graph, tool)).collect();
    (0..AGENTS)
        .map(
            |number| match agent(graph, number).and_then(|agent| graph.reach(agent)) {
                None => Reached::default(),
                Some(reach) => Reached {
                    granted: set(reach.granted()),
                    granted_open: set(reach.granted_unapproved()),
                    all: set(reach.all()),
                    all_open: set(reach.unapproved()),
                },
            },
        )
        .collect()
}

/// Every kind of flow, as the oracle and as the graph name it.
fn kinds() -> Vec<((End, FlowSource), (End, FlowSink))> {
    let classes = (0..CLASSES.len()).map(|rank| {
        let class = Name::trusted(CLASSES[rank]);
        (End::Class(rank), FlowSource::Class(class))
    });
    let sources = classes.chain([(End::Untrusted, FlowSource::Untrusted)]);
    let sinks = [
        (End::Sends(1), FlowSink::Internal),
        (End::Sends(2), FlowSink::External),
        (End::Effect(1), FlowSink::Write),
        (End::Effect(2), FlowSink::Destructive),
    ];
    sources
        .flat_map(|source| sinks.map(|sink| (source.clone(), sink)))
        .collect()
}

fn flows(graph: &Graph) -> Vec<FlowCount> {
    let kinds = kinds().into_iter();
    kinds
        .flat_map(|((_, from), (_, to))| {
            let (sources, sinks) = (graph.sources(&from), graph.sinks(to));
            (0..AGENTS).map(move |number| {
                let flows = graph.flow(agent(graph, number)?, &sources, &sinks)?;
                Some((flows.count, flows.unguarded, flows.shortest.length()))
            })
        })
        .collect()
}

fn expected_flows(oracle: &Oracle<'_>) -> Vec<FlowCount> {
    let kinds = kinds().into_iter();
    kinds
        .flat_map(|((from, _), (to, _))| {
            (0..AGENTS).map(move |agent| oracle.flows(agent, from, to))
        })
        .collect()
}

#[test]
fn reach_and_flows_agree_with_every_path_written_out() {
    let (mut flowing, mut guarded, mut crossing) = (0, 0, 0);
    for seed in 0..UNIVERSES {
        let universe = Universe::random(seed);
        let report = universe.report(false);
        let graph = graph(&report);
        let mistake = Mistake::None;
        let oracle = Oracle {
            universe: &universe,
            mistake,
        };
        assert_eq!(
            reached(graph),
            oracle.reached(),
            "seed {seed}: {universe:?}"
        );
        let expected = expected_flows(&oracle);
        assert_eq!(flows(graph), expected, "seed {seed}: {universe:?}");
        for (_, open, length) in expected.into_iter().flatten() {
            flowing += 1;
            guarded += usize::from(open == 0);
            crossing += usize::from(length > 4);
        }
    }
    // Else the agreement would be about nothing.
    let seen = [flowing, guarded, crossing];
    assert!(seen.iter().all(|seen| *seen > 500), "{seen:?}");
}

#[test]
fn every_mistake_of_the_oracle_is_seen() {
    let unseen: Vec<Mistake> = MISTAKES
        .into_iter()
        .filter(|mistake| {
            !(0..400).any(|seed| {
                let universe = Universe::random(seed);
                let report = universe.report(false);
                let oracle = Oracle {
                    universe: &universe,
                    mistake: *mistake,
                };
                reached(graph(&report)) != oracle.reached()
                    || flows(graph(&report)) != expected_flows(&oracle)
            })
        })
        .collect();
    assert_eq!(unseen, []);
}

#[test]
fn reach_agrees_with_the_resolved_permissions() {
    let mut pairs = 0;
    for seed in 0..1_000 {
        let report = Universe::random(seed).report(false);
        let graph = graph(&report);
        let environment = &report.resolved.environments["e"];
        let seen = environment.permissions.iter();
        let seen: BTreeSet<(String, usize, bool)> = seen
            .map(|((agent, _, tool), permission)| {
                let tool = tool.strip_prefix('t').unwrap().parse().unwrap();
                (agent.to_string(), tool, permission.approvals.is_empty())
            })
            .collect();
        let reached = reached(graph).into_iter().enumerate();
        let expected: BTreeSet<(String, usize, bool)> = reached
            .flat_map(|(agent, reached)| {
                let granted = reached.granted.into_iter();
                let open = reached.granted_open;
                granted.map(move |tool| (format!("a{agent}"), tool, open.contains(&tool)))
            })
            .collect();
        pairs += seen.len();
        assert_eq!(seen, expected, "seed {seed}");
    }
    assert!(pairs > 1_000, "only {pairs}");
}

#[test]
fn the_order_of_the_sources_changes_nothing() {
    for seed in 0..500 {
        let universe = Universe::random(seed);
        let (one, other) = (universe.report(false), universe.report(true));
        assert_eq!(nodes(&one), nodes(&other), "seed {seed}");
        assert_eq!(edges(&one), edges(&other), "seed {seed}");
        assert_eq!(said(&one), said(&other), "seed {seed}");
    }
}

fn nodes(report: &Report) -> Vec<(NodeKind, String)> {
    let nodes = graph(report).nodes();
    nodes
        .map(|(_, node)| (node.kind, node.to_string()))
        .collect()
}

fn edges(report: &Report) -> Vec<(NodeId, EdgeKind, NodeId, bool)> {
    let edges = graph(report).edges().into_iter();
    sorted(
        edges
            .map(|edge| (edge.from, edge.kind, edge.to, edge.is_gated))
            .collect(),
    )
}

/// The findings that are made from the graph.
fn said(report: &Report) -> Vec<(&'static str, String)> {
    let findings = report.findings.iter();
    let of_graph = findings.filter(|finding| {
        let code = finding.check.code;
        code.starts_with("FLO")
            || ["GRA002", "GRA005", "GRA006", "GRA007", "GRA008"].contains(&code)
    });
    sorted(
        of_graph
            .map(|finding| (finding.check.code, finding.message.clone()))
            .collect(),
    )
}

fn sorted<T: Ord>(mut things: Vec<T>) -> Vec<T> {
    things.sort();
    things
}

#[test]
fn every_path_is_one_and_the_first_is_a_shortest() {
    let (mut paths, mut freed) = (0, 0);
    for seed in 0..500 {
        let report = Universe::random(seed).report(false);
        let graph = graph(&report);
        let edges = graph.edges();
        for (_, from) in graph.agents() {
            for tool in graph.tools().map(|(tool, ..)| tool) {
                let found = graph.paths(from, tool);
                let reach = graph.reach(from).unwrap();
                assert_eq!(!found.is_empty(), reach.all().contains(tool));
                for path in &found {
                    paths += 1;
                    assert_eq!(path.hops.first().unwrap().from, from);
                    assert_eq!(path.tool(), Some(tool));
                    assert!(path.hops.is_sorted_by(|one, next| one.to == next.from));
                    assert!(path.hops.iter().all(|hop| {
                        edges.iter().any(|edge| {
                            (edge.from, edge.kind, edge.to, edge.loc)
                                == (hop.from, hop.kind, hop.to, hop.loc)
                        })
                    }));
                }
                let what = graph.what_can(from).into_iter();
                let what: Vec<CanCall> = what.filter(|can| can.tool == tool).collect();
                let lengths = what.iter().map(|can| can.path.hops.len());
                let shortest = found.first().map(|path| path.hops.len());
                assert_eq!(lengths.collect::<Vec<_>>(), Vec::from_iter(shortest));
                let who = graph.who_can(tool).into_iter();
                let who: Vec<CanCall> = who.filter(|can| can.agent == from).collect();
                assert_eq!(who.len(), what.len());
                for can in what.iter().chain(&who) {
                    let callers = found.iter().filter_map(Path::holder);
                    let callers: BTreeSet<NodeId> = callers.collect();
                    let named = can.others.iter().copied().chain(can.path.holder());
                    assert_eq!(named.collect::<BTreeSet<_>>(), callers);
                    assert_eq!(can.others.len() + 1, callers.len());
                    let waits = |caller: &NodeId| {
                        let reach = graph.reach(*caller).unwrap();
                        !reach.granted_unapproved().contains(tool)
                    };
                    assert_eq!(can.needs_approval, callers.iter().all(waits));
                    let first = can.path.holder().unwrap();
                    freed += usize::from(waits(&first) && !can.needs_approval);
                }
            }
        }
    }
    assert!(paths > TOOLS * 500, "only {paths}");
    assert!(freed > 0, "no shortest way waits while another does not");
}
