//! LIM: limits and time.

use std::collections::BTreeMap;

use super::error;
use crate::diagnostic::{Check, Diagnostic};
use crate::environment::{Bearer, Bounds, Constraint, Environment, Rate, Setting};
use crate::grammar::value::duration::show as duration;
use crate::grammar::value::size::show as size;
use crate::model::{Catalog, Name, Target};
use crate::source::Loc;

pub(crate) const NOT_POSITIVE: Check =
    error("LIM002", "not-positive", "a limit must be at least 1");
pub(crate) const OVER_CEILING: Check = error(
    "LIM001",
    "over-ceiling",
    "a written limit or timeout is above what the environment writes",
);

/// What an environment writes is a ceiling for every written value that takes part in it.
pub(crate) fn over_ceiling(
    _: &Catalog,
    environments: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    for environment in environments.values() {
        for constraint in &environment.constraints {
            if let Some((ceiling, place)) = ceiling(&environment.target, constraint) {
                found.push(over(environment, constraint, &ceiling, place));
            }
        }
    }
}

/// The ceiling that a value is above, and where it is written.
fn ceiling(target: &Target, constraint: &Constraint) -> Option<(String, Loc)> {
    let limit = target.limit.as_ref();
    let bounds = Bounds::of(limit, target.timeout.as_ref());
    let pair = match constraint.on {
        Bearer::Environment => return None,
        // Their counters count something else; their sizes are of one call.
        Bearer::Server | Bearer::Agent => false,
        Bearer::ToolDefaults | Bearer::Tool | Bearer::Role | Bearer::Grant => true,
    };
    let rate_loc = limit
        .and_then(|limit| limit.rate.as_ref())
        .map(|rate| rate.loc);
    match constraint.setting {
        Setting::Rate(calls, per) => {
            let most = bounds
                .rate
                .filter(|most| pair && Rate(calls, per).exceeds(*most))?;
            Some((rate(most.0, most.1), rate_loc?))
        }
        Setting::Burst(burst) => {
            let most = bounds.burst.filter(|most| pair && burst > *most)?;
            let written = limit
                .and_then(|limit| limit.burst.as_ref())
                .map(|burst| burst.loc);
            Some((most.to_string(), written.or(rate_loc)?))
        }
        Setting::Concurrent(concurrent) => {
            let most = limit?.concurrent.as_ref()?;
            (pair && concurrent > most.value).then(|| (most.value.to_string(), most.loc))
        }
        Setting::MaxArgs(bytes) => {
            let most = limit?.max_args.as_ref()?;
            (bytes > most.value).then(|| (size(most.value), most.loc))
        }
        Setting::MaxResult(bytes) => {
            let most = limit?.max_result.as_ref()?;
            (bytes > most.value).then(|| (size(most.value), most.loc))
        }
        Setting::Timeout(time) => {
            let most = target.timeout.as_ref()?;
            (time > most.value).then(|| (duration(most.value), most.loc))
        }
    }
}

fn over(
    environment: &Environment,
    constraint: &Constraint,
    ceiling: &str,
    place: Loc,
) -> Diagnostic {
    let value = match constraint.setting {
        Setting::Rate(calls, per) => rate(calls, per),
        Setting::Burst(burst) => format!("`burst={burst}`"),
        Setting::Concurrent(concurrent) => format!("`concurrent={concurrent}`"),
        Setting::MaxArgs(bytes) => format!("`max-args` of {}", size(bytes)),
        Setting::MaxResult(bytes) => format!("`max-result` of {}", size(bytes)),
        Setting::Timeout(time) => format!("a timeout of {}", duration(time)),
    };
    let name = environment.name();
    environment
        .finding(
            &OVER_CEILING,
            constraint.loc,
            format!("{value} is above the {name} ceiling of {ceiling}"),
        )
        .labelled(format!("takes part in {name}"))
        .and(place, "the ceiling")
        .help(format!("write at most {ceiling}, or patch it for {name}"))
}

fn rate(calls: u32, per: u64) -> String {
    format!("{calls} per {}", duration(per))
}
