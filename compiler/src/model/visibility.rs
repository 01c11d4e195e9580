//! Visibility: an agent gets only what its team may use.

use std::collections::BTreeSet;

use crate::checks::names::NOT_VISIBLE;
use crate::diagnostic::Diagnostic;
use crate::source::Loc;

use super::files::MOST_MISTAKES;
use super::{Agent, Catalog, Grant, Granted, Name, Pattern, Role, Server, Visibility};

/// Reports grants of roles of another team, and of tools of servers that the agent's team may not use,
/// through a role or not. Grants to agents at `refused` places are reported already; the places of what an
/// agent may not have are added.
pub(crate) fn check(catalog: &Catalog, refused: &mut BTreeSet<Loc>, found: &mut Vec<Diagnostic>) {
    let overlays = catalog.overlays().iter();
    for grant in overlays.flat_map(|overlay| &overlay.grants) {
        if found.len() >= MOST_MISTAKES {
            return;
        }
        if refused.contains(&grant.agent.loc) {
            continue;
        }
        if let Some(agent) = catalog.agents.get(&grant.agent.value) {
            check_grant(catalog, grant, agent, refused, found);
        }
    }
}

fn check_grant(
    catalog: &Catalog,
    grant: &Grant,
    agent: &Agent,
    refused: &mut BTreeSet<Loc>,
    found: &mut Vec<Diagnostic>,
) {
    let team = &agent.team.value;
    for what in &grant.what {
        let before = found.len();
        match &what.value {
            Granted::Tools(pattern) => {
                if let Some(server) = hidden(catalog, pattern, team) {
                    found.push(not_visible(server, agent, what.loc));
                }
            }
            Granted::Role(name) => {
                let Some(role) = catalog.roles.get(name) else {
                    continue;
                };
                if let Some(owner) = role.team.as_ref().filter(|owner| owner.value != *team) {
                    found.push(
                        NOT_VISIBLE
                            .at(
                                what.loc,
                                format!(
                                    "role `{name}` belongs to `{}`, agent `{}` to `{team}`",
                                    owner.value, agent.name.value
                                ),
                            )
                            .and(role.name.loc, "the role is here")
                            .help(
                                "grant a role of the agent's own team, or one of the organisation",
                            ),
                    );
                } else {
                    hidden_by_role(catalog, role, agent, what.loc, found);
                }
            }
        }
        if found.len() > before {
            refused.insert(what.loc);
        }
    }
}

fn hidden_by_role(
    catalog: &Catalog,
    role: &Role,
    agent: &Agent,
    loc: Loc,
    found: &mut Vec<Diagnostic>,
) {
    let mut reported = BTreeSet::new();
    for pattern in &role.allow {
        if let Some(server) = hidden(catalog, &pattern.value, &agent.team.value)
            && reported.insert(&server.name.value)
        {
            found.push(
                not_visible(server, agent, loc)
                    .and(pattern.loc, format!("role `{}` allows it", role.name.value)),
            );
        }
    }
}

/// The server of a pattern, when the team may not use it.
fn hidden<'c>(catalog: &'c Catalog, pattern: &Pattern, team: &Name) -> Option<&'c Server> {
    let server = catalog.servers.get(pattern.server.as_ref()?)?;
    (!is_visible(catalog, server, team)).then_some(server)
}

/// Whether a team may use a server.
pub(crate) fn is_visible(catalog: &Catalog, server: &Server, team: &Name) -> bool {
    server.team.value == *team
        || match &server.visible_to {
            Visibility::Everyone => true,
            // A team that there is none is reported, and may be this one.
            Visibility::Teams(teams) => teams
                .iter()
                .any(|other| other.value == *team || !catalog.teams.contains_key(&other.value)),
        }
}

fn not_visible(server: &Server, agent: &Agent, loc: Loc) -> Diagnostic {
    let (name, owner, team) = (&server.name.value, &server.team.value, &agent.team.value);
    NOT_VISIBLE
        .at(
            loc,
            format!("`{name}` belongs to `{owner}` and is not visible to `{team}`"),
        )
        .and(server.name.loc, "the server is here")
        .help(format!(
            "`{owner}` can write `visible-to {team}` in the server"
        ))
}
