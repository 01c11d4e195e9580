//! What `dev` tells people: how clients reach it, and what a laptop does not hold.

use std::collections::BTreeSet;

use bailiwick_compiler::environment::{Environment, Origin};
use serde_json::json;

use super::issuer::Issuer;
use crate::failure::Failure;

/// The ready line and one client configuration per agent, to paste.
///
/// # Errors
/// When a token cannot be kept.
pub(crate) fn introduction(
    environment: &Environment,
    endpoint: &str,
    issuer: &Issuer,
) -> Result<String, Failure> {
    let name = &environment.target.name.value;
    let mut paragraphs = vec![format!(
        "ready: `{name}` is served on {endpoint}, to this machine only\n"
    )];
    for agent in environment.agents.keys() {
        let token = issuer.token(agent, endpoint)?;
        let entry = json!({
            "type": "http",
            "url": endpoint,
            "headers": { "Authorization": format!("Bearer {token}") },
        });
        let config = json!({ "mcpServers": { format!("bailiwick-{agent}"): entry } });
        let pretty = serde_json::to_string_pretty(&config).map_err(|source| Failure::Json {
            what: "the client configuration".to_owned(),
            source,
        })?;
        let file = issuer.token_file(agent);
        paragraphs.push(format!(
            "client configuration of `{agent}` (its token, for 24 hours, is also in {}):\n{pretty}\n",
            file.display()
        ));
    }
    Ok(paragraphs.join("\n"))
}

/// What the catalog declares and a laptop does not hold, one sentence each.
pub(crate) fn not_held(environment: &Environment) -> Vec<String> {
    let mut what = BTreeSet::new();
    for deployed in environment.servers.values() {
        let server = &deployed.server;
        if !server.settings.egress.is_empty() {
            what.insert("`egress`");
        }
        if !server.volumes.is_empty() {
            what.insert("`volume`");
        }
        if !server.scratch.is_empty() {
            what.insert("`scratch`");
        }
        if deployed.replicas > 1 {
            what.insert("`replicas`");
        }
        if matches!(deployed.origin, Origin::ImageCommand) {
            what.insert("`image` (its `command` runs here instead)");
        }
    }
    if environment.target.dispatch.is_some() {
        what.insert("`dispatch` (`tls`, `deployers`, `replicas`, `audit`)");
    }
    if environment
        .agents
        .values()
        .any(|granted| granted.agent.identity.is_some())
    {
        what.insert("`identity` (each agent has a token of this machine's own issuer instead)");
    }
    if what.is_empty() {
        return Vec::new();
    }
    let list: Vec<&str> = what.into_iter().collect();
    vec![format!("not held on this machine: {}", list.join(", "))]
}
