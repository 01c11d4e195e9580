//! Small changes of good files: neither reader may see what the other does not.

use crate::agreement::{Verdict, compare};
use crate::corpus::files;
use crate::random::Random;

const MUTATIONS: u64 = 10_000;

/// Parts of the language that a change puts somewhere.
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
    "a",
    "a=1",
    "1",
    "10s",
    "0x1",
    "-",
    ".",
    "_",
    "#true",
    "true",
    "#null",
    "#inf",
    "\\n",
    "\\u{41}",
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
    "(t)",
    "{b}",
    "node 1\n",
    "e",
    "+",
];

#[test]
fn ten_thousand_mutations_are_judged_alike() {
    let mut texts: Vec<String> = Vec::new();
    for folder in ["compiler/tests/kdl/valid", "examples"] {
        for (_, text) in files(folder) {
            texts.extend(paragraphs(&text).map(str::to_owned));
        }
    }
    let mut random = Random::new(1);
    let (mut same, mut refused) = (0, 0);
    let mut unexplained = Vec::new();
    for number in 0..MUTATIONS {
        let text = mutated(&texts, &mut random);
        match compare(&text) {
            Ok(Verdict::SameTree) => same += 1,
            Ok(Verdict::BothRefuse) => refused += 1,
            Ok(Verdict::Differs(_) | Verdict::Unsafe) => {}
            Err(why) => unexplained.push(format!("mutation {number}: {why}\n{text:?}")),
        }
    }
    assert!(unexplained.is_empty(), "{}", unexplained.join("\n"));
    // The comparison would mean little if most texts were of one kind.
    assert!(same > 2_000, "only {same} were read by both");
    assert!(refused > 2_000, "only {refused} were refused by both");
}

/// Parts of a text that are quick to read.
fn paragraphs(text: &str) -> impl Iterator<Item = &str> {
    let short = text.len() <= 400;
    let parts = if short {
        vec![text]
    } else {
        text.split("\n\n").collect()
    };
    parts.into_iter().filter(|part| part.len() <= 800)
}

fn mutated(texts: &[String], random: &mut Random) -> String {
    let mut text = texts[random.below(texts.len())].clone();
    for _ in 0..=random.below(3) {
        let (start, end) = (place(&text, random), place(&text, random));
        let (start, end) = (start.min(end), start.max(end));
        match random.below(5) {
            0 => text.replace_range(start..end.min(next_border(&text, start, 8)), ""),
            1 => text.insert_str(start, random.pick(PARTS)),
            2 => {
                let copy = text.get(start..end).unwrap().to_owned();
                text.insert_str(end, &copy);
            }
            3 => {
                let part = random.pick(PARTS);
                text.replace_range(start..next_border(&text, start, 1), part);
            }
            _ => {
                let other = &texts[random.below(texts.len())];
                let from = place(other, random);
                let part = other.get(from..next_border(other, from, 40)).unwrap();
                text.insert_str(start, part);
            }
        }
    }
    text.truncate(next_border(&text, 0, 2_000));
    text
}

fn place(text: &str, random: &mut Random) -> usize {
    next_border(text, 0, random.below(text.len() + 1))
}

/// The first border of characters at least `length` bytes behind `start`.
fn next_border(text: &str, start: usize, length: usize) -> usize {
    (start + length..text.len())
        .find(|&at| text.is_char_boundary(at))
        .unwrap_or(text.len())
}
