//! A second evaluator, written from the language page alone and as plainly as it goes: for every
//! agent and tool it lists all values that apply and takes the smallest. It shares no code with the
//! resolver.

use std::collections::BTreeMap;

use super::random::{ApprovalSpec, GrantSpec, Limits, Pattern, Spec, SuspendSpec};

/// What one agent may do with one tool.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Expected {
    /// Calls in a day, which all windows of [`Spec`] divide.
    pub(super) calls_per_day: Option<u64>,
    pub(super) burst: Option<u32>,
    pub(super) concurrent: u32,
    pub(super) max_args: u64,
    pub(super) max_result: u64,
    pub(super) timeout: u64,
    pub(super) until: Option<String>,
    /// Quorum and milliseconds, by group.
    pub(super) approvals: BTreeMap<String, (u32, u64)>,
    pub(super) retry: u32,
    pub(super) suspended: bool,
}

/// All permissions of one environment, by agent, server and tool.
pub(super) fn evaluate(
    spec: &Spec,
    environment: usize,
) -> BTreeMap<(String, String, String), Expected> {
    let mut permissions = BTreeMap::new();
    for agent in 0..spec.agents.len() {
        for (server, declared) in spec.servers.iter().enumerate() {
            for (tool, name) in declared.tools.iter().map(|tool| &tool.name).enumerate() {
                if let Some(expected) = pair(spec, environment, agent, server, tool) {
                    let key = (format!("a{agent}"), format!("s{server}"), name.clone());
                    permissions.insert(key, expected);
                }
            }
        }
    }
    permissions
}

fn covers(pattern: &Pattern, server: usize, tool: &str) -> bool {
    pattern.server == server
        && match pattern.tool.strip_suffix('*') {
            Some(start) => tool.starts_with(start),
            None => pattern.tool == tool,
        }
}

