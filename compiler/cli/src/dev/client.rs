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
        let of_workload = [
            (server.settings.resources.is_some(), "`resources`"),
            (server.run_as.is_some(), "`run-as`"),
            (server.probe.is_some(), "`probe`"),
            (server.pull_secret.is_some(), "`pull-secret`"),
        ];
        what.extend(
            of_workload
                .into_iter()
                .filter_map(|(written, node)| written.then_some(node)),
        );
        if server.settings.bearer().is_some() {
            what.insert("`auth` (servers elsewhere are called without a credential)");
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

#[cfg(test)]
mod tests {
    use bailiwick_compiler::source::Memory;
    use bailiwick_compiler::{Date, check};

    use super::*;

    const CATALOG: &str = r#"
catalog acme language=1
team tools
environment dev {
    dispatch {
        image "registry.example/dispatch:1.0.0"
        url "https://mcp.example/mcp"
        tls secret=mcp-tls
        deployers "group:platform"
    }
}
server shaped team=tools {
    image "registry.example/shaped:1.0.0"
    resources cpu="250m"
    run-as 1000
    probe tcp
    pull-secret registry
    tool read
}
server remote team=tools version="1" {
    url "https://remote.example/mcp"
    auth bearer secret=remote
    tool read
}
overlay dev { deploy shaped remote; }
"#;

    #[test]
    fn what_shapes_a_workload_and_credentials_are_told() {
        let lock = |server: &str, revision: &str, origin: serde_json::Value| {
            let mut lock = json!({
                "protocol": "2025-11-25",
                "revision": revision,
                "server": server,
                "tools": [{ "name": "read", "inputSchema": { "type": "object" } }],
            });
            let members = lock.as_object_mut().unwrap();
            members.extend(origin.as_object().unwrap().clone());
            let path = format!("catalogs/lock/{server}@{revision}.json");
            (path, lock.to_string())
        };
        let image = json!({ "digest": format!("sha256:{}", "1".repeat(64)), "reference": "registry.example/shaped:1.0.0" });
        let mut files: Memory = [
            lock("shaped", "1.0.0", json!({ "image": image })),
            lock(
                "remote",
                "1",
                json!({ "url": "https://remote.example/mcp" }),
            ),
        ]
        .into_iter()
        .collect();
        files.insert("catalogs/org.kdl", CATALOG);
        let report = check(&files, &Date::parse("2026-12-01").unwrap()).unwrap();
        let environment = report.resolved.environments.values().next().unwrap();
        assert_eq!(
            not_held(environment),
            [
                "not held on this machine: `auth` (servers elsewhere are called without a credential), \
              `dispatch` (`tls`, `deployers`, `replicas`, `audit`), `probe`, `pull-secret`, `resources`, `run-as`"
            ]
        );
    }
}
