//! What the user accepts.

use bailiwick_compiler::diagnostic::Diagnostic;

use crate::arguments::Lock;
use crate::failure::Failure;

/// The changes that the arguments accept.
#[derive(Debug)]
pub(super) struct Accepted<'a> {
    /// Every one.
    pub(super) all: bool,
    tools: Vec<(&'a str, &'a str)>,
}

impl<'a> Accepted<'a> {
    /// Reads `--accept server:tool`.
    ///
    /// # Errors
    /// When a text is not of that form.
    pub(super) fn parse(options: &'a Lock) -> Result<Self, Failure> {
        let tools = options.accept.iter().map(|text| {
            text.split_once(':').ok_or_else(|| {
                Failure::Usage(format!(
                    "--accept takes SERVER:TOOL, and `{text}` is not that"
                ))
            })
        });
        Ok(Self {
            all: options.accept_all,
            tools: tools.collect::<Result<_, _>>()?,
        })
    }

    /// Whether a change of this tool is accepted.
    pub(super) fn covers(&self, server: &str, tool: &str) -> bool {
        self.all || self.tools.contains(&(server, tool))
    }
}

/// A finding about the words of a tool, with the way to accept them.
pub(super) fn named(mut finding: Diagnostic, server: &str) -> Diagnostic {
    let tool = finding.message.split('`').nth(1).unwrap_or_default();
    let way = format!("; to accept: `bailiwick lock {server} --accept {tool}`");
    finding.help = finding.help.map(|help| help + &way);
    finding
}
