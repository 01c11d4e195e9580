//! What is defined and not used. Nothing of it is said of a catalog in which something is not
//! understood: that may be what uses it.

use std::collections::BTreeSet;

use super::understood::Live;
use super::{Resolved, warning};
use crate::diagnostic::{Check, Diagnostic};
use crate::model::{Granted, Name};

pub(crate) const IDLE_AGENT: Check = warning(
    "GRA003",
    "idle-agent",
    "an agent has no grant in any environment",
);
pub(crate) const EMPTY_ENVIRONMENT: Check = warning(
    "ENV009",
    "empty-environment",
    "nothing is deployed in an environment",
);
pub(crate) const UNUSED_DEFINITION: Check = warning(
    "NAM010",
    "unused-definition",
    "a role is never granted, or a server never deployed",
);

/// An agent that nothing is granted is a leftover, or a grant was forgotten.
pub(super) fn idle_agent(resolved: &Resolved, live: Live, found: &mut Vec<Diagnostic>) {
    let catalog = &resolved.catalog;
    let overlays = catalog.overlays().iter();
    let granted: BTreeSet<&Name> = overlays
        .flat_map(|overlay| &overlay.grants)
        .map(|grant| &grant.agent.value)
        .collect();
    if !live.is_granting {
        return;
    }
    for agent in catalog.agents.values() {
        if !granted.contains(&agent.name.value) {
            let message = format!("`{}` has no grant in any environment", agent.name.value);
            found.push(
                IDLE_AGENT
                    .at(agent.name.loc, message)
                    .help("grant it something in an overlay, or remove it"),
            );
        }
    }
}

/// Where others have something, an environment without anything was forgotten.
pub(super) fn empty_environment(resolved: &Resolved, live: Live, found: &mut Vec<Diagnostic>) {
    let deployed = |name: &Name| {
        let mut overlays = resolved.catalog.overlays_of(name).iter();
        overlays.any(|overlay| !overlay.deploys.is_empty())
    };
    if !live.is_deploying {
        return;
    }
    for (name, environment) in &resolved.environments {
        if !deployed(name) {
            found.push(
                environment
                    .finding(
                        &EMPTY_ENVIRONMENT,
                        environment.target.name.loc,
                        format!("nothing is deployed in {name}"),
                    )
                    .help(format!(
                        "write `deploy` in an `overlay {name}`, or remove it"
                    )),
            );
        }
    }
}

/// A role that nobody is granted, or a server that is deployed nowhere, while others are.
pub(super) fn unused_definition(resolved: &Resolved, live: Live, found: &mut Vec<Diagnostic>) {
    let catalog = &resolved.catalog;
    let overlays = || catalog.overlays().iter();
    let granted: BTreeSet<&Name> = overlays()
        .flat_map(|overlay| &overlay.grants)
        .flat_map(|grant| &grant.what)
        .filter_map(|what| match &what.value {
            Granted::Role(role) => Some(role),
            Granted::Tools(_) => None,
        })
        .collect();
    for role in catalog.roles.values().filter(|_| live.is_granting) {
        if !granted.contains(&role.name.value) {
            let message = format!("role `{}` is never granted", role.name.value);
            found.push(
                UNUSED_DEFINITION
                    .at(role.name.loc, message)
                    .help("grant it in an overlay, or remove it"),
            );
        }
    }
    let deployed: BTreeSet<&Name> = overlays()
        .flat_map(|overlay| &overlay.deploys)
        .flat_map(|deploy| &deploy.servers)
        .map(|server| &server.value)
        .collect();
    for server in catalog.servers.values().filter(|_| live.is_deploying) {
        if !deployed.contains(&server.name.value) {
            let message = format!("server `{}` is never deployed", server.name.value);
            found.push(
                UNUSED_DEFINITION
                    .at(server.name.loc, message)
                    .help("deploy it in an overlay, or remove it"),
            );
        }
    }
}
