//! `bailiwick what-can`: lists the tools that an agent can call.

use std::path::Path;

use crate::Terminal;
use crate::arguments::WhatCan;
use crate::asked::{Asked, tell};
use crate::failure::Failure;

/// Runs the command.
pub(crate) fn run(
    folder: Option<&Path>,
    options: &WhatCan,
    terminal: &mut Terminal<'_>,
) -> Result<u8, Failure> {
    let asked = Asked::read(folder)?;
    let inquiry = asked.about(&options.asking.env)?;
    let other = options.diff.as_deref().map(|other| asked.about(other));
    let answer = inquiry.what_can(&options.agent, other.transpose()?.as_ref())?;
    tell(&answer, options.asking.format, terminal)
}
