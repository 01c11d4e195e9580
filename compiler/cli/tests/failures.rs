//! What the world does to a build: files that cannot be read or written, a full disk, a kill. The
//! error names what it is about, and what was there before stays.

#![cfg(test)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::fs::inotify::{self, CreateFlags, WatchFlags};
use support::{Ran, bailiwick, example, files, run, small_catalog, write};

/// The program without the power of an administrator to read and write whatever there is, which
/// tests may run with.
fn without_power() -> Command {
    let program = env!("CARGO_BIN_EXE_bailiwick");
    if !rustix::process::geteuid().is_root() {
        return Command::new(program);
    }
    let powers = "-dac_override,-dac_read_search";
    let mut command = Command::new("setpriv");
    command
        .args(["--bounding-set", powers, "--inh-caps", powers])
        .arg(program);
    command
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// It could not do its work, said why in one line, and did not panic.
fn assert_failed(ran: &Ran, about: &Path, why: &str) {
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.err.starts_with("error: cannot "), "{ran:?}");
    assert!(ran.err.contains(about.to_str().unwrap()), "{ran:?}");
    assert!(ran.err.trim_end().ends_with(why), "{ran:?}");
    assert_eq!(ran.err.lines().count(), 1, "{ran:?}");
}

#[test]
fn a_source_that_cannot_be_read_is_named() {
    let folder = tempfile::tempdir().unwrap();
    small_catalog(folder.path(), "");
    let source = folder.path().join("catalogs/org.kdl");
    set_mode(&source, 0o000);
    for command in ["check", "build", "test"] {
        let ran = run(without_power().arg(command).arg(folder.path()));
        assert_failed(
            &ran,
            Path::new("org.kdl"),
            "Permission denied (os error 13)",
        );
    }
    assert!(!folder.path().join("snapshots").exists());
    set_mode(&source, 0o600);
    assert_eq!(
        run(without_power().arg("check").arg(folder.path())).code,
        Some(0)
    );
}

#[test]
fn an_output_folder_that_is_read_only_keeps_what_it_has() {
    let folder = tempfile::tempdir().unwrap();
    small_catalog(folder.path(), "");
    let build = || run(without_power().arg("build").arg(folder.path()));
    assert_eq!(build().code, Some(0));
    let out = folder.path().join("snapshots");
    let before = files(&out);
    small_catalog(folder.path(), "    grant helper kb:drop_article\n");
    set_mode(&out, 0o555);
    let ran = build();
    set_mode(&out, 0o755);
    assert_failed(&ran, &out, "Permission denied (os error 13)");
    assert_eq!(files(&out), before);
}

#[test]
fn an_output_folder_that_is_full_keeps_what_it_has() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &files(&example("environments")));
    let (disk, kept) = (folder.path().join("disk"), folder.path().join("kept"));
    fs::create_dir(&disk).unwrap();
    // Room for one output, and not for a second one beside it.
    let script = r#"
        mount -t tmpfs -o size=300k tmpfs "$2" || exit 77
        "$0" build "$1" --out "$2" --env prod >&2 || exit 78
        head -c 300k /dev/zero > "$2/other" 2> /dev/null
        cp -r "$2/prod" "$3"
        sed -i 's/limit 200 /limit 201 /' "$1/catalogs/support/catalog.kdl"
        "$0" build "$1" --out "$2" --env prod > /dev/null
        code=$?
        diff -r "$2/prod" "$3" > /dev/null || exit 79
        exit $code
    "#;
    let ran = run(Command::new("unshare")
        .args(["--map-root-user", "--mount", "sh", "-c", script])
        .arg(env!("CARGO_BIN_EXE_bailiwick"))
        .args([folder.path(), &disk, &kept]));
    assert_eq!(ran.code, Some(2), "{ran:?}");
    let last = ran.err.lines().last().unwrap();
    assert!(last.starts_with("error: cannot "), "{ran:?}");
    assert!(
        last.ends_with("No space left on device (os error 28)"),
        "{ran:?}"
    );
}

