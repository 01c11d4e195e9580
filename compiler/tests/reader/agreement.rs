//! The `kdl` crate as the oracle: same verdict and same values, outside of a named list.

use bailiwick_compiler::diagnostic::Diagnostic;
use bailiwick_compiler::syntax::{Document, Entry, Node, Value};
use kdl::{KdlDocument, KdlEntry, KdlNode, KdlValue};

use crate::invariants::checked_read;

/// What the two may disagree about.
#[derive(Debug)]
pub(crate) struct Difference {
    /// Its name.
    pub(crate) name: &'static str,
    /// Why ours is right.
    pub(crate) reason: &'static str,
    /// Whether it may explain a text.
    applies: fn(&str, &[Diagnostic]) -> bool,
}

/// What came out of comparing a text.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// Both read it, and the trees are equal.
    SameTree,
    /// Both refuse it.
    BothRefuse,
    /// One reads it, and the list says why.
    Differs(&'static Difference),
    /// The crate might take very long for it, or overflow its stack.
    Unsafe,
}

/// Texts that we refuse and the crate reads.
pub(crate) static WE_REFUSE: &[Difference] = &[
    Difference {
        name: "characters that KDL bans",
        reason: "the crate lets them pass in comments, and U+007F everywhere",
        applies: |_, found| has(found, "SYN011"),
    },
    Difference {
        name: "raw multi-line string on one line",
        reason: "the grammar asks for a line break behind the quotes",
        applies: |text, found| text.contains("#\"\"\"") && has(found, "SYN014"),
    },
    Difference {
        name: "unquoted URL",
        reason: "legal KDL that cannot be meant: the rest of the URL would be a comment",
        applies: |text, found| text.contains("://") && has(found, "SYN017"),
    },
    Difference {
        name: "repeated property",
        reason: "legal KDL in which the last one silently wins",
        applies: |_, found| has(found, "SYN018"),
    },
    Difference {
        name: "suspicious name",
        reason: "legal KDL that looks like another name",
        applies: |text, found| (!text.is_ascii() || text.contains("\\u")) && has(found, "SYN019"),
    },
    Difference {
        name: "version marker of KDL v1",
        reason: "the file says that it means something else",
        applies: |text, found| text.contains("kdl-version") && has(found, "SYN020"),
    },
    Difference {
        name: "something behind a child block, next to a `/-`",
        reason: "the grammar allows only child blocks that are commented out behind a child block",
        applies: |text, found| text.contains("/-") && has(found, "SYN013"),
    },
    Difference {
        name: "`/-` right behind `/-`",
        reason: "the grammar has one `/-` before what it comments out",
        applies: |text, found| text.matches("/-").count() > 1 && has(found, "SYN010"),
    },
    Difference {
        name: "upper-case prefix of a number",
        reason: "the grammar writes `0x`, `0o` and `0b` in lower case",
        applies: |text, found| {
            ["0X", "0O", "0B"]
                .iter()
                .any(|prefix| text.contains(prefix))
                && has(found, "SYN002")
        },
    },
    Difference {
        name: "`-inf` as the name of a node",
        reason: "the grammar lists it with the words that are kept for keywords",
        applies: |text, found| text.contains("-inf") && has(found, "SYN007"),
    },
    Difference {
        name: "keyword that goes on, next to a `/-`",
        reason: "the crate ends what is commented out at the keyword, and takes the rest of the word for a node",
        applies: |text, found| {
            let (_, behind) = text.split_once("/-").unwrap_or_default();
            let keywords = ["#true", "#false", "#null", "#inf", "#-inf", "#nan"];
            let goes_on = |keyword: &str| {
                behind.match_indices(keyword).any(|(at, _)| {
                    let rest = behind.get(at + keyword.len()..).unwrap_or_default();
                    !rest.starts_with(|c: char| c.is_whitespace() || c == ';' || c == '}')
                })
            };
            keywords.into_iter().any(goes_on) && has(found, "SYN006")
        },
    },
];

