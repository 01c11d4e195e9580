//! All universes of a few small shapes: each shape has everything of one kind of rule, and little else.

use super::choices::Choices;
use super::random::ENDS;
use super::universe::{
    Approval, Arg, Demand, Environment, Grant, Limit, Pattern, Role, Schema, Server, Settings,
    Subject, TOOLS, Tool, Universe,
};

/// A kind of small universe.
pub(super) struct Shape {
    pub(super) name: &'static str,
    /// Makes a universe of it.
    make: fn(&mut Choices) -> Universe,
    /// In each run one of so many is asked for: a prime, so that choices are met in turn, and small enough
    /// beside the shape that each is met.
    pub(super) step: usize,
}

/// All of them.
pub(super) const SHAPES: [Shape; 5] = [
    shape("reach", reach, 211),
    shape("limits", limits, 211),
    shape("counters", counters, 7),
    shape("approvals", approvals, 211),
    shape("arguments", arguments, 211),
];

const fn shape(name: &'static str, make: fn(&mut Choices) -> Universe, step: usize) -> Shape {
    Shape { name, make, step }
}

impl Shape {
    /// All universes of the shape, with the choices that made them.
    pub(super) fn universes(&self) -> impl Iterator<Item = (Choices, Universe)> {
        let make = self.make;
        let mut next = Some(Choices::default());
        std::iter::from_fn(move || {
            let mut choices = next.take()?;
            let all = make(&mut choices);
            next = choices.clone().next();
            Some((choices, all))
        })
    }
}

/// Two servers with one tool each that may be granted, two roles, two agents, one environment.
fn plain() -> Universe {
    let server = || Server {
        tools: TOOLS
            .iter()
            .enumerate()
            .map(|(index, name)| Tool {
                name,
                is_locked: index == 0,
                effect: Some("read"),
                ..Tool::default()
            })
            .collect(),
        ..Server::default()
    };
    Universe {
        servers: vec![server(), server()],
        roles: vec![role(0), role(1)],
        agents: vec![Settings::default(), Settings::default()],
        environments: vec![Environment {
            deployed: vec![0, 1],
            ..Environment::default()
        }],
    }
}

fn role(server: usize) -> Role {
    Role {
        allow: vec![pattern(server, "*")],
        own: Settings::default(),
    }
}

fn pattern(server: usize, tool: &'static str) -> Pattern {
    Pattern {
        server: Some(server),
        tool,
    }
}

/// Who is given what until when, and what takes it away.
fn reach(choices: &mut Choices) -> Universe {
    let mut all = plain();
    all.servers[0].tools[0].is_locked = choices.below(2) == 0;
    if choices.once_in(2) {
        all.roles[1].allow.push(pattern(0, "get_a"));
    }
    let here = &mut all.environments[0];
    here.deployed = choices.one(&[vec![0, 1], vec![1]]);
    here.deny = choices.one(&[vec![], vec![pattern(0, "get*")]]);
    here.suspended = choices.one(&[
        vec![],
        vec![Subject::Tool(0, 0)],
        vec![Subject::Server(1)],
        vec![Subject::Agent(0)],
    ]);
    here.grants.push(given(choices, 0));
    if choices.once_in(2) {
        let agent = choices.below(2);
        here.grants.push(given(choices, agent));
    }
    all
}

fn given(choices: &mut Choices, agent: usize) -> Grant {
    let (roles, tools) = choices.one(&[
        (vec![0], vec![]),
        (vec![1], vec![]),
        (vec![], vec![pattern(0, "get_a")]),
        (vec![], vec![pattern(1, "put*")]),
    ]);
    Grant {
        agent,
        roles,
        tools,
        until: choices.one(&[None, Some(ENDS[0]), Some(ENDS[1])]),
        is_shadow: choices.once_in(2),
        own: Settings::default(),
    }
}

/// One field of a limit or the timeout, written or not on everything that may write it.
fn limits(choices: &mut Choices) -> Universe {
    let field = choices.below(6);
    let mut write = || {
        let value = choices.below(3);
        (value > 0).then(|| field_of(field, value == 1))
    };
    let mut all = plain();
    let written = [(); 7].map(|()| write().unwrap_or_default());
    let [environment, server, defaults, tool, role, grant, agent] = written;
    let patch = write();
    let patched = choices.one(&[Subject::Tool(0, 0), Subject::Server(0), Subject::Agent(0)]);
    let is_patchable = field < 5 || patched != Subject::Agent(0);
    all.servers[0].own = server;
    if field < 5 {
        all.servers[0].defaults = defaults;
        all.agents[0] = agent;
    }
    all.servers[0].tools[0].own = tool;
    all.roles[0].own = role;
    let here = &mut all.environments[0];
    here.own = environment;
    here.patches
        .extend(patch.filter(|_| is_patchable).map(|patch| (patched, patch)));
    here.grants.push(Grant {
        roles: vec![0],
        own: grant,
        ..Grant::default()
    });
    all
}

