//! Escapes inside of quoted strings.

use std::borrow::Cow;

use super::characters::{is_newline, is_space};

/// An escape of a text that means nothing.
pub(super) struct Bad<'t> {
    /// Byte of its `\` in the text.
    pub(super) at: usize,
    /// The escape.
    pub(super) text: &'t str,
}

/// Decodes the escapes of a text. Those that mean nothing stay as they are written, and are listed.
pub(super) fn decode(text: &str) -> (Cow<'_, str>, Vec<Bad<'_>>) {
    let Some((plain, mut rest)) = text.split_once('\\') else {
        return (Cow::Borrowed(text), Vec::new());
    };
    let mut decoded = String::with_capacity(text.len());
    decoded.push_str(plain);
    let mut bad = Vec::new();
    loop {
        match decode_one(rest) {
            Ok((c, behind)) => {
                decoded.extend(c);
                rest = behind;
            }
            Err(length) => {
                decoded.push('\\');
                let at = text.len() - rest.len() - 1;
                let end = at + 1 + length;
                bad.push(Bad {
                    at,
                    text: text.get(at..end).unwrap_or("\\"),
                });
            }
        }
        let Some((plain, behind)) = rest.split_once('\\') else {
            decoded.push_str(rest);
            return (Cow::Owned(decoded), bad);
        };
        decoded.push_str(plain);
        rest = behind;
    }
}

/// The character that an escape stands for (none for white space) and the text behind it, or the
/// number of bytes behind the `\` that make no escape.
fn decode_one(escape: &str) -> Result<(Option<char>, &str), usize> {
    let mut chars = escape.chars();
    let Some(first) = chars.next() else {
        return Err(0);
    };
    let decoded = match first {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        's' => ' ',
        'b' => '\u{8}',
        'f' => '\u{C}',
        '"' | '\\' => first,
        'u' => return decode_unicode(escape),
        _ if is_blank(first) => return Ok((None, escape.trim_start_matches(is_blank))),
        _ => return Err(first.len_utf8()),
    };
    Ok((Some(decoded), chars.as_str()))
}

/// Decodes `u{...}`.
fn decode_unicode(escape: &str) -> Result<(Option<char>, &str), usize> {
    let Some(inside) = escape.strip_prefix("u{") else {
        return Err(1);
    };
    let digits = inside.bytes().take_while(u8::is_ascii_hexdigit).count();
    let (number, rest) = inside.split_at_checked(digits).ok_or(1_usize)?;
    let length = 2 + digits;
    let Some(behind) = rest.strip_prefix('}') else {
        return Err(length);
    };
    if !(1..=6).contains(&digits) {
        return Err(length + 1);
    }
    u32::from_str_radix(number, 16)
        .ok()
        .and_then(char::from_u32)
        .map(|c| (Some(c), behind))
        .ok_or(length + 1)
}

fn is_blank(c: char) -> bool {
    is_space(c) || is_newline(c)
}

/// Removes escaped white space, and leaves all other escapes as they are.
pub(super) fn unfold(text: &str) -> Cow<'_, str> {
    let mut unfolded = String::new();
    let mut kept_from = text;
    let mut rest = text;
    while let Some((_, escape)) = rest.split_once('\\') {
        let Some(first) = escape.chars().next() else {
            break;
        };
        if is_blank(first) {
            let kept = kept_from.len() - escape.len() - 1;
            unfolded.push_str(kept_from.get(..kept).unwrap_or_default());
            rest = escape.trim_start_matches(is_blank);
            kept_from = rest;
        } else {
            rest = escape.get(first.len_utf8()..).unwrap_or_default();
        }
    }
    if kept_from.len() == text.len() {
        return Cow::Borrowed(text);
    }
    unfolded.push_str(kept_from);
    Cow::Owned(unfolded)
}

/// The lines of a text, each with the byte at which it begins; at least one.
pub(super) fn lines(text: &str) -> Vec<(usize, &str)> {
    let mut lines = Vec::new();
    let mut rest = text;
    loop {
        let start = text.len() - rest.len();
        let Some((line, newline)) = rest
            .find(is_newline)
            .and_then(|length| rest.split_at_checked(length))
        else {
            lines.push((start, rest));
            return lines;
        };
        lines.push((start, line));
        rest = newline.strip_prefix("\r\n").unwrap_or_else(|| {
            let mut chars = newline.chars();
            chars.next();
            chars.as_str()
        });
    }
}
