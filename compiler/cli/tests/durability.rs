//! What `build` writes is on the disk before it takes the place of what was there: as the kernel saw it.

#![cfg(test)]

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use support::trace::{Call, trace};
use support::{bailiwick, example, files};

/// The files of each folder that was renamed or exchanged, which were not flushed before; and the folders.
fn unflushed(calls: &[Call], out: &Path) -> BTreeMap<PathBuf, Vec<PathBuf>> {
    let renamed = calls.iter().filter(|call| call.text.starts_with("rename"));
    let all = renamed.map(|rename| {
        let mut named = rename.text.split('"').skip(1).step_by(2);
        let (from, to) = (named.next().unwrap(), named.next().unwrap());
        let flushed = |path: &Path| {
            let argument = format!("<{}>)", path.display());
            calls.iter().any(|call| {
                call.text.starts_with("fsync")
                    && call.text.contains(&argument)
                    && call.ended <= rename.began
            })
        };
        let written = files(Path::new(to)).into_keys();
        let written = written.filter(|path| !flushed(&Path::new(from).join(path)));
        (
            Path::new(to).strip_prefix(out).unwrap().to_owned(),
            written.collect(),
        )
    });
    all.collect()
}

#[test]
fn each_file_is_flushed_before_its_folder_takes_the_place_of_the_old_one() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().canonicalize().unwrap().join("out");
    let mut command = bailiwick();
    command.args([
        Path::new("build"),
        &example("environments"),
        Path::new("--out"),
        &out,
    ]);
    let Some(calls) = trace(&command, "fsync,rename,renameat,renameat2") else {
        return;
    };
    let nothing = ["dev", "prod", "stage"].map(|name| (PathBuf::from(name), Vec::new()));
    assert_eq!(unflushed(&calls, &out), BTreeMap::from(nothing));

    // What is not flushed would be seen.
    let is_kept = |call: &Call| !call.text.contains("permissions.txt");
    let missing = unflushed(&calls.into_iter().filter(is_kept).collect::<Vec<_>>(), &out);
    let review = vec![PathBuf::from("permissions.txt")];
    assert!(
        missing.len() == 3 && missing.values().all(|files| *files == review),
        "{missing:?}"
    );
}
