//! What holds of every report, whatever the catalog was.

use bailiwick_compiler::diagnostic::terminal::{self, Colour};
use bailiwick_compiler::diagnostic::{Diagnostic, Label, Severity, json};
use bailiwick_compiler::source::{Loader, Sources};
use bailiwick_compiler::{Date, Report, check};

/// Checks a catalog, and that what is said of it can be shown.
pub(crate) fn checked(files: &dyn Loader) -> Report {
    let today = Date::parse("2026-12-01").expect("a day");
    let report = check(files, &today).expect("all files are in memory");
    for finding in &report.findings {
        let labels = finding.primary.iter().chain(&finding.secondary);
        labels.for_each(|label| check_place(label, finding, &report.sources));
        check_renderings(finding, &report.sources);
    }
    let errors = report
        .findings
        .iter()
        .any(|finding| finding.severity == Severity::Error);
    assert_eq!(errors, report.checked.is_none(), "only errors stop a build");
    report
}

fn check_place(label: &Label, finding: &Diagnostic, sources: &Sources) {
    let file = sources.get(label.loc.file).expect("a file");
    let span = label.loc.span;
    let place = file.text.get(span.start as usize..span.end as usize);
    assert!(
        place.is_some(),
        "{span:?} is no place in {}: {finding:?}",
        file.path
    );
}

fn check_renderings(finding: &Diagnostic, sources: &Sources) {
    let labels = finding.primary.iter().chain(&finding.secondary);
    let lines = [&finding.message].into_iter().chain(&finding.help);
    let lines = lines.chain(&finding.notes);
    for line in lines.chain(labels.map(|label| &label.text)) {
        assert!(!line.contains('\n'), "{finding:?}");
    }
    assert!(!finding.message.is_empty(), "{finding:?}");
    let shown = terminal::render(finding, sources, Colour::Never);
    assert!(
        !shown.contains(|c: char| c.is_control() && c != '\n'),
        "{shown:?}"
    );
    let line = json::render(finding, sources).expect("every finding has a JSON form");
    assert!(
        line.trim_end_matches('\n').chars().all(|c| !c.is_control()),
        "{line:?}"
    );
    serde_json::from_str::<serde_json::Value>(&line).expect("a line is JSON");
}
