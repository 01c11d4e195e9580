//! One universe, asked of all three: the evaluator, the compiler's resolved environments, the dispatch server's table.

use std::collections::{BTreeMap, BTreeSet};

use bailiwick_compiler::diagnostic::Severity;
use bailiwick_compiler::environment::Environment;
use bailiwick_compiler::{Date, Report, check, runtime_files};

use super::answer::{Decision, Pair, Place};
use super::random::ENDS;
use super::served::{Seen, Served};
use super::universe::{Arg, Arguments, Universe};
use super::{compiled, evaluator, text};

/// Days before, on and after the last days of grants.
const DAYS: [&str; 4] = [ENDS[0], "2027-02-01", ENDS[1], "2027-03-01"];

/// Mistakes that a universe may have; another one would be of its text.
const MISTAKES: [&str; 9] = [
    "ENV016", "ENV017", "GRA010", "GRA021", "LCK004", "LIM001", "LIM004", "NAM009", "TOL031",
];

/// How often something was seen.
pub(super) type Counts = BTreeMap<&'static str, u64>;

/// What the evaluator says of a universe.
type Evaluated = BTreeMap<Place, (Pair, Vec<Arg>)>;

/// The first thing that is not the same, or how much was compared. `asked` is in each call.
pub(super) fn compare(all: &Universe, asked: &[Arguments]) -> Result<Counts, String> {
    let today = Date::parse("2027-01-01").unwrap();
    let report = check(&text::files(all), &today).unwrap();
    let mut counts = Counts::from([("catalogs", 1)]);
    let evaluated: Evaluated = places(all)
        .filter_map(|place| Some((place, evaluator::pair(all, place)?)))
        .collect();
    for at in 0..all.environments.len() {
        let name = format!("e{at}");
        let resolved = &report.resolved.environments[name.as_str()];
        resolution(all, at, resolved, &evaluated)?;
        let files = runtime_files(&report.resolved.catalog, resolved).unwrap();
        let served = Served::load(&files, DAYS[0])?;
        for agent in 0..all.agents.len() {
            calls(all, (at, agent), &served, &evaluated, asked, &mut counts)?;
        }
        limits(all, at, &served, &evaluated)?;
        counting(all, at, &served, &evaluated)?;
        same(
            "a tool of a stranger",
            &served.listed("a9", DAYS[0]),
            &BTreeSet::new(),
        )?;
    }
    mistakes(all, &report, &evaluated, &mut counts)?;
    Ok(counts)
}

/// What is not the same, as an error.
fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: &T, expected: &T) -> Result<(), String> {
    if found == expected {
        return Ok(());
    }
    Err(format!(
        "{what}:\n   found {found:?}\nexpected {expected:?}"
    ))
}

fn places(all: &Universe) -> impl Iterator<Item = Place> {
    let environments = 0..all.environments.len();
    environments.flat_map(move |environment| {
        (0..all.agents.len()).flat_map(move |agent| {
            all.servers
                .iter()
                .enumerate()
                .flat_map(move |(server, declared)| {
                    (0..declared.tools.len()).map(move |tool| Place {
                        environment,
                        agent,
                        server,
                        tool,
                    })
                })
        })
    })
}

/// The permissions of a resolved environment, from which the bundle is made.
fn resolution(
    all: &Universe,
    at: usize,
    resolved: &Environment,
    evaluated: &Evaluated,
) -> Result<(), String> {
    let here = evaluated
        .iter()
        .filter(|(place, _)| place.environment == at);
    let expected = here
        .map(|(place, (pair, _))| (*place, pair.clone()))
        .collect();
    same("permissions", &compiled::pairs(at, resolved), &expected)?;
    let shadowed = places(all).filter(|place| place.environment == at);
    let shadowed = shadowed.filter(|place| evaluator::given(all, *place, true).is_some());
    same(
        "shadow grants",
        &compiled::shadows(at, resolved),
        &shadowed.collect(),
    )
}

/// Each call of an agent on each day, and its list.
fn calls(
    all: &Universe,
    (environment, agent): (usize, usize),
    served: &Served,
    evaluated: &Evaluated,
    asked: &[Arguments],
    counts: &mut Counts,
) -> Result<(), String> {
    let name = format!("a{agent}");
    for day in DAYS {
        let mut listed = BTreeSet::new();
        for place in places(all).filter(|one| (one.environment, one.agent) == (environment, agent))
        {
            let tool = &all.servers[place.server].tools[place.tool];
            let (exposed, found) = (tool.exposed(place.server), evaluated.get(&place));
            for sent in asked {
                let expected = evaluator::decide(found, &tool.schema, sent, day);
                let decided = served.decide(&name, &exposed, sent, day);
                let what = || format!("{name} calls {exposed} with {sent:?} on {day}");
                same(&what(), &decided, &expected)?;
                *counts.entry("requests").or_default() += 1;
                let kind = match expected {
                    Decision::Unknown => "unknown tools",
                    Decision::TooLarge => "too large arguments",
                    Decision::Invalid => "wrong arguments",
                    Decision::Goes(_) => "calls that go",
                };
                *counts.entry(kind).or_default() += 1;
                if expected == Decision::Unknown {
                    break;
                }
                listed.insert(exposed.clone());
            }
        }
        same(
            &format!("the list of {name} on {day}"),
            &served.listed(&name, day),
            &listed,
        )?;
    }
    Ok(())
}

