//! `bailiwick build`: writes what is deployed, or says what is out of date.

use std::path::Path;

use bailiwick_compiler::output::Abandoned;
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
    let names: Vec<&str> = environments::chosen(&checked, options.env.as_deref())?
        .into_iter()
        .map(|environment| &*environment.target.name.value)
        .collect();
    let all = match bailiwick_compiler::build_all(&checked, &names, &templates) {
        Ok(all) => all,
        Err(BuildError::Templates(found)) => {
            let sources = &report.sources;
            return findings::print(found, sources, options.format, FailLevel::Error, terminal);
        }
        Err(error) => return Err(error.into()),
    };
    let mut built = Vec::new();
    for (name, one) in names.into_iter().zip(all) {
        for (derived, used) in one.shortened {
            let text =
                format!("{name}: `{derived}` is too long for Kubernetes and became `{used}`");
            note(options, terminal, &text)?;
        }
        built.push((name, one.tree));
    }
    // Everything is built before anything is written.
    let out = project.root().join(&options.out);
    let mut found = Vec::new();
    for (name, tree) in &built {
        let place = out.join(name);
        if options.check {
            let differences = tree.verify(&place)?;
            found.extend(differences.iter().map(|one| one.finding(&shown(&place))));
        } else {
            tree.write(&place)?;
            let files = tree.files().count();
            note(
                options,
                terminal,
                &format!("{}: {files} files", shown(&place)),
            )?;
        }
    }
    // Only a build of all environments knows which ones are gone.
    if options.env.is_none() {
        let names = built.iter().map(|(name, _)| *name).collect();
        for abandoned in Abandoned::below(&out, &names)? {
            let place = shown(abandoned.folder());
            if options.check {
                found.push(abandoned.finding(&place));
            } else {
                abandoned.remove()?;
                let text = format!("{place}: removed, the catalog has no such environment");
                note(options, terminal, &text)?;
            }
        }
    }
    let stale = !found.is_empty();
    let sources = Sources::default();
    findings::print(found, &sources, options.format, FailLevel::Error, terminal)?;
    if options.check && !stale {
        note(options, terminal, "every generated file is up to date")?;
    }
    Ok(if stale { FINDINGS } else { 0 })
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

/// A path as short as it is clear: relative to the working folder where it is below it.
fn shown(path: &Path) -> String {
    let short = std::env::current_dir()
        .ok()
        .and_then(|here| path.strip_prefix(here).ok().map(Path::to_owned));
    short
        .unwrap_or_else(|| path.to_owned())
        .display()
        .to_string()
}
