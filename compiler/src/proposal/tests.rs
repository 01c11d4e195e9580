//! Whole blocks, also for servers that want to get out of them.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::*;
use crate::source::Memory;
use crate::{Date, check};

fn proposed(
    origin: &Origin,
    variables: &[(&str, &str)],
    tools: &[&str],
) -> Result<String, ProposalError> {
    let owned: Vec<Box<RawValue>> = tools
        .iter()
        .map(|tool| RawValue::from_string((*tool).to_owned()).unwrap())
        .collect();
    let name = |tool: &RawValue| {
        let value: serde_json::Value = serde_json::from_str(tool.get()).unwrap();
        value["name"].as_str().unwrap().to_owned()
    };
    let tools = owned.iter().map(|tool| (name(tool), &**tool)).collect();
    let variables: BTreeMap<String, String> = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    Proposal {
        server: "kb",
        team: Some("docs"),
        revision: "1.0",
        origin,
        variables: &variables,
        tools: &tools,
    }
    .to_kdl()
}

fn command(words: &[&str]) -> Origin {
    let words = words.iter().map(|word| (*word).to_owned());
    Origin {
        command: Some(words.collect()),
        ..Origin::default()
    }
}

#[test]
fn a_block_says_what_is_known_and_what_is_not() {
    let block = proposed(
        &command(&["kb-server", "--dir", "C:\\x \"y\""]),
        &[
            ("KB_URL", "https://kb.example"),
            ("KB_TOKEN", "hunter2"),
            ("X", "ghp_0123456789abcdef0123"),
        ],
        &[
            r#"{"name":"search","annotations":{"readOnlyHint":true,"openWorldHint":false}}"#,
            r#"{"name":"1st","description":"\n}\nagent x"}"#,
        ],
    )
    .unwrap();
    assert_eq!(
        block,
        r#"// Proposed from what the server says of itself. Review each line, then remove its comment.
server kb team=docs version="1.0" {
    command "kb-server" "--dir" "C:\\x \"y\""
    secret KB_TOKEN from=kb-secrets key=KB_TOKEN // review: name the Secret that has it; its value was not written
    env KB_URL "https://kb.example"
    secret X from=kb-secrets key=X // review: name the Secret that has it; its value was not written

    tool "1st" effect=destructive reads=restricted content=untrusted sends=external // review: unknown, so the worst: effect, sends, reads, content
    tool search effect=read reads=restricted content=untrusted sends=none // review: effect by the server's readOnlyHint; sends by the server's openWorldHint; unknown, so the worst: reads, content
}
"#
    );
}

#[test]
fn the_tag_of_an_image_is_the_revision() {
    let origin = Origin {
        image: Some("registry.example/kb:1.0".into()),
        ..Origin::default()
    };
    let block = proposed(&origin, &[], &[]).unwrap();
    assert!(
        block.contains("server kb team=docs {\n    image \"registry.example/kb:1.0\"\n}\n"),
        "{block}"
    );
    let other = Origin {
        image: Some("registry.example/kb:2".into()),
        ..Origin::default()
    };
    assert!(matches!(
        proposed(&other, &[], &[]),
        Err(ProposalError::OtherRevision { .. })
    ));
}

#[test]
fn secrets_on_a_command_line_are_refused() {
    for words in [
        &["x", "--access-token=abc"][..],
        &["x", "--password", "abc"],
        &["x", "glpat-0123456789abcdef0123"],
        &["x", "postgres://u:p@db"],
    ] {
        let refused = proposed(&command(words), &[], &[]).unwrap_err();
        let text = refused.to_string();
        assert!(
            matches!(refused, ProposalError::SecretArgument(_)),
            "{words:?}"
        );
        assert!(!text.contains("abc") && !text.contains("glpat"), "{text}");
    }
    assert!(
        proposed(
            &command(&["x", "--token-file", "/t", "--password"]),
            &[],
            &[]
        )
        .is_ok()
    );
}

#[test]
fn what_a_server_says_cannot_become_a_node() {
    let hostile = [
        r#"{"name":"x\n}\nagent evil team=docs\nserver y {"}"#,
        r#"{"name":"x*/ } agent evil { \u202e\u2028"}"#,
        r#"{"name":"ok","title":"\n grant evil *"}"#,
    ];
    let block = proposed(
        &command(&["a\n}\nagent evil"]),
        &[("A", "\n}\nagent evil")],
        &hostile,
    )
    .unwrap();
    let mut files = Memory::default();
    files.insert(
        "catalogs/org.kdl",
        format!("catalog a language=1\nteam docs\n{block}"),
    );
    let report = check(&files, &Date::parse("2026-12-01").unwrap()).unwrap();
    assert_eq!(report.findings, []);
    assert!(report.resolved.catalog.agents.is_empty());
    let server = &report.resolved.catalog.servers["kb"];
    assert_eq!(
        server.tools.keys().map(|name| &**name).collect::<Vec<_>>(),
        ["ok"]
    );
}
