//! `bailiwick build`: writes what is deployed, or says what is out of date.

use std::path::{Path, PathBuf};

use bailiwick_compiler::output::{Difference, OutputTree};
use bailiwick_compiler::source::{Disk, Sources};
use bailiwick_compiler::{BuildError, Templates};

use crate::arguments::{Build, FailLevel, Format};
use crate::environments;
use crate::failure::Failure;
use crate::findings;
use crate::project::Project;
use crate::{FINDINGS, Terminal};

/// Runs the command.
pub(crate) fn run(
    folder: Option<&Path>,
    options: &Build,
    terminal: &mut Terminal<'_>,
) -> Result<u8, Failure> {
    let project = Project::find(options.directory.as_deref().or(folder))?;
    let report = findings::check(&project, None)?;
    let Some(checked) = report.checked else {
        let (found, sources) = (report.findings, &report.sources);
        return findings::print(found, sources, options.format, FailLevel::Error, terminal);
    };
    let templates = templates(&project, &options.templates)?;
    for path in templates.overrides() {
        note(options, terminal, &format!("template `{path}` is your own"))?;
    }
    let mut built = Vec::new();
    for environment in environments::chosen(&checked, options.env.as_deref())? {
        let name = environment.target.name.value.to_string();
        match bailiwick_compiler::build(&checked, &name, &templates) {
            Ok(one) => {
                for (derived, used) in one.shortened {
                    note(
                        options,
                        terminal,
                        &format!(
                            "{name}: `{derived}` is too long for Kubernetes and became `{used}`"
                        ),
                    )?;
                }
                built.push((name, one.tree));
            }
            Err(BuildError::Templates(found)) => {
                let sources = &report.sources;
                return findings::print(found, sources, options.format, FailLevel::Error, terminal);
            }
            Err(error) => return Err(error.into()),
        }
    }
    // Everything is built before anything is written.
    let out = project.root().join(&options.out);
    let mut code = 0;
    for (name, tree) in &built {
        let place = out.join(name);
        if options.check {
            let differences = tree.verify(&place)?;
            if !differences.is_empty() {
                code = FINDINGS;
                out_of_date(&place, &differences, options, terminal)?;
            }
        } else {
            tree.write(&place)?;
            written(&place, tree, options, terminal)?;
        }
    }
    if code == 0 && options.check {
        note(options, terminal, "every generated file is up to date")?;
    }
    Ok(code)
}

/// The shipped templates with those of the user's folder, if there is one.
fn templates(project: &Project, folder: &Path) -> Result<Templates, Failure> {
    let place = project.root().join(folder);
    if !place.is_dir() {
        return Ok(Templates::shipped());
    }
    let (Some(parent), Some(name)) = (
        place.parent(),
        place.file_name().and_then(|name| name.to_str()),
    ) else {
        return Err(Failure::Usage(format!(
            "`{}` cannot hold templates",
            folder.display()
        )));
    };
    Ok(Templates::load(&Disk::open(parent)?, name)?)
}

fn note(options: &Build, terminal: &mut Terminal<'_>, text: &str) -> Result<(), Failure> {
    match options.format {
        Format::Full => terminal.write(&format!("{text}\n")),
        Format::Json => Ok(()),
    }
}

fn written(
    place: &Path,
    tree: &OutputTree,
    options: &Build,
    terminal: &mut Terminal<'_>,
) -> Result<(), Failure> {
    let files = tree.files().count();
    note(
        options,
        terminal,
        &format!("{}: {files} files", shown(place).display()),
    )
}

/// A path as short as it is clear: relative to the working folder where it is below it.
fn shown(path: &Path) -> PathBuf {
    std::env::current_dir()
        .ok()
        .and_then(|here| path.strip_prefix(here).ok().map(Path::to_owned))
        .unwrap_or_else(|| path.to_owned())
}

fn out_of_date(
    place: &Path,
    differences: &[Difference],
    options: &Build,
    terminal: &mut Terminal<'_>,
) -> Result<(), Failure> {
    let place = shown(place).display().to_string();
    let found = differences
        .iter()
        .map(|difference| difference.finding(&place))
        .collect();
    let sources = Sources::default();
    findings::print(found, &sources, options.format, FailLevel::Error, terminal).map(drop)
}
