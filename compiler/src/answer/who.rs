//! Who can call a tool.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Answer, Inquiry, OtherCaller, Step, Terms, Unknown, VERSION};

/// The answer to `who-can`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WhoCanAnswer {
    /// Version of this format.
    pub version: u32,
    /// The environment.
    pub environment: String,
    /// The tool, as `server:tool`.
    pub tool: String,
    /// What the catalog says its server is.
    pub describe: Option<String>,
    /// The agents that can call it, or have another call it; by name.
    pub agents: Vec<CallingAgent>,
}

/// An agent that can call a tool, or have another call it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CallingAgent {
    /// The agent.
    pub agent: String,
    /// The team that owns it.
    pub team: Option<String>,
    /// What the catalog says it is.
    pub describe: Option<String>,
    /// The agent that makes the call: another one, when the way begins with a delegation.
    pub caller: String,
    /// Whether every call waits for an approval, whoever makes it.
    pub needs_approval: bool,
    /// A shortest way.
    pub steps: Vec<Step>,
    /// What holds for each call of that way.
    pub terms: Terms,
    /// Further agents that can make the call, nearest first, each on its own terms.
    pub others: Vec<OtherCaller>,
}

impl Inquiry<'_> {
    /// Who can call `tool`, which is written as `server:tool`.
    ///
    /// # Errors
    /// When it is not known.
    pub fn who_can(&self, tool: &str) -> Result<Answer, Unknown> {
        let (server, name) = self.tool(tool)?;
        let node = self.graph.tool(server, name);
        let found = node.map_or_else(Vec::new, |node| self.graph.who_can(node));
        let agents = found.iter().filter_map(|can| {
            let (caller, terms) = self.terms_of(&can.path)?;
            let agent = self.graph.node(can.agent)?;
            Some(CallingAgent {
                agent: agent.to_string(),
                team: agent.team.as_ref().map(ToString::to_string),
                describe: self.describe(&agent.name),
                caller,
                needs_approval: can.needs_approval,
                steps: self.steps(&can.path.hops),
                terms,
                others: self.others(can),
            })
        });
        let defined = self.resolved.catalog.servers.get(server);
        Ok(Answer::WhoCan(WhoCanAnswer {
            version: VERSION,
            environment: self.environment.name().to_string(),
            tool: tool.to_owned(),
            describe: defined.and_then(|server| server.describe.clone()),
            agents: agents.collect(),
        }))
    }
}
