//! ENV: what production has, compared with the environment before it.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::{error_in_prod, note};
use crate::diagnostic::{Check, Diagnostic};
use crate::environment::{Environment, Permission, Rate};
use crate::grammar::value::duration::show as duration;
use crate::model::{Catalog, Egress, Name, Tier};
use crate::source::Loc;

pub(crate) const NOT_PROMOTED: Check = error_in_prod(
    "ENV001",
    "not-promoted",
    "a grant of production was not tried before",
);
pub(crate) const VERSION_AHEAD: Check = error_in_prod(
    "ENV002",
    "version-ahead",
    "a revision in production was not tried before",
);
pub(crate) const WEAKER_APPROVAL: Check = error_in_prod(
    "ENV004",
    "weaker-approval",
    "the environment before asks for more approval",
);
pub(crate) const WIDER_EGRESS: Check = error_in_prod(
    "ENV005",
    "wider-egress",
    "a server may connect where it could not before",
);
pub(crate) const LOOSER_LIMIT: Check = note(
    "ENV010",
    "looser-limit",
    "the environment before holds a tool to a lower rate",
);

/// Each environment of tier prod with the one that comes before it.
fn promotions(
    environments: &BTreeMap<Name, Environment>,
) -> impl Iterator<Item = (&Environment, &Environment)> {
    let prod = environments.values();
    let prod = prod.filter(|environment| environment.target.tier == Tier::Prod);
    prod.filter_map(|environment| {
        let before = environment.target.after.as_ref()?;
        Some((environment, environments.get(&before.value)?))
    })
}

type Pair = (Name, Name, Name);

/// The permission of a pair, suspended or not.
fn permission<'e>(environment: &'e Environment, pair: &Pair) -> Option<&'e Permission> {
    let suspended = environment.suspended.get(pair);
    let suspended = suspended.map(|suspended| &suspended.permission);
    environment.permissions.get(pair).or(suspended)
}

/// A line of production that gives pairs of which something is wrong.
struct Wrong<'e, T> {
    line: Loc,
    /// The first pair.
    pair: &'e Pair,
    /// What is wrong with it.
    what: T,
    /// How many more pairs there are, in words.
    more: String,
}

/// Every line of production that gives pairs of which `wrong` says something, each pair under its first line.
fn lines<'e, T>(
    prod: &'e Environment,
    wrong: impl Fn(&'e Pair, &'e Permission) -> Option<T>,
) -> impl Iterator<Item = Wrong<'e, T>> {
    let mut lines: BTreeMap<Loc, (&Pair, T, usize)> = BTreeMap::new();
    for (pair, permission) in &prod.permissions {
        let Some(path) = permission.paths.first() else {
            continue;
        };
        if let Some(what) = wrong(pair, permission) {
            let (.., count) = lines.entry(path.grant).or_insert((pair, what, 0));
            *count += 1;
        }
    }
    lines.into_iter().map(|(line, (pair, what, count))| Wrong {
        line,
        pair,
        what,
        more: match count {
            1 => String::new(),
            several => format!(", and so for {} more", several - 1),
        },
    })
}

/// What production grants was granted before.
pub(crate) fn not_promoted(
    _: &Catalog,
    environments: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    for (prod, before) in promotions(environments) {
        let (here, there) = (prod.name(), before.name());
        // What cannot be resolved there is not missing; it is reported.
        let missing = lines(prod, |pair, _| {
            let known = permission(before, pair).is_some() || before.unresolved.contains(&pair.1);
            (!known).then_some(())
        });
        for Wrong {
            line,
            pair: (agent, server, tool),
            what: (),
            more,
        } in missing
        {
            let message =
                format!("`{agent}` may call `{server}:{tool}` in {here}, but not in {there}{more}");
            found.push(
                prod.finding(&NOT_PROMOTED, line, message)
                    .and(before.target.name.loc, format!("{here} comes after this"))
                    .help(format!("grant it in {there} first")),
            );
        }
    }
}

/// What production runs ran before.
pub(crate) fn version_ahead(
    _: &Catalog,
    environments: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    for (prod, before) in promotions(environments) {
        for (name, deployed) in &prod.servers {
            let Some(earlier) = before.servers.get(name) else {
                continue;
            };
            let (own, other) = (&deployed.revision, &earlier.revision);
            if compare(own, other) == Ordering::Greater {
                let (here, there) = (prod.name(), before.name());
                let message = format!("{here} runs `{name}` {own}, {there} runs {other}");
                found.push(
                    prod.finding(&VERSION_AHEAD, deployed.loc, message)
                        .and(earlier.loc, format!("{there} runs {other}"))
                        .help(format!("run {own} in {there} first")),
                );
            }
        }
    }
}

