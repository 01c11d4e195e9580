//! `bailiwick why`: says why an agent can call a tool, or what is missing.

use std::path::Path;

use crate::Terminal;
use crate::arguments::Why;
use crate::asked::{Asked, tell};
use crate::failure::Failure;

/// Runs the command.
pub(crate) fn run(
    folder: Option<&Path>,
    options: &Why,
    terminal: &mut Terminal<'_>,
) -> Result<u8, Failure> {
    let asked = Asked::read(folder)?;
    let inquiry = asked.about(&options.asking.env)?;
    let answer = inquiry.why(&options.agent, &options.tool)?;
    tell(&answer, options.asking.format, terminal)
}
