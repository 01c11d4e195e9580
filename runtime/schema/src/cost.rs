//! The most work that holding a value against a schema can make.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::explore;
use crate::graph::{self, Node, Weight};

/// Longest value that the bound is about, bytes of JSON.
pub const LONGEST_VALUE: u64 = 64 * 1024;

/// Most work, nanoseconds of the machine that the weights were measured on.
pub const MOST_WORK: u64 = 5_000_000;

/// Most schemas that may hold one value.
const MOST_TOGETHER: u64 = 10_000;

/// The most work that a schema can make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Work {
    /// For a value of [`LONGEST_VALUE`] bytes, nanoseconds of the machine that the weights were measured on.
    pub longest: u64,
    /// Most schemas that hold one value.
    pub together: u64,
}

/// Why a schema is not used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TooCostly {
    /// It has too many subschemas.
    #[error("it has too many subschemas")]
    Large,
    /// A reference leads to nothing in it.
    #[error("a `$ref` leads to nothing in it")]
    Reference,
    /// A schema inside it has an `$id` or `$schema` of its own: what a `$ref` means there, readers differ in.
    #[error("a schema inside it has an `$id` or `$schema` of its own")]
    Embedded,
    /// A pattern needs a matcher that is not linear-time, or is too large.
    #[error("the pattern `{0}` is too large, or needs a matcher that is not linear-time")]
    Pattern(String),
    /// A schema applies to a value because it applies to it.
    #[error("a `$ref` leads back to itself without going into the value")]
    Circle,
    /// More schemas hold one value than may.
    #[error("more than 10,000 of its subschemas apply to one value")]
    Together,
    /// A long value makes too much work.
    #[error("a value of 64 KiB can take {} ms to check, at most {} are allowed", milliseconds(*.0), MOST_WORK / 1_000_000)]
    Work(u64),
    /// Its subschemas apply in too many combinations for a bound to be found.
    #[error("its subschemas apply in too many combinations")]
    Combinations,
}

/// What a person needs to know of so many nanoseconds.
fn milliseconds(work: u64) -> String {
    match work / 1_000_000 {
        some @ ..1_000_000 => some.to_string(),
        _ => "more than a million".to_owned(),
    }
}

/// The most work that holding a value against `schema` can make.
pub fn work(schema: &Value) -> Result<Work, TooCostly> {
    let nodes = graph::of(schema)?;
    let together = Together::of(&nodes)?;
    let work = explore::work(&nodes, &together)?;
    if work.longest > MOST_WORK {
        return Err(TooCostly::Work(work.longest));
    }
    Ok(work)
}

/// How often each schema is entered, by its place in the graph.
pub(crate) type Counts = BTreeMap<usize, u64>;

/// For each schema, all that hold the same value when it does, and what they take together.
#[derive(Debug)]
pub(crate) struct Together {
    all: Vec<(Counts, Weight)>,
}

impl Together {
    fn of(nodes: &[Node<'_>]) -> Result<Self, TooCostly> {
        let mut done: Vec<Option<Counts>> = vec![None; nodes.len()];
        for place in 0..nodes.len() {
            close(nodes, place, &mut done, &mut Vec::new())?;
        }
        let weigh = |counts: Counts| {
            let weight = weigh(nodes, &counts);
            (counts, weight)
        };
        let all = done.into_iter().map(Option::unwrap_or_default);
        Ok(Self {
            all: all.map(weigh).collect(),
        })
    }

    /// What is entered with the schema at `place`.
    pub(crate) fn with(&self, place: usize) -> Option<&Counts> {
        self.all.get(place).map(|(counts, _)| counts)
    }

    /// What that takes.
    pub(crate) fn weight(&self, place: usize) -> Weight {
        self.all
            .get(place)
            .map(|(_, weight)| *weight)
            .unwrap_or_default()
    }
}

/// What `counts` take together.
fn weigh(nodes: &[Node<'_>], counts: &Counts) -> Weight {
    let mut sum = Weight::default();
    for (place, count) in counts {
        let weight = nodes
            .get(*place)
            .map(|node| node.weight)
            .unwrap_or_default();
        sum = sum.plus(weight, *count);
    }
    sum
}

impl Weight {
    pub(crate) fn plus(self, other: Self, times: u64) -> Self {
        let add = |one: u64, more: u64| one.saturating_add(more.saturating_mul(times));
        let of = |weight: Self, kind: usize| weight.value.get(kind).copied().unwrap_or_default();
        Self {
            entered: add(self.entered, other.entered),
            value: std::array::from_fn(|kind| add(of(self, kind), of(other, kind))),
            child: add(self.child, other.child),
            inside: add(self.inside, other.inside),
            text: add(self.text, other.text),
            name: add(self.name, other.name),
        }
    }
}

fn close(
    nodes: &[Node<'_>],
    place: usize,
    done: &mut Vec<Option<Counts>>,
    path: &mut Vec<usize>,
) -> Result<(), TooCostly> {
    if done.get(place).is_some_and(Option::is_some) {
        return Ok(());
    }
    let Some(node) = nodes.get(place) else {
        return Ok(());
    };
    if path.contains(&place) {
        return Err(TooCostly::Circle);
    }
    if path.len() > MOST_PATH {
        return Err(TooCostly::Together);
    }
    path.push(place);
    let mut counts = Counts::new();
    for next in &node.same {
        close(nodes, *next, done, path)?;
        add(&mut counts, done, *next, 1)?;
    }
    if node.looks_back {
        // What the others did not look at is found by asking each of them again.
        for (other, times) in counts.clone() {
            add(&mut counts, done, other, times)?;
        }
    }
    path.pop();
    *counts.entry(place).or_default() += 1;
    if let Some(slot) = done.get_mut(place) {
        *slot = Some(counts);
    }
    Ok(())
}

/// Longest way through schemas that hold the same value.
const MOST_PATH: usize = 200;

fn add(
    counts: &mut Counts,
    done: &[Option<Counts>],
    place: usize,
    times: u64,
) -> Result<(), TooCostly> {
    let Some(Some(with)) = done.get(place) else {
        return Ok(());
    };
    for (other, count) in with {
        let sum = counts.entry(*other).or_default();
        *sum = sum.saturating_add(count.saturating_mul(times));
    }
    let total = counts
        .values()
        .fold(0, |sum: u64, count| sum.saturating_add(*count));
    if total > MOST_TOGETHER {
        return Err(TooCostly::Together);
    }
    Ok(())
}
