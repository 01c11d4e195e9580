//! `bailiwick lock`: reads servers anew, shows what changed in their tools, and writes what is accepted.

mod accept;
mod files;
mod read;
mod words;

use std::path::Path;

use bailiwick_compiler::Report;
use bailiwick_compiler::diagnostic::{Diagnostic, Severity};
use bailiwick_compiler::environment::{Lockable, lockable};
use bailiwick_compiler::lock::{DefinitionFile, FileError};
use bailiwick_compiler::model::Catalog;
use bailiwick_compiler::review::{review, whole_file};
use bailiwick_compiler::source::Disk;

use crate::arguments::{FailLevel, Format, Lock};
use crate::failure::Failure;
use crate::project::Project;
use crate::staged::Staged;
use crate::today::today;
use crate::{FINDINGS, Terminal, findings, registry};

use accept::Accepted;
use files::Before;

/// Runs the command.
pub(crate) fn run(
    folder: Option<&Path>,
    options: &Lock,
    terminal: &mut Terminal<'_>,
) -> Result<u8, Failure> {
    let project = Project::find(folder)?;
    let report = findings::check(&project, None)?;
    let accepted = Accepted::parse(options)?;
    if let Some(code) = broken(&report, terminal)? {
        return Ok(code);
    }
    let all = lockable(&report.resolved.catalog, &report.sources);
    let chosen = chosen(&all, options)?;
    let disk = Disk::open(project.root())?;
    let mut staged = Staged::over(disk.clone());
    let (mut refused, mut unread) = (Vec::new(), false);
    for one in chosen {
        let Some(given) = read::definitions(one, options, project.root(), terminal)? else {
            unread = true;
            continue;
        };
        let before = Before::of(one, &given, &disk)?;
        let given = digested(one, given, &before, terminal)?;
        refused.extend(compare(
            &report.resolved.catalog,
            one,
            &before,
            &given,
            &accepted,
            terminal,
        )?);
        let text = text_of(&given)?;
        if before.text.as_deref() != Some(text.as_str()) {
            staged.put(&one.path, text);
        }
    }
    if !refused.is_empty() {
        findings::print(
            refused,
            &report.sources,
            Format::Full,
            FailLevel::Error,
            terminal,
        )?;
        terminal.write("nothing was written\n")?;
        return Ok(FINDINGS);
    }
    staged.write()?;
    for path in staged.paths() {
        terminal.write(&format!("wrote {path}\n"))?;
    }
    if options.prune {
        for path in files::prune(&all, &disk)? {
            terminal.write(&format!("removed {path}\n"))?;
        }
    }
    let after = bailiwick_compiler::check(&staged, &today(None)?)?;
    let code = findings::print(
        after.findings,
        &after.sources,
        Format::Full,
        FailLevel::Error,
        terminal,
    )?;
    Ok(if unread { FINDINGS } else { code })
}

/// Sources with mistakes may not say all that there is to lock: shows them and gives the exit code.
fn broken(report: &Report, terminal: &mut Terminal<'_>) -> Result<Option<u8>, Failure> {
    let of_sources = |finding: &&Diagnostic| {
        let code = finding.check.code;
        let in_sources = ["SYN", "LNG"].iter().any(|group| code.starts_with(group));
        finding.severity == Severity::Error && (in_sources || code == "NAM001" || code == "NAM002")
    };
    let found: Vec<Diagnostic> = report.findings.iter().filter(of_sources).cloned().collect();
    if found.is_empty() {
        return Ok(None);
    }
    let code = findings::print(
        found,
        &report.sources,
        Format::Full,
        FailLevel::Error,
        terminal,
    )?;
    terminal.write("no server was read\n")?;
    Ok(Some(code))
}

fn chosen<'a>(all: &'a [Lockable], options: &Lock) -> Result<Vec<&'a Lockable>, Failure> {
    for name in &options.servers {
        if !all.iter().any(|one| *one.server.name.value == **name) {
            return Err(Failure::Usage(format!("no server `{name}` in the catalog")));
        }
    }
    let is_chosen = |one: &&Lockable| {
        options.servers.is_empty()
            || options
                .servers
                .iter()
                .any(|name| *one.server.name.value == **name)
    };
    let chosen: Vec<&Lockable> = all.iter().filter(is_chosen).collect();
    let single = options.at.is_some() || options.from.is_some();
    if single && options.revision.is_none() && chosen.len() != 1 {
        let revisions: Vec<String> = chosen
            .iter()
            .map(|one| format!("{}@{}", one.server.name.value, one.revision))
            .collect();
        return Err(Failure::Usage(format!(
            "--at and --from are for one revision of one server, and this names {}; say SERVER, and --revision where it has several",
            revisions.join(", ")
        )));
    }
    let of_revision = |one: &&Lockable| {
        options
            .revision
            .as_ref()
            .is_none_or(|revision| *revision == one.revision)
    };
    let chosen: Vec<&Lockable> = chosen.into_iter().filter(of_revision).collect();
    match (&options.revision, chosen.len()) {
        (Some(revision), 0) => Err(Failure::Usage(format!(
            "no server that was named has the revision `{revision}` anywhere"
        ))),
        _ => Ok(chosen),
    }
}

