//! The catalog's `test` nodes, held against resolved environments.

use std::collections::{BTreeMap, BTreeSet};

use crate::environment::{Environment, Path};
use crate::model::{Assertion, Catalog, Claim, Granted, Kind, Name, Pattern, Test};
use crate::source::{At, Loc};

/// What became of one `test`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestResult {
    /// Its title.
    pub title: String,
    /// The environment.
    pub environment: Name,
    /// The node.
    pub loc: Loc,
    /// Each pattern of each assertion, in the order written.
    pub assertions: Vec<AssertionResult>,
}

/// What became of one pattern of a `can` or `cannot`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssertionResult {
    /// `can`, else `cannot`.
    pub can: bool,
    /// The agent; none is every agent.
    pub agent: Option<Name>,
    /// The tools.
    pub pattern: Pattern,
    /// The pattern's place.
    pub loc: Loc,
    /// Whether it held.
    pub outcome: Outcome,
}

/// Whether an assertion held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It did.
    Held,
    /// The pattern matches no declared tool of a server deployed here, so it says nothing.
    Vacuous,
    /// It did not: every pair that is against it, sorted; never empty.
    Broken(Vec<Counterexample>),
}

/// A pair against an assertion.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Counterexample {
    /// The agent.
    pub agent: Name,
    /// The server.
    pub server: Name,
    /// The tool.
    pub tool: Name,
    /// How the agent got the tool, against a `cannot`; none against a `can`.
    pub path: Option<Path>,
}

impl TestResult {
    /// Whether every assertion held.
    pub fn passed(&self) -> bool {
        self.assertions
            .iter()
            .all(|assertion| assertion.outcome == Outcome::Held)
    }
}

/// Runs every test of the catalog whose environment exists, in the order of the sources.
pub fn run(catalog: &Catalog, environments: &BTreeMap<Name, Environment>) -> Vec<TestResult> {
    let mut tests: Vec<&Test> = catalog.tests.iter().collect();
    tests.sort_by_key(|test| test.loc);
    let uncertain = uncertain(catalog);
    tests
        .into_iter()
        .filter_map(|test| Some((test, environments.get(&test.environment.value)?)))
        .map(|(test, environment)| TestResult {
            title: test.title.value.clone(),
            environment: environment.name().clone(),
            loc: test.loc,
            assertions: assertions(catalog, environment, &uncertain, test),
        })
        .collect()
}

fn assertions(
    catalog: &Catalog,
    environment: &Environment,
    uncertain: &BTreeSet<(&Name, &Name)>,
    test: &Test,
) -> Vec<AssertionResult> {
    let known = |assertion: &&Assertion| {
        let agent = assertion.agent.as_ref();
        agent.is_none_or(|agent| catalog.agents.contains_key(&agent.value))
    };
    let assertions = test.assertions.iter().filter(known);
    assertions
        .flat_map(|assertion| {
            let can = matches!(assertion.claim, Claim::Can(_));
            let patterns = match &assertion.claim {
                Claim::Can(patterns) | Claim::Cannot(patterns) => patterns.as_slice(),
                Claim::NeedsApproval(_) | Claim::NoFlow { .. } => &[],
            };
            patterns
                .iter()
                .map(move |pattern| (assertion, can, pattern))
        })
        .filter(|(.., pattern)| !is_poisoned(catalog, &pattern.value))
        .map(|(assertion, can, pattern)| AssertionResult {
            can,
            agent: assertion.agent.as_ref().map(|agent| agent.value.clone()),
            pattern: pattern.value.clone(),
            loc: pattern.loc,
            outcome: outcome(
                catalog,
                environment,
                uncertain,
                assertion.agent.as_ref(),
                can,
                pattern,
            ),
        })
        .collect()
}

/// Whether the pattern is of a server whose definition has a mistake, which is reported there.
fn is_poisoned(catalog: &Catalog, pattern: &Pattern) -> bool {
    let server = pattern.server.as_ref();
    server.is_some_and(|server| catalog.poisoned.contains(&(Kind::Server, server.clone())))
}

fn outcome(
    catalog: &Catalog,
    environment: &Environment,
    uncertain: &BTreeSet<(&Name, &Name)>,
    agent: Option<&At<Name>>,
    can: bool,
    pattern: &At<Pattern>,
) -> Outcome {
    let Pattern { server, tool } = &pattern.value;
    let is_meant = |name: &Name| server.as_ref().is_none_or(|server| server == name);
    let resolved: Vec<(&Name, &Name)> = environment
        .servers
        .iter()
        .filter(|(name, _)| is_meant(name))
        .flat_map(|(name, deployed)| {
            let tools = deployed.server.matching(tool);
            tools.map(move |(tool, _)| (name, tool))
        })
        .collect();
    // What a server without its definition file would give is not known; that is reported there.
    let unresolved = || {
        let meant = environment.unresolved.iter().filter(|name| is_meant(name));
        meant
            .filter_map(|name| catalog.servers.get(name))
            .any(|server| server.matching(tool).next().is_some())
    };
    if resolved.is_empty() {
        return if unresolved() {
            Outcome::Held
        } else {
            Outcome::Vacuous
        };
    }
    let against = match (agent, can) {
        (Some(agent), true) if uncertain.contains(&(environment.name(), &agent.value)) => {
            Vec::new()
        }
        (Some(agent), true) => lacking(environment, &agent.value, &resolved),
        (Some(agent), false) => holding(environment, &agent.value, &resolved),
        (None, _) => {
            let agents = environment.agents.keys();
            agents
                .flat_map(|agent| holding(environment, agent, &resolved))
                .collect()
        }
    };
    if against.is_empty() {
        Outcome::Held
    } else {
        Outcome::Broken(against)
    }
}

/// By environment, the agents that are granted a role that has a mistake, which is reported there:
/// what it would give is not known.
fn uncertain(catalog: &Catalog) -> BTreeSet<(&Name, &Name)> {
    let is_unknown = |what: &At<Granted>| match &what.value {
        Granted::Role(role) => !catalog.roles.contains_key(role),
        Granted::Tools(_) => false,
    };
    let overlays = catalog.overlays().iter();
    overlays
        .flat_map(|overlay| overlay.grants.iter().map(move |grant| (overlay, grant)))
        .filter(|(_, grant)| grant.what.iter().any(is_unknown))
        .map(|(overlay, grant)| (&overlay.environment.value, &grant.agent.value))
        .collect()
}

fn lacking(
    environment: &Environment,
    agent: &Name,
    tools: &[(&Name, &Name)],
) -> Vec<Counterexample> {
    let pairs = tools.iter().map(|(server, tool)| pair(agent, server, tool));
    pairs
        .filter(|pair| !environment.permissions.contains_key(pair))
        .map(|(agent, server, tool)| Counterexample {
            agent,
            server,
            tool,
            path: None,
        })
        .collect()
}

fn holding(
    environment: &Environment,
    agent: &Name,
    tools: &[(&Name, &Name)],
) -> Vec<Counterexample> {
    let pairs = tools.iter().map(|(server, tool)| pair(agent, server, tool));
    pairs
        .filter_map(|pair| Some((environment.permissions.get(&pair)?, pair)))
        .map(|(permission, (agent, server, tool))| Counterexample {
            agent,
            server,
            tool,
            path: permission.paths.first().cloned(),
        })
        .collect()
}

fn pair(agent: &Name, server: &Name, tool: &Name) -> (Name, Name, Name) {
    (agent.clone(), server.clone(), tool.clone())
}
