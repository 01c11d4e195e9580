//! FLO: what the labels of single tools say, held against each other and against where their servers are.

use std::collections::BTreeSet;

use super::addresses::{is_inside, remote_host};
use super::{Resolved, error_in_prod, warning};
use crate::diagnostic::{Check, Diagnostic};
use crate::environment::{DeployedServer, Environment, Origin};
use crate::graph::{Approvals, EdgeKind, Graph, NodeId, ToolSet};
use crate::model::Egress;
use crate::source::Loc;

pub(crate) const CROSS_TEAM_RESTRICTED: Check = error_in_prod(
    "FLO006",
    "cross-team-restricted",
    "an agent reads the most sensitive data of another team",
);
pub(crate) const LABEL_CONTRADICTS_EGRESS: Check = warning(
    "FLO008",
    "label-contradicts-egress",
    "a tool is said to send nothing, but its server may reach the internet",
);
pub(crate) const TRUSTED_REMOTE_CONTENT: Check = warning(
    "FLO009",
    "trusted-remote-content",
    "what a remote server returns is said to be trusted",
);

/// The most sensitive data is for the team that has it.
pub(super) fn cross_team_restricted(resolved: &Resolved, found: &mut Vec<Diagnostic>) {
    let mut seen: BTreeSet<Loc> = BTreeSet::new();
    for (environment, graph) in resolved.by_tier() {
        let classes = graph.classes();
        let most = classes.names().len().saturating_sub(1);
        let restricted: Vec<NodeId> = graph
            .tools()
            .filter(|(.., facts)| !classes.broken && facts.reads.value == most)
            .map(|(tool, ..)| tool)
            .collect();
        if restricted.is_empty() {
            continue;
        }
        let foreign = |agent: NodeId| -> ToolSet {
            let own = graph.node(agent).and_then(|node| node.team.as_ref());
            let team = |tool: NodeId| graph.node(tool).and_then(|node| node.team.as_ref());
            let reach = graph.reach(agent);
            let tools = restricted.iter().copied();
            tools
                .filter(|tool| team(*tool) != own)
                .filter(|tool| reach.is_some_and(|reach| reach.all().contains(*tool)))
                .collect()
        };
        for (_, agent) in graph.agents() {
            let reads = foreign(agent);
            if reads.is_empty() {
                continue;
            }
            let reach = graph.reach(agent);
            let own = reach.map(|reach| reach.granted().intersection(&reads));
            let is_own = own.is_some_and(|own| !own.is_empty());
            if (is_own || graph.arises_at(agent, |other| !foreign(other).is_empty()))
                && let Some(finding) = cross_team(environment, graph, agent, &reads)
                && finding
                    .primary
                    .as_ref()
                    .is_some_and(|label| seen.insert(label.loc))
            {
                found.push(finding);
            }
        }
    }
}

fn cross_team(
    environment: &Environment,
    graph: &Graph,
    agent: NodeId,
    reads: &ToolSet,
) -> Option<Diagnostic> {
    let path = graph.nearest(agent, reads, Approvals::Given)?;
    let tool = path.tool()?;
    let first = path.hops.first()?;
    let facts = graph.facts(tool)?;
    let team = |node: NodeId| graph.node(node).and_then(|node| node.team.clone());
    let (own, other) = (team(agent)?, team(tool)?);
    let class = graph.classes().names().get(facts.reads.value)?;
    let does = if first.kind == EdgeKind::Delegates {
        "through this delegation"
    } else {
        "by this grant"
    };
    let mut diagnostic = environment
        .finding(
            &CROSS_TEAM_RESTRICTED,
            first.loc,
            format!(
                "`{}` of `{own}` reads {class} data of `{other}` in {}",
                graph.name(agent),
                environment.name()
            ),
        )
        .labelled(format!("{does}: {}", reads.text(graph)))
        .and(
            facts.reads.loc,
            format!("`{}` returns {class} data", graph.name(tool)),
        );
    if first.kind == EdgeKind::Delegates {
        diagnostic = diagnostic.note(format!("path: {}", path.text(graph)));
    }
    Some(diagnostic.help(format!(
        "let an agent of `{other}` read it and pass on what `{own}` may know"
    )))
}

/// What is said to stay cannot leave.
pub(super) fn label_contradicts_egress(resolved: &Resolved, found: &mut Vec<Diagnostic>) {
    let mut seen: BTreeSet<Loc> = BTreeSet::new();
    for (environment, _) in resolved.by_tier() {
        for (name, deployed) in &environment.servers {
            let Some((to, egress)) = outside(deployed) else {
                continue;
            };
            let server = &deployed.server;
            for tool in server.tools.values() {
                let own = tool.facts.sends.as_ref();
                let sends = own.or(server.tool_defaults.facts.sends.as_ref());
                let Some(sends) = sends.filter(|sends| &*sends.value == "none") else {
                    continue;
                };
                // The defaults of a server are said once.
                if seen.insert(sends.loc) {
                    let tool = &tool.name.value;
                    found.push(
                        environment
                            .finding(
                                &LABEL_CONTRADICTS_EGRESS,
                                sends.loc,
                                format!("`{name}:{tool}` is said to send nothing, but `{name}` may reach the internet in {}", environment.name()),
                            )
                            .and(egress, format!("`{to}` is outside"))
                            .help("write `sends=external` where arguments can leave, or take the way out from the server"),
                    );
                }
            }
        }
    }
}

/// A place outside that a server may reach, or is.
fn outside(deployed: &DeployedServer) -> Option<(String, Loc)> {
    let settings = &deployed.server.settings;
    match &deployed.origin {
        Origin::Url(_) => {
            let (host, loc) = remote_host(settings)?;
            (!is_inside(host)).then(|| (host.to_owned(), loc))
        }
        Origin::Image | Origin::ImageCommand => {
            let mut places = settings.egress.iter();
            places.find_map(|egress| match &egress.value {
                Egress::Host(to, _) | Egress::Cidr(to, _) => {
                    (!is_inside(to)).then(|| (to.clone(), egress.loc))
                }
                Egress::Service { .. } => None,
            })
        }
        Origin::Command | Origin::Service(..) => None,
    }
}

/// What others run is not ours to trust.
pub(super) fn trusted_remote_content(resolved: &Resolved, found: &mut Vec<Diagnostic>) {
    let mut seen: BTreeSet<Loc> = BTreeSet::new();
    for (environment, graph) in resolved.by_tier() {
        for (tool, node, facts) in graph.tools() {
            let server = node.server.as_ref();
            let deployed = server.and_then(|server| environment.servers.get(server));
            let remote = deployed.filter(|deployed| matches!(deployed.origin, Origin::Url(_)));
            let Some((host, place)) =
                remote.and_then(|deployed| remote_host(&deployed.server.settings))
            else {
                continue;
            };
            let is_unclear = deployed.is_some_and(|deployed| {
                let tool = deployed.server.tools.get(&node.name);
                tool.is_some_and(|tool| deployed.server.is_unclear(tool))
            });
            if is_unclear
                || facts.untrusted.value
                || is_inside(host)
                || !seen.insert(facts.untrusted.loc)
            {
                continue;
            }
            let message = format!(
                "what `{}` returns is said to be trusted, but `{host}` is a remote server",
                graph.name(tool)
            );
            let diagnostic = environment
                .finding(&TRUSTED_REMOTE_CONTENT, facts.untrusted.loc, message)
                .and(place, "others run it");
            found.push(diagnostic.help(
                "write `content=untrusted`, unless the server is yours and nobody else writes what it returns",
            ));
        }
    }
}
