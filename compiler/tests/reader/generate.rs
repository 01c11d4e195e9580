//! Documents made by the grammar: both readers accept them and read the same.

use bailiwick_organisation::Dice;

use crate::agreement::{Verdict, compare};

const DOCUMENTS: u64 = 2_000;

const SPACES: &[&str] = &[
    " ",
    "  ",
    "\t",
    " /* c */ ",
    " \\\n ",
    " \\ // c\n ",
    "\u{a0}",
];
const NEWLINES: &[&str] = &[
    "\n", "\r\n", "\n\n", ";", " ; ", " // c\n", "\u{2028}", "\r",
];
const WORDS: &[&str] = &[
    "a",
    "zendesk:get_*",
    "-",
    "-x",
    ".y",
    "+.z",
    "x1",
    "é",
    "日本",
    "true-ish",
    "a.b@c",
    "\"q q\"",
    "\"\"",
    "#\"raw \" \\\"#",
    "\"e\\n\\u{41}\\\\\"",
    "\"\"\"\n  m\n   n\n  \"\"\"",
    "##\"\"\"\n\tm\"\"\"#\n\t\"\"\"##",
    "\"w\\   w\"",
];
const VALUES: &[&str] = &[
    "1", "-1", "+1_0", "0xFf", "0o17", "-0b1", "1.5", "-1.5e-3", "1E9", "#true", "#false", "#null",
    "#inf", "#-inf", "#nan",
];

#[test]
fn generated_documents_are_read_alike() {
    let mut dice = Dice::new(2);
    let mut same = 0;
    let mut unexplained = Vec::new();
    for number in 0..DOCUMENTS {
        let mut text = String::new();
        nodes(&mut text, &mut dice, 3);
        match compare(&text) {
            Ok(Verdict::SameTree) => same += 1,
            Ok(Verdict::Unsafe) => {}
            Ok(verdict @ (Verdict::BothRefuse | Verdict::Differs(_))) => {
                unexplained.push(format!("document {number}: {verdict:?}\n{text:?}"));
            }
            Err(why) => unexplained.push(format!("document {number}: {why}\n{text:?}")),
        }
    }
    assert!(unexplained.is_empty(), "{}", unexplained.join("\n"));
    assert!(same > DOCUMENTS / 2, "only {same} were read by both");
}

fn nodes(text: &mut String, dice: &mut Dice, depth: usize) {
    for _ in 0..dice.below(4) {
        let slashed = dice.below(24) == 0;
        if slashed {
            text.push_str("/-");
        }
        annotation(text, dice);
        text.push_str(dice.pick(WORDS));
        for _ in 0..dice.below(4) {
            text.push_str(dice.pick(SPACES));
            entry(text, dice);
        }
        if depth > 0 && dice.below(3) == 0 {
            text.push_str(dice.pick(SPACES));
            text.push('{');
            nodes(text, dice, depth - 1);
            text.push('}');
        }
        // See the list of differences for `;` behind a node that is commented out.
        text.push_str(dice.pick(if slashed { &["\n"] } else { NEWLINES }));
    }
}

fn entry(text: &mut String, dice: &mut Dice) {
    if dice.below(24) == 0 {
        text.push_str("/-");
    }
    if dice.below(3) == 0 {
        // The length tells apart all names of one document.
        let name = text.len();
        let name = match dice.below(3) {
            0 => format!("\"p {name}\""),
            1 => format!("#\"p{name}\"#"),
            _ => format!("p{name}"),
        };
        text.push_str(&name);
        text.push_str(dice.pick(&["=", " =", "= ", " = "]));
    }
    annotation(text, dice);
    let from = if dice.below(2) == 0 { WORDS } else { VALUES };
    text.push_str(dice.pick(from));
}

fn annotation(text: &mut String, dice: &mut Dice) {
    if dice.below(8) == 0 {
        text.push('(');
        text.push_str(dice.pick(WORDS));
        text.push(')');
    }
}
