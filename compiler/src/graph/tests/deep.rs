//! Nothing goes as deep as a chain of delegations is long.

use std::thread;

use crate::Date;
use crate::graph::{self, Delegations};
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
    // The graph of an environment has the agents that reach one which is granted something.
    let text = format!(
        "catalog acme language=1\nteam t\nenvironment dev\n{agents}agent a{AGENTS} team=t\n\
         server kb team=t version=\"1\" {{ command kb; tool get; }}\n\
         overlay dev {{ deploy kb; grant a{AGENTS} kb:get; }}\n"
    );
    let lock = r#"{"command":["kb"],"protocol":"2025-11-25","revision":"1","server":"kb","tools":[{"inputSchema":{"type":"object"},"name":"get"}]}"#;
    let files = [
        ("catalogs/org.kdl".to_owned(), text),
        ("catalogs/lock/kb@1.json".to_owned(), lock.to_owned()),
    ];
    let files: Memory = files.into_iter().collect();
    let report = crate::check(&files, &Date::parse("2026-11-25").unwrap()).unwrap();
    let (catalog, environments) = (&report.resolved.catalog, &report.resolved.environments);
    let (chains, graphs) = thread::scope(|scope| {
        let small = thread::Builder::new().stack_size(STACK);
        let made = small.spawn_scoped(scope, || {
            let graphs = graph::graphs(catalog, environments);
            (Delegations::of(catalog).chains(2), graphs)
        });
        made.unwrap().join().unwrap()
    });
    let lengths: Vec<usize> = chains.iter().map(Vec::len).collect();
    assert_eq!(lengths, [AGENTS - 1]);
    assert!(graphs["dev"].agent("a1").is_some());
}
