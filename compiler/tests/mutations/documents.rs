//! The documents that are mutated: each file and each catalog of the corpora and the examples.

use std::fs;
use std::path::{Path, PathBuf};

use bailiwick_organisation::Dice;

use crate::mutate::{border, change};

/// A catalog with more bytes is mutated without its definition files.
const LONGEST_WITH_DEFINITIONS: usize = 12 * 1024;

/// The longest mutated document, bytes.
const LONGEST: usize = 16 * 1024;

/// What is mutated, in the same order everywhere.
#[derive(Debug, Default)]
pub(crate) struct Documents {
    /// Catalogs. One of several files is one text, in the form of txtar.
    pub(crate) catalogs: Vec<String>,
    /// Texts that only the reader knows something about.
    pub(crate) texts: Vec<String>,
}

impl Documents {
    /// The corpora of the reader and of the checks, and the examples.
    pub(crate) fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut catalogs = Vec::new();
        for folder in folders(&root.join("compiler/tests/checks")) {
            for which in ["bad", "fixed"] {
                catalogs.extend(archive(&folder.join(which), "catalogs/"));
                let alone = folder.join(which).with_extension("kdl");
                catalogs.extend(alone.is_file().then(|| text(&alone)).flatten());
            }
        }
        for folder in folders(&root.join("examples")) {
            catalogs.extend(archive(&folder.join("catalogs"), "catalogs/"));
        }
        let everything = root.join("compiler/tests/everything/catalogs");
        catalogs.extend(archive(&everything, "catalogs/"));
        let texts = files(&root.join("compiler/tests/kdl"));
        let texts = texts.iter().filter_map(|path| text(path)).collect();
        Self { catalogs, texts }
    }

    /// One of the documents, mostly a catalog, with one to four changes. Some of them take over a part of
    /// another one.
    pub(crate) fn mutated(&self, dice: &mut Dice) -> String {
        let mut text = self.one(4, dice);
        let other = self.one(8, dice);
        // Half of them have one: what is nearly right comes further.
        let changes = 1 + dice.below(2) * dice.below(4);
        for _ in 0..changes {
            change(&mut text, &other, dice);
        }
        text.truncate(border(&text, LONGEST));
        text
    }

    /// A catalog, but one time in `times` a text.
    fn one(&self, times: usize, dice: &mut Dice) -> String {
        let Self { catalogs, texts } = self;
        let from = if dice.below(times) == 0 {
            texts
        } else {
            catalogs
        };
        dice.pick(from)
    }
}

/// The files of a catalog in one text; none where there is no such folder.
fn archive(folder: &Path, prefix: &str) -> Option<String> {
    let files = files(folder);
    let whole = |is_part: fn(&Path) -> bool| {
        let mut archive = String::new();
        for path in files.iter().filter(|path| is_part(path)) {
            let name = path.strip_prefix(folder).ok()?.to_string_lossy();
            archive.extend(["-- ", prefix, &name, " --\n", &text(path)?]);
        }
        (!archive.is_empty()).then_some(archive)
    };
    let every = whole(|_| true)?;
    if every.len() <= LONGEST_WITH_DEFINITIONS {
        return Some(every);
    }
    whole(|path| path.extension().is_some_and(|end| end == "kdl"))
}

/// The text of a file; none of what is no text.
fn text(path: &Path) -> Option<String> {
    String::from_utf8(fs::read(path).unwrap()).ok()
}

/// All files below a folder, sorted.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = entries(folder, Path::is_file);
    for inner in folders(folder) {
        files.extend(self::files(&inner));
    }
    files.sort();
    files
}

/// The folders in a folder, sorted.
fn folders(folder: &Path) -> Vec<PathBuf> {
    entries(folder, Path::is_dir)
}

fn entries(folder: &Path, kind: fn(&Path) -> bool) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let entries = entries.map(|entry| entry.unwrap().path());
    let mut entries: Vec<PathBuf> = entries.filter(|path| kind(path)).collect();
    entries.sort();
    entries
}
