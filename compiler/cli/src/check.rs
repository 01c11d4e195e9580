//! `bailiwick check`: reports every problem of the catalogs.

use std::path::Path;

use crate::Terminal;
use crate::arguments::{Check, Format};
use crate::failure::Failure;
use crate::findings;
use crate::project::Project;

/// Runs the command.
pub(crate) fn run(
    folder: Option<&Path>,
    options: &Check,
    terminal: &mut Terminal<'_>,
) -> Result<u8, Failure> {
    let project = Project::find(options.directory.as_deref().or(folder))?;
    let report = findings::check(&project, options.today.as_deref())?;
    let clean = report.findings.is_empty();
    let code = findings::print(
        report.findings,
        &report.sources,
        options.format,
        options.fail_level,
        terminal,
    )?;
    if clean && options.format == Format::Full {
        let catalog = &report.resolved.catalog;
        terminal.write(&format!(
            "no findings: {} servers, {} agents, {} environments\n",
            catalog.servers.len(),
            catalog.agents.len(),
            catalog.environments.len(),
        ))?;
    }
    Ok(code)
}
