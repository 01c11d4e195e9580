//! What the commands share that say what a catalog permits: when it can be asked, and how an answer is given.

use std::path::Path;

use bailiwick_compiler::Report;
use bailiwick_compiler::answer::{self, Answer, Inquiry};
use bailiwick_compiler::diagnostic::{Diagnostic, Severity};
use bailiwick_compiler::source::Sources;

use crate::arguments::{AnswerFormat, FailLevel, Format};
use crate::failure::Failure;
use crate::project::Project;
use crate::{FINDINGS, Terminal, findings};

/// Codes, or their beginnings, of errors about what a whole catalog permits, enforces, asserts, or has in
/// production and not before. Such a catalog can be asked, and often is because of them.
const JUDGEMENTS: [&str; 8] = [
    "GRA", "FLO", "TST", "ENV001", "ENV002", "ENV004", "ENV005", "ENV017",
];

/// A catalog that can be asked.
pub(crate) struct Asked {
    /// Its findings are the judgements against it.
    pub(crate) report: Report,
}

impl Asked {
    /// Reads and checks the catalog. Mistakes that make answers unreliable go to standard error, so that
    /// standard output has nothing that is not in the format that was asked for.
    ///
    /// # Errors
    /// When a file cannot be read, or there are such mistakes.
    pub(crate) fn read(folder: Option<&Path>) -> Result<Self, Failure> {
        let project = Project::find(folder)?;
        let mut report = findings::check(&project, None)?;
        let errors = std::mem::take(&mut report.findings).into_iter();
        let errors = errors.filter(|finding| finding.severity == Severity::Error);
        let (judgements, mistakes) = errors.partition(is_judgement);
        if print_errors(mistakes, &report.sources)? {
            return Err(Failure::Unreliable);
        }
        report.findings = judgements;
        Ok(Self { report })
    }

    /// Prints the errors that stand, on standard error, but for some; whether there are any.
    ///
    /// # Errors
    /// When they cannot be written.
    pub(crate) fn print_standing(
        &mut self,
        except: impl Fn(&Diagnostic) -> bool,
    ) -> Result<bool, Failure> {
        let mut standing = std::mem::take(&mut self.report.findings);
        standing.retain(|finding| !except(finding));
        print_errors(standing, &self.report.sources)
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

fn is_judgement(finding: &Diagnostic) -> bool {
    let code = finding.check.code;
    JUDGEMENTS
        .iter()
        .any(|judgement| code.starts_with(judgement))
}

/// Prints errors on standard error; whether there are any.
fn print_errors(errors: Vec<Diagnostic>, sources: &Sources) -> Result<bool, Failure> {
    if errors.is_empty() {
        return Ok(false);
    }
    Terminal::on_stderr(|terminal| {
        findings::print(errors, sources, Format::Full, FailLevel::Error, terminal)
    })?;
    Ok(true)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_judgement_is_one_that_a_check_passes() {
        for judgement in JUDGEMENTS {
            let mut checks = bailiwick_compiler::checks::all();
            assert!(
                checks.any(|check| check.code.starts_with(judgement)),
                "{judgement}"
            );
        }
    }
}
