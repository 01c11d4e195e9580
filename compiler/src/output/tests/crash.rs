//! A process that writes is killed at many moments; what it leaves is one output or the other.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use super::*;

/// Files of each output: enough that a kill falls between two of them.
const FILES: usize = 24;

/// Kills of each kind of writer.
const KILLS: usize = 24;

fn outputs() -> [OutputTree; 2] {
    ["one", "two"].map(|text| {
        let names = (0..FILES).map(|number| format!("namespace/{number}.yaml"));
        let names = names.chain([MARK.to_owned()]);
        OutputTree::new(
            names
                .map(|name| (name, text.repeat(2000).into_bytes()))
                .collect(),
        )
    })
}

/// Writes both outputs in turn until it is killed, a line after each.
fn write_for_ever(write: impl Fn(&OutputTree, &Path)) {
    for output in outputs().iter().cycle() {
        write(output, Path::new("prod"));
        println!("written");
    }
}

#[test]
#[ignore = "run by another test: a writer that is killed"]
fn exchange_writer() {
    write_for_ever(|output, folder| output.write(folder).unwrap());
}

#[test]
#[ignore = "run by another test: a writer that is killed"]
fn in_place_writer() {
    write_for_ever(|output, folder| {
        for (path, bytes) in output.files() {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
    });
}

/// Kills a writer after one to three outputs; counts how often neither output was whole.
fn broken_after_kills(writer: &str) -> usize {
    let outputs = outputs();
    let broken = (0..KILLS).map(|kill| 1 + kill % 3).filter(|after| {
        let place = tempfile::tempdir().unwrap();
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", &format!("output::tests::crash::{writer}")])
            .args(["--ignored", "--nocapture"])
            .current_dir(place.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let written = lines
            .map(Result::unwrap)
            .filter(|line| line.contains("written"));
        assert_eq!(written.take(*after).count(), *after);
        process.kill().unwrap();
        process.wait().unwrap();
        let folder = place.path().join("prod");
        !outputs
            .iter()
            .any(|output| output.verify(&folder).unwrap().is_empty())
    });
    broken.count()
}

#[test]
fn a_killed_writer_leaves_one_whole_output() {
    assert_eq!(broken_after_kills("exchange_writer"), 0);
}

/// The control: files written one by one are caught half way.
#[test]
fn a_writer_in_place_is_caught() {
    assert_ne!(broken_after_kills("in_place_writer"), 0);
}
