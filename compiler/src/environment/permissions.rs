//! Permissions: what each reached pair may do, all constraints intersected.

use std::collections::BTreeMap;

use super::conditions::{approvals, narrowings, record, retry};
use super::exposed::exposed_name;
use super::limits::{Bounds, DEFAULT_MAX_ARGS, DEFAULT_MAX_RESULT, DEFAULT_TIMEOUT, definition};
use super::reach::{Pairs, Reach};
use super::{DeployedServer, GrantedAgent, Permission};
use crate::model::{Name, Server, Target, Tool};
use crate::narrowing::Arguments;

/// Intersects the constraints of every reached pair.
pub(super) fn permissions(
    target: &Target,
    servers: &BTreeMap<Name, DeployedServer>,
    agents: &BTreeMap<Name, GrantedAgent>,
    reached: Pairs<Reach<'_>>,
) -> Pairs<Permission> {
    let pairs = reached.into_iter();
    pairs
        .filter_map(|(pair, reach)| {
            let agent = agents.get(&pair.0)?;
            let server = &servers.get(&pair.1)?.server;
            let tool = server.tools.get(&pair.2)?;
            Some((pair, permission(target, agent, server, tool, reach)))
        })
        .collect()
}

fn permission(
    target: &Target,
    agent: &GrantedAgent,
    server: &Server,
    tool: &Tool,
    reach: Reach<'_>,
) -> Permission {
    let mut bounds = definition(target, server, tool)
        .narrowed(Bounds::sizes(server.settings.limit.as_ref()))
        .narrowed(Bounds::sizes(agent.agent.limit.as_ref()));
    for role in &reach.roles {
        bounds = bounds.narrowed(Bounds::of(role.limit.as_ref(), role.timeout.as_ref()));
    }
    for grant in &reach.grants {
        bounds = bounds.narrowed(Bounds::of(grant.limit.as_ref(), grant.timeout.as_ref()));
    }
    let effect = server.effect(tool);
    let narrowings = narrowings(tool, &reach);
    Permission {
        exposed: exposed_name(&server.name.value, tool),
        effect,
        approvals: approvals(target, effect, tool, &reach),
        arguments: Arguments::of(&narrowings),
        narrowings,
        retry: retry(server, tool),
        record: record(target, server, tool),
        limit: bounds.counter(),
        max_args: bounds.max_args.unwrap_or(DEFAULT_MAX_ARGS),
        max_result: bounds.max_result.unwrap_or(DEFAULT_MAX_RESULT),
        timeout: bounds.timeout.unwrap_or(DEFAULT_TIMEOUT),
        until: reach.until(),
        paths: reach.paths,
    }
}