/// The tools of an agent on the first day, where none has ended, with their limits.
fn served_on_the_first_day<'u>(
    all: &'u Universe,
    environment: usize,
    evaluated: &'u Evaluated,
) -> impl Iterator<Item = (Place, String, &'u Pair)> {
    let here = evaluated
        .iter()
        .filter(move |(place, _)| place.environment == environment);
    here.filter_map(|(place, found)| {
        let tool = &all.servers[place.server].tools[place.tool];
        let decided = evaluator::decide(Some(found), &tool.schema, &Arguments::new(), DAYS[0]);
        let exposed = tool.exposed(place.server);
        (decided != Decision::Unknown).then_some((*place, exposed, &found.0))
    })
}

/// Where calls go, and what limits them.
fn limits(all: &Universe, at: usize, served: &Served, evaluated: &Evaluated) -> Result<(), String> {
    let here = &all.environments[at];
    for (place, exposed, pair) in served_on_the_first_day(all, at, evaluated) {
        let agent = format!("a{}", place.agent);
        let [of_agent, of_server, _] = place.subjects();
        let expected = Seen {
            service_account: agent.clone(),
            server: format!("s{}", place.server),
            tool: all.servers[place.server].tools[place.tool].name.to_owned(),
            numbers: pair.numbers.clone(),
            others: [
                evaluator::counter(&all.agents[place.agent], here, of_agent),
                evaluator::counter(&all.servers[place.server].own, here, of_server),
            ],
        };
        let seen = served.seen(&agent, &exposed, DAYS[0]);
        same(&format!("{exposed} of {agent}"), &seen, &Some(expected))?;
    }
    Ok(())
}

/// Calls count together exactly where the language says so: by pair, by agent, by server.
fn counting(
    all: &Universe,
    at: usize,
    served: &Served,
    evaluated: &Evaluated,
) -> Result<(), String> {
    let mut counted = BTreeMap::new();
    for (place, exposed, _) in served_on_the_first_day(all, at, evaluated) {
        let agent = format!("a{}", place.agent);
        let counters = served.counters(&agent, &exposed, DAYS[0]);
        let [of_agent, of_server, of_tool] = place.subjects();
        let pair = (Some(of_agent), Some(of_tool));
        let whose = [pair, (Some(of_agent), None), (Some(of_server), None)];
        for (counter, whose) in counters.into_iter().flatten().zip(whose) {
            same("a counter", counted.entry(counter).or_insert(whose), &whose)?;
        }
    }
    let whose: Vec<_> = counted.values().collect();
    let is_one = |one| whose.iter().filter(|other| **other == one).count() == 1;
    same(
        "one counter for each",
        &whose.iter().all(|one| is_one(*one)),
        &true,
    )
}

/// What does not compile, and why. Dispatch holds no approvals, retries and shadow grants yet: a
/// catalog that has them must not reach it.
fn mistakes(
    all: &Universe,
    report: &Report,
    evaluated: &Evaluated,
    counts: &mut Counts,
) -> Result<(), String> {
    let errors = report
        .findings
        .iter()
        .filter(|one| one.severity == Severity::Error);
    let codes: BTreeSet<&str> = errors.map(|one| one.check.code).collect();
    let others: Vec<_> = codes
        .iter()
        .filter(|code| !MISTAKES.contains(code))
        .collect();
    same("other mistakes", &others, &Vec::new())?;
    let callable = || evaluated.iter().filter(|(_, (pair, _))| !pair.is_suspended);
    let is_denied = callable().any(|(place, _)| {
        let tool = &all.servers[place.server].tools[place.tool];
        let mut deny = all.environments[place.environment].deny.iter();
        deny.any(|pattern| evaluator::covers(pattern, place.server, tool))
    });
    let is_impossible = callable().any(|(place, (_, args))| {
        let tool = &all.servers[place.server].tools[place.tool];
        evaluator::is_impossible(&tool.schema, args)
    });
    let is_unheld = callable().any(|(_, (pair, _))| pair.tries > 0 || !pair.approvals.is_empty())
        || all
            .environments
            .iter()
            .any(|one| one.grants.iter().any(|grant| grant.is_shadow));
    let has = |some: &[&str]| some.iter().any(|code| codes.contains(code));
    same("a ceiling is touched", &has(&["GRA010"]), &is_denied)?;
    same(
        "arguments are impossible",
        &has(&["GRA021", "TOL031"]),
        &is_impossible,
    )?;
    same("something is not held", &has(&["ENV017"]), &is_unheld)?;
    same("it compiles", &report.checked.is_some(), &codes.is_empty())?;
    let suspended = evaluated.values().filter(|(pair, _)| pair.is_suspended);
    for (what, how_often) in [
        ("catalogs that compile", u64::from(report.checked.is_some())),
        ("touched ceilings", u64::from(is_denied)),
        ("impossible arguments", u64::from(is_impossible)),
        ("suspended permissions", suspended.count() as u64),
        ("permissions", evaluated.len() as u64),
    ] {
        *counts.entry(what).or_default() += how_often;
    }
    Ok(())
}
