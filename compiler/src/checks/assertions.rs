//! TST: the catalog's own tests.

use std::collections::{BTreeMap, BTreeSet};

use super::flows::{given, taking};
use super::{Resolved, error, note, warning};
use crate::assertion::{self, Asserted, AssertionResult, Counterexample, Fault, Outcome};
use crate::diagnostic::{Check, Diagnostic};
use crate::environment::{Environment, SuspendedPermission};
use crate::model::{Assertion, Catalog, Claim, Name, Pattern, Subject, Suspension, Test, Tier};
use crate::source::Loc;

pub(crate) const ASSERTION_FAILED: Check = error(
    "TST001",
    "assertion-failed",
    "what a test says of the permissions is not so",
);
pub(crate) const VACUOUS_ASSERTION: Check = error(
    "TST002",
    "vacuous-assertion",
    "a test asserts nothing, or a pattern of it matches no declared tool of a server deployed there",
);
pub(crate) const DUPLICATE_TEST: Check = warning(
    "TST003",
    "duplicate-test",
    "two tests of one environment share a title",
);
pub(crate) const TEST_WRONG_ENVIRONMENT: Check = error(
    "TST004",
    "test-wrong-environment",
    "a test is about a server that is not deployed there",
);
pub(crate) const UNTESTED_SUSPEND: Check = note(
    "TST005",
    "untested-suspend",
    "no test shows that what is suspended in prod cannot be called",
);

/// Most further pairs that a finding names.
const SHOWN: usize = 5;

/// Every assertion holds, and each could fail.
pub(super) fn assertions(resolved: &Resolved, found: &mut Vec<Diagnostic>) {
    let tests = resolved.catalog.tests.iter();
    for test in tests.filter(|test| test.assertions.is_empty()) {
        let environment = resolved.environments.get(&test.environment.value);
        found.extend(environment.map(|environment| asserts_nothing(environment, test)));
    }
    for test in assertion::run(&resolved.catalog, &resolved.environments, &resolved.graphs) {
        let Some(environment) = resolved.environments.get(&test.environment) else {
            continue;
        };
        for result in &test.assertions {
            match &result.outcome {
                Outcome::Held => {}
                Outcome::Vacuous => found.extend(vacuous(environment, result)),
                Outcome::NotDeployed => {
                    found.push(not_deployed(&resolved.catalog, environment, result));
                }
                Outcome::Broken(against) => {
                    found.extend(failed(environment, result, &test.title, against));
                }
            }
        }
    }
}

/// The results of tests can be told apart.
pub(super) fn duplicate_test(
    catalog: &Catalog,
    _: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    let mut tests: Vec<_> = catalog.tests.iter().collect();
    tests.sort_by_key(|test| test.loc);
    let mut first: BTreeMap<(&str, &Name), Loc> = BTreeMap::new();
    for test in tests {
        let (title, environment) = (&test.title, &test.environment.value);
        match first.get(&(title.value.as_str(), environment)) {
            Some(other) => found.push(
                DUPLICATE_TEST
                    .at(
                        title.loc,
                        format!("two tests of {environment} are called `{}`", title.value),
                    )
                    .and(*other, "the other one")
                    .help("say in each title what it is that holds"),
            ),
            None => drop(first.insert((title.value.as_str(), environment), title.loc)),
        }
    }
}

/// What is switched off in prod is tested to be off.
pub(super) fn untested_suspend(
    catalog: &Catalog,
    environments: &BTreeMap<Name, Environment>,
    found: &mut Vec<Diagnostic>,
) {
    for environment in environments.values() {
        if environment.target.tier != Tier::Prod {
            continue;
        }
        let name = environment.name();
        let tests = catalog.tests.iter();
        let assertions: Vec<&Assertion> = tests
            .filter(|test| test.environment.value == *name)
            .flat_map(|test| &test.assertions)
            .collect();
        let overlays = catalog.overlays_of(name).iter();
        let mut seen: BTreeSet<&Subject> = BTreeSet::new();
        for suspension in overlays.flat_map(|overlay| &overlay.suspensions) {
            let subject = &suspension.subject;
            let is_shown = assertions
                .iter()
                .any(|assertion| shows(assertion, suspension));
            if is_shown || !seen.insert(&subject.value) {
                continue;
            }
            let (what, line) = suspended_words(&subject.value);
            let (message, help) = match absent(environment, &subject.value) {
                None => (
                    format!("no test shows that {what} cannot be called in {name}"),
                    format!("write `{line}` in a test of {name}"),
                ),
                Some(missing) => (
                    format!("{what} is suspended in {name}, but {missing} deployed there"),
                    format!(
                        "remove the line, which has no effect, or deploy the server and write `{line}` in a test of {name}"
                    ),
                ),
            };
            let finding = environment.finding(&UNTESTED_SUSPEND, subject.loc, message);
            found.push(finding.help(help));
        }
    }
}

