//! Adds nodes to a file and keeps every byte of what was there.

use kdl::KdlDocument;

use crate::source::{FileId, Sources};
use crate::syntax::{self, Document};

/// Comments of whole nodes (`/-`) that may be nested for the `kdl` crate to be asked; it takes twice as long
/// for each further one.
const SLASHDASHES: usize = 8;

/// Why a file was not added to.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// The file has mistakes.
    #[error("the file has mistakes; `bailiwick check` shows them")]
    Mistakes,
    /// What was there would not mean the same any more.
    #[error("the file cannot be added to without changing what it says")]
    Unfaithful,
}

/// `existing` with the nodes of `block` after it. Every byte of `existing` stays, and both readers of KDL say
/// that it means what it meant.
///
/// # Errors
/// When it has mistakes, or would mean something else.
pub fn append(existing: &str, block: &str) -> Result<String, AppendError> {
    let mut sources = Sources::default();
    let file = sources.add(String::new(), String::new());
    // The writer of the `kdl` crate (6.7.1) loses a comment after a block on one line, so the text is joined
    // here, and the crate is asked what it says.
    let text = format!("{existing}{}{block}", gap(existing));
    let before = read(file, existing).ok_or(AppendError::Mistakes)?;
    let added = read(file, block).ok_or(AppendError::Unfaithful)?;
    let both = read(file, &text).ok_or(AppendError::Unfaithful)?;
    let count = before.nodes.len() + added.nodes.len();
    // Nothing before the block moves, so the places are the same too.
    let same = both.nodes.starts_with(&before.nodes) && both.nodes.len() == count;
    if same && model_agrees(existing, block, &text) {
        Ok(text)
    } else {
        Err(AppendError::Unfaithful)
    }
}

/// What our reader says of a text; none when it has mistakes.
fn read(file: FileId, text: &str) -> Option<Document<'_>> {
    let mut found = Vec::new();
    let document = syntax::read(file, text, &mut found);
    found.is_empty().then_some(document)
}

/// Whether the `kdl` crate reads the joined text as the one and then the other. Some valid files it cannot
/// read, as with `/-` at the end of a block; then there is nothing to ask.
fn model_agrees(existing: &str, block: &str, text: &str) -> bool {
    if nested(existing) > SLASHDASHES {
        return true;
    }
    let (Some(mut both), Some(added)) = (nodes(existing), nodes(block)) else {
        return true;
    };
    both.extend(added);
    nodes(text).is_some_and(|nodes| nodes == both)
}

/// The nodes of a text, each without its spacing and comments.
fn nodes(text: &str) -> Option<Vec<String>> {
    let mut document: KdlDocument = text.parse().ok()?;
    document.clear_format_recursive();
    Some(document.nodes().iter().map(ToString::to_string).collect())
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
            "catalog a \\",
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
        // The last would comment out what comes next.
        for existing in ["server a {", "catalog a language=1\n/-"] {
            assert!(
                matches!(append(existing, BLOCK), Err(AppendError::Mistakes)),
                "{existing:?}"
            );
        }
    }

    #[test]
    fn the_model_is_not_asked_about_a_file_that_would_take_for_ever() {
        let deep = "a /-{ ".repeat(20) + &"} ".repeat(20) + "\n";
        assert!(append(&deep, BLOCK).unwrap().starts_with(&deep));
    }
}
