//! All findings of a run: in one order, each once, and only so many that a person may read them.

use std::collections::BTreeMap;

use super::{Diagnostic, Severity};
use crate::source::Sources;

/// Findings that are shown; the others are counted.
pub const SHOWN: usize = 100;

/// What a run found.
#[derive(Debug)]
pub struct Report {
    /// The findings to show: errors first, then by place.
    pub shown: Vec<Diagnostic>,
    /// How many more there are of each code.
    pub hidden: BTreeMap<&'static str, usize>,
    /// Errors, shown or not.
    pub errors: usize,
    /// Warnings, shown or not.
    pub warnings: usize,
    /// Notes, shown or not.
    pub notes: usize,
}

/// Orders findings by severity, then path and place; equal ones become one. The order does not
/// depend on the one in which they were found.
pub fn sort(found: &mut Vec<Diagnostic>, sources: &Sources) {
    found.sort_by(|one, other| key(one, sources).cmp(&key(other, sources)));
    found.dedup();
}

/// Sorts findings, and takes those to show.
pub fn report(mut found: Vec<Diagnostic>, sources: &Sources) -> Report {
    sort(&mut found, sources);
    let count = |severity| {
        found
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    };
    let (errors, warnings, notes) = (
        count(Severity::Error),
        count(Severity::Warning),
        count(Severity::Note),
    );
    let mut hidden = BTreeMap::new();
    for finding in found.iter().skip(SHOWN) {
        *hidden.entry(finding.check.code).or_default() += 1;
    }
    found.truncate(SHOWN);
    Report {
        shown: found,
        hidden,
        errors,
        warnings,
        notes,
    }
}

impl Report {
    /// The closing lines: how many findings there are, and of which codes those are that were not
    /// shown. Empty when there is none.
    pub fn summary(&self) -> String {
        let counted: Vec<String> = [
            (self.errors, "error"),
            (self.warnings, "warning"),
            (self.notes, "note"),
        ]
        .into_iter()
        .filter(|&(count, _)| count > 0)
        .map(|(count, noun)| format!("{count} {noun}{}", if count == 1 { "" } else { "s" }))
        .collect();
        if counted.is_empty() {
            return String::new();
        }
        let summary = counted.join(", ") + "\n";
        if self.hidden.is_empty() {
            return summary;
        }
        let codes: Vec<String> = self
            .hidden
            .iter()
            .map(|(code, count)| format!("{code} ({count})"))
            .collect();
        summary + "not shown: " + &codes.join(", ") + "\n"
    }
}

/// What findings are ordered by. Those without a place come last within their severity.
fn key<'a>(finding: &'a Diagnostic, sources: &'a Sources) -> impl Ord + use<'a> {
    let place = finding.primary.as_ref().map(|label| {
        let path = sources.get(label.loc.file).map(|file| file.path.as_str());
        (path, label.loc.span)
    });
    (
        finding.severity,
        place.is_none(),
        place,
        finding.check.code,
        finding.message.as_str(),
        finding.environment.as_deref(),
    )
}

#[cfg(test)]
mod tests {
    use super::{SHOWN, report};
    use crate::diagnostic::{Check, Diagnostic, Level};
    use crate::source::{Loc, Sources, Span};

    static ONE: Check = Check {
        code: "ABC001",
        name: "one",
        summary: "",
        level: Level::Error,
    };
    static TWO: Check = Check {
        code: "ABC002",
        name: "two",
        summary: "",
        level: Level::Warning,
    };

    fn sources() -> (Sources, [crate::source::FileId; 2]) {
        let mut sources = Sources::default();
        let b = sources.add("b.kdl".into(), String::new());
        let a = sources.add("a.kdl".into(), String::new());
        (sources, [a, b])
    }

    fn at(file: crate::source::FileId, start: u32) -> Loc {
        let span = Span { start, end: start };
        Loc { file, span }
    }

    #[test]
    fn errors_come_first_then_path_and_place_decide() {
        let (sources, [a, b]) = sources();
        let found = vec![
            ONE.nowhere("e"),
            TWO.at(at(a, 0), "d"),
            ONE.at(at(b, 0), "c"),
            ONE.at(at(a, 7), "b"),
            ONE.at(at(a, 3), "a"),
            ONE.at(at(a, 3), "a"),
        ];
        let mut shuffled = found.clone();
        shuffled.reverse();
        let messages = |found: Vec<Diagnostic>| -> Vec<String> {
            let shown = report(found, &sources).shown;
            shown.into_iter().map(|finding| finding.message).collect()
        };
        assert_eq!(messages(found), ["a", "b", "c", "e", "d"]);
        assert_eq!(messages(shuffled), ["a", "b", "c", "e", "d"]);
    }

    #[test]
    fn what_is_not_shown_is_counted_by_code() {
        let (sources, [a, _]) = sources();
        let mut found: Vec<_> = (0..90).map(|start| TWO.at(at(a, start), "w")).collect();
        found.extend((0..30).map(|start| ONE.at(at(a, start), "e")));
        let report = report(found, &sources);
        assert_eq!(report.shown.len(), SHOWN);
        assert_eq!(
            report.summary(),
            "30 errors, 90 warnings\nnot shown: ABC002 (20)\n"
        );
    }

    #[test]
    fn nothing_found_is_nothing_said() {
        assert_eq!(report(Vec::new(), &Sources::default()).summary(), "");
    }
}
