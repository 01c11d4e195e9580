//! Makes the graph out of the lines of the catalog that take part in one environment.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::graph::DiGraph;

use super::{EdgeKind, Facts, Graph, Line, Node, NodeId, NodeKind, Sends, id, index};
use crate::environment::{DeployedServer, Environment, Origin};
use crate::model::{Agent, Approval, Catalog, Effect, Grant, Granted, Name, Pattern, Subject};
use crate::source::{At, Loc};

/// The nodes and edges of one environment, without reach.
pub(super) fn build(catalog: &Catalog, environment: &Environment) -> Graph {
    let mut builder = Builder {
        catalog,
        environment,
        suspended: suspended(catalog, environment),
        shared: BTreeMap::new(),
        graph: Graph {
            environment: environment.name().clone(),
            graph: DiGraph::new(),
            classes: catalog.classes.clone(),
            facts: Vec::new(),
            servers: BTreeMap::new(),
            agents: BTreeMap::new(),
            roles: BTreeMap::new(),
            reach: Vec::new(),
            groups: Vec::new(),
        },
    };
    let overlays = catalog.overlays_of(environment.name()).iter();
    // A shadow grant lets nothing through.
    let grants: Vec<&Grant> = overlays
        .flat_map(|overlay| &overlay.grants)
        .filter(|grant| grant.shadow.is_none())
        .collect();
    // Nodes are numbered by kind and name, whatever the order of the sources.
    builder.tools();
    builder.agents();
    builder.roles(&grants);
    builder.groups(&grants);
    builder.servers();
    builder.facts();
    for grant in grants {
        builder.grant(grant);
    }
    builder.role_tools();
    builder.graph
}

/// What is switched off here, and by which line.
fn suspended<'c>(catalog: &'c Catalog, environment: &Environment) -> BTreeMap<&'c Subject, Loc> {
    let overlays = catalog.overlays_of(environment.name()).iter();
    let suspensions = overlays.flat_map(|overlay| &overlay.suspensions);
    let mut suspended = BTreeMap::new();
    for suspension in suspensions {
        let first = suspended
            .entry(&suspension.subject.value)
            .or_insert(suspension.loc);
        *first = suspension.loc.min(*first);
    }
    suspended
}

struct Builder<'c> {
    catalog: &'c Catalog,
    environment: &'c Environment,
    suspended: BTreeMap<&'c Subject, Loc>,
    /// Nodes that several things lead to.
    shared: BTreeMap<(NodeKind, Name), NodeId>,
    graph: Graph,
}

impl<'c> Builder<'c> {
    fn add(&mut self, node: Node) -> NodeId {
        id(self.graph.graph.add_node(node))
    }

    fn shared(&mut self, kind: NodeKind, name: &str, loc: Option<Loc>) -> NodeId {
        let key = (kind, Name::trusted(name));
        if let Some(known) = self.shared.get(&key) {
            return *known;
        }
        let node = Node {
            loc,
            ..Node::new(kind, key.1.clone())
        };
        let added = self.add(node);
        self.shared.insert(key, added);
        added
    }

    fn edge(&mut self, from: NodeId, kind: EdgeKind, to: NodeId, loc: Loc, is_gated: bool) {
        let line = Line {
            kind,
            loc,
            is_gated,
        };
        self.graph.graph.add_edge(index(from), index(to), line);
    }

    fn tools(&mut self) {
        let mut next = 0;
        for (server, deployed) in &self.environment.servers {
            let first = next;
            for (name, tool) in &deployed.server.tools {
                let facts = Facts::of(&deployed.server, tool, &self.catalog.classes);
                let subject = Subject::Tool(server.clone(), name.clone());
                self.add(Node {
                    server: Some(server.clone()),
                    team: Some(deployed.server.team.value.clone()),
                    effect: Some(facts.effect.value),
                    is_locked: deployed.lock.tools.contains_key(name),
                    suspended: self.suspended.get(&subject).copied(),
                    loc: Some(tool.name.loc),
                    ..Node::new(NodeKind::Tool, name.clone())
                });
                self.graph.facts.push(facts);
                next += 1;
            }
            let range = (first, next - first);
            self.graph.servers.insert(server.clone(), range);
        }
    }

