//! Opening a log that a crash left behind.

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::*;
use crate::folder::segments;
use crate::record::{Kind, Record};
use crate::recovery::{self, OpenError};
use crate::{Filter, Verdict, show, verify};

/// Length of a segment with room for more, as a crash leaves it.
const UNWRITTEN: usize = 18_000;

/// A log with an intent that is durable and a batch of three that may not be.
struct Crashed {
    folder: TempDir,
    segment: PathBuf,
    durable: Vec<u8>,
    batch: Vec<u8>,
}

fn crashed() -> Crashed {
    let folder = folder();
    let (mut writer, _) = recovery::open(folder.path(), ORIGIN, boot(), SMALL).unwrap();
    writer.write_now(vec![intent("1").into_record()]).unwrap();
    let segment = segments(folder.path()).unwrap()[0].path.clone();
    let durable = written(&segment);
    let records = [intent("2"), outcome("1"), gap(3)];
    writer
        .write_now(records.map(Entry::into_record).into())
        .unwrap();
    let batch = written(&segment).split_off(durable.len());
    Crashed {
        folder,
        segment,
        durable,
        batch,
    }
}

/// Puts the log back to its durable part and `tail`, whatever was done to it since, with room for
/// more.
fn leave(crashed: &Crashed, tail: &[u8]) {
    leave_at_least(crashed, tail, UNWRITTEN);
}

/// The same in a file of at least `length` bytes.
fn leave_at_least(crashed: &Crashed, tail: &[u8], length: usize) {
    for segment in segments(crashed.folder.path()).unwrap() {
        fs::remove_file(segment.path).unwrap();
    }
    let mut bytes = [&crashed.durable, tail].concat();
    bytes.resize(bytes.len().max(length), 0);
    fs::write(&crashed.segment, bytes).unwrap();
}

fn records(folder: &Path) -> Vec<Record> {
    show(folder, Filter::default())
        .unwrap()
        .map(|shown| shown.unwrap().record)
        .collect()
}

#[test]
fn a_batch_torn_at_any_byte_costs_no_durable_record() {
    let crashed = crashed();
    // Not every file system can give a file its full length beforehand.
    let files = [0, UNWRITTEN];
    for (length, file) in (0..=crashed.batch.len()).flat_map(|n| files.map(|file| (n, file))) {
        let tail = &crashed.batch[..length];
        let whole = tail
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        leave_at_least(&crashed, tail, file);
        let (log, recovery) = open(crashed.folder.path());
        log.close();

        let kept = [&crashed.durable, &crashed.batch[..whole]].concat();
        assert!(
            fs::read(&crashed.segment).unwrap().starts_with(&kept),
            "torn at {length}"
        );
        assert_eq!(
            verify(crashed.folder.path(), None).unwrap().verdict,
            Verdict::Good
        );
        match recovery.cut {
            None => assert_eq!(whole, length),
            Some(cut) => {
                let moved = fs::read(crashed.folder.path().join(&cut.file)).unwrap();
                assert_eq!(moved, &tail[whole..]);
                assert_eq!(cut.bytes, moved.len() as u64);
                let records = records(crashed.folder.path());
                assert!(
                    records
                        .iter()
                        .any(|record| record.cut.as_ref() == Some(&cut))
                );
            }
        }
    }
}

#[test]
fn pages_of_a_torn_batch_may_be_missing_in_its_middle() {
    let crashed = crashed();
    for at in 0..crashed.batch.len() {
        let mut tail = crashed.batch.clone();
        tail[at..].iter_mut().take(100).for_each(|byte| *byte = 0);
        leave(&crashed, &tail);
        let (log, recovery) = open(crashed.folder.path());
        assert!(recovery.cut.is_some(), "{at}");
        log.close();
        assert!(
            fs::read(&crashed.segment)
                .unwrap()
                .starts_with(&crashed.durable)
        );
    }
}

#[test]
fn calls_left_open_end_as_unknown() {
    let crashed = crashed();
    let first_line = crashed
        .batch
        .iter()
        .position(|byte| *byte == b'\n')
        .unwrap();
    leave(&crashed, &crashed.batch[..=first_line]);
    let (log, recovery) = open(crashed.folder.path());
    assert_eq!(recovery.unknown, ["1".to_owned(), "2".to_owned()].into());
    log.close();
    let ends: Vec<_> = records(crashed.folder.path())
        .into_iter()
        .filter(|record| record.kind == Kind::Outcome)
        .map(|record| (record.call.unwrap(), record.result.unwrap()))
        .collect();
    let unknown = |call: &str| (call.to_owned(), CallResult::Unknown);
    assert_eq!(ends, [unknown("1"), unknown("2")]);

    let (_log, recovery) = open(crashed.folder.path());
    assert!(recovery.unknown.is_empty(), "each call is ended once");
}

