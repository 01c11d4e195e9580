//! Compiles catalogs of MCP tools: checks, permissions, manifests, policies, dispatch config.
//!
//! The modules are the pipeline, in this order: source, diagnostic, syntax, grammar, model, lock,
//! environment, graph, checks, bundle, backend, template, output. [`check`] runs it up to the checks, and
//! [`build()`] the rest, with the evidence that [`check`] gave. A [`Workspace`] does what [`check`] does while
//! files are edited.

pub mod answer;
pub mod assertion;
mod backend;
mod build;
mod bundle;
pub mod checks;
mod date;
pub mod diagnostic;
pub mod environment;
mod grammar;
pub mod graph;
pub mod lock;
pub mod model;
mod narrowing;
pub mod output;
mod parallel;
pub mod picture;
pub mod proposal;
pub mod review;
mod script;
pub mod source;
pub mod syntax;
mod template;
mod workspace;
pub mod xml;

use std::sync::Arc;

pub use backend::runtime_config::{RuntimeFiles, for_laptop};
pub use build::{BuildError, Built, build, build_all, runtime_files};
pub use bundle::{Laptop, LaptopServer};
pub use checks::{Checked, Resolved};
pub use date::Date;
pub use grammar::reference;
pub use template::Templates;
pub use workspace::{Findings, Workspace};

use diagnostic::Diagnostic;
use source::{LoadError, Loader, Sources};

/// What a run of the checks gives.
#[derive(Debug)]
pub struct Report {
    /// The files, which findings point into.
    pub sources: Sources,
    /// What is wrong, in the order to show: errors first, then by place.
    pub findings: Vec<Diagnostic>,
    /// The catalog and its environments, as far as they could be made out.
    pub resolved: Arc<Resolved>,
    /// Evidence that nothing stops a build; none when a finding is an error.
    pub checked: Option<Checked>,
}

/// Reads everything below `catalogs/` and checks it. Only exceptions and grants that have ended depend on
/// `today`.
///
/// # Errors
/// When a folder or file cannot be read. What is wrong in a file is a finding.
pub fn check(loader: &dyn Loader, today: &Date) -> Result<Report, LoadError> {
    workspace::check(loader, today)
}
