//! Changes of a text: of characters, of words and of lines.

#![expect(
    clippy::string_slice,
    reason = "texts are cut at borders that were looked for"
)]

use std::ops::Range;

use bailiwick_organisation::Dice;

/// What has a meaning to the reader or to a type of the language.
const PARTS: &[&str] = &[
    "{",
    "}",
    ";",
    "\n",
    " ",
    "\"",
    "\"\"\"",
    "\"\"\"\n",
    "#",
    "#\"",
    "\"#",
    "/-",
    "//",
    "/*",
    "*/",
    "\\",
    "\\\n",
    "=",
    "(",
    ")",
    "[",
    "]",
    "*",
    ":",
    ".",
    "-",
    "_",
    ",",
    "a",
    "a=1",
    "node 1\n",
    "e",
    "+",
    "1",
    "0",
    "-1",
    "10s",
    "0x1",
    "1e999",
    "18446744073709551616",
    "#true",
    "true",
    "#null",
    "#inf",
    "\\n",
    "\\u{41}",
    "\\u{1b}",
    "\\u{d800}",
    "\\d",
    "\t",
    "\r\n",
    "\r",
    "\u{85}",
    "\u{2028}",
    "\u{a0}",
    "\u{3000}",
    "\u{feff}",
    "\u{202e}",
    "\u{200b}",
    "\u{7f}",
    "\0",
    "é",
    "日",
    "🦀",
    "і",
    "(t)",
    "{b}",
    "\"30s\"",
    "\"64KiB\"",
    "\"2027-03-31\"",
    "\"https://a.example/b\"",
    "\"a.example:443\"",
    "*:*",
    "s:*",
    "null",
];

/// Changes a text once. What is put into it may be a part of another one.
pub(crate) fn change(text: &mut String, other: &str, dice: &mut Dice) {
    match dice.below(12) {
        0 => {
            let place = characters(text, dice, 8);
            text.replace_range(place, "");
        }
        1 => {
            let place = characters(text, dice, 0);
            text.replace_range(place, dice.pick(PARTS));
        }
        2 => {
            let place = characters(text, dice, 2);
            text.replace_range(place, dice.pick(PARTS));
        }
        3 => {
            let from = characters(other, dice, 40);
            let place = characters(text, dice, 0);
            text.replace_range(place, &other[from]);
        }
        4 | 5 => {
            let from = word(other, dice);
            let place = word(text, dice);
            text.replace_range(place, &other[from]);
        }
        6 => {
            let copied = text[word(text, dice)].to_owned();
            let place = word(text, dice);
            text.replace_range(place, &copied);
        }
        7 => {
            let place = line(text, dice);
            text.replace_range(place, "");
        }
        8 => {
            let copied = text[line(text, dice)].to_owned();
            let place = line(text, dice).start;
            text.insert_str(place, &copied);
        }
        9 | 10 => {
            let place = line(text, dice);
            let moved = text[place.clone()].to_owned();
            text.replace_range(place, "");
            let place = line(text, dice).start;
            text.insert_str(place, &moved);
        }
        _ => {
            let from = line(other, dice);
            let place = line(text, dice).start;
            text.insert_str(place, &other[from]);
        }
    }
}

/// Up to `most` bytes somewhere.
fn characters(text: &str, dice: &mut Dice, most: usize) -> Range<usize> {
    let start = border(text, dice.below(text.len() + 1));
    start..border(text, start + dice.below(most + 1))
}

/// A word somewhere; empty where none begins soon.
fn word(text: &str, dice: &mut Dice) -> Range<usize> {
    let part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    let from = border(text, dice.below(text.len() + 1));
    let before = text[..from].trim_end_matches(part);
    let start = text[before.len()..]
        .find(part)
        .map_or(from, |at| before.len() + at);
    let word = &text[start..];
    start..start + word.find(|c| !part(c)).unwrap_or(word.len())
}

/// A line somewhere, with its end.
fn line(text: &str, dice: &mut Dice) -> Range<usize> {
    let from = border(text, dice.below(text.len() + 1));
    let start = text[..from].rfind('\n').map_or(0, |at| at + 1);
    let end = text[from..]
        .find('\n')
        .map_or(text.len(), |at| from + at + 1);
    start..end
}

/// The first border of characters at or behind `at`.
pub(crate) fn border(text: &str, at: usize) -> usize {
    text.ceil_char_boundary(at)
}
