//! Nothing goes as deep as a chain of delegations is long.

use std::thread;

use crate::Date;
use crate::graph::Delegations;
use crate::source::Memory;

/// Agents that each delegate to the next.
const AGENTS: usize = 1_500;

/// Enough for what does not go deeper with each agent, bytes.
const STACK: usize = 128 * 1024;

#[test]
fn a_long_chain_of_delegations_needs_no_deep_stack() {
    let agents = (1..AGENTS).map(|agent| {
        let next = agent + 1;
        format!("agent a{agent} team=t {{ delegate a{next}; }}\n")
    });
    let agents: String = agents.collect();
    let text = format!("catalog acme language=1\nteam t\n{agents}agent a{AGENTS} team=t\n");
    let files: Memory = [("catalogs/org.kdl".to_owned(), text)]
        .into_iter()
        .collect();
    let report = crate::check(&files, &Date::parse("2026-11-25").unwrap()).unwrap();
    let catalog = &report.resolved.catalog;
    let chains = thread::scope(|scope| {
        let small = thread::Builder::new().stack_size(STACK);
        let counted = small.spawn_scoped(scope, || Delegations::of(catalog).chains(2));
        counted.unwrap().join().unwrap()
    });
    let lengths: Vec<usize> = chains.iter().map(Vec::len).collect();
    assert_eq!(lengths, [AGENTS - 1]);
}
