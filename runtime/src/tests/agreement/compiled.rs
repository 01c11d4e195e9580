//! What the compiler makes of a universe, in the terms of the evaluator.

use std::collections::{BTreeMap, BTreeSet};

use bailiwick_compiler::environment::{Environment, Permission, ResolvedLimit};
use bailiwick_compiler::model::Name;

use super::answer::{Field, Numbers, Pair, Place};
use super::universe::{DAY, TOOLS};

/// The pairs of a resolved environment, suspended ones among them.
pub(super) fn pairs(at: usize, environment: &Environment) -> BTreeMap<Place, Pair> {
    let callable = environment.permissions.iter();
    let callable = callable.map(|(key, permission)| (key, permission, false));
    let suspended = environment.suspended.iter();
    let suspended = suspended.map(|(key, suspended)| (key, &suspended.permission, true));
    callable
        .chain(suspended)
        .map(|(key, permission, is_suspended)| {
            let pair = Pair {
                is_suspended,
                ..pair(permission)
            };
            (place(at, key), pair)
        })
        .collect()
}

/// What its shadow grants would give.
pub(super) fn shadows(at: usize, environment: &Environment) -> BTreeSet<Place> {
    let keys = environment.shadows.keys();
    keys.map(|key| place(at, key)).collect()
}

/// What an agent or a server counts.
pub(super) fn counter(limit: &ResolvedLimit) -> Numbers {
    let numbers = [
        (
            Field::CallsPerDay,
            limit
                .rate
                .map(|(calls, per)| u64::from(calls) * (DAY / per)),
        ),
        (Field::Burst, limit.burst.map(u64::from)),
        (Field::Concurrent, limit.concurrent.map(u64::from)),
    ];
    let written = numbers.into_iter();
    written
        .filter_map(|(field, number)| Some((field, number?)))
        .collect()
}

fn pair(permission: &Permission) -> Pair {
    let mut numbers = counter(&permission.limit);
    numbers.extend([
        (Field::MaxArgs, permission.max_args),
        (Field::MaxResult, permission.max_result),
        (Field::Timeout, permission.timeout),
    ]);
    let approvals = permission.approvals.iter().map(|one| {
        let both = (u64::from(one.quorum), one.ttl / 60_000);
        (number(&one.group), both)
    });
    Pair {
        numbers,
        until: permission.until.clone(),
        approvals: approvals.collect(),
        tries: permission.retry.map_or(0, |retry| u64::from(retry.tries)),
        is_suspended: false,
    }
}

fn place(environment: usize, (agent, server, tool): &(Name, Name, Name)) -> Place {
    Place {
        environment,
        agent: number(agent),
        server: number(server),
        tool: TOOLS.iter().position(|name| **name == **tool).unwrap(),
    }
}

/// The number in a name such as `a1`.
pub(super) fn number(name: &str) -> usize {
    name.trim_start_matches(char::is_alphabetic)
        .parse()
        .unwrap()
}
