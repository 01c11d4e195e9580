//! What the command line understands.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Says which agent may call which MCP tool, checks it, compiles it, and proves it afterwards.
///
/// Exit codes: 0 all is well, 1 something was found, 2 the command could not do its work;
/// `audit verify`: 20 tampered, 21 truncated, 22 a gap or no origin.
#[derive(Debug, Parser)]
#[command(name = "bailiwick", version)]
pub(crate) struct Arguments {
    /// Work on this folder, the one that has `catalogs/` [default: the nearest one upwards].
    #[arg(short = 'C', long = "folder", value_name = "DIR", global = true)]
    pub(crate) folder: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Exit codes of `why`.
const WHY_CODES: &str = "Exit codes: 0 there is a way (also one through another agent, or to what is \
suspended), 1 there is none, 2 the question could not be answered, as when a name is unknown or the catalog \
has mistakes.";

/// Exit codes of `who-can`.
const WHO_CODES: &str = "Exit codes: 0 somebody can, 1 nobody can, 2 the question could not be answered, as \
when a name is unknown or the catalog has mistakes.";

/// Exit codes of `what-can`.
const WHAT_CODES: &str = "Exit codes: 0 the agent can call something, 1 nothing; with --diff 0 nothing \
differs, 1 something does; 2 the question could not be answered, as when a name is unknown or the catalog has \
mistakes.";

/// Exit codes of `graph flows`.
const FLOWS_CODES: &str = "Exit codes: 0 no flow goes without an approval, 1 some flow does, 2 the question \
could not be answered, as when a name is unknown or the catalog has mistakes.";

/// Exit codes of `graph`.
const GRAPH_CODES: &str = "Exit codes: 0 the graph is drawn, 2 it could not be, as when a name is unknown or \
the catalog has mistakes.";

/// Exit codes of `test`.
const TEST_CODES: &str = "Exit codes: 0 every test passed and the catalog has no error, 1 a test failed or \
other errors stand (results are on standard output, errors on standard error), 2 no test could be run, as when \
the environment is unknown or the catalog has mistakes.";

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Put a server and its tools into a catalog; grants nothing.
    Add(Add),
    /// Read servers anew, show what changed in their tools, and write what is accepted.
    Lock(Lock),
    /// Report every problem of the catalogs.
    Check(Check),
    /// Write what is deployed to `snapshots/`, one folder per environment.
    Build(Build),
    /// Run the assertions that the catalogs make about who may call what.
    #[command(after_help = TEST_CODES)]
    Test(Test),
    /// Say why an agent can call a tool, or what is missing.
    #[command(after_help = WHY_CODES)]
    Why(Why),
    /// List the agents that can call a tool.
    #[command(after_help = WHO_CODES)]
    WhoCan(WhoCan),
    /// List the tools that an agent can call.
    #[command(after_help = WHAT_CODES)]
    WhatCan(WhatCan),
    /// Draw the permission graph of an environment, or ask how data can flow through it.
    #[command(after_help = GRAPH_CODES)]
    Graph(Graph),
    /// Explain a finding by its code.
    Explain(Explain),
    /// Serve one environment on this machine, without a cluster.
    Dev(Dev),
    /// Read and verify an audit log.
    Audit(Audit),
}

/// Arguments of `add`. Without `--from`, `--url` and a program, NAME is a server that comes with this
/// program.
#[derive(Debug, Args)]
pub(crate) struct Add {
    /// Name of the server in the catalog.
    pub(crate) name: String,
    /// The team that owns it [default: the only one].
    #[arg(long, value_name = "TEAM")]
    pub(crate) team: Option<String>,
    /// Read the server at this streamable HTTP URL; with --image, that of a running instance.
    #[arg(long, value_name = "URL", conflicts_with = "command")]
    pub(crate) url: Option<String>,
    /// Read a recorded `tools/list` instead of a running server.
    #[arg(long, value_name = "FILE")]
    pub(crate) from: Option<PathBuf>,
    /// The container image that the server runs in.
    #[arg(long, value_name = "REF")]
    pub(crate) image: Option<String>,
    /// Its revision [default: the tag of the image, else what the server says of itself].
    #[arg(long, value_name = "R")]
    pub(crate) revision: Option<String>,
    /// A variable that the server is run with; one that looks like a secret becomes a `secret` line
    /// without its value.
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) env: Vec<String>,
    /// Start this program, and read it through standard input and output.
    #[arg(last = true, value_name = "PROGRAM ARG")]
    pub(crate) command: Vec<String>,
}

