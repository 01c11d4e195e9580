//! Reach and flows of a small universe by writing out every path. It shares nothing with the graph.

use std::collections::{BTreeMap, BTreeSet};

use super::universe::{AGENTS, Universe};

/// A mistake that the oracle makes on purpose, so that a test shows it would be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mistake {
    None,
    NoToolApproval,
    NoRoleApproval,
    NoGrantApproval,
    NoEnvironmentApproval,
    /// An approval holds on its own path alone.
    ApprovalOnOnePath,
    ShadowCounts,
    DelegationIsOneStep,
    NoDelegation,
    ClassIsExact,
    SinkIsExact,
}

pub(super) const MISTAKES: [Mistake; 10] = [
    Mistake::NoToolApproval,
    Mistake::NoRoleApproval,
    Mistake::NoGrantApproval,
    Mistake::NoEnvironmentApproval,
    Mistake::ApprovalOnOnePath,
    Mistake::ShadowCounts,
    Mistake::DelegationIsOneStep,
    Mistake::NoDelegation,
    Mistake::ClassIsExact,
    Mistake::SinkIsExact,
];

/// Where data comes from and goes to, as numbers of the universe.
#[derive(Clone, Copy, Debug)]
pub(super) enum End {
    Class(usize),
    Untrusted,
    Sends(usize),
    Effect(usize),
}

/// One agent's reach: tools, and those that need no approval; by its own grants and with delegation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Reached {
    pub(super) granted: BTreeSet<usize>,
    pub(super) granted_open: BTreeSet<usize>,
    pub(super) all: BTreeSet<usize>,
    pub(super) all_open: BTreeSet<usize>,
}

/// All flows, the unguarded ones, and the length of a shortest one, unguarded if there is one.
pub(super) type FlowCount = Option<(usize, usize, usize)>;

pub(super) struct Oracle<'u> {
    pub(super) universe: &'u Universe,
    pub(super) mistake: Mistake,
}

/// A path that ends in a tool: its length, and whether the call waits for an approval.
struct Call {
    tool: usize,
    length: usize,
    waits: bool,
}

impl Oracle<'_> {
    /// Every path of grants and roles, by tool.
    fn own(&self, agent: usize) -> Vec<Call> {
        let (universe, mistake) = (self.universe, self.mistake);
        let mut calls = Vec::new();
        for grant in universe.grants.iter().filter(|grant| grant.agent == agent) {
            if grant.shadow && mistake != Mistake::ShadowCounts {
                continue;
            }
            let by_grant = grant.approval && mistake != Mistake::NoGrantApproval;
            for tool in &grant.tools {
                calls.push((*tool, 1, by_grant));
            }
            for role in &grant.roles {
                let role = &universe.roles[*role];
                let by_role = role.approval && mistake != Mistake::NoRoleApproval;
                calls.extend(
                    role.tools
                        .iter()
                        .map(|tool| (*tool, 2, by_grant || by_role)),
                );
            }
        }
        let mut waiting: BTreeMap<usize, bool> = BTreeMap::new();
        for (tool, _, waits) in &calls {
            *waiting.entry(*tool).or_default() |= waits;
        }
        let calls = calls.into_iter().map(|(tool, length, waits)| {
            let spec = &universe.tools[tool];
            let by_tool = spec.approval && mistake != Mistake::NoToolApproval;
            let approved = universe
                .approved
                .is_some_and(|mildest| spec.effect >= mildest);
            let by_environment = approved && mistake != Mistake::NoEnvironmentApproval;
            let by_paths = if mistake == Mistake::ApprovalOnOnePath {
                waits
            } else {
                waiting[&tool]
            };
            Call {
                tool,
                length,
                waits: by_tool || by_environment || by_paths,
            }
        });
        calls.collect()
    }

    /// Every way of delegations that passes nobody twice: the agent at its end, and its length.
    fn ways(&self, agent: usize, passed: &mut Vec<usize>, ways: &mut Vec<(usize, usize)>) {
        ways.push((agent, passed.len()));
        if self.mistake == Mistake::NoDelegation
            || self.mistake == Mistake::DelegationIsOneStep && passed.len() == 1
        {
            return;
        }
        passed.push(agent);
        for other in &self.universe.delegates[agent] {
            if !passed.contains(other) {
                self.ways(*other, passed, ways);
            }
        }
        passed.pop();
    }

    fn calls(&self, agent: usize) -> Vec<Call> {
        let mut ways = Vec::new();
        self.ways(agent, &mut Vec::new(), &mut ways);
        let ways = ways.into_iter();
        ways.flat_map(|(holder, delegations)| {
            let own = self.own(holder).into_iter();
            own.map(move |call| Call {
                length: call.length + delegations,
                ..call
            })
        })
        .collect()
    }

    pub(super) fn reached(&self) -> Vec<Reached> {
        let all = |calls: &[Call]| calls.iter().map(|call| call.tool).collect();
        let open = |calls: &[Call]| {
            let open = calls.iter().filter(|call| !call.waits);
            open.map(|call| call.tool).collect()
        };
        let agents = (0..AGENTS).map(|agent| (self.own(agent), self.calls(agent)));
        agents
            .map(|(own, calls)| Reached {
                granted: all(&own),
                granted_open: open(&own),
                all: all(&calls),
                all_open: open(&calls),
            })
            .collect()
    }

    fn is(&self, tool: usize, end: End) -> bool {
        let spec = &self.universe.tools[tool];
        let exact = |is: usize, wanted: usize, mistake| {
            if self.mistake == mistake {
                is == wanted
            } else {
                is >= wanted
            }
        };
        match end {
            End::Untrusted => spec.untrusted,
            End::Class(class) => exact(spec.reads, class, Mistake::ClassIsExact),
            End::Sends(sends) => exact(spec.sends, sends, Mistake::SinkIsExact),
            End::Effect(effect) => exact(spec.effect, effect, Mistake::SinkIsExact),
        }
    }

    pub(super) fn flows(&self, agent: usize, from: End, to: End) -> FlowCount {
        let calls = self.calls(agent);
        let mut all = BTreeSet::new();
        let mut open = BTreeSet::new();
        let (mut shortest, mut shortest_open) = (usize::MAX, usize::MAX);
        for read in calls.iter().filter(|call| self.is(call.tool, from)) {
            for send in calls.iter().filter(|call| self.is(call.tool, to)) {
                let (pair, length) = ((read.tool, send.tool), read.length + send.length);
                all.insert(pair);
                shortest = shortest.min(length);
                if !read.waits && !send.waits {
                    open.insert(pair);
                    shortest_open = shortest_open.min(length);
                }
            }
        }
        let length = if open.is_empty() {
            shortest
        } else {
            shortest_open
        };
        (!all.is_empty()).then_some((all.len(), open.len(), length))
    }
}
