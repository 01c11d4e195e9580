//! What the checks say about definitions that a server gave, which nobody here can edit.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use serde_json::value::RawValue;

use super::reading::{self, Context, OtherTools};
use super::{Resolved, claims, mirrors, patterns, schemas, texts};
use crate::diagnostic::{Check, Diagnostic};
use crate::environment::Environment;
use crate::lock::LockFile;
use crate::model::{Effect, Name, Server, Tier};
use crate::parallel;
use crate::source::Loc;

/// Something wrong in a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Which check.
    pub(crate) check: &'static Check,
    /// Where in the definition, a JSON pointer.
    pub(crate) pointer: String,
    /// What is wrong there.
    pub(crate) message: String,
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
    serde_json::from_str(definition.get()).map_or_else(|_| Vec::new(), |value| problems_in(&value))
}

fn problems_in(definition: &Value) -> Vec<Problem> {
    let mut found = Vec::new();
    schemas::schema(definition, &mut found);
    schemas::output(definition, &mut found);
    if let Some(schema) = definition.get("inputSchema") {
        patterns::patterns(schema, &mut found);
        mirrors::mirrors(schema, &mut found);
    }
    texts::texts(definition, &mut found);
    found
}

/// What is wrong in definitions that were looked at before, by the address of their file, which is kept.
#[derive(Debug, Default)]
pub(crate) struct KnownDefinitions(Mutex<BTreeMap<usize, KnownFile>>);

/// A definition file, and what is wrong with each tool in it that is declared to have an effect.
#[derive(Debug)]
struct KnownFile {
    file: Arc<LockFile>,
    problems: BTreeMap<(Name, Option<Effect>), Arc<[Problem]>>,
}

impl KnownDefinitions {
    /// What is wrong in a definition. It is looked at once.
    fn problems(&self, one: &Use<'_>) -> Arc<[Problem]> {
        let address = Arc::as_ptr(one.lock).addr();
        let key = (one.tool.clone(), one.effect);
        let files = self.files();
        let known = files
            .get(&address)
            .and_then(|known| known.problems.get(&key));
        if let Some(known) = known {
            return Arc::clone(known);
        }
        // Nobody waits while a definition is looked at.
        drop(files);
        let problems: Arc<[Problem]> = one.problems().into();
        let mut files = self.files();
        let known = files.entry(address).or_insert_with(|| KnownFile {
            file: Arc::clone(one.lock),
            problems: BTreeMap::new(),
        });
        known.problems.insert(key, Arc::clone(&problems));
        problems
    }

    /// Forgets a file, which has changed.
    pub(crate) fn forget(&self, path: &str) {
        self.files().retain(|_, known| known.file.path != path);
    }

    fn files(&self) -> MutexGuard<'_, BTreeMap<usize, KnownFile>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is wrong in the definitions of tools that some agent is granted, each said at the `tool` line. A
/// definition that several environments use is said once, for the one of the highest tier.
pub(super) fn definitions(
    environments: &BTreeMap<Name, Environment>,
    known: &KnownDefinitions,
    found: &mut Vec<Diagnostic>,
) {
    let uses = uses(environments);
    for findings in parallel::map(&uses, |one| one.findings(&known.problems(one))) {
        found.extend(findings);
    }
}

/// What `lock` would say of accepted definitions whose words an exception accepts: it shows which of the
/// exceptions are of use.
#[derive(Debug, Default)]
pub(super) struct Accepted {
    /// The findings that the exceptions may accept.
    pub(super) found: Vec<Diagnostic>,
    /// Exceptions on servers without an accepted definition, of which nothing can be said.
    pub(super) unread: BTreeSet<Loc>,
}

/// Reads the definitions again that have such an exception, and no others: they were read by `lock`.
pub(super) fn accepted(parts: &[&Resolved]) -> Accepted {
    let exceptions = parts.iter().flat_map(|part| &part.catalog.suppressions);
    let exceptions: Vec<_> = exceptions
        .filter(|one| reading::is_of_reading(&one.code.value))
        .collect();
    let mut accepted = Accepted::default();
    if exceptions.is_empty() {
        return accepted;
    }
    let servers = parts.iter().flat_map(|part| &part.catalog.servers);
    let servers: BTreeMap<&Name, &Server> = servers.collect();
    for server in servers.values() {
        let on_it = exceptions
            .iter()
            .filter(|one| one.scope.contains(&server.name.loc) || server.loc.contains(&one.scope));
        accepted.unread.extend(on_it.map(|one| one.loc));
    }
    let environments = parts.iter().flat_map(|part| part.environments.values());
    for deployed in environments.flat_map(|environment| environment.servers.values()) {
        let server = &deployed.server;
        let mut others = None;
        for (tool, line) in &server.tools {
            let mut inside = exceptions
                .iter()
                .filter(|one| one.scope.contains(&line.loc))
                .peekable();
            if inside.peek().is_none() {
                continue;
            }
            let definition = deployed.lock.tools.get(tool);
            let definition = definition.and_then(|text| serde_json::from_str(text.get()).ok());
            let Some(definition) = definition else {
                continue;
            };
            for one in inside {
                accepted.unread.remove(&one.loc);
            }
            let context = Context {
                server,
                tool: Some(line),
                others: others
                    .get_or_insert_with(|| OtherTools::of(servers.values().copied(), server)),
            };
            let subject = Subject {
                server: &server.name.value,
                tool,
                place: line.loc,
                label: "",
                file: &deployed.lock.path,
                environment: None,
            };
            let problems = reading::problems(&definition, &context);
            accepted.found.extend(subject.findings(problems));
        }
    }
    accepted
}

/// A definition that some agent is granted, and the environment that its findings name.
struct Use<'e> {
    environment: &'e Environment,
    server: &'e Name,
    tool: &'e Name,
    place: Loc,
    lock: &'e Arc<LockFile>,
    definition: &'e RawValue,
    /// What the catalog says that it does; none when that has a mistake.
    effect: Option<Effect>,
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
            let line = deployed.server.tools.get(tool);
            let definition = deployed.lock.tools.get(tool);
            let (Some(line), Some(definition)) = (line, definition) else {
                continue;
            };
            // They say which file it is, and are shorter than its path.
            if seen.insert((server, deployed.revision.as_str(), tool)) {
                uses.push(Use {
                    environment,
                    server,
                    tool,
                    place: line.loc,
                    lock: &deployed.lock,
                    definition,
                    effect: Some(deployed.server.effect(line))
                        .filter(|_| !deployed.server.is_unclear(line)),
                });
            }
        }
    }
    uses
}

