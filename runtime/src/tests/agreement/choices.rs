//! Choices that make up a universe: by chance from a seed, or one after the other until all were made.

/// Numbers below bounds, in the order in which they were asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Choices {
    /// Each choice with its bound.
    made: Vec<(usize, usize)>,
    /// How many of them were asked for.
    asked: usize,
    /// Where further ones come from; without it they are 0.
    chance: Option<u64>,
}

impl Choices {
    /// Choices that chance makes, the same for each seed.
    pub(super) fn of_seed(seed: u64) -> Self {
        Self {
            chance: Some(seed),
            ..Self::default()
        }
    }

    /// A number below `bound`. The first is the plainest.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        let planned = self.made.get(self.asked).map(|(choice, _)| *choice);
        let choice = planned.unwrap_or_else(|| self.chance(bound)).min(bound - 1);
        match self.made.get_mut(self.asked) {
            Some(made) => *made = (choice, bound),
            None => self.made.push((choice, bound)),
        }
        self.asked += 1;
        choice
    }

    /// Yes, once in so many times.
    pub(super) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == times - 1
    }

    /// One of these.
    pub(super) fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }

    /// One of these once in so many times, else nothing.
    pub(super) fn maybe<T: Clone>(&mut self, times: usize, of: &[T]) -> Option<T> {
        self.once_in(times).then(|| self.one(of))
    }

    /// The choices that were asked for, each with its number among them.
    pub(super) fn numbered(&self) -> impl Iterator<Item = (usize, usize)> {
        let made = self.made.iter().take(self.asked);
        made.map(|(choice, _)| *choice).enumerate()
    }

    /// The choices after these in counting order; none after the last.
    pub(super) fn next(mut self) -> Option<Self> {
        self.made.truncate(self.asked);
        while let Some((choice, bound)) = self.made.pop() {
            if choice + 1 < bound {
                self.made.push((choice + 1, bound));
                self.asked = 0;
                return Some(self);
            }
        }
        None
    }

    /// Plainer choices with which `fails` still, until none is left to try.
    pub(super) fn shrunk(mut self, fails: impl Fn(Self) -> bool) -> Self {
        self.made.truncate(self.asked);
        (self.asked, self.chance) = (0, None);
        let mut at = 0;
        while at < self.made.len() {
            let was = self.made[at].0;
            let plainer = (0..was).find_map(|choice| {
                let mut plainer = self.clone();
                plainer.made[at].0 = choice;
                fails(plainer.clone()).then_some(plainer)
            });
            self = plainer.unwrap_or(self);
            at += 1;
        }
        self
    }

    /// The next number of `SplitMix64`.
    fn chance(&mut self, bound: usize) -> usize {
        let Some(state) = &mut self.chance else {
            return 0;
        };
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % bound as u64).unwrap()
    }
}

#[test]
fn all_choices_are_made_once() {
    let mut all = Vec::new();
    let mut choices = Some(Choices::default());
    while let Some(mut made) = choices {
        let first = made.below(3);
        // How many there are can depend on the first.
        all.push((first, (0..first).map(|_| made.below(2)).collect::<Vec<_>>()));
        choices = made.next();
    }
    let expected = [
        (0, vec![]),
        (1, vec![0]),
        (1, vec![1]),
        (2, vec![0, 0]),
        (2, vec![0, 1]),
        (2, vec![1, 0]),
        (2, vec![1, 1]),
    ];
    assert_eq!(all, expected);
}

#[test]
fn what_fails_is_made_plain() {
    let sum = |mut choices: Choices| (0..8).map(|_| choices.below(10)).sum::<usize>();
    let mut seed = 0;
    let failing = loop {
        let mut choices = Choices::of_seed(seed);
        let drawn: usize = (0..8).map(|_| choices.below(10)).sum();
        if drawn > 30 {
            break choices;
        }
        seed += 1;
    };
    let plain = failing.shrunk(|choices| sum(choices) > 30);
    assert_eq!(sum(plain), 31);
}
