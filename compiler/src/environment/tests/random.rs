//! Random small catalogs.

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

const AGENTS: usize = 3;
const SERVERS: usize = 2;
const ROLES: usize = 2;
pub(super) const GROUPS: usize = 2;
pub(super) const TOOLS: [&str; 4] = ["get_a", "get_b", "getter", "put_a"];

#[derive(Clone, Debug, Default)]
pub(super) struct Limits {
    /// Calls, milliseconds.
    pub(super) rate: Option<(u32, u64)>,
    pub(super) burst: Option<u32>,
    pub(super) concurrent: Option<u32>,
    pub(super) max_args: Option<u64>,
    pub(super) max_result: Option<u64>,
}

#[derive(Clone, Debug)]
pub(super) struct Pattern {
    pub(super) server: usize,
    /// A name, or the start of one and `*`.
    pub(super) tool: String,
}

/// Who approves.
#[derive(Clone, Debug)]
pub(super) struct ApprovalSpec {
    pub(super) group: usize,
    pub(super) quorum: Option<u32>,
    /// Minutes.
    pub(super) ttl: Option<u64>,
    /// On an environment: also for what writes.
    pub(super) write: bool,
}

/// What is suspended.
#[derive(Clone, Debug)]
pub(super) enum SuspendSpec {
    Agent(usize),
    Server(usize),
    Tool(usize, usize),
}

#[derive(Clone, Debug)]
pub(super) struct ToolSpec {
    pub(super) effect: Option<&'static str>,
    pub(super) repeat: Option<&'static str>,
    pub(super) retry: Option<u32>,
    pub(super) approvals: Vec<ApprovalSpec>,
    pub(super) name: String,
    pub(super) locked: bool,
    pub(super) limit: Limits,
    pub(super) timeout: Option<u64>,
}

#[derive(Clone, Debug)]
pub(super) struct ServerSpec {
    pub(super) retry: Option<u32>,
    pub(super) limit: Limits,
    pub(super) timeout: Option<u64>,
    pub(super) defaults: Limits,
    pub(super) tools: Vec<ToolSpec>,
}

#[derive(Clone, Debug)]
pub(super) struct RoleSpec {
    pub(super) allow: Vec<Pattern>,
    pub(super) approvals: Vec<ApprovalSpec>,
    pub(super) limit: Limits,
    pub(super) timeout: Option<u64>,
}

#[derive(Clone, Debug)]
pub(super) struct GrantSpec {
    pub(super) agent: usize,
    pub(super) roles: Vec<usize>,
    pub(super) tools: Vec<Pattern>,
    pub(super) until: Option<String>,
    pub(super) shadow: bool,
    pub(super) approvals: Vec<ApprovalSpec>,
    pub(super) limit: Limits,
    pub(super) timeout: Option<u64>,
}

pub(super) type LimitAndTimeout = (Option<Limits>, Option<u64>);

#[derive(Clone, Debug)]
pub(super) struct EnvironmentSpec {
    pub(super) limit: Limits,
    pub(super) timeout: Option<u64>,
    pub(super) deployed: Vec<usize>,
    pub(super) grants: Vec<GrantSpec>,
    pub(super) approvals: Vec<ApprovalSpec>,
    pub(super) suspended: Vec<SuspendSpec>,
    pub(super) patched_approvals: BTreeMap<(usize, usize), ApprovalSpec>,
    pub(super) patched_servers: BTreeMap<usize, LimitAndTimeout>,
    pub(super) patched_tools: BTreeMap<(usize, usize), LimitAndTimeout>,
    pub(super) patched_agents: BTreeMap<usize, Limits>,
}

#[derive(Clone, Debug)]
pub(super) struct Spec {
    pub(super) environments: Vec<EnvironmentSpec>,
    pub(super) servers: Vec<ServerSpec>,
    pub(super) roles: Vec<RoleSpec>,
    pub(super) agents: Vec<Limits>,
}

fn limits() -> impl Strategy<Value = Limits> {
    let rate = (
        1..9_u32,
        select(vec![1_000, 60_000, 3_600_000, 86_400_000_u64]),
    );
    let sizes = || option::of(1..=192_u64);
    (
        option::of(rate),
        option::of(1..9_u32),
        option::of(1..20_u32),
        sizes(),
        sizes(),
    )
        .prop_map(|(rate, burst, concurrent, max_args, max_result)| Limits {
            burst: rate.and(burst),
            rate,
            concurrent,
            max_args: max_args.map(|kib| kib * 1024),
            max_result: max_result.map(|kib| kib * 1024),
        })
}

/// Mostly unwritten, as in real catalogs.
fn maybe_limits() -> impl Strategy<Value = Limits> {
    option::weighted(0.4, limits()).prop_map(Option::unwrap_or_default)
}

fn timeout() -> impl Strategy<Value = Option<u64>> {
    option::weighted(0.4, (1..60_u64).prop_map(|seconds| seconds * 1000))
}

fn approval() -> impl Strategy<Value = ApprovalSpec> {
    (
        0..GROUPS,
        option::of(1..=5_u32),
        option::of(1..=60_u64),
        any::<bool>(),
    )
        .prop_map(|(group, quorum, ttl, write)| ApprovalSpec {
            group,
            quorum,
            ttl,
            write,
        })
}

