//! TOL008: patterns that some engine takes for ever to match, or reads in another way.

use regex_syntax::hir::{Class, Hir, HirKind};
use serde_json::Value;

use super::definitions::Problem;
use super::error_in_prod;
use super::schemas::{escape, subschemas};
use crate::diagnostic::Check;

pub(crate) const UNSAFE_PATTERN: Check = error_in_prod(
    "TOL008",
    "unsafe-pattern",
    "a pattern is not linear-time, or not portable ECMA-262",
);

/// Longest pattern that is read, bytes.
const LONGEST: usize = 1_024;

/// What is wrong with the patterns of an input schema.
pub(super) fn patterns(schema: &Value, found: &mut Vec<Problem>) {
    for sub in subschemas(schema) {
        if let Some(pattern) = sub.schema.get("pattern").and_then(Value::as_str) {
            check(pattern, &format!("{}/pattern", sub.pointer), found);
        }
        let keys = sub
            .schema
            .get("patternProperties")
            .and_then(Value::as_object);
        for key in keys.into_iter().flat_map(|keys| keys.keys()) {
            let pointer = format!("{}/patternProperties/{}", sub.pointer, escape(key));
            check(key, &pointer, found);
        }
    }
}

fn check(pattern: &str, pointer: &str, found: &mut Vec<Problem>) {
    if let Some(why) = misfit(pattern) {
        found.push(Problem::new(&UNSAFE_PATTERN, pointer, why));
    }
}

/// Why a pattern is not safe everywhere, if it is not.
pub(super) fn misfit(pattern: &str) -> Option<&'static str> {
    if pattern.len() > LONGEST {
        return Some("the pattern is longer than 1,024 bytes");
    }
    if ["(?=", "(?!", "(?<=", "(?<!"]
        .iter()
        .any(|look| pattern.contains(look))
    {
        return Some("the pattern looks around, which no linear-time engine does");
    }
    if !is_portable(pattern) {
        return Some("the pattern is written in a dialect that ECMA-262 does not have");
    }
    let mut parser = regex_syntax::ParserBuilder::new().nest_limit(64).build();
    // ECMA-262 lets a `/` be escaped, which means the same without the escape.
    match parser.parse(&pattern.replace("\\/", "/")) {
        Err(_) => Some("the pattern needs an engine that is not linear-time, or is broken"),
        Ok(parsed) => explodes(&parsed).then_some(
            "the pattern repeats what is repeated already, which takes some engines exponential time",
        ),
    }
}

/// Whether nothing in the pattern means something in Rust or Perl that ECMA-262 does not know.
fn is_portable(pattern: &str) -> bool {
    let foreign = [
        "\\A", "\\z", "\\Z", "\\x{", "\\Q", "[[:", "(?P", "(?i", "(?m", "(?s", "(?x", "(?-", "(?#",
        "(?>", "&&",
    ];
    let plain = pattern.replace("\\\\", "");
    !foreign.iter().any(|mark| plain.contains(mark))
}

/// Whether an unbounded repetition has another one inside, and nothing in between that tells where one turn
/// ends and the next begins.
fn explodes(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Repetition(repetition) => {
            let unbounded = repetition.max.is_none_or(|max| max > 64);
            let inside = &*repetition.sub;
            unbounded && is_ambiguous(inside) || explodes(inside)
        }
        HirKind::Capture(capture) => explodes(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().any(explodes),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => false,
    }
}

/// Whether a text can be several turns of this in more than one way: it has an unbounded repetition, and no
/// part that each turn has once and that the repetition cannot match.
fn is_ambiguous(turn: &Hir) -> bool {
    match turn.kind() {
        HirKind::Capture(capture) => is_ambiguous(&capture.sub),
        HirKind::Repetition(repetition) => {
            repetition.max.is_none_or(|max| max > 64) || is_ambiguous(&repetition.sub)
        }
        HirKind::Alternation(parts) => parts.iter().any(is_ambiguous),
        HirKind::Concat(parts) => {
            let mut repeated = Vec::new();
            for part in parts.iter().filter(|part| is_ambiguous(part)) {
                letters(part, &mut repeated);
            }
            let divides = |part: &Hir| {
                let mut own = Vec::new();
                letters(part, &mut own);
                !is_ambiguous(part)
                    && part
                        .properties()
                        .minimum_len()
                        .is_some_and(|length| length > 0)
                    && own
                        .iter()
                        .all(|range| !repeated.iter().any(|other| meet(*range, *other)))
            };
            !repeated.is_empty() && !parts.iter().any(divides)
        }
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => false,
    }
}

type Range = (char, char);

fn meet(one: Range, other: Range) -> bool {
    one.0 <= other.1 && other.0 <= one.1
}

/// The letters that can be anywhere in a match.
fn letters(hir: &Hir, ranges: &mut Vec<Range>) {
    match hir.kind() {
        HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
            Ok(text) => ranges.extend(text.chars().map(|c| (c, c))),
            Err(_) => ranges.push(('\0', char::MAX)),
        },
        HirKind::Class(Class::Unicode(class)) => {
            ranges.extend(class.iter().map(|range| (range.start(), range.end())));
        }
        HirKind::Class(Class::Bytes(_)) => ranges.push(('\0', char::MAX)),
        HirKind::Repetition(repetition) => letters(&repetition.sub, ranges),
        HirKind::Capture(capture) => letters(&capture.sub, ranges),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            for part in parts {
                letters(part, ranges);
            }
        }
        HirKind::Empty | HirKind::Look(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn patterns_that_explode() {
        for bad in [
            "(a+)+$",
            "^(\\w+\\s?)*$",
            "([a-z]*)*",
            "(a|b+)*",
            "((ab)+c?)+",
            "(.*,)*x",
        ] {
            assert!(
                misfit(bad).is_some_and(|why| why.contains("exponential")),
                "{bad}"
            );
        }
    }

    #[test]
    fn patterns_that_other_engines_do_not_have() {
        for bad in [
            "(?=a)b",
            "(a)\\1",
            "(?i)abc",
            "\\Aabc\\z",
            "[[:alpha:]]",
            "(?P<n>a)",
            "[a&&b]",
            "a(",
        ] {
            assert!(misfit(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn patterns_that_are_fine() {
        for good in [
            "^[A-Za-z0-9_]+$",
            "^([/_.\\-A-Za-z0-9=, ()!])+$",
            "^[.\\-A-Za-z0-9]+([=!,]{1,2}[./\\-A-Za-z0-9]+)+$",
            "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]",
            "^((25[0-5]|[0-9])\\.){3}(25[0-5]|[0-9])\\/([0-9]|3[0-2])$",
            "^[\\x20-\\x7E]*$",
            "^[a-z]+(-[a-z]+)*$",
            "\\\\Abc",
        ] {
            assert_eq!(misfit(good), None, "{good}");
        }
    }

    #[test]
    fn every_pattern_of_a_schema_is_read() {
        let mut found = Vec::new();
        let schema =
            json!({"properties": {"a": {"pattern": "(a+)+"}}, "patternProperties": {"(?=/)": {}}});
        patterns(&schema, &mut found);
        let places: Vec<&str> = found
            .iter()
            .map(|problem| problem.pointer.as_str())
            .collect();
        assert_eq!(
            places,
            [
                "/inputSchema/patternProperties/(?=~1)",
                "/inputSchema/properties/a/pattern"
            ]
        );
    }
}
