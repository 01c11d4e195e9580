//! Random small catalogs, on which the resolver and the second evaluator must agree.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::fixture::Files;
use super::reference::{Expected, evaluate};
use crate::environment::{Environment, Permission};

const AGENTS: usize = 3;
const SERVERS: usize = 2;
const ROLES: usize = 2;
const TOOLS: [&str; 4] = ["get_a", "get_b", "getter", "put_a"];
const CASES: u32 = 10_000;

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

#[derive(Clone, Debug)]
pub(super) struct ToolSpec {
    pub(super) name: String,
    pub(super) locked: bool,
    pub(super) limit: Limits,
    pub(super) timeout: Option<u64>,
}

#[derive(Clone, Debug)]
pub(super) struct ServerSpec {
    pub(super) limit: Limits,
    pub(super) timeout: Option<u64>,
    pub(super) defaults: Limits,
    pub(super) tools: Vec<ToolSpec>,
}

#[derive(Clone, Debug)]
pub(super) struct RoleSpec {
    pub(super) allow: Vec<Pattern>,
    pub(super) limit: Limits,
    pub(super) timeout: Option<u64>,
}

#[derive(Clone, Debug)]
pub(super) struct GrantSpec {
    pub(super) agent: usize,
    pub(super) roles: Vec<usize>,
    pub(super) tools: Vec<Pattern>,
    pub(super) until: Option<String>,
    pub(super) limit: Limits,
    pub(super) timeout: Option<u64>,
}

type LimitAndTimeout = (Option<Limits>, Option<u64>);

#[derive(Clone, Debug)]
pub(super) struct EnvironmentSpec {
    pub(super) limit: Limits,
    pub(super) timeout: Option<u64>,
    pub(super) deployed: Vec<usize>,
    pub(super) grants: Vec<GrantSpec>,
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
    let tool = (any::<bool>(), maybe_limits(), timeout());
    (
        maybe_limits(),
        timeout(),
        maybe_limits(),
        vec(tool, TOOLS.len()),
    )
        .prop_map(|(limit, timeout, defaults, tools)| ServerSpec {
            limit,
            timeout,
            defaults,
            tools: tools
                .into_iter()
                .zip(TOOLS)
                .map(|((locked, limit, timeout), name)| ToolSpec {
                    name: name.to_owned(),
                    locked,
                    limit,
                    timeout,
                })
                .collect(),
        })
}

