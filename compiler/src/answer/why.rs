//! Why an agent can call a tool, or what it lacks.

use schemars::JsonSchema;
use serde::Serialize;

use crate::graph::{Node, NodeKind};

use super::{Answer, Inquiry, MissingAnswer, Step, Terms, Unknown, VERSION};

/// The answer to `why`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WhyAnswer {
    /// Version of this format.
    pub version: u32,
    /// The environment.
    pub environment: String,
    /// The agent.
    pub agent: String,
    /// What the catalog says the agent is.
    pub describe: Option<String>,
    /// The tool, as `server:tool`.
    pub tool: String,
    /// Every way, shortest first; empty when there is none.
    pub ways: Vec<WayAnswer>,
    /// What is missing nearest to a way; null when there is one.
    pub missing: Option<MissingAnswer>,
}

/// A way to a tool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WayAnswer {
    /// The agent that makes the call: another one, when the way begins with a delegation.
    pub caller: String,
    /// The steps.
    pub steps: Vec<Step>,
    /// What holds for each call, whichever way gives it.
    pub terms: Terms,
}

impl Inquiry<'_> {
    /// Why `agent` can call `tool`, which is written as `server:tool`.
    ///
    /// # Errors
    /// When one of them is not known.
    pub fn why(&self, agent: &str, tool: &str) -> Result<Answer, Unknown> {
        let name = self.agent(agent)?;
        let (server, tool_name) = self.tool(tool)?;
        let catalog = &self.resolved.catalog;
        let environments = &self.resolved.environments;
        let why = self
            .graph
            .why(catalog, environments, agent, (server, tool_name));
        let ways = why.paths.iter().filter_map(|path| {
            let (caller, terms) = self.terms_of(path)?;
            Some(WayAnswer {
                caller,
                steps: self.steps(&path.hops),
                terms,
            })
        });
        Ok(Answer::Why(WhyAnswer {
            version: VERSION,
            environment: self.environment.name().to_string(),
            agent: name.to_string(),
            describe: self.describe(name),
            tool: tool.to_owned(),
            ways: ways.collect(),
            missing: why
                .missing
                .map(|missing| self.missing(&missing, agent, (server, tool_name))),
        }))
    }

    /// What the catalog says an agent is.
    pub(super) fn describe(&self, agent: &str) -> Option<String> {
        self.resolved.catalog.agents.get(agent)?.describe.clone()
    }

    /// What the catalog says an agent, a role or a server is.
    pub(crate) fn describe_node(&self, node: &Node) -> Option<&str> {
        let catalog = &self.resolved.catalog;
        let text = match node.kind {
            NodeKind::Agent => &catalog.agents.get(&node.name)?.describe,
            NodeKind::Role => &catalog.roles.get(&node.name)?.describe,
            NodeKind::Server => &catalog.servers.get(&node.name)?.describe,
            NodeKind::Tool
            | NodeKind::DataClass
            | NodeKind::Untrusted
            | NodeKind::Internal
            | NodeKind::External
            | NodeKind::Group
            | NodeKind::Secret
            | NodeKind::Host => return None,
        };
        text.as_deref()
    }
}
