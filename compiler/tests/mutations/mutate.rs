//! Changes of a text: of characters, of words and of lines.

use std::ops::Range;

use crate::documents::Documents;
use crate::random::Random;

/// The longest text, bytes.
const LONGEST: usize = 16 * 1024;

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

/// One of the documents, mostly a catalog, with one to four changes. Some of them take over a part of another one.
pub(crate) fn mutated(documents: &Documents, random: &mut Random) -> String {
    let Documents { catalogs, texts } = documents;
    let of = if random.below(4) == 0 {
        texts
    } else {
        catalogs
    };
    let mut text = of[random.below(of.len())].clone();
    let of = if random.below(8) == 0 {
        texts
    } else {
        catalogs
    };
    let other = &of[random.below(of.len())];
    // Half of them have one: what is nearly right comes further.
    let changes = 1 + random.below(2) * random.below(4);
    for _ in 0..changes {
        change(&mut text, other, random);
    }
    text.truncate(border(&text, LONGEST));
    text
}

fn change(text: &mut String, other: &str, random: &mut Random) {
    match random.below(12) {
        0 => {
            let place = characters(text, random, 8);
            text.replace_range(place, "");
        }
        1 => {
            let place = characters(text, random, 0);
            text.replace_range(place, random.pick(PARTS));
        }
        2 => {
            let place = characters(text, random, 2);
            text.replace_range(place, random.pick(PARTS));
        }
        3 => {
            let from = characters(other, random, 40);
            let place = characters(text, random, 0);
            text.replace_range(place, &other[from]);
        }
        4 | 5 => {
            let from = word(other, random);
            let place = word(text, random);
            text.replace_range(place, &other[from]);
        }
        6 => {
            let copied = text[word(text, random)].to_owned();
            let place = word(text, random);
            text.replace_range(place, &copied);
        }
        7 => {
            let place = line(text, random);
            text.replace_range(place, "");
        }
        8 => {
            let copied = text[line(text, random)].to_owned();
            let place = line(text, random).start;
            text.insert_str(place, &copied);
        }
        9 | 10 => {
            let place = line(text, random);
            let moved = text[place.clone()].to_owned();
            text.replace_range(place, "");
            let place = line(text, random).start;
            text.insert_str(place, &moved);
        }
        _ => {
            let from = line(other, random);
            let place = line(text, random).start;
            text.insert_str(place, &other[from]);
        }
    }
}

/// Up to `most` bytes somewhere.
fn characters(text: &str, random: &mut Random, most: usize) -> Range<usize> {
    let start = border(text, random.below(text.len() + 1));
    start..border(text, start + random.below(most + 1))
}

/// A word somewhere; empty where none begins soon.
fn word(text: &str, random: &mut Random) -> Range<usize> {
    let part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    let from = border(text, random.below(text.len() + 1));
    let before = text[..from].trim_end_matches(part);
    let start = text[before.len()..]
        .find(part)
        .map_or(from, |at| before.len() + at);
    let word = &text[start..];
    start..start + word.find(|c| !part(c)).unwrap_or(word.len())
}

/// A line somewhere, with its end.
fn line(text: &str, random: &mut Random) -> Range<usize> {
    let from = border(text, random.below(text.len() + 1));
    let start = text[..from].rfind('\n').map_or(0, |at| at + 1);
    let end = text[from..]
        .find('\n')
        .map_or(text.len(), |at| from + at + 1);
    start..end
}

/// The first border of characters at or behind `at`.
fn border(text: &str, at: usize) -> usize {
    text.ceil_char_boundary(at)
}