/// Texts that we read and the crate refuses.
pub(crate) static CRATE_REFUSES: &[Difference] = &[
    Difference {
        name: "no space before `/-`",
        reason: "the grammar allows it since KDL 2.0.1",
        applies: |text, _| {
            text.match_indices("/-").any(|(at, _)| {
                let before = text.get(..at).and_then(|before| before.chars().next_back());
                before.is_some_and(|c| !c.is_whitespace() && !matches!(c, ';' | '{' | '}'))
            })
        },
    },
    Difference {
        name: "`;` behind a node that is commented out",
        reason: "the grammar ends a commented-out node as any other",
        applies: |text, _| {
            text.match_indices("/-")
                .any(|(at, _)| text.get(at..).is_some_and(|rest| rest.contains(';')))
        },
    },
    Difference {
        name: "whole numbers that do not fit 127 bits",
        reason: "KDL does not limit numbers; we keep those that do not fit as they are written",
        applies: |text, _| {
            text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .any(|word| word.len() >= 32 && word.starts_with(|c: char| c.is_ascii_digit()))
        },
    },
];

/// Compares what both make of a text.
///
/// # Errors
/// When they disagree and the list does not say why.
pub(crate) fn compare(text: &str) -> Result<Verdict, String> {
    let (document, found) = checked_read(text);
    if !is_safe_for_crate(text, found.is_empty()) {
        return Ok(Verdict::Unsafe);
    }
    let theirs = KdlDocument::parse_v2(text);
    match (found.is_empty(), theirs) {
        (true, Ok(theirs)) => same_document(&document, &theirs).map(|()| Verdict::SameTree),
        (false, Err(_)) => Ok(Verdict::BothRefuse),
        (true, Err(error)) => explained(CRATE_REFUSES, text, &found).ok_or_else(|| {
            let first = error
                .diagnostics
                .first()
                .and_then(|first| first.message.clone());
            format!("the crate refuses: {}", first.unwrap_or_default())
        }),
        (false, Ok(_)) => explained(WE_REFUSE, text, &found).ok_or_else(|| {
            format!(
                "we refuse: {:?}",
                found
                    .iter()
                    .map(|finding| (finding.check.code, &finding.message))
                    .collect::<Vec<_>>()
            )
        }),
    }
}

fn explained(list: &'static [Difference], text: &str, found: &[Diagnostic]) -> Option<Verdict> {
    list.iter()
        .find(|difference| (difference.applies)(text, found))
        .map(Verdict::Differs)
}

fn has(found: &[Diagnostic], code: &str) -> bool {
    found.iter().any(|finding| finding.check.code == code)
}

/// The crate takes exponential time for nested `/-` and for broken nested blocks, and recurses.
fn is_safe_for_crate(text: &str, accepted: bool) -> bool {
    let slashdashes = text.matches("/-").count();
    let blocks = text.matches('{').count();
    if accepted {
        slashdashes <= 4 && blocks <= 200 || slashdashes == 0
    } else {
        slashdashes <= 2 && blocks <= 6 && text.len() <= 4096
    }
}

fn same_document(ours: &Document<'_>, theirs: &KdlDocument) -> Result<(), String> {
    same_nodes(&ours.nodes, theirs.nodes())
}

