//! The resolver and the second evaluator agree on random catalogs, and would not if either were wrong.

use std::cell::RefCell;
use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::random::{Spec, spec};
use super::reference::{Expected, evaluate};
use super::render::files;
use crate::environment::{Environment, Permission};
use crate::model::Name;

const CASES: u32 = 10_000;

/// What the resolver says, in the terms of the second evaluator.
fn seen(environment: &Environment) -> BTreeMap<(String, String, String), Expected> {
    let callable = environment.permissions.iter();
    let callable = callable.map(|(pair, permission)| (pair, permission, false));
    let suspended = environment.suspended.iter();
    let suspended = suspended.map(|(pair, suspended)| (pair, &suspended.permission, true));
    callable
        .chain(suspended)
        .map(|((agent, server, tool), permission, suspended)| {
            let Permission {
                limit,
                max_args,
                max_result,
                timeout,
                until,
                approvals,
                retry,
                ..
            } = permission;
            let seen = Expected {
                calls_per_day: limit
                    .rate
                    .map(|(calls, per)| u64::from(calls) * (86_400_000 / per)),
                burst: limit.burst,
                concurrent: limit.concurrent.unwrap_or(0),
                max_args: *max_args,
                max_result: *max_result,
                timeout: *timeout,
                until: until.clone(),
                approvals: approvals
                    .iter()
                    .map(|one| (one.group.to_string(), (one.quorum, one.ttl)))
                    .collect(),
                retry: retry.map_or(0, |retry| retry.tries),
                suspended,
            };
            (
                (agent.to_string(), server.to_string(), tool.to_string()),
                seen,
            )
        })
        .collect()
}

fn agrees(spec: &Spec, index: usize, environment: &Environment) -> bool {
    evaluate(spec, index) == seen(environment)
}

/// Runs `case` on the same catalogs every time.
fn on_random_catalogs(cases: u32, mut case: impl FnMut(&Spec, usize, &Environment)) {
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::XorShift);
    let case = RefCell::new(&mut case);
    TestRunner::new_with_rng(config, rng)
        .run(&spec(), |spec| {
            let (_, environments, found) = files(&spec).resolved();
            prop_assert_eq!(found, Vec::new());
            for (index, environment) in environments.values().enumerate() {
                case.borrow_mut()(&spec, index, environment);
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn the_resolver_agrees_with_a_second_evaluator() {
    let mut pairs = 0;
    on_random_catalogs(CASES, |spec, index, environment| {
        assert_eq!(
            evaluate(spec, index),
            seen(environment),
            "{}",
            files(spec).0["catalogs/org.kdl"]
        );
        pairs += environment.permissions.len() + environment.suspended.len();
    });
    // Else the agreement would be about nothing.
    assert!(
        pairs > 3 * usize::try_from(CASES).unwrap(),
        "only {pairs} pairs"
    );
}

/// Changes one thing of a permission; says whether there was something to change.
type Mutation = fn(&mut Permission) -> bool;

#[test]
fn the_second_evaluator_sees_every_change_of_a_result() {
    const MUTATIONS: [Mutation; 12] = [
        |permission| {
            permission.limit.rate.as_mut().is_some_and(|rate| {
                rate.0 += 1;
                true
            })
        },
        |permission| permission.limit.rate.take().is_some(),
        |permission| {
            permission.limit.burst.as_mut().is_some_and(|burst| {
                *burst += 1;
                true
            })
        },
        |permission| {
            permission.limit.concurrent.as_mut().is_some_and(|most| {
                *most += 1;
                true
            })
        },
        |permission| {
            permission.max_args += 1;
            true
        },
        |permission| {
            permission.max_result += 1;
            true
        },
        |permission| {
            permission.timeout += 1;
            true
        },
        |permission| permission.until.take().is_some(),
        |permission| permission.approvals.pop().is_some(),
        |permission| {
            permission.approvals.first_mut().is_some_and(|approval| {
                approval.quorum += 1;
                true
            })
        },
        |permission| {
            permission.approvals.first_mut().is_some_and(|approval| {
                approval.ttl += 1;
                true
            })
        },
        |permission| {
            permission.retry.as_mut().is_some_and(|retry| {
                retry.tries += 1;
                true
            })
        },
    ];
    let mut tried = [0; MUTATIONS.len() + 3];
    on_random_catalogs(400, |spec, index, environment| {
        let Some((pair, permission)) = environment.permissions.first_key_value() else {
            return;
        };
        for (mutate, tried) in MUTATIONS.iter().zip(&mut tried) {
            let mut changed = environment.clone();
            if mutate(changed.permissions.get_mut(pair).unwrap()) {
                *tried += 1;
                assert!(!agrees(spec, index, &changed));
            }
        }
        let [.., removed, added, resumed] = &mut tried;
        let mut changed = environment.clone();
        changed.permissions.remove(pair);
        *removed += 1;
        assert!(!agrees(spec, index, &changed));
        let mut changed = environment.clone();
        if let Some((pair, suspended)) = changed.suspended.pop_first() {
            changed.permissions.insert(pair, suspended.permission);
            *resumed += 1;
            assert!(!agrees(spec, index, &changed));
        }
        let (agent, server, tool) = pair;
        let other = Name::trusted(if &**tool == "put_a" { "get_a" } else { "put_a" });
        let new = (agent.clone(), server.clone(), other);
        let is_suspended = environment.suspended.contains_key(&new);
        if !environment.permissions.contains_key(&new) && !is_suspended {
            changed.clone_from(environment);
            changed.permissions.insert(new, permission.clone());
            *added += 1;
            assert!(!agrees(spec, index, &changed));
        }
    });
    assert!(tried.iter().all(|tried| *tried >= 20), "{tried:?}");
}