/// What is not deployed, where a test of something suspended would be about nothing.
fn absent(environment: &Environment, subject: &Subject) -> Option<&'static str> {
    let Environment {
        servers,
        unresolved,
        ..
    } = environment;
    let is_deployed = |server: &Name| servers.contains_key(server) || unresolved.contains(server);
    match subject {
        Subject::Agent(_) => {
            (servers.is_empty() && unresolved.is_empty()).then_some("no server is")
        }
        Subject::Server(server) if !is_deployed(server) => Some("it is not"),
        Subject::Tool(server, _) if !is_deployed(server) => Some("its server is not"),
        Subject::Server(_) | Subject::Tool(..) => None,
    }
}

/// Whether an assertion would fail if the suspension ended and something were granted.
fn shows(assertion: &Assertion, suspension: &Suspension) -> bool {
    let Claim::Cannot(patterns) = &assertion.claim else {
        return false;
    };
    let mut patterns = patterns.iter().map(|pattern| &pattern.value);
    match &suspension.subject.value {
        Subject::Agent(name) => {
            let agent = assertion.agent.as_ref();
            agent.is_none_or(|agent| agent.value == *name)
        }
        Subject::Server(server) => patterns.any(|pattern: &Pattern| {
            let named = pattern.server.as_ref();
            named.is_none_or(|named| named == server)
        }),
        Subject::Tool(server, tool) => patterns.any(|pattern| pattern.matches(server, tool)),
    }
}

/// What is suspended, and an assertion that shows it.
fn suspended_words(subject: &Subject) -> (String, String) {
    match subject {
        Subject::Agent(agent) => (
            format!("anything by `{agent}`"),
            format!("cannot {agent} *"),
        ),
        Subject::Server(server) => (format!("`{server}`"), format!("cannot * {server}:*")),
        Subject::Tool(server, tool) => (
            format!("`{server}:{tool}`"),
            format!("cannot * {server}:{tool}"),
        ),
    }
}

fn asserts_nothing(environment: &Environment, test: &Test) -> Diagnostic {
    environment
        .finding(
            &VACUOUS_ASSERTION,
            test.title.loc,
            "the test asserts nothing",
        )
        .labelled("so this could never fail")
        .help("write a `can`, `cannot`, `needs-approval` or `no-flow` in it, or remove it")
}

fn vacuous(environment: &Environment, result: &AssertionResult) -> Option<Diagnostic> {
    let name = environment.name();
    let pattern = result.claim.pattern()?;
    let message = format!("`{pattern}` matches no declared tool of a server deployed in {name}");
    let help = match &result.claim {
        Asserted::Can(_) | Asserted::NeedsApproval(_) => {
            "deploy the server there, or correct the pattern"
        }
        Asserted::Cannot(_) | Asserted::NoFlow(..) => {
            "as it stands, this could never fail: correct the pattern, or remove it"
        }
    };
    let finding = environment.finding(&VACUOUS_ASSERTION, result.loc, message);
    Some(finding.help(help))
}

fn not_deployed(
    catalog: &Catalog,
    environment: &Environment,
    result: &AssertionResult,
) -> Diagnostic {
    let name = environment.name();
    let pattern = result.claim.pattern();
    let server = pattern.and_then(|pattern| pattern.server.as_ref());
    let server_name = server.map(|server| &**server).unwrap_or_default();
    let diagnostic = environment
        .finding(
            &TEST_WRONG_ENVIRONMENT,
            result.loc,
            format!("`{server_name}` is not deployed in {name}"),
        )
        .labelled("so this could never fail")
        .help(format!(
            "deploy `{server_name}` there, or test it in an environment that deploys it"
        ));
    match server.and_then(|server| catalog.servers.get(server)) {
        Some(server) => diagnostic.and(server.name.loc, "the server is here"),
        None => diagnostic,
    }
}

