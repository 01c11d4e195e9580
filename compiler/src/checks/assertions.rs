//! TST: the catalog's own tests.

use std::collections::BTreeMap;

use super::error;
use crate::assertion::{self, AssertionResult, Counterexample, Outcome};
use crate::diagnostic::{Check, Diagnostic};
use crate::environment::{Environment, SuspendedPermission};
use crate::model::{Catalog, Name};

pub(crate) const ASSERTION_FAILED: Check = error(
    "TST001",
    "assertion-failed",
    "what a test says of the permissions is not so",
);
pub(crate) const VACUOUS_ASSERTION: Check = error(
    "TST002",
    "vacuous-assertion",
    "a pattern of a test matches no declared tool of a server deployed there",
);

/// Most further pairs that a finding names.
const SHOWN: usize = 5;

/// Every assertion holds, and each could fail.
pub(crate) fn assertions(
    catalog: &Catalog,
    environments: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    for test in assertion::run(catalog, environments) {
        let Some(environment) = environments.get(&test.environment) else {
            continue;
        };
        for result in &test.assertions {
            match &result.outcome {
                Outcome::Held => {}
                Outcome::Vacuous => found.push(vacuous(environment, result)),
                Outcome::Broken(against) => {
                    found.extend(failed(environment, result, &test.title, against));
                }
            }
        }
    }
}

fn vacuous(environment: &Environment, result: &AssertionResult) -> Diagnostic {
    let name = environment.name();
    let help = if result.can {
        "deploy the server there, or correct the pattern"
    } else {
        "as it stands, this could never fail: correct the pattern, or remove it"
    };
    let message = format!(
        "`{}` matches no declared tool of a server deployed in {name}",
        result.pattern
    );
    environment
        .finding(&VACUOUS_ASSERTION, result.loc, message)
        .help(help)
}

fn failed(
    environment: &Environment,
    result: &AssertionResult,
    title: &str,
    against: &[Counterexample],
) -> Option<Diagnostic> {
    let (first, further) = against.split_first()?;
    let Counterexample {
        agent,
        server,
        tool,
        path,
    } = first;
    let name = environment.name();
    let message = match path {
        Some(_) => format!("`{agent}` can call `{server}:{tool}` in {name}, by this path"),
        None => format!("`{agent}` cannot call `{server}:{tool}` in {name}"),
    };
    let mut diagnostic = environment
        .finding(&ASSERTION_FAILED, result.loc, message)
        .labelled(format!(
            "test `{title}` says that it {}",
            if path.is_some() { "cannot" } else { "can" }
        ));
    if let Some(path) = path {
        diagnostic = diagnostic.and(path.grant, format!("granted to `{agent}` here"));
        if let Some((role, allow)) = &path.role {
            diagnostic = diagnostic.and(*allow, format!("through role `{role}`"));
        }
        diagnostic = diagnostic.note(path.text(agent, server, tool));
    } else if let Some(suspended) = suspended(environment, agent, server, tool) {
        for place in &suspended.places {
            diagnostic = diagnostic.and(*place, "suspended here");
        }
    } else if !is_locked(environment, server, tool) {
        diagnostic = diagnostic.note(format!(
            "`{tool}` is not in the definition file of `{server}`"
        ));
    }
    for other in further.iter().take(SHOWN) {
        diagnostic = diagnostic.note(format!(
            "so for `{}` and `{}:{}`",
            other.agent, other.server, other.tool
        ));
    }
    if further.len() > SHOWN {
        diagnostic = diagnostic.note(format!("and {} more", further.len() - SHOWN));
    }
    Some(diagnostic.help(match path {
        Some(_) => "grant less, or change the test if this is meant",
        None if suspended(environment, agent, server, tool).is_some() => {
            "what is suspended cannot be called: change the test, or end the suspension"
        }
        None => "no grant gives it: grant it, or change the test",
    }))
}

fn suspended<'e>(
    environment: &'e Environment,
    agent: &Name,
    server: &Name,
    tool: &Name,
) -> Option<&'e SuspendedPermission> {
    let pair = (agent.clone(), server.clone(), tool.clone());
    environment.suspended.get(&pair)
}

fn is_locked(environment: &Environment, server: &str, tool: &str) -> bool {
    let deployed = environment.servers.get(server);
    deployed.is_some_and(|deployed| deployed.lock.tools.contains_key(tool))
}
