//! A universe as the files that a person would write.

use std::fmt::Write as _;

use bailiwick_compiler::source::Memory;
use serde_json::{Value, json};

use super::universe::{
    Approval, Arg, Demand, Environment, Grant, PATTERNS, Pattern, Server, Settings, Subject, TOOLS,
    Tool, Universe,
};

/// Groups of people.
pub(super) const GROUPS: usize = 2;

/// The catalog, and a definition file for each server.
pub(super) fn files(universe: &Universe) -> Memory {
    let mut files = Memory::default();
    files.insert("catalogs/org.kdl", kdl(universe));
    for (index, server) in universe.servers.iter().enumerate() {
        let lock = lock(index, server).to_string();
        files.insert(format!("catalogs/lock/s{index}@1.json"), lock);
    }
    files
}

/// The catalog as text.
pub(super) fn kdl(universe: &Universe) -> String {
    let mut kdl = "catalog acme language=1\nteam t\n".to_owned();
    for group in 0..GROUPS {
        writeln!(kdl, "group g{group}").unwrap();
    }
    for (index, server) in universe.servers.iter().enumerate() {
        kdl += &server_block(index, server);
    }
    for (index, role) in universe.roles.iter().enumerate() {
        let allow = format!("allow {}\n", patterns(&role.allow));
        kdl += &node(&format!("role r{index}"), &(allow + &settings(&role.own)));
    }
    for (index, own) in universe.agents.iter().enumerate() {
        let identity = format!("identity kubernetes namespace=agents service-account=a{index}\n");
        kdl += &node(
            &format!("agent a{index} team=t"),
            &(identity + &settings(own)),
        );
    }
    for (index, environment) in universe.environments.iter().enumerate() {
        kdl += &target(index, environment);
        // Blocks of one environment add up.
        let (first, second) = environment.grants.split_at(environment.grants.len() / 2);
        let first: String = first.iter().map(grant).collect();
        let second: String = second.iter().map(grant).collect();
        kdl += &node(&format!("overlay e{index}"), &first);
        kdl += &node(
            &format!("overlay e{index}"),
            &(overlay(environment) + &second),
        );
    }
    kdl
}

/// The tools of a server that are locked, as it gave them.
fn lock(index: usize, server: &Server) -> Value {
    let locked = server.tools.iter().filter(|tool| tool.is_locked);
    let tools: Vec<Value> = locked
        .map(|tool| {
            let schema = &tool.schema;
            let (mut word, mut count) = (json!({"type": "string"}), json!({"type": "integer"}));
            if let Some(most) = schema.longest_word {
                word["maxLength"] = most.into();
            }
            if let Some(least) = schema.least_count {
                count["minimum"] = least.into();
            }
            let required: &[&str] = if schema.needs_word { &["word"] } else { &[] };
            let schema = json!({
                "type": "object", "properties": {"count": count, "word": word}, "required": required,
            });
            json!({"name": tool.name, "inputSchema": schema})
        })
        .collect();
    json!({
        "protocol": "1", "revision": "1", "server": format!("s{index}"),
        "service": format!("tools/s{index}"), "tools": tools,
    })
}

fn server_block(index: usize, server: &Server) -> String {
    let tools: String = server.tools.iter().map(tool).collect();
    let children = format!("service \"tools/s{index}\"\n")
        + &settings(&server.own)
        + &node("tool-defaults", &settings(&server.defaults))
        + &tools;
    node(&format!("server s{index} team=t version=\"1\""), &children)
}

fn tool(tool: &Tool) -> String {
    let mut head = format!("tool {}", tool.name);
    if let Some(effect) = tool.effect {
        write!(head, " effect={effect}").unwrap();
    }
    if let Some(is_safe) = tool.is_repeat_safe {
        let word = if is_safe { "safe" } else { "unsafe" };
        write!(head, " repeat={word}").unwrap();
    }
    if let Some(alias) = tool.alias {
        write!(head, " as={alias}").unwrap();
    }
    node(&head, &settings(&tool.own))
}

