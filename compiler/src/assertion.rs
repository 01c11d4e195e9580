//! The catalog's `test` nodes, held against resolved environments and their graphs.

mod judge;

use std::collections::BTreeMap;
use std::fmt;

use crate::environment::{Environment, Hop};
use crate::graph::Graph;
use crate::model::{Catalog, FlowSink, FlowSource, Name, Pattern, Test};
use crate::source::Loc;

use judge::Judge;

/// What became of one `test`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestResult {
    /// Its title.
    pub title: String,
    /// The environment.
    pub environment: Name,
    /// The node.
    pub loc: Loc,
    /// Each pattern of each assertion and each flow, in the order written.
    pub assertions: Vec<AssertionResult>,
}

/// What became of one pattern of an assertion, or of one `no-flow`. [`fmt::Display`] writes it as its author
/// did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssertionResult {
    /// The agent; none is every agent.
    pub agent: Option<Name>,
    /// What is said of it.
    pub claim: Asserted,
    /// The pattern's place, or that of the `no-flow`.
    pub loc: Loc,
    /// Whether it held.
    pub outcome: Outcome,
}

/// What an assertion says, with one pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asserted {
    /// Every tool matched can be called.
    Can(Pattern),
    /// No tool matched can be called, by the agent or by one that it delegates to.
    Cannot(Pattern),
    /// Every tool matched is granted, and every call waits for a person.
    NeedsApproval(Pattern),
    /// No data goes from the source to the sink without an approval.
    NoFlow(FlowSource, FlowSink),
}

impl Asserted {
    /// The tools that it is about; none for a flow.
    pub fn pattern(&self) -> Option<&Pattern> {
        match self {
            Self::Can(pattern) | Self::Cannot(pattern) | Self::NeedsApproval(pattern) => {
                Some(pattern)
            }
            Self::NoFlow(..) => None,
        }
    }
}

/// Whether an assertion held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It did.
    Held,
    /// The pattern matches no declared tool of a server deployed here, so it says nothing.
    Vacuous,
    /// The server of the pattern exists and is not deployed here, so it could never fail.
    NotDeployed,
    /// It did not: what is against it, sorted; never empty.
    Broken(Vec<Counterexample>),
}

/// What is against an assertion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counterexample {
    /// The agent.
    pub agent: Name,
    /// The server of the tool.
    pub server: Name,
    /// The tool; of a flow the one that takes the data.
    pub tool: Name,
    /// What is wrong with them.
    pub fault: Fault,
    /// How it comes about; none for what is missing.
    pub way: Option<Way>,
}

/// Why something is against an assertion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The tool cannot be called.
    Missing,
    /// The tool can be called.
    Reached,
    /// The tool can be called without an approval.
    Unapproved,
    /// Data goes to the tool without an approval, in this many ways.
    Flow(usize),
}

/// A way through the graph, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// Where it begins: the agent, or the tool that gives the data.
    pub from: String,
    /// Its steps.
    pub hops: Vec<Hop>,
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.from)?;
        self.hops
            .iter()
            .try_for_each(|hop| write!(f, " -> {}", hop.to))
    }
}

impl fmt::Display for AssertionResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let agent = self.agent.as_deref().unwrap_or("*");
        match &self.claim {
            Asserted::Can(pattern) => write!(f, "can {agent} {pattern}"),
            Asserted::Cannot(pattern) => write!(f, "cannot {agent} {pattern}"),
            Asserted::NeedsApproval(pattern) => write!(f, "needs-approval {agent} {pattern}"),
            Asserted::NoFlow(from, to) => {
                write!(f, "no-flow {agent} from={} to={}", source(from), sink(*to))
            }
        }
    }
}

impl TestResult {
    /// Whether every assertion held. A test without one says nothing, so it did not pass.
    pub fn passed(&self) -> bool {
        let mut assertions = self.assertions.iter();
        !self.assertions.is_empty() && assertions.all(|one| one.outcome == Outcome::Held)
    }
}

/// Runs every test of the catalog whose environment exists, in the order of the sources.
pub fn run(
    catalog: &Catalog,
    environments: &BTreeMap<Name, Environment>,
    graphs: &BTreeMap<Name, Graph>,
) -> Vec<TestResult> {
    let mut tests: Vec<&Test> = catalog.tests.iter().collect();
    tests.sort_by_key(|test| test.loc);
    let mut judges: BTreeMap<&Name, Judge<'_>> = environments
        .iter()
        .filter_map(|(name, environment)| {
            Some((name, Judge::new(catalog, environment, graphs.get(name)?)))
        })
        .collect();
    tests
        .into_iter()
        .filter_map(|test| {
            let judge = judges.get_mut(&test.environment.value)?;
            Some(TestResult {
                title: test.title.value.clone(),
                environment: test.environment.value.clone(),
                loc: test.loc,
                assertions: judge.assertions(test),
            })
        })
        .collect()
}

/// The word of a source in the language.
fn source(from: &FlowSource) -> &str {
    match from {
        FlowSource::Class(class) => class,
        FlowSource::Untrusted => "untrusted",
    }
}

/// The word of a sink in the language.
fn sink(to: FlowSink) -> &'static str {
    match to {
        FlowSink::Internal => "internal",
        FlowSink::External => "external",
        FlowSink::Write => "write",
        FlowSink::Destructive => "destructive",
    }
}
