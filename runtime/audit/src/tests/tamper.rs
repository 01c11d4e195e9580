//! Every change of a log is found.

use std::fs;
use std::path::{Path, PathBuf};

use super::*;
use crate::folder::segments;
use crate::verify::{Anchor, Verdict, verify};

fn verdict(folder: &Path) -> Verdict {
    verify(folder, None).unwrap().verdict
}

fn files(folder: &Path) -> Vec<PathBuf> {
    segments(folder)
        .unwrap()
        .into_iter()
        .map(|segment| segment.path)
        .collect()
}

/// The lines of a segment, with their line feeds.
fn lines(segment: &Path) -> Vec<Vec<u8>> {
    let bytes = fs::read(segment).unwrap();
    bytes
        .split_inclusive(|byte| *byte == b'\n')
        .map(<[u8]>::to_vec)
        .collect()
}

#[test]
fn a_log_as_written_is_good() {
    let folder = example();
    let report = verify(folder.path(), None).unwrap();
    assert_eq!(report.verdict, Verdict::Good);
    assert_eq!(report.origin.as_deref(), Some(ORIGIN));
    assert!(
        files(folder.path()).len() > 1,
        "the example has several segments"
    );
    let again = verify(folder.path(), report.head.as_ref()).unwrap();
    assert_eq!(again, report);
}

#[test]
fn each_changed_byte_is_found_at_its_record() {
    let folder = example();
    let mut index = 0;
    for file in files(folder.path()) {
        let good = fs::read(&file).unwrap();
        let mut offset = 0;
        for line in lines(&file) {
            for at in offset..offset + line.len() {
                let mut bytes = good.clone();
                bytes[at] ^= 1 << (at % 8);
                fs::write(&file, bytes).unwrap();
                let Verdict::Tampered {
                    index: found,
                    offset: begins,
                    ..
                } = verdict(folder.path())
                else {
                    panic!("byte {at} of {} was changed and not found", file.display());
                };
                assert_eq!((found, begins), (index, offset as u64), "byte {at}");
            }
            offset += line.len();
            index += 1;
        }
        fs::write(&file, good).unwrap();
    }
    assert_eq!(verdict(folder.path()), Verdict::Good);
}

#[test]
fn each_changed_byte_of_the_origin_is_found() {
    let folder = example();
    let file = folder.path().join("origin");
    let good = fs::read(&file).unwrap();
    for at in 0..good.len() {
        let mut bytes = good.clone();
        bytes[at] ^= 1 << (at % 8);
        fs::write(&file, bytes).unwrap();
        assert_eq!(verdict(folder.path()).exit_code(), 20, "byte {at}");
    }
    fs::remove_file(file).unwrap();
    assert_eq!(verdict(folder.path()), Verdict::NoOrigin);
    assert_eq!(Verdict::NoOrigin.exit_code(), 22);
}

#[test]
fn deleted_doubled_and_swapped_lines_are_found() {
    let folder = example();
    let anchor = verify(folder.path(), None).unwrap().head;
    for file in files(folder.path()) {
        let good = lines(&file);
        let mut variants = Vec::new();
        for nth in 0..good.len() {
            let mut deleted = good.clone();
            deleted.remove(nth);
            variants.push(deleted);
            let mut doubled = good.clone();
            doubled.insert(nth, good[nth].clone());
            variants.push(doubled);
            let mut moved = good.clone();
            let line = moved.remove(nth);
            moved.insert((nth + 1) % good.len(), line);
            if moved != good {
                variants.push(moved);
            }
        }
        for variant in variants {
            fs::write(&file, variant.concat()).unwrap();
            let report = verify(folder.path(), anchor.as_ref()).unwrap();
            assert_ne!(report.verdict.exit_code(), 0, "{variant:?}");
        }
        fs::write(&file, good.concat()).unwrap();
    }
    assert_eq!(verdict(folder.path()), Verdict::Good);
}

#[test]
fn a_good_line_of_another_log_is_found() {
    let (folder, other) = (example(), example());
    let (file, foreign) = (&files(folder.path())[0], &files(other.path())[0]);
    let good = lines(file);
    for (nth, line) in lines(foreign).into_iter().enumerate() {
        let mut replaced = good.clone();
        replaced[nth] = line;
        fs::write(file, replaced.concat()).unwrap();
        assert_eq!(verdict(folder.path()).exit_code(), 20, "line {nth}");
    }
}

#[test]
fn a_missing_segment_is_a_gap() {
    let folder = example();
    let all = files(folder.path());
    let second = segments(folder.path()).unwrap()[1].first;
    fs::remove_file(&all[0]).unwrap();
    let gap = Verdict::Gap {
        expected: 0,
        found: Some(second),
    };
    assert_eq!(verdict(folder.path()), gap);
    assert_eq!(gap.exit_code(), 22);
    all[1..]
        .iter()
        .for_each(|file| fs::remove_file(file).unwrap());
    assert_eq!(
        verdict(folder.path()),
        Verdict::Gap {
            expected: 0,
            found: None
        }
    );
}

