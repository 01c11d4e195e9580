//! What is said to be missing, for each thing that can be.

use crate::graph::Missing;
use crate::source::Memory;
use crate::{Date, Report, check};

const CATALOG: &str = r#"
catalog acme language=1
team t
server kb team=t version="1" {
    url "https://kb.example/mcp"
    tool get effect=read
    tool put effect=write
    tool gone effect=read
    tool open effect=write
    tool close effect=write
    tool list effect=read
}
server wiki team=t version="1" {
    url "https://wiki.example/mcp"
    tool read effect=read
}
server lost team=t version="1" {
    url "https://lost.example/mcp"
    tool find effect=read
}
role writer { allow kb:put; }
agent one team=t { delegate two; }
agent two team=t
role opener { allow kb:open; }
role closer { allow kb:close; }
role desk { allow kb:list kb:close; }
role office { allow kb:*; }
exclusive opener closer reason="maker and checker"
exclusive opener office reason="maker and checker"
agent maker team=t
agent chief team=t { delegate maker idle; }
agent idle team=t
agent other team=t
environment dev { deny kb:put reason="no"; }
environment next
overlay dev {
    deploy kb lost
    grant two kb:get
    grant one kb:put mode=shadow
    grant maker opener
    grant maker office mode=shadow
    suspend tool kb:get reason="wrong answers"
}
overlay next { deploy wiki kb; grant one kb:put; }
"#;

fn report() -> Report {
    let mut files = Memory::default();
    files.insert("catalogs/org.kdl", CATALOG);
    for (server, tools) in [
        (
            "kb",
            r#"{"name":"get"},{"name":"put"},{"name":"secret"},{"name":"open"},{"name":"close"},{"name":"list"}"#,
        ),
        ("wiki", r#"{"name":"read"}"#),
    ] {
        let lock = format!(
            r#"{{"protocol":"1","revision":"1","server":"{server}","tools":[{tools}],"url":"https://{server}.example/mcp"}}"#
        );
        files.insert(format!("catalogs/lock/{server}@1.json"), lock);
    }
    check(&files, &Date::parse("2026-12-01").unwrap()).unwrap()
}

/// The text at a place.
fn at(report: &Report, loc: crate::source::Loc) -> String {
    let file = report.sources.get(loc.file).unwrap();
    let (start, end) = (loc.span.start as usize, loc.span.end as usize);
    String::from_utf8_lossy(&file.text.as_bytes()[start..end]).into_owned()
}

fn missing(report: &Report, agent: &str, tool: (&str, &str)) -> String {
    let resolved = &report.resolved;
    let graph = &resolved.graphs["dev"];
    let why = graph.why(&resolved.catalog, &resolved.environments, agent, tool);
    let at = |loc| at(report, loc);
    match why.missing {
        None => {
            let path = why.paths.first().unwrap().text(graph);
            format!("{path}, {} suspended", why.suspended.len())
        }
        Some(Missing::Agent) => "agent".to_owned(),
        Some(Missing::Server) => "server".to_owned(),
        Some(Missing::Tool { server, is_locked }) => {
            format!("tool of {}, locked {is_locked}", at(server))
        }
        Some(Missing::Deployment { elsewhere, .. }) => {
            let elsewhere = elsewhere.iter().map(|(name, _)| name.to_string());
            format!("deployment, but in {}", elsewhere.collect::<String>())
        }
        Some(Missing::Definitions { server }) => format!("definitions of {}", at(server)),
        Some(Missing::Lock { tool }) => format!("lock of {}", at(tool)),
        Some(Missing::Grant {
            roles,
            shadow,
            elsewhere,
            denied,
            hidden,
        }) => format!(
            "grant: role {:?}, shadow {:?}, elsewhere {:?}, denied {:?}{}",
            roles
                .iter()
                .map(|role| (&*role.name, role.further, role.apart_from.as_deref()))
                .collect::<Vec<_>>(),
            shadow.into_iter().map(at).collect::<Vec<_>>(),
            elsewhere
                .iter()
                .map(|(name, _)| &**name)
                .collect::<Vec<_>>(),
            denied.map(at),
            hidden.map_or_else(String::new, |hidden| format!(
                ", hidden by {} from {}",
                hidden.owner, hidden.team
            ))
        ),
    }
}

#[test]
fn the_nearest_missing_line_is_named() {
    let report = report();
    let cases = [
        ("nobody", ("kb", "get"), "agent"),
        ("one", ("nothing", "get"), "server"),
        ("one", ("kb", "secret"), "tool of kb, locked true"),
        ("one", ("kb", "nothing"), "tool of kb, locked false"),
        ("one", ("wiki", "read"), "deployment, but in next"),
        ("one", ("lost", "find"), "definitions of lost"),
        ("one", ("kb", "gone"), "lock of gone"),
        ("one", ("kb", "get"), "one -> two -> kb:get, 1 suspended"),
        (
            "one",
            ("kb", "put"),
            r#"grant: role [("writer", 0, None), ("office", 4, None)], shadow ["kb:put"], elsewhere ["next"], denied Some("kb:put")"#,
        ),
    ];
    for (agent, tool, expected) in cases {
        assert_eq!(missing(&report, agent, tool), expected, "{agent} {tool:?}");
    }
}

/// An `exclusive` holds for the agent that has the role, for the one that has it called, and for one that this
/// one can call, though that is granted nothing.
#[test]
fn roles_that_give_the_least_come_first_and_excluded_ones_last() {
    let report = report();
    let among =
        |roles: &str| format!("grant: role [{roles}], shadow [], elsewhere [], denied None");
    let free = among(r#"("closer", 0, None), ("desk", 1, None), ("office", 4, None)"#);
    let bound =
        among(r#"("desk", 1, None), ("closer", 0, Some("opener")), ("office", 4, Some("opener"))"#);
    for (agent, expected) in [
        ("other", &free),
        ("maker", &bound),
        ("chief", &bound),
        ("idle", &bound),
    ] {
        assert_eq!(
            missing(&report, agent, ("kb", "close")),
            *expected,
            "{agent}"
        );
    }
}
