//! Flows: data that an agent may read in one tool and give to another.

use super::{Approvals, Graph, Hop, NodeId, NodeKind, Path, Sends, ToolSet};
use crate::model::{Effect, FlowSink, FlowSource};

/// The flows of one kind through one agent: from every tool that gives such data to every tool that takes
/// it, among all that the agent reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flows {
    /// The agent.
    pub agent: NodeId,
    /// Tools of its reach that give the data.
    pub sources: ToolSet,
    /// Tools of its reach that take it.
    pub sinks: ToolSet,
    /// How many flows there are: pairs of a source and a sink.
    pub count: usize,
    /// How many of them have no approval on the way.
    pub unguarded: usize,
    /// A shortest one, without an approval if there is one.
    pub shortest: Flow,
}

/// One flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    /// How the agent reaches the tool that gives the data.
    pub read: Path,
    /// How it reaches the tool that takes it.
    pub send: Path,
}

impl Flow {
    /// How many steps it has.
    pub fn length(&self) -> usize {
        self.read.hops.len() + self.send.hops.len()
    }

    /// The steps in the order of the data: from the tool that gives it up to the agent, and down to the tool
    /// that takes it. The first half has its hops turned round.
    pub fn hops(&self) -> Vec<Hop> {
        let up = self.read.hops.iter().rev().map(|hop| Hop {
            from: hop.to,
            to: hop.from,
            ..*hop
        });
        up.chain(self.send.hops.iter().copied()).collect()
    }

    /// The agents and the two tools in the order of the data, as ` -> ` between them.
    pub fn text(&self, graph: &Graph) -> String {
        let hops = self.hops();
        let first = hops.first().map(|hop| hop.from);
        let nodes = first.into_iter().chain(hops.iter().map(|hop| hop.to));
        let nodes = nodes.filter_map(|node| graph.node(node));
        let names = nodes
            .filter(|node| node.kind != NodeKind::Role)
            .map(ToString::to_string);
        names.collect::<Vec<String>>().join(" -> ")
    }
}

/// Private data, untrusted content and a way out, all within the reach of one agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trifecta {
    /// The agent.
    pub agent: NodeId,
    /// Tools that return private data.
    pub private: ToolSet,
    /// Tools that return what strangers can write.
    pub untrusted: ToolSet,
    /// Tools that send outside and wait for no approval.
    pub out: ToolSet,
    /// Shortest ways to one of each, in this order.
    pub shortest: [Path; 3],
}

impl Graph {
    /// The tools that give such data.
    pub fn sources(&self, from: &FlowSource) -> ToolSet {
        match from {
            FlowSource::Untrusted => self.tools_where(|facts| facts.untrusted.value),
            // Which data a class stands for is not known where the list of them has a mistake.
            FlowSource::Class(_) if self.classes.broken => ToolSet::default(),
            FlowSource::Class(class) => match self.classes.rank(class) {
                Some(rank) => self.tools_where(|facts| facts.reads.value >= rank),
                None => ToolSet::default(),
            },
        }
    }

    /// The tools that take it.
    pub fn sinks(&self, to: FlowSink) -> ToolSet {
        self.tools_where(|facts| match to {
            FlowSink::Internal => facts.sends.value >= Sends::Internal,
            FlowSink::External => facts.sends.value >= Sends::External,
            FlowSink::Write => facts.effect.value >= Effect::Write,
            FlowSink::Destructive => facts.effect.value >= Effect::Destructive,
        })
    }

    /// The flows between some tools through one agent; none when there are none.
    pub fn flow(&self, agent: NodeId, sources: &ToolSet, sinks: &ToolSet) -> Option<Flows> {
        let reach = self.reach(agent)?;
        let (from, to) = (
            reach.all().intersection(sources),
            reach.all().intersection(sinks),
        );
        if from.is_empty() || to.is_empty() {
            return None;
        }
        let open = |tools: &ToolSet| reach.unapproved().intersection(tools).len();
        let unguarded = open(&from).saturating_mul(open(&to));
        let approvals = if unguarded > 0 {
            Approvals::Missing
        } else {
            Approvals::Given
        };
        Some(Flows {
            agent,
            count: from.len().saturating_mul(to.len()),
            unguarded,
            shortest: Flow {
                read: self.nearest(agent, &from, approvals)?,
                send: self.nearest(agent, &to, approvals)?,
            },
            sources: from,
            sinks: to,
        })
    }

