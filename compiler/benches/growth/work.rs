//! What one process measures.

use std::fmt::{self, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use bailiwick_compiler::answer::Inquiry;
use bailiwick_compiler::graph::NodeKind;
use bailiwick_compiler::model::{FlowSink, FlowSource};
use bailiwick_compiler::source::{Disk, Loader as _};
use bailiwick_compiler::{Date, Report, Templates, Workspace, build_all, check};
use bailiwick_organisation::TODAY;

/// Changes of one file, of which the median counts.
const EDITS: usize = 21;

/// Questions of each kind that are asked.
const QUESTIONS: usize = 200;

/// Milliseconds of processor and clock, and the most memory that the process had, MiB.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measured {
    pub(crate) cpu: f64,
    pub(crate) wall: f64,
    pub(crate) memory: f64,
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.cpu, self.wall, self.memory)
    }
}

impl Measured {
    /// What a process printed.
    pub(crate) fn parse(line: &str) -> Self {
        let mut numbers = line
            .split_whitespace()
            .map(|number| number.parse().unwrap());
        let mut next = || numbers.next().unwrap();
        Self {
            cpu: next(),
            wall: next(),
            memory: next(),
        }
    }

    fn of(work: impl FnOnce()) -> Self {
        let (start, before) = (Instant::now(), cpu());
        work();
        Self {
            cpu: cpu() - before,
            wall: milliseconds(start.elapsed()),
            memory: peak(),
        }
    }
}

/// Does the work of this name, and tells what it took.
pub(crate) fn run(work: &str, folder: &Path) -> String {
    let today = Date::parse(TODAY).unwrap();
    let disk = Disk::open(folder).unwrap();
    let checked = || check(&disk, &today).unwrap();
    match work {
        "check" => Measured::of(|| drop(checked())).to_string(),
        "build" => Measured::of(|| {
            let checked = checked().checked.unwrap();
            let names = checked.environments().keys();
            let names: Vec<&str> = names.map(|name| &**name).collect();
            drop(build_all(&checked, &names, &Templates::shipped()).unwrap());
        })
        .to_string(),
        "what-can" => Measured::of(|| {
            let report = checked();
            let (environment, of) = report.resolved.environments.iter().next().unwrap();
            let inquiry = Inquiry::new(&report.sources, &report.resolved, environment).unwrap();
            let agent = of.agents.keys().next().unwrap();
            drop(inquiry.what_can(agent, None).unwrap().to_text());
        })
        .to_string(),
        "edit overlay" => edits(disk, "prod.kdl", &today).to_string(),
        "edit catalog" => edits(disk, "catalog.kdl", &today).to_string(),
        "questions" => questions(&checked()),
        _ => panic!("{work}"),
    }
}

/// The median of changes of one file of a team in the middle, which move everything in it.
fn edits(disk: Disk, name: &str, today: &Date) -> Measured {
    let mut files = disk.list("catalogs").unwrap();
    files.retain(|path| path.ends_with(name));
    let path = files[files.len() / 2].clone();
    let text = String::from_utf8(disk.read(&path, 1 << 20).unwrap()).unwrap();
    let mut workspace = Workspace::new(disk);
    assert_eq!(workspace.check(today).unwrap().findings, []);
    let mut all: Vec<Measured> = (0..EDITS)
        .map(|edit| {
            workspace.write(&path, format!("// edit {edit}\n{text}"));
            Measured::of(|| assert_eq!(workspace.check(today).unwrap().findings, []))
        })
        .collect();
    all.sort_by(|one, other| one.wall.total_cmp(&other.wall));
    all[EDITS / 2]
}

/// How long questions about the environment with the most tools take.
fn questions(report: &Report) -> String {
    let graphs = report.resolved.graphs.iter();
    let (name, graph) = graphs
        .max_by_key(|(_, graph)| graph.tools().count())
        .unwrap();
    let inquiry = Inquiry::new(&report.sources, &report.resolved, name).unwrap();
    let of_kind = |kind: NodeKind| -> Vec<String> {
        let nodes = graph.nodes().filter(|(_, node)| node.kind == kind);
        nodes.map(|(_, node)| node.to_string()).collect()
    };
    let (agents, tools) = (of_kind(NodeKind::Agent), of_kind(NodeKind::Tool));
    let mut text = String::new();
    let mut ask = |what: &str, question: &dyn Fn(&str, &str)| {
        let before = cpu();
        for number in 0..QUESTIONS {
            question(
                &agents[number % agents.len()],
                &tools[number * 7 % tools.len()],
            );
        }
        let each = (cpu() - before) / f64::from(u32::try_from(QUESTIONS).unwrap());
        writeln!(text, "    {what:<20}{each:>10.3} ms CPU each").unwrap();
    };
    ask("why", &|agent, tool| {
        drop(inquiry.why(agent, tool).unwrap());
    });
    ask("who-can", &|_, tool| drop(inquiry.who_can(tool).unwrap()));
    ask("what-can", &|agent, _| {
        drop(inquiry.what_can(agent, None).unwrap());
    });
    ask("graph flows", &|_, _| {
        drop(inquiry.flows(&FlowSource::Untrusted, FlowSink::Write));
    });
    format!(
        "    questions about {name}: {} agents, {} tools\n{text}",
        agents.len(),
        tools.len()
    )
}

/// Processor time of this process, milliseconds.
fn cpu() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    milliseconds(Duration::new(
        u64::try_from(time.tv_sec).unwrap(),
        u32::try_from(time.tv_nsec).unwrap(),
    ))
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// The most memory that this process had, MiB.
fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.unwrap().trim().strip_suffix(" kB").unwrap();
    kib.parse::<f64>().unwrap() / 1024.0
}
