//! Adds nodes to a file and keeps every byte of what was there.

use kdl::{KdlDocument, KdlError};

use crate::source::Sources;
use crate::syntax;

/// Comments of whole nodes (`/-`) that may be nested at most; the document model takes twice as long
/// for each further one.
const SLASHDASHES: usize = 8;

/// Why a file was not added to.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// The file has mistakes.
    #[error("the file has mistakes; `bailiwick check` shows them")]
    Mistakes,
    /// The file nests comments of whole nodes.
    #[error("the file nests blocks that are commented out with `/-` too deeply; remove some of them")]
    Slashdashes,
    /// The document model disagrees with our reader.
    #[error("the file cannot be edited")]
    Document(#[source] KdlError),
    /// The document model would change what was there.
    #[error("the file cannot be edited without changing what is there")]
    Unfaithful,
}

/// `existing` with the nodes of `block` after it. Every byte of `existing` stays.
///
/// # Errors
/// When it has mistakes, or cannot be edited faithfully.
pub fn append(existing: &str, block: &str) -> Result<String, AppendError> {
    let mut sources = Sources::default();
    let file = sources.add(String::new(), String::new());
    let mut found = Vec::new();
    syntax::read(file, existing, &mut found);
    if !found.is_empty() {
        return Err(AppendError::Mistakes);
    }
    if nested(existing) > SLASHDASHES {
        return Err(AppendError::Slashdashes);
    }
    let mut document: KdlDocument = existing.parse().map_err(AppendError::Document)?;
    let mut added: KdlDocument = block.parse().map_err(AppendError::Document)?;
    let gap = gap(existing);
    let mut nodes = std::mem::take(added.nodes_mut());
    let head = added.format().map(|format| format.leading.clone());
    let foot = document
        .format_mut()
        .map(|format| std::mem::take(&mut format.trailing));
    if let Some(format) = nodes.first_mut().and_then(|first| first.format_mut()) {
        let before = [foot, Some(gap.to_owned()), head].into_iter().flatten();
        format.leading = before.collect::<String>() + &format.leading;
    }
    document.nodes_mut().append(&mut nodes);
    let text = document.to_string();
    if text == format!("{existing}{gap}{block}") {
        Ok(text)
    } else {
        Err(AppendError::Unfaithful)
    }
}

/// What makes one empty line between what was there and what comes.
fn gap(existing: &str) -> &'static str {
    if existing.trim().is_empty() || existing.ends_with("\n\n") {
        ""
    } else if existing.ends_with('\n') {
        "\n"
    } else {
        "\n\n"
    }
}

/// How deep comments of whole nodes can be nested at most: neither deeper than there are of them, nor
/// deeper than blocks are.
fn nested(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    text.matches("/-").count().min(deepest + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCK: &str = "// new\nserver b {\n    tool x // review: y\n}\n";

    #[test]
    fn every_byte_of_what_was_there_stays() {
        for existing in [
            "",
            "\n",
            "catalog a language=1\n",
            "catalog a language=1",
            "// only a comment\n",
            "// only a comment",
            "server a { tool x; } // trailing\n/* block */\n\n// end\n",
            "/-server a { tool x; }\nserver c { tool y; /-tool z; }\n\n",
            "server a {\r\n    env X #\"a\\b\"# /* c */\r\n}\r\n",
            "\u{feff}catalog a language=0x1\n",
            "server a; server b;",
            "server a \\\n  team=x\n",
        ] {
            let document: KdlDocument = existing.parse().unwrap();
            eprintln!("{document:#?}");
            let text = append(existing, BLOCK).unwrap_or_else(|error| panic!("{existing:?}: {error}"));
            assert!(text.starts_with(existing), "{existing:?}");
            assert!(text.ends_with(BLOCK), "{existing:?}");
        }
    }

    #[test]
    fn a_file_with_mistakes_is_not_touched() {
        assert!(matches!(append("server a {", BLOCK), Err(AppendError::Mistakes)));
    }

    #[test]
    fn a_file_that_would_take_for_ever_is_not_read() {
        let deep = "a /-{ ".repeat(20) + &"} ".repeat(20);
        assert!(matches!(append(&deep, BLOCK), Err(AppendError::Slashdashes)));
    }
}