fn failed(
    environment: &Environment,
    result: &AssertionResult,
    title: &str,
    against: &[Counterexample],
) -> Option<Diagnostic> {
    let (first, further) = against.split_first()?;
    let mut diagnostic = environment
        .finding(
            &ASSERTION_FAILED,
            result.loc,
            message(environment, result, first),
        )
        .labelled(format!("test `{title}` says that {}", expected(result)));
    if let Some(way) = &first.way {
        for (step, hop) in way.hops.iter().enumerate() {
            let from = step.checked_sub(1).and_then(|before| way.hops.get(before));
            let from = from.map_or(way.from.as_str(), |before| &before.to);
            // Data goes up and down again by the same lines.
            let mut labels = diagnostic.secondary.iter();
            if !labels.any(|label| label.loc == hop.loc) {
                diagnostic = diagnostic.and(hop.loc, format!("`{from}` -> `{}`", hop.to));
            }
        }
        diagnostic = diagnostic.note(format!("path: {way}"));
    }
    let suspended = suspended(environment, first);
    if let Some(suspended) = suspended {
        for place in &suspended.places {
            diagnostic = diagnostic.and(*place, "suspended here");
        }
    } else if first.fault == Fault::Missing && !is_locked(environment, &first.server, &first.tool) {
        let (server, tool) = (&first.server, &first.tool);
        diagnostic = diagnostic.note(format!(
            "`{tool}` is not in the definition file of `{server}`"
        ));
    }
    for other in further.iter().take(SHOWN) {
        diagnostic = diagnostic.note(match (other.fault, &other.way) {
            (Fault::Flow(_), Some(way)) => format!("so for `{}`, by {way}", other.agent),
            _ => format!(
                "so for `{}` and `{}:{}`",
                other.agent, other.server, other.tool
            ),
        });
    }
    if further.len() > SHOWN {
        diagnostic = diagnostic.note(format!("and {} more", further.len() - SHOWN));
    }
    Some(diagnostic.help(match first.fault {
        Fault::Missing if suspended.is_some() => {
            "what is suspended cannot be called: change the test, or end the suspension"
        }
        Fault::Missing => "no grant gives it: grant it, or change the test",
        Fault::Reached => "grant less, or change the test if this is meant",
        Fault::Unapproved => {
            "write an `approval` on the tool, the role or the grant, or change the test if this is meant"
        }
        Fault::Flow(_) => {
            "grant less, write an `approval` on one of the tools, or change the test if this is meant"
        }
    }))
}

fn message(environment: &Environment, result: &AssertionResult, first: &Counterexample) -> String {
    let Counterexample {
        agent,
        server,
        tool,
        ..
    } = first;
    let name = environment.name();
    match (first.fault, &result.claim) {
        (Fault::Missing, _) => format!("`{agent}` cannot call `{server}:{tool}` in {name}"),
        (Fault::Unapproved, _) => {
            format!("`{agent}` can call `{server}:{tool}` in {name} without an approval")
        }
        (Fault::Flow(count), Asserted::NoFlow(from, to)) => {
            let more = match count {
                0 | 1 => String::new(),
                many => format!(", in {many} ways"),
            };
            format!(
                "{} can reach {} through `{agent}` in {name} without an approval{more}",
                given(from),
                taking(*to)
            )
        }
        (Fault::Reached | Fault::Flow(_), _) => {
            format!("`{agent}` can call `{server}:{tool}` in {name}, by this path")
        }
    }
}

fn expected(result: &AssertionResult) -> &'static str {
    match &result.claim {
        Asserted::Can(_) => "it can",
        Asserted::Cannot(_) => "it cannot",
        Asserted::NeedsApproval(_) => "every call waits for a person",
        Asserted::NoFlow(..) => "it does not",
    }
}

fn suspended<'e>(
    environment: &'e Environment,
    first: &Counterexample,
) -> Option<&'e SuspendedPermission> {
    if first.fault != Fault::Missing {
        return None;
    }
    let pair = (
        first.agent.clone(),
        first.server.clone(),
        first.tool.clone(),
    );
    environment.suspended.get(&pair)
}

fn is_locked(environment: &Environment, server: &str, tool: &str) -> bool {
    let deployed = environment.servers.get(server);
    deployed.is_some_and(|deployed| deployed.lock.tools.contains_key(tool))
}
