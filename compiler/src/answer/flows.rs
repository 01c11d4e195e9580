//! Which way data can flow through agents.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Answer, Inquiry, Step, VERSION};
use crate::graph::Flows;
use crate::model::{FlowSink, FlowSource};

/// The answer to `graph flows`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FlowsAnswer {
    /// Version of this format.
    pub version: u32,
    /// The environment.
    pub environment: String,
    /// Where the flows begin: a data class, with every more sensitive one, or `untrusted`.
    pub from: String,
    /// Where they end: internal, external, write, destructive.
    pub to: String,
    /// How many flows have no approval on the way.
    pub unguarded: usize,
    /// By the agent at which they arise: unguarded ones first, then shortest first.
    pub flows: Vec<FlowAnswer>,
}

/// The flows at one agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FlowAnswer {
    /// The agent.
    pub agent: String,
    /// How many there are: pairs of a tool that gives the data and one that takes it.
    pub count: usize,
    /// How many of them have no approval on the way.
    pub unguarded: usize,
    /// A shortest one in one line, in the order of the data.
    pub shortest: String,
    /// How the agent reaches the tool that gives the data.
    pub read: Vec<Step>,
    /// How the agent reaches the tool that takes it.
    pub send: Vec<Step>,
}

impl Inquiry<'_> {
    /// The flows from a source to a sink.
    pub fn flows(&self, from: &FlowSource, to: FlowSink) -> Answer {
        let flows = self.graph.flows(from, to);
        Answer::Flows(FlowsAnswer {
            version: VERSION,
            environment: self.environment.name().to_string(),
            from: match from {
                FlowSource::Class(class) => class.to_string(),
                FlowSource::Untrusted => "untrusted".to_owned(),
            },
            to: word(to).to_owned(),
            unguarded: flows.iter().map(|flows| flows.unguarded).sum(),
            flows: flows.iter().map(|flows| self.flow(flows)).collect(),
        })
    }

    fn flow(&self, flows: &Flows) -> FlowAnswer {
        let agent = self.graph.node(flows.agent);
        FlowAnswer {
            agent: agent.map_or_else(String::new, ToString::to_string),
            count: flows.count,
            unguarded: flows.unguarded,
            shortest: flows.shortest.text(self.graph),
            read: self.steps(&flows.shortest.read.hops),
            send: self.steps(&flows.shortest.send.hops),
        }
    }
}

fn word(sink: FlowSink) -> &'static str {
    match sink {
        FlowSink::Internal => "internal",
        FlowSink::External => "external",
        FlowSink::Write => "write",
        FlowSink::Destructive => "destructive",
    }
}
