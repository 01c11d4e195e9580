//! Small changes of good files: neither reader may see what the other does not.

use bailiwick_organisation::Dice;

use crate::agreement::{Verdict, compare};
use crate::corpus::files;
use crate::mutate::{border, change};

const MUTATIONS: u64 = 10_000;

#[test]
fn ten_thousand_mutations_are_judged_alike() {
    let mut texts: Vec<String> = Vec::new();
    for folder in ["compiler/tests/kdl/valid", "examples"] {
        for (_, text) in files(folder) {
            texts.extend(paragraphs(&text).map(str::to_owned));
        }
    }
    let mut dice = Dice::new(1);
    let (mut same, mut refused) = (0, 0);
    let mut unexplained = Vec::new();
    for number in 0..MUTATIONS {
        let text = mutated(&texts, &mut dice);
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

/// One of the texts with one to four changes.
fn mutated(texts: &[String], dice: &mut Dice) -> String {
    let mut text = dice.pick(texts);
    for _ in 0..=dice.below(3) {
        let other = dice.pick(texts);
        change(&mut text, &other, dice);
    }
    text.truncate(border(&text, 2_000));
    text
}