/// Makes the project give other files, one way or the other.
fn vary(project: &Path, sources: &[(PathBuf, Vec<u8>)], limit: u32) {
    write(project, sources.iter().map(|(name, bytes)| (name, bytes)));
    let catalog = project.join("catalogs/support/catalog.kdl");
    let text = fs::read_to_string(&catalog).unwrap();
    fs::write(
        &catalog,
        text.replace("limit 200 ", &format!("limit {limit} ")),
    )
    .unwrap();
}

/// Tells from now on when a folder appears in this one, is moved or removed.
fn watch(folder: &Path, flags: CreateFlags) -> OwnedFd {
    let changes = inotify::init(flags).unwrap();
    let kinds = WatchFlags::CREATE | WatchFlags::MOVE | WatchFlags::DELETE;
    inotify::add_watch(&changes, folder, kinds).unwrap();
    changes
}

#[test]
fn a_build_that_is_killed_leaves_each_output_whole() {
    let folder = tempfile::tempdir().unwrap();
    let (project, out) = (folder.path().join("project"), folder.path().join("out"));
    let build = |out: &Path| {
        let mut command = bailiwick();
        command.arg("build").arg(&project).arg("--out").arg(out);
        command.stdout(std::process::Stdio::null());
        command
    };
    let build_whole = |out: &Path| assert_eq!(run(&mut build(out)).code, Some(0));
    let sources: Vec<_> = files(&example("environments")).into_iter().collect();
    let wholes = [50, 51].map(|limit| {
        vary(&project, &sources, limit);
        let whole = folder.path().join(limit.to_string());
        build_whole(&whole);
        files(&whole)
    });
    let of_dev = |whole: &BTreeMap<PathBuf, Vec<u8>>| {
        let mut whole = whole.clone();
        whole.retain(|name, _| name.starts_with("dev"));
        whole
    };
    let outputs = wholes.each_ref().map(of_dev);
    assert_ne!(outputs[0], outputs[1]);

    // A build begins each output, puts it into its place and removes the old one. How many changes are these?
    let mut buffer = [MaybeUninit::uninit(); 4096];
    write(&out, &wholes[0]);
    let told = watch(&out, CreateFlags::NONBLOCK);
    build_whole(&out);
    let mut told = inotify::Reader::new(told, &mut buffer);
    let changes = std::iter::from_fn(|| told.next().ok().map(drop)).count();

    let kills = 40;
    let mut killed = 0;
    for at in 0..kills {
        write(&out, &wholes[0]);
        let mut told = inotify::Reader::new(watch(&out, CreateFlags::empty()), &mut buffer);
        let mut child = build(&out).spawn().unwrap();
        for _ in 0..=at % changes {
            told.next().unwrap();
        }
        child.kill().unwrap();
        killed += usize::from(child.wait().unwrap().code().is_none());
        let found = of_dev(&files(&out));
        assert!(outputs.contains(&found), "after {at} kills");
    }
    assert!(killed > kills / 4, "only {killed} builds were killed");

    // What the kills left beside is cleaned up, and the output is as if nothing had happened.
    build_whole(&out);
    assert_eq!(files(&out), wholes[1]);
}

#[test]
fn a_folder_without_catalogs_is_named() {
    let folder = tempfile::tempdir().unwrap();
    for command in ["check", "build", "test", "dev"] {
        let ran = run(bailiwick().arg(command).arg(folder.path()));
        let said = format!(
            "error: `{}` has no folder `catalogs`\n",
            folder.path().display()
        );
        assert_eq!((ran.code, ran.err), (Some(2), said));
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure_to_tell_of() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let ended = bailiwick()
        .arg("explain")
        .stdout(writer)
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap()
        .wait_with_output()
        .unwrap();
    assert_eq!(String::from_utf8(ended.stderr).unwrap(), "");
}