/// Arguments of `lock`.
#[derive(Debug, Args)]
pub(crate) struct Lock {
    /// Only these servers [default: all].
    #[arg(value_name = "SERVER")]
    pub(crate) servers: Vec<String>,
    /// Read the server at this URL of a running instance.
    #[arg(long, value_name = "URL", conflicts_with = "from")]
    pub(crate) at: Option<String>,
    /// Read a recorded `tools/list` instead of a running server.
    #[arg(long, value_name = "FILE")]
    pub(crate) from: Option<PathBuf>,
    /// Only this revision, where environments run several.
    #[arg(long, value_name = "R")]
    pub(crate) revision: Option<String>,
    /// Accept the change of this tool.
    #[arg(long, value_name = "SERVER:TOOL")]
    pub(crate) accept: Vec<String>,
    /// Accept every change.
    #[arg(long)]
    pub(crate) accept_all: bool,
    /// Remove definition files that no environment uses.
    #[arg(long)]
    pub(crate) prune: bool,
}

/// Arguments of `check`.
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The folder that has `catalogs/`, instead of -C.
    pub(crate) directory: Option<PathBuf>,
    /// How findings are written.
    #[arg(long, value_enum, default_value_t = Format::Full)]
    pub(crate) format: Format,
    /// Fail from this severity on.
    #[arg(long, value_enum, default_value_t = FailLevel::Error)]
    pub(crate) fail_level: FailLevel,
    /// Today's date for what ends on a day [default: the clock's, UTC].
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) today: Option<String>,
}

/// How findings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// With the lines they are about, for people.
    Full,
    /// One JSON object a line.
    Json,
}

/// From which severity on `check` fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailLevel {
    /// Errors.
    Error,
    /// Warnings and errors.
    Warning,
    /// Anything.
    Note,
}

/// Arguments of `build`.
#[derive(Debug, Args)]
pub(crate) struct Build {
    /// The folder that has `catalogs/`, instead of -C.
    pub(crate) directory: Option<PathBuf>,
    /// Write nothing; print what differs from the files that are there, and fail if anything does.
    #[arg(long)]
    pub(crate) check: bool,
    /// Only this environment [default: all].
    #[arg(long, value_name = "NAME")]
    pub(crate) env: Option<String>,
    /// Folder for the output, relative to the one that has `catalogs/`.
    #[arg(long, value_name = "DIR", default_value = "snapshots")]
    pub(crate) out: PathBuf,
    /// Folder with templates that replace ours, relative to the one that has `catalogs/`.
    #[arg(long, value_name = "DIR", default_value = "templates")]
    pub(crate) templates: PathBuf,
    /// How findings are written.
    #[arg(long, value_enum, default_value_t = Format::Full)]
    pub(crate) format: Format,
}

/// Arguments of `test`.
#[derive(Debug, Args)]
pub(crate) struct Test {
    /// The folder that has `catalogs/`, instead of -C.
    pub(crate) directory: Option<PathBuf>,
    /// Only tests of this environment [default: all].
    #[arg(long, value_name = "NAME")]
    pub(crate) env: Option<String>,
    /// How results are written.
    #[arg(long, value_enum, default_value_t = ResultFormat::Text)]
    pub(crate) format: ResultFormat,
}

/// How results of tests are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ResultFormat {
    /// For people.
    #[value(alias = "full")]
    Text,
    /// One JSON object a line.
    Json,
    /// `JUnit` XML: a suite for each environment.
    Junit,
}

/// How answers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AnswerFormat {
    /// For people.
    Text,
    /// One JSON object.
    Json,
}

/// What each question has besides its subject.
#[derive(Debug, Args)]
pub(crate) struct Asking {
    /// The environment.
    #[arg(long, value_name = "NAME")]
    pub(crate) env: String,
    /// How the answer is written.
    #[arg(long, value_enum, default_value_t = AnswerFormat::Text)]
    pub(crate) format: AnswerFormat,
}

/// Arguments of `why`.
#[derive(Debug, Args)]
pub(crate) struct Why {
    /// The agent.
    pub(crate) agent: String,
    /// The tool, as SERVER:TOOL.
    pub(crate) tool: String,
    #[command(flatten)]
    pub(crate) asking: Asking,
}

