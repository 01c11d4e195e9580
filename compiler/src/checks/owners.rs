//! GRA: what a definition lacks: an identity, tools, somebody who answers for it.

use std::collections::BTreeSet;

use super::{Resolved, error_in_prod, warning};
use crate::diagnostic::{Check, Diagnostic};
use crate::model::Name;

pub(crate) const NO_IDENTITY: Check = error_in_prod(
    "GRA014",
    "no-identity",
    "an agent that is granted something has no identity",
);
pub(crate) const EMPTY_ROLE: Check = warning("GRA015", "empty-role", "a role allows nothing");
pub(crate) const UNOWNED: Check = error_in_prod(
    "GRA017",
    "unowned",
    "a team with something live has no owner group",
);

/// Somebody answers for what is live.
pub(super) fn unowned(resolved: &Resolved, found: &mut Vec<Diagnostic>) {
    let mut seen: BTreeSet<&Name> = BTreeSet::new();
    let clusters = resolved.by_tier().into_iter();
    for (environment, _) in clusters.filter(|(environment, _)| environment.is_cluster()) {
        let servers = environment.servers.values();
        let servers = servers.map(|deployed| &deployed.server.team.value);
        let agents = environment.agents.values();
        let live: BTreeSet<&Name> = agents
            .map(|granted| &granted.agent.team.value)
            .chain(servers)
            .collect();
        for team in live
            .into_iter()
            .filter_map(|team| resolved.catalog.teams.get(team))
        {
            if !team.owners.is_empty() || !seen.insert(&team.name.value) {
                continue;
            }
            let (name, here) = (&team.name.value, environment.name());
            found.push(
                environment
                    .finding(
                        &UNOWNED,
                        team.name.loc,
                        format!("team `{name}` has no owner group, and something of it is live in {here}"),
                    )
                    .help("write `owner` with the groups that answer for it: a refusal names them"),
            );
        }
    }
}
