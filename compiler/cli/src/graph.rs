//! `bailiwick graph`: asks the whole permission graph.

use std::path::Path;

use bailiwick_compiler::model::FlowSink;

use crate::Terminal;
use crate::arguments::{Flows, Graph, GraphAction, Sink};
use crate::asked::{Asked, tell};
use crate::failure::Failure;

/// Runs the command.
pub(crate) fn run(
    folder: Option<&Path>,
    options: &Graph,
    terminal: &mut Terminal<'_>,
) -> Result<u8, Failure> {
    match &options.action {
        GraphAction::Flows(options) => flows(folder, options, terminal),
    }
}

fn flows(
    folder: Option<&Path>,
    options: &Flows,
    terminal: &mut Terminal<'_>,
) -> Result<u8, Failure> {
    let asked = Asked::read(folder, terminal)?;
    let inquiry = asked.about(&options.env)?;
    let from = inquiry.source(&options.from)?;
    let to = match options.to {
        Sink::Internal => FlowSink::Internal,
        Sink::External => FlowSink::External,
        Sink::Write => FlowSink::Write,
        Sink::Destructive => FlowSink::Destructive,
    };
    tell(&inquiry.flows(&from, to), options.format, terminal)
}
