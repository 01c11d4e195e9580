//! GRA: grants that say less, or give more, than they seem to.

use std::collections::{BTreeMap, BTreeSet};

use super::{note, warning};
use crate::diagnostic::{Check, Diagnostic};
use crate::environment::{Environment, Path, Permission, Rate, granted_patterns};
use crate::grammar::value::duration::show as duration;
use crate::model::{Catalog, Grant, Granted, Identity, Name, OidcWho, Pattern, ToolPattern};
use crate::source::Loc;

pub(crate) const REDUNDANT_GRANT: Check = warning(
    "GRA001",
    "redundant-grant",
    "a grant gives what a role or another line gives already",
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

/// What a line or a role gives needs no further line.
pub(crate) fn redundant_grant(
    catalog: &Catalog,
    environments: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    for environment in environments.values() {
        let mut repeated: BTreeSet<Loc> = BTreeSet::new();
        for (again, other, message) in granted_twice(catalog, environment.name()) {
            repeated.insert(again);
            let finding = environment.finding(&REDUNDANT_GRANT, again, message);
            found.push(
                finding
                    .and(other, "granted here too")
                    .help("leave it out: it gives nothing more"),
            );
        }
        let permissions = || environment.permissions.values();
        let is_twice = |permission: &Permission| {
            let mut paths = permission.paths.iter();
            let through_role = paths.clone().any(|path| path.role.is_some());
            through_role && paths.any(|path| path.role.is_none())
        };
        if !permissions().any(is_twice) {
            continue;
        }
        let grants = by_line(catalog, environment);
        // For each line the role that gives its first tool as well; none when one of its tools needs the line.
        let mut given: BTreeMap<&Path, Option<&Path>> = BTreeMap::new();
        for permission in permissions() {
            let of_roles = || permission.paths.iter().filter(|path| path.role.is_some());
            for direct in permission.paths.iter().filter(|path| path.role.is_none()) {
                let other = of_roles().find(|role| is_as_good(&grants, direct, role));
                let first = given.entry(direct).or_insert(other);
                *first = first.filter(|_| other.is_some());
            }
        }
        for (direct, path) in given {
            if repeated.contains(&direct.grant) {
                continue;
            }
            let Some((path, (role, _))) = path.and_then(|path| Some((path, path.role.as_ref()?)))
            else {
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

/// What is granted to one agent more than once: the place that gives nothing more, the other one, and what to say.
fn granted_twice(catalog: &Catalog, environment: &Name) -> Vec<(Loc, Loc, String)> {
    let overlays = catalog.overlays_of(environment).iter();
    let grants = overlays.flat_map(|overlay| &overlay.grants);
    let mut first: BTreeMap<(&Name, bool, &Granted), (&Grant, Loc)> = BTreeMap::new();
    let mut twice = Vec::new();
    for grant in grants {
        for what in &grant.what {
            let key = (&grant.agent.value, grant.shadow.is_some(), &what.value);
            let own = (grant, what.loc);
            let Some(other) = first.insert(key, own) else {
                continue;
            };
            let message = || {
                let agent = &grant.agent.value;
                match &what.value {
                    Granted::Role(role) => format!("role `{role}` is granted to `{agent}` twice"),
                    Granted::Tools(pattern) => format!("`{pattern}` is granted to `{agent}` twice"),
                }
            };
            if gives_no_more(grant, other.0) {
                first.insert(key, other);
                twice.push((own.1, other.1, message()));
            } else if gives_no_more(other.0, grant) {
                twice.push((other.1, own.1, message()));
            }
        }
    }
    twice
}

/// The grant that each role or pattern stands in.
fn by_line<'c>(catalog: &'c Catalog, environment: &Environment) -> BTreeMap<Loc, &'c Grant> {
    granted_patterns(catalog, environment.name())
        .map(|granted| (granted.given, granted.grant))
        .collect()
}

/// Whether nothing is lost without `direct`: the other lives as long, and no condition goes with it.
fn is_as_good(grants: &BTreeMap<Loc, &Grant>, direct: &Path, other: &Path) -> bool {
    match (grants.get(&direct.grant), grants.get(&other.grant)) {
        (Some(own), Some(other)) => gives_no_more(own, other),
        _ => false,
    }
}

/// Whether what both give is as well given by the other alone.
fn gives_no_more(own: &Grant, other: &Grant) -> bool {
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
        let overlays = catalog.overlays_of(environment.name()).iter();
        let grants = overlays.flat_map(|overlay| &overlay.grants);
        let mut patterns: BTreeMap<Loc, (&Pattern, usize)> = BTreeMap::new();
        for what in grants.flat_map(|grant| &grant.what) {
            if let Granted::Tools(pattern) = &what.value
                && matches!(pattern.tool, ToolPattern::Prefix(_))
            {
                patterns.insert(what.loc, (pattern, 0));
            }
        }
        if patterns.is_empty() {
            continue;
        }
        for permission in environment.permissions.values() {
            for path in &permission.paths {
                if let Some((_, count)) = patterns.get_mut(&path.grant) {
                    *count += 1;
                }
            }
        }
        let reached = patterns.into_iter().filter(|(_, (_, count))| *count > 0);
        for (loc, (pattern, count)) in reached {
            let tools = if count == 1 { "tool" } else { "tools" };
            let message = format!(
                "`{pattern}` reaches {count} {tools} now, and later ones that are declared and locked"
            );
            found.push(
                environment
                    .finding(&WILDCARD_GRANT, loc, message)
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
        // Most tools are given once.
        let permissions = environment.permissions.iter();
        let mut several = permissions
            .filter(|(_, permission)| permission.paths.len() > 1)
            .peekable();
        if several.peek().is_none() {
            continue;
        }
        let grants = by_line(catalog, environment);
        let mut reported = BTreeSet::new();
        for ((agent, server, tool), permission) in several {
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