/// The smaller or the larger value of one field.
fn field_of(field: usize, is_small: bool) -> Settings {
    let pick = |small: u64, large: u64| Some(if is_small { small } else { large });
    let limit = match field {
        0 => Limit {
            rate: if is_small {
                Some((1, 1_000))
            } else {
                Some((70, 60_000))
            },
            ..Limit::default()
        },
        1 => Limit {
            rate: Some((60, 60_000)),
            burst: pick(3, 80),
            ..Limit::default()
        },
        2 => Limit {
            concurrent: pick(2, 20),
            ..Limit::default()
        },
        3 => Limit {
            max_args: pick(11, 20),
            ..Limit::default()
        },
        4 => Limit {
            max_result: pick(1, 2_097_152),
            ..Limit::default()
        },
        _ => {
            return Settings {
                timeout: pick(100, 45_000),
                ..Settings::default()
            };
        }
    };
    Settings {
        limit: Some(limit),
        ..Settings::default()
    }
}

/// What two agents and two servers count.
fn counters(choices: &mut Choices) -> Universe {
    let mut all = plain();
    let mut write = || {
        let field = choices.below(4);
        if field < 3 {
            field_of(field, true)
        } else {
            Settings::default()
        }
    };
    for server in &mut all.servers {
        server.own = write();
    }
    for agent in &mut all.agents {
        *agent = write();
    }
    let here = &mut all.environments[0];
    for agent in 0..2 {
        here.grants.push(Grant {
            agent,
            roles: vec![0, 1],
            ..Grant::default()
        });
    }
    all
}

/// Approvals on everything that may ask for them, and retries, by what the tool does.
fn approvals(choices: &mut Choices) -> Universe {
    let mut all = plain();
    let tool = &mut all.servers[0].tools[0];
    tool.effect = choices.one(&[None, Some("write"), Some("read")]);
    tool.is_repeat_safe = choices.one(&[None, Some(true), Some(false)]);
    tool.own.retry = choices.one(&[None, Some(2)]);
    tool.own.approvals = asked(choices);
    all.servers[0].own.retry = choices.one(&[None, Some(3)]);
    all.roles[0].own.approvals = asked(choices);
    let here = &mut all.environments[0];
    let of_environment = Approval {
        group: 0,
        quorum: None,
        ttl: Some(20),
        for_write: choices.once_in(2),
    };
    here.own.approvals = choices.one(&[vec![], vec![of_environment]]);
    let approvals = asked(choices);
    if !approvals.is_empty() {
        let patch = Settings {
            approvals,
            ..Settings::default()
        };
        here.patches.push((Subject::Tool(0, 0), patch));
    }
    here.grants.push(Grant {
        roles: vec![0],
        own: Settings {
            approvals: asked(choices),
            ..Settings::default()
        },
        ..Grant::default()
    });
    all
}

fn asked(choices: &mut Choices) -> Vec<Approval> {
    let one = |group, quorum, ttl| Approval {
        group,
        quorum,
        ttl,
        for_write: false,
    };
    choices.one(&[
        vec![],
        vec![one(0, Some(2), None)],
        vec![one(0, None, Some(5))],
        vec![one(1, None, None)],
    ])
}

/// Everything that narrows one argument of a tool, by whom, and what the server itself takes.
fn arguments(choices: &mut Choices) -> Universe {
    let mut all = plain();
    let (name, demands) = choices.one(&[("word", words()), ("count", counts())]);
    let demanded = |choices: &mut Choices| {
        let one = choices.below(demands.len() + 1);
        let demand = one.checked_sub(1).map(|one| demands[one].clone());
        let args: Vec<Arg> = demand
            .map(|demand| Arg { name, demand })
            .into_iter()
            .collect();
        Settings {
            args,
            ..Settings::default()
        }
    };
    let tool = &mut all.servers[0].tools[0];
    tool.schema = choices.one(&[
        Schema::default(),
        Schema {
            needs_word: true,
            longest_word: Some(2),
            least_count: Some(2),
        },
    ]);
    tool.own = demanded(choices);
    all.roles[0].own = demanded(choices);
    let here = &mut all.environments[0];
    let patch = demanded(choices);
    if !patch.args.is_empty() {
        here.patches.push((Subject::Tool(0, 0), patch));
    }
    here.grants.push(Grant {
        roles: vec![0],
        own: demanded(choices),
        ..Grant::default()
    });
    all
}

fn words() -> Vec<Demand> {
    vec![
        Demand::Fix("a".into()),
        Demand::Fix("abb".into()),
        Demand::OneOf(vec!["a".into(), "bb".into()]),
        Demand::Pattern(0),
        Demand::Pattern(1),
        Demand::MaxLength(1),
    ]
}

fn counts() -> Vec<Demand> {
    vec![
        Demand::Fix(1.into()),
        Demand::Fix(2.into()),
        Demand::OneOf(vec![1.into(), 3.into()]),
        Demand::Between(2, i64::MAX),
        Demand::Between(i64::MIN, 1),
        Demand::Between(1, 2),
    ]
}
