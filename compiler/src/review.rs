//! What changed in the tools of a server since a person accepted them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::value::RawValue;

use crate::checks::definitions::{Subject, problems};
use crate::checks::lock::{DESCRIPTION_CHANGED, DIGEST_CHANGED, TOOL_CHANGED};
use crate::checks::reading::{self, Context, OtherTools};
use crate::checks::without_accepted;
use crate::diagnostic::{Diagnostic, Severity};
use crate::environment::Lockable;
use crate::lock::{DefinitionFile, FileError, definition_digest, differences, only_words_differ};
use crate::model::{Catalog, Tier};

/// Most differences of one tool that are shown.
const SHOWN: usize = 50;

/// The tools of a server, held against what was accepted.
#[derive(Debug, Default)]
pub struct Review {
    /// A finding for each tool whose change somebody has to accept, by the tool's name.
    pub changed: BTreeMap<String, Diagnostic>,
    /// New tools that are reachable by nobody, since they have no `tool` line.
    pub added: Vec<String>,
    /// Tools that are gone and had no `tool` line.
    pub removed: Vec<String>,
    /// What the checks say about new and changed definitions, by the tool's name; without what an
    /// exception in the catalog accepts.
    pub findings: BTreeMap<String, Vec<Diagnostic>>,
    /// The image of the accepted revision is another one now.
    pub digest: Option<Diagnostic>,
}

/// Holds the definitions that a server gives against those that were accepted. Without accepted ones there
/// is nothing to compare with: what the checks say is all that there is.
///
/// # Errors
/// When a definition has no name or one name is there twice.
pub fn review(
    catalog: &Catalog,
    one: &Lockable,
    accepted: Option<&DefinitionFile>,
    given: &DefinitionFile,
) -> Result<Review, FileError> {
    let mut review = Review {
        digest: accepted.and_then(|accepted| digest_changed(one, accepted, given)),
        ..Review::default()
    };
    let servers = catalog.servers.values().map(Arc::as_ref);
    let others = OtherTools::of(servers, &one.server);
    let given = given.tools_by_name()?;
    let empty = BTreeMap::new();
    let was = accepted
        .map(DefinitionFile::tools_by_name)
        .transpose()?
        .unwrap_or(empty);
    for (tool, definition) in &given {
        let before = was.get(tool);
        let lines = match before {
            Some(before) => differences(before, definition)?,
            None => vec!["the tool is new, and the catalog has a line for it already".to_owned()],
        };
        if lines.is_empty() {
            continue;
        }
        let found = findings(catalog, one, &others, tool, definition);
        if !found.is_empty() {
            review.findings.insert(tool.clone(), found);
        }
        let is_declared = one.server.tools.contains_key(tool.as_str());
        if accepted.is_none() || before.is_none() && !is_declared {
            review.added.push(tool.clone());
            continue;
        }
        let only_words = match before {
            Some(before) => only_words_differ(before, definition)?,
            None => false,
        };
        let change = changed(one, tool, &lines, only_words);
        let left = without_accepted(&catalog.suppressions, vec![change]);
        review
            .changed
            .extend(left.into_iter().map(|change| (tool.clone(), change)));
    }
    for tool in was.keys().filter(|tool| !given.contains_key(*tool)) {
        if one.server.tools.contains_key(tool.as_str()) {
            let gone = ["the server does not offer it any more".to_owned()];
            review
                .changed
                .insert(tool.clone(), changed(one, tool, &gone, false));
        } else {
            review.removed.push(tool.clone());
        }
    }
    Ok(review)
}

impl Review {
    /// The findings about the words of a tool that somebody has to accept before they are written: those
    /// that are errors where the tool is used.
    pub fn refused<'r>(&'r self, tool: &'r str) -> impl Iterator<Item = &'r Diagnostic> {
        let found = self.findings.get(tool).into_iter().flatten();
        found.filter(|finding| {
            finding.severity == Severity::Error && reading::is_of_reading(finding.check.code)
        })
    }
}

/// What the checks say about a definition, without what the catalog accepts.
fn findings(
    catalog: &Catalog,
    one: &Lockable,
    others: &OtherTools,
    tool: &str,
    definition: &RawValue,
) -> Vec<Diagnostic> {
    let line = one.server.tools.get(tool);
    let context = Context {
        server: &one.server,
        tool: line,
        others,
    };
    let mut found = problems(definition);
    if let Ok(definition) = serde_json::from_str(definition.get()) {
        found.extend(reading::problems(&definition, &context));
    }
    // A tool without a line is reachable in no environment.
    let used = line.and_then(|_| {
        let targets = one.environments.iter();
        let targets = targets.filter_map(|name| catalog.environments.get(name));
        targets.max_by_key(|target| target.tier)
    });
    let subject = Subject {
        server: &one.server.name.value,
        tool,
        place: line.map_or(one.server.name.loc, |line| line.loc),
        label: if line.is_some() {
            "declared here"
        } else {
            "of this server"
        },
        file: &one.path,
        environment: used.map(|target| (&*target.name.value, target.tier == Tier::Prod)),
    };
    without_accepted(&catalog.suppressions, subject.findings(found))
}

