//! The format page is enough to write a verifier: one that shares no code with ours agrees.

use std::fs;

use super::*;
use crate::folder::segments;
use crate::verify;

/// Exit code and output of the foreign verifier.
fn stranger(folder: &Path) -> (Option<i32>, String) {
    let output = Command::new("python3")
        .arg("-c")
        .arg(include_str!("stranger.py"))
        .arg(folder)
        .output()
        .expect("the program `python3`");
    let text = String::from_utf8(output.stdout).unwrap();
    (output.status.code(), text.trim_end().to_owned())
}

#[test]
fn a_foreign_verifier_agrees_on_a_good_log() {
    let folder = example();
    let anchor = verify(folder.path(), None).unwrap().head.unwrap();
    assert_eq!(stranger(folder.path()), (Some(0), anchor.to_string()));
    let last = &segments(folder.path()).unwrap().pop().unwrap().path;
    let mut bytes = fs::read(last).unwrap();
    bytes.resize(bytes.len() + 1_000, 0);
    fs::write(last, bytes).unwrap();
    assert_eq!(stranger(folder.path()), (Some(0), anchor.to_string()));
}

#[test]
fn a_foreign_verifier_agrees_on_a_changed_log() {
    let folder = example();
    let file = &segments(folder.path()).unwrap()[0].path;
    let good = fs::read(file).unwrap();
    for at in (0..good.len()).step_by(97) {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        fs::write(file, bytes).unwrap();
        let ours = verify(folder.path(), None).unwrap().verdict.exit_code();
        assert_eq!(stranger(folder.path()).0, Some(ours.into()), "byte {at}");
    }
    fs::remove_file(file).unwrap();
    assert_eq!(stranger(folder.path()).0, Some(22));
}
