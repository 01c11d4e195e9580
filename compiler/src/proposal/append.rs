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
    #[error(
        "the file nests blocks that are commented out with `/-` too deeply; remove some of them"
    )]
    Slashdashes,
    /// The document model disagrees with our reader.
    #[error("the file cannot be edited")]
    Document(#[source] KdlError),
    /// What was there would not mean the same any more.
    #[error("the file cannot be added to without changing what it says")]
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
    // The model loses a comment after a block on one line when it writes (kdl 6.7.1), so the text is
    // joined here, and the model proves that it reads as the one and then the other.
    let text = format!("{existing}{}{block}", gap(existing));
    let mut both = nodes(existing)?;
    both.extend(nodes(block)?);
    if nodes(&text)? == both {
        Ok(text)
    } else {
        Err(AppendError::Unfaithful)
    }
}

/// The nodes of a text, each without its spacing and comments.
fn nodes(text: &str) -> Result<Vec<String>, AppendError> {
    let mut document: KdlDocument = text.parse().map_err(AppendError::Document)?;
    document.clear_format_recursive();
    Ok(document.nodes().iter().map(ToString::to_string).collect())
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
            let text =
                append(existing, BLOCK).unwrap_or_else(|error| panic!("{existing:?}: {error}"));
            assert!(text.starts_with(existing), "{existing:?}");
            assert!(text.ends_with(BLOCK), "{existing:?}");
        }
    }

    #[test]
    fn a_file_with_mistakes_is_not_touched() {
        assert!(matches!(
            append("server a {", BLOCK),
            Err(AppendError::Mistakes)
        ));
    }

    #[test]
    fn a_file_that_would_take_for_ever_is_not_read() {
        let deep = "a /-{ ".repeat(20) + &"} ".repeat(20);
        assert!(matches!(
            append(&deep, BLOCK),
            Err(AppendError::Slashdashes)
        ));
    }
}
