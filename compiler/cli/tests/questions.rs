//! The commands that ask: their answers over the examples, their exit codes, and that JSON keeps to its schema.

#![cfg(test)]

mod support;

use std::fs;

use bailiwick_compiler::answer;
use serde_json::Value;
use support::{Ran, bailiwick, example, run, small_catalog};

fn ask(arguments: &[&str]) -> Ran {
    run(bailiwick()
        .arg("-C")
        .arg(example("environments"))
        .args(arguments))
}

/// What a person sees: the command, what it says, its exit code.
fn session(commands: &[&[&str]]) -> String {
    let said = commands.iter().map(|arguments| {
        let Ran { code, out, err } = ask(arguments);
        let code = code.unwrap();
        format!("$ bailiwick {}\n{out}{err}[{code}]\n", arguments.join(" "))
    });
    said.collect::<Vec<String>>().join("\n")
}

fn snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../../snapshots/cli");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[test]
fn why_says_each_hop_or_the_nearest_missing_line() {
    snapshot(
        "why",
        &session(&[
            &["why", "triage-bot", "memory:search_nodes", "--env", "prod"],
            &[
                "why",
                "triage-bot",
                "memory:create_entities",
                "--env",
                "prod",
            ],
            &[
                "why",
                "triage-bot",
                "memory:delete_entities",
                "--env",
                "prod",
            ],
            &["why", "helpdesk", "fetch:fetch", "--env", "prod"],
        ]),
    );
}

/// The help of `why` in a catalog in which the agent holds `reader`, which excludes `dropper`.
fn help_for(tool: &str, more_roles: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    small_catalog(folder.path(), "    grant clerk reader\n");
    let catalog = folder.path().join("catalogs/org.kdl");
    let mut text = fs::read_to_string(&catalog).unwrap();
    text.push_str(
        "role reader { allow kb:get_article; }\nrole dropper { allow kb:drop_article; }\n\
         exclusive reader dropper reason=\"who reads does not drop\"\n\
         agent clerk team=support {\n    identity kubernetes namespace=agents service-account=clerk\n}\n\
         agent guest team=support {\n    identity kubernetes namespace=agents service-account=guest\n}\n",
    );
    text.push_str(more_roles);
    fs::write(&catalog, text).unwrap();
    let agent = if tool.ends_with("get_article") {
        "guest"
    } else {
        "clerk"
    };
    let question = ["why", agent, tool, "--env", "dev"];
    let said = run(bailiwick().arg("-C").arg(folder.path()).args(question));
    assert_eq!(said.code, Some(1), "{}", said.err);
    let (_, help) = said.out.split_once("help: ").unwrap();
    help.trim_end().to_owned()
}

#[test]
fn why_proposes_the_least_and_nothing_that_an_exclusive_forbids() {
    let both = "role editor { allow kb:*; }\n";
    assert_eq!(
        help_for("kb:get_article", both),
        "`grant guest reader` would give it"
    );
    assert_eq!(
        help_for("kb:drop_article", both),
        "`grant clerk kb:drop_article` would give it alone"
    );
    assert_eq!(
        help_for("kb:drop_article", ""),
        "grant it to another agent: `exclusive` keeps `dropper` apart from `reader`"
    );
}

#[test]
fn who_can_lists_agents_with_their_terms() {
    snapshot(
        "who-can",
        &session(&[
            &["who-can", "context7:query-docs", "--env", "prod"],
            &["who-can", "memory:delete_entities", "--env", "prod"],
        ]),
    );
}

#[test]
fn what_can_lists_tools_and_compares_environments() {
    snapshot(
        "what-can",
        &session(&[
            &["what-can", "helpdesk", "--env", "prod"],
            &["what-can", "helpdesk", "--env", "dev"],
            &["what-can", "triage-bot", "--env", "prod", "--diff", "stage"],
            &["what-can", "triage-bot", "--env", "prod", "--diff", "prod"],
        ]),
    );
}

#[test]
fn flows_are_shown_in_the_order_of_the_data() {
    snapshot(
        "graph-flows",
        &session(&[
            &[
                "graph",
                "flows",
                "--env",
                "prod",
                "--from",
                "confidential",
                "--to",
                "external",
            ],
            &[
                "graph",
                "flows",
                "--env",
                "prod",
                "--from",
                "untrusted",
                "--to",
                "destructive",
            ],
            &[
                "graph",
                "flows",
                "--env",
                "stage",
                "--from",
                "untrusted",
                "--to",
                "write",
            ],
        ]),
    );
}

