//! The files of a catalog: read, parsed, held against the grammar.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::grammar::value::private_key;
use crate::grammar::{self, Item};
use crate::parallel;
use crate::source::{FileId, LoadError, Loader, Loc, SourceFile, Sources, Span};
use crate::syntax;
use crate::syntax::problems::INPUT_TOO_LARGE;

use super::Name;

/// The folder below which everything is read.
pub(crate) const CATALOGS: &str = "catalogs";

/// The folder beside a `.kdl` file that has the definition files of its servers.
pub(crate) const LOCKS: &str = "lock";

/// Mistakes after which no further ones are looked for.
pub(crate) const MOST_MISTAKES: usize = 100_000;

/// Files that are parsed at once.
const BATCH: usize = 64;

/// All files of a catalog, sorted by path.
#[derive(Clone, Debug, Default)]
pub(crate) struct Files {
    /// The files.
    pub(crate) files: Vec<Arc<Parsed>>,
    /// Whether some of them could not be read as a whole.
    pub(crate) is_partial: bool,
}

impl Files {
    /// The files by their path.
    pub(crate) fn by_path(&self) -> BTreeMap<String, Arc<Parsed>> {
        let files = self.files.iter();
        files
            .map(|parsed| (parsed.file.path.clone(), Arc::clone(parsed)))
            .collect()
    }

    /// The texts of the files that are not damaged, by their path.
    pub(crate) fn texts(
        &self,
        sources: &Sources,
        damaged: &BTreeSet<FileId>,
    ) -> BTreeMap<String, Arc<SourceFile>> {
        let files = self.files.iter();
        files
            .filter(|parsed| !damaged.contains(&parsed.file.id))
            .filter_map(|parsed| {
                let text = sources.shared(parsed.file.id)?;
                Some((parsed.file.path.clone(), Arc::clone(text)))
            })
            .collect()
    }

    /// Where private keys stand in the texts, also in those that are not parsed.
    pub(crate) fn private_keys(&self, sources: &Sources) -> Vec<Loc> {
        let parsed = self.files.iter().map(|parsed| (parsed.file.id, parsed));
        let parsed: BTreeMap<FileId, &Arc<Parsed>> = parsed.collect();
        let texts = sources.iter();
        let keys = texts.flat_map(|(id, source)| match parsed.get(&id) {
            Some(parsed) => parsed.private_keys.clone(),
            None => private_keys(id, &source.text),
        });
        keys.collect()
    }
}

/// A file held against the grammar.
#[derive(Clone, Debug)]
pub(crate) struct File {
    /// Its number.
    pub(crate) id: FileId,
    /// Its path, relative to the folder that has `catalogs/`.
    pub(crate) path: String,
    /// Whose it is.
    pub(crate) folder: Folder,
    /// Its top-level nodes.
    pub(crate) items: Vec<Arc<Item>>,
    /// Names that broken top-level nodes would have given.
    pub(crate) lost: BTreeSet<Name>,
    /// Places of grants that are commented out with `/-`.
    pub(crate) commented_grants: Vec<Loc>,
}

impl File {
    /// The file with some of its nodes.
    pub(crate) fn with(&self, items: Vec<Arc<Item>>) -> Self {
        Self {
            id: self.id,
            path: self.path.clone(),
            folder: self.folder.clone(),
            items,
            lost: BTreeSet::new(),
            commented_grants: self.commented_grants.clone(),
        }
    }
}

/// Whose a file is, by the folder it stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Folder {
    /// Directly in `catalogs/`.
    Root,
    /// In the folder of a team.
    Team(Name),
}

impl Folder {
    /// Whose the file at `path` is.
    pub(crate) fn of(path: &str) -> Self {
        let below = path
            .strip_prefix(CATALOGS)
            .and_then(|rest| rest.strip_prefix('/'))
            .unwrap_or(path);
        match below.split_once('/') {
            Some((team, _)) => Self::Team(Name::trusted(team)),
            None => Self::Root,
        }
    }
}