/// With the digest of the image: written, from the registry, or as it was.
fn digested(
    one: &Lockable,
    mut given: DefinitionFile,
    before: &Before,
    terminal: &mut Terminal<'_>,
) -> Result<DefinitionFile, Failure> {
    if let (Some(reference), Some(image)) = (&one.origin.image, &mut given.image) {
        image.digest = match image_digest(reference, terminal)? {
            Some(digest) => Some(digest),
            None => before.digest(reference),
        };
    }
    Ok(given)
}

/// Shows what changed, and gives a finding for each change that nobody accepted.
fn compare(
    catalog: &Catalog,
    one: &Lockable,
    before: &Before,
    given: &DefinitionFile,
    accepted: &Accepted<'_>,
    terminal: &mut Terminal<'_>,
) -> Result<Vec<Diagnostic>, Failure> {
    let name = &one.server.name.value;
    let compared =
        review(catalog, one, before.file.as_ref(), given).map_err(Failure::definitions)?;
    let compared_with = match &before.file {
        Some(file) if file.revision == one.revision => String::new(),
        Some(file) => format!(", compared with revision {}", file.revision),
        None => ", not locked before".to_owned(),
    };
    let tools = given.tools.len();
    let mut said = vec![format!(
        "{name}@{}: {tools} tools{compared_with}\n",
        one.revision
    )];
    if before.file.is_some() {
        let new = compared.added.iter().map(|tool| {
            let tool = shown(tool);
            format!("  + {name}:{tool} is new; it has no line and is reachable by nobody\n")
        });
        said.extend(new);
        let gone = compared.removed.iter();
        said.extend(
            gone.map(|tool| format!("  - {name}:{} is gone; it had no line\n", shown(tool))),
        );
    }
    let is_open = |tool: &str| !accepted.covers(name, tool);
    let mut refused: Vec<Diagnostic> = compared
        .findings
        .keys()
        .filter(|tool| is_open(tool))
        .flat_map(|tool| compared.refused(tool).cloned())
        .map(|finding| accept::named(finding, name))
        .collect();
    said.push(words::lines(&compared, &refused));
    for (tool, finding) in compared.changed {
        if accepted.covers(name, &tool) {
            let changes = differences(&finding);
            said.push(format!(
                "  ~ {name}:{} changed, accepted: {changes}",
                shown(&tool)
            ));
        } else {
            refused.push(finding);
        }
    }
    if !accepted.all {
        refused.extend(compared.digest);
        refused.extend(before.damage().map(|why| whole_file(one, why)));
    }
    terminal.write(&said.concat())?;
    Ok(refused)
}

fn differences(finding: &Diagnostic) -> String {
    if finding.notes.is_empty() {
        let (_, change) = finding.message.split_once(": ").unwrap_or_default();
        return format!("{change}\n");
    }
    let lines = finding.notes.iter().map(|note| format!("\n      {note}"));
    lines.collect::<String>() + "\n"
}

/// The text of a definition file, within the limit of its reader.
///
/// # Errors
/// When it is larger, or its tools have no names.
pub(crate) fn text_of(definitions: &DefinitionFile) -> Result<String, Failure> {
    let text = definitions.to_text().map_err(Failure::definitions)?;
    if u64::try_from(text.len()).is_ok_and(|length| length > DefinitionFile::MAX_BYTES) {
        return Err(Failure::Usage(format!(
            "the definitions of `{}` have {} bytes; a definition file has at most {}",
            definitions.server,
            text.len(),
            DefinitionFile::MAX_BYTES
        )));
    }
    // What we write, we can read.
    DefinitionFile::parse(text.as_bytes()).map_err(Failure::definitions)?;
    Ok(text)
}

/// The digest of an image: what the reference says, else what the registry says; none, with a note, when
/// that cannot be asked.
///
/// # Errors
/// When the note cannot be written.
pub(crate) fn image_digest(
    reference: &str,
    terminal: &mut Terminal<'_>,
) -> Result<Option<String>, Failure> {
    if let Some(digest) = registry::written(reference) {
        return Ok(Some(digest));
    }
    let Some(asked) = registry::asked(reference) else {
        return Ok(None);
    };
    terminal.write(&format!(
        "asking the registry {asked} for the digest of {reference}\n"
    ))?;
    match registry::digest(reference) {
        Ok(digest) => Ok(Some(digest)),
        Err(error) => {
            let why = crate::failure::causes(&error);
            terminal.write(&format!("  no digest: {why}\n"))?;
            Ok(None)
        }
    }
}

/// What the checks say about the definitions of a new server.
///
/// # Errors
/// When a definition has no name.
pub(crate) fn notes(
    report: &Report,
    name: &str,
    given: &DefinitionFile,
) -> Result<String, Failure> {
    let catalog = &report.resolved.catalog;
    let mut said = String::new();
    for one in lockable(catalog, &report.sources) {
        if *one.server.name.value == *name {
            let found = review(catalog, &one, None, given).map_err(Failure::definitions)?;
            said += &words::lines(&found, &[]);
        }
    }
    Ok(said)
}

/// A server's word as a terminal may see it.
fn shown(text: &str) -> String {
    let plain = |c: char| c.is_ascii_graphic();
    text.chars()
        .take(128)
        .map(|c| if plain(c) { c } else { '?' })
        .collect()
}

impl Failure {
    /// A definition that breaks a rule.
    pub(crate) fn definitions(source: FileError) -> Self {
        Self::Definitions { source }
    }
}
