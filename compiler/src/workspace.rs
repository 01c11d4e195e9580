//! A catalog that changes file by file, as in an editor: what was made out of the files stays for as long as
//! they do.
//!
//! A catalog falls into parts that hang together by no name, and each part is checked by itself; then all
//! parts are held against each other. Five things are remembered: the tree of a file by its text, a definition
//! file, what is wrong in it and what narrowing leaves of its tools by its path, and a part by its nodes. A change forgets what was made out of
//! the file, and nothing else has to be known of it.

mod edited;
mod memo;
mod part;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::Report;
use crate::checks::Resolved;
use crate::date::Date;
use crate::diagnostic::Diagnostic;
use crate::model::division;
use crate::source::{LoadError, Loader, Sources};

use edited::Edited;
use memo::{Memo, Run};

/// The files of a catalog as they are edited.
#[derive(Debug)]
pub struct Workspace<L> {
    loader: L,
    /// The files as they were listed, once.
    listed: Option<Vec<String>>,
    /// Texts in the place of files; none for a file that is not there.
    edits: BTreeMap<String, Option<Vec<u8>>>,
    memo: Memo,
}

/// What is wrong in a workspace.
#[derive(Debug)]
pub struct Findings {
    /// The files, which the findings point into.
    pub sources: Sources,
    /// What is wrong, errors first, then by place.
    pub findings: Vec<Diagnostic>,
}

impl<L: Loader> Workspace<L> {
    /// The files that a loader has. They are read when they are first needed.
    pub fn new(loader: L) -> Self {
        Self {
            loader,
            listed: None,
            edits: BTreeMap::new(),
            memo: Memo::default(),
        }
    }

    /// Puts a text in the place of a file, or adds a file.
    pub fn write(&mut self, path: &str, bytes: impl Into<Vec<u8>>) {
        self.memo.forget(path);
        self.edits.insert(path.to_owned(), Some(bytes.into()));
    }

    /// Takes a file away.
    pub fn remove(&mut self, path: &str) {
        self.memo.forget(path);
        self.edits.insert(path.to_owned(), None);
    }

    /// Takes the file that the loader has, which others may have changed, added or taken away.
    pub fn reload(&mut self, path: &str) {
        self.memo.forget(path);
        self.edits.remove(path);
        self.listed = None;
    }

    /// What is wrong: the findings that [`check`](crate::check) gives of the same files.
    ///
    /// # Errors
    /// When a folder or file cannot be read. What is wrong in a file is a finding.
    pub fn check(&mut self, today: &Date) -> Result<Findings, LoadError> {
        let Run {
            mut sources,
            verdict,
            parts,
        } = self.run(today)?;
        self.memo.keep(parts);
        let findings = verdict.findings();
        conceal(&findings, &mut sources);
        Ok(Findings { sources, findings })
    }

    /// What [`check`](crate::check) gives of the same files, with a catalog of its own: in a large one,
    /// copying it takes longer than checking it again.
    ///
    /// # Errors
    /// As [`Workspace::check`].
    pub fn report(&mut self, today: &Date) -> Result<Report, LoadError> {
        let run = self.run(today)?;
        let whole = Resolved::join(run.parts.iter().map(|part| part.resolved().clone()));
        self.memo.keep(run.parts);
        Ok(report(run.sources, run.verdict, whole))
    }

    fn run(&mut self, today: &Date) -> Result<Run, LoadError> {
        let listed = match &mut self.listed {
            Some(listed) => listed,
            none => none.insert(self.loader.list(memo::CATALOGS)?),
        };
        let files = Edited {
            loader: &self.loader,
            listed,
            edits: &self.edits,
        };
        memo::run(&files, &mut self.memo, division::divide, today)
    }
}

/// Reads everything below `catalogs/` and checks it, once.
pub(crate) fn check(loader: &dyn Loader, today: &Date) -> Result<Report, LoadError> {
    let Run {
        sources,
        verdict,
        parts,
    } = memo::run(loader, &mut Memo::default(), division::divide, today)?;
    let whole = Resolved::join(parts.into_iter().map(part::Part::into_resolved));
    Ok(report(sources, verdict, whole))
}

fn report(mut sources: Sources, verdict: crate::checks::Verdict, whole: Resolved) -> Report {
    let resolved = Arc::new(whole);
    let checked = verdict.evidence(&resolved);
    let findings = verdict.findings();
    conceal(&findings, &mut sources);
    Report {
        sources,
        findings,
        resolved,
        checked,
    }
}

/// Findings about secrets are shown with their place, and never with the secret.
fn conceal(findings: &[Diagnostic], sources: &mut Sources) {
    for place in crate::checks::secrets::places(findings) {
        sources.conceal(place);
    }
}

#[cfg(test)]
mod tests;
