//! What the checks say about definitions that a server gave, which nobody here can edit.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use serde_json::value::RawValue;

use super::{mirrors, patterns, schemas, texts};
use crate::diagnostic::{Check, Diagnostic};
use crate::environment::Environment;
use crate::model::{Catalog, Name, Tier};
use crate::parallel;
use crate::source::Loc;

/// Something wrong in a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Which check.
    pub check: &'static Check,
    /// Where in the definition, a JSON pointer.
    pub pointer: String,
    /// What is wrong there.
    pub message: String,
}

impl Problem {
    pub(super) fn new(check: &'static Check, pointer: &str, message: impl Into<String>) -> Self {
        Self {
            check,
            pointer: pointer.to_owned(),
            message: message.into(),
        }
    }
}

/// Most problems of one check in one definition that are counted one by one.
const COUNTED: usize = 1_000;

/// All that is wrong in a definition.
pub(crate) fn problems(definition: &RawValue) -> Vec<Problem> {
    let Ok(definition) = serde_json::from_str::<Value>(definition.get()) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    schemas::schema(&definition, &mut found);
    schemas::output(&definition, &mut found);
    if let Some(schema) = definition.get("inputSchema") {
        patterns::patterns(schema, &mut found);
        mirrors::mirrors(schema, &mut found);
    }
    texts::texts(&definition, &mut found);
    found
}

/// What is wrong in the definitions of tools that some agent is granted, each said at the `tool` line. A
/// definition that several environments use is said once, for the one of the highest tier.
pub(super) fn definitions(
    _: &Catalog,
    environments: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    let uses = uses(environments);
    for findings in parallel::map(&uses, Use::findings) {
        found.extend(findings);
    }
}

/// A definition that some agent is granted, and the environment that its findings name.
struct Use<'e> {
    environment: &'e Environment,
    server: &'e Name,
    tool: &'e Name,
    place: Loc,
    file: &'e str,
    definition: &'e RawValue,
}

/// Each granted definition once.
fn uses(environments: &BTreeMap<Name, Environment>) -> Vec<Use<'_>> {
    let mut ordered: Vec<&Environment> = environments.values().collect();
    ordered.sort_by_key(|environment| std::cmp::Reverse(environment.target.tier));
    let mut seen = BTreeSet::new();
    let mut uses = Vec::new();
    for environment in ordered {
        let granted: BTreeSet<(&Name, &Name)> = environment
            .permissions
            .keys()
            .map(|(_, server, tool)| (server, tool))
            .collect();
        for (server, tool) in granted {
            let Some(deployed) = environment.servers.get(server) else {
                continue;
            };
            let place = deployed.server.tools.get(tool).map(|tool| tool.loc);
            let definition = deployed.lock.tools.get(tool);
            let (Some(place), Some(definition)) = (place, definition) else {
                continue;
            };
            let file = &deployed.lock.path;
            if seen.insert((file, tool)) {
                uses.push(Use {
                    environment,
                    server,
                    tool,
                    place,
                    file,
                    definition,
                });
            }
        }
    }
    uses
}

impl Use<'_> {
    /// What is wrong in the definition, one finding for each check.
    fn findings(&self) -> Vec<Diagnostic> {
        let grouped = by_check(problems(self.definition));
        let findings = grouped.into_iter().filter_map(|(check, of_check)| {
            let first = of_check.first()?;
            let message = format!(
                "`{}:{}` at {}: {}",
                self.server,
                self.tool,
                shown_pointer(&first.pointer),
                first.message
            );
            let is_prod = self.environment.target.tier == Tier::Prod;
            let mut finding = check
                .at(self.place, message)
                .in_tier(self.environment.name(), is_prod)
                .labelled("the definition of this tool")
                .note(format!("the definition file is `{}`", self.file))
                .help("grant the tool to nobody, or deploy a revision of the server without it");
            if let more @ 1.. = of_check.len() - 1 {
                finding = finding.note(format!("and {more} more in this definition"));
            }
            Some(finding)
        });
        findings.collect()
    }
}

/// The problems of each check, in the order of the codes.
fn by_check(problems: Vec<Problem>) -> Vec<(&'static Check, Vec<Problem>)> {
    let mut grouped: BTreeMap<&str, (&'static Check, Vec<Problem>)> = BTreeMap::new();
    for problem in problems {
        let (_, group) = grouped
            .entry(problem.check.code)
            .or_insert((problem.check, Vec::new()));
        if group.len() < COUNTED {
            group.push(problem);
        }
    }
    grouped.into_values().collect()
}

/// A pointer as a message shows it: member names are a server's text, so they are shortened.
fn shown_pointer(pointer: &str) -> String {
    const MOST: usize = 100;
    let plain = |c: char| c.is_ascii_graphic() && c != '`';
    let mut text: String = pointer
        .chars()
        .take(MOST)
        .map(|c| if plain(c) { c } else { '?' })
        .collect();
    if pointer.chars().nth(MOST).is_some() {
        text.push('…');
    }
    if text.is_empty() {
        "its root".to_owned()
    } else {
        format!("`{text}`")
    }
}