fn role() -> impl Strategy<Value = RoleSpec> {
    (vec(pattern(), 1..3), maybe_limits(), timeout()).prop_map(|(allow, limit, timeout)| RoleSpec {
        allow,
        limit,
        timeout,
    })
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
    )
        .prop_map(|(agent, roles, tools, until, limit, timeout)| GrantSpec {
            agent,
            roles,
            tools,
            until: until.map(ToOwned::to_owned),
            limit,
            timeout,
        })
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
        vec(grant(), 0..5),
        btree_map(0..SERVERS, patch(), 0..2),
        btree_map((0..SERVERS, 0..TOOLS.len()), patch(), 0..3),
        btree_map(0..AGENTS, agent_patch, 0..2),
    )
        .prop_map(
            |((limit, timeout, deployed), grants, servers, tools, agents)| EnvironmentSpec {
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

fn is_written(limits: &Limits) -> bool {
    limits.rate.is_some()
        || limits.concurrent.is_some()
        || limits.max_args.is_some()
        || limits.max_result.is_some()
}

/// A limit node that writes nothing is none.
fn unwritten((limit, timeout): LimitAndTimeout) -> LimitAndTimeout {
    (limit.filter(is_written), timeout)
}

fn spec() -> impl Strategy<Value = Spec> {
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

/// The catalog as files.
fn files(spec: &Spec) -> Files {
    let mut kdl = "catalog acme language=1\nteam t\n".to_owned();
    let mut locks = BTreeMap::new();
    for (index, server) in spec.servers.iter().enumerate() {
        let url = format!("https://s{index}.example/mcp");
        let defaults = node("tool-defaults", &settings(&server.defaults, None));
        let tools: String = server
            .tools
            .iter()
            .map(|tool| {
                node(
                    &format!("tool {}", tool.name),
                    &settings(&tool.limit, tool.timeout),
                )
            })
            .collect();
        let own = settings(&server.limit, server.timeout);
        let head = format!("server s{index} team=t version=\"1\"");
        kdl += &node(&head, &format!("url \"{url}\"\n{own}{defaults}{tools}"));
        let locked: Vec<String> = server
            .tools
            .iter()
            .filter(|tool| tool.locked)
            .map(|tool| format!(r#"{{"name":"{}"}}"#, tool.name))
            .collect();
        let lock = format!(
            r#"{{"protocol":"1","revision":"1","server":"s{index}","tools":[{}],"url":"{url}"}}"#,
            locked.join(",")
        );
        locks.insert(format!("catalogs/lock/s{index}@1.json"), lock);
    }
    for (index, role) in spec.roles.iter().enumerate() {
        let own = settings(&role.limit, role.timeout);
        kdl += &node(
            &format!("role r{index}"),
            &format!("allow {}\n{own}", patterns(&role.allow)),
        );
    }
    for (index, limit) in spec.agents.iter().enumerate() {
        kdl += &node(&format!("agent a{index} team=t"), &settings(limit, None));
    }
    for (index, environment) in spec.environments.iter().enumerate() {
        kdl += &node(
            &format!("environment e{index}"),
            &settings(&environment.limit, environment.timeout),
        );
        kdl += &node(&format!("overlay e{index}"), &overlay(environment));
    }
    locks.insert("catalogs/org.kdl".to_owned(), kdl);
    Files(locks)
}

fn overlay(environment: &EnvironmentSpec) -> String {
    let mut text = String::new();
    for server in &environment.deployed {
        writeln!(text, "deploy s{server}").unwrap();
    }
    for grant in &environment.grants {
        let roles: Vec<String> = grant.roles.iter().map(|role| format!("r{role}")).collect();
        let roles = roles.join(" ");
        let until = grant
            .until
            .as_ref()
            .map_or(String::new(), |day| format!(" until=\"{day}\""));
        let head = format!(
            "grant a{} {roles} {}{until}",
            grant.agent,
            patterns(&grant.tools)
        );
        text += &node(&head, &settings(&grant.limit, grant.timeout));
    }
    let patch =
        |(limit, timeout): &LimitAndTimeout| settings(&limit.clone().unwrap_or_default(), *timeout);
    for (server, change) in &environment.patched_servers {
        text += &node(&format!("patch server s{server}"), &patch(change));
    }
    for ((server, tool), change) in &environment.patched_tools {
        text += &node(
            &format!("patch tool s{server}:{}", TOOLS[*tool]),
            &patch(change),
        );
    }
    for (agent, limit) in &environment.patched_agents {
        text += &node(&format!("patch agent a{agent}"), &settings(limit, None));
    }
    text
}

fn node(head: &str, children: &str) -> String {
    if children.is_empty() {
        format!("{head}\n")
    } else {
        format!("{head} {{\n{children}}}\n")
    }
}

fn patterns(patterns: &[Pattern]) -> String {
    let words: Vec<String> = patterns
        .iter()
        .map(|one| format!("s{}:{}", one.server, one.tool))
        .collect();
    words.join(" ")
}

fn settings(limits: &Limits, timeout: Option<u64>) -> String {
    let mut text = String::new();
    if is_written(limits) {
        text.push_str("limit");
        if let Some((calls, per)) = limits.rate {
            write!(text, " {calls} per=\"{per}ms\"").unwrap();
        }
        for (name, value) in [("burst", limits.burst), ("concurrent", limits.concurrent)] {
            if let Some(value) = value {
                write!(text, " {name}={value}").unwrap();
            }
        }
        for (name, value) in [
            ("max-args", limits.max_args),
            ("max-result", limits.max_result),
        ] {
            if let Some(value) = value {
                write!(text, " {name}=\"{value}B\"").unwrap();
            }
        }
        text.push('\n');
    }
    if let Some(timeout) = timeout {
        writeln!(text, "timeout \"{timeout}ms\"").unwrap();
    }
    text
}

/// What the resolver says, in the terms of the second evaluator.
fn seen(environment: &Environment) -> BTreeMap<(String, String, String), Expected> {
    let permissions = environment.permissions.iter();
    permissions
        .map(|((agent, server, tool), permission)| {
            let Permission {
                limit,
                max_args,
                max_result,
                timeout,
                until,
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
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let case = std::cell::RefCell::new(&mut case);
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
        pairs += environment.permissions.len();
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
    const MUTATIONS: [Mutation; 8] = [
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
    ];
    let mut tried = [0; MUTATIONS.len() + 2];
    on_random_catalogs(200, |spec, index, environment| {
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
        let [.., removed, added] = &mut tried;
        let mut changed = environment.clone();
        changed.permissions.remove(pair);
        *removed += 1;
        assert!(!agrees(spec, index, &changed));
        let (agent, server, tool) = pair;
        let other = crate::model::Name::trusted(if &**tool == "put_a" { "get_a" } else { "put_a" });
        let new = (agent.clone(), server.clone(), other);
        if !environment.permissions.contains_key(&new) {
            changed.clone_from(environment);
            changed.permissions.insert(new, permission.clone());
            *added += 1;
            assert!(!agrees(spec, index, &changed));
        }
    });
    assert!(tried.iter().all(|tried| *tried >= 20), "{tried:?}");
}
