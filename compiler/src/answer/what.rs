//! What an agent can call, and how that differs from another environment.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::{Answer, Inquiry, OtherCaller, Step, Terms, Unknown, VERSION};
use crate::model::Effect;

/// The answer to `what-can`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WhatCanAnswer {
    /// Version of this format.
    pub version: u32,
    /// The environment.
    pub environment: String,
    /// The agent.
    pub agent: String,
    /// What the catalog says it is.
    pub describe: Option<String>,
    /// The tools that it can call, or have another agent call; by server and name.
    pub tools: Vec<CallableTool>,
    /// How that differs from another environment, when that was asked.
    pub difference: Option<Difference>,
}

/// A tool that an agent can call, or have another call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CallableTool {
    /// The tool, as `server:tool`.
    pub tool: String,
    /// What it does: read, write, destructive.
    pub effect: Option<String>,
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

/// How two environments differ for one agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Difference {
    /// The other environment.
    pub than: String,
    /// Tools of this environment alone, as `server:tool`.
    pub added: Vec<String>,
    /// Tools of the other alone, with how it is there.
    pub removed: Vec<CallableTool>,
    /// Tools of both, of which the terms differ.
    pub changed: Vec<ChangedTool>,
}

/// A tool whose terms differ between two environments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ChangedTool {
    /// The tool, as `server:tool`.
    pub tool: String,
    /// How it is here.
    pub here: String,
    /// How it is in the other environment.
    pub there: String,
}

impl Difference {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }
}

impl CallableTool {
    /// All that a difference is seen by, in a line.
    fn summary(&self, agent: &str) -> String {
        let mut words = vec![self.terms.summary.clone()];
        words.extend((!self.terms.suspended.is_empty()).then(|| "suspended".to_owned()));
        words.extend((self.caller != agent).then(|| format!("through {}", self.caller)));
        let first = words.join(" ");
        let others = self.others.iter().map(OtherCaller::summary);
        let ways: Vec<String> = [first].into_iter().chain(others).collect();
        ways.join("; ")
    }
}

impl Inquiry<'_> {
    /// What `agent` can call; with `other`, how that differs from there.
    ///
    /// # Errors
    /// When the agent is not known.
    pub fn what_can(&self, agent: &str, other: Option<&Self>) -> Result<Answer, Unknown> {
        let name = self.agent(agent)?;
        let tools = self.callable(agent);
        let difference = other.map(|other| Difference::between(agent, &tools, other));
        Ok(Answer::WhatCan(WhatCanAnswer {
            version: VERSION,
            environment: self.environment.name().to_string(),
            agent: name.to_string(),
            describe: self.describe(name),
            tools,
            difference,
        }))
    }

    fn callable(&self, agent: &str) -> Vec<CallableTool> {
        let node = self.graph.agent(agent);
        let found = node.map_or_else(Vec::new, |node| self.graph.what_can(node));
        let tools = found.iter().filter_map(|can| {
            let (caller, terms) = self.terms_of(&can.path)?;
            let tool = self.graph.node(can.tool)?;
            Some(CallableTool {
                tool: tool.to_string(),
                effect: tool.effect.map(|effect| word(effect).to_owned()),
                caller,
                needs_approval: can.needs_approval,
                steps: self.steps(&can.path.hops),
                terms,
                others: self.others(can),
            })
        });
        tools.collect()
    }
}

impl Difference {
    fn between(agent: &str, here: &[CallableTool], other: &Inquiry<'_>) -> Self {
        let all = other.callable(agent).into_iter();
        let mut there: BTreeMap<String, CallableTool> =
            all.map(|tool| (tool.tool.clone(), tool)).collect();
        let mut difference = Self {
            than: other.environment.name().to_string(),
            added: Vec::new(),
            removed: Vec::new(),
            changed: Vec::new(),
        };
        for tool in here {
            let Some(other) = there.remove(&tool.tool) else {
                difference.added.push(tool.tool.clone());
                continue;
            };
            let (here, there) = (tool.summary(agent), other.summary(agent));
            if here != there {
                difference.changed.push(ChangedTool {
                    tool: tool.tool.clone(),
                    here,
                    there,
                });
            }
        }
        difference.removed = there.into_values().collect();
        difference
    }
}

/// An effect as catalogs write it.
pub(crate) fn word(effect: Effect) -> &'static str {
    match effect {
        Effect::Read => "read",
        Effect::Write => "write",
        Effect::Destructive => "destructive",
    }
}
