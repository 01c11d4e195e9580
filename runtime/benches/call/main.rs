//! One call through dispatch, beside the direct call, a bare hyper proxy and an rmcp proxy, all in one run.
//!
//! `cargo bench -p bailiwick-runtime --bench call` prints a table. The gateways run one at a time on one
//! core, the upstream and the callers on the other. CPU time is the gateway process's own, from the kernel.

#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::allow_attributes,
    reason = "a bench prints, waits and gives up loudly"
)]

mod gateway;
mod hyper_proxy;
mod load;
mod rmcp_proxy;
#[path = "../../tests/support/mod.rs"]
mod support;
mod upstream;

use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use gateway::{Gateway, Kind};
use http::Uri;
use rustix::fs::{FallocateFlags, fallocate};
use rustix::time::{ClockId, Timespec, clock_gettime};
use tokio::net::TcpListener;

/// Rounds per gateway and number of callers; they are interleaved, and medians are printed.
const ROUNDS: usize = 3;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let runtime = |threads| {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(threads)
            .enable_all()
            .build()
            .unwrap()
    };
    match arguments.get(1).map(String::as_str) {
        Some(role @ ("upstream" | "hyper" | "rmcp")) => {
            let behind = arguments.get(2).cloned().unwrap_or_default();
            runtime(1).block_on(play(role, &behind));
        }
        Some("unaudited") => {
            let folder = PathBuf::from(&arguments[2]);
            runtime(1).block_on(gateway::serve_unaudited(folder, &arguments[3]));
        }
        _ => {
            gateway::pin_callers();
            runtime(1).block_on(compare());
        }
    }
}

/// Plays one part in a process of its own, in front of `behind`; says where it listens.
async fn play(role: &str, behind: &str) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    println!("listening on http://{address}/mcp");
    match role {
        "upstream" => upstream::serve(listener).await,
        "hyper" => hyper_proxy::serve(listener, behind.parse().unwrap()).await,
        _ => rmcp_proxy::serve(listener, behind.parse().unwrap()).await,
    }
}

async fn compare() {
    let upstream = Gateway::start(Kind::Upstream, None);
    let target: Uri = upstream.url.parse().unwrap();
    let mut gateways = vec![];
    for kind in [Kind::Hyper, Kind::Rmcp, Kind::Dispatch, Kind::Unaudited] {
        gateways.push(Gateway::start(kind, Some(&upstream.url)));
    }
    println!(
        "{:<22}{:>8}{:>12}{:>12}{:>12}{:>14}{:>12}",
        "", "callers", "p50 µs", "p99 µs", "calls/s", "CPU µs/call", "RSS MiB"
    );
    let mut cpu_of = std::collections::BTreeMap::new();
    for (callers, calls) in [(1, 3_000), (16, 32_000), (128, 51_200)] {
        let mut rows: Vec<Vec<(load::Round, Duration)>> =
            (0..=gateways.len()).map(|_| Vec::new()).collect();
        for _ in 0..ROUNDS {
            let direct = load::run(&target, "none", upstream::TOOL, callers, calls).await;
            rows[0].push((direct, Duration::ZERO));
            for (gateway, row) in gateways.iter().zip(&mut rows[1..]) {
                let url: Uri = gateway.url.parse().unwrap();
                let before = gateway.cpu();
                let round = load::run(&url, &gateway.token, &gateway.tool, callers, calls).await;
                row.push((round, gateway.cpu().saturating_sub(before)));
            }
        }
        for (at, row) in rows.into_iter().enumerate() {
            let gateway = at.checked_sub(1).map(|at| &gateways[at]);
            let name = gateway.map_or("direct", |gateway| gateway.kind.name());
            let cpu = median(
                row.iter()
                    .map(|(round, cpu)| cpu.as_secs_f64() * 1e6 / round.calls()),
            );
            let rss = gateway.map_or(String::new(), |gateway| {
                format!("{:.0}", gateway.resident())
            });
            println!(
                "{name:<22}{callers:>8}{:>12.0}{:>12.0}{:>12.0}{cpu:>14.1}{rss:>12}",
                median(
                    row.iter()
                        .map(|(round, _)| round.quantile(0.5).as_secs_f64() * 1e6)
                ),
                median(
                    row.iter()
                        .map(|(round, _)| round.quantile(0.99).as_secs_f64() * 1e6)
                ),
                median(row.iter().map(|(round, _)| round.rate())),
            );
            cpu_of.insert((callers, name), cpu);
        }
    }
    println!("\nCPU per call, dispatch with its audit log against …");
    for callers in [1, 16, 128] {
        let ours = cpu_of[&(callers, Kind::Dispatch.name())];
        let hyper = cpu_of[&(callers, Kind::Hyper.name())];
        let rmcp = cpu_of[&(callers, Kind::Rmcp.name())];
        let unaudited = cpu_of[&(callers, Kind::Unaudited.name())];
        println!(
            "  {callers:>3} callers: hyper × {:.2} (without a log × {:.2}; goal ≤ 2), rmcp × {:.2} (without a log × {:.2}, hyper × {:.2}; goal ≤ 0.25)",
            ours / hyper,
            unaudited / hyper,
            ours / rmcp,
            unaudited / rmcp,
            hyper / rmcp,
        );
    }
    println!(
        "two durable writes of a record by themselves, with nothing to share them: CPU {:.0} µs",
        durable_writes()
    );
    for gateway in &gateways {
        println!(
            "{:<22} resident {:.0} MiB idle, {:.0} MiB at its peak",
            gateway.kind.name(),
            gateway.idle,
            gateway.peak()
        );
    }
}

/// The floor of a call's audit: CPU time, in µs, of writing 700 bytes to a file that has its full
/// length already, as the log does, and waiting for the disk, twice.
fn durable_writes() -> f64 {
    const WRITES: u32 = 4_000;
    let mut file = tempfile::tempfile().unwrap();
    let record = [b'x'; 700];
    let length = u64::from(WRITES) * record.len() as u64;
    fallocate(&file, FallocateFlags::empty(), 0, length).unwrap();
    file.sync_all().unwrap();
    let before = clock_gettime(ClockId::ThreadCPUTime);
    for _ in 0..WRITES {
        file.write_all(&record).unwrap();
        file.sync_data().unwrap();
    }
    let after = clock_gettime(ClockId::ThreadCPUTime);
    let since = |time: Timespec| {
        Duration::new(
            time.tv_sec.cast_unsigned(),
            u32::try_from(time.tv_nsec).unwrap(),
        )
    };
    let spent = since(after).saturating_sub(since(before));
    spent.as_secs_f64() * 1e6 / f64::from(WRITES / 2)
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
