//! Reading records back.

use std::fs;

use super::*;
use crate::folder::segments;
use crate::show::{Filter, ShowError, show};
use crate::verify::verify;

fn indexes(folder: &Path, filter: Filter) -> Vec<u64> {
    show(folder, filter)
        .unwrap()
        .map(|shown| shown.unwrap().record.index)
        .collect()
}

#[test]
fn records_are_found_by_call_agent_and_tool() {
    let folder = example();
    let some = |text: &str| Some(text.to_owned());
    let cases = [
        (
            Filter {
                call: some("1"),
                ..Filter::default()
            },
            vec![1, 3],
        ),
        (
            Filter {
                agent: some("writer"),
                ..Filter::default()
            },
            vec![2],
        ),
        (
            Filter {
                agent: some("triage"),
                ..Filter::default()
            },
            vec![1, 3, 6, 7],
        ),
        (
            Filter {
                tool: some("git:log"),
                ..Filter::default()
            },
            vec![1, 3, 6, 7],
        ),
        (
            Filter {
                tool: some("git_log"),
                ..Filter::default()
            },
            vec![1, 3, 6, 7],
        ),
        (
            Filter {
                tool: some("hub:log"),
                ..Filter::default()
            },
            vec![],
        ),
    ];
    for (filter, expected) in cases {
        assert_eq!(
            indexes(folder.path(), filter.clone()),
            expected,
            "{filter:?}"
        );
    }
}

#[test]
fn a_line_that_is_no_record_does_not_hide_the_next() {
    let folder = example();
    let file = &segments(folder.path()).unwrap()[0].path;
    let good = fs::read_to_string(file).unwrap();
    fs::write(file, good.replacen("\"v\":1", "\"v\":x", 1)).unwrap();
    let shown: Vec<_> = show(folder.path(), Filter::default()).unwrap().collect();
    assert!(matches!(shown[0], Err(ShowError::Line { offset: 0, .. })));
    assert_eq!(shown.len(), 9);
    assert!(shown[1..].iter().all(Result::is_ok));
}

#[test]
fn hostile_files_are_read_in_bounded_lines() {
    let folder = example();
    let file = &segments(folder.path()).unwrap()[0].path;
    let hostile = [
        (b'{', 1 << 20),
        (b'\n', 10_000),
        (0xff, 50_000),
        (0, 1 << 20),
    ];
    for hostile in hostile.map(|(byte, length)| vec![byte; length]) {
        fs::write(file, hostile).unwrap();
        assert_ne!(verify(folder.path(), None).unwrap().verdict.exit_code(), 0);
        assert!(
            show(folder.path(), Filter::default())
                .unwrap()
                .next()
                .unwrap()
                .is_err()
        );
    }
}
