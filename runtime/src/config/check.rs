//! What a config must keep beyond its types: versions, references, ranges.

use std::collections::BTreeSet;

use bailiwick_config::{Agent, Config, Identity, Limit, Permission, Server, VERSION};

use super::LoadError;
use crate::edge;

/// Longest exposed name of a tool.
const MAX_NAME: usize = 64;

/// Checks all of `config` that does not need a definitions file.
pub(super) fn check(config: &Config) -> Result<(), LoadError> {
    check_endpoint(config)?;
    check_issuers(config)?;
    for (name, server) in &config.servers {
        check_server(name, server)?;
    }
    let mut identities = BTreeSet::new();
    for (name, agent) in &config.agents {
        let place = || format!("the agent `{name}`");
        if !identities.insert(&agent.identity) {
            return Err(LoadError::invalid(
                place(),
                "another agent has its identity",
            ));
        }
        if !config.issuers.contains_key(issuer(&agent.identity)) {
            return Err(LoadError::invalid(
                place(),
                "no issuer has the name that it gives",
            ));
        }
        check_limit(&agent.limit).map_err(|problem| LoadError::invalid(place(), problem))?;
        check_tools(name, agent, config)?;
    }
    Ok(())
}

/// Checks that the version is the newest or the one before it.
pub(super) fn check_version(found: u32) -> Result<(), LoadError> {
    let oldest = VERSION.saturating_sub(1).max(1);
    if (oldest..=VERSION).contains(&found) {
        return Ok(());
    }
    Err(LoadError::Version {
        found,
        oldest,
        newest: VERSION,
    })
}

fn check_endpoint(config: &Config) -> Result<(), LoadError> {
    let problem = "its URL is not an http or https URL without user, query and fragment";
    edge::Endpoint::parse(&config.endpoint.url)
        .map(drop)
        .map_err(|_| LoadError::invalid("the endpoint", problem))
}

/// A token names its issuer by URL: of two with the same one, the second would have no tokens.
fn check_issuers(config: &Config) -> Result<(), LoadError> {
    let mut urls = BTreeSet::new();
    for (name, issuer) in &config.issuers {
        if !urls.insert(&issuer.url) {
            let place = format!("the issuer `{name}`");
            return Err(LoadError::invalid(place, "another issuer has its URL"));
        }
    }
    Ok(())
}

fn check_server(name: &str, server: &Server) -> Result<(), LoadError> {
    let place = || format!("the server `{name}`");
    if server.definitions.file != format!("{name}.json") {
        let problem = "its definitions file does not have its name";
        return Err(LoadError::invalid(place(), problem));
    }
    check_limit(&server.limit).map_err(|problem| LoadError::invalid(place(), problem))
}

fn check_tools(name: &str, agent: &Agent, config: &Config) -> Result<(), LoadError> {
    let mut called = BTreeSet::new();
    for (exposed, permission) in &agent.tools {
        let failed = |problem| {
            let place = format!("the tool `{exposed}` of the agent `{name}`");
            LoadError::invalid(place, problem)
        };
        if !config.servers.contains_key(&permission.server) {
            return Err(failed("no server has the name that it gives"));
        }
        if !called.insert((&permission.server, &permission.tool)) {
            return Err(failed("the agent has it under another name too"));
        }
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        if exposed.is_empty() || exposed.len() > MAX_NAME || !exposed.bytes().all(is_name) {
            return Err(failed("not a name that may be exposed"));
        }
        check_permission(permission).map_err(failed)?;
    }
    Ok(())
}

fn check_permission(permission: &Permission) -> Result<(), &'static str> {
    if permission.timeout == 0 || permission.timeout > 3_600_000 {
        return Err("its deadline is not between 1 ms and 1 h");
    }
    if permission.max_args == 0 || permission.max_result == 0 {
        return Err("a size limit is 0");
    }
    if permission.max_result > 64 << 20 {
        return Err("its largest result is more than 64 MiB");
    }
    if permission.input_schema.is_none() && !permission.fixed.is_empty() {
        return Err("it fixes an argument that the agent would see");
    }
    check_limit(&permission.limit)
}

fn check_limit(limit: &Limit) -> Result<(), &'static str> {
    if limit.concurrent == Some(0) {
        return Err("a limit allows no call at a time");
    }
    match limit.rate {
        Some(rate) if rate.calls == 0 || rate.per == 0 || rate.burst == 0 => {
            Err("a part of a rate is 0")
        }
        _ => Ok(()),
    }
}

fn issuer(identity: &Identity) -> &str {
    match identity {
        Identity::Kubernetes { issuer, .. }
        | Identity::Subject { issuer, .. }
        | Identity::Group { issuer, .. } => issuer,
    }
}
