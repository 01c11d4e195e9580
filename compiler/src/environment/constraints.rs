//! Constraints: the written limits and timeouts that take part in an environment, with their places.

use std::collections::{BTreeMap, BTreeSet};

use super::limits::Bounds;
use super::reach::{Pairs, Reach};
use super::{Bearer, Constraint, DeployedServer, GrantedAgent, Setting};
use crate::model::{Grant, Limit, Name, Role, Server, Target, Tool};
use crate::source::{At, Loc};

/// The written limits and timeouts that take part in the environment.
pub(super) fn constraints(
    target: &Target,
    servers: &BTreeMap<Name, DeployedServer>,
    agents: &BTreeMap<Name, GrantedAgent>,
    reached: &Pairs<Reach<'_>>,
) -> BTreeSet<Constraint> {
    let mut into = BTreeSet::new();
    into.extend(written(
        Bearer::Environment,
        target.limit.as_ref(),
        target.timeout.as_ref(),
    ));
    for deployed in servers.values() {
        into.extend(written(
            Bearer::Server,
            deployed.server.settings.limit.as_ref(),
            None,
        ));
    }
    for granted in agents.values() {
        into.extend(written(Bearer::Agent, granted.agent.limit.as_ref(), None));
    }
    let mut tools = BTreeSet::new();
    let mut roles: BTreeMap<&Name, &Role> = BTreeMap::new();
    let mut grants: BTreeMap<&Loc, &Grant> = BTreeMap::new();
    for ((_, server, tool), reach) in reached {
        tools.insert((server, tool));
        roles.extend(reach.roles.iter().map(|role| (&role.name.value, *role)));
        grants.extend(reach.grants.iter().map(|grant| (&grant.loc, *grant)));
    }
    for (server, tool) in tools {
        let server = servers.get(server).map(|deployed| &deployed.server);
        let tool = server.and_then(|server| server.tools.get(tool));
        if let (Some(server), Some(tool)) = (server, tool) {
            note_definition(server, tool, &mut into);
        }
    }
    for role in roles.values() {
        into.extend(written(
            Bearer::Role,
            role.limit.as_ref(),
            role.timeout.as_ref(),
        ));
    }
    for grant in grants.values() {
        into.extend(written(
            Bearer::Grant,
            grant.limit.as_ref(),
            grant.timeout.as_ref(),
        ));
    }
    into
}

/// Notes which written values make up the definition's value.
fn note_definition(server: &Server, tool: &Tool, into: &mut BTreeSet<Constraint>) {
    let own = written(
        Bearer::Tool,
        tool.settings.limit.as_ref(),
        tool.settings.timeout.as_ref(),
    );
    let defaults = written(
        Bearer::ToolDefaults,
        server.tool_defaults.limit.as_ref(),
        None,
    );
    let outer = written(Bearer::Server, None, server.settings.timeout.as_ref());
    let covered = Bounds::of(tool.settings.limit.as_ref(), tool.settings.timeout.as_ref());
    into.extend(own);
    into.extend(defaults.chain(outer).filter(|outer| match outer.setting {
        Setting::Rate(..) => covered.rate.is_none(),
        Setting::Burst(_) => covered.burst.is_none(),
        Setting::Concurrent(_) => covered.concurrent.is_none(),
        Setting::MaxArgs(_) => covered.max_args.is_none(),
        Setting::MaxResult(_) => covered.max_result.is_none(),
        Setting::Timeout(_) => covered.timeout.is_none(),
    }));
}

/// The values that one thing writes, with their places.
fn written<'a>(
    on: Bearer,
    limit: Option<&'a Limit>,
    timeout: Option<&'a At<u64>>,
) -> impl Iterator<Item = Constraint> + use<'a> {
    fn at<T: Copy>(
        written: Option<&At<T>>,
        setting: impl Fn(T) -> Setting,
    ) -> Option<(Setting, Loc)> {
        written.map(|at| (setting(at.value), at.loc))
    }
    [
        at(
            limit.and_then(|limit| limit.rate.as_ref()),
            |(calls, per)| Setting::Rate(calls, per),
        ),
        at(limit.and_then(|limit| limit.burst.as_ref()), Setting::Burst),
        at(
            limit.and_then(|limit| limit.concurrent.as_ref()),
            Setting::Concurrent,
        ),
        at(
            limit.and_then(|limit| limit.max_args.as_ref()),
            Setting::MaxArgs,
        ),
        at(
            limit.and_then(|limit| limit.max_result.as_ref()),
            Setting::MaxResult,
        ),
        at(timeout, Setting::Timeout),
    ]
    .into_iter()
    .flatten()
    .map(move |(setting, loc)| Constraint { loc, on, setting })
}
