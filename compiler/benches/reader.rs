//! Our reader against the `kdl` crate, on text like a catalog's and on dense text.
//!
//! `cargo bench -p bailiwick-compiler --bench reader` prints a row for each text and both readers,
//! and how many times faster ours is. `-- 1` measures only 1 MB.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and stops at what goes wrong"
)]

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::{Duration, Instant};

use bailiwick_compiler::source::Sources;
use bailiwick_compiler::syntax::{Limits, read_within};
use kdl::KdlDocument;

/// A million bytes, as in MB/s.
const MEGA: usize = 1_000_000;

/// No limit but those of memory.
const UNLIMITED: Limits = Limits {
    file: usize::MAX,
    nodes: usize::MAX,
    depth: 64,
    mistakes: 1,
};

fn main() {
    // Cargo passes `--bench`, which is no size.
    let asked: Vec<usize> = std::env::args()
        .filter_map(|size| size.parse().ok())
        .collect();
    let sizes = if asked.is_empty() { vec![1, 20] } else { asked };
    println!(
        "{:<16}{:>10}{:>14}{:>14}{:>9}",
        "text", "nodes", "ours MB/s", "kdl MB/s", "ratio"
    );
    for size in sizes {
        for (name, text) in [
            ("catalog", catalog(size * MEGA)),
            ("dense", dense(size * MEGA)),
        ] {
            measure(
                &format!("{name} {size} MB"),
                &text,
                if size > 1 { 1 } else { 3 },
            );
        }
    }
}

fn measure(name: &str, text: &str, rounds_of_crate: usize) {
    let mut sources = Sources::default();
    let file = sources.add("catalogs/org.kdl".into(), String::new());
    let mut found = Vec::new();
    let nodes = read_within(UNLIMITED, file, text, &mut found).nodes.len();
    assert!(found.is_empty(), "{found:?}");
    let ours = median(21, || {
        let document = read_within(UNLIMITED, file, black_box(text), &mut found);
        drop(black_box(document));
    });
    let theirs = median(rounds_of_crate, || {
        let document = KdlDocument::parse_v2(black_box(text)).expect("the text is good");
        assert_eq!(document.nodes().len(), nodes);
        drop(black_box(document));
    });
    println!(
        "{name:<16}{nodes:>10}{:>14.1}{:>14.2}{:>8.0}x",
        speed(text, ours),
        speed(text, theirs),
        theirs.as_secs_f64() / ours.as_secs_f64(),
    );
}

/// Megabytes a second.
#[expect(clippy::cast_precision_loss, reason = "sizes are far below 2^52")]
fn speed(text: &str, time: Duration) -> f64 {
    text.len() as f64 / MEGA as f64 / time.as_secs_f64()
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn median(rounds: usize, mut work: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..rounds)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[times.len() / 2]
}

/// Servers with tools, prose, settings and schemas in raw strings.
fn catalog(bytes: usize) -> String {
    let mut text = String::with_capacity(bytes + 4096);
    let mut server = 0;
    while text.len() < bytes {
        server += 1;
        write!(
            text,
            "// What server {server} is for: the team's tickets, and notes about them.\n\
             server service-{server} team=support {{\n    \
             describe \"Reads and answers tickets of queue {server}; \\\"urgent\\\" ones first\"\n    \
             image \"registry.example/mcp/service-{server}:1.{server}.0\"\n    \
             secret SERVICE_TOKEN from=service-{server}-api key=token\n    \
             egress \"service-{server}.example:443\"\n    \
             limit 60 per=\"1m\" concurrent=4 max-args=\"32KiB\"\n"
        )
        .unwrap();
        for tool in 0..6 {
            write!(
                text,
                "    tool get_ticket_{tool} effect=read reads=internal content=untrusted {{\n        \
                 describe \"Gives one ticket of the queue by its number, with its comments and files\"\n        \
                 schema #\"{{\"type\":\"object\",\"properties\":{{\"id\":{{\"type\":\"integer\",\"minimum\":1}},\"full\":{{\"type\":\"boolean\"}}}},\"required\":[\"id\"]}}\"#\n        \
                 timeout \"10s\"\n    }}\n"
            )
            .unwrap();
        }
        text.push_str("}\n\n");
    }
    text
}

/// Little but names and values.
fn dense(bytes: usize) -> String {
    let mut text = String::with_capacity(bytes + 256);
    let mut agent = 0;
    while text.len() < bytes {
        agent += 1;
        writeln!(
            text,
            "grant agent-{agent} a:get_* b:put c:* until=\"2027-03-31\" mode=enforce {{\n    limit {agent} per=\"1m\"\n    timeout \"5s\"\n}}"
        )
        .unwrap();
    }
    text
}