#[test]
fn mistyped_names_end_with_two_and_a_suggestion() {
    snapshot(
        "questions-unknown",
        &session(&[
            &["why", "tirage-bot", "memory:search_nodes", "--env", "prod"],
            &["why", "reply-bot", "memroy:search_nodes", "--env", "prod"],
            &["why", "reply-bot", "memory:serch_nodes", "--env", "prod"],
            &["who-can", "search_nodes", "--env", "prod"],
            &["what-can", "reply-bot", "--env", "prd"],
            &["what-can", "reply-bot", "--env", "prod", "--diff", "stag"],
            &[
                "graph",
                "flows",
                "--env",
                "prod",
                "--from",
                "confidental",
                "--to",
                "external",
            ],
        ]),
    );
}

#[test]
fn json_answers_keep_to_the_published_schema_and_end_as_text_does() {
    let schema = serde_json::to_value(answer::schema()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let questions: [&[&str]; 6] = [
        &["why", "triage-bot", "memory:search_nodes", "--env", "prod"],
        &[
            "why",
            "triage-bot",
            "memory:delete_entities",
            "--env",
            "prod",
        ],
        &["who-can", "context7:query-docs", "--env", "prod"],
        &["what-can", "triage-bot", "--env", "prod", "--diff", "stage"],
        &["what-can", "helpdesk", "--env", "dev"],
        &[
            "graph", "flows", "--env", "prod", "--from", "internal", "--to", "external",
        ],
    ];
    for question in questions {
        let in_json = ask(&[question, &["--format", "json"]].concat());
        assert_eq!(in_json.code, ask(question).code, "{question:?}");
        assert_eq!(in_json.out.matches('\n').count(), 1, "{question:?}");
        let value: Value = serde_json::from_str(&in_json.out).unwrap();
        assert_eq!(value["version"], answer::VERSION);
        assert!(validator.is_valid(&value), "{value:#}");
        let mut spoiled = value;
        spoiled["environment"] = Value::Null;
        assert!(!validator.is_valid(&spoiled), "the schema accepts anything");
    }
    snapshot(
        "answer-schema",
        &serde_json::to_string_pretty(&schema).unwrap(),
    );
}

#[test]
fn help_says_the_exit_codes() {
    for command in [
        &["why"][..],
        &["who-can"],
        &["what-can"],
        &["graph", "flows"],
        &["graph"],
        &["test"],
    ] {
        let help = ask(&[command, &["--help"]].concat());
        assert_eq!(help.code, Some(0));
        assert!(help.out.contains("Exit codes: 0 "), "{}", help.out);
    }
}

#[test]
fn delegation_approval_and_suspension_are_said() {
    let folder = tempfile::tempdir().unwrap();
    let more = "    grant helper kb:drop_article {\n        approval by=editors quorum=2\n    }\n    \
                suspend tool kb:get_article reason=\"under repair\"\n";
    small_catalog(folder.path(), more);
    let catalog = folder.path().join("catalogs/org.kdl");
    let mut text = fs::read_to_string(&catalog).unwrap();
    text.push_str(
        "group editors idp=\"editors\"\nagent lead team=support {\n    describe \"answers \\u{202e}first\"\n    \
         identity kubernetes namespace=agents service-account=lead\n    delegate helper\n}\n",
    );
    fs::write(&catalog, text).unwrap();
    let questions = [
        ["why", "lead", "kb:drop_article", "--env", "dev"].as_slice(),
        &["why", "helper", "kb:get_article", "--env", "dev"],
        &["who-can", "kb:drop_article", "--env", "dev"],
        &["what-can", "lead", "--env", "dev"],
        &[
            "graph", "flows", "--env", "dev", "--from", "internal", "--to", "write",
        ],
    ];
    let said = questions.map(|question| {
        let Ran { code, out, err } = run(bailiwick().arg("-C").arg(folder.path()).args(question));
        let code = code.unwrap();
        format!("$ bailiwick {}\n{out}{err}[{code}]\n", question.join(" "))
    });
    snapshot("questions-delegation", &said.join("\n"));
}

/// An agent whose own calls wait for an approval in both environments, and which can have another agent make
/// them without one in the first.
#[test]
fn a_second_way_without_approval_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let own = "    grant lead kb:drop_article { approval by=editors; }\n";
    small_catalog(
        folder.path(),
        &format!("    grant helper kb:drop_article\n{own}"),
    );
    let catalog = folder.path().join("catalogs/org.kdl");
    let mut text = fs::read_to_string(&catalog).unwrap();
    text += "group editors idp=\"editors\"\nagent lead team=support {\n    \
             identity kubernetes namespace=agents service-account=lead\n    delegate helper\n}\n\
             environment next\noverlay next {\n    deploy kb\n    grant helper kb:get_article\n";
    text += own;
    text += "}\n";
    fs::write(&catalog, text).unwrap();
    let ask = |question: &[&str]| run(bailiwick().arg("-C").arg(folder.path()).args(question));
    let questions = [
        ["who-can", "kb:drop_article", "--env", "dev"].as_slice(),
        &["what-can", "lead", "--env", "dev"],
        &["what-can", "lead", "--env", "next"],
        &["what-can", "lead", "--env", "dev", "--diff", "next"],
    ];
    let said = questions.map(|question| {
        let Ran { code, out, err } = ask(question);
        let code = code.unwrap();
        format!("$ bailiwick {}\n{out}{err}[{code}]\n", question.join(" "))
    });
    snapshot("questions-second-way", &said.join("\n"));
    for (environment, waits) in [("dev", false), ("next", true)] {
        let said = ask(&["what-can", "lead", "--env", environment, "--format", "json"]);
        let answer: Value = serde_json::from_str(&said.out).unwrap();
        let tools = answer["tools"].as_array().unwrap();
        let tool = tools.iter().find(|tool| tool["tool"] == "kb:drop_article");
        assert_eq!(tool.unwrap()["needs_approval"], waits, "{environment}");
    }
}

