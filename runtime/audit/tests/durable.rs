//! What an acknowledgement promises.

use std::path::Path;
use std::sync::mpsc;

use bailiwick_audit::{Append, Boot, Entry, Gap, Log, OpenError, Recovery};

fn boot() -> Boot {
    Boot {
        build: "dispatch 1".to_owned(),
        config: None,
    }
}

fn open(folder: &Path) -> (Log, Recovery) {
    Log::open(folder, "acme/prod/dispatch-0", boot()).unwrap()
}

fn gap(count: u64) -> Entry {
    Entry::Gap(Gap {
        refused: [("overloaded".to_owned(), count)].into(),
    })
}

#[test]
fn records_are_numbered_in_the_order_of_their_acknowledgements() {
    let folder = tempfile::tempdir().unwrap();
    let (log, recovery) = open(folder.path());
    assert_eq!(recovery, Recovery::default());
    let (done, positions) = mpsc::channel();
    for n in 0..5_000 {
        let done = done.clone();
        log.append(gap(n), move |result| {
            done.send(result.unwrap().index).unwrap()
        });
    }
    drop(done);
    let indexes: Vec<u64> = positions.iter().collect();
    assert_eq!(indexes, (1..=5_000).collect::<Vec<_>>());
    log.close();

    let (_log, recovery) = open(folder.path());
    assert_eq!(recovery.records, 5_002);
}

#[test]
fn a_second_writer_is_refused_until_the_first_has_closed() {
    let folder = tempfile::tempdir().unwrap();
    let (log, _) = open(folder.path());
    let second = Log::open(folder.path(), "acme/prod/dispatch-0", boot());
    assert!(matches!(second, Err(OpenError::Locked { .. })));
    log.close();
    open(folder.path());
}
