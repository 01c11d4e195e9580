//! What the checks say about definitions that a server gave, which nobody here can edit.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bailiwick_config::Digest;
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
    let Ok(definition) = serde_json::from_str::<Value>(definition.get()) else {
        return Vec::new();
    };
    let mut found = match definition.get("inputSchema") {
        Some(schema) => of_schema(schema, &schema.to_string()),
        None => vec![schemas::missing()],
    };
    beside_schema(&definition, &mut found);
    found
}

/// What is wrong in an input schema, which is written like this.
fn of_schema(schema: &Value, text: &str) -> Vec<Problem> {
    let mut found = Vec::new();
    schemas::schema(schema, text.len(), &mut found);
    patterns::patterns(schema, &mut found);
    mirrors::mirrors(schema, &mut found);
    found
}

/// What is wrong in a definition beside its input schema.
fn beside_schema(definition: &Value, found: &mut Vec<Problem>) {
    schemas::output(definition, found);
    texts::texts(definition, found);
}

/// What is wrong in definitions that were looked at before.
#[derive(Debug, Default)]
pub(crate) struct KnownDefinitions {
    /// By the address of their file, which is kept.
    files: Mutex<BTreeMap<usize, KnownFile>>,
    /// What is wrong in input schemas, by the digest of their text: most of them come again in other revisions
    /// of their server, and in other tools.
    schemas: Mutex<BTreeMap<Digest, Arc<[Problem]>>>,
}

/// A definition file, and what is wrong with each tool in it that is declared to have an effect.
#[derive(Debug)]
struct KnownFile {
    file: Arc<LockFile>,
    tools: BTreeMap<(Name, Option<Effect>), Arc<KnownTool>>,
}

/// What is wrong with a tool.
#[derive(Debug)]
struct KnownTool {
    in_schema: Arc<[Problem]>,
    beside_schema: Vec<Problem>,
}

impl KnownDefinitions {
    /// What is wrong in a definition. It is looked at once.
    fn of_tool(&self, one: &Use<'_>) -> Arc<KnownTool> {
        let address = Arc::as_ptr(one.lock).addr();
        let key = (one.tool.clone(), one.effect);
        let files = hold(&self.files);
        let known = files.get(&address).and_then(|known| known.tools.get(&key));
        if let Some(known) = known {
            return Arc::clone(known);
        }
        // Nobody waits while a definition is looked at.
        drop(files);
        let tool = Arc::new(self.look(one));
        let mut files = hold(&self.files);
        let known = files.entry(address).or_insert_with(|| KnownFile {
            file: Arc::clone(one.lock),
            tools: BTreeMap::new(),
        });
        known.tools.insert(key, Arc::clone(&tool));
        tool
    }

    fn look(&self, one: &Use<'_>) -> KnownTool {
        let mut found = Vec::new();
        let Ok(definition) = serde_json::from_str::<Value>(one.definition.get()) else {
            return KnownTool {
                in_schema: Arc::new([]),
                beside_schema: found,
            };
        };
        let in_schema = match definition.get("inputSchema") {
            Some(schema) => self.of_schema(schema),
            None => Arc::new([schemas::missing()]),
        };
        beside_schema(&definition, &mut found);
        claims::claims(&definition, one.effect, &mut found);
        KnownTool {
            in_schema,
            beside_schema: found,
        }
    }

    fn of_schema(&self, schema: &Value) -> Arc<[Problem]> {
        let text = schema.to_string();
        let digest = Digest::of(text.as_bytes());
        let known = hold(&self.schemas).get(&digest).cloned();
        known.unwrap_or_else(|| {
            let problems: Arc<[Problem]> = of_schema(schema, &text).into();
            let mut schemas = hold(&self.schemas);
            Arc::clone(schemas.entry(digest).or_insert(problems))
        })
    }

    /// Forgets a file, which has changed.
    pub(crate) fn forget(&self, path: &str) {
        hold(&self.files).retain(|_, known| known.file.path != path);
        hold(&self.schemas).retain(|_, problems| Arc::strong_count(problems) > 1);
    }
}

fn hold<T>(known: &Mutex<T>) -> MutexGuard<'_, T> {
    known.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is wrong in the definitions of tools that some agent is granted, each said at the `tool` line. A
/// definition that several environments use is said once, for the one of the highest tier.
pub(super) fn definitions(
    environments: &BTreeMap<Name, Environment>,
    known: &KnownDefinitions,
    found: &mut Vec<Diagnostic>,
) {
    let uses = uses(environments);
    for findings in parallel::map(&uses, |one| one.findings(&known.of_tool(one))) {
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
    let servers: BTreeMap<&Name, &Arc<Server>> = servers.collect();
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
                others: others.get_or_insert_with(|| {
                    OtherTools::of(servers.values().map(|server| &***server), server)
                }),
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
    /// What is wrong in the definition, one finding for each check.
    fn findings(&self, known: &KnownTool) -> Vec<Diagnostic> {
        let is_prod = self.environment.target.tier == Tier::Prod;
        let subject = Subject {
            server: self.server,
            tool: self.tool,
            place: self.place,
            label: "the definition of this tool",
            file: &self.lock.path,
            environment: Some((self.environment.name(), is_prod)),
        };
        let problems = known.in_schema.iter().chain(&known.beside_schema);
        subject.findings(problems.cloned().collect())
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
