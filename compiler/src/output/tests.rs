//! Written, verified, interrupted.

#![expect(
    clippy::disallowed_methods,
    reason = "the tests look at what was written"
)]

use std::fs;
use std::path::Path;

use super::*;

mod crash;

fn tree(files: &[(&str, &str)]) -> OutputTree {
    let files = files
        .iter()
        .map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()));
    OutputTree::new(files.collect())
}

/// Everything below a folder, hidden files included.
fn all(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(path.strip_prefix(folder).unwrap().display().to_string());
            }
        }
    }
    found.sort();
    found
}

#[test]
fn a_tree_is_written_whole_and_verified() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("snapshots/prod");
    let files = tree(&[("permissions.txt", "a\n"), ("runtime/config.json", "{}\n")]);
    files.write(&folder).unwrap();
    assert_eq!(
        all(place.path()),
        [
            "snapshots/prod/permissions.txt",
            "snapshots/prod/runtime/config.json"
        ]
    );
    assert_eq!(files.verify(&folder).unwrap(), []);
}

#[test]
fn stale_files_go_and_the_signature_stays() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("prod");
    tree(&[("permissions.txt", "a\n"), ("namespace/old.yaml", "x\n")])
        .write(&folder)
        .unwrap();
    fs::create_dir_all(folder.join("runtime")).unwrap();
    fs::write(folder.join(SIGNATURE), "signed").unwrap();
    let files = tree(&[("permissions.txt", "b\n")]);
    files.write(&folder).unwrap();
    assert_eq!(
        all(place.path()),
        ["prod/permissions.txt", "prod/runtime/config.sig"]
    );
    assert_eq!(files.verify(&folder).unwrap(), []);
}

#[test]
fn equal_output_is_not_written_again() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("prod");
    let files = tree(&[("permissions.txt", "a\n")]);
    files.write(&folder).unwrap();
    let before = fs::metadata(folder.join("permissions.txt"))
        .unwrap()
        .modified()
        .unwrap();
    files.write(&folder).unwrap();
    let after = fs::metadata(folder.join("permissions.txt"))
        .unwrap()
        .modified()
        .unwrap();
    assert_eq!(before, after);
}

#[test]
fn differences_are_told_file_by_file() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("prod");
    tree(&[
        ("a.yaml", "1\n2\n3\n4\n"),
        ("gone.yaml", ""),
        ("permissions.txt", ""),
    ])
    .write(&folder)
    .unwrap();
    let fresh = tree(&[
        ("a.yaml", "1\n2\nthree\n4\n"),
        ("new.yaml", ""),
        ("permissions.txt", ""),
    ]);
    let changed = ["from line 3:", "-3", "+three"].map(str::to_owned).to_vec();
    let expected = [
        ("a.yaml", Differs::Changed(changed)),
        ("gone.yaml", Differs::Stale),
        ("new.yaml", Differs::Missing),
    ]
    .map(|(path, how)| Difference {
        path: path.to_owned(),
        how,
    });
    assert_eq!(fresh.verify(&folder).unwrap(), expected);
}

#[test]
fn an_absent_folder_misses_everything() {
    let place = tempfile::tempdir().unwrap();
    let found = tree(&[("permissions.txt", "a\n")])
        .verify(&place.path().join("prod"))
        .unwrap();
    let path = "permissions.txt".to_owned();
    assert_eq!(
        found,
        [Difference {
            path,
            how: Differs::Missing
        }]
    );
}

#[test]
fn a_folder_that_build_did_not_make_is_left_alone() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("prod");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("diary.txt"), "dear").unwrap();
    let error = tree(&[("permissions.txt", "a\n")])
        .write(&folder)
        .unwrap_err();
    assert!(matches!(error, OutputError::Foreign { .. }), "{error}");
    assert_eq!(all(place.path()), ["prod/diary.txt"]);
}

#[test]
fn a_link_is_not_followed() {
    let place = tempfile::tempdir().unwrap();
    let elsewhere = place.path().join("elsewhere");
    let folder = place.path().join("prod");
    fs::create_dir(&elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &folder).unwrap();
    let error = tree(&[("permissions.txt", "a\n")])
        .write(&folder)
        .unwrap_err();
    assert!(matches!(error, OutputError::Foreign { .. }), "{error}");
    assert_eq!(all(&elsewhere), [""; 0]);
}

#[test]
fn what_a_crash_left_beside_is_removed() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("prod");
    let leftover = place.path().join(".prod.new");
    // The second run finds equal output.
    for _ in 0..2 {
        fs::create_dir(&leftover).unwrap();
        fs::write(leftover.join("half.yaml"), "x").unwrap();
        tree(&[("permissions.txt", "a\n")]).write(&folder).unwrap();
        assert_eq!(all(place.path()), ["prod/permissions.txt"]);
    }
}

/// A file where a folder must be: the tree cannot be filled, as on a full disk.
#[test]
fn a_failure_in_the_middle_leaves_the_old_output_whole() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("prod");
    let old = tree(&[("permissions.txt", "a\n"), ("runtime/config.json", "{}\n")]);
    old.write(&folder).unwrap();
    let broken = tree(&[("permissions.txt", "b\n"), ("x", ""), ("x/y", "")]);
    let error = broken.write(&folder).unwrap_err();
    assert!(
        matches!(error, OutputError::Io { action: "make", .. }),
        "{error}"
    );
    assert_eq!(old.verify(&folder).unwrap(), []);
    assert_eq!(
        all(place.path()),
        ["prod/permissions.txt", "prod/runtime/config.json"]
    );
}

/// `/proc` takes no folders, from nobody.
#[test]
fn a_folder_that_may_not_be_written_is_an_error_that_names_it() {
    let error = tree(&[("permissions.txt", "b\n")])
        .write(Path::new("/proc/prod"))
        .unwrap_err();
    assert_eq!(error.to_string(), "cannot make `/proc/.prod.new`");
}

#[test]
fn a_file_where_the_output_folder_should_be_is_left_alone() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("snapshots");
    fs::write(&file, "mine").unwrap();
    let error = tree(&[("permissions.txt", "b\n")])
        .write(&file.join("prod"))
        .unwrap_err();
    assert!(matches!(error, OutputError::Io { .. }), "{error}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
}
