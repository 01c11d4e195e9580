//! Random small catalogs, as data and as the text that a person would write.

use std::fmt::Write as _;

use crate::source::Memory;
use crate::{Date, Report, check};

pub(super) const CLASSES: [&str; 4] = ["public", "internal", "confidential", "restricted"];
pub(super) const EFFECTS: [&str; 3] = ["read", "write", "destructive"];
pub(super) const SENDS: [&str; 3] = ["none", "internal", "external"];
pub(super) const AGENTS: usize = 4;
pub(super) const ROLES: usize = 2;
pub(super) const TOOLS: usize = 4;

/// Numbers that are the same for the same seed.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn one_in(&mut self, limit: usize) -> bool {
        self.below(limit) == 0
    }

    fn some(&mut self, of: usize, one_in: usize) -> Vec<usize> {
        (0..of).filter(|_| self.one_in(one_in)).collect()
    }
}

#[derive(Clone, Debug)]
pub(super) struct ToolSpec {
    pub(super) effect: usize,
    pub(super) reads: usize,
    pub(super) untrusted: bool,
    pub(super) sends: usize,
    pub(super) approval: bool,
}

#[derive(Clone, Debug)]
pub(super) struct RoleSpec {
    pub(super) tools: Vec<usize>,
    pub(super) approval: bool,
}

#[derive(Clone, Debug)]
pub(super) struct GrantSpec {
    pub(super) agent: usize,
    pub(super) roles: Vec<usize>,
    pub(super) tools: Vec<usize>,
    pub(super) approval: bool,
    pub(super) shadow: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Universe {
    pub(super) tools: Vec<ToolSpec>,
    pub(super) roles: Vec<RoleSpec>,
    /// By agent: those that it delegates to.
    pub(super) delegates: Vec<Vec<usize>>,
    pub(super) grants: Vec<GrantSpec>,
    /// The mildest effect of which every call waits.
    pub(super) approved: Option<usize>,
}

impl Universe {
    pub(super) fn random(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let tools = (0..TOOLS).map(|_| ToolSpec {
            effect: random.below(3),
            reads: random.below(4),
            untrusted: random.one_in(2),
            sends: random.below(3),
            approval: random.one_in(5),
        });
        let tools = tools.collect();
        let mut roles = Vec::new();
        for _ in 0..ROLES {
            let mut tools = random.some(TOOLS, 3);
            if tools.is_empty() {
                tools.push(random.below(TOOLS));
            }
            let approval = random.one_in(4);
            roles.push(RoleSpec { tools, approval });
        }
        let mut delegates = Vec::new();
        for agent in 0..AGENTS {
            let others = random.some(AGENTS, 4).into_iter();
            delegates.push(others.filter(|other| *other != agent).collect());
        }
        let mut grants = Vec::new();
        for _ in 0..random.below(5) {
            let (roles, mut tools) = (random.some(ROLES, 3), random.some(TOOLS, 4));
            if roles.is_empty() && tools.is_empty() {
                tools.push(random.below(TOOLS));
            }
            grants.push(GrantSpec {
                agent: random.below(AGENTS),
                roles,
                tools,
                approval: random.one_in(4),
                shadow: random.one_in(6),
            });
        }
        Self {
            tools,
            roles,
            delegates,
            grants,
            approved: [None, None, None, Some(1), Some(2)][random.below(5)],
        }
    }

    /// The catalog, its nodes in the order written or turned round.
    pub(super) fn report(&self, turned: bool) -> Report {
        let mut nodes = vec![
            "catalog acme language=1\n".to_owned(),
            "team t\n".to_owned(),
            "group g\n".to_owned(),
        ];
        let approval = |is: bool| if is { " approval by=g;" } else { "" };
        let mut files = Memory::default();
        for server in 0..TOOLS / 2 {
            let mut text =
                format!("server s{server} team=t version=\"1\" {{ url \"https://s.example/mcp\";");
            for tool in [server * 2, server * 2 + 1] {
                let spec = &self.tools[tool];
                let content = if spec.untrusted {
                    "untrusted"
                } else {
                    "trusted"
                };
                write!(
                    text,
                    " tool t{tool} effect={} reads={} content={content} sends={} {{{} }};",
                    EFFECTS[spec.effect],
                    CLASSES[spec.reads],
                    SENDS[spec.sends],
                    approval(spec.approval)
                )
                .unwrap();
            }
            nodes.push(text + " }\n");
            let lock = format!(
                r#"{{"protocol":"1","revision":"1","server":"s{server}","tools":[{{"name":"t{}"}},{{"name":"t{}"}}],"url":"https://s.example/mcp"}}"#,
                server * 2,
                server * 2 + 1
            );
            files.insert(format!("catalogs/lock/s{server}@1.json"), lock);
        }
        for (role, spec) in self.roles.iter().enumerate() {
            let tools: String = spec.tools.iter().map(|tool| word(*tool)).collect();
            let approval = approval(spec.approval);
            nodes.push(format!("role r{role} {{ allow{tools};{approval} }}\n"));
        }
        for (agent, delegates) in self.delegates.iter().enumerate() {
            let mut delegate = String::new();
            for other in delegates {
                let word = if delegate.is_empty() { "delegate" } else { "" };
                write!(delegate, "{word} a{other}").unwrap();
            }
            nodes.push(format!("agent a{agent} team=t {{ {delegate} }}\n"));
        }
        let environment = self.approved.map_or(String::new(), |effect| {
            format!("approval by=g for={};", EFFECTS[effect])
        });
        nodes.push(format!("environment e {{ {environment} }}\n"));
        nodes.push("overlay e { deploy s0 s1; }\n".to_owned());
        for grant in &self.grants {
            let roles = grant.roles.iter().map(|role| format!(" r{role}"));
            let tools = grant.tools.iter().map(|tool| word(*tool));
            let what: String = roles.chain(tools).collect();
            let mode = if grant.shadow { " mode=shadow" } else { "" };
            nodes.push(format!(
                "overlay e {{ grant a{}{what}{mode} {{{} }}; }}\n",
                grant.agent,
                approval(grant.approval)
            ));
        }
        if turned {
            nodes.reverse();
        }
        files.insert("catalogs/org.kdl", nodes.concat());
        check(&files, &Date::parse("2026-12-01").unwrap()).unwrap()
    }
}

fn word(tool: usize) -> String {
    format!(" s{}:t{tool}", tool / 2)
}