/// Reads every `.kdl` file below `catalogs/` as text, but those that are known, and says which could not be
/// read as a whole.
///
/// # Errors
/// When a folder or file cannot be read.
pub(crate) fn load(
    loader: &dyn Loader,
    known: &BTreeMap<String, Arc<SourceFile>>,
    sources: &mut Sources,
    found: &mut Vec<Diagnostic>,
) -> Result<BTreeSet<FileId>, LoadError> {
    let readable: BTreeSet<FileId> = syntax::load(loader, CATALOGS, known, sources, found)?
        .into_iter()
        .collect();
    let all = sources.iter().map(|(id, _)| id);
    Ok(all.filter(|id| !readable.contains(id)).collect())
}

/// Parses every file and holds it against the grammar, but those that are `known`.
pub(crate) fn parse(
    sources: &Sources,
    unread: &BTreeSet<FileId>,
    known: &BTreeMap<String, Arc<Parsed>>,
    found: &mut Vec<Diagnostic>,
) -> Files {
    let mut files = Files {
        files: Vec::new(),
        is_partial: !unread.is_empty(),
    };
    let readable: Vec<(FileId, &SourceFile)> = sources
        .iter()
        .filter(|(id, _)| !unread.contains(id))
        .collect();
    // A batch is all that is read in vain when there are too many mistakes.
    for batch in readable.chunks(BATCH) {
        let unknown = |(id, source): &(FileId, &SourceFile)| {
            let known = known.get(&source.path);
            // A file whose number is another one has its places elsewhere.
            let known = known.filter(|known| known.file.id == *id);
            known.map_or_else(|| Arc::new(parse_one(*id, source)), Arc::clone)
        };
        for parsed in parallel::map(batch, unknown) {
            if found.len() >= MOST_MISTAKES {
                files.is_partial = true;
                return files;
            }
            files.is_partial |= parsed.is_cut;
            found.extend(parsed.mistakes.iter().cloned());
            files.files.push(parsed);
        }
    }
    files
}

/// A file, and what is wrong in it.
#[derive(Debug)]
pub(crate) struct Parsed {
    /// The file.
    pub(crate) file: File,
    /// What each of its top-level nodes defines or names, in their order.
    pub(crate) mentions: Vec<BTreeSet<Name>>,
    /// Whether one of them is an `overlay`.
    pub(crate) has_overlay: bool,
    /// Where private keys stand in it, comments too.
    private_keys: Vec<Loc>,
    /// What is wrong in it.
    mistakes: Vec<Diagnostic>,
    /// Whether the reader gave up before its end.
    is_cut: bool,
}

fn parse_one(id: FileId, source: &SourceFile) -> Parsed {
    let mut mistakes = Vec::new();
    let document = syntax::read(id, &source.text, &mut mistakes);
    let damaged: Vec<Span> = mistakes
        .iter()
        .filter_map(|mistake| Some(mistake.primary.as_ref()?.loc.span))
        .collect();
    let is_cut = mistakes
        .iter()
        .any(|mistake| *mistake.check == INPUT_TOO_LARGE);
    let mut misfits = Vec::new();
    let walked = grammar::walk(&document, id, &damaged, &mut misfits);
    // Where the reader gave up, nodes end anywhere.
    if !is_cut {
        mistakes.append(&mut misfits);
    }
    Parsed {
        mentions: walked.items.iter().map(Item::mentions).collect(),
        has_overlay: walked.items.iter().any(|item| item.row.name == "overlay"),
        file: File {
            id,
            folder: Folder::of(&source.path),
            path: source.path.clone(),
            items: walked.items.into_iter().map(Arc::new).collect(),
            lost: walked.lost,
            commented_grants: commented_grants(&document, id),
        },
        private_keys: private_keys(id, &source.text),
        mistakes,
        is_cut,
    }
}

fn private_keys(file: FileId, text: &str) -> Vec<Loc> {
    let keys = private_key::private_keys(text);
    let places = keys.filter_map(|key| {
        let span = Span {
            start: u32::try_from(key.start).ok()?,
            end: u32::try_from(key.end).ok()?,
        };
        Some(Loc { file, span })
    });
    places.collect()
}

fn commented_grants(document: &syntax::Document<'_>, file: FileId) -> Vec<Loc> {
    let commented = document.commented.iter();
    let grants = commented.filter(|node| node.name.text == "grant");
    grants
        .map(|node| Loc {
            file,
            span: node.span,
        })
        .collect()
}
