//! The files of a catalog as text: found, held against the limits of size, decoded.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::limits::{CATALOG_BYTES, FILE_BYTES};
use super::problems::{INPUT_TOO_LARGE, NOT_UTF8};
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, LoadError, Loader, Loc, SourceFile, Sources, Span};

/// Byte order marks of UTF-16: a file with one is text, but none of it can be read.
const UTF16_MARKS: [[u8; 2]; 2] = [[0xFF, 0xFE], [0xFE, 0xFF]];

/// Adds every `.kdl` file below the folder `below` to `sources`, and gives those that can be read,
/// sorted by path. A file that is too large or not UTF-8 is a finding. Those that are `known` by their path
/// are not read again.
///
/// # Errors
/// When the folder cannot be listed or a file cannot be opened.
pub fn load(
    loader: &dyn Loader,
    below: &str,
    known: &BTreeMap<String, Arc<SourceFile>>,
    sources: &mut Sources,
    found: &mut Vec<Diagnostic>,
) -> Result<Vec<FileId>, LoadError> {
    let limit = u64::try_from(FILE_BYTES).unwrap_or(u64::MAX);
    let mut readable = Vec::new();
    let mut total = 0_usize;
    let mut paths = loader.list(below)?;
    paths.sort_unstable();
    for path in paths.into_iter().filter(|path| is_kdl(path)) {
        let known = known.get(&path);
        let bytes = match known.map_or_else(|| loader.read(&path, limit), |_| Ok(Vec::new())) {
            Ok(bytes) => bytes,
            Err(LoadError::TooLarge { path, .. }) => {
                let message = format!("file has more than {FILE_BYTES} bytes");
                found.push(too_large(sources, path, &message));
                continue;
            }
            Err(error @ (LoadError::Io { .. } | LoadError::Outside { .. })) => return Err(error),
        };
        total += known.map_or(bytes.len(), |file| file.text.len());
        if total > CATALOG_BYTES {
            let message =
                format!("the files of the catalog have more than {CATALOG_BYTES} bytes together");
            found.push(too_large(sources, path, &message));
            break;
        }
        readable.extend(match known {
            Some(file) => Some(sources.share(Arc::clone(file))),
            None => decode(path, bytes, sources, found),
        });
    }
    Ok(readable)
}

/// Adds a file to `sources` as text. One that is not UTF-8 is a finding; what can be read of it
/// still is, so that names which it defines do not seem to be missing.
pub fn decode(
    path: String,
    bytes: Vec<u8>,
    sources: &mut Sources,
    found: &mut Vec<Diagnostic>,
) -> Option<FileId> {
    let error = match String::from_utf8(bytes) {
        Ok(text) => return Some(sources.add(path, text)),
        Err(error) => error,
    };
    let at = error.utf8_error().valid_up_to();
    let byte = error.as_bytes().get(at).copied().unwrap_or_default();
    let utf16 = UTF16_MARKS
        .iter()
        .any(|mark| error.as_bytes().starts_with(mark));
    // The text before the first bad byte is the same, so its place is too.
    let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
    let file = sources.add(path, text);
    let start = u32::try_from(at).unwrap_or(u32::MAX);
    let replacement = u32::try_from(char::REPLACEMENT_CHARACTER.len_utf8()).unwrap_or(1);
    let span = Span {
        start,
        end: start.saturating_add(replacement),
    };
    let help = if utf16 {
        "this looks like UTF-16; save the file as UTF-8"
    } else {
        "save the file as UTF-8"
    };
    found.push(
        NOT_UTF8
            .at(
                Loc { file, span },
                format!("byte 0x{byte:02X} at offset {at} is not UTF-8"),
            )
            .help(help),
    );
    (!utf16).then_some(file)
}

fn is_kdl(path: &str) -> bool {
    Path::new(path)
        .extension()
        .is_some_and(|extension| extension == "kdl")
}

/// The file is added without its text, so that the finding has a place.
fn too_large(sources: &mut Sources, path: String, message: &str) -> Diagnostic {
    let file = sources.add(path, String::new());
    let span = Span::default();
    INPUT_TOO_LARGE
        .at(Loc { file, span }, message)
        .help("split it into several files, or delete what is no catalog")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{FILE_BYTES, load};
    use crate::source::{Memory, Sources};

    /// Paths of the readable files, and the findings.
    fn loaded(files: &[(&str, &[u8])]) -> (Vec<String>, Vec<String>) {
        let memory: Memory = files.iter().copied().collect();
        let (mut sources, mut found) = (Sources::default(), Vec::new());
        let known = BTreeMap::new();
        let ids = load(&memory, "catalogs", &known, &mut sources, &mut found).unwrap();
        let paths = ids.iter().map(|&id| sources.get(id).unwrap().path.clone());
        let found = found.iter().map(|finding| {
            let span = finding.primary.as_ref().unwrap().loc.span;
            let code = finding.check.code;
            format!("{code} {}..{} {}", span.start, span.end, finding.message)
        });
        (paths.collect(), found.collect())
    }

    #[test]
    fn only_kdl_files_are_loaded() {
        let (paths, found) = loaded(&[
            ("catalogs/org.kdl", b""),
            ("catalogs/support/lock/a@1.json", b"{}"),
            ("catalogs/support/prod.kdl", b""),
            ("other/x.kdl", b""),
        ]);
        assert_eq!(paths, ["catalogs/org.kdl", "catalogs/support/prod.kdl"]);
        assert!(found.is_empty());
    }

    #[test]
    fn bytes_that_are_not_utf8_are_found_and_the_rest_is_kept() {
        let (paths, found) = loaded(&[("catalogs/org.kdl", b"server a // \xFF\nserver b")]);
        assert_eq!(paths, ["catalogs/org.kdl"]);
        assert_eq!(found, ["SYN021 12..15 byte 0xFF at offset 12 is not UTF-8"]);
    }

    #[test]
    fn utf16_is_not_read() {
        let (paths, found) = loaded(&[("catalogs/org.kdl", b"\xFF\xFEa\0")]);
        assert!(paths.is_empty());
        assert_eq!(found, ["SYN021 0..3 byte 0xFF at offset 0 is not UTF-8"]);
    }

    #[test]
    fn a_file_may_have_exactly_the_limit() {
        let (just, over) = (vec![b'\n'; FILE_BYTES], vec![b'\n'; FILE_BYTES + 1]);
        let (paths, found) = loaded(&[("catalogs/a.kdl", &just), ("catalogs/b.kdl", &over)]);
        assert_eq!(paths, ["catalogs/a.kdl"]);
        assert_eq!(found, ["SYN016 0..0 file has more than 1048576 bytes"]);
    }

    #[test]
    fn a_catalog_has_a_limit_too() {
        let file = vec![b'\n'; FILE_BYTES];
        let names: Vec<String> = (0..66)
            .map(|number| format!("catalogs/{number:02}.kdl"))
            .collect();
        let files: Vec<(&str, &[u8])> = names
            .iter()
            .map(|name| (name.as_str(), file.as_slice()))
            .collect();
        let (paths, found) = loaded(&files);
        assert_eq!(paths.len(), 64);
        assert_eq!(
            found,
            ["SYN016 0..0 the files of the catalog have more than 67108864 bytes together"]
        );
    }
}
