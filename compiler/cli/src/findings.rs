//! Prints findings, and turns them into an exit code.

use bailiwick_compiler::Report;
use bailiwick_compiler::diagnostic::report::report;
use bailiwick_compiler::diagnostic::terminal::{self, Colour};
use bailiwick_compiler::diagnostic::{Diagnostic, Severity, json};
use bailiwick_compiler::source::{Disk, Sources};

use crate::arguments::{FailLevel, Format};
use crate::failure::Failure;
use crate::project::Project;
use crate::today::today;
use crate::{FINDINGS, Terminal};

/// Runs all checks on the catalogs of `project`.
///
/// # Errors
/// When a file cannot be read, or `day` is no date.
pub(crate) fn check(project: &Project, day: Option<&str>) -> Result<Report, Failure> {
    let loader = Disk::open(project.root())?;
    Ok(bailiwick_compiler::check(&loader, &today(day)?)?)
}

/// Prints findings and how many there are; gives the exit code.
///
/// # Errors
/// When they cannot be written.
pub(crate) fn print(
    found: Vec<Diagnostic>,
    sources: &Sources,
    format: Format,
    fail_level: FailLevel,
    terminal: &mut Terminal<'_>,
) -> Result<u8, Failure> {
    let fails = found.iter().any(|finding| match finding.severity {
        Severity::Error => true,
        Severity::Warning => fail_level != FailLevel::Error,
        Severity::Note => fail_level == FailLevel::Note,
    });
    let report = report(found, sources);
    for finding in &report.shown {
        let text = match format {
            Format::Full => {
                let colour = if terminal.colour {
                    Colour::Always
                } else {
                    Colour::Never
                };
                terminal::render(finding, sources, colour) + "\n"
            }
            Format::Json => json::render(finding, sources).map_err(|source| Failure::Json {
                what: "a finding".to_owned(),
                source,
            })?,
        };
        terminal.write(&text)?;
    }
    if format == Format::Full {
        terminal.write(&report.summary())?;
    }
    Ok(if fails { FINDINGS } else { 0 })
}