/// Arguments of `who-can`.
#[derive(Debug, Args)]
pub(crate) struct WhoCan {
    /// The tool, as SERVER:TOOL.
    pub(crate) tool: String,
    #[command(flatten)]
    pub(crate) asking: Asking,
}

/// Arguments of `what-can`.
#[derive(Debug, Args)]
pub(crate) struct WhatCan {
    /// The agent.
    pub(crate) agent: String,
    #[command(flatten)]
    pub(crate) asking: Asking,
    /// Show how that differs from this environment.
    #[arg(long, value_name = "NAME")]
    pub(crate) diff: Option<String>,
}

/// Arguments of `graph`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Graph {
    /// What to ask, instead of a picture.
    #[command(subcommand)]
    pub(crate) action: Option<GraphAction>,
    /// The environment [default with html: all].
    #[arg(long, value_name = "NAME")]
    pub(crate) env: Option<String>,
    /// What to write.
    #[arg(long, value_enum, default_value_t = PictureFormat::Json)]
    pub(crate) format: PictureFormat,
    /// Write it to this file [default: standard output].
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

/// What a picture is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PictureFormat {
    /// Nodes and edges with the line behind each.
    Json,
    /// For Graphviz.
    Dot,
    /// A Mermaid flowchart, of teams when there are more than 200 edges.
    Mermaid,
    /// An image, of teams when the graph is large.
    Svg,
    /// One page that needs no network: search, filters, paths.
    Html,
}

/// What can be asked of the graph.
#[derive(Debug, Subcommand)]
pub(crate) enum GraphAction {
    /// List how data can flow from tools that give it to tools that take it, shortest first.
    #[command(after_help = FLOWS_CODES)]
    Flows(Flows),
}

/// Arguments of `graph flows`.
#[derive(Debug, Args)]
pub(crate) struct Flows {
    #[command(flatten)]
    pub(crate) asking: Asking,
    /// A data class, which stands for every more sensitive one too, or `untrusted`.
    #[arg(long, value_name = "CLASS|untrusted")]
    pub(crate) from: String,
    /// Where the data goes.
    #[arg(long, value_enum)]
    pub(crate) to: Sink,
}

/// Where data goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Sink {
    /// Tools that send inside the organisation or further.
    Internal,
    /// Tools that send outside.
    External,
    /// Tools that write or destroy.
    Write,
    /// Tools that destroy.
    Destructive,
}

/// Arguments of `explain`.
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// Code of a finding, such as GRA010 [default: list all].
    pub(crate) code: Option<String>,
}

/// Arguments of `dev`.
#[derive(Debug, Args)]
pub(crate) struct Dev {
    /// The folder that has `catalogs/`, instead of -C.
    pub(crate) directory: Option<PathBuf>,
    /// The environment [default: the only one, or the only one of tier dev].
    #[arg(long, value_name = "NAME")]
    pub(crate) env: Option<String>,
    /// Port on 127.0.0.1 of the MCP endpoint.
    #[arg(long, default_value_t = 7474)]
    pub(crate) port: u16,
}

/// Arguments of `audit`.
#[derive(Debug, Args)]
pub(crate) struct Audit {
    /// What to do.
    #[command(subcommand)]
    pub(crate) action: AuditAction,
}

/// What can be done with an audit log.
#[derive(Debug, Subcommand)]
pub(crate) enum AuditAction {
    /// Prove that no record was changed, removed or added.
    Verify {
        /// Folder of one replica's log.
        log: PathBuf,
        /// Fail unless the log still has what an earlier `verify` printed as its anchor.
        #[arg(long, value_name = "SIZE:LEAF")]
        anchor: Option<String>,
        /// How the result is written.
        #[arg(long, value_enum, default_value_t = Format::Full)]
        format: Format,
    },
    /// Print records, oldest first.
    Show {
        /// Folder of one replica's log.
        log: PathBuf,
        /// Only this call: the id in a refusal, and in the header X-Bailiwick-Call.
        call: Option<String>,
        /// Only this agent.
        #[arg(long, value_name = "NAME")]
        agent: Option<String>,
        /// Only this tool, as server:tool, as its name at the server, or as the agent sees it.
        #[arg(long, value_name = "NAME")]
        tool: Option<String>,
        /// How records are written: for people, or the lines of the log as they are.
        #[arg(long, value_enum, default_value_t = Format::Full)]
        format: Format,
    },
}
