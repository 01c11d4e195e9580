//! Holds what was found against what was planted.

use bailiwick_compiler::diagnostic::Diagnostic;
use bailiwick_compiler::source::Memory;
use bailiwick_compiler::{Date, Report, check};
use bailiwick_organisation::TODAY;

use super::kind::Kind;
use super::plant::{Files, Plant};

/// Compiles the files with what was changed.
pub(crate) fn compile(files: &Files, changed: &Files) -> Report {
    let mut memory: Memory = files
        .iter()
        .map(|(path, text)| (path, text.as_bytes()))
        .collect();
    for (path, text) in changed {
        memory.insert(path, text.as_bytes());
    }
    check(&memory, &Date::parse(TODAY).unwrap()).unwrap()
}

/// Whether exactly the planted mistake was found.
///
/// # Errors
/// What was found instead.
pub(crate) fn judge(kind: &Kind, plant: &Plant, report: &Report) -> Result<(), String> {
    let wanted = |finding: &Diagnostic| {
        kind.code == Some(finding.check.code) && place(finding, report) == Some(plant.place())
    };
    let found = kind.code.is_none() || report.findings.iter().any(wanted);
    let implied = |finding: &&Diagnostic| {
        let mut codes = kind.implied.iter().map(|(code, _)| *code);
        codes.any(|code| code == finding.check.code)
    };
    let others = report.findings.iter().filter(|finding| !wanted(finding));
    let others: Vec<String> = others
        .filter(|finding| !implied(finding))
        .map(|finding| said(finding, report))
        .collect();
    if found && others.is_empty() {
        return Ok(());
    }
    let missing = match (kind.code, found) {
        (Some(code), false) => format!("no {code} at {}\n", plant.said()),
        _ => String::new(),
    };
    let others = others.into_iter().take(6);
    Err(others.fold(missing, |text, other| format!("{text}    but {other}\n")))
}

/// Path and bytes.
type At<'r> = (&'r str, usize, usize);

fn place<'r>(finding: &Diagnostic, report: &'r Report) -> Option<At<'r>> {
    let loc = finding.primary.as_ref()?.loc;
    let path = &report.sources.get(loc.file)?.path;
    let (start, end) = (loc.span.start, loc.span.end);
    Some((
        path,
        usize::try_from(start).ok()?,
        usize::try_from(end).ok()?,
    ))
}

fn said(finding: &Diagnostic, report: &Report) -> String {
    let place = place(finding, report).map_or_else(String::new, |(path, start, end)| {
        let file = report.sources.iter().find(|(_, file)| file.path == path);
        let text = file.map_or("", |(_, file)| &file.text[start..end]);
        format!("{path} {start}..{end} `{text}`")
    });
    format!("{} at {place}: {}", finding.check.code, finding.message)
}

impl Plant {
    fn place(&self) -> At<'_> {
        (&self.path, self.span.start, self.span.end)
    }

    fn said(&self) -> String {
        let text = self.changed.get(&self.path);
        let text = text.and_then(|text| text.get(self.span.clone()));
        let (path, span) = (&self.path, &self.span);
        format!(
            "{path} {}..{} `{}`",
            span.start,
            span.end,
            text.unwrap_or("…")
        )
    }
}
