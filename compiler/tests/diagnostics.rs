//! Findings as people and programs see them. The renderings are in `snapshots/diagnostic`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bailiwick_compiler::diagnostic::terminal::Colour;
use bailiwick_compiler::diagnostic::{Check, Diagnostic, Level, json, terminal};
use bailiwick_compiler::source::{FileId, Loc, Sources, Span};

static SEPARATION: Check = Check {
    code: "GRA007",
    name: "separation-of-duties",
    summary: "an agent holds roles that exclude each other",
    level: Level::Error,
};

const PROD: &str = "\
overlay prod {
    deploy ledger
    deploy mail
    grant ledger-reader refund-approver
    limit 60
    timeout \"10s\"
    grant mail-bot mail:*
    suspend tool x:y reason=\"z\"
    patch server ledger {
    }
    grant refund-assistant refund-proposer
}
";

const ORG: &str = "\
catalog acme language=1
exclusive refund-proposer refund-approver reason=\"SOX: maker and checker must differ\"
";

fn loc(sources: &Sources, file: FileId, words: &str) -> Loc {
    let text = &sources.get(file).unwrap().text;
    let start = u32::try_from(text.find(words).unwrap()).unwrap();
    let end = start + u32::try_from(words.len()).unwrap();
    let span = Span { start, end };
    Loc { file, span }
}

fn separation() -> (Sources, Diagnostic) {
    let mut sources = Sources::default();
    let org = sources.add("catalogs/org.kdl".into(), ORG.into());
    let prod = sources.add("catalogs/payments/prod.kdl".into(), PROD.into());
    let finding = SEPARATION
        .at(
            loc(&sources, prod, "refund-approver"),
            "refund-assistant would hold two exclusive roles in prod",
        )
        .labelled("and reaches `refund-approver` here")
        .and(
            loc(&sources, prod, "refund-proposer"),
            "holds `refund-proposer` here",
        )
        .and(loc(&sources, org, "exclusive"), "declared exclusive here")
        .note("path: refund-assistant -> ledger-reader -> refund-approver -> ledger:approve_refund")
        .note("roles of one team may be exclusive too")
        .help("remove the delegation, or move `refund-approver` to another agent")
        .in_tier("prod", true);
    (sources, finding)
}

/// Text that would colour, hide, turn around or move what a terminal shows.
fn hostile() -> (Sources, Diagnostic) {
    let text = "server \"a\u{1b}[31m\u{202e}b\u{200b}\u{7f}\u{9b}c\u{E0041}\" x\r\n\tnext";
    let mut sources = Sources::default();
    let file = sources.add("catalogs/a\u{1b}[2Jb.kdl".into(), text.into());
    let finding = SEPARATION
        .at(loc(&sources, file, " x"), format!("message {text}"))
        .labelled(format!("label {text}"))
        .and(loc(&sources, file, "next"), text)
        .note(format!("path: {text}"))
        .note(text)
        .help(text)
        .in_tier("pr\u{1b}od", false);
    (sources, finding)
}

fn snapshot(name: &str, content: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../snapshots/diagnostic");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, content));
}

#[test]
fn a_finding_shows_all_its_places_facts_and_a_way_out() {
    let (sources, finding) = separation();
    snapshot(
        "terminal",
        &terminal::render(&finding, &sources, Colour::Never),
    );
}

#[test]
fn colour_comes_only_when_asked_for() {
    let (sources, finding) = separation();
    let plain = terminal::render(&finding, &sources, Colour::Never);
    let coloured = terminal::render(&finding, &sources, Colour::Always);
    assert!(!plain.contains('\u{1b}'));
    assert!(coloured.contains('\u{1b}'));
    let without = regex::Regex::new("\u{1b}\\[[0-9;]*m").unwrap();
    assert_eq!(without.replace_all(&coloured, ""), plain);
}

#[test]
fn text_of_users_cannot_act_on_a_terminal() {
    let (sources, finding) = hostile();
    let shown = terminal::render(&finding, &sources, Colour::Never);
    let acts = |c: char| (c.is_control() && c != '\n') || "\u{202e}\u{200b}\u{E0041}".contains(c);
    assert_eq!(shown.chars().find(|&c| acts(c)), None, "{shown:?}");
    snapshot("terminal-hostile", &shown);
}

#[test]
fn a_finding_about_no_source_has_no_lines() {
    let finding = SEPARATION
        .nowhere("`snapshots/prod` is stale")
        .help("run `bailiwick build`");
    snapshot(
        "terminal-nowhere",
        &terminal::render(&finding, &Sources::default(), Colour::Never),
    );
}

#[test]
fn a_place_at_the_end_or_in_a_huge_line_is_shown_without_harm() {
    let mut sources = Sources::default();
    let empty = sources.add("catalogs/empty.kdl".into(), String::new());
    let huge = sources.add("catalogs/huge.kdl".into(), "x".repeat(1 << 20));
    let at = |file, start, end| {
        let span = Span { start, end };
        Loc { file, span }
    };
    let finding = SEPARATION
        .at(at(empty, 0, 9), "at the end")
        .and(at(huge, 700_000, 1 << 20), "in a huge line");
    snapshot(
        "terminal-edges",
        &terminal::render(&finding, &sources, Colour::Never),
    );
}

#[test]
fn a_place_of_several_lines_is_shown_by_its_first() {
    let mut sources = Sources::default();
    let file = sources.add("catalogs/a.kdl".into(), PROD.into());
    let finding = SEPARATION.at(loc(&sources, file, PROD), "all of it");
    snapshot(
        "terminal-lines",
        &terminal::render(&finding, &sources, Colour::Never),
    );
}

#[test]
fn json_is_one_line_that_its_schema_accepts() {
    let schema = serde_json::to_value(json::schema()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let mut lines = String::new();
    for (sources, finding) in [separation(), hostile()] {
        let line = json::render(&finding, &sources).unwrap();
        assert_eq!(line.matches('\n').count(), 1);
        assert!(line.is_ascii() || !line.chars().any(|c| c != '\n' && c.is_control()));
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(value["message"], finding.message);
        assert!(validator.is_valid(&value), "{line}");
        lines.push_str(&line);
    }
    snapshot("json", &lines);
    snapshot(
        "json-schema",
        &serde_json::to_string_pretty(&schema).unwrap(),
    );
}
