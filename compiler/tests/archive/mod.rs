//! The files of a catalog in one text, in the form of txtar.

use bailiwick_compiler::source::Memory;

/// The files in a text. A line `-- PATH --` begins one; what stands before the first is `catalogs/org.kdl`.
pub(crate) fn files(text: &[u8]) -> Memory {
    let mut files = Memory::default();
    let (mut path, mut content) = ("catalogs/org.kdl".to_owned(), Vec::new());
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        if let Some(next) = marker(line) {
            files.insert(path, std::mem::take(&mut content));
            path = next;
        } else {
            content.extend_from_slice(line);
        }
    }
    files.insert(path, content);
    files
}

fn marker(line: &[u8]) -> Option<String> {
    let line = str::from_utf8(line).ok()?.trim_end();
    let path = line.strip_prefix("-- ")?.strip_suffix(" --")?;
    Some(path.to_owned())
}
