//! Equal catalogs give equal files, whatever the machine, the user and the moment.

#![cfg(test)]

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::{bailiwick, example, files, run, write};

type Files = BTreeMap<PathBuf, Vec<u8>>;

/// What `build` writes for a project in `folder`, and what it says of where it went.
fn build(folder: &Path, tell: impl FnOnce(&mut Command)) -> Files {
    let out = tempfile::tempdir().unwrap();
    let mut command = bailiwick();
    command
        .arg("build")
        .arg(folder)
        .arg("--out")
        .arg(out.path());
    tell(&mut command);
    let ran = run(&mut command);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    files(out.path())
}

fn each_example(judge: impl Fn(&Files, &Files)) {
    for name in ["quickstart", "environments"] {
        let mut sources = files(&example(name));
        sources.retain(|name, _| name.starts_with("catalogs"));
        let place = tempfile::tempdir().unwrap();
        write(place.path(), &sources);
        let expected = build(place.path(), |_| {});
        assert!(expected.len() > 1, "{name}");
        judge(&sources, &expected);
    }
}

#[test]
fn the_order_in_which_files_were_made_changes_nothing() {
    each_example(|sources, expected| {
        let place = tempfile::tempdir().unwrap();
        write(place.path(), sources.iter().rev());
        assert_eq!(build(place.path(), |_| {}), *expected);
    });
}

#[test]
fn the_folder_of_the_project_changes_nothing() {
    each_example(|sources, expected| {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("späte Grüße/a b/$HOME");
        write(&folder, sources);
        assert_eq!(build(&folder, |_| {}), *expected);
    });
}

#[test]
fn the_working_folder_changes_nothing() {
    each_example(|sources, expected| {
        let place = tempfile::tempdir().unwrap();
        write(place.path(), sources);
        let inside = place.path().join("catalogs");
        for here in [Path::new("/"), place.path(), &inside] {
            let built = build(place.path(), |command| {
                command.current_dir(here);
            });
            assert_eq!(built, *expected);
        }
    });
}

#[test]
fn what_the_environment_says_changes_nothing() {
    each_example(|sources, expected| {
        let place = tempfile::tempdir().unwrap();
        write(place.path(), sources);
        let settings: [&[(&str, &str)]; 4] = [
            &[("TZ", "Pacific/Kiritimati")],
            &[("LANG", "tr_TR.UTF-8"), ("LC_ALL", "tr_TR.UTF-8")],
            &[("LC_ALL", "C"), ("TZ", "America/Los_Angeles")],
            &[
                ("HOME", "/nowhere"),
                ("USER", "somebody"),
                ("NO_COLOR", "1"),
            ],
        ];
        for setting in settings {
            let built = build(place.path(), |command| {
                command.envs(setting.iter().copied());
            });
            assert_eq!(built, *expected, "{setting:?}");
        }
        let bare = build(place.path(), |command| {
            command.env_clear();
        });
        assert_eq!(bare, *expected);
    });
}

#[test]
fn another_catalog_gives_other_files() {
    each_example(|sources, expected| {
        let place = tempfile::tempdir().unwrap();
        let mut changed = sources.clone();
        for bytes in changed.values_mut() {
            let text = String::from_utf8(bytes.clone()).unwrap();
            *bytes = text.replace(r#"per="1m""#, r#"per="2m""#).into_bytes();
        }
        write(place.path(), &changed);
        assert_ne!(build(place.path(), |_| {}), *expected);
    });
}
