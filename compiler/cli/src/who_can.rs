//! `bailiwick who-can`: lists the agents that can call a tool.

use std::path::Path;

use crate::Terminal;
use crate::arguments::WhoCan;
use crate::asked::{Asked, tell};
use crate::failure::Failure;

/// Runs the command.
pub(crate) fn run(
    folder: Option<&Path>,
    options: &WhoCan,
    terminal: &mut Terminal<'_>,
) -> Result<u8, Failure> {
    let asked = Asked::read(folder)?;
    let answer = asked.about(&options.asking.env)?.who_can(&options.tool)?;
    tell(&answer, options.asking.format, terminal)
}