fn same_nodes(ours: &[Node<'_>], theirs: &[KdlNode]) -> Result<(), String> {
    if ours.len() != theirs.len() {
        return Err(format!(
            "{} nodes, the crate has {}",
            ours.len(),
            theirs.len()
        ));
    }
    ours.iter()
        .zip(theirs)
        .try_for_each(|(ours, theirs)| same_node(ours, theirs))
}

fn same_node(ours: &Node<'_>, theirs: &KdlNode) -> Result<(), String> {
    let (name, their_name) = (&*ours.name.text, theirs.name().value());
    if name != their_name {
        return Err(format!("node {name:?}, the crate has {their_name:?}"));
    }
    let annotation = ours.annotation.as_ref().map(|text| &*text.text);
    if annotation != theirs.ty().map(kdl::KdlIdentifier::value) {
        return Err(format!("annotation of {name:?}"));
    }
    if ours.entries.len() != theirs.entries().len() {
        return Err(format!("number of entries of {name:?}"));
    }
    for (ours, theirs) in ours.entries.iter().zip(theirs.entries()) {
        same_entry(ours, theirs).map_err(|why| format!("{why} in {name:?}"))?;
    }
    if ours.block.is_some() != theirs.children().is_some() {
        return Err(format!("block of {name:?}"));
    }
    let children = theirs
        .children()
        .map(KdlDocument::nodes)
        .unwrap_or_default();
    same_nodes(&ours.children, children)
}

fn same_entry(ours: &Entry<'_>, theirs: &KdlEntry) -> Result<(), String> {
    let name = ours.name.as_ref().map(|text| &*text.text);
    if name != theirs.name().map(kdl::KdlIdentifier::value) {
        return Err(format!("name {name:?}"));
    }
    let annotation = ours.annotation.as_ref().map(|text| &*text.text);
    if annotation != theirs.ty().map(kdl::KdlIdentifier::value) {
        return Err(format!("annotation {annotation:?}"));
    }
    if same_value(&ours.value, theirs.value()) {
        Ok(())
    } else {
        Err(format!(
            "{:?}, the crate has {:?}",
            ours.value,
            theirs.value()
        ))
    }
}

fn same_value(ours: &Value<'_>, theirs: &KdlValue) -> bool {
    match (ours, theirs) {
        (Value::Text(ours), KdlValue::String(theirs)) => ours == theirs,
        (Value::Integer(ours), KdlValue::Integer(theirs)) => ours == theirs,
        (Value::Float(ours), KdlValue::Float(theirs)) => {
            let plain = ours.replace('_', "");
            let number = match plain.as_str() {
                "#inf" => f64::INFINITY,
                "#-inf" => f64::NEG_INFINITY,
                "#nan" => f64::NAN,
                plain => plain.parse().unwrap(),
            };
            number.to_bits() == theirs.to_bits() || number.is_nan() && theirs.is_nan()
        }
        (Value::Bool(ours), KdlValue::Bool(theirs)) => ours == theirs,
        (Value::Null, KdlValue::Null) => true,
        _ => false,
    }
}

/// A text for each difference, so that the list holds none that is gone.
#[cfg(test)]
const EXAMPLES: &[(&str, &str)] = &[
    ("characters that KDL bans", "a // b\u{202E}c\n"),
    ("characters that KDL bans", "a b\u{7F}\n"),
    ("raw multi-line string on one line", "a #\"\"\"b\"\"\"#\n"),
    ("unquoted URL", "a https://b.example\n"),
    ("repeated property", "a b=1 b=2\n"),
    ("suspicious name", "a\u{200B}b\n"),
    ("version marker of KDL v1", "/- kdl-version 1\na\n"),
    (
        "something behind a child block, next to a `/-`",
        "a { b } /-c\n",
    ),
    ("`/-` right behind `/-`", "one 1 /-/-(a)two (b)0\n"),
    ("upper-case prefix of a number", "node 0X0 0xfF\n"),
    ("`-inf` as the name of a node", "-inf\n"),
    ("keyword that goes on, next to a `/-`", "/-a #nullb\n"),
    ("no space before `/-`", "a/-b\n"),
    ("`;` behind a node that is commented out", "/-a;/-b;c\n"),
    (
        "whole numbers that do not fit 127 bits",
        "a -170141183460469231731687303715884105728\n",
    ),
];

#[test]
fn each_difference_is_still_one() {
    for &(name, text) in EXAMPLES {
        match compare(text) {
            Ok(Verdict::Differs(difference)) => assert_eq!(difference.name, name, "{text:?}"),
            other => panic!("{name}: {text:?} gives {other:?}"),
        }
    }
    for difference in WE_REFUSE.iter().chain(CRATE_REFUSES) {
        assert!(
            EXAMPLES.iter().any(|&(name, _)| name == difference.name),
            "no example of {}, which is there because {}",
            difference.name,
            difference.reason
        );
    }
}
