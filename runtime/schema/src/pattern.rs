//! How long a pattern takes to match: the matcher goes through a text once when it can keep all states it comes to, and
//! once for each part of the pattern when there are too many.

use std::collections::{BTreeMap, BTreeSet};

use regex_syntax::hir::{Class, Hir, HirKind, Look};

/// Longest pattern that is read, bytes.
const LONGEST: usize = 1_024;

/// Most parts of a pattern, with all its repetitions written out.
const PARTS: usize = 2_000;

/// Most states that the matcher keeps for sure.
const STATES: usize = 1_500;

/// Most steps that are taken to count the states.
const STEPS: usize = 300_000;

/// Most states that a character of several bytes is read through.
const WIDE: usize = 300;

/// To begin a match, nanoseconds.
const BEGIN: u64 = 30;
/// A hundred bytes with all states kept, nanoseconds.
const KEPT: u64 = 300;
/// A hundred bytes for each part that it is in at once, without.
const PART: u64 = 500;

/// How long a match takes, nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Matching {
    /// Each time.
    pub(crate) once: u64,
    /// For a hundred bytes of the text.
    pub(crate) text: u64,
}

/// Why no value can be held against a pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// It is not written as patterns are, or needs a matcher that is not linear-time.
    #[error("{0}")]
    Broken(String),
    /// It has too many parts, or classes of bytes.
    #[error(
        "it has more than {PARTS} parts, with all repetitions written out, or reads bytes that are no text"
    )]
    Large,
}

/// A pattern that matches what `pattern` matches as a whole.
pub fn whole(pattern: &str) -> String {
    format!("^(?:{pattern})$")
}

/// Whether values can be held against a pattern as a [`whole`]: it is one by itself, in the syntax of Rust, and JSON
/// Schema and the matcher read it too.
///
/// # Errors
/// When they cannot.
pub fn check_whole(pattern: &str) -> Result<(), PatternError> {
    parse(pattern)?;
    let broken = || PatternError::Broken("JSON Schema has no such pattern".to_owned());
    let whole = whole(pattern);
    let translated = jsonschema_regex::to_rust_regex(&whole).map_err(|()| broken())?;
    let parsed = parse(&translated).map_err(|_| broken())?;
    let properties = parsed.properties();
    if !properties.look_set_prefix().contains(Look::Start)
        || !properties.look_set_suffix().contains(Look::End)
    {
        return Err(broken());
    }
    Machine::of(&parsed).map(|_| ()).ok_or(PatternError::Large)
}

fn parse(pattern: &str) -> Result<Hir, PatternError> {
    let mut parser = regex_syntax::ParserBuilder::new().nest_limit(64).build();
    parser.parse(pattern).map_err(|error| {
        PatternError::Broken(match error {
            regex_syntax::Error::Parse(error) => error.kind().to_string(),
            regex_syntax::Error::Translate(error) => error.kind().to_string(),
            _ => "it is broken".to_owned(),
        })
    })
}

/// How long `pattern` takes; none when it needs a matcher that is not linear-time, or is too large.
pub(crate) fn matching(pattern: &str) -> Option<Matching> {
    if pattern.len() > LONGEST {
        return None;
    }
    let translated = jsonschema_regex::to_rust_regex(pattern).ok()?;
    let parsed = parse(&translated).ok()?;
    let machine = Machine::of(&parsed)?;
    let (states, widest) = machine.explore();
    if states <= STATES {
        return Some(Matching {
            once: BEGIN,
            text: KEPT,
        });
    }
    let text = u64::try_from(widest * (1 + machine.wide)).ok()? * PART;
    // A match that begins at the start alone ends where no text is long enough.
    let longest = parsed.properties().maximum_len();
    Some(match longest.filter(|_| machine.is_anchored) {
        Some(longest) => Matching {
            once: BEGIN + u64::try_from(longest + 4).ok()?.saturating_mul(text) / 100,
            text: 0,
        },
        None => Matching { once: BEGIN, text },
    })
}

type Range = (char, char);

/// A pattern as a machine that is in several states at once.
#[derive(Debug, Default)]
struct Machine {
    states: Vec<State>,
    is_anchored: bool,
    /// Most states that one of its characters is read through, when it has several bytes.
    wide: usize,
}

#[derive(Debug)]
enum State {
    /// Reads one of these characters and goes on.
    Read(Vec<Range>, usize),
    /// Goes on at each.
    Split(Vec<usize>),
    /// A match.
    End,
}

impl Machine {
    fn of(pattern: &Hir) -> Option<Self> {
        let mut machine = Self {
            is_anchored: pattern.properties().look_set_prefix().contains(Look::Start),
            ..Self::default()
        };
        let end = machine.push(State::End)?;
        let start = machine.add(pattern, end)?;
        machine.push(State::Split(vec![start]))?;
        Some(machine)
    }

    fn push(&mut self, state: State) -> Option<usize> {
        if self.states.len() >= PARTS {
            return None;
        }
        if let State::Read(ranges, _) = &state {
            let wide = ranges.iter().filter(|range| range.1 > '\x7f').count();
            self.wide = self.wide.max((4 * wide).min(WIDE));
        }
        self.states.push(state);
        Some(self.states.len() - 1)
    }

