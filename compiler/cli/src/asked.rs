//! What the commands that ask questions share: a catalog that can be asked, and how an answer is given.

use std::path::Path;

use bailiwick_compiler::Report;
use bailiwick_compiler::answer::{self, Answer, Inquiry};
use bailiwick_compiler::diagnostic::{Diagnostic, Severity};

use crate::arguments::{AnswerFormat, FailLevel, Format};
use crate::failure::Failure;
use crate::project::Project;
use crate::{FINDINGS, Terminal, findings};

/// Codes, or their beginnings, of errors about what a whole catalog permits, enforces or asserts. Such a catalog
/// can be asked, and often is because of them.
const JUDGEMENTS: [&str; 4] = ["GRA", "FLO", "TST", "ENV017"];

/// A catalog that can be asked.
pub(crate) struct Asked {
    report: Report,
}

impl Asked {
    /// Reads and checks the catalog. With mistakes that make answers unreliable, prints these.
    ///
    /// # Errors
    /// When a file cannot be read, or there are such mistakes.
    pub(crate) fn read(
        folder: Option<&Path>,
        terminal: &mut Terminal<'_>,
    ) -> Result<Self, Failure> {
        let project = Project::find(folder)?;
        let mut report = findings::check(&project, None)?;
        let mut mistakes = std::mem::take(&mut report.findings);
        mistakes.retain(is_mistake);
        if mistakes.is_empty() {
            return Ok(Self { report });
        }
        let sources = &report.sources;
        findings::print(mistakes, sources, Format::Full, FailLevel::Error, terminal)?;
        Err(Failure::Unreliable)
    }

    /// Name of the organisation.
    pub(crate) fn catalog(&self) -> &str {
        let name = self.report.resolved.catalog.name.as_ref();
        name.map_or("a catalog", |name| &name.value)
    }

    /// Names of the environments.
    pub(crate) fn environments(&self) -> impl Iterator<Item = &str> {
        let environments = self.report.resolved.environments.keys();
        environments.map(|name| &**name)
    }

    /// Asks about one environment.
    ///
    /// # Errors
    /// When there is no such environment.
    pub(crate) fn about(&self, environment: &str) -> Result<Inquiry<'_>, Failure> {
        let Report {
            sources, resolved, ..
        } = &self.report;
        Ok(Inquiry::new(sources, resolved, environment)?)
    }
}

fn is_mistake(finding: &Diagnostic) -> bool {
    let code = finding.check.code;
    let is_judgement = JUDGEMENTS
        .iter()
        .any(|judgement| code.starts_with(judgement));
    finding.severity == Severity::Error && !is_judgement
}

/// Prints an answer; gives the exit code.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn tell(
    answer: &Answer,
    format: AnswerFormat,
    terminal: &mut Terminal<'_>,
) -> Result<u8, Failure> {
    let text = match format {
        AnswerFormat::Text => answer.to_text(),
        AnswerFormat::Json => answer::to_json(answer).map_err(Failure::json("an answer"))?,
    };
    terminal.write(&text)?;
    Ok(if answer.is_good() { 0 } else { FINDINGS })
}
