//! GRA: grants that say less, or give more, than they seem to.

use std::collections::{BTreeMap, BTreeSet};

use super::{note, warning};
use crate::diagnostic::{Check, Diagnostic};
use crate::environment::{Environment, Path, Permission, Rate, granted_patterns};
use crate::grammar::value::duration::show as duration;
use crate::model::{Catalog, Grant, Granted, Identity, Name, OidcWho, ToolPattern};
use crate::source::Loc;

pub(crate) const REDUNDANT_GRANT: Check = warning(
    "GRA001",
    "redundant-grant",
    "a grant gives what a role gives already",
);
pub(crate) const WILDCARD_GRANT: Check = note(
    "GRA004",
    "wildcard-grant",
    "a pattern in a grant also reaches tools that are declared later",
);
pub(crate) const STRICTER_LIMIT_WINS: Check = note(
    "GRA019",
    "stricter-limit-wins",
    "two grants of one tool give different limits",
);
pub(crate) const GROUP_IDENTITY: Check = warning(
    "GRA020",
    "group-identity",
    "any program of a group's members can be the agent",
);

/// What a line gives to an agent, and the pairs that it gives.
type Given<'e> = BTreeMap<&'e Path, BTreeSet<&'e (Name, Name, Name)>>;

/// Tools that a role gives need no line of their own.
pub(crate) fn redundant_grant(
    catalog: &Catalog,
    environments: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    for environment in environments.values() {
        let grants = by_line(catalog, environment);
        let mut given = Given::new();
        for (pair, permission) in &environment.permissions {
            for path in permission.paths.iter().filter(|path| path.role.is_none()) {
                given.entry(path).or_default().insert(pair);
            }
        }
        for (direct, pairs) in given {
            let through = |pair: &&(Name, Name, Name)| {
                let permission = environment.permissions.get(*pair)?;
                permission
                    .paths
                    .iter()
                    .find(|role| role.role.is_some() && is_as_good(&grants, direct, role))
            };
            let all: Option<Vec<&Path>> = pairs.iter().map(through).collect();
            let Some(path) = all.and_then(|all| all.first().copied()) else {
                continue;
            };
            let Some((role, _)) = &path.role else {
                continue;
            };
            let finding = environment.finding(
                &REDUNDANT_GRANT,
                direct.grant,
                format!("role `{role}` gives this already"),
            );
            found.push(
                finding
                    .and(path.grant, "granted here")
                    .help("leave it out: it gives nothing more"),
            );
        }
    }
}

/// The grant that each role or pattern stands in.
fn by_line<'c>(catalog: &'c Catalog, environment: &Environment) -> BTreeMap<Loc, &'c Grant> {
    granted_patterns(catalog, environment.name())
        .map(|granted| (granted.given, granted.grant))
        .collect()
}

/// Whether nothing is lost without `direct`: the other lives as long, and no condition goes with it.
fn is_as_good(grants: &BTreeMap<Loc, &Grant>, direct: &Path, other: &Path) -> bool {
    let (Some(own), Some(other)) = (grants.get(&direct.grant), grants.get(&other.grant)) else {
        return false;
    };
    let lives = match (&own.until, &other.until) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(own), Some(other)) => other.value >= own.value,
    };
    let is_plain = own.limit.is_none()
        && own.timeout.is_none()
        && own.approvals.is_empty()
        && own.narrowings.is_empty();
    lives && (own.loc == other.loc || is_plain)
}

/// A pattern in an overlay is a decision about tools that do not exist yet.
pub(crate) fn wildcard_grant(
    catalog: &Catalog,
    environments: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    for environment in environments.values() {
        let mut reached: BTreeMap<Loc, usize> = BTreeMap::new();
        for permission in environment.permissions.values() {
            for path in &permission.paths {
                *reached.entry(path.grant).or_default() += 1;
            }
        }
        let overlays = catalog.overlays_of(environment.name()).iter();
        let grants = overlays.flat_map(|overlay| &overlay.grants);
        for what in grants.flat_map(|grant| &grant.what) {
            let Granted::Tools(pattern) = &what.value else {
                continue;
            };
            let (ToolPattern::Prefix(_), Some(count)) = (&pattern.tool, reached.get(&what.loc))
            else {
                continue;
            };
            let tools = if *count == 1 { "tool" } else { "tools" };
            let message = format!(
                "`{pattern}` reaches {count} {tools} now, and later ones that are declared and locked"
            );
            found.push(
                environment
                    .finding(&WILDCARD_GRANT, what.loc, message)
                    .help("name the tools, so that a new one needs a grant of its own"),
            );
        }
    }
}

/// Where two grants give one tool, the smaller limit holds.
pub(crate) fn stricter_limit_wins(
    catalog: &Catalog,
    environments: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    for environment in environments.values() {
        let grants = by_line(catalog, environment);
        let mut reported = BTreeSet::new();
        for ((agent, server, tool), permission) in &environment.permissions {
            let Some((strict, loose)) = strictest_and_loosest(&grants, permission) else {
                continue;
            };
            if !reported.insert((strict.1, loose.1)) {
                continue;
            }
            let Rate(calls, per) = strict.0;
            let message = format!(
                "`{agent}` is held to {calls} calls per {} of `{server}:{tool}` by another grant",
                duration(per)
            );
            found.push(
                environment
                    .finding(&STRICTER_LIMIT_WINS, loose.1, message)
                    .labelled("does not apply")
                    .and(strict.1, "the stricter limit applies"),
            );
        }
    }
}

fn strictest_and_loosest(
    grants: &BTreeMap<Loc, &Grant>,
    permission: &Permission,
) -> Option<((Rate, Loc), (Rate, Loc))> {
    let written = permission.paths.iter().filter_map(|path| {
        let rate = grants.get(&path.grant)?.limit.as_ref()?.rate.as_ref()?;
        Some((Rate(rate.value.0, rate.value.1), rate.loc))
    });
    let all: BTreeSet<(Rate, Loc)> = written.collect();
    let (strict, loose) = (all.first()?, all.last()?);
    loose.0.exceeds(strict.0).then_some((*strict, *loose))
}

/// Membership of a group says nothing about the program that calls.
pub(crate) fn group_identity(
    _: &Catalog,
    environments: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    let mut reported = BTreeSet::new();
    for environment in environments.values() {
        for (name, granted) in &environment.agents {
            let Some(identity) = &granted.agent.identity else {
                continue;
            };
            let Identity::Oidc {
                who: OidcWho::Group(group),
                client: None,
                ..
            } = &identity.value
            else {
                continue;
            };
            if reported.insert(identity.loc) {
                let message = format!(
                    "any program of a member of `{}` can be agent `{name}`",
                    group.value
                );
                found.push(
                    environment
                        .finding(&GROUP_IDENTITY, identity.loc, message)
                        .help("name the one program with `client=`"),
                );
            }
        }
    }
}
