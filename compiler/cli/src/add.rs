//! `bailiwick add`: puts a server and its tools into a catalog, and grants nothing.

mod place;
mod shipped;
mod source;

use std::path::Path;

use bailiwick_compiler::Report;
use bailiwick_compiler::diagnostic::{Diagnostic, Severity};
use bailiwick_compiler::lock::{DefinitionFile, Origin, path_of};
use bailiwick_compiler::proposal::{Proposal, append};
use bailiwick_compiler::source::Disk;

use crate::arguments::{Add, FailLevel, Format};
use crate::failure::Failure;
use crate::project::Project;
use crate::staged::Staged;
use crate::today::today;
use crate::{FINDINGS, Terminal, findings, lock};

use place::Place;
use source::Server;

/// Runs the command.
pub(crate) fn run(
    folder: Option<&Path>,
    options: &Add,
    terminal: &mut Terminal<'_>,
) -> Result<u8, Failure> {
    let project = Project::find(folder)?;
    let before = findings::check(&project, None)?;
    let name = options.name.as_str();
    if before.resolved.catalog.servers.contains_key(name) {
        return Err(Failure::Usage(format!(
            "there is a server `{name}` already; `bailiwick lock {name}` reads it anew"
        )));
    }
    let place = Place::choose(&before, options.team.as_deref())?;
    let server = source::server(options, project.root(), terminal)?;
    let definitions = definitions(&server, name, terminal)?;
    let block = match &server.block {
        Some(block) => shipped::owned_by(block, place.team()),
        None => proposal(&server, name, &place, &definitions)?,
    };
    let disk = Disk::open(project.root())?;
    let existing = place.text(&disk)?;
    let mut staged = Staged::over(disk);
    let text = append(&existing, &block).map_err(|source| Failure::Edit {
        path: place.path().to_owned(),
        source,
    })?;
    staged.put(place.path(), text);
    let lock_path = path_of(place.path(), name, &definitions.revision);
    staged.put(lock_path, lock::text_of(&definitions)?);
    let after = bailiwick_compiler::check(&staged, &today(None)?)?;
    let new: Vec<Diagnostic> = after
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .filter(|finding| {
            !before
                .findings
                .iter()
                .any(|old| old.message == finding.message)
        })
        .cloned()
        .collect();
    if !new.is_empty() {
        findings::print(
            new,
            &after.sources,
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
    summary(&block, name, &definitions, &after, terminal)?;
    findings::print(
        after.findings,
        &after.sources,
        Format::Full,
        FailLevel::Error,
        terminal,
    )
}

fn definitions(
    server: &Server,
    name: &str,
    terminal: &mut Terminal<'_>,
) -> Result<DefinitionFile, Failure> {
    if let Some(shipped) = &server.definitions {
        return Ok(shipped.clone());
    }
    let digest = match &server.origin.image {
        Some(image) => lock::image_digest(image, terminal)?,
        None => None,
    };
    Ok(server
        .listing
        .locked(name, &server.revision, &server.origin, digest))
}

fn proposal(
    server: &Server,
    name: &str,
    place: &Place,
    definitions: &DefinitionFile,
) -> Result<String, Failure> {
    let tools = definitions.tools_by_name().map_err(Failure::definitions)?;
    let proposal = Proposal {
        server: name,
        team: place.team(),
        revision: &server.revision,
        origin: &server.origin,
        variables: &server.variables,
        tools: &tools,
    };
    proposal
        .to_kdl()
        .map_err(|error| Failure::Usage(error.to_string()))
}

/// What the reviewer has to look at.
fn summary(
    block: &str,
    name: &str,
    definitions: &DefinitionFile,
    after: &Report,
    terminal: &mut Terminal<'_>,
) -> Result<(), Failure> {
    // Of what was reviewed before it was shipped, nothing is to be looked at.
    let lines = |mark: &str| {
        let marked = |line: &&str| line.contains("// review:") && line.contains(mark);
        block.lines().filter(marked).count()
    };
    let tools = tools_of(definitions.tools.len());
    let proposed = lines("effect=");
    let mut said = vec![format!(
        "server `{name}` has {tools}; nothing is deployed or granted\n"
    )];
    if proposed > 0 {
        said.push(format!("review the facts of {}\n", tools_of(proposed)));
    }
    let unknown = lines("unknown, so the worst: effect");
    if unknown > 0 {
        said.push(format!(
            "nothing says what {} do; they count as destructive\n",
            tools_of(unknown)
        ));
    }
    let left_out = lines("// review: left out");
    if left_out > 0 {
        said.push(format!(
            "{} left out, since the protocol does not allow their names\n",
            tools_of(left_out)
        ));
    }
    if lines("// review: name the Secret") > 0 {
        said.push(
            "name the Secrets that hold the secret variables; no value was written\n".to_owned(),
        );
    }
    said.push(lock::notes(after, name, definitions)?);
    terminal.write(&said.concat())
}

fn tools_of(count: usize) -> String {
    format!("{count} tool{}", if count == 1 { "" } else { "s" })
}

/// Where a server of no known origin comes from.
fn without_origin() -> Failure {
    Failure::Usage(
        "the recording does not say what runs the server; say it with --image REF, --url URL or -- PROGRAM ARG..."
            .to_owned(),
    )
}

/// Whether nothing says where a server is.
fn is_nowhere(origin: &Origin) -> bool {
    *origin == Origin::default()
}