/// Compares revisions: numbers as numbers, the rest as text.
fn compare(one: &str, other: &str) -> Ordering {
    let parts = |text: &str| -> Vec<(u64, String)> {
        let parts = text.split(['.', '-', '_']);
        parts
            .map(|part| {
                let digits = part.trim_start_matches(|c: char| !c.is_ascii_digit());
                let number = digits.parse().unwrap_or(0);
                (number, part.to_owned())
            })
            .collect()
    };
    parts(one).cmp(&parts(other))
}

/// Production asks at least the persons who were asked before.
pub(crate) fn weaker_approval(
    _: &Catalog,
    environments: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    for (prod, before) in promotions(environments) {
        let (here, there) = (prod.name(), before.name());
        let weaker = lines(prod, |pair, own| {
            let earlier = permission(before, pair)?;
            earlier.approvals.iter().find(|asked| {
                let kept = own.approvals.iter();
                !kept
                    .filter(|kept| kept.group == asked.group)
                    .any(|kept| kept.quorum >= asked.quorum)
            })
        });
        for Wrong {
            line,
            pair: (agent, server, tool),
            what: asked,
            more,
        } in weaker
        {
            let message = format!(
                "{there} asks {} of `{}` before `{agent}` calls `{server}:{tool}`, {here} does not{more}",
                asked.quorum, asked.group
            );
            let mut finding = prod.finding(&WEAKER_APPROVAL, line, message);
            for place in &asked.places {
                finding = finding.and(*place, format!("asked for in {there}"));
            }
            found.push(finding.help(format!("write the same `approval` for {here}")));
        }
    }
}

/// Production reaches no host that was not reached before.
pub(crate) fn wider_egress(
    _: &Catalog,
    environments: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    for (prod, before) in promotions(environments) {
        for (name, deployed) in &prod.servers {
            let Some(earlier) = before.servers.get(name) else {
                continue;
            };
            let reached: BTreeSet<&Egress> = earlier
                .server
                .settings
                .egress
                .iter()
                .map(|egress| &egress.value)
                .collect();
            let new = deployed.server.settings.egress.iter();
            for egress in new.filter(|egress| !reached.contains(&egress.value)) {
                let (here, there) = (prod.name(), before.name());
                let message = format!(
                    "`{name}` may connect to `{}` in {here}, but not in {there}",
                    egress.value
                );
                found.push(
                    prod.finding(&WIDER_EGRESS, egress.loc, message)
                        .and(earlier.loc, format!("deployed in {there} here"))
                        .help(format!("let it connect there in {there} too, and try it")),
                );
            }
        }
    }
}

/// A higher rate in production was not tried.
pub(crate) fn looser_limit(
    _: &Catalog,
    environments: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    for (prod, before) in promotions(environments) {
        let (here, there) = (prod.name(), before.name());
        let looser = lines(prod, |pair, own| {
            let (calls, per) = permission(before, pair)?.limit.rate?;
            // A tool without any rate is what LIM006 says.
            let (own, window) = own.limit.rate?;
            let is_looser = Rate(own, window).exceeds(Rate(calls, per));
            is_looser.then_some(((own, window), (calls, per)))
        });
        for Wrong {
            line,
            pair: (agent, server, tool),
            what: (own, (calls, per)),
            more,
        } in looser
        {
            let message = format!(
                "`{agent}` may call `{server}:{tool}` {} times per {} in {here}, {calls} times per {} in {there}{more}",
                own.0,
                duration(own.1),
                duration(per)
            );
            found.push(prod.finding(&LOOSER_LIMIT, line, message));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn revisions_compare_by_their_numbers() {
        for (earlier, later) in [
            ("2.3.0", "2.10.0"),
            ("1.9", "1.9.1"),
            ("v1", "v2"),
            ("2026-09-30", "2026-10-01"),
        ] {
            assert_eq!(compare(later, earlier), Ordering::Greater, "{later}");
            assert_eq!(compare(earlier, later), Ordering::Less, "{earlier}");
            assert_eq!(compare(later, later), Ordering::Equal);
        }
    }
}
