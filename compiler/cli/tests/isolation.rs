//! The compiler makes no connection and touches no file but those it is given: as the kernel saw it.

#![cfg(test)]

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use support::{bailiwick, example, files, write};

/// What a program may touch that starts at all: its libraries, itself as the kernel shows it, and
/// how much of the machine it may use.
const SYSTEM: [&str; 8] = [
    "/proc/sys/vm/overcommit_memory",
    "/etc/ld.so.cache",
    "/etc/ld.so.preload",
    "/lib/",
    "/lib64/",
    "/usr/lib/",
    "/proc/self/",
    "/sys/fs/cgroup/",
];

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

/// Runs a program under strace; gives its calls that are about the network or about files, one a
/// line. None when strace may not trace here and that is allowed.
fn trace(command: &Command) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let mut strace = Command::new("strace");
    strace
        // A file for each thread: in one for all, calls at one time would be torn apart.
        .args([
            "-ff",
            "-qq",
            "-yy",
            "-s",
            "4096",
            "-e",
            "trace=network,file",
        ])
        .arg("-o")
        .arg(&log)
        .arg(command.get_program())
        .args(command.get_args());
    // Cargo sets it for tests, and libraries would be looked for there.
    strace.env_remove("LD_LIBRARY_PATH");
    if let Some(here) = command.get_current_dir() {
        strace.current_dir(here);
    }
    let output = strace.output();
    let logs = std::fs::read_dir(folder.path()).unwrap();
    let calls: String = logs
        .map(|log| std::fs::read_to_string(log.unwrap().path()).unwrap())
        .collect();
    if calls.contains("execve(") {
        return Some(calls);
    }
    let is_allowed = std::env::var_os("ALLOW_SKIP").is_some_and(|value| value == "1");
    assert!(
        is_allowed,
        "strace is missing, or may not trace: {output:?}"
    );
    println!("skipped: strace is missing, or may not trace");
    None
}

/// The calls that a compiler which works in `own` has no business to make.
fn strays(calls: &str, here: &Path, own: &[&Path]) -> Vec<String> {
    let is_own = |path: &Path| {
        own.iter().any(|folder| path.starts_with(folder))
            || SYSTEM
                .iter()
                .any(|one| path.to_str().unwrap().starts_with(one))
    };
    calls
        .lines()
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
        .map(ToOwned::to_owned)
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
        let Some(calls) = trace(&command) else { return };
        assert!(calls.contains("catalogs/support/prod.kdl"), "{calls}");
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
        let Some(calls) = trace(&command) else { return };
        let here = std::env::current_dir().unwrap();
        let strays = strays(&calls, &here, &[]);
        assert!(
            strays.iter().any(|stray| stray.contains(call)),
            "{strays:?}"
        );
    }
}
