//! The program as an init container copies it.

use std::fs;
use std::process::Command;

const BRIDGE: &str = env!("CARGO_BIN_EXE_bailiwick-bridge");

#[test]
fn the_copy_is_whole_and_runs() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("bailiwick-bridge");
    fs::write(&copy, "an older one").unwrap();
    let status = Command::new(BRIDGE)
        .arg("install")
        .arg(&copy)
        .status()
        .unwrap();
    assert!(status.success());
    assert_eq!(fs::read(&copy).unwrap(), fs::read(BRIDGE).unwrap());
    assert!(
        Command::new(&copy)
            .arg("--version")
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_file_that_cannot_be_written_is_an_error() {
    let output = Command::new(BRIDGE)
        .args(["install", "/proc/bridge"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("bailiwick-bridge: "));
}
