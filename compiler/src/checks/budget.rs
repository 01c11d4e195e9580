//! TOL025: how much of a model's context the tools of an agent take.

use std::collections::BTreeMap;

use super::warning;
use crate::diagnostic::{Check, Diagnostic};
use crate::environment::Environment;
use crate::model::{Catalog, Name};

pub(crate) const TOOL_BUDGET: Check = warning(
    "TOL025",
    "tool-budget",
    "an agent sees more tools than a model chooses well from",
);

/// Most tools of one agent.
const TOOLS: usize = 100;
/// Most tokens of all definitions that an agent sees.
const TOKENS: usize = 25_000;
/// Bytes of JSON that make about one token.
const BYTES: usize = 4;

/// Counts what each agent's list of tools has in each environment; said once, for the longest list.
pub(crate) fn tool_budget(
    _: &Catalog,
    environments: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    let mut longest: BTreeMap<&Name, (usize, usize, &Environment)> = BTreeMap::new();
    for environment in environments.values() {
        let mut lists: BTreeMap<&Name, (usize, usize)> = BTreeMap::new();
        for (agent, server, tool) in environment.permissions.keys() {
            let deployed = environment.servers.get(server);
            let definition = deployed.and_then(|deployed| deployed.lock.tools.get(tool));
            let (tools, bytes) = lists.entry(agent).or_default();
            *tools += 1;
            *bytes += definition.map_or(0, |definition| definition.get().len());
        }
        for (agent, (tools, bytes)) in lists {
            let known = longest.entry(agent).or_insert((tools, bytes, environment));
            if bytes > known.1 {
                *known = (tools, bytes, environment);
            }
        }
    }
    for (agent, (tools, bytes, environment)) in longest {
        let tokens = bytes / BYTES;
        let granted = environment.agents.get(agent);
        let Some(granted) = granted.filter(|_| tools > TOOLS || tokens > TOKENS) else {
            continue;
        };
        let plural = if tools == 1 { "" } else { "s" };
        let message = format!(
            "`{agent}` sees {tools} tool{plural}, about {tokens} tokens of definitions, in {}",
            environment.name()
        );
        let mut finding = TOOL_BUDGET
            .at(granted.agent.name.loc, message)
            .note(format!(
                "models choose well from at most {TOOLS} tools and {TOKENS} tokens"
            ))
            .help("grant fewer tools, or divide the agent in two");
        finding.environment = Some(environment.name().to_string());
        found.push(finding);
    }
}
