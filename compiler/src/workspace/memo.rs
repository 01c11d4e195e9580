//! The run from files to findings, and what is remembered between runs.

use std::collections::{BTreeMap, BTreeSet};
use std::mem;
use std::sync::Arc;

use crate::checks::{self, KnownDefinitions, Live, Verdict};
use crate::date::Date;
use crate::diagnostic::{Diagnostic, Severity};
use crate::grammar::Item;
use crate::lock::KnownLocks;
use crate::model::{self, Common, Files, Size, division, files};
use crate::narrowing::KnownNarrowings;
use crate::parallel;
use crate::source::{FileId, LoadError, Loader, SourceFile, Sources};

pub(super) use crate::model::files::CATALOGS;

use super::part::{Declared, Part};

/// What was made out of the files, for as long as they stay the same.
#[derive(Debug, Default)]
pub(super) struct Memo {
    texts: BTreeMap<String, Arc<SourceFile>>,
    parsed: BTreeMap<String, Arc<files::Parsed>>,
    locks: KnownLocks,
    definitions: KnownDefinitions,
    narrowings: KnownNarrowings,
    common: Shared,
    /// By the address of the first node, which the part keeps alive.
    parts: BTreeMap<usize, Part>,
}

/// What every part was declared with, but for lost names.
#[derive(Debug, Default)]
struct Shared {
    nodes: Vec<Arc<Item>>,
    is_partial: bool,
    unknown_folders: BTreeSet<model::Name>,
}

/// How a catalog falls into parts.
type Division = fn(&[Arc<files::Parsed>]) -> Vec<model::Part>;

/// What a run gives.
pub(super) struct Run {
    /// The files.
    pub(super) sources: Sources,
    /// What is wrong.
    pub(super) verdict: Verdict,
    /// The parts, in the order of their first nodes.
    pub(super) parts: Vec<Part>,
}

impl Memo {
    /// Forgets what was made out of a file.
    pub(super) fn forget(&mut self, path: &str) {
        self.texts.remove(path);
        self.parsed.remove(path);
        self.locks.forget(path);
        self.definitions.forget(path);
        self.narrowings.forget(path);
        self.parts.retain(|_, part| !part.has_read(path));
    }

    /// The nodes of each part that is remembered.
    #[cfg(test)]
    pub(super) fn nodes(&self) -> Vec<Vec<Arc<Item>>> {
        let parts = self.parts.values();
        parts.map(|part| part.nodes().to_vec()).collect()
    }

    /// Keeps the parts of a run for the next one.
    pub(super) fn keep(&mut self, parts: Vec<Part>) {
        self.parts = parts.into_iter().map(|part| (part.key(), part)).collect();
        self.narrowings.forget_unused();
    }

    /// Forgets all parts when what they have in common is not what it was.
    fn share(&mut self, files: &Files, common: &Common) {
        let nodes = division::common(&files.files).into_iter();
        let nodes: Vec<Arc<Item>> = nodes.flat_map(|file| file.items).collect();
        let same = same_nodes(&nodes, &self.common.nodes)
            && common.is_partial == self.common.is_partial
            && common.unknown_folders == self.common.unknown_folders;
        if !same {
            self.parts.clear();
            self.common = Shared {
                nodes,
                is_partial: common.is_partial,
                unknown_folders: common.unknown_folders.clone(),
            };
        }
    }

    /// What stood in the place of a part, or is it.
    fn before(&mut self, part: &model::Part) -> Option<Part> {
        self.parts.remove(&Part::key_of(part))
    }
}

/// Whether these are the very same nodes.
pub(super) fn same_nodes<'i>(
    one: impl IntoIterator<Item = &'i Arc<Item>>,
    other: impl IntoIterator<Item = &'i Arc<Item>>,
) -> bool {
    let (mut one, mut other) = (one.into_iter(), other.into_iter());
    loop {
        match (one.next(), other.next()) {
            (None, None) => return true,
            (Some(one), Some(other)) if Arc::ptr_eq(one, other) => {}
            _ => return false,
        }
    }
}

