//! `check` and `build` of a generated organisation, against `kustomize build` of the output and against
//! writing the same bytes.
//!
//! `cargo bench -p bailiwick-compiler --bench build` prints a table. kustomize is the one that `make engines`
//! installs, and the command line the one that `cargo build --release -p bailiwick` makes; without them their
//! rows are missing.

#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and stops at what goes wrong"
)]

mod processes;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use bailiwick_compiler::output::OutputTree;
use bailiwick_compiler::source::Disk;
use bailiwick_compiler::{Date, Templates, build_all, check};
use bailiwick_organisation::{Organisation, TODAY};

/// Rounds in memory, and of processes; medians are printed.
const ROUNDS: usize = 9;
const ROUNDS_OF_PROCESSES: usize = 5;

fn main() {
    let place = tempfile::tempdir().unwrap();
    let project = place.path().join("project");
    let organisation = Organisation::new(1_000, 1);
    organisation.write(&project).unwrap();
    let names: Vec<&str> = organisation
        .environments
        .iter()
        .map(String::as_str)
        .collect();
    let today = Date::parse(TODAY).unwrap();

    let compile = || {
        let report = check(&Disk::open(&project).unwrap(), &today).unwrap();
        let checked = report.checked.unwrap_or_else(|| {
            let messages = report
                .findings
                .iter()
                .take(3)
                .map(|finding| &finding.message);
            panic!("{:?}", messages.collect::<Vec<_>>())
        });
        let templates = Templates::shipped();
        let built = build_all(&checked, &names, &templates).unwrap();
        let trees = built.into_iter().map(|built| built.tree);
        names.iter().copied().zip(trees).collect::<Vec<_>>()
    };
    let trees = compile();
    let bytes: usize = trees.iter().map(|(_, tree)| size(tree)).sum();
    let files: usize = trees.iter().map(|(_, tree)| tree.files().count()).sum();
    println!("{}: {files} files, {bytes} bytes", organisation.size());

    let compiled = median(ROUNDS, |_| drop(compile()));
    let flushed = median(ROUNDS, |round| {
        for (name, tree) in &trees {
            tree.write(&place.path().join(format!("out-{round}")).join(name))
                .unwrap();
        }
    });
    let plain = median(ROUNDS, |round| {
        for (name, tree) in &trees {
            write_plainly(
                tree,
                &place.path().join(format!("plain-{round}")).join(name),
            );
        }
    });
    let row =
        |what: &str, time: Duration| println!("{what:<44}{:>10.1} ms", time.as_secs_f64() * 1e3);
    row("check + build, in memory", compiled);
    row("writing it, flushed to the disk", flushed);
    row("writing the same bytes, not flushed", plain);
    println!(
        "beside writing the same bytes: × {:.1} in memory (goal: ≤ 3)",
        compiled.as_secs_f64() / plain.as_secs_f64()
    );

    let Some(kustomize) = processes::kustomize() else {
        println!("kustomize is not installed: `make engines`");
        return;
    };
    let out = place.path().join("out-0");
    let theirs = median(ROUNDS_OF_PROCESSES, |_| {
        processes::render(&kustomize, &names, &out);
    });
    row("kustomize build of the output, processes", theirs);
    let ratio = |time: Duration| theirs.as_secs_f64() / time.as_secs_f64();
    println!(
        "faster than kustomize: × {:.1} in memory, × {:.1} with writing (goal: ≥ 20, then ≥ 100)",
        ratio(compiled),
        ratio(compiled + flushed)
    );

    let Some(bailiwick) = processes::bailiwick() else {
        println!("the command line is not built: `cargo build --release -p bailiwick`");
        return;
    };
    let verified = median(ROUNDS_OF_PROCESSES, |_| {
        processes::verify(&bailiwick, &project, &out);
    });
    let built = median(ROUNDS_OF_PROCESSES, |round| {
        let out = place.path().join(format!("process-{round}"));
        processes::build(&bailiwick, &project, &out);
    });
    row("bailiwick build --check, a process", verified);
    row("bailiwick build, a process, flushed", built);
    println!(
        "faster than kustomize, process against process: × {:.1} with --check, × {:.1} with writing",
        ratio(verified),
        ratio(built)
    );
}

fn size(tree: &OutputTree) -> usize {
    tree.files().map(|(_, bytes)| bytes.len()).sum()
}

fn write_plainly(tree: &OutputTree, folder: &Path) {
    for (path, bytes) in tree.files() {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

fn median(rounds: usize, mut work: impl FnMut(usize)) -> Duration {
    let mut times: Vec<Duration> = (0..rounds)
        .map(|round| {
            let start = Instant::now();
            work(round);
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[rounds / 2]
}
