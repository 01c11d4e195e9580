//! LIM: tries, bursts and approvals that do not mean what they say.

use std::collections::{BTreeMap, BTreeSet};

use super::{error, error_in_prod, warning};
use crate::diagnostic::{Check, Diagnostic};
use crate::environment::{Environment, Permission, ResolvedRetry, is_repeat_safe};
use crate::grammar::value::duration::show as duration;
use crate::model::{Approval, Catalog, Change, Limit, Name};

pub(crate) const ODD_BURST: Check = warning(
    "LIM003",
    "odd-burst",
    "a burst is larger than ten times the rate",
);
pub(crate) const UNSAFE_RETRY: Check = error(
    "LIM004",
    "unsafe-retry",
    "a tool that must not be called twice is tried again",
);
pub(crate) const DEADLINE_EXCEEDED: Check = warning(
    "LIM005",
    "deadline-exceeded",
    "the pauses between tries do not fit into the deadline",
);
pub(crate) const NO_LIMIT: Check = error_in_prod("LIM006", "no-limit", "no rate limit applies");
pub(crate) const LONG_APPROVAL: Check = warning(
    "LIM009",
    "long-approval",
    "an approval outlives what it was given for",
);

/// Calls in a burst for each call of the rate, at most.
const MOST_BURST: u32 = 10;

/// Longest sensible wait for an approval, milliseconds.
const LONGEST_WAIT: u64 = 30 * 60_000;

/// A bucket that holds many windows of its rate limits nothing for long.
pub(crate) fn odd_burst(
    catalog: &Catalog,
    _: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    for limit in limits(catalog) {
        let (Some(rate), Some(burst)) = (&limit.rate, &limit.burst) else {
            continue;
        };
        let (calls, per) = rate.value;
        if burst.value > calls.saturating_mul(MOST_BURST) {
            let message = format!(
                "a burst of {} is larger than ten times {calls} calls per {}",
                burst.value,
                duration(per)
            );
            found.push(
                ODD_BURST
                    .at(burst.loc, message)
                    .and(rate.loc, "the rate")
                    .help("write a smaller `burst`, or a rate that means what is wanted"),
            );
        }
    }
}

/// Every `limit` node of a catalog.
fn limits(catalog: &Catalog) -> impl Iterator<Item = &Limit> {
    let environments = catalog.environments.values();
    let servers = catalog.servers.values().flat_map(|server| {
        let own = [&server.settings.limit, &server.tool_defaults.limit];
        let tools = server.tools.values().map(|tool| &tool.settings.limit);
        own.into_iter().chain(tools)
    });
    let overlays = catalog.overlays().iter().flat_map(|overlay| {
        let grants = overlay.grants.iter().map(|grant| &grant.limit);
        let patches = overlay.patches.iter().map(|patch| match &patch.change {
            Change::Server(_, settings) => &settings.limit,
            Change::Agent(_, settings) => &settings.limit,
            Change::Tool(_, settings) => &settings.limit,
        });
        grants.chain(patches)
    });
    environments
        .map(|environment| &environment.limit)
        .chain(servers)
        .chain(catalog.roles.values().map(|role| &role.limit))
        .chain(catalog.agents.values().map(|agent| &agent.limit))
        .chain(overlays)
        .flatten()
}

/// What does harm twice is not tried twice.
pub(crate) fn unsafe_retry(
    catalog: &Catalog,
    _: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    let defined = catalog.servers.values().flat_map(|server| {
        let tools = server.tools.values();
        tools.map(move |tool| (server, tool, tool.settings.retry.as_ref()))
    });
    let patches = catalog
        .overlays()
        .iter()
        .flat_map(|overlay| &overlay.patches);
    let patched = patches.filter_map(|patch| {
        let Change::Tool(subject, settings) = &patch.change else {
            return None;
        };
        let (server, tool) = &subject.value;
        let server = catalog.servers.get(server)?;
        Some((server, server.tools.get(tool)?, settings.retry.as_ref()))
    });
    for (server, tool, retry) in defined.chain(patched) {
        let retry = retry.filter(|retry| retry.tries.value > 0);
        let (Some(retry), false) = (retry, is_repeat_safe(server, tool)) else {
            continue;
        };
        let message = format!(
            "`{}` is not `repeat=safe`: a second call may do its work twice",
            tool.name.value
        );
        found.push(
            UNSAFE_RETRY
                .at(retry.loc, message)
                .and(tool.name.loc, "the tool")
                .help("leave `retry` out, or write `repeat=safe` if a second call does no harm"),
        );
    }
}

