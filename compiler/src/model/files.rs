//! The files of a catalog: read, parsed, held against the grammar.

use std::collections::BTreeSet;

use crate::diagnostic::Diagnostic;
use crate::grammar::{self, Item};
use crate::source::{FileId, LoadError, Loader, Loc, Sources, Span};
use crate::syntax::problems::{INPUT_TOO_LARGE, NOT_UTF8};
use crate::syntax::{self, CATALOG_BYTES, FILE_BYTES};

use super::Name;

/// The folder below which everything is read.
const CATALOGS: &str = "catalogs";

/// All files of a catalog, sorted by path.
#[derive(Clone, Debug, Default)]
pub(crate) struct Files {
    /// The files.
    pub(crate) files: Vec<File>,
    /// Whether some of them could not be read as a whole.
    pub(crate) is_partial: bool,
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
    pub(crate) items: Vec<Item>,
    /// Names that broken top-level nodes would have given.
    pub(crate) lost: BTreeSet<Name>,
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

/// Reads every `.kdl` file below `catalogs/` as text, and says which could not be read as a whole.
///
/// # Errors
/// When a folder or file cannot be read.
pub(crate) fn load(
    loader: &dyn Loader,
    sources: &mut Sources,
    found: &mut Vec<Diagnostic>,
) -> Result<BTreeSet<FileId>, LoadError> {
    let mut unread = BTreeSet::new();
    let mut bytes_left = CATALOG_BYTES;
    let mut paths = loader.list(CATALOGS)?;
    paths.sort_unstable();
    for path in paths.into_iter().filter(|path| path.ends_with(".kdl")) {
        let bytes = match loader.read(&path, u64::try_from(FILE_BYTES).unwrap_or(u64::MAX)) {
            Ok(bytes) => bytes,
            Err(LoadError::TooLarge { limit, .. }) => {
                let file = sources.add(path, String::new());
                unread.insert(file);
                found.push(INPUT_TOO_LARGE.at(
                    start_of(file),
                    format!("the file has more than {limit} bytes"),
                ));
                continue;
            }
            Err(error) => return Err(error),
        };
        let Some(left) = bytes_left.checked_sub(bytes.len()) else {
            let file = sources.add(path, String::new());
            unread.insert(file);
            found.push(
                INPUT_TOO_LARGE
                    .at(
                        start_of(file),
                        format!(
                            "the files up to this one have more than {CATALOG_BYTES} bytes together"
                        ),
                    )
                    .help("it and those after it are not read"),
            );
            return Ok(unread);
        };
        bytes_left = left;
        match String::from_utf8(bytes) {
            Ok(text) => {
                sources.add(path, text);
            }
            Err(error) => {
                let misread = not_utf8(path, &error, sources);
                unread.extend(misread.primary.as_ref().map(|label| label.loc.file));
                found.push(misread);
            }
        }
    }
    Ok(unread)
}

/// The part of the file before the bad byte is kept, so that the finding has a line to show.
fn not_utf8(path: String, error: &std::string::FromUtf8Error, sources: &mut Sources) -> Diagnostic {
    let offset = error.utf8_error().valid_up_to();
    let bytes = error.as_bytes();
    let byte = bytes.get(offset).copied().unwrap_or_default();
    let readable = String::from_utf8_lossy(bytes.get(..offset).unwrap_or_default()).into_owned();
    let at = u32::try_from(offset).unwrap_or(u32::MAX);
    let loc = Loc {
        file: sources.add(path, readable),
        span: Span { start: at, end: at },
    };
    NOT_UTF8
        .at(
            loc,
            format!("byte 0x{byte:02X} at offset {offset} is not UTF-8"),
        )
        .help("save the file as UTF-8; it is not read as it is")
}

fn start_of(file: FileId) -> Loc {
    Loc {
        file,
        span: Span::default(),
    }
}

/// Parses every file and holds it against the grammar.
pub(crate) fn parse(
    sources: &Sources,
    unread: &BTreeSet<FileId>,
    found: &mut Vec<Diagnostic>,
) -> Files {
    let mut files = Files {
        files: Vec::new(),
        is_partial: !unread.is_empty(),
    };
    for (id, source) in sources.iter().filter(|(id, _)| !unread.contains(id)) {
        let mut mistakes = Vec::new();
        let document = syntax::read(id, &source.text, &mut mistakes);
        let damaged: Vec<Span> = mistakes
            .iter()
            .filter_map(|mistake| Some(mistake.primary.as_ref()?.loc.span))
            .collect();
        files.is_partial |= mistakes
            .iter()
            .any(|mistake| *mistake.check == INPUT_TOO_LARGE);
        found.append(&mut mistakes);
        let walked = grammar::walk(&document, id, &damaged, found);
        files.files.push(File {
            id,
            folder: Folder::of(&source.path),
            path: source.path.clone(),
            items: walked.items,
            lost: walked.lost,
        });
    }
    files
}