    /// Adds `part` in front of the state `next`; gives where it begins.
    fn add(&mut self, part: &Hir, next: usize) -> Option<usize> {
        match part.kind() {
            // Where a text begins and ends only forbids states.
            HirKind::Empty | HirKind::Look(_) => Some(next),
            HirKind::Literal(literal) => {
                let text = std::str::from_utf8(&literal.0).ok()?;
                let read = |next: Option<usize>, letter| {
                    self.push(State::Read(vec![(letter, letter)], next?))
                };
                text.chars().rev().fold(Some(next), read)
            }
            HirKind::Class(Class::Unicode(class)) => {
                let ranges = class.iter().map(|range| (range.start(), range.end()));
                self.push(State::Read(ranges.collect(), next))
            }
            HirKind::Class(Class::Bytes(_)) => None,
            HirKind::Capture(capture) => self.add(&capture.sub, next),
            HirKind::Concat(parts) => {
                let add = |next: Option<usize>, part: &Hir| self.add(part, next?);
                parts.iter().rev().fold(Some(next), add)
            }
            HirKind::Alternation(parts) => {
                let starts: Option<Vec<usize>> =
                    parts.iter().map(|part| self.add(part, next)).collect();
                self.push(State::Split(starts?))
            }
            HirKind::Repetition(repetition) => {
                let mut start = next;
                if let Some(max) = repetition.max {
                    for _ in repetition.min..max {
                        let once = self.add(&repetition.sub, start)?;
                        start = self.push(State::Split(vec![once, next]))?;
                    }
                } else {
                    let again = self.push(State::Split(Vec::new()))?;
                    let once = self.add(&repetition.sub, again)?;
                    *self.states.get_mut(again)? = State::Split(vec![once, next]);
                    start = again;
                }
                for _ in 0..repetition.min {
                    start = self.add(&repetition.sub, start)?;
                }
                Some(start)
            }
        }
    }

    /// How many sets of states it can be in at once, and how many states the largest has; not finding an end, all.
    fn explore(&self) -> (usize, usize) {
        let letters = self.letters();
        let start = self.closed(&[self.states.len() - 1]);
        let (mut steps, mut widest) = (0, start.len());
        let mut seen = BTreeSet::from([start.clone()]);
        let mut left = vec![start.clone()];
        while let Some(set) = left.pop() {
            for letter in &letters {
                let mut reached = self.read(&set, *letter);
                if !self.is_anchored {
                    reached.extend(&start);
                }
                steps += set.len() + reached.len() + 1;
                let reached = self.closed(&reached);
                widest = widest.max(reached.len());
                if !seen.contains(&reached) {
                    seen.insert(reached.clone());
                    left.push(reached);
                }
                if steps > STEPS {
                    return (usize::MAX, self.states.len());
                }
            }
        }
        (seen.len().saturating_mul(1 + self.wide), widest)
    }

    /// One character of each kind that the machine tells apart.
    fn letters(&self) -> Vec<char> {
        let mut letters = BTreeSet::from(['\0']);
        for state in &self.states {
            if let State::Read(ranges, _) = state {
                for (first, last) in ranges {
                    letters.insert(*first);
                    letters.extend(char::from_u32(u32::from(*last) + 1));
                }
            }
        }
        let mut kinds = BTreeMap::new();
        for letter in letters {
            let readers: Vec<usize> = (0..self.states.len())
                .filter(|state| self.reads(*state, letter).is_some())
                .collect();
            kinds.entry(readers).or_insert(letter);
        }
        kinds.into_values().collect()
    }

    fn reads(&self, state: usize, letter: char) -> Option<usize> {
        match self.states.get(state)? {
            State::Read(ranges, next) => {
                let after = ranges.partition_point(|range| range.1 < letter);
                let range = ranges.get(after)?;
                (range.0 <= letter).then_some(*next)
            }
            State::Split(_) | State::End => None,
        }
    }

    fn read(&self, set: &[usize], letter: char) -> Vec<usize> {
        set.iter()
            .filter_map(|state| self.reads(*state, letter))
            .collect()
    }

    /// `set` and all that it is in without reading.
    fn closed(&self, set: &[usize]) -> Vec<usize> {
        let mut seen: BTreeSet<usize> = BTreeSet::new();
        let mut left = set.to_vec();
        while let Some(state) = left.pop() {
            if seen.insert(state)
                && let Some(State::Split(next)) = self.states.get(state)
            {
                left.extend(next);
            }
        }
        seen.retain(|state| !matches!(self.states.get(*state), Some(State::Split(_))));
        seen.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_pattern_by_itself_is_none_between_others() {
        for good in [
            "acme|corp",
            "[A-Z]{3}-[0-9]+",
            "(a|b)c",
            "\\d+",
            "a\\)b",
            "^a$",
            "(?i)a",
        ] {
            assert_eq!(check_whole(good), Ok(()), "{good}");
        }
        for (bad, reason) in [
            ("acme)|(?:corp", "unopened group"),
            ("a)|(b", "unopened group"),
            ("(a+", "unclosed group"),
            (
                "a\\",
                "incomplete escape sequence, reached end of pattern prematurely",
            ),
            (
                "(?=a)",
                "look-around, including look-ahead and look-behind, is not supported",
            ),
            ("(?x)a #", "JSON Schema has no such pattern"),
        ] {
            let why = check_whole(bad).map_err(|why| why.to_string());
            assert_eq!(why, Err(reason.to_owned()), "{bad}");
        }
        assert_eq!(check_whole("a{3000}"), Err(PatternError::Large));
    }
}