#[test]
fn a_shortened_log_is_found_by_its_anchor_alone() {
    let folder = example();
    let anchor = verify(folder.path(), None).unwrap().head.unwrap();
    let all = files(folder.path());
    let last = all.last().unwrap();
    let mut short = lines(last);
    short.pop();
    fs::write(last, short.concat()).unwrap();
    assert_eq!(verdict(folder.path()), Verdict::Good);
    let report = verify(folder.path(), Some(&anchor)).unwrap();
    let truncated = Verdict::Truncated {
        expected: anchor.size,
        found: anchor.size - 1,
    };
    assert_eq!(report.verdict, truncated);
    assert_eq!(truncated.exit_code(), 21);
}

#[test]
fn a_log_that_was_written_anew_is_found_by_its_anchor_alone() {
    let (folder, other) = (example(), example());
    assert_eq!(verdict(other.path()), Verdict::Good);
    let anchor: Anchor = {
        let head = verify(folder.path(), None).unwrap().head.unwrap();
        head.to_string().parse().unwrap()
    };
    let report = verify(other.path(), Some(&anchor)).unwrap();
    assert!(matches!(report.verdict, Verdict::Rewritten { index, .. } if index + 1 == anchor.size));
    assert_eq!(report.verdict.exit_code(), 20);
}

/// A log as a crash leaves it: its last segment has room for more.
fn unfinished() -> TempDir {
    let folder = example();
    let last = files(folder.path()).pop().unwrap();
    let mut bytes = fs::read(&last).unwrap();
    bytes.resize(bytes.len() + 2 * MAX_RECORD, 0);
    fs::write(last, bytes).unwrap();
    assert_eq!(verdict(folder.path()), Verdict::Good);
    folder
}

#[test]
fn each_byte_that_was_written_where_nothing_was_is_found() {
    let folder = unfinished();
    let last = files(folder.path()).pop().unwrap();
    let (good, end) = (fs::read(&last).unwrap(), written(&last).len());
    for at in (end..good.len()).step_by(61).chain([good.len() - 1]) {
        let mut bytes = good.clone();
        bytes[at] = b'\n';
        fs::write(&last, bytes).unwrap();
        let Verdict::Tampered { offset, .. } = verdict(folder.path()) else {
            panic!("byte {at} was not found");
        };
        assert_eq!(offset, end as u64, "byte {at}");
    }
}

#[test]
fn a_record_that_was_wiped_is_found() {
    let folder = unfinished();
    let anchor = verify(folder.path(), None).unwrap().head;
    for file in files(folder.path()) {
        let good = fs::read(&file).unwrap();
        let mut offset = 0;
        for line in lines(&file).into_iter().filter(|line| line[0] != 0) {
            let mut bytes = good.clone();
            bytes[offset..offset + line.len()].fill(0);
            fs::write(&file, bytes).unwrap();
            let report = verify(folder.path(), anchor.as_ref()).unwrap();
            assert_ne!(report.verdict.exit_code(), 0, "byte {offset}");
            offset += line.len();
        }
        fs::write(&file, good).unwrap();
    }
    assert_eq!(verdict(folder.path()), Verdict::Good);
}

#[test]
fn only_the_last_segment_may_have_room_for_more() {
    let folder = unfinished();
    let all = files(folder.path());
    for file in &all[..all.len() - 1] {
        let good = fs::read(file).unwrap();
        for zeros in [1, 100, 2 * MAX_RECORD] {
            fs::write(file, [&good[..], &vec![0; zeros]].concat()).unwrap();
            assert_eq!(verdict(folder.path()).exit_code(), 20, "{zeros} zero bytes");
        }
        fs::write(file, good).unwrap();
    }
    assert_eq!(verdict(folder.path()), Verdict::Good);
}

#[test]
fn a_log_is_verified_while_it_is_written() {
    let folder = folder();
    let (log, _) = open(folder.path());
    record(&log, intent("1")).unwrap();
    let file = &files(folder.path())[0];
    let good = fs::read(file).unwrap();
    let begun = br#"{"b":2,"#;
    let mut half = good.clone();
    let end = written(file).len();
    half[end..end + begun.len()].copy_from_slice(begun);
    fs::write(file, half).unwrap();
    let report = verify(folder.path(), None).unwrap();
    assert_eq!(
        (report.verdict, report.is_live, report.records),
        (Verdict::Good, true, 2)
    );
    fs::write(file, good).unwrap();
    log.close();
}
