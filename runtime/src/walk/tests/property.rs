//! The compiled table decides as a reading of the config by hand does.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::world::{CONNECTOR, Setup};
use crate::config::Snapshot;
use crate::edge::Era;
use crate::identity::Caller;
use crate::policy;
use crate::view::Day;

const NAMES: [&str; 4] = ["a", "b", "c", "d"];
const DAYS: [&str; 4] = ["2026-01-01", "2026-02-28", "2026-03-01", "2027-01-01"];

/// A grant: agent, server, tool, last day.
type Grant = (usize, usize, usize, Option<usize>);

fn grants() -> impl Strategy<Value = Vec<Grant>> {
    let until = prop::option::of(0..DAYS.len());
    prop::collection::vec((0..4_usize, 0..4_usize, 0..4_usize, until), 0..24)
}

fn build(grants: &[Grant]) -> Setup {
    let mut setup = Setup::empty();
    for server in NAMES {
        setup.add_server(server, "http://127.0.0.1:1/mcp");
    }
    for (agent, server, tool, until) in grants {
        let permission = setup.add_tool(NAMES[*agent], NAMES[*server], NAMES[*tool], json!({}));
        permission.until = until.map(|until| DAYS[until].to_owned());
    }
    setup
}

/// What `agent` may call on `today`, read off the config. Dates sort as text.
fn naive(setup: &Setup, agent: &str, today: &str) -> BTreeSet<String> {
    let mut allowed = BTreeSet::new();
    for (name, agent_config) in &setup.config.agents {
        for (exposed, permission) in &agent_config.tools {
            let holds = permission
                .until
                .as_deref()
                .is_none_or(|until| today <= until);
            if name == agent && holds {
                allowed.insert(exposed.clone());
            }
        }
    }
    allowed
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn the_table_agrees_with_the_config(grants in grants()) {
        let setup = build(&grants);
        let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        let snapshot =
            Snapshot::compile(&setup.files(), None, &CONNECTOR, Day::of(start)).unwrap();
        for today in DAYS.iter().chain(&["2025-12-31", "2026-01-02", "2030-01-01"]) {
            let day: Day = today.parse().unwrap();
            for agent in NAMES.iter().chain(&["stranger"]) {
                let expected = naive(&setup, agent, today);
                let caller = Arc::new(Caller::for_test(agent));
                let mut decided = BTreeSet::new();
                for server in NAMES {
                    for tool in NAMES {
                        let exposed = format!("{server}_{tool}");
                        if policy::decide(&snapshot, &caller, &exposed, day).is_ok() {
                            decided.insert(exposed);
                        }
                        prop_assert!(policy::decide(&snapshot, &caller, tool, day).is_err());
                    }
                }
                prop_assert_eq!(&decided, &expected, "{} on {}", agent, today);
                let listed = snapshot.view(agent).and_then(|view| view.list(Era::Legacy, day));
                let listed: Value =
                    listed.map_or(json!({"tools": []}), |list| serde_json::from_str(list.get()).unwrap());
                let listed: BTreeSet<String> = listed["tools"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|tool| tool["name"].as_str().unwrap().to_owned())
                    .collect();
                prop_assert_eq!(&listed, &expected, "the list of {} on {}", agent, today);
            }
        }
    }
}
