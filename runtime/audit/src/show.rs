//! Reads records back, filtered, one at a time.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::vec;

use crate::folder::{self, SegmentFile};
use crate::record::{Kind, Record};
use crate::walk::{Fault, Lines};

/// Most calls that a filter follows at the same time from intent to outcome.
const MAX_FOLLOWED: usize = 65_536;

/// Which records to show; an absent part accepts all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Call id.
    pub call: Option<String>,
    /// The agent's name. Its calls are shown with their outcomes.
    pub agent: Option<String>,
    /// A tool as `server:tool`, as its name at the server, or as its exposed name.
    pub tool: Option<String>,
}

/// One record that passed the filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The record.
    pub record: Record,
    /// Its line, byte for byte.
    pub line: String,
}

/// Why a line cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum ShowError {
    /// The line is no record. The next ones may be.
    #[error("byte {offset} of {segment} holds no record: {fault}")]
    Line {
        /// Name of the segment file.
        segment: String,
        /// Where the line begins, bytes.
        offset: u64,
        /// What is wrong with it.
        fault: Fault,
    },
    /// The log cannot be read. Nothing follows.
    #[error("the audit log cannot be read")]
    Io(#[source] io::Error),
}

/// The records of the log in `folder` that pass `filter`, in order. Hash chain and completeness
/// are [`verify()`](crate::verify())'s to judge.
///
/// # Errors
/// When the folder cannot be read.
pub fn show(folder: &Path, filter: Filter) -> io::Result<Records> {
    Ok(Records {
        segments: folder::segments(folder)?.into_iter(),
        current: None,
        filter,
        followed: BTreeSet::new(),
    })
}

/// Iterator over records; made by [`show`].
#[derive(Debug)]
pub struct Records {
    segments: vec::IntoIter<SegmentFile>,
    current: Option<(String, Lines)>,
    filter: Filter,
    /// Calls whose intent passed the filter and whose outcome is still to come.
    followed: BTreeSet<String>,
}

impl Iterator for Records {
    type Item = Result<Shown, ShowError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.read() {
                Ok(Some(shown)) if self.passes(&shown.record) => return Some(Ok(shown)),
                Ok(Some(_)) => {}
                Ok(None) => return None,
                Err(error) => {
                    if matches!(error, ShowError::Io(_)) {
                        (self.segments, self.current) = (Vec::new().into_iter(), None);
                    }
                    return Some(Err(error));
                }
            }
        }
    }
}

impl Records {
    /// The next record, whatever it is.
    fn read(&mut self) -> Result<Option<Shown>, ShowError> {
        loop {
            let Some((segment, lines)) = &mut self.current else {
                let Some(next) = self.segments.next() else {
                    return Ok(None);
                };
                let is_last = self.segments.len() == 0;
                let lines = Lines::open(&next.path, is_last).map_err(ShowError::Io)?;
                self.current = Some((next.name(), lines));
                continue;
            };
            let Some(line) = lines.next().map_err(ShowError::Io)? else {
                self.current = None;
                continue;
            };
            let shown = line.content.and_then(|line| {
                let record = serde_json::from_slice(line).map_err(|_| Fault::NoRecord)?;
                let line = String::from_utf8(line.to_vec()).map_err(|_| Fault::NoRecord)?;
                Ok(Shown { record, line })
            });
            return shown.map(Some).map_err(|fault| ShowError::Line {
                segment: segment.clone(),
                offset: line.offset,
                fault,
            });
        }
    }

    fn passes(&mut self, record: &Record) -> bool {
        if record.kind == Kind::Outcome
            && let Some(call) = &record.call
            && self.followed.remove(call)
        {
            return true;
        }
        let passes = self.filter.accepts(record);
        if passes
            && record.kind == Kind::Intent
            && let Some(call) = &record.call
        {
            self.followed.insert(call.clone());
            if self.followed.len() > MAX_FOLLOWED {
                self.followed.pop_first();
            }
        }
        passes
    }
}

impl Filter {
    fn accepts(&self, record: &Record) -> bool {
        let call = self.call.as_ref();
        let agent = self.agent.as_ref();
        call.is_none_or(|call| record.call.as_ref() == Some(call))
            && agent.is_none_or(|agent| record.caller.as_ref().is_some_and(|c| c.agent == *agent))
            && self.tool.as_deref().is_none_or(|tool| names(record, tool))
    }
}

/// Whether `record` is about the tool that a person calls `wanted`.
fn names(record: &Record, wanted: &str) -> bool {
    let Some(target) = &record.target else {
        return false;
    };
    let qualified = wanted.split_once(':').is_some_and(|(server, tool)| {
        target.server.as_deref() == Some(server) && target.tool == tool
    });
    qualified || target.tool == wanted || target.exposed.as_deref() == Some(wanted)
}
