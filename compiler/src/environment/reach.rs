//! Reach: which tools an agent is given, by which grants and roles.

use std::collections::{BTreeMap, BTreeSet};

use super::{DeployedServer, Path};
use crate::model::{Catalog, Grant, Granted, Name, Pattern, Role, ToolPattern};
use crate::source::Loc;

/// What gives one agent one tool.
#[derive(Debug, Default)]
pub(super) struct Reach<'c> {
    /// The grants, by their place.
    pub(super) grants: BTreeMap<Loc, &'c Grant>,
    /// The roles.
    pub(super) roles: BTreeMap<&'c Name, &'c Role>,
    /// Each way through them.
    pub(super) paths: BTreeSet<Path>,
}

impl Reach<'_> {
    /// The pair lives while one of its grants lives: the latest end, none if one has none.
    pub(super) fn until(&self) -> Option<String> {
        let ends: Option<Vec<&str>> = self
            .grants
            .values()
            .map(|grant| grant.until.as_ref().map(|until| until.value.as_str()))
            .collect();
        ends?.into_iter().max().map(ToOwned::to_owned)
    }
}

/// Every granted pair of one environment: the union over its grants.
pub(super) fn reach<'c>(
    catalog: &'c Catalog,
    environment: &str,
    servers: &BTreeMap<Name, DeployedServer>,
) -> BTreeMap<(Name, Name, Name), Reach<'c>> {
    let mut reached: BTreeMap<_, Reach<'c>> = BTreeMap::new();
    for (grant, what) in grants(catalog, environment)
        .filter(|grant| catalog.agents.contains_key(&grant.agent.value))
        .flat_map(|grant| grant.what.iter().map(move |what| (grant, what)))
    {
        let mut give = |pattern: &Pattern, role: Option<(&'c Role, Loc)>| {
            for (server, tool) in expand(pattern, servers) {
                let pair = (grant.agent.value.clone(), server.clone(), tool.clone());
                let reach = reached.entry(pair).or_default();
                reach.grants.insert(grant.loc, grant);
                reach.paths.insert(Path {
                    grant: what.loc,
                    role: role.map(|(role, allow)| (role.name.value.clone(), allow)),
                });
                reach
                    .roles
                    .extend(role.map(|(role, _)| (&role.name.value, role)));
            }
        };
        match &what.value {
            Granted::Tools(pattern) => give(pattern, None),
            Granted::Role(name) => {
                let allowed = catalog.roles.get(name).into_iter();
                for (role, allow) in
                    allowed.flat_map(|role| role.allow.iter().map(move |a| (role, a)))
                {
                    give(&allow.value, Some((role, allow.loc)));
                }
            }
        }
    }
    reached
}

/// The grants of one environment.
pub(super) fn grants<'c>(
    catalog: &'c Catalog,
    environment: &str,
) -> impl Iterator<Item = &'c Grant> {
    let overlays = catalog.overlays.iter();
    overlays
        .filter(move |overlay| &*overlay.environment.value == environment)
        .flat_map(|overlay| &overlay.grants)
}

/// The tools of deployed servers that a pattern covers: declared and locked, nothing else.
fn expand<'s>(
    pattern: &'s Pattern,
    servers: &'s BTreeMap<Name, DeployedServer>,
) -> impl Iterator<Item = (&'s Name, &'s Name)> {
    servers
        .iter()
        .filter(|(name, _)| pattern.server.as_ref().is_none_or(|server| server == *name))
        .flat_map(|(name, deployed)| {
            let tools = deployed.server.tools.keys();
            let covered = tools.filter(|tool| match &pattern.tool {
                ToolPattern::Exact(exact) => *tool == exact,
                ToolPattern::Prefix(prefix) => tool.starts_with(prefix.as_str()),
            });
            covered
                .filter(|tool| deployed.lock.tools.contains_key(*tool))
                .map(move |tool| (name, tool))
        })
}