fn pair(spec: &Spec, env: usize, agent: usize, server: usize, tool: usize) -> Option<Expected> {
    let (target, own) = (&spec.environments[env], &spec.servers[server]);
    let tool_spec = &own.tools[tool];
    if !target.deployed.contains(&server) || !tool_spec.locked {
        return None;
    }
    // Which lines give the pair: grants, and the roles in them.
    let mut narrowing: Vec<(Limits, Option<u64>)> = Vec::new();
    let mut ends: Vec<Option<String>> = Vec::new();
    let mut asked: Vec<&ApprovalSpec> = Vec::new();
    let real = |grant: &&GrantSpec| grant.agent == agent && !grant.shadow;
    for grant in target.grants.iter().filter(real) {
        let roles = grant.roles.iter().map(|role| &spec.roles[*role]);
        let giving: Vec<_> = roles
            .filter(|role| {
                role.allow
                    .iter()
                    .any(|pattern| covers(pattern, server, &tool_spec.name))
            })
            .collect();
        let direct = grant
            .tools
            .iter()
            .any(|pattern| covers(pattern, server, &tool_spec.name));
        if direct || !giving.is_empty() {
            narrowing.extend(giving.iter().map(|role| (role.limit.clone(), role.timeout)));
            narrowing.push((grant.limit.clone(), grant.timeout));
            asked.extend(giving.iter().flat_map(|role| &role.approvals));
            asked.extend(&grant.approvals);
            ends.push(grant.until.clone());
        }
    }
    if ends.is_empty() {
        return None;
    }
    // Patches come first.
    let patched = target.patched_tools.get(&(server, tool));
    let of_tool = patched.map_or(&tool_spec.limit, |patch| {
        patch.0.as_ref().unwrap_or(&tool_spec.limit)
    });
    let tool_timeout = patched.and_then(|patch| patch.1).or(tool_spec.timeout);
    let patched = target.patched_servers.get(&server);
    let of_server = patched.map_or(&own.limit, |patch| patch.0.as_ref().unwrap_or(&own.limit));
    let server_timeout = patched.and_then(|patch| patch.1).or(own.timeout);
    let of_agent = target
        .patched_agents
        .get(&agent)
        .unwrap_or(&spec.agents[agent]);

    // The definition's value: the innermost written, else what is built in.
    let inward = [of_tool, &own.defaults, &target.limit];
    let rate = inward.iter().find_map(|limits| per_day(limits));
    let burst = inward.iter().find_map(|limits| bucket(limits));
    let concurrent = inward
        .iter()
        .find_map(|limits| limits.concurrent)
        .unwrap_or(16);
    let max_args = inward
        .iter()
        .find_map(|limits| limits.max_args)
        .unwrap_or(65_536);
    let max_result = inward
        .iter()
        .find_map(|limits| limits.max_result)
        .unwrap_or(1_048_576);
    let timeout = tool_timeout
        .or(server_timeout)
        .or(target.timeout)
        .unwrap_or(30_000);

    // Approvals of the tool: those of the patch take the place of the same group's.
    let replaced = target.patched_approvals.get(&(server, tool));
    asked.extend(
        tool_spec
            .approvals
            .iter()
            .filter(|one| replaced.is_none_or(|patch| patch.group != one.group)),
    );
    asked.extend(replaced);
    // Nobody said what it does: then it destroys.
    let effect = tool_spec.effect.unwrap_or("destructive");
    asked.extend(target.approvals.iter().filter(|one| match effect {
        "destructive" => true,
        "write" => one.write,
        _ => false,
    }));
    let mut approvals = BTreeMap::new();
    for group in asked.iter().map(|one| one.group) {
        let of_group = || asked.iter().filter(|one| one.group == group);
        let quorum = of_group().map(|one| one.quorum.unwrap_or(1)).max()?;
        let minutes = of_group().map(|one| one.ttl.unwrap_or(15)).min()?;
        approvals.insert(format!("g{group}"), (quorum, minutes * 60_000));
    }
    let is_safe = tool_spec
        .repeat
        .unwrap_or(if effect == "read" { "safe" } else { "unsafe" });
    let tries = tool_spec.retry.or(own.retry).unwrap_or(0);

    // What narrows it: roles and grants, and what the environment writes.
    narrowing.push((target.limit.clone(), target.timeout));
    let limits = || narrowing.iter().map(|(limits, _)| limits);
    let sizes = || limits().chain([of_server, of_agent]);
    let rate = limits().filter_map(per_day).chain(rate).min();
    Some(Expected {
        calls_per_day: rate,
        // Without a rate there is no bucket.
        burst: rate.and(limits().filter_map(bucket).chain(burst).min()),
        concurrent: limits()
            .filter_map(|limits| limits.concurrent)
            .chain([concurrent])
            .min()?,
        max_args: sizes()
            .filter_map(|limits| limits.max_args)
            .chain([max_args])
            .min()?,
        max_result: sizes()
            .filter_map(|limits| limits.max_result)
            .chain([max_result])
            .min()?,
        timeout: narrowing
            .iter()
            .filter_map(|(_, timeout)| *timeout)
            .chain([timeout])
            .min()?,
        approvals,
        retry: if is_safe == "safe" { tries } else { 0 },
        suspended: target.suspended.iter().any(|one| match one {
            SuspendSpec::Agent(one) => *one == agent,
            SuspendSpec::Server(one) => *one == server,
            SuspendSpec::Tool(of, one) => (*of, *one) == (server, tool),
        }),
        until: if ends.contains(&None) {
            None
        } else {
            ends.into_iter().flatten().max()
        },
    })
}

fn per_day(limits: &Limits) -> Option<u64> {
    limits
        .rate
        .map(|(calls, per)| u64::from(calls) * (86_400_000 / per))
}

fn bucket(limits: &Limits) -> Option<u32> {
    limits.burst.or(limits.rate.map(|(calls, _)| calls))
}
