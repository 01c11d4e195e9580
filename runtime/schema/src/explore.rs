//! Looks at every place that a value can have things at, and adds up what the schemas that apply there take.
//!
//! A place that is reached by names alone is in a value once. A place in a list, or under any name, can be there as often
//! as the value has bytes for it; so what counts of it is how much work a byte makes.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::cost::{Counts, LONGEST_VALUE, Together, TooCostly, Work};
use crate::graph::{Node, SHORTEST, Weight};

/// Deepest values that dispatch reads.
const DEEPEST: usize = 64;

/// Most places that are counted as being there once.
const ONCE: usize = 2_000;

/// Most forms of places that are looked at.
const FORMS: usize = 4_000;

/// Most steps that are taken.
const STEPS: usize = 4_000_000;

/// Bytes of an item beside its value and comma.
const ITEM: u64 = 0;

/// Bytes of a member beside its value, its comma and its name: quotes and a colon.
const MEMBER: u64 = 3;

/// What is entered at a place: which schemas, how often, and what is asked of all values inside.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    entered: Vec<(usize, u64)>,
    inside: u64,
}

/// A place to look at.
#[derive(Debug)]
struct Visit {
    place: Place,
    depth: usize,
    /// How often it can be there: once, or once for the bytes of a value and so many more.
    every: Option<u64>,
    /// What the schemas around it take to come here.
    taken: u64,
}

