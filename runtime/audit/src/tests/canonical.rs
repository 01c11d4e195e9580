//! The bytes of a line.

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;

use super::*;
use crate::chain::Leaf;
use crate::record::{Cut, Kind, Record, VERSION};
use crate::{Filter, Scheme, show};

prop_compose! {
    fn arbitrary()(
        texts in vec(any::<String>(), 8),
        present in any::<bool>(),
        numbers in vec(0..1_u64 << 53, 4),
        refused in option::of(btree_map(any::<String>(), 0..1_u64 << 53, 0..4)),
        digests in vec("[A-Za-z0-9_-]{43}", 0..3),
    ) -> Record {
        let text = |n: usize| texts[n].clone();
        let optional = |n: usize| present.then(|| text(n));
        Record {
            arguments: present.then(|| Commitments { scheme: Scheme::Whole, bytes: numbers[0], digests }),
            batch: numbers[1],
            boot: text(0),
            build: optional(1),
            bytes: present.then_some(numbers[2]),
            call: optional(2),
            config: optional(3),
            cut: present.then(|| Cut { bytes: numbers[3], file: text(4) }),
            index: numbers[3],
            caller: present.then(|| Caller {
                agent: text(5), iss: text(6), jti: optional(7), person: optional(0),
                pod: optional(1), sub: text(2),
            }),
            kind: Kind::Deny,
            target: present.then(|| Target {
                exposed: optional(3), definition: optional(4), server: optional(5), tool: text(6),
            }),
            prev: text(7),
            reason: optional(0),
            refused,
            result: present.then_some(CallResult::ToolError),
            time: text(1),
            trace: optional(2),
            micros: present.then_some(numbers[0]),
            version: VERSION,
            seal: String::new(),
        }
    }
}

proptest! {
    #[test]
    fn a_line_is_canonical_json_and_reads_back_equal(mut record in arbitrary()) {
        // A map is sorted by code points here and by UTF-16 units in RFC 8785. The reasons that
        // are its keys are ASCII words, for which that is the same.
        if let Some(refused) = &mut record.refused {
            refused.retain(|reason, _| reason.is_ascii());
        }
        let mut line = Vec::new();
        let leaf = record.encode(&mut line).unwrap();
        prop_assert_eq!(leaf, Leaf::of(&line));
        prop_assert!(!line.contains(&b'\n'));

        let value: serde_json::Value = serde_json::from_slice(&line).unwrap();
        let canonical = serde_json_canonicalizer::to_vec(&value).unwrap();
        prop_assert_eq!(String::from_utf8(canonical).unwrap(), String::from_utf8(line.clone()).unwrap());

        let mut read: Record = serde_json::from_slice(&line).unwrap();
        read.seal.clear();
        prop_assert_eq!(read, record);
    }
}

#[test]
fn a_log_holds_exactly_what_was_told() {
    let folder = example();
    let shown = show(folder.path(), Filter::default()).unwrap();
    let records: Vec<Record> = shown.map(|shown| shown.unwrap().record).collect();
    let kinds: Vec<Kind> = records.iter().map(|record| record.kind).collect();
    assert_eq!(
        kinds,
        [
            Kind::Boot,
            Kind::Intent,
            Kind::Deny,
            Kind::Outcome,
            Kind::Config,
            Kind::Gap,
            Kind::Intent,
            Kind::Outcome,
            Kind::Stop
        ]
    );
    assert_eq!(
        records[0].build.as_deref(),
        Some("bailiwick-dispatch 0.1.0")
    );
    assert_eq!(records[2].target.as_ref().unwrap().tool, "drop \"table\"\n");
    assert_eq!(records[3].result, Some(CallResult::Ok));
    assert_eq!(
        records[5].refused,
        Some([("no-token".to_owned(), 7)].into())
    );
}