/// All tries and the pauses between them are inside one deadline.
pub(crate) fn deadline_exceeded(
    _: &Catalog,
    environments: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    let mut reported = BTreeSet::new();
    for environment in environments.values() {
        for ((_, server, tool), permission) in &environment.permissions {
            let Some(retry) = permission.retry else {
                continue;
            };
            let pauses = pauses(retry);
            if pauses < permission.timeout || !reported.insert(retry.loc) {
                continue;
            }
            let message = format!(
                "{} tries of `{server}:{tool}` with pauses of up to {} do not fit into its deadline of {}",
                retry.tries,
                duration(pauses),
                duration(permission.timeout)
            );
            found.push(
                environment
                    .finding(&DEADLINE_EXCEEDED, retry.loc, message)
                    .help("write fewer tries, a shorter `backoff` or `max-backoff`, or a longer `timeout`"),
            );
        }
    }
}

/// The longest pauses of all tries together, each twice the one before.
fn pauses(retry: ResolvedRetry) -> u64 {
    let pauses = (0..retry.tries).map(|before| {
        let factor = 1_u64.checked_shl(before).unwrap_or(u64::MAX);
        retry.backoff.saturating_mul(factor).min(retry.max_backoff)
    });
    pauses.fold(0, u64::saturating_add)
}

/// In a cluster somebody else shares what an agent may use up.
pub(crate) fn no_limit(
    _: &Catalog,
    environments: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    for environment in environments.values().filter(|one| one.is_cluster()) {
        let mut unlimited = environment
            .permissions
            .iter()
            .filter(|(pair, permission)| !is_limited(environment, &pair.0, &pair.1, permission));
        let Some(((agent, server, tool), _)) = unlimited.next() else {
            continue;
        };
        let more = match unlimited.count() {
            0 => String::new(),
            more => format!(", nor to {more} more"),
        };
        let name = environment.name();
        let message = format!(
            "no rate limit applies to calls of `{server}:{tool}` by `{agent}` in {name}{more}"
        );
        found.push(
            environment
                .finding(&NO_LIMIT, environment.target.name.loc, message)
                .help(
                    "write a `limit` in the environment: it is the default and the ceiling of all",
                ),
        );
    }
}

fn is_limited(
    environment: &Environment,
    agent: &Name,
    server: &Name,
    permission: &Permission,
) -> bool {
    let agent = environment.agents.get(agent).map(|agent| &agent.limit);
    let server = environment.servers.get(server).map(|server| &server.limit);
    let counters = [Some(&permission.limit), agent, server];
    let mut counters = counters.into_iter().flatten();
    counters.any(|counter| counter.rate.is_some())
}

/// A person approves what is asked now, not what will be in an hour.
pub(crate) fn long_approval(
    catalog: &Catalog,
    _: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    for approval in approvals(catalog) {
        let long = approval.ttl.as_ref().filter(|ttl| ttl.value > LONGEST_WAIT);
        if let Some(ttl) = long {
            let message = format!(
                "an approval that is good for {} outlives what it was given for",
                duration(ttl.value)
            );
            found.push(
                LONG_APPROVAL
                    .at(ttl.loc, message)
                    .help(format!("write at most {}", duration(LONGEST_WAIT))),
            );
        }
    }
}

/// Every `approval` node of a catalog.
fn approvals(catalog: &Catalog) -> impl Iterator<Item = &Approval> {
    let environments = catalog.environments.values();
    let tools = catalog
        .servers
        .values()
        .flat_map(|server| server.tools.values());
    let overlays = catalog.overlays().iter().flat_map(|overlay| {
        let grants = overlay.grants.iter().map(|grant| &grant.approvals);
        let patches = overlay.patches.iter();
        let patches = patches.filter_map(|patch| match &patch.change {
            Change::Tool(_, settings) => Some(&settings.approvals),
            Change::Server(..) | Change::Agent(..) => None,
        });
        grants.chain(patches)
    });
    environments
        .map(|environment| &environment.approvals)
        .chain(tools.map(|tool| &tool.settings.approvals))
        .chain(catalog.roles.values().map(|role| &role.approvals))
        .chain(overlays)
        .flatten()
}
