//! The steps that resolve a catalog, in order.

use std::collections::{BTreeMap, BTreeSet};

use super::deployed::Deployment;
use super::exposed::exposed_name;
use super::identity::identity;
use super::limits::{
    Bounds, DEFAULT_MAX_ARGS, DEFAULT_MAX_RESULT, DEFAULT_TIMEOUT, definition, note_definition,
    written,
};
use super::patch::Patches;
use super::reach::{Reach, grants, reach};
use super::{Bearer, Constraint, DeployedServer, Environment, GrantedAgent, Permission};
use crate::diagnostic::Diagnostic;
use crate::lock::Locks;
use crate::model::{Catalog, Effect, Name, Server, Target, Tool};
use crate::source::{Loader, Sources};

/// Resolves every environment. What is wrong with the catalog goes to `found`; an environment with
/// mistakes gives less, never more. No date is read: a permission that has ended is still there,
/// with its end.
pub fn resolve(
    catalog: &Catalog,
    sources: &Sources,
    loader: &dyn Loader,
    found: &mut Vec<Diagnostic>,
) -> BTreeMap<Name, Environment> {
    let mut locks = Locks::new(loader);
    catalog
        .environments
        .iter()
        .map(|(name, target)| {
            let environment = resolve_one(catalog, target, sources, &mut locks, found);
            (name.clone(), environment)
        })
        .collect()
}

fn resolve_one(
    catalog: &Catalog,
    target: &Target,
    sources: &Sources,
    locks: &mut Locks<'_>,
    found: &mut Vec<Diagnostic>,
) -> Environment {
    let environment = &*target.name.value;
    let patches = Patches::of(catalog, environment);
    let deployment = Deployment {
        target,
        patches: &patches,
        sources,
        locks,
        found,
    };
    let (servers, unresolved) = deployment.resolve(catalog);
    let agents = granted_agents(catalog, target, &patches, found);
    let reached = reach(catalog, environment, &servers);
    let constraints = constraints(target, &servers, &agents, &reached);
    let permissions = permissions(target, &servers, &agents, reached);
    Environment {
        target: target.clone(),
        catalog: catalog
            .name
            .as_ref()
            .map_or_else(|| Name::trusted(""), |name| name.value.clone()),
        servers,
        unresolved,
        agents,
        permissions,
        constraints,
    }
}

/// Every agent that a grant names here, patched.
fn granted_agents(
    catalog: &Catalog,
    target: &Target,
    patches: &Patches<'_>,
    found: &mut Vec<Diagnostic>,
) -> BTreeMap<Name, GrantedAgent> {
    let mut places = BTreeMap::new();
    for grant in grants(catalog, &target.name.value) {
        let place = places.entry(&grant.agent.value).or_insert(grant.agent.loc);
        *place = grant.agent.loc.min(*place);
    }
    places
        .into_iter()
        .filter_map(|(name, granted)| Some((catalog.agents.get(name)?, granted)))
        .map(|(defined, granted)| {
            let agent = patches.agent(defined);
            let granted = GrantedAgent {
                identity: identity(catalog, &agent, target, granted, found),
                limit: Bounds::of(agent.limit.as_ref(), None).counter(),
                agent,
            };
            (defined.name.value.clone(), granted)
        })
        .collect()
}

type Pairs<T> = BTreeMap<(Name, Name, Name), T>;

/// Intersects the constraints of every reached pair.
fn permissions(
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
    for role in reach.roles.values() {
        bounds = bounds.narrowed(Bounds::of(role.limit.as_ref(), role.timeout.as_ref()));
    }
    for grant in reach.grants.values() {
        bounds = bounds.narrowed(Bounds::of(grant.limit.as_ref(), grant.timeout.as_ref()));
    }
    Permission {
        exposed: exposed_name(&server.name.value, tool),
        effect: effect(server, tool),
        limit: bounds.counter(),
        max_args: bounds.max_args.unwrap_or(DEFAULT_MAX_ARGS),
        max_result: bounds.max_result.unwrap_or(DEFAULT_MAX_RESULT),
        timeout: bounds.timeout.unwrap_or(DEFAULT_TIMEOUT),
        until: reach.until(),
        paths: reach.paths.into_iter().collect(),
    }
}

/// What nobody classified is taken for the worst.
fn effect(server: &Server, tool: &Tool) -> Effect {
    let written = tool.facts.effect.as_ref();
    let written = written.or(server.tool_defaults.facts.effect.as_ref());
    written.map_or(Effect::Destructive, |effect| effect.value)
}

/// The written limits and timeouts that take part in the environment.
fn constraints(
    target: &Target,
    servers: &BTreeMap<Name, DeployedServer>,
    agents: &BTreeMap<Name, GrantedAgent>,
    reached: &Pairs<Reach<'_>>,
) -> BTreeSet<Constraint> {
    let mut taking_part: BTreeSet<_> = written(
        Bearer::Environment,
        target.limit.as_ref(),
        target.timeout.as_ref(),
    )
    .collect();
    for deployed in servers.values() {
        let limit = deployed.server.settings.limit.as_ref();
        taking_part.extend(written(Bearer::Server, limit, None));
    }
    for granted in agents.values() {
        taking_part.extend(written(Bearer::Agent, granted.agent.limit.as_ref(), None));
    }
    let tools: BTreeSet<_> = reached
        .keys()
        .map(|(_, server, tool)| (server, tool))
        .collect();
    for (server, tool) in tools {
        let server = servers.get(server).map(|deployed| &deployed.server);
        if let Some((server, tool)) =
            server.and_then(|server| Some((server, server.tools.get(tool)?)))
        {
            note_definition(server, tool, &mut taking_part);
        }
    }
    let reaches = reached.values();
    let (roles, grants): (BTreeMap<_, _>, BTreeMap<_, _>) = (
        reaches
            .clone()
            .flat_map(|reach| &reach.roles)
            .map(|(name, role)| (*name, *role))
            .collect(),
        reaches
            .flat_map(|reach| &reach.grants)
            .map(|(loc, grant)| (*loc, *grant))
            .collect(),
    );
    for role in roles.values() {
        taking_part.extend(written(
            Bearer::Role,
            role.limit.as_ref(),
            role.timeout.as_ref(),
        ));
    }
    for grant in grants.values() {
        taking_part.extend(written(
            Bearer::Grant,
            grant.limit.as_ref(),
            grant.timeout.as_ref(),
        ));
    }
    taking_part
}
