//! Input made to hang, crash or fool: each ends at once, with few findings.

use std::time::{Duration, Instant};

use bailiwick_compiler::syntax::{FILE_BYTES, FILE_DEPTH, FILE_MISTAKES, FILE_NODES};

use crate::invariants::checked_read;

/// Far more than any of it takes, even on a busy machine without optimization; a reader whose time
/// grows with the square of the text would need minutes.
const AT_ONCE: Duration = Duration::from_secs(20);

/// Bytes of the texts whose time is measured.
const LONG: usize = FILE_BYTES / 4;

/// Code, place and message of each finding.
#[expect(clippy::disallowed_methods, reason = "the test is about time")]
fn findings(text: &str) -> Vec<(&'static str, u32, String)> {
    let start = Instant::now();
    let (_, found) = checked_read(text);
    assert!(start.elapsed() < AT_ONCE, "took {:?}", start.elapsed());
    found
        .into_iter()
        .map(|finding| {
            let start = finding.primary.unwrap().loc.span.start;
            (finding.check.code, start, finding.message)
        })
        .collect()
}

fn codes(text: &str) -> Vec<&'static str> {
    findings(text).into_iter().map(|(code, ..)| code).collect()
}

/// As much of a repeated text as a file may have.
fn full(part: &str) -> String {
    part.repeat(FILE_BYTES / part.len())
}

#[test]
fn a_hundred_thousand_nested_braces_are_one_finding() {
    assert_eq!(
        findings(&"a {".repeat(100_000)),
        [("SYN012", 3 * 64 + 2, "more than 64 levels of blocks".into())]
    );
    let closed = "a {".repeat(100_000) + &"}".repeat(100_000) + "\nb";
    let (document, _) = checked_read(&closed);
    assert_eq!(document.nodes.len(), 2, "what follows is still read");
}

#[test]
fn as_many_levels_as_allowed_are_allowed() {
    let nested = |levels: usize| "a {".repeat(levels) + &"}".repeat(levels);
    assert!(codes(&nested(FILE_DEPTH)).is_empty());
    assert_eq!(codes(&nested(FILE_DEPTH + 1)), ["SYN012"]);
}

#[test]
fn a_mebibyte_of_quotes_is_few_findings() {
    assert!(codes(&full("\"")).len() <= 2);
    assert!(codes(&full("a \"\n")).len() <= FILE_MISTAKES + 1);
}

#[test]
fn bidi_characters_in_a_comment_are_found() {
    assert_eq!(
        findings("// if admin\u{202E} \u{2066}// then\nserver a"),
        [(
            "SYN011",
            11,
            "U+202E is not allowed, not even in a comment".into()
        )]
    );
}

#[test]
fn a_file_over_the_limit_is_not_read() {
    let text = full("a") + "b";
    let (document, _) = checked_read(&text);
    assert!(document.nodes.is_empty());
    assert_eq!(
        findings(&text),
        [("SYN016", 0, "file has more than 1048576 bytes".into())]
    );
}

#[test]
fn nodes_over_the_limit_are_not_read() {
    assert!(codes(&"a\n".repeat(FILE_NODES)).is_empty());
    let text = "a\n".repeat(FILE_NODES + 1);
    let (document, _) = checked_read(&text);
    assert_eq!(document.nodes.len(), FILE_NODES);
    assert_eq!(
        findings(&text),
        [(
            "SYN016",
            100_000,
            "more than 50000 nodes in one file".into()
        )]
    );
    assert!(codes(&("a {".to_owned() + &"b;".repeat(FILE_NODES - 1) + "}")).is_empty());
}

#[test]
fn mistakes_over_the_limit_are_not_looked_for() {
    let mut found = codes(&"a 1s\n".repeat(FILE_MISTAKES + 5));
    assert_eq!(found.pop(), Some("SYN016"));
    assert_eq!(found.len(), FILE_MISTAKES);
}

#[test]
fn nothing_takes_more_time_than_in_proportion_to_its_length() {
    for part in [
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "=",
        "\\",
        "/",
        "/-",
        "/*",
        "*/",
        "//",
        "#",
        "\"#",
        "#\"",
        "r#",
        "\"\"\"",
        "\"\"\"\n",
        "a/-",
        "a {",
        "a /-{",
        "a{}",
        "a{}b",
        "/-a{",
        "a=",
        "a=1 ",
        "a b=1 ",
        "(a)",
        "a(",
        "[;",
        "#;",
        "a\"b{",
        "\0",
        "\u{202e}",
        "\u{feff}",
        "\u{200b}",
        "é\u{430}",
        "a \"x\n",
        "a #\"x\n",
        "a \"\\",
        "\"\\ ",
        "\\\n",
        "\\ /**/",
        "\u{2028}",
        "\r",
        "1",
        "1s ",
        "#true",
        "true ",
        "a x=1 x=1\n",
        "https://",
        "a { \"",
        "a r\"",
        ";",
        "; ",
        "a\n{",
        "a { } ",
        "\"\"\"\n\\ ",
    ] {
        let found = codes(&part.repeat(LONG / part.len()));
        assert!(found.len() <= FILE_MISTAKES + 1, "{part:?}");
        let half = part.repeat(LONG / 2 / part.len());
        codes(&format!("a {{ b \"x\" {half}"));
    }
}
