//! Disks that are full, read-only or broken.

use std::fs::{File, OpenOptions};

use super::*;
use crate::folder::SPARE_FILE;
use crate::recovery::{self, OpenError};
use crate::{Verdict, verify};

/// A log whose segment is `device` instead of a file.
fn on_device(folder: &Path, device: &str) -> Log {
    let (mut writer, _) = recovery::open(folder, ORIGIN, boot(), SMALL).unwrap();
    writer.segment = OpenOptions::new().write(true).open(device).unwrap();
    Log::start(move |queue, failure| writer.run(queue, failure, &Durable::tell)).unwrap()
}

fn refuses_for_ever(log: &Log) {
    assert!(matches!(record(log, intent("1")), Err(Failed::Write(_))));
    assert!(matches!(log.failure(), Some(Failed::Write(_))));
    assert!(matches!(record(log, outcome("1")), Err(Failed::Write(_))));
}

#[test]
fn a_failed_write_is_answered_and_never_tried_again() {
    let folder = folder();
    let log = on_device(folder.path(), "/dev/full");
    refuses_for_ever(&log);
    log.close();
}

#[test]
fn a_failed_sync_is_answered_and_never_tried_again() {
    let folder = folder();
    // Takes every write and refuses to sync.
    let device = File::open("/dev/null").unwrap();
    assert!(
        device.sync_data().is_err(),
        "the test needs a device that cannot sync"
    );
    refuses_for_ever(&on_device(folder.path(), "/dev/null"));
}

#[test]
fn everybody_who_waits_learns_of_a_failed_write() {
    let folder = folder();
    let log = on_device(folder.path(), "/dev/full");
    let (done, results) = mpsc::channel();
    for n in 0..500 {
        let done = done.clone();
        log.append(gap(n), move |result| done.send(result.is_err()).unwrap());
    }
    drop(done);
    assert_eq!(results.iter().filter(|failed| *failed).count(), 500);
}

/// Runs the ignored test `name` of this module with a fresh file system of `size` at
/// `AUDIT_TEST_DISK`, mounted with `options`.
fn on_small_disk(name: &str, prepare: &str) {
    let namespace = ["--map-root-user", "--mount"];
    if !works("unshare", &[&namespace[..], &["true"]].concat()) {
        return;
    }
    let disk = tempfile::tempdir().unwrap();
    let script = format!(
        "mount -t tmpfs -o size=128k tmpfs \"$0\" && {prepare} && \
         exec \"$1\" --exact tests::fault::{name} --ignored"
    );
    let output = Command::new("unshare")
        .args(namespace)
        .args(["sh", "-c", &script])
        .arg(disk.path())
        .arg(std::env::current_exe().unwrap())
        .env("AUDIT_TEST_DISK", disk.path())
        .output()
        .expect("the program `unshare` of util-linux");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(text.contains("1 passed"), "{text}");
}

fn small_disk() -> Option<String> {
    variable("AUDIT_TEST_DISK")
}

#[test]
fn a_disk_without_room_for_a_segment_says_so() {
    on_small_disk("full_from_the_start", "true");
}

#[test]
#[ignore = "run by another test: needs a small disk"]
fn full_from_the_start() {
    let Some(disk) = small_disk() else { return };
    let opened = Log::open(Path::new(&disk), ORIGIN, boot());
    let Err(OpenError::Full { needed, .. }) = opened else {
        panic!("{opened:?}");
    };
    assert_eq!(needed, Sizes::STANDARD.segment);
}

#[test]
fn a_disk_that_fills_up_refuses_calls_and_takes_outcomes() {
    on_small_disk("full_in_the_middle", "true");
}

#[test]
#[ignore = "run by another test: needs a small disk"]
fn full_in_the_middle() {
    let Some(disk) = small_disk() else { return };
    let folder = Path::new(&disk);
    let sizes = Sizes {
        segment: 90_000,
        reserve: 70_000,
        ..SMALL
    };
    let (log, _) = Log::open_sized(folder, ORIGIN, boot(), sizes, Durable::tell).unwrap();
    let mut calls = 0;
    let refused = loop {
        match record(&log, intent(&calls.to_string())) {
            Ok(_) => calls += 1,
            Err(failed) => break failed,
        }
    };
    assert!(matches!(refused, Failed::Full), "{refused}");
    assert!(log.failure().is_none());
    let denied = record(&log, deny("x"));
    assert!(matches!(denied, Err(Failed::Full)), "{denied:?}");
    for call in 0..calls {
        record(&log, outcome(&call.to_string())).unwrap();
    }
    log.close();
    assert_eq!(verify(folder, None).unwrap().verdict, Verdict::Good);
}

/// As when there are no file descriptors left for a while.
#[test]
fn a_segment_that_cannot_be_prepared_now_is_prepared_later() {
    let folder = folder();
    let sizes = Sizes {
        segment: 90_000,
        reserve: 70_000,
        ..SMALL
    };
    let (log, _) = Log::open_sized(folder.path(), ORIGIN, boot(), sizes, Durable::tell).unwrap();
    let in_the_way = folder.path().join(SPARE_FILE);
    fs::create_dir(&in_the_way).unwrap();
    let mut calls = 0;
    let refused = loop {
        match record(&log, intent(&calls.to_string())) {
            Ok(_) => calls += 1,
            Err(failed) => break failed,
        }
    };
    assert!(matches!(refused, Failed::Full), "{refused}");
    assert!(log.failure().is_none());
    record(&log, outcome("0")).unwrap();
    fs::remove_dir(in_the_way).unwrap();
    record(&log, intent("later")).unwrap();
    log.close();
    assert_eq!(verify(folder.path(), None).unwrap().verdict, Verdict::Good);
}

#[test]
fn a_read_only_folder_says_so() {
    on_small_disk("read_only", "mount -o remount,ro \"$0\"");
}

#[test]
#[ignore = "run by another test: needs a small disk"]
fn read_only() {
    let Some(disk) = small_disk() else { return };
    let opened = Log::open(Path::new(&disk), ORIGIN, boot());
    assert!(
        matches!(opened, Err(OpenError::ReadOnly { .. })),
        "{opened:?}"
    );
}
