//! How long the files of a configuration can be, without making them: mostly they are far from what a
//! `ConfigMap` holds.

use std::collections::BTreeMap;

use bailiwick_config::Digest;

use super::{agent, config, servers};
use crate::bundle::Serving;
use crate::environment::{DeployedServer, Environment, Permission};
use crate::narrowing::Arguments;

/// Bytes of a permission beside its names, the schema and the fixed arguments; of a definitions file beside its
/// names and the definitions; and of an agent whose tools are there, beside them. A test holds the longest permission to it.
const BESIDE: usize = 400;

/// No file of the configuration of `environment` is longer than this, bytes.
///
/// # Errors
/// When a value has no JSON form.
pub(crate) fn longest(
    environment: &Environment,
    serving: &Serving,
) -> Result<usize, serde_json::Error> {
    let definitions = environment.servers.iter();
    let definitions = definitions.map(|(name, deployed)| definitions_file(name, deployed));
    let permissions = environment.permissions.iter();
    let permissions = permissions.map(|((_, server, tool), own)| permission(server, tool, own));
    let config = without_permissions(environment, serving)? + permissions.sum::<usize>();
    Ok(definitions.fold(config, usize::max))
}

/// The length of `config.json` with all agents and servers that can be in it, when nobody may call anything.
fn without_permissions(
    environment: &Environment,
    serving: &Serving,
) -> Result<usize, serde_json::Error> {
    let agents = serving.identities.iter().filter_map(|(name, identity)| {
        let agent = agent(environment.agents.get(name)?, identity, BTreeMap::new());
        Some((name.to_string(), agent))
    });
    let servers = servers(environment, serving, |_| Some(Digest::of(&[])));
    let config = config(environment, serving, agents.collect(), servers);
    Ok(config.to_file()?.len())
}

/// The longest line of a permission.
fn permission(server: &str, tool: &str, own: &Permission) -> usize {
    let names = text(&own.exposed) + text(server) + text(tool);
    let arguments = match &own.arguments {
        Arguments::All | Arguments::Nothing(_) => 0,
        Arguments::Narrowed(left) => left.length,
    };
    BESIDE + names + arguments
}

/// The longest definitions file of a server: all that is locked may be granted.
fn definitions_file(name: &str, deployed: &DeployedServer) -> usize {
    let tools = deployed.lock.tools.keys();
    let names: usize = tools.map(|tool| text(tool) + 2).sum();
    BESIDE + text(name) + text(&deployed.revision) + names + deployed.lock.laid_out
}

/// Most bytes of a text in JSON, with its quotes.
fn text(words: &str) -> usize {
    let is_escaped = |byte: &u8| *byte < b' ' || matches!(byte, b'"' | b'\\');
    // `\u0000` is the longest way to write a byte.
    words.len() + 2 + 5 * words.bytes().filter(is_escaped).count()
}

#[cfg(test)]
mod tests {
    use bailiwick_config::{Effect, FixedArgument, Limit, Permission, Rate, indented_length};
    use serde_json::{Value, json};

    use super::*;

    /// Nothing that can stand in a permission beside its names and schemas is longer than what is added for it.
    #[test]
    fn the_longest_permission_is_within_what_is_added() {
        let most = u64::MAX;
        let permission = Permission {
            server: String::new(),
            tool: String::new(),
            limit: Limit {
                rate: Some(Rate {
                    calls: u32::MAX,
                    per: most,
                    burst: u32::MAX,
                }),
                concurrent: Some(u32::MAX),
            },
            max_args: most,
            max_result: most,
            timeout: most,
            until: Some("2026-12-31".to_owned()),
            effect: Effect::Destructive,
            input_schema: Some(json!({})),
            fixed: vec![FixedArgument {
                path: Vec::new(),
                value: Value::Null,
            }],
        };
        let json = serde_json::to_string(&BTreeMap::from([("", permission)]));
        // Two levels more are around it in the file, and its agent's list of tools is opened.
        let length = indented_length(&json.unwrap(), 1) + 32;
        assert!(length < BESIDE, "{length}");
    }
}
