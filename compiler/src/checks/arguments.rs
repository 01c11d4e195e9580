//! TOL, GRA: arguments that `arg` and `sensitive` name, held against the locked definitions.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use serde_json::value::RawValue;

use super::mirrors::{MEMBER, SENSITIVE_HEADER_MIRROR};
use super::patterns::{self, UNSAFE_PATTERN};
use super::schemas::SCHEMA_TOO_LARGE;
use super::{definitions, error};
use crate::diagnostic::suggestion::did_you_mean;
use crate::diagnostic::{Check, Diagnostic, Level};
use crate::environment::Environment;
use crate::model::{Catalog, Name};
use crate::narrowing::{Arguments, Misfit, MisfitKind};
use crate::source::Loc;

pub(crate) const UNKNOWN_ARGUMENT: Check = error(
    "TOL030",
    "unknown-argument",
    "`arg` narrows what the locked schema does not have, or not as this type",
);
pub(crate) const IMPOSSIBLE_ARGUMENT: Check = error(
    "TOL031",
    "impossible-argument",
    "no value satisfies all that narrows an argument",
);
pub(crate) const UNKNOWN_SENSITIVE: Check = error(
    "TOL032",
    "unknown-sensitive",
    "`sensitive` names an argument that the locked schema does not have",
);
pub(crate) const CONFLICTING_FIX: Check = error(
    "GRA021",
    "conflicting-fix",
    "an argument is fixed to one value and narrowed to another",
);

/// Everything that narrows an argument fits the definition of each tool that it reaches, and leaves a value.
pub(crate) fn narrowings(
    _: &Catalog,
    environments: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    // One `arg` of a role reaches many pairs: what does not fit is said once of each tool.
    let mut seen = BTreeSet::new();
    for environment in environments.values() {
        for ((_, server, tool), permission) in &environment.permissions {
            let Arguments::Nothing(misfits) = &permission.arguments else {
                continue;
            };
            let places: Vec<Loc> = permission.narrowings.iter().map(|one| one.loc).collect();
            let deployed = environment.servers.get(server);
            let file = deployed.map(|deployed| &deployed.lock.path);
            let definition = deployed.and_then(|deployed| deployed.lock.tools.get(tool));
            if seen.insert((file, tool, places))
                && !definition.is_some_and(|definition| has_broken_schema(definition))
            {
                let tool = format!("{server}:{tool}");
                let misfits = misfits.iter();
                found.extend(misfits.map(|misfit| say(environment, &tool, misfit)));
            }
        }
    }
    unsafe_patterns(environments, found);
}

/// Whether the input schema of a definition is reported, so that nothing can be said of narrowing it.
fn has_broken_schema(definition: &RawValue) -> bool {
    let problems = definitions::problems(definition);
    let mut checks = problems.iter().map(|problem| problem.check);
    checks.any(|check| check.level == Level::Error && check.code.starts_with("TOL"))
}

fn say(environment: &Environment, tool: &str, misfit: &Misfit) -> Diagnostic {
    let check = match misfit.kind {
        MisfitKind::Unknown => &UNKNOWN_ARGUMENT,
        MisfitKind::Impossible => &IMPOSSIBLE_ARGUMENT,
        MisfitKind::Conflict => &CONFLICTING_FIX,
        MisfitKind::Costly => &SCHEMA_TOO_LARGE,
    };
    let mut found = environment.finding(check, misfit.loc, format!("`{tool}` {}", misfit.message));
    if let Some((loc, label)) = &misfit.other {
        found = found.and(*loc, label.clone());
    }
    match &misfit.help {
        Some(help) => found.help(help.clone()),
        None => found,
    }
}

/// The patterns of `arg` that are matched are portable, as those of schemas are. Each is reported once, where
/// that weighs most.
fn unsafe_patterns(environments: &BTreeMap<Name, Environment>, found: &mut Vec<Diagnostic>) {
    let mut seen = BTreeSet::new();
    let mut environments: Vec<&Environment> = environments.values().collect();
    environments.sort_by_key(|environment| Reverse(environment.target.tier));
    for environment in environments {
        let narrowings = environment.permissions.values();
        let narrowings = narrowings.flat_map(|permission| &permission.narrowings);
        for pattern in narrowings.filter_map(|narrowing| narrowing.pattern.as_ref()) {
            if seen.insert(pattern.loc)
                && let Some(why) = patterns::misfit(&pattern.value)
            {
                found.push(environment.finding(&UNSAFE_PATTERN, pattern.loc, why));
            }
        }
    }
}

/// What is sensitive is an argument.
pub(crate) fn unknown_sensitive(
    _: &Catalog,
    environments: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    let (mut seen, mut looked_at) = (BTreeSet::new(), BTreeSet::new());
    for environment in environments.values() {
        for (name, deployed) in &environment.servers {
            let tools = deployed.server.tools.iter();
            for (tool, declared) in tools.filter(|(_, tool)| !tool.sensitive.is_empty()) {
                let Some(definition) = deployed.lock.tools.get(tool) else {
                    continue;
                };
                // Environments share most definitions, and what is wrong is said once.
                let places: Vec<Loc> = declared.sensitive.iter().map(|path| path.loc).collect();
                if !looked_at.insert((&deployed.lock.path, tool, places)) {
                    continue;
                }
                let definition: Value = serde_json::from_str(definition.get()).unwrap_or_default();
                let schema = definition.get("inputSchema").unwrap_or(&Value::Null);
                for path in &declared.sensitive {
                    let names = path.value.names();
                    let missing = match bailiwick_schema::argument(schema, names) {
                        Err(missing) => missing,
                        Ok(own) => {
                            if own.get(MEMBER).is_some() && seen.insert((path.loc, tool)) {
                                let message = format!(
                                    "`{name}:{tool}` wants `{}` in a header, which proxies and logs see",
                                    path.value
                                );
                                found.push(environment.finding(
                                    &SENSITIVE_HEADER_MIRROR,
                                    path.loc,
                                    message,
                                ));
                            }
                            continue;
                        }
                    };
                    if !seen.insert((path.loc, tool)) {
                        continue;
                    }
                    let message = format!(
                        "`{name}:{tool}` has no argument `{}`, so nothing would be kept secret",
                        path.value
                    );
                    let finding = environment.finding(&UNKNOWN_SENSITIVE, path.loc, message);
                    let known = missing.known.iter().map(String::as_str);
                    let word = names.get(missing.found);
                    found.push(match word.and_then(|word| did_you_mean(word, known)) {
                        Some(help) => finding.help(help),
                        None => finding,
                    });
                }
            }
        }
    }
}
