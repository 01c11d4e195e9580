//! The compiler makes no connection and touches no file but those it is given: as the kernel saw it.

#![cfg(test)]

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use support::trace::{Call, trace};
use support::{bailiwick, example, files, write};

/// What a program may touch that starts at all: its libraries, itself as the kernel shows it, and
/// how much of the machine it may use.
const SYSTEM: [&str; 9] = [
    "/proc/sys/vm/overcommit_memory",
    "/etc/ld.so.cache",
    "/etc/ld.so.preload",
    "/lib/",
    "/lib64/",
    "/usr/lib/",
    "/proc/self/",
    "/sys/fs/cgroup/",
    "/sys/devices/system/cpu/online",
];

/// System calls that are looked at.
const TRACED: &str = "network,file";

/// System calls that ask about a file and neither read nor change it.
const QUESTIONS: [&str; 9] = [
    "access",
    "execve",
    "faccessat2",
    "getcwd",
    "lstat",
    "newfstatat",
    "readlink",
    "stat",
    "statx",
];

/// The calls that a compiler which works in `own` has no business to make.
fn strays(calls: &[Call], here: &Path, own: &[&Path]) -> Vec<String> {
    let is_own = |path: &Path| {
        own.iter().any(|folder| path.starts_with(folder))
            || SYSTEM
                .iter()
                .any(|one| path.to_str().unwrap().starts_with(one))
    };
    let calls = calls.iter().map(|call| &call.text);
    calls
        .filter(|line| {
            let Some((name, arguments)) = line.split_once('(') else {
                return false;
            };
            if QUESTIONS.contains(&name) {
                return false;
            }
            let paths = paths(arguments, here);
            paths.is_empty() || !paths.iter().all(|path| is_own(path))
        })
        .cloned()
        .collect()
}

/// The paths among the arguments of a call: `AT_FDCWD</here>, "name"`, `3</a/folder>, "name"`, or
/// the name alone.
fn paths(arguments: &str, here: &Path) -> Vec<PathBuf> {
    let arguments = arguments
        .rsplit_once(')')
        .map_or(arguments, |(inner, _)| inner);
    let mut base = here.to_owned();
    let mut paths = Vec::new();
    for argument in arguments.split(", ") {
        if let Some(path) = argument.strip_prefix('"') {
            paths.push(base.join(path.trim_end_matches(['"', '.'])));
            base = here.to_owned();
        } else if let Some((_, folder)) = argument.split_once('<')
            && argument.ends_with('>')
        {
            base = PathBuf::from(folder.trim_end_matches('>'));
        }
    }
    paths
}

#[test]
fn check_and_build_make_no_connection_and_open_no_other_file() {
    let place = tempfile::tempdir().unwrap();
    let place = place.path().canonicalize().unwrap();
    let (project, out, here) = (place.join("project"), place.join("out"), place.join("here"));
    for folder in [&project, &out, &here] {
        std::fs::create_dir(folder).unwrap();
    }
    write(&project, &files(&example("environments")));
    let commands: [&[&Path]; 3] = [
        &[Path::new("check"), &project],
        &[Path::new("build"), &project, Path::new("--out"), &out],
        &[
            Path::new("build"),
            &project,
            Path::new("--out"),
            &out,
            Path::new("--check"),
        ],
    ];
    for arguments in commands {
        let mut command = bailiwick();
        command.args(arguments).current_dir(&here);
        let Some(calls) = trace(&command, TRACED) else {
            return;
        };
        let read = |call: &Call| call.text.contains("catalogs/support/prod.kdl");
        assert!(calls.iter().any(read));
        assert_eq!(strays(&calls, &here, &[&project, &out]), [""; 0]);
    }
    assert!(out.join("prod/permissions.txt").is_file());
}

#[test]
fn a_connection_and_a_file_elsewhere_would_be_seen() {
    let mut connects = Command::new("bash");
    connects.args(["-c", "exec 3<>/dev/tcp/127.0.0.1/9"]);
    let mut reads = Command::new("cat");
    reads.arg("/etc/hostname");
    let mut writes = Command::new("touch");
    let elsewhere = tempfile::tempdir().unwrap();
    writes.arg(elsewhere.path().join("file"));
    for (command, call) in [
        (connects, "connect("),
        (reads, "/etc/hostname"),
        (writes, "file"),
    ] {
        let Some(calls) = trace(&command, TRACED) else {
            return;
        };
        let here = std::env::current_dir().unwrap();
        let strays = strays(&calls, &here, &[]);
        assert!(
            strays.iter().any(|stray| stray.contains(call)),
            "{strays:?}"
        );
    }
}
