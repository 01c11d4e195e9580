//! A generated organisation: 10 teams with 4 servers of 25 tools and 5 agents each, in 3 environments.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::json;

const TEAMS: u32 = 10;
const SERVERS: u32 = 4;
const TOOLS: u32 = 25;
const AGENTS: u32 = 5;
const GRANTS: u32 = 20;
const ENVIRONMENTS: [&str; 3] = ["dev", "stage", "prod"];

/// How many tools, agents and environments it has.
pub(crate) fn size() -> (u32, u32, usize) {
    (TEAMS * SERVERS * TOOLS, TEAMS * AGENTS, ENVIRONMENTS.len())
}

/// The environments.
pub(crate) fn environments() -> [&'static str; 3] {
    ENVIRONMENTS
}

/// Writes its catalogs below `folder`; the same in every run.
pub(crate) fn write(folder: &Path) {
    let catalogs = folder.join("catalogs");
    let mut org = "catalog acme language=1\n".to_owned();
    for team in 0..TEAMS {
        writeln!(
            org,
            "group leads{team}\nteam team{team} {{ owner leads{team}; }}"
        )
        .unwrap();
    }
    for (rank, name) in ENVIRONMENTS.iter().enumerate() {
        let after = rank.checked_sub(1).map(|before| ENVIRONMENTS[before]);
        let after = after.map_or(String::new(), |before| format!(" after={before}"));
        writeln!(
            org,
            r#"environment {name} tier={name}{after} {{
    network cilium
    dispatch {{
        image "registry.acme.internal/bailiwick/dispatch:1.0.0@{}"
        url "https://mcp.{name}.acme.internal/mcp"
        tls issuer=internal-ca
        deployers "group:platform"
    }}
    issuer cluster kind=kubernetes url="https://oidc.{name}.acme.internal"
    limit 300 per="1m" concurrent=16
}}"#,
            digest(0)
        )
        .unwrap();
    }
    put(&catalogs.join("org.kdl"), &org);
    // A small generator with a fixed seed: its numbers only have to look unsorted.
    let mut state: u32 = 7;
    let mut next = move |below: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) % below
    };
    for team in 0..TEAMS {
        let folder = catalogs.join(format!("team{team}"));
        let mut catalog = String::new();
        let mut deployed = String::new();
        for server in team * SERVERS..(team + 1) * SERVERS {
            write_server(&folder, &mut catalog, server);
            write!(deployed, " server{server}").unwrap();
        }
        let mut overlay = format!("    deploy{deployed}\n");
        let mut left: BTreeSet<(u32, u32)> = (team * SERVERS..(team + 1) * SERVERS)
            .flat_map(|server| (0..TOOLS).map(move |tool| (server, tool)))
            .collect();
        for agent in team * AGENTS..(team + 1) * AGENTS {
            writeln!(
                catalog,
                "agent agent{agent} {{\n    identity kubernetes namespace=team{team} service-account=agent{agent}\n}}"
            )
            .unwrap();
            write!(overlay, "    grant agent{agent}").unwrap();
            let mut granted = BTreeSet::new();
            while granted.len() < GRANTS as usize {
                granted.insert((team * SERVERS + next(SERVERS), next(TOOLS)));
            }
            for (server, tool) in granted {
                write!(overlay, " server{server}:tool{tool}").unwrap();
                left.remove(&(server, tool));
            }
            overlay.push('\n');
        }
        put(&folder.join("catalog.kdl"), &catalog);
        let mut test =
            format!("test \"what nobody of team{team} may call\" env=prod {{\n    cannot *");
        for (server, tool) in left {
            write!(test, " server{server}:tool{tool}").unwrap();
        }
        test.push_str("\n}\n");
        for name in ENVIRONMENTS {
            let test = if name == "prod" { &*test } else { "" };
            put(
                &folder.join(format!("{name}.kdl")),
                &format!("overlay {name} {{\n{overlay}}}\n{test}"),
            );
        }
    }
}

/// A server, and its lock file.
fn write_server(folder: &Path, catalog: &mut String, server: u32) {
    let image = format!("registry.acme.internal/mcp/server{server}:1.0.0");
    let digest = digest(server + 1);
    writeln!(
        catalog,
        "server server{server} {{\n    image \"{image}@{digest}\"\n    command \"serve\"\n    timeout \"10s\"\n    tool-defaults effect=read reads=internal content=trusted"
    )
    .unwrap();
    let mut tools: Vec<_> = (0..TOOLS)
        .map(|tool| {
            writeln!(catalog, "    tool tool{tool}").unwrap();
            let text = |what: &str| json!({ "type": "string", "description": what });
            json!({
                "name": format!("tool{tool}"),
                "description": format!("Does the work number {tool} of server {server}, and says how it went."),
                "inputSchema": {
                    "type": "object",
                    "properties": {
                        "subject": text("What it is about"),
                        "reason": text("Why it is done"),
                        "count": { "type": "integer", "minimum": 1, "maximum": 100 },
                    },
                    "required": ["subject"],
                },
            })
        })
        .collect();
    catalog.push_str("}\n");
    tools.sort_by_key(|tool| tool["name"].to_string());
    let lock = json!({
        "command": ["serve"],
        "image": { "digest": digest, "reference": format!("{image}@{digest}") },
        "protocol": "2025-11-25",
        "revision": "1.0.0",
        "server": format!("server{server}"),
        "tools": tools,
    });
    let text = serde_json::to_string_pretty(&lock).unwrap() + "\n";
    put(
        &folder.join(format!("lock/server{server}@1.0.0.json")),
        &text,
    );
}

fn digest(number: u32) -> String {
    format!("sha256:{number:064x}")
}

fn put(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}
