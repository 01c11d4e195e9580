//! Random catalogs as the text that a person would write.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::fixture::Files;
use super::random::{EnvironmentSpec, LimitAndTimeout, Limits, Pattern, Spec, TOOLS, is_written};

/// The catalog as files.
pub(super) fn files(spec: &Spec) -> Files {
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
