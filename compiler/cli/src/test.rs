//! `bailiwick test`: runs the assertions that the catalogs make.

mod junit;

use std::path::Path as FilePath;

use bailiwick_compiler::Report;
use bailiwick_compiler::assertion::{self, AssertionResult, Fault, Outcome, TestResult, Way};
use bailiwick_compiler::source::Loc;
use serde_json::json;

use crate::arguments::{ResultFormat, Test};
use crate::asked::Asked;
use crate::failure::Failure;
use crate::{FINDINGS, Terminal};

/// Codes of findings that are about assertions; those are told as results here.
const ASSERTIONS: [&str; 3] = ["TST001", "TST002", "TST004"];

/// Runs the command. Results are on standard output, and findings that are none on standard error.
pub(crate) fn run(
    folder: Option<&FilePath>,
    options: &Test,
    terminal: &mut Terminal<'_>,
) -> Result<u8, Failure> {
    let mut asked = Asked::read(options.directory.as_deref().or(folder))?;
    if let Some(name) = &options.env {
        let _known = asked.about(name)?;
    }
    let wanted = options.env.as_deref();
    let has_errors = asked.print_standing(|finding| {
        let is_told = wanted.is_none_or(|name| finding.environment.as_deref() == Some(name));
        is_told && ASSERTIONS.contains(&finding.check.code)
    })?;
    let report = &asked.report;
    let resolved = &report.resolved;
    let mut results = assertion::run(&resolved.catalog, &resolved.environments, &resolved.graphs);
    results.retain(|result| wanted.is_none_or(|name| &*result.environment == name));
    let failed = results.iter().filter(|result| !result.passed()).count();
    terminal.write(&match options.format {
        ResultFormat::Text => {
            let lines: Vec<String> = results.iter().map(|result| full(report, result)).collect();
            format!(
                "{}{} passed, {failed} failed\n",
                lines.concat(),
                results.len() - failed
            )
        }
        ResultFormat::Json => results
            .iter()
            .flat_map(|result| [as_json(report, result).to_string(), "\n".to_owned()])
            .collect(),
        ResultFormat::Junit => {
            let cases: Vec<junit::Case> =
                results.iter().map(|result| case(report, result)).collect();
            junit::render(&cases)
        }
    })?;
    Ok(if failed > 0 || has_errors {
        FINDINGS
    } else {
        0
    })
}

fn full(report: &Report, result: &TestResult) -> String {
    let word = if result.passed() { "ok  " } else { "FAIL" };
    let title = format!("{word} {} ({})", result.title, result.environment);
    let failures = failures(report, result).into_iter();
    let lines = std::iter::once(title).chain(failures.map(|line| format!("     {line}")));
    lines.map(|line| line + "\n").collect()
}

/// What is against a test, a line each; empty when it passed.
fn failures(report: &Report, result: &TestResult) -> Vec<String> {
    let mut lines = Vec::new();
    if result.assertions.is_empty() {
        lines.push("it asserts nothing that could be judged".to_owned());
    }
    for assertion in &result.assertions {
        let Some(why) = why(report, assertion) else {
            continue;
        };
        let (claim, place) = (assertion.to_string(), place(report, assertion.loc));
        lines.push(format!("{claim} {place}: {}", why.summary));
        lines.extend(why.path.iter().map(|hop| format!("  {hop}")));
    }
    lines
}

fn case(report: &Report, result: &TestResult) -> junit::Case {
    junit::Case {
        environment: result.environment.to_string(),
        title: result.title.clone(),
        place: place(report, result.loc),
        failures: failures(report, result),
    }
}

fn as_json(report: &Report, result: &TestResult) -> serde_json::Value {
    let assertions: Vec<serde_json::Value> = result
        .assertions
        .iter()
        .map(|assertion| {
            let why = why(report, assertion);
            json!({
                "claim": assertion.to_string(),
                "place": place(report, assertion.loc),
                "passed": why.is_none(),
                "why": why.as_ref().map(|why| &why.summary),
                "path": why.as_ref().map(|why| &why.path),
            })
        })
        .collect();
    json!({
        "version": 1,
        "title": result.title,
        "environment": &*result.environment,
        "passed": result.passed(),
        "assertions": assertions,
    })
}

/// Why an assertion did not hold.
struct Why {
    summary: String,
    /// The path of the first counterexample, a hop a line.
    path: Vec<String>,
}

fn why(report: &Report, assertion: &AssertionResult) -> Option<Why> {
    let broken = match &assertion.outcome {
        Outcome::Held => return None,
        Outcome::Vacuous => {
            return Some(never(
                "no declared tool of a deployed server matches, so this could never fail",
            ));
        }
        Outcome::NotDeployed => {
            return Some(never(
                "the server is not deployed there, so this could never fail",
            ));
        }
        Outcome::Broken(broken) => broken,
    };
    let first = broken.first()?;
    let more = match broken.len() {
        1 => String::new(),
        count => format!(", and {} more", count - 1),
    };
    let (agent, server, tool) = (&first.agent, &first.server, &first.tool);
    let fault = match first.fault {
        Fault::Missing => format!("{agent} cannot call {server}:{tool}"),
        Fault::Reached => format!("{agent} can call {server}:{tool}"),
        Fault::Unapproved => format!("{agent} can call {server}:{tool} without an approval"),
        Fault::Flow(1) => {
            format!("data reaches {server}:{tool} through {agent} without an approval")
        }
        Fault::Flow(ways) => format!(
            "data goes through {agent} without an approval in {ways} ways, as to {server}:{tool}"
        ),
    };
    Some(Why {
        summary: format!("{fault}{more}"),
        path: first
            .way
            .as_ref()
            .map(|way| hops(report, way))
            .unwrap_or_default(),
    })
}

fn never(why: &str) -> Why {
    Why {
        summary: why.to_owned(),
        path: Vec::new(),
    }
}

fn hops(report: &Report, way: &Way) -> Vec<String> {
    let mut from = &way.from;
    let mut lines = Vec::new();
    for hop in &way.hops {
        lines.push(format!("{from} -> {}  {}", hop.to, place(report, hop.loc)));
        from = &hop.to;
    }
    lines
}

/// `file:line` of a place.
fn place(report: &Report, loc: Loc) -> String {
    match report.sources.get(loc.file) {
        Some(file) => {
            let line = file.position(loc.span.start).line;
            format!("{}:{line}", file.path)
        }
        None => String::new(),
    }
}
