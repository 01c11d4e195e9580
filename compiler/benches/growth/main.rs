//! How time and memory grow with an organisation: `check`, `build`, `what-can`, one changed file in an editor,
//! and questions about the permission graph.
//!
//! `cargo bench -p bailiwick-compiler --bench growth` prints tables; `-- 1000 10000` takes other sizes. Every
//! figure of a table comes from processes of its own, so that the memory is that of the work alone. Time is
//! processor time, which others on the machine change least.

#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and stops at what goes wrong"
)]

mod work;

use std::path::Path;
use std::process::Command;

use bailiwick_organisation::Organisation;

use work::Measured;

/// Tools of the organisations.
const SIZES: [usize; 4] = [100, 1_000, 10_000, 100_000];

/// What is measured of each, each in a process of its own.
const WORKS: [&str; 5] = ["check", "build", "what-can", "edit overlay", "edit catalog"];

/// The goal for time and memory of ten times the tools.
const MOST_GROWTH: f64 = 11.0;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [own, work, folder] = arguments.as_slice()
        && own == "measure"
    {
        println!("{}", work::run(work, Path::new(folder)));
        return;
    }
    let sizes: Vec<usize> = arguments
        .iter()
        .filter_map(|one| one.parse().ok())
        .collect();
    let sizes = if sizes.is_empty() {
        SIZES.to_vec()
    } else {
        sizes
    };
    println!(
        "{:<14}{:>9}{:>12}{:>12}{:>12}",
        "", "tools", "CPU ms", "wall ms", "peak MiB"
    );
    let mut rows: Vec<(&str, usize, Measured)> = Vec::new();
    for size in sizes {
        let place = tempfile::tempdir().unwrap();
        let organisation = Organisation::new(size, 1);
        organisation.write(place.path()).unwrap();
        for work in WORKS {
            let measured = measure(work, place.path(), size);
            println!(
                "{work:<14}{:>9}{:>12.1}{:>12.1}{:>12.1}",
                organisation.tools, measured.cpu, measured.wall, measured.memory
            );
            rows.push((work, organisation.tools, measured));
        }
        if size >= 10_000 {
            print!("{}", child("questions", place.path()));
        }
    }
    for (work, tools, measured) in &rows {
        let ten = rows
            .iter()
            .find(|row| row.0 == *work && row.1 * 10 == *tools);
        if let Some((_, fewer, before)) = ten {
            println!(
                "{work:<14}{fewer:>9} → {tools}: time × {:.1}, memory × {:.1}{}",
                measured.cpu / before.cpu,
                measured.memory / before.memory,
                if work.starts_with("edit") {
                    String::new()
                } else {
                    format!(" (goal: ≤ {MOST_GROWTH})")
                }
            );
        }
    }
}

/// The median of several processes, by processor time.
fn measure(work: &str, folder: &Path, size: usize) -> Measured {
    let rounds = if size > 10_000 { 1 } else { 5 };
    let mut all: Vec<Measured> = (0..rounds)
        .map(|_| Measured::parse(&child(work, folder)))
        .collect();
    all.sort_by(|one, other| one.cpu.total_cmp(&other.cpu));
    all[rounds / 2]
}

fn child(work: &str, folder: &Path) -> String {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["measure", work])
        .arg(folder)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    text
}