#[test]
fn junit_has_a_suite_for_each_environment_and_the_path_of_a_failure() {
    let folder = tempfile::tempdir().unwrap();
    small_catalog(folder.path(), "");
    let catalog = folder.path().join("catalogs/org.kdl");
    let mut text = fs::read_to_string(&catalog).unwrap();
    text.push_str(
        "test \"<nobody> reads\" env=dev {\n    cannot helper kb:get_article\n}\n\
         test \"helper reads\" env=dev {\n    can helper kb:get_article\n}\n",
    );
    fs::write(&catalog, text).unwrap();
    let said = run(bailiwick()
        .arg("-C")
        .arg(folder.path())
        .args(["test", "--format", "junit"]));
    assert_eq!(said.code, Some(1), "{}", said.err);
    snapshot("test-junit", &said.out);
}

#[test]
fn the_graph_is_drawn_in_every_format() {
    let draw = |format: &str| ask(&["graph", "--env", "stage", "--format", format]);
    for format in ["json", "dot", "mermaid", "svg", "html"] {
        let (first, second) = (draw(format), draw(format));
        assert_eq!(first.code, Some(0), "{}", first.err);
        assert_eq!(first, second, "{format} differs from run to run");
    }
    let schema = serde_json::to_value(bailiwick_compiler::picture::schema()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let graph: Value = serde_json::from_str(&draw("json").out).unwrap();
    assert!(validator.is_valid(&graph), "{graph:#}");
    snapshot(
        "graph-schema",
        &serde_json::to_string_pretty(&schema).unwrap(),
    );
    snapshot("graph-mermaid", &draw("mermaid").out);
    snapshot("graph-dot", &draw("dot").out);
    snapshot("graph-svg", &draw("svg").out);
}

#[test]
fn a_page_without_env_has_all_environments_and_other_pictures_ask_for_one() {
    let page = ask(&["graph", "--format", "html"]);
    assert_eq!(page.code, Some(0), "{}", page.err);
    for name in ["dev", "stage", "prod"] {
        assert!(
            page.out
                .contains(&format!("{{\"name\":\"{name}\",\"nodes\""))
        );
    }
    let picture = ask(&["graph", "--format", "svg"]);
    assert_eq!(picture.code, Some(2));
    assert_eq!(
        picture.err,
        "error: say which environment with --env: dev, prod, stage\n"
    );
}

/// What the compiler would refuse is not proposed.
#[test]
fn a_server_that_is_not_visible_has_to_be_shown_first() {
    let folder = tempfile::tempdir().unwrap();
    small_catalog(folder.path(), "");
    let catalog = folder.path().join("catalogs/org.kdl");
    let own = fs::read_to_string(&catalog).unwrap();
    let ask = |more: &str| {
        let text = format!("{own}team other\nagent stranger team=other\n{more}");
        fs::write(&catalog, text).unwrap();
        let question = ["why", "stranger", "kb:get_article", "--env", "dev"];
        run(bailiwick().arg("-C").arg(folder.path()).args(question))
    };
    let proposed = "`support` can write `visible-to other` in the server";
    let Ran { out, .. } = ask("role reader { allow kb:get_article; }\n");
    assert!(
        out.contains(proposed) && !out.contains("would give it"),
        "{out}"
    );
    let refused = ask("overlay dev { grant stranger kb:get_article; }\n");
    assert!(
        refused.err.contains("NAM006") && refused.err.contains(proposed),
        "{}",
        refused.err
    );
}
