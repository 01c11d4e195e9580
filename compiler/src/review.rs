//! What changed in the tools of a server since a person accepted them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::value::RawValue;

pub use crate::checks::Problem;

use crate::checks::definitions::problems;
use crate::checks::lock::TOOL_CHANGED;
use crate::diagnostic::Diagnostic;
use crate::environment::Lockable;
use crate::lock::{DefinitionFile, FileError, definition_digest, differences};

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
    /// What the checks say about new and changed definitions, by the tool's name.
    pub problems: BTreeMap<String, Vec<Problem>>,
}

/// Holds the definitions that a server gives against those that were accepted. Without accepted ones there
/// is nothing to compare with, and so nothing to accept.
///
/// # Errors
/// When a definition has no name or one name is there twice.
pub fn review(
    one: &Lockable,
    accepted: Option<&DefinitionFile>,
    given: &DefinitionFile,
) -> Result<Review, FileError> {
    let mut review = Review::default();
    let given = given.tools_by_name()?;
    let empty = BTreeMap::new();
    let was = accepted
        .map(DefinitionFile::tools_by_name)
        .transpose()?
        .unwrap_or(empty);
    for (tool, definition) in &given {
        let lines = match was.get(tool) {
            Some(before) => differences(before, definition)?,
            None => vec!["the tool is new, and the catalog has a line for it already".to_owned()],
        };
        if lines.is_empty() {
            continue;
        }
        let found = problems(definition);
        if !found.is_empty() {
            review.problems.insert(tool.clone(), found);
        }
        let is_new = !was.contains_key(tool);
        let is_declared = one.server.tools.contains_key(tool.as_str());
        if accepted.is_none() || is_new && !is_declared {
            review.added.push(tool.clone());
        } else {
            review
                .changed
                .insert(tool.clone(), finding(one, tool, &lines));
        }
    }
    for tool in was.keys().filter(|tool| !given.contains_key(*tool)) {
        if one.server.tools.contains_key(tool.as_str()) {
            let gone = ["the server does not offer it any more".to_owned()];
            review
                .changed
                .insert(tool.clone(), finding(one, tool, &gone));
        } else {
            review.removed.push(tool.clone());
        }
    }
    Ok(review)
}

fn finding(one: &Lockable, tool: &str, lines: &[String]) -> Diagnostic {
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
    let mut found = TOOL_CHANGED
        .at(
            place,
            format!("`{server}:{tool}` changed since it was reviewed: {first}{more}"),
        )
        .labelled(label)
        .help(format!(
            "look at the change; if it is right, `bailiwick lock {server} --accept {server}:{tool}`"
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

/// What the checks say about every definition of a file, by the tool's name.
///
/// # Errors
/// When a definition has no name or one name is there twice.
pub fn problems_of(file: &DefinitionFile) -> Result<BTreeMap<String, Vec<Problem>>, FileError> {
    let found = file
        .tools_by_name()?
        .into_iter()
        .map(|(tool, definition)| (tool, problems(definition)))
        .filter(|(_, found)| !found.is_empty());
    Ok(found.collect())
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
