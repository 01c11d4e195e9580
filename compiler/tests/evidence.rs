//! What stops a build, and what an exception changes.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bailiwick_compiler::source::Memory;
use bailiwick_compiler::{Date, Report, check};

/// An environment whose agents send tokens in clear text: an error in prod, a warning elsewhere.
fn plaintext(tier: &str, exception: &str) -> String {
    format!(
        "catalog acme language=1\n\
         environment here tier={tier} {{\n\
             dispatch {{\n\
                 image \"registry.example/dispatch:1@sha256:{}\"\n\
                 url \"https://mcp.example/mcp\"\n\
                 tls none\n\
                 deployers platform\n\
             }}\n\
             {exception}\n\
         }}\n",
        "1".repeat(64)
    )
}

fn report(org: &str) -> Report {
    let files = Memory::from_iter([("catalogs/org.kdl", org)]);
    check(&files, &Date::parse("2026-12-01").unwrap()).unwrap()
}

fn codes(report: &Report) -> Vec<&str> {
    report
        .findings
        .iter()
        .map(|finding| finding.check.code)
        .collect()
}

#[test]
fn a_warning_stops_nothing() {
    let report = report(&plaintext("dev", ""));
    assert_eq!(codes(&report), ["ENV014"]);
    assert!(report.checked.is_some());
}

#[test]
fn the_same_in_prod_stops_the_build() {
    let report = report(&plaintext("prod", ""));
    assert_eq!(codes(&report), ["ENV014", "SIG001"]);
    assert!(report.checked.is_none());
}

#[test]
fn an_exception_lets_it_pass() {
    let report = report(&plaintext(
        "prod",
        "suppress ENV014 reason=\"a mesh\" until=\"2026-12-01\"",
    ));
    assert_eq!(codes(&report), ["SIG001"]);
    assert!(report.checked.is_some());
}

#[test]
fn an_exception_that_ended_holds_with_a_warning() {
    let report = report(&plaintext(
        "prod",
        "suppress ENV014 reason=\"a mesh\" until=\"2026-11-30\"",
    ));
    assert_eq!(codes(&report), ["LNG015", "SIG001"]);
    assert!(report.checked.is_some());
}

#[test]
fn an_exception_elsewhere_accepts_nothing() {
    let other = "team t\nserver s team=t {\n image \"x:1\"\n suppress ENV014 reason=r until=\"2027-01-01\"\n}\n";
    let report = report(&(plaintext("prod", "") + other));
    assert_eq!(codes(&report), ["ENV014", "LNG014", "SIG001"]);
    assert!(report.checked.is_none());
}

#[test]
fn a_private_key_in_a_comment_is_a_mistake_and_is_never_shown() {
    let key =
        "-----BEGIN PRIVATE KEY-----\n// MC4CAQAwBQYDK2VwBCIEIA\n// -----END PRIVATE KEY-----";
    let report = report(&format!("catalog acme language=1\n// {key}\nteam t\n"));
    assert_eq!(codes(&report), ["SEC006"]);
    assert!(report.checked.is_none());
    let sources: Vec<&str> = report
        .sources
        .iter()
        .map(|(_, file)| file.text.as_str())
        .collect();
    assert_eq!(
        sources,
        [format!(
            "catalog acme language=1\n// {}\nteam t\n",
            key.lines()
                .map(|line| "*".repeat(line.len()))
                .collect::<Vec<_>>()
                .join("\n")
        )]
    );
}

#[test]
fn a_mistake_is_no_evidence_even_if_nothing_is_left() {
    for broken in [
        "catalog acme language=1\n/*",
        "catalog acme language=1\nserver {",
        "",
        "\u{7f}",
    ] {
        assert!(report(broken).checked.is_none(), "{broken:?}");
    }
}

#[test]
fn a_mistake_in_a_definition_says_nothing_about_its_references() {
    let report = report(
        "catalog acme language=1\nteam t\nenvironment dev\n\
         server Kb team=t version=\"1\" { command c; tool x; }\n\
         servre wiki team=t\n\
         role r { allow Kb:x wiki:*; }\n\
         agent a team=t { identity kubernetes namespace=n service-account=a; limit x; }\n\
         overlay dev { grant a r; }\n",
    );
    assert_eq!(codes(&report), ["NAM002", "LNG001", "LNG005"]);
}
