//! The steps that resolve a catalog, in order.

use std::collections::BTreeMap;

use super::constraints::constraints;
use super::deployed::{Deployment, wanted};
use super::identity::identity;
use super::limits::Bounds;
use super::patch::Patches;
use super::permissions::permissions;
use super::reach::{grants, reach, shadows};
use super::suspended::divide;
use super::{Environment, GrantedAgent};
use crate::diagnostic::Diagnostic;
use crate::lock::Locks;
use crate::model::{Catalog, Name, Target};
use crate::source::Sources;

/// Reads the definition files of all servers that are deployed somewhere, several at once.
pub(crate) fn read_ahead(catalog: &Catalog, sources: &Sources, locks: &Locks<'_>) {
    locks.read_ahead(&wanted(catalog, sources));
}

/// Resolves one environment. What is wrong with the catalog goes to `found`; an environment with
/// mistakes gives less, never more. No date is read: a permission that has ended is still there,
/// with its end.
pub(crate) fn resolve(
    catalog: &Catalog,
    target: &Target,
    sources: &Sources,
    locks: &Locks<'_>,
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
    let (permissions, suspended) = divide(catalog, environment, permissions);
    let shadows = shadows(catalog, environment, &servers);
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
        suspended,
        shadows,
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
            let team = catalog.teams.get(&agent.team.value).into_iter();
            let owners = team.flat_map(|team| &team.owners);
            let granted = GrantedAgent {
                owners: owners.map(|group| group.value.clone()).collect(),
                identity: identity(catalog, &agent, target, granted, found),
                limit: Bounds::of(agent.limit.as_ref(), None).counter(),
                agent,
            };
            (defined.name.value.clone(), granted)
        })
        .collect()
}
