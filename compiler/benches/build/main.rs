//! `check` and `build` of a generated organisation, against `kustomize build` of the output and against
//! writing the same bytes.
//!
//! `cargo bench -p bailiwick-compiler --bench build` prints a table. kustomize is the one that `make engines`
//! installs; without it its row is missing.

#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and stops at what goes wrong"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use bailiwick_compiler::output::OutputTree;
use bailiwick_compiler::source::Disk;
use bailiwick_compiler::{Date, Templates, build_all, check};
use bailiwick_organisation::{Organisation, TODAY};

/// Rounds of ours, and of kustomize; medians are printed.
const ROUNDS: usize = 9;
const ROUNDS_OF_KUSTOMIZE: usize = 3;

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
    let ours = compiled + flushed;
    let row =
        |what: &str, time: Duration| println!("{what:<44}{:>10.1} ms", time.as_secs_f64() * 1e3);
    row("check + build, in memory", compiled);
    row("writing it, flushed to the disk", flushed);
    row("writing the same bytes, not flushed", plain);
    if let Some(program) = kustomize() {
        let out = place.path().join("out-0");
        let theirs = median(ROUNDS_OF_KUSTOMIZE, |_| render(&program, &names, &out));
        row("kustomize build of the output", theirs);
        let ratio = |time: Duration| theirs.as_secs_f64() / time.as_secs_f64();
        println!(
            "faster than kustomize: × {:.1} in memory, × {:.1} with writing (goal: ≥ 20)",
            ratio(compiled),
            ratio(ours)
        );
    } else {
        println!("kustomize is not installed: `make engines`");
    }
    println!(
        "beside writing the same bytes: × {:.1} in memory",
        compiled.as_secs_f64() / plain.as_secs_f64()
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

/// Renders what a deployment applies: each environment's two folders.
fn render(program: &Path, names: &[&str], out: &Path) {
    for name in names {
        for part in ["cluster", "namespace"] {
            let folder = out.join(name).join(part);
            let output = Command::new(program)
                .arg("build")
                .arg(folder)
                .output()
                .unwrap();
            assert!(
                output.status.success(),
                "{}",
                String::from_utf8_lossy(&output.stderr)
            );
            assert!(!output.stdout.is_empty());
        }
    }
}

fn kustomize() -> Option<PathBuf> {
    let cache = std::env::var_os("BAILIWICK_CACHE").map_or_else(
        || PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache/bailiwick"),
        PathBuf::from,
    );
    Some(cache.join("engines/bin/kustomize")).filter(|program| program.is_file())
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