fn target(index: usize, environment: &Environment) -> String {
    let mut children = format!(
        "dispatch {{\nimage \"r.example/dispatch:1\"\nurl \"https://e{index}.example/mcp\"\n\
         tls none\ndeployers \"group:platform\"\n}}\n\
         issuer cluster kind=kubernetes url=\"https://oidc.e{index}.example\"\n"
    );
    children += &settings(&environment.own);
    if !environment.deny.is_empty() {
        writeln!(children, "deny {} reason=x", patterns(&environment.deny)).unwrap();
    }
    node(&format!("environment e{index}"), &children)
}

fn overlay(environment: &Environment) -> String {
    let mut text = String::new();
    for server in &environment.deployed {
        writeln!(text, "deploy s{server}").unwrap();
    }
    for suspended in &environment.suspended {
        writeln!(text, "suspend {} reason=x", subject(*suspended)).unwrap();
    }
    for (patched, own) in &environment.patches {
        let head = format!("patch {}", subject(*patched));
        text += &node(&head, &settings(own));
    }
    text
}

fn grant(grant: &Grant) -> String {
    let mut head = format!("grant a{}", grant.agent);
    for role in &grant.roles {
        write!(head, " r{role}").unwrap();
    }
    write!(head, " {}", patterns(&grant.tools)).unwrap();
    if let Some(until) = grant.until {
        write!(head, " until=\"{until}\"").unwrap();
    }
    if grant.is_shadow {
        head += " mode=shadow";
    }
    node(&head, &settings(&grant.own))
}

fn subject(subject: Subject) -> String {
    match subject {
        Subject::Agent(agent) => format!("agent a{agent}"),
        Subject::Server(server) => format!("server s{server}"),
        Subject::Tool(server, tool) => format!("tool s{server}:{}", TOOLS[tool]),
    }
}

fn patterns(patterns: &[Pattern]) -> String {
    let words = patterns.iter().map(|one| match (one.server, one.tool) {
        (Some(server), tool) => format!("s{server}:{tool}"),
        (None, "*") => "*".to_owned(),
        (None, tool) => format!("*:{tool}"),
    });
    words.collect::<Vec<_>>().join(" ")
}

fn node(head: &str, children: &str) -> String {
    if children.is_empty() {
        format!("{head}\n")
    } else {
        format!("{head} {{\n{children}}}\n")
    }
}

fn settings(own: &Settings) -> String {
    let mut text = String::new();
    if let Some(limit) = &own.limit {
        text += "limit";
        if let Some((calls, per)) = limit.rate {
            write!(text, " {calls} per=\"{per}ms\"").unwrap();
        }
        for (name, value) in [("burst", limit.burst), ("concurrent", limit.concurrent)] {
            if let Some(value) = value {
                write!(text, " {name}={value}").unwrap();
            }
        }
        let sizes = [
            ("max-args", limit.max_args),
            ("max-result", limit.max_result),
        ];
        for (name, value) in sizes {
            if let Some(value) = value {
                write!(text, " {name}=\"{value}B\"").unwrap();
            }
        }
        text.push('\n');
    }
    if let Some(timeout) = own.timeout {
        writeln!(text, "timeout \"{timeout}ms\"").unwrap();
    }
    if let Some(tries) = own.retry {
        writeln!(text, "retry {tries}").unwrap();
    }
    text.extend(own.approvals.iter().map(approval));
    text.extend(own.args.iter().map(arg));
    text
}

fn approval(one: &Approval) -> String {
    let mut text = format!("approval by=g{}", one.group);
    if one.for_write {
        text += " for=write";
    }
    if let Some(quorum) = one.quorum {
        write!(text, " quorum={quorum}").unwrap();
    }
    if let Some(minutes) = one.ttl {
        write!(text, " ttl=\"{minutes}m\"").unwrap();
    }
    text + "\n"
}

fn arg(one: &Arg) -> String {
    let mut text = format!("arg {}", one.name);
    match &one.demand {
        Demand::Fix(value) => write!(text, " fix={value}").unwrap(),
        Demand::OneOf(values) => text.extend(values.iter().map(|value| format!(" {value}"))),
        Demand::Pattern(pattern) => write!(text, " pattern=\"{}\"", PATTERNS[*pattern].0).unwrap(),
        Demand::MaxLength(most) => write!(text, " max-length={most}").unwrap(),
        Demand::Between(least, most) => {
            if *least > i64::MIN {
                write!(text, " min={least}").unwrap();
            }
            if *most < i64::MAX {
                write!(text, " max={most}").unwrap();
            }
        }
    }
    text + "\n"
}