/// Reads everything below `catalogs/` and checks it, but for what is remembered.
pub(super) fn run(
    loader: &dyn Loader,
    memo: &mut Memo,
    divide: Division,
    today: &Date,
) -> Result<Run, LoadError> {
    let (mut sources, mut found) = (Sources::default(), Vec::new());
    let unread = files::load(loader, &memo.texts, &mut sources, &mut found)?;
    // What was wrong in reading a file is found by reading it again.
    let damaged = found.iter().filter_map(|one| one.primary.as_ref());
    let damaged: BTreeSet<FileId> = damaged.map(|label| label.loc.file).collect();
    let files = files::parse(&sources, &unread, &memo.parsed, &mut found);
    memo.texts = files.texts(&sources, &damaged);
    memo.parsed = files.by_path();
    let common = model::declare_common(&files, loader, &mut found);
    memo.share(&files, &common);
    let (known, declared) = declare(&files, &common, divide, loader, memo);
    let locks = mem::take(&mut memo.locks);
    let new = parallel::consume(declared, |(place, part)| {
        (
            place,
            part.check(
                &sources,
                loader,
                &locks,
                &memo.definitions,
                &memo.narrowings,
            ),
        )
    });
    memo.locks = locks;
    let mut parts: BTreeMap<usize, Part> = known.into_iter().collect();
    for (place, part) in new {
        memo.locks.learn(part.locks());
        parts.insert(place, part);
    }
    let mut parts: Vec<Part> = parts.into_values().collect();

    let dangling = parts.iter().flat_map(Part::dangling).cloned();
    let dangling = common.dangling.into_iter().chain(dangling).collect();
    let catalogs: Vec<_> = parts.iter().map(|part| &part.resolved().catalog).collect();
    model::report_dangling(dangling, &common.lost, &catalogs, &mut found);
    found.extend(parts.iter().flat_map(Part::found_before).cloned());
    let earlier = found.len();
    let understood = !found.iter().any(is_error);
    let checked = || parts.iter().map(Part::checked);
    found.extend(checked().flat_map(|part| &part.found).cloned());
    if understood {
        let resolved: Vec<_> = parts.iter().map(Part::resolved).collect();
        let live = Live::of(&resolved);
        for part in &mut parts {
            found.extend(part.absence(live).iter().cloned());
        }
    }
    let resolved: Vec<_> = parts.iter().map(Part::resolved).collect();
    checks::keep_understood(&resolved, earlier, &mut found);
    let checked = parts.iter().map(Part::checked);
    let keys = files.private_keys(&sources);
    let verdict = checks::conclude(&resolved, checked, &sources, &keys, today, found);
    Ok(Run {
        sources,
        verdict,
        parts,
    })
}

fn is_error(finding: &Diagnostic) -> bool {
    finding.severity == Severity::Error
}

/// A part and its place among all.
type Placed<T> = (usize, T);

/// The parts of a catalog: those that are known, and the others, declared. Parts that are too large together
/// are one, as the limits are of the whole catalog.
fn declare(
    files: &Files,
    common: &Common,
    divide: Division,
    loader: &dyn Loader,
    memo: &mut Memo,
) -> (Vec<Placed<Part>>, Vec<Placed<Declared>>) {
    let mut declare = |parts: Vec<model::Part>| {
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        for (place, nodes) in parts.into_iter().enumerate() {
            match memo.before(&nodes) {
                Some(part) if part.is_of(&nodes, common) => known.push((place, part)),
                before => unknown.push((place, nodes, before)),
            }
        }
        let declared = parallel::consume(unknown, |(place, nodes, before)| {
            (place, Declared::new(&nodes, before, common, loader))
        });
        (known, declared)
    };
    let (known, declared) = declare(divide(&files.files));
    let sizes = known.iter().map(|(_, part)| part.size());
    let sizes = sizes.chain(declared.iter().map(|(_, part)| part.size()));
    if sizes.fold(Size::default(), Size::and).is_too_large() {
        return declare(division::undivided(&files.files));
    }
    (known, declared)
}