    /// The definition of an agent, patched where it is granted something.
    fn definition(&self, name: &Name) -> Option<&'c Agent> {
        let granted = self.environment.agents.get(name);
        let granted = granted.map(|granted| &granted.agent);
        granted.or_else(|| self.catalog.agents.get(name))
    }

    /// Agents that are granted something here, and those that reach one of them.
    fn agents(&mut self) {
        let mut callers: BTreeMap<&Name, Vec<&Name>> = BTreeMap::new();
        for agent in self.catalog.agents.values() {
            for delegate in &agent.delegates {
                let callers = callers.entry(&delegate.value).or_default();
                callers.push(&agent.name.value);
            }
        }
        let mut present: BTreeSet<&Name> = self.environment.agents.keys().collect();
        let mut waiting: Vec<&Name> = present.iter().copied().collect();
        while let Some(agent) = waiting.pop() {
            let callers = callers.get(agent).into_iter().flatten();
            waiting.extend(callers.filter(|caller| present.insert(caller)));
        }
        let present: Vec<&Agent> = present
            .into_iter()
            .filter_map(|name| self.definition(name))
            .collect();
        for agent in &present {
            let name = &agent.name.value;
            let subject = Subject::Agent(name.clone());
            let added = self.add(Node {
                team: Some(agent.team.value.clone()),
                suspended: self.suspended.get(&subject).copied(),
                loc: Some(agent.name.loc),
                ..Node::new(NodeKind::Agent, name.clone())
            });
            self.graph.agents.insert(name.clone(), added);
        }
        for agent in present {
            let from = self.graph.agent(&agent.name.value);
            for delegate in &agent.delegates {
                let to = self.graph.agent(&delegate.value);
                if let (Some(from), Some(to)) = (from, to) {
                    self.edge(from, EdgeKind::Delegates, to, delegate.loc, false);
                }
            }
        }
    }

    fn servers(&mut self) {
        for (name, deployed) in &self.environment.servers {
            let subject = Subject::Server(name.clone());
            let server = self.add(Node {
                team: Some(deployed.server.team.value.clone()),
                suspended: self.suspended.get(&subject).copied(),
                loc: Some(deployed.server.name.loc),
                ..Node::new(NodeKind::Server, name.clone())
            });
            for tool in self.tools_of(name) {
                let loc = self.graph.node(tool).and_then(|node| node.loc);
                let loc = loc.unwrap_or(deployed.server.name.loc);
                self.edge(server, EdgeKind::Provides, tool, loc, false);
            }
            let settings = &deployed.server.settings;
            let variables = settings.secrets.values();
            let variables = variables.map(|secret| (&secret.value, secret.loc));
            for (secret, loc) in variables.chain(settings.bearer()) {
                let name = format!("{}/{}", secret.secret, secret.key);
                let to = self.shared(NodeKind::Secret, &name, None);
                self.edge(server, EdgeKind::Uses, to, loc, false);
            }
            for (host, loc) in destinations(deployed) {
                let to = self.shared(NodeKind::Host, &host, None);
                self.edge(server, EdgeKind::Reaches, to, loc, false);
            }
        }
    }

    fn tools_of(&self, server: &Name) -> impl Iterator<Item = NodeId> + use<> {
        let range = self.graph.servers.get(server);
        let (first, count) = range.copied().unwrap_or_default();
        (first..first + count).map(NodeId)
    }

    /// What each tool does to data, and who approves its calls.
    fn facts(&mut self) {
        let classes: Vec<NodeId> = self
            .catalog
            .classes
            .names()
            .iter()
            .map(|class| self.shared(NodeKind::DataClass, class, self.catalog.classes.loc))
            .collect();
        for number in 0..self.graph.facts.len() {
            let Some(facts) = self.graph.facts.get(number).cloned() else {
                continue;
            };
            let tool = id(petgraph::graph::NodeIndex::new(number));
            if let Some(class) = classes.get(facts.reads.value) {
                self.edge(tool, EdgeKind::Reads, *class, facts.reads.loc, false);
            }
            if facts.untrusted.value {
                let to = self.shared(NodeKind::Untrusted, "untrusted", None);
                self.edge(tool, EdgeKind::Ingests, to, facts.untrusted.loc, false);
            }
            let sink = match facts.sends.value {
                Sends::None => None,
                Sends::Internal => Some((NodeKind::Internal, "internal")),
                Sends::External => Some((NodeKind::External, "external")),
            };
            if let Some((kind, name)) = sink {
                let to = self.shared(kind, name, None);
                self.edge(tool, EdgeKind::Sends, to, facts.sends.loc, false);
            }
            self.tool_approvals(tool, facts.effect.value);
        }
    }

    fn tool_approvals(&mut self, tool: NodeId, effect: Effect) {
        let environment = self.environment;
        let Some(node) = self.graph.node(tool) else {
            return;
        };
        let server = node.server.as_ref();
        let server = server.and_then(|server| environment.servers.get(server));
        let defined = server.and_then(|deployed| deployed.server.tools.get(&node.name));
        let own = defined.map(|tool| tool.settings.approvals.as_slice());
        self.gates(tool, own.unwrap_or_default());
        for approval in &environment.target.approvals {
            let mildest = approval.effect.as_ref().map(|effect| effect.value);
            if effect >= mildest.unwrap_or(Effect::Destructive) {
                self.gates(tool, std::slice::from_ref(approval));
            }
        }
    }

    fn gates(&mut self, from: NodeId, approvals: &[Approval]) {
        for approval in approvals {
            let to = self.shared(NodeKind::Group, &approval.by.value, None);
            self.edge(from, EdgeKind::GatedBy, to, approval.loc, true);
        }
    }

    fn grant(&mut self, grant: &'c Grant) {
        let Some(agent) = self.graph.agent(&grant.agent.value) else {
            return;
        };
        let is_gated = !grant.approvals.is_empty();
        self.gates(agent, &grant.approvals);
        for At { value, loc } in &grant.what {
            match value {
                Granted::Tools(pattern) => {
                    self.allow(agent, pattern, *loc, is_gated);
                }
                Granted::Role(name) => {
                    if let Some(role) = self.graph.role(name) {
                        self.edge(agent, EdgeKind::Holds, role, *loc, is_gated);
                    }
                }
            }
        }
    }

    /// The roles that some agent holds.
    fn roles(&mut self, grants: &[&'c Grant]) {
        let what = grants.iter().flat_map(|grant| &grant.what);
        let held: BTreeSet<&Name> = what
            .filter_map(|what| match &what.value {
                Granted::Role(role) => Some(role),
                Granted::Tools(_) => None,
            })
            .collect();
        for name in held {
            let Some(defined) = self.catalog.roles.get(name) else {
                continue;
            };
            let role = self.add(Node {
                team: defined.team.as_ref().map(|team| team.value.clone()),
                loc: Some(defined.name.loc),
                ..Node::new(NodeKind::Role, name.clone())
            });
            self.graph.roles.insert(name.clone(), role);
        }
    }

    fn role_tools(&mut self) {
        let catalog = self.catalog;
        for (name, role) in self.graph.roles.clone() {
            let Some(defined) = catalog.roles.get(&name) else {
                continue;
            };
            let is_gated = !defined.approvals.is_empty();
            self.gates(role, &defined.approvals);
            for allow in &defined.allow {
                self.allow(role, &allow.value, allow.loc, is_gated);
            }
        }
    }

    /// The groups that approve something.
    fn groups(&mut self, grants: &[&'c Grant]) {
        let (catalog, environment) = (self.catalog, self.environment);
        let deployed = environment.servers.values();
        let tools = deployed.flat_map(|deployed| deployed.server.tools.values());
        let roles = self.graph.roles.keys();
        let roles = roles.filter_map(|role| catalog.roles.get(role));
        let approvals = tools
            .flat_map(|tool| &tool.settings.approvals)
            .chain(roles.flat_map(|role| &role.approvals))
            .chain(grants.iter().flat_map(|grant| &grant.approvals))
            .chain(&environment.target.approvals);
        let groups: BTreeSet<&Name> = approvals.map(|approval| &approval.by.value).collect();
        for group in groups {
            let declared = catalog.groups.get(group).map(|group| group.name.loc);
            self.shared(NodeKind::Group, group, declared);
        }
    }

    /// An edge to every tool that the pattern covers: declared and locked, nothing else.
    fn allow(&mut self, from: NodeId, pattern: &Pattern, loc: Loc, is_gated: bool) {
        let Some(name) = &pattern.server else {
            return;
        };
        let Some(deployed) = self.environment.servers.get(name) else {
            return;
        };
        let mut matching = deployed
            .server
            .matching(&pattern.tool)
            .map(|(tool, _)| tool);
        let Some(first) = matching.next() else {
            return;
        };
        let Some(NodeId(first)) = self.graph.tool(name, first) else {
            return;
        };
        // Tools are numbered in the order in which a pattern covers them.
        let last = first.saturating_add(u32::try_from(matching.count()).unwrap_or(u32::MAX));
        for tool in (first..=last).map(NodeId) {
            if self.graph.node(tool).is_some_and(|node| node.is_locked) {
                self.edge(from, EdgeKind::Allows, tool, loc, is_gated);
            }
        }
    }
}

/// Where a server may connect, or is.
fn destinations(deployed: &DeployedServer) -> Vec<(String, Loc)> {
    let settings = &deployed.server.settings;
    match &deployed.origin {
        Origin::Url(url) => {
            let loc = settings.url.as_ref().map_or(deployed.loc, |url| url.loc);
            vec![(url.clone(), loc)]
        }
        Origin::Service(namespace, name) => {
            let loc = settings.service.as_ref();
            let loc = loc.map_or(deployed.loc, |service| service.loc);
            vec![(format!("{namespace}/{name}"), loc)]
        }
        Origin::Image | Origin::ImageCommand | Origin::Command => {
            let egress = settings.egress.iter();
            let mut destinations: Vec<(String, Loc)> =
                egress.map(|at| (at.value.to_string(), at.loc)).collect();
            destinations.sort_unstable();
            destinations
        }
    }
}
