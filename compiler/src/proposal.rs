//! The `server` block that is proposed for a list of tools. It says what the server says, takes the worst
//! where nothing is known, marks each line for the reviewer, and grants nothing.

mod append;
mod facts;
mod text;

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::checks::secrets::{argument_is_secret, variable_is_secret};
use crate::diagnostic::visible::visible;
use crate::grammar::value::{image, names};
use crate::lock::{FileError, Origin};

pub use append::{AppendError, append};
use facts::propose;
use text::{comment, line, word};

/// What a `server` block is proposed for.
#[derive(Clone, Copy, Debug)]
pub struct Proposal<'p> {
    /// Name of the server in the catalog.
    pub server: &'p str,
    /// The team to write, where the folder does not imply it.
    pub team: Option<&'p str>,
    /// Revision.
    pub revision: &'p str,
    /// What runs it, or where it is.
    pub origin: &'p Origin,
    /// Variables that it is run with. Values that look secret are never written.
    pub variables: &'p BTreeMap<String, String>,
    /// Its tools by name, as [`crate::lock::DefinitionFile::tools_by_name`] gives them.
    pub tools: &'p BTreeMap<String, &'p RawValue>,
}

/// Why nothing can be proposed.
#[derive(Debug, thiserror::Error)]
pub enum ProposalError {
    /// Not a name.
    #[error("`{0}` is no name: lower-case letters, digits and single dashes, at most 40")]
    Name(String),
    /// Not a revision.
    #[error("the revision is not 1 to 128 of A-Z a-z 0-9 _ . -")]
    Revision,
    /// A reference that is none.
    #[error("`{0}` is no image reference")]
    Image(String),
    /// A tag and another revision.
    #[error("the tag of the image is the revision: `{tag}`, not `{revision}`")]
    OtherRevision {
        /// The tag.
        tag: String,
        /// The revision that was asked for.
        revision: String,
    },
    /// A variable that no shell would know.
    #[error("`{0}` is no name of a variable")]
    Variable(String),
    /// A word that seems to be a secret, counted from 1.
    #[error(
        "word {0} of the command line looks like a secret (not shown); give it as a variable, which becomes a `secret`"
    )]
    SecretArgument(usize),
    /// Variables of a server that does not run here.
    #[error("variables are for a server that a catalog runs, not for one at a URL")]
    Variables,
    /// A tool that is none.
    #[error(transparent)]
    Definition(#[from] FileError),
}

impl Proposal<'_> {
    /// The block as KDL text, with a comment for the reviewer on each line that is a guess.
    ///
    /// # Errors
    /// When what is asked for has no place in a catalog.
    pub fn to_kdl(&self) -> Result<String, ProposalError> {
        if !names::is_name(self.server) {
            return Err(ProposalError::Name(visible(self.server).into_owned()));
        }
        if !names::is_tag(self.revision) {
            return Err(ProposalError::Revision);
        }
        let mut block = String::new();
        block.push_str(
            "// Proposed from what the server says of itself. Review each line, then remove its comment.\n",
        );
        block.push_str(&self.head()?);
        for line in self.origin_lines()? {
            block.push_str(&line);
        }
        for line in self.variable_lines()? {
            block.push_str(&line);
        }
        if !self.tools.is_empty() {
            block.push('\n');
        }
        for (name, definition) in self.tools {
            block.push_str(&self.tool_line(name, definition)?);
        }
        block.push_str("}\n");
        Ok(block)
    }

    fn head(&self) -> Result<String, ProposalError> {
        let team = self
            .team
            .map_or_else(String::new, |team| format!(" team={team}"));
        let version = match &self.tag()? {
            Some(tag) if tag == self.revision => String::new(),
            Some(tag) => {
                return Err(ProposalError::OtherRevision {
                    tag: tag.clone(),
                    revision: self.revision.to_owned(),
                });
            }
            None => format!(" version={}", text::quoted(self.revision)),
        };
        Ok(format!("server {}{team}{version} {{\n", self.server))
    }

    fn tag(&self) -> Result<Option<String>, ProposalError> {
        let Some(reference) = &self.origin.image else {
            return Ok(None);
        };
        let image = image::parse(reference)
            .ok_or_else(|| ProposalError::Image(visible(reference).into_owned()))?;
        Ok(image.tag)
    }

    fn origin_lines(&self) -> Result<Vec<String>, ProposalError> {
        let one = |node: &str, value: &Option<String>| {
            let value = value.as_ref()?;
            Some(line(node, [text::quoted(value)]))
        };
        let many = |node: &str, values: &Option<Vec<String>>| {
            let values = values.as_ref()?;
            Some(line(node, values.iter().map(|value| text::quoted(value))))
        };
        for words in [&self.origin.args, &self.origin.command]
            .into_iter()
            .flatten()
        {
            if let Some(index) = argument_is_secret(words) {
                return Err(ProposalError::SecretArgument(index + 1));
            }
        }
        let lines = [
            one("image", &self.origin.image),
            many("args", &self.origin.args),
            many("command", &self.origin.command),
            one("url", &self.origin.url),
            one("service", &self.origin.service),
        ];
        Ok(lines.into_iter().flatten().collect())
    }

    fn variable_lines(&self) -> Result<Vec<String>, ProposalError> {
        let is_elsewhere = self.origin.url.is_some() || self.origin.service.is_some();
        if is_elsewhere && !self.variables.is_empty() {
            return Err(ProposalError::Variables);
        }
        let lines = self.variables.iter().map(|(name, value)| {
            if !names::is_variable(name) {
                return Err(ProposalError::Variable(visible(name).into_owned()));
            }
            Ok(if variable_is_secret(name, value) {
                format!(
                    "    secret {} from={}-secrets key={} // review: name the Secret that has it; its value was not written\n",
                    word(name),
                    self.server,
                    word(name)
                )
            } else {
                line("env", [word(name), text::quoted(value)])
            })
        });
        lines.collect()
    }

    fn tool_line(&self, name: &str, definition: &RawValue) -> Result<String, ProposalError> {
        if !names::is_tool(name) {
            return Ok(format!(
                "    // review: left out, since it is no tool name: {}\n",
                comment(name)
            ));
        }
        let proposed = propose(name, definition)?;
        let own = format!("{}_{name}", self.server).replace('.', "_");
        let exposed = if own.len() > 64 && names::is_exposed(name) {
            format!(" as={}", word(name))
        } else {
            String::new()
        };
        Ok(format!(
            "    tool {} {}{exposed} // review: {}\n",
            word(name),
            proposed.properties(),
            proposed.reasons()
        ))
    }
}

#[cfg(test)]
mod tests;
