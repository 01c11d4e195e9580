//! What an acknowledgement says.

use std::sync::mpsc;

use super::*;
use crate::record::MAX_TEXT;
use crate::recovery::OpenError;
use crate::{Filter, Verdict, show, verify};

#[test]
fn records_are_numbered_in_the_order_of_their_acknowledgements() {
    let folder = folder();
    let (log, recovery) = open(folder.path());
    assert_eq!(recovery, Recovery::default());
    let (done, positions) = mpsc::channel();
    for n in 0..3_000 {
        let done = done.clone();
        log.append(gap(n), move |result| {
            done.send(result.unwrap().index).unwrap();
        });
    }
    drop(done);
    let indexes: Vec<u64> = positions.iter().collect();
    assert_eq!(indexes, (1..=3_000).collect::<Vec<_>>());
    log.close();

    let report = verify(folder.path(), None).unwrap();
    assert_eq!((report.verdict, report.records), (Verdict::Good, 3_002));
    let (_log, recovery) = open(folder.path());
    assert_eq!(recovery.records, 3_002);
}

#[test]
fn an_acknowledged_record_is_in_the_file() {
    let folder = folder();
    let (log, _) = open(folder.path());
    let position = record(&log, intent("1")).unwrap();
    let report = verify(folder.path(), None).unwrap();
    assert_eq!(report.verdict, Verdict::Good);
    assert_eq!(report.head.unwrap().leaf, position.leaf);
}

#[test]
fn a_record_that_is_too_large_is_refused_and_leaves_no_hole() {
    let folder = folder();
    let (log, _) = open(folder.path());
    let huge = Entry::Gap(Gap {
        refused: (0..2_000).map(|n| (format!("reason-{n}"), n)).collect(),
    });
    assert!(matches!(record(&log, huge), Err(Failed::TooLarge { .. })));
    assert_eq!(record(&log, gap(1)).unwrap().index, 1);
    assert_eq!(verify(folder.path(), None).unwrap().verdict, Verdict::Good);
}

#[test]
fn long_texts_are_cut_and_say_so() {
    let folder = folder();
    let (log, _) = open(folder.path());
    record(&log, deny(&"ü".repeat(MAX_TEXT))).unwrap();
    let shown = show(folder.path(), Filter::default()).unwrap().nth(1);
    let call = shown.unwrap().unwrap().record.call.unwrap();
    assert!(call.len() <= MAX_TEXT);
    assert!(call.ends_with("ü…"));
}

#[test]
fn a_second_writer_is_refused_until_the_first_has_closed() {
    let folder = folder();
    let (log, _) = open(folder.path());
    let second = Log::open(folder.path(), ORIGIN, boot());
    assert!(matches!(second, Err(OpenError::Locked { .. })));
    let clone = log.clone();
    log.close();
    assert!(matches!(record(&clone, gap(1)), Err(Failed::Closed)));
    open(folder.path());
}

#[test]
fn a_folder_belongs_to_one_origin() {
    let folder = example();
    let other = Log::open(folder.path(), "acme/prod/dispatch-1", boot());
    assert!(matches!(other, Err(OpenError::OtherOrigin { .. })));
    fs::remove_file(folder.path().join("origin")).unwrap();
    let lost = Log::open(folder.path(), ORIGIN, boot());
    assert!(matches!(lost, Err(OpenError::NoOrigin)));
    let bad = Log::open(folder.path(), "two\nlines", boot());
    assert!(matches!(bad, Err(OpenError::BadOrigin { .. })));
}

#[test]
fn a_full_queue_refuses_at_once() {
    // Nobody serves this queue.
    let (hold, held) = mpsc::channel::<()>();
    let log = Log::start(move |_queue, _failure| held.recv().unwrap_or_default()).unwrap();
    let (done, results) = mpsc::channel();
    for n in 0..8_193 {
        let done = done.clone();
        log.append(gap(n), move |result| done.send(result).unwrap());
    }
    assert!(matches!(results.try_recv(), Ok(Err(Failed::Overloaded))));
    assert!(results.try_recv().is_err());
    drop(hold);
}
