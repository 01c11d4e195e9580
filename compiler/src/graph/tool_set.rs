//! Sets of tools, as the words of a bit set that have a bit: what an agent reaches lies close together, so
//! many agents stay small, and a union takes 64 tools at a time.

use super::{Graph, NodeId};

/// Most tools that a text names.
const SHOWN: usize = 3;

/// A set of tools.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToolSet {
    /// INVARIANT: sorted by the word's number; no word is 0.
    words: Vec<(u32, u64)>,
}

impl ToolSet {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.words
            .iter()
            .map(|(_, word)| usize::try_from(word.count_ones()).unwrap_or(0))
            .sum()
    }

    /// Whether the tool is in it.
    pub fn contains(&self, tool: NodeId) -> bool {
        self.word(tool.0 / 64) & (1 << (tool.0 % 64)) != 0
    }

    /// The tools in order.
    pub fn iter(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.words.iter().flat_map(|&(number, word)| {
            let bits = (0..64_u32).filter(move |bit| word & (1 << bit) != 0);
            bits.map(move |bit| NodeId(number * 64 + bit))
        })
    }

    /// Some of the tools, for people.
    pub(crate) fn text(&self, graph: &Graph) -> String {
        let some = self.iter().take(SHOWN);
        let shown: Vec<String> = some.map(|tool| format!("`{}`", graph.name(tool))).collect();
        match self.len() - shown.len() {
            0 => shown.join(", "),
            more => format!("{} and {more} more", shown.join(", ")),
        }
    }

    /// The tools of both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let (few, many) = if self.words.len() <= other.words.len() {
            (self, other)
        } else {
            (other, self)
        };
        few.map(|number, word| word & many.word(number))
    }

    /// The tools that are not in the other.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        self.map(|number, word| word & !other.word(number))
    }

    /// The tools of either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let mut words = Vec::with_capacity(self.words.len().max(other.words.len()));
        let (mut own, mut others) = (self.words.iter().peekable(), other.words.iter().peekable());
        while let (Some(&&(number, word)), Some(&&(other_number, other_word))) =
            (own.peek(), others.peek())
        {
            if number == other_number {
                words.push((number, word | other_word));
            } else {
                words.push((number, word).min((other_number, other_word)));
            }
            if number <= other_number {
                own.next();
            }
            if other_number <= number {
                others.next();
            }
        }
        words.extend(own.chain(others));
        Self { words }
    }

    fn word(&self, number: u32) -> u64 {
        let found = self.words.binary_search_by_key(&number, |(own, _)| *own);
        let word = found.ok().and_then(|at| self.words.get(at));
        word.map_or(0, |(_, word)| *word)
    }

    fn map(&self, change: impl Fn(u32, u64) -> u64) -> Self {
        let changed = self
            .words
            .iter()
            .map(|&(number, word)| (number, change(number, word)));
        Self {
            words: changed.filter(|(_, word)| *word != 0).collect(),
        }
    }
}

impl FromIterator<NodeId> for ToolSet {
    fn from_iter<T: IntoIterator<Item = NodeId>>(tools: T) -> Self {
        let mut tools: Vec<u32> = tools.into_iter().map(|tool| tool.0).collect();
        tools.sort_unstable();
        let mut words: Vec<(u32, u64)> = Vec::new();
        for tool in tools {
            let (number, bit) = (tool / 64, 1 << (tool % 64));
            match words.last_mut() {
                Some((last, word)) if *last == number => *word |= bit,
                _ => words.push((number, bit)),
            }
        }
        Self { words }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::collection::btree_set;
    use proptest::prelude::*;

    use super::{NodeId, ToolSet};

    fn set(tools: &BTreeSet<u32>) -> ToolSet {
        tools.iter().rev().copied().map(NodeId).collect()
    }

    fn numbers(set: &ToolSet) -> BTreeSet<u32> {
        set.iter().map(|tool| tool.0).collect()
    }

    proptest! {
        #[test]
        fn it_is_a_set(a in btree_set(0..400_u32, 0..60), b in btree_set(0..400_u32, 0..60)) {
            let (one, other) = (set(&a), set(&b));
            prop_assert_eq!(&numbers(&one), &a);
            prop_assert_eq!(one.len(), a.len());
            prop_assert_eq!(one.is_empty(), a.is_empty());
            prop_assert_eq!(one.union(&other), set(&(&a | &b)));
            prop_assert_eq!(one.intersection(&other), set(&(&a & &b)));
            prop_assert_eq!(one.difference(&other), set(&(&a - &b)));
            for tool in 0..400 {
                prop_assert_eq!(one.contains(NodeId(tool)), a.contains(&tool));
            }
        }
    }
}