pub(crate) fn work(nodes: &[Node<'_>], together: &Together) -> Result<Work, TooCostly> {
    let root = Place {
        entered: vec![(0, 1)],
        inside: 0,
    };
    let mut left = VecDeque::from([Visit {
        place: root,
        depth: 1,
        every: None,
        taken: 0,
    }]);
    let mut sum = Sum::default();
    let (mut once, mut steps) = (0, 0);
    let mut alone: BTreeMap<Place, usize> = BTreeMap::new();
    let mut seen: BTreeSet<Place> = BTreeSet::new();
    while let Some(mut visit) = left.pop_front() {
        if visit.every.is_none() {
            once += 1;
            let times = alone.entry(visit.place.clone()).or_default();
            *times += 1;
            // What comes again and again is a list in another form.
            if once > ONCE || *times > 8 {
                visit.every = Some(MEMBER);
            }
        }
        let weight = visit.place.weight(together);
        sum.add(&visit, weight);
        if visit.every.is_some() && !seen.insert(visit.place.clone()) {
            continue;
        }
        if seen.len() > FORMS || steps > STEPS {
            return Err(TooCostly::Combinations);
        }
        if visit.depth < DEEPEST {
            steps += visit.follow(nodes, together, weight, &mut left);
        }
    }
    Ok(sum.work())
}

#[derive(Debug, Default)]
struct Sum {
    once: u64,
    /// Most for a hundred bytes of anything that can be there often.
    often: u64,
    together: u64,
}

impl Sum {
    fn add(&mut self, visit: &Visit, weight: Weight) {
        let mut once = 0;
        for (value, shortest) in weight.value.into_iter().zip(SHORTEST) {
            let takes = value
                .saturating_add(visit.taken)
                .saturating_add(visit.place.inside);
            match visit.every {
                None => once = once.max(takes),
                Some(more) => {
                    let bytes = shortest.saturating_add(more);
                    self.often = self.often.max(takes.saturating_mul(100) / bytes.max(1));
                }
            }
        }
        self.once = self.once.saturating_add(once);
        self.often = self.often.max(weight.text).max(weight.name);
        self.together = self.together.max(weight.entered);
    }

    fn work(self) -> Work {
        let often = self.often.saturating_mul(LONGEST_VALUE) / 100;
        Work {
            longest: self.once.saturating_add(often),
            together: self.together,
        }
    }
}

impl Place {
    fn weight(&self, together: &Together) -> Weight {
        let add =
            |sum: Weight, (place, times): &(usize, u64)| sum.plus(together.weight(*place), *times);
        self.entered.iter().fold(Weight::default(), add)
    }
}

impl Visit {
    /// Adds the places inside this one; gives how many steps that took.
    fn follow(
        &self,
        nodes: &[Node<'_>],
        together: &Together,
        weight: Weight,
        left: &mut VecDeque<Self>,
    ) -> usize {
        let mut all = Counts::new();
        for (place, times) in &self.place.entered {
            for (with, count) in together.with(*place).into_iter().flatten() {
                let sum = all.entry(*with).or_default();
                *sum = sum.saturating_add(count.saturating_mul(*times));
            }
        }
        let here: Vec<(&Node<'_>, u64)> = all
            .into_iter()
            .filter_map(|(place, times)| Some((nodes.get(place)?, times)))
            .filter(|(node, _)| node.leads_inside())
            .collect();
        let inside = self.place.inside.saturating_add(weight.inside);
        let mut taken = weight.child;
        let mut steps = here.len() + 1;
        let names: BTreeSet<&str> = here
            .iter()
            .flat_map(|(node, _)| node.named.keys().copied())
            .collect();
        let places: BTreeSet<usize> = here
            .iter()
            .flat_map(|(node, _)| node.placed.keys().copied())
            .collect();
        // Names of members are held against schemas too, and there is one for each member.
        let mut of_names = Counts::new();
        for (node, times) in &here {
            if let Some(names) = node.names {
                *of_names.entry(names).or_default() += times;
            }
        }
        for (place, times) in of_names {
            let weight = together.weight(place);
            taken = taken.saturating_add(
                weight
                    .value
                    .into_iter()
                    .max()
                    .unwrap_or_default()
                    .saturating_mul(times),
            );
            left.push_back(Self {
                place: Place {
                    entered: vec![(place, times)],
                    inside: 0,
                },
                depth: DEEPEST,
                every: Some(LONGEST_VALUE),
                taken: 0,
            });
        }
        let mut push = |entered: Counts, every: Option<u64>| {
            let place = Place {
                entered: entered.into_iter().collect(),
                inside,
            };
            left.push_back(Self {
                place,
                depth: self.depth + 1,
                every,
                taken,
            });
        };
        for name in names {
            steps += here.len();
            let bytes = MEMBER + u64::try_from(name.len()).unwrap_or_default();
            push(
                entered(&here, |node| node.of_member(Some(name))),
                self.every.map(|_| bytes),
            );
        }
        push(entered(&here, |node| node.of_member(None)), Some(MEMBER));
        for index in places {
            steps += here.len();
            push(
                entered(&here, |node| node.of_item(Some(index))),
                self.every.map(|_| ITEM),
            );
        }
        push(entered(&here, |node| node.of_item(None)), Some(ITEM));
        steps
    }
}

/// What is entered inside, when `inside` says what each schema enters.
fn entered<'a, 's: 'a, I: Iterator<Item = usize>>(
    here: &'a [(&'a Node<'s>, u64)],
    inside: impl Fn(&'a Node<'s>) -> I,
) -> Counts {
    let mut counts = Counts::new();
    for (node, times) in here {
        for place in inside(node) {
            let sum = counts.entry(place).or_default();
            *sum = sum.saturating_add(*times);
        }
    }
    counts
}

impl Node<'_> {
    fn leads_inside(&self) -> bool {
        !self.named.is_empty()
            || !self.others.is_empty()
            || !self.patterned.is_empty()
            || self.names.is_some()
            || !self.placed.is_empty()
            || !self.later.is_empty()
            || !self.items.is_empty()
    }

    /// The schemas of a member with this name, or with a name that no schema has.
    fn of_member(&self, name: Option<&str>) -> impl Iterator<Item = usize> {
        let named = name.and_then(|name| self.named.get(name)).copied();
        let others = if named.is_none() || self.looks_back {
            self.others.as_slice()
        } else {
            &[]
        };
        named
            .into_iter()
            .chain(others.iter().copied())
            .chain(self.patterned.iter().copied())
    }

    /// The schemas of the item at this place, or at a place that no schema has.
    fn of_item(&self, index: Option<usize>) -> impl Iterator<Item = usize> {
        let placed = index.and_then(|index| self.placed.get(&index)).copied();
        let later = if placed.is_none() || self.looks_back {
            self.later.as_slice()
        } else {
            &[]
        };
        placed
            .into_iter()
            .chain(later.iter().copied())
            .chain(self.items.iter().copied())
    }
}
