//! Random catalogs as the text that a person would write.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::fixture::Files;
use super::random::{
    ApprovalSpec, EnvironmentSpec, GROUPS, LimitAndTimeout, Limits, Pattern, Spec, SuspendSpec,
    TOOLS, is_written,
};

/// The catalog as files.
pub(super) fn files(spec: &Spec) -> Files {
    let mut kdl = "catalog acme language=1\nteam t\n".to_owned();
    for group in 0..GROUPS {
        writeln!(kdl, "group g{group}").unwrap();
    }
    let mut locks = BTreeMap::new();
    for (index, server) in spec.servers.iter().enumerate() {
        let url = format!("https://s{index}.example/mcp");
        let defaults = node("tool-defaults", &settings(&server.defaults, None));
        let tools: String = server
            .tools
            .iter()
            .map(|tool| {
                let fact = |name: &str, word: Option<&str>| {
                    word.map_or(String::new(), |word| format!(" {name}={word}"))
                };
                let facts = fact("effect", tool.effect) + &fact("repeat", tool.repeat);
                let own = settings(&tool.limit, tool.timeout) + &retry(tool.retry);
                node(
                    &format!("tool {}{facts}", tool.name),
                    &(own + &approvals(&tool.approvals)),
                )
            })
            .collect();
        let own = settings(&server.limit, server.timeout) + &retry(server.retry);
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
        let own = settings(&role.limit, role.timeout) + &approvals(&role.approvals);
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
            &(settings(&environment.limit, environment.timeout)
                + &of_environment(&environment.approvals)),
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
        let mode = if grant.shadow { " mode=shadow" } else { "" };
        let head = format!(
            "grant a{} {roles} {}{until}{mode}",
            grant.agent,
            patterns(&grant.tools)
        );
        let own = settings(&grant.limit, grant.timeout) + &approvals(&grant.approvals);
        text += &node(&head, &own);
    }
    for suspended in &environment.suspended {
        let subject = match suspended {
            SuspendSpec::Agent(agent) => format!("agent a{agent}"),
            SuspendSpec::Server(server) => format!("server s{server}"),
            SuspendSpec::Tool(server, tool) => format!("tool s{server}:{}", TOOLS[*tool]),
        };
        writeln!(text, "suspend {subject} reason=x").unwrap();
    }
    for ((server, tool), approval) in &environment.patched_approvals {
        text += &node(
            &format!("patch tool s{server}:{}", TOOLS[*tool]),
            &approvals(std::slice::from_ref(approval)),
        );
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

fn retry(tries: Option<u32>) -> String {
    tries.map_or(String::new(), |tries| format!("retry {tries}\n"))
}

fn approvals(approvals: &[ApprovalSpec]) -> String {
    lines(approvals, |_| "")
}

fn of_environment(approvals: &[ApprovalSpec]) -> String {
    lines(approvals, |one| if one.write { " for=write" } else { "" })
}

fn lines(approvals: &[ApprovalSpec], covers: fn(&ApprovalSpec) -> &'static str) -> String {
    let mut text = String::new();
    for one in approvals {
        write!(text, "approval by=g{}{}", one.group, covers(one)).unwrap();
        if let Some(quorum) = one.quorum {
            write!(text, " quorum={quorum}").unwrap();
        }
        if let Some(ttl) = one.ttl {
            write!(text, " ttl=\"{ttl}m\"").unwrap();
        }
        text.push('\n');
    }
    text
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