#[test]
fn calls_left_open_are_found_in_earlier_segments() {
    let folder = folder();
    let (log, _) = open(folder.path());
    record(&log, intent("early")).unwrap();
    for n in 0..50 {
        record(&log, gap(n)).unwrap();
    }
    drop(log);
    assert!(segments(folder.path()).unwrap().len() > 2);
    // The thread that held the lock ends when it sees that nobody can ask it any more.
    let (_log, recovery) = loop {
        match Log::open_sized(folder.path(), ORIGIN, boot(), SMALL, Durable::tell) {
            Err(OpenError::Locked { .. }) => std::thread::yield_now(),
            opened => break opened.unwrap(),
        }
    };
    assert_eq!(recovery.unknown, ["early".to_owned()].into());
}

#[test]
fn damage_to_a_durable_record_is_not_repaired() {
    let crashed = crashed();
    for at in 0..crashed.durable.len() {
        leave(&crashed, &crashed.batch);
        let mut bytes = fs::read(&crashed.segment).unwrap();
        bytes[at] ^= 1 << (at % 8);
        fs::write(&crashed.segment, &bytes).unwrap();
        let opened = Log::open_sized(crashed.folder.path(), ORIGIN, boot(), SMALL, Durable::tell);
        assert!(
            matches!(opened, Err(OpenError::Damaged { .. })),
            "byte {at}"
        );
        assert_eq!(
            fs::read(&crashed.segment).unwrap(),
            bytes,
            "nothing was touched"
        );
    }
}

#[test]
fn a_log_goes_on_where_it_was_written_to() {
    let crashed = crashed();
    leave(&crashed, &crashed.batch);
    let (log, recovery) = open(crashed.folder.path());
    assert_eq!((recovery.records, &recovery.cut), (5, &None));
    record(&log, gap(9)).unwrap();
    let kept = [&crashed.durable[..], &crashed.batch].concat();
    assert!(written(&crashed.segment).starts_with(&kept));
    log.close();
    let length = fs::metadata(&crashed.segment).unwrap().len();
    let written = written(&crashed.segment).len() as u64;
    assert_eq!(length, written, "a closed log has no unwritten rest");
}

#[test]
fn a_segment_without_a_record_yet_is_gone_on_with() {
    let folder = example();
    let all = segments(folder.path()).unwrap();
    let last = all.last().unwrap();
    fs::write(&last.path, vec![0; UNWRITTEN]).unwrap();
    let (log, recovery) =
        Log::open_sized(folder.path(), ORIGIN, boot(), TINY, Durable::tell).unwrap();
    assert_eq!((recovery.records, recovery.cut), (last.first, None));
    log.close();
    assert_eq!(verify(folder.path(), None).unwrap().verdict, Verdict::Good);
}

#[test]
fn an_empty_last_segment_does_not_stand_for_the_ones_before_it() {
    let folder = example();
    let all = segments(folder.path()).unwrap();
    let (lost, last) = (&all[all.len() - 2], &all[all.len() - 1]);
    fs::remove_file(&lost.path).unwrap();
    fs::write(&last.path, "").unwrap();
    let opened = Log::open_sized(folder.path(), ORIGIN, boot(), TINY, Durable::tell);
    assert!(
        matches!(&opened, Err(OpenError::Damaged { index, .. }) if *index == lost.first),
        "{opened:?}"
    );
}

#[test]
fn more_damage_than_a_batch_is_not_repaired() {
    let crashed = crashed();
    leave(&crashed, &vec![b'x'; SMALL.batch_bytes + MAX_RECORD + 2]);
    let opened = Log::open_sized(crashed.folder.path(), ORIGIN, boot(), SMALL, Durable::tell);
    assert!(matches!(opened, Err(OpenError::Damaged { index: 2, .. })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_garbage_after_the_durable_part_costs_a_durable_record(
        tail in proptest::collection::vec(any::<u8>(), 0..2_000)
    ) {
        let crashed = crashed();
        leave(&crashed, &tail);
        let (log, _) = open(crashed.folder.path());
        log.close();
        prop_assert!(fs::read(&crashed.segment).unwrap().starts_with(&crashed.durable));
        prop_assert_eq!(verify(crashed.folder.path(), None).unwrap().verdict, Verdict::Good);
    }
}
