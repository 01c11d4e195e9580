//! GRA: the permission graph.

use std::collections::{BTreeMap, BTreeSet};

use super::{error, warning};
use crate::diagnostic::{Check, Diagnostic};
use crate::environment::{Environment, GrantedAgent, Path};
use crate::model::files::MOST_MISTAKES;
use crate::model::{Catalog, Deny, Identity, Name, OidcWho, Pattern};
use crate::source::{At, Loc};

pub(crate) const FORBIDDEN_BY_CEILING: Check = error(
    "GRA010",
    "forbidden-by-ceiling",
    "a grant touches tools that the environment denies",
);

pub(crate) const EXPIRED_GRANT: Check = warning(
    "GRA012",
    "expired-grant",
    "a grant has ended and gives nothing any more",
);

pub(crate) const SHARED_IDENTITY: Check = error(
    "GRA013",
    "shared-identity",
    "two agents have the same identity; audit cannot tell them apart",
);

/// No grant touches what the environment denies. A ceiling fails the build, it never silently
/// wins.
pub(crate) fn forbidden_by_ceiling(
    _: &Catalog,
    environments: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    for environment in environments.values() {
        for deny in &environment.target.deny {
            for pattern in &deny.patterns {
                if found.len() >= MOST_MISTAKES {
                    return;
                }
                let touching = touching(environment, &pattern.value).into_values();
                found.extend(touching.map(|touch| forbidden(environment, deny, pattern, &touch)));
            }
        }
    }
}

/// What one line of a grant gives although it is denied.
struct Touch<'e> {
    agent: &'e Name,
    path: &'e Path,
    tools: BTreeSet<(&'e Name, &'e Name)>,
}

fn touching<'e>(environment: &'e Environment, denied: &Pattern) -> BTreeMap<Loc, Touch<'e>> {
    let mut touching: BTreeMap<Loc, Touch<'_>> = BTreeMap::new();
    for ((agent, server, tool), permission) in &environment.permissions {
        if !denied.matches(server, tool) {
            continue;
        }
        for path in &permission.paths {
            let first = || Touch {
                agent,
                path,
                tools: BTreeSet::new(),
            };
            let touch = touching.entry(path.grant).or_insert_with(first);
            touch.tools.insert((server, tool));
        }
    }
    touching
}

fn forbidden(
    environment: &Environment,
    deny: &Deny,
    pattern: &At<Pattern>,
    touch: &Touch<'_>,
) -> Diagnostic {
    let (agent, name) = (touch.agent, environment.name());
    let shown: Vec<String> = touch
        .tools
        .iter()
        .take(3)
        .map(|(server, tool)| format!("`{server}:{tool}`"))
        .collect();
    let more = match touch.tools.len() - shown.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let mut diagnostic = environment
        .finding(
            &FORBIDDEN_BY_CEILING,
            touch.path.grant,
            format!("`{}` may not be granted in {name}", pattern.value),
        )
        .labelled(format!("gives `{agent}` {}{more}", shown.join(", ")));
    if let Some((role, allow)) = &touch.path.role {
        diagnostic = diagnostic.and(*allow, format!("through role `{role}`"));
    }
    diagnostic = diagnostic.and(pattern.loc, format!("denied here: {}", deny.reason));
    if let Some((server, tool)) = touch.tools.first() {
        diagnostic = diagnostic.note(touch.path.text(agent, server, tool));
    }
    diagnostic.help(match &touch.path.role {
        Some((role, _)) => format!("grant less than role `{role}`"),
        None => "grant less".to_owned(),
    })
}

/// Grants whose last day is before `today` (`YYYY-MM-DD`).
pub(crate) fn expired_grant(
    catalog: &Catalog,
    environments: &BTreeMap<Name, Environment>,
    today: &str,
    found: &mut Vec<Diagnostic>,
) {
    for overlay in catalog.overlays() {
        let Some(environment) = environments.get(&overlay.environment.value) else {
            continue;
        };
        for grant in &overlay.grants {
            // Dates of one form compare as text.
            if let Some(until) = grant
                .until
                .as_ref()
                .filter(|until| until.value.as_str() < today)
            {
                let agent = &grant.agent.value;
                found.push(
                    environment
                        .finding(
                            &EXPIRED_GRANT,
                            until.loc,
                            format!("this grant to `{agent}` ended on {}", until.value),
                        )
                        .labelled(format!("today is {today}"))
                        .help("remove the grant, or write a later `until` if it shall go on"),
                );
            }
        }
    }
}