impl Use<'_> {
    /// What is wrong in the definition.
    fn problems(&self) -> Vec<Problem> {
        let Ok(definition) = serde_json::from_str(self.definition.get()) else {
            return Vec::new();
        };
        let mut found = problems_in(&definition);
        claims::claims(&definition, self.effect, &mut found);
        found
    }

    /// What is wrong in the definition, one finding for each check.
    fn findings(&self, problems: &[Problem]) -> Vec<Diagnostic> {
        let is_prod = self.environment.target.tier == Tier::Prod;
        let subject = Subject {
            server: self.server,
            tool: self.tool,
            place: self.place,
            label: "the definition of this tool",
            file: &self.lock.path,
            environment: Some((self.environment.name(), is_prod)),
        };
        subject.findings(problems.to_vec())
    }
}

/// What findings about a definition are said of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject<'s> {
    /// Name of the server.
    pub(crate) server: &'s str,
    /// Name of the tool, as the server gives it.
    pub(crate) tool: &'s str,
    /// The line of the tool, or of its server.
    pub(crate) place: Loc,
    /// What stands there.
    pub(crate) label: &'s str,
    /// The definition file.
    pub(crate) file: &'s str,
    /// The environment of the highest tier that uses the definition, and whether that tier is prod.
    pub(crate) environment: Option<(&'s str, bool)>,
}

impl Subject<'_> {
    /// The problems as findings, one for each check.
    pub(crate) fn findings(&self, problems: Vec<Problem>) -> Vec<Diagnostic> {
        let grouped = by_check(problems);
        let findings = grouped.into_iter().filter_map(|(check, of_check)| {
            let first = of_check.first()?;
            let message = format!(
                "`{}:{}` at {}: {}",
                self.server,
                shown(self.tool),
                shown_pointer(&first.pointer),
                first.message
            );
            let mut finding = check
                .at(self.place, message)
                .labelled(self.label)
                .note(format!("the definition file is `{}`", self.file))
                .help(help(check));
            if let Some((environment, is_prod)) = self.environment {
                finding = finding.in_tier(environment, is_prod);
            }
            if let more @ 1.. = of_check.len() - 1 {
                finding = finding.note(format!("and {more} more in this definition"));
            }
            Some(finding)
        });
        findings.collect()
    }
}

/// What to do about a definition that nobody here can edit.
fn help(check: &Check) -> String {
    let code = check.code;
    match reading::advice(check) {
        Some(advice) => format!(
            "{advice}; if it is right as it is, write `suppress {code} reason=\"...\" until=\"...\"` in the tool's line"
        ),
        None if code == claims::EFFECT_CONTRADICTS_HINT.code => {
            "declare the effect that the tool has".to_owned()
        }
        None if code == claims::SECRET_PARAMETER.code => {
            "give the secret to the server with `secret`, and grant a tool that does not ask for it"
                .to_owned()
        }
        None => {
            "grant the tool to nobody, or deploy a revision of the server without it".to_owned()
        }
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

/// A pointer as a message shows it.
fn shown_pointer(pointer: &str) -> String {
    if pointer.is_empty() {
        "its root".to_owned()
    } else {
        format!("`{}`", shown(pointer))
    }
}

/// Names as a message shows them: they are a server's text, so they are shortened.
pub(super) fn shown(name: &str) -> String {
    const MOST: usize = 100;
    let plain = |c: char| c.is_ascii_graphic() && c != '`';
    let mut text: String = name
        .chars()
        .take(MOST)
        .map(|c| if plain(c) { c } else { '?' })
        .collect();
    if name.chars().nth(MOST).is_some() {
        text.push('…');
    }
    text
}
