//! Universes with a little of everything.

use super::choices::Choices;
use super::text::GROUPS;
use super::universe::{
    Approval, Arg, DAY, Demand, Environment, Grant, Limit, PATTERNS, Pattern, Role, Schema, Server,
    Settings, Subject, TOOLS, Tool, Universe,
};

/// Last days of grants.
pub(super) const ENDS: [&str; 2] = ["2027-01-31", "2027-02-28"];

const AGENTS: usize = 2;
const SERVERS: usize = 2;
const ROLES: usize = 2;
/// Names that `as` gives, one for each server: no two tools of an agent may share one.
const ALIASES: [&str; SERVERS] = ["put", "set"];

pub(super) fn universe(choices: &mut Choices) -> Universe {
    let is_whole = choices.once_in(2);
    let mut all = Universe {
        servers: (0..SERVERS).map(|at| server(choices, at)).collect(),
        roles: (0..ROLES).map(|_| role(choices)).collect(),
        agents: (0..AGENTS).map(|_| of_agent(choices)).collect(),
        environments: (0..2).map(|_| environment(choices)).collect(),
    };
    if !is_whole {
        keep_what_compiles(&mut all);
    }
    all
}

/// Leaves out what does not compile, or hardly ever: what dispatch does not hold yet, what an
/// environment writes (which is a ceiling for all others), and tools that are not there.
fn keep_what_compiles(all: &mut Universe) {
    let tools = all.servers.iter_mut().flat_map(|one| &mut one.tools);
    for tool in tools {
        tool.is_locked = true;
        (tool.own.retry, tool.own.approvals) = (None, Vec::new());
    }
    for server in &mut all.servers {
        server.own.retry = None;
    }
    for role in &mut all.roles {
        role.own.approvals.clear();
    }
    for here in &mut all.environments {
        here.own = Settings::default();
        here.deployed = (0..SERVERS).collect();
        for grant in &mut here.grants {
            grant.is_shadow = false;
            grant.own.approvals.clear();
        }
        for (_, patch) in &mut here.patches {
            patch.retry = None;
            patch.approvals.clear();
            // A patch that is empty now is a mistake.
            patch.timeout = patch.timeout.or(Some(10_000));
        }
        here.patches
            .retain(|(of, _)| !matches!(of, Subject::Agent(_)));
    }
}

fn server(choices: &mut Choices, at: usize) -> Server {
    let tools = TOOLS.iter().enumerate().map(|(index, name)| Tool {
        name,
        alias: (index == 2 && choices.once_in(2)).then_some(ALIASES[at]),
        is_locked: !choices.once_in(6),
        effect: choices.maybe(2, &["read", "write", "destructive"]),
        is_repeat_safe: choices.maybe(4, &[true, false]),
        schema: Schema {
            needs_word: choices.once_in(4),
            longest_word: choices.maybe(4, &[2, 1]),
            least_count: choices.maybe(4, &[1, 2]),
        },
        own: Settings {
            retry: choices.maybe(4, &[0, 1, 3]),
            ..of_lines(choices)
        },
    });
    Server {
        tools: tools.collect(),
        own: Settings {
            limit: maybe_limit(choices),
            timeout: timeout(choices),
            retry: choices.maybe(4, &[0, 2, 4]),
            ..Settings::default()
        },
        defaults: of_agent(choices),
    }
}

fn role(choices: &mut Choices) -> Role {
    Role {
        allow: (0..=choices.below(2)).map(|_| granted(choices)).collect(),
        own: of_lines(choices),
    }
}

fn environment(choices: &mut Choices) -> Environment {
    let grants = choices.below(5);
    let deny = choices.once_in(8);
    Environment {
        own: Settings {
            limit: maybe_limit(choices),
            timeout: timeout(choices),
            approvals: approvals(choices, true),
            ..Settings::default()
        },
        deny: (0..usize::from(deny)).map(|_| denied(choices)).collect(),
        deployed: (0..SERVERS).filter(|_| !choices.once_in(6)).collect(),
        grants: (0..grants).map(|_| grant(choices)).collect(),
        suspended: (0..usize::from(choices.once_in(5)))
            .map(|_| subject(choices))
            .collect(),
        patches: patches(choices),
    }
}

fn grant(choices: &mut Choices) -> Grant {
    let roles: Vec<usize> = (0..ROLES).filter(|_| choices.once_in(3)).collect();
    let tools = usize::from(roles.is_empty()) + choices.below(2);
    Grant {
        agent: choices.below(AGENTS),
        roles,
        tools: (0..tools).map(|_| granted(choices)).collect(),
        until: choices.maybe(2, &ENDS),
        is_shadow: choices.once_in(10),
        own: of_lines(choices),
    }
}

