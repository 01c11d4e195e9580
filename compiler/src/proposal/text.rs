//! Words, strings and comments of KDL, such that no text of a server gets out of its place.

use crate::diagnostic::visible::is_invisible;

/// Longest comment, characters.
const COMMENT: usize = 64;

/// A line of a block: a node and its arguments.
pub(super) fn line(node: &str, arguments: impl IntoIterator<Item = String>) -> String {
    let mut text = format!("    {node}");
    for argument in arguments {
        text.push(' ');
        text.push_str(&argument);
    }
    text.push('\n');
    text
}

/// A name as a bare word where that is possible, else in quotes.
pub(super) fn word(text: &str) -> String {
    let mut letters = text.bytes();
    let starts = letters
        .next()
        .is_some_and(|b| b.is_ascii_alphabetic() || b == b'_');
    let goes_on = letters.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
    let is_keyword = matches!(text, "true" | "false" | "null" | "inf" | "nan");
    if starts && goes_on && !is_keyword {
        text.to_owned()
    } else {
        quoted(text)
    }
}

/// A string in quotes. What cannot be seen is written out.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ if is_hidden(c) => out.extend(c.escape_unicode()),
            _ => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A server's word as a comment shows it: not too long, and nothing but what names of tools are made of,
/// since people and models read comments too.
pub(super) fn comment(text: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    text.chars()
        .take(COMMENT)
        .map(|c| if fits(c) { c } else { '?' })
        .collect()
}

/// Characters that act, turn the direction of text or end a line of KDL.
fn is_hidden(c: char) -> bool {
    c.is_control() || is_invisible(c) || matches!(c, '\u{2028}' | '\u{2029}' | '\u{85}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_need_quotes_get_them() {
        for bare in ["git_log", "API-post-search", "admin.tools.list", "_x"] {
            assert_eq!(word(bare), bare);
        }
        for quoted in ["1st", "-x", ".5", "true", "nan", ""] {
            assert_eq!(word(quoted), format!("\"{quoted}\""));
        }
    }

    #[test]
    fn nothing_gets_out_of_a_string_or_a_comment() {
        assert_eq!(
            quoted("a\"b\\c\n}\u{202e}\u{7f}\u{2028}"),
            "\"a\\\"b\\\\c\\n}\\u{202e}\\u{7f}\\u{2028}\""
        );
        assert_eq!(comment("a\n}\u{202e}\u{456}b c"), "a????b?c");
        assert_eq!(comment(&"x".repeat(500)).len(), COMMENT);
    }
}