fn changed(one: &Lockable, tool: &str, lines: &[String], only_words: bool) -> Diagnostic {
    let server = &one.server.name.value;
    let (place, label) = match one.server.tools.get(tool) {
        Some(tool) => (tool.loc, "declared here"),
        None => (one.server.name.loc, "of this server"),
    };
    let first = lines.first().map_or("", String::as_str);
    let more = match lines.len() {
        0 | 1 => String::new(),
        many => format!(" and {} more", many - 1),
    };
    let (check, message, look) = if only_words {
        let message =
            format!("only the words of `{server}:{tool}` changed since they were reviewed");
        (
            &DESCRIPTION_CHANGED,
            message,
            "read the words in the definition that the server gives now",
        )
    } else {
        let message = format!("`{server}:{tool}` changed since it was reviewed");
        (&TOOL_CHANGED, message, "look at the change")
    };
    let mut found = check
        .at(place, format!("{message}: {first}{more}"))
        .labelled(label)
        .help(format!(
            "{look}; if it is right, `bailiwick lock {server} --accept {server}:{tool}`"
        ));
    if lines.len() > 1 {
        for line in lines.iter().take(SHOWN) {
            found = found.note(line.clone());
        }
    }
    if let Some(left) = lines.len().checked_sub(SHOWN).filter(|left| *left > 0) {
        found = found.note(format!("{left} further differences are not shown"));
    }
    found
}

/// Says so when a tag that was accepted with one digest names another now.
fn digest_changed(
    one: &Lockable,
    accepted: &DefinitionFile,
    given: &DefinitionFile,
) -> Option<Diagnostic> {
    let (was, is) = (accepted.image.as_ref()?, given.image.as_ref()?);
    let (before, now) = (was.digest.as_ref()?, is.digest.as_ref()?);
    if was.reference != is.reference || before == now {
        return None;
    }
    let server = &one.server.name.value;
    let image = one.server.settings.image.as_ref();
    let place = image.map_or(one.server.name.loc, |image| image.loc);
    Some(
        DIGEST_CHANGED
            .at(
                place,
                format!(
                    "`{}` has another digest than the one that was accepted",
                    was.reference
                ),
            )
            .labelled("this image")
            .note(format!("accepted: {before}"))
            .note(format!("now: {now}"))
            .help(format!(
                "find out who moved the tag; if it is right, `bailiwick lock {server} --accept-all`"
            )),
    )
}

/// Of several definition files of one server, the one that differs from `given` in the fewest tools; of
/// equal ones the last by revision.
///
/// # Errors
/// When a definition has no name or one name is there twice.
pub fn closest<'f>(
    files: &'f [DefinitionFile],
    given: &DefinitionFile,
) -> Result<Option<&'f DefinitionFile>, FileError> {
    let given = given.tools_by_name()?;
    let mut best: Option<(usize, &DefinitionFile)> = None;
    for file in files {
        let was = file.tools_by_name()?;
        let differs = |tool: &&String| match (was.get(*tool), given.get(*tool)) {
            (Some(was), Some(is)) => !same(was, is),
            _ => true,
        };
        let tools: BTreeSet<&String> = was.keys().chain(given.keys()).collect();
        let count = tools.into_iter().filter(differs).count();
        if best.is_none_or(|(fewest, _)| count <= fewest) {
            best = Some((count, file));
        }
    }
    Ok(best.map(|(_, file)| file))
}

fn same(one: &RawValue, other: &RawValue) -> bool {
    matches!((definition_digest(one), definition_digest(other)), (Ok(one), Ok(other)) if one == other)
}

/// A change of a server that is of no tool, and that only `--accept-all` accepts.
pub fn whole_file(one: &Lockable, why: &str) -> Diagnostic {
    let server = &one.server.name.value;
    TOOL_CHANGED
        .at(
            one.server.name.loc,
            format!("`{server}@{}`: {why}", one.revision),
        )
        .help(format!(
            "if that is right, `bailiwick lock {server} --accept-all`"
        ))
}