    /// The flows of one kind through every agent at which they arise: an agent whose flows one of those that
    /// it delegates to has already is left out. Unguarded ones first, then shortest first, then by agent.
    pub fn flows(&self, from: &FlowSource, to: FlowSink) -> Vec<Flows> {
        let (sources, sinks) = (self.sources(from), self.sinks(to));
        let mut flows: Vec<Flows> = self
            .agents()
            .filter_map(|(_, agent)| self.flow(agent, &sources, &sinks))
            .filter(|flows| {
                self.arises_at(flows.agent, |other| {
                    let reach = self.reach(other);
                    reach.is_some_and(|reach| {
                        let tools = if flows.unguarded > 0 {
                            reach.unapproved()
                        } else {
                            reach.all()
                        };
                        meets(tools, &sources) && meets(tools, &sinks)
                    })
                })
            })
            .collect();
        flows.sort_by_key(|flows| (flows.unguarded == 0, flows.shortest.length(), flows.agent));
        flows
    }

    /// Private data, untrusted content and an unapproved way out within the reach of one agent.
    pub fn trifecta(&self, agent: NodeId, legs: &Legs) -> Option<Trifecta> {
        let reach = self.reach(agent)?;
        let private = reach.all().intersection(&legs.private);
        let untrusted = reach.all().intersection(&legs.untrusted);
        let out = reach.unapproved().intersection(&legs.external);
        let shortest = [
            self.nearest(agent, &private, Approvals::Given)?,
            self.nearest(agent, &untrusted, Approvals::Given)?,
            self.nearest(agent, &out, Approvals::Missing)?,
        ];
        Some(Trifecta {
            agent,
            private,
            untrusted,
            out,
            shortest,
        })
    }

    /// Every agent at which such a set of tools comes together, sorted.
    pub fn trifectas(&self) -> Vec<Trifecta> {
        let legs = self.legs();
        let has = |agent: NodeId| {
            self.reach(agent).is_some_and(|reach| {
                meets(reach.all(), &legs.private)
                    && meets(reach.all(), &legs.untrusted)
                    && meets(reach.unapproved(), &legs.external)
            })
        };
        self.agents()
            .filter(|(_, agent)| has(*agent) && self.arises_at(*agent, has))
            .filter_map(|(_, agent)| self.trifecta(agent, &legs))
            .collect()
    }

    /// The tools that can be legs of a [`Trifecta`].
    pub fn legs(&self) -> Legs {
        let private = self.classes.private();
        Legs {
            private: private.map_or_else(ToolSet::default, |class| {
                self.sources(&FlowSource::Class(class.clone()))
            }),
            untrusted: self.sources(&FlowSource::Untrusted),
            external: self.sinks(FlowSink::External),
        }
    }

    /// Whether no agent that this one delegates to has it already. Agents that reach each other have it
    /// together.
    pub(crate) fn arises_at(&self, agent: NodeId, has: impl Fn(NodeId) -> bool) -> bool {
        let mut others = self.delegates(agent).into_iter();
        !others.any(|(other, _)| has(other) && !self.are_in_one_circle(agent, other))
    }
}

/// The tools of a graph that can be legs of a [`Trifecta`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Legs {
    /// Tools that return private data.
    pub private: ToolSet,
    /// Tools that return what strangers can write.
    pub untrusted: ToolSet,
    /// Tools that send outside.
    pub external: ToolSet,
}

fn meets(one: &ToolSet, other: &ToolSet) -> bool {
    !one.intersection(other).is_empty()
}