/// Agents of one environment can be told apart by their tokens.
pub(crate) fn shared_identity(
    _: &Catalog,
    environments: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    // A laptop issues its own tokens, one per agent.
    for environment in environments
        .values()
        .filter(|environment| environment.is_cluster())
    {
        let mut known: BTreeMap<Claims<'_>, Holders<'_>> = BTreeMap::new();
        for agent in environment.agents.values() {
            let Some((issuer, identity)) = &agent.identity else {
                continue;
            };
            let holders = known
                .entry(claims(environment, issuer, identity))
                .or_default();
            let client = client(identity);
            if let Some(other) = holders.other(client) {
                found.push(shared(environment, agent, other));
            }
            holders.first.get_or_insert(agent);
            holders.by_client.entry(client).or_insert(agent);
        }
    }
}

/// What a token must say for an identity, but for its client: issuer and subject. Groups are left
/// out, since one person can be in two.
type Claims<'e> = (&'e str, Option<String>);

fn claims<'e>(
    environment: &'e Environment,
    issuer: &'e Name,
    identity: &'e Identity,
) -> Claims<'e> {
    // Two issuers with one URL vouch for the same tokens, also when they are of two kinds.
    let issuers = &environment.target.issuers;
    let issuer = issuers
        .get(issuer)
        .map_or(&**issuer, |issuer| issuer.url.value.as_str());
    let subject = match identity {
        Identity::Kubernetes {
            namespace,
            service_account,
            ..
        } => Some(format!(
            "system:serviceaccount:{namespace}:{service_account}"
        )),
        Identity::Oidc {
            who: OidcWho::Subject(subject),
            ..
        } => Some(subject.clone()),
        Identity::Oidc {
            who: OidcWho::Group(_),
            ..
        } => None,
        Identity::Spiffe { id, .. } => Some(id.clone()),
    };
    (issuer, subject)
}

/// The agents that have the same claims but for the client.
#[derive(Default)]
struct Holders<'e> {
    first: Option<&'e GrantedAgent>,
    by_client: BTreeMap<Option<&'e str>, &'e GrantedAgent>,
}

impl<'e> Holders<'e> {
    /// An agent whose tokens this client can have too: an unwritten client is any.
    fn other(&self, client: Option<&str>) -> Option<&'e GrantedAgent> {
        if client.is_none() {
            return self.first;
        }
        let any = self.by_client.get(&None);
        self.by_client.get(&client).or(any).copied()
    }
}

fn client(identity: &Identity) -> Option<&str> {
    match identity {
        Identity::Oidc { client, .. } => client.as_deref(),
        Identity::Kubernetes { .. } | Identity::Spiffe { .. } => None,
    }
}

fn shared(environment: &Environment, agent: &GrantedAgent, other: &GrantedAgent) -> Diagnostic {
    let name = |agent: &GrantedAgent| agent.agent.name.value.clone();
    let place = |agent: &GrantedAgent| {
        agent
            .agent
            .identity
            .as_ref()
            .map_or(agent.agent.loc, |identity| identity.loc)
    };
    let group = |agent: &GrantedAgent| {
        matches!(
            &agent.identity,
            Some((
                _,
                Identity::Oidc {
                    who: OidcWho::Group(_),
                    ..
                }
            ))
        )
    };
    let help = if group(agent) && group(other) {
        "give each a `client` of its own: a person can be in both groups"
    } else {
        "give each agent an identity of its own"
    };
    environment
        .finding(
            &SHARED_IDENTITY,
            place(agent),
            format!(
                "`{}` and `{}` have the same identity in {}; audit cannot tell them apart",
                name(other),
                name(agent),
                environment.name()
            ),
        )
        .labelled(format!("identity of `{}`", name(agent)))
        .and(place(other), format!("identity of `{}`", name(other)))
        .help(help)
}