/// At most one for each thing: two that set the same are a mistake.
fn patches(choices: &mut Choices) -> Vec<(Subject, Settings)> {
    let mut patches = Vec::new();
    if choices.once_in(6) {
        let own = Settings {
            limit: Some(limit(choices)),
            ..Settings::default()
        };
        patches.push((Subject::Agent(choices.below(AGENTS)), own));
    }
    if choices.once_in(6) {
        let own = Settings {
            limit: maybe_limit(choices),
            timeout: timeout(choices),
            retry: Some(choices.below(3) as u64),
            ..Settings::default()
        };
        patches.push((Subject::Server(choices.below(SERVERS)), own));
    }
    if choices.once_in(4) {
        let own = Settings {
            retry: Some(choices.below(3) as u64),
            ..of_lines(choices)
        };
        let subject = Subject::Tool(choices.below(SERVERS), choices.below(TOOLS.len()));
        patches.push((subject, own));
    }
    patches
}

fn subject(choices: &mut Choices) -> Subject {
    match choices.below(3) {
        0 => Subject::Tool(choices.below(SERVERS), choices.below(TOOLS.len())),
        1 => Subject::Server(choices.below(SERVERS)),
        _ => Subject::Agent(choices.below(AGENTS)),
    }
}

fn granted(choices: &mut Choices) -> Pattern {
    Pattern {
        server: Some(choices.below(SERVERS)),
        tool: choices.one(&["get_a", "get.b", "put_a", "get*", "get_*", "*"]),
    }
}

fn denied(choices: &mut Choices) -> Pattern {
    Pattern {
        server: choices.maybe(2, &[0, 1]),
        tool: choices.one(&["get_a", "put_*", "et*", "*"]),
    }
}

/// What a role, a grant or a tool writes.
fn of_lines(choices: &mut Choices) -> Settings {
    Settings {
        limit: maybe_limit(choices),
        timeout: timeout(choices),
        approvals: approvals(choices, false),
        args: args(choices),
        ..Settings::default()
    }
}

/// What an agent or `tool-defaults` writes.
fn of_agent(choices: &mut Choices) -> Settings {
    Settings {
        limit: maybe_limit(choices),
        ..Settings::default()
    }
}

fn timeout(choices: &mut Choices) -> Option<u64> {
    choices.maybe(4, &[10_000, 200, 45_000, 3_600_000])
}

fn maybe_limit(choices: &mut Choices) -> Option<Limit> {
    choices.once_in(3).then(|| limit(choices))
}

fn limit(choices: &mut Choices) -> Limit {
    let rates = [(60, 60_000), (1, 1_000), (5, 3_600_000), (900, DAY)];
    let rate = choices.maybe(2, &rates);
    let burst = choices.maybe(2, &[1, 7, 100]);
    let limit = Limit {
        burst: rate.and(burst),
        rate,
        concurrent: choices.maybe(2, &[4, 16, 40]),
        max_args: choices.maybe(3, &[20, 11, 100_000]),
        max_result: choices.maybe(3, &[1_024, 1, 2_097_152]),
    };
    if limit
        .rate
        .or(limit.concurrent.map(|most| (most, 1)))
        .is_none()
    {
        // A node that says nothing is a mistake.
        let max_args = limit.max_args.or(Some(20));
        return Limit { max_args, ..limit };
    }
    limit
}

/// At most one for each group: the second would be the same setting.
fn approvals(choices: &mut Choices, of_environment: bool) -> Vec<Approval> {
    let groups = (0..GROUPS).filter(|_| choices.once_in(6));
    let groups: Vec<usize> = groups.collect();
    let approval = |group| Approval {
        group,
        quorum: choices.maybe(2, &[2, 1, 3]),
        ttl: choices.maybe(2, &[5, 15, 60]),
        for_write: of_environment && choices.once_in(2),
    };
    groups.into_iter().map(approval).collect()
}

fn args(choices: &mut Choices) -> Vec<Arg> {
    let word = choices.once_in(6).then(|| word(choices));
    let count = choices.once_in(6).then(|| count(choices));
    [("word", word), ("count", count)]
        .into_iter()
        .filter_map(|(name, demand)| {
            Some(Arg {
                name,
                demand: demand?,
            })
        })
        .collect()
}

fn word(choices: &mut Choices) -> Demand {
    match choices.below(6) {
        0 => Demand::Fix("a".into()),
        1 => Demand::Fix("bb".into()),
        2 => Demand::OneOf(vec!["a".into(), "bb".into()]),
        3 => Demand::OneOf(vec!["bb".into(), "abb".into()]),
        4 => Demand::Pattern(choices.below(PATTERNS.len())),
        _ => Demand::MaxLength(1 + choices.below(2)),
    }
}

fn count(choices: &mut Choices) -> Demand {
    match choices.below(5) {
        0 => Demand::Fix(1.into()),
        1 => Demand::OneOf(vec![1.into(), 3.into()]),
        2 => Demand::Between(2, i64::MAX),
        3 => Demand::Between(i64::MIN, 1),
        _ => Demand::Between(1, 2),
    }
}