/// Mostly none.
fn approvals() -> impl Strategy<Value = Vec<ApprovalSpec>> {
    prop_oneof![3 => Just(Vec::new()), 1 => vec(approval(), 1..3)]
}

fn suspended() -> impl Strategy<Value = SuspendSpec> {
    prop_oneof![
        (0..AGENTS).prop_map(SuspendSpec::Agent),
        (0..SERVERS).prop_map(SuspendSpec::Server),
        (0..SERVERS, 0..TOOLS.len()).prop_map(|(server, tool)| SuspendSpec::Tool(server, tool)),
    ]
}

fn pattern() -> impl Strategy<Value = Pattern> {
    let tool = select(vec![
        "get_a", "get_b", "getter", "put_a", "get_*", "get*", "put_*", "*",
    ]);
    (0..SERVERS, tool).prop_map(|(server, tool)| Pattern {
        server,
        tool: tool.to_owned(),
    })
}

fn server() -> impl Strategy<Value = ServerSpec> {
    let tool = (
        any::<bool>(),
        maybe_limits(),
        timeout(),
        option::of(select(vec!["read", "write", "destructive"])),
        option::weighted(0.3, select(vec!["safe", "unsafe"])),
        option::weighted(0.3, 0..=5_u32),
        approvals(),
    );
    (
        option::weighted(0.3, 0..=5_u32),
        maybe_limits(),
        timeout(),
        maybe_limits(),
        vec(tool, TOOLS.len()),
    )
        .prop_map(|(retry, limit, timeout, defaults, tools)| ServerSpec {
            retry,
            limit,
            timeout,
            defaults,
            tools: tools
                .into_iter()
                .zip(TOOLS)
                .map(|(tool, name)| {
                    let (locked, limit, timeout, effect, repeat, retry, approvals) = tool;
                    ToolSpec {
                        effect,
                        repeat,
                        retry,
                        approvals,
                        name: name.to_owned(),
                        locked,
                        limit,
                        timeout,
                    }
                })
                .collect(),
        })
}

fn role() -> impl Strategy<Value = RoleSpec> {
    (vec(pattern(), 1..3), maybe_limits(), timeout(), approvals()).prop_map(
        |(allow, limit, timeout, approvals)| RoleSpec {
            allow,
            approvals,
            limit,
            timeout,
        },
    )
}

fn grant() -> impl Strategy<Value = GrantSpec> {
    let days = select(vec!["2026-01-31", "2026-12-01", "2027-02-28"]);
    let roles = subsequence((0..ROLES).collect::<Vec<_>>(), 0..=ROLES);
    (
        0..AGENTS,
        roles,
        vec(pattern(), 1..3),
        option::of(days),
        maybe_limits(),
        timeout(),
        prop::bool::weighted(0.1),
        approvals(),
    )
        .prop_map(
            |(agent, roles, tools, until, limit, timeout, shadow, approvals)| GrantSpec {
                shadow,
                approvals,
                agent,
                roles,
                tools,
                until: until.map(ToOwned::to_owned),
                limit,
                timeout,
            },
        )
}

fn environment() -> impl Strategy<Value = EnvironmentSpec> {
    let patch = || {
        let written = (option::of(limits()), timeout());
        written.prop_filter("a patch writes something", |(limit, timeout)| {
            limit.as_ref().is_some_and(is_written) || timeout.is_some()
        })
    };
    let agent_patch = limits().prop_filter("a patch writes something", is_written);
    (
        (
            maybe_limits(),
            timeout(),
            subsequence((0..SERVERS).collect::<Vec<_>>(), 0..=SERVERS),
        ),
        vec(grant(), 0..7),
        btree_map(0..SERVERS, patch(), 0..2),
        btree_map((0..SERVERS, 0..TOOLS.len()), patch(), 0..3),
        btree_map(0..AGENTS, agent_patch, 0..2),
        approvals(),
        prop_oneof![3 => Just(Vec::new()), 1 => vec(suspended(), 1..3)],
        btree_map((0..SERVERS, 0..TOOLS.len()), approval(), 0..2),
    )
        .prop_map(
            |(
                (limit, timeout, deployed),
                grants,
                servers,
                tools,
                agents,
                approvals,
                suspended,
                patched_approvals,
            )| EnvironmentSpec {
                approvals,
                suspended,
                patched_approvals,
                limit,
                timeout,
                deployed,
                grants,
                patched_servers: servers
                    .into_iter()
                    .map(|(key, patch)| (key, unwritten(patch)))
                    .collect(),
                patched_tools: tools
                    .into_iter()
                    .map(|(key, patch)| (key, unwritten(patch)))
                    .collect(),
                patched_agents: agents,
            },
        )
}

pub(super) fn is_written(limits: &Limits) -> bool {
    limits.rate.is_some()
        || limits.concurrent.is_some()
        || limits.max_args.is_some()
        || limits.max_result.is_some()
}

/// A limit node that writes nothing is none.
fn unwritten((limit, timeout): LimitAndTimeout) -> LimitAndTimeout {
    (limit.filter(is_written), timeout)
}

pub(super) fn spec() -> impl Strategy<Value = Spec> {
    (
        vec(environment(), 2),
        vec(server(), SERVERS),
        vec(role(), ROLES),
        vec(maybe_limits(), AGENTS),
    )
        .prop_map(|(environments, servers, roles, agents)| Spec {
            environments,
            servers,
            roles,
            agents,
        })
}
