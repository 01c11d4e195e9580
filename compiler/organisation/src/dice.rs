//! Numbers that look random and are the same for each seed.

/// A generator of the kind `SplitMix64`.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Those of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Those of one stream of a seed.
    pub(crate) fn stream(seed: u64, stream: usize) -> Self {
        let stream = u64::try_from(stream).unwrap_or(u64::MAX);
        Self(seed ^ stream.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(17))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`, 0 when that is 0.
    pub fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit.max(1)).unwrap_or(u64::MAX);
        usize::try_from(self.next() % limit).unwrap_or_default()
    }

    /// Whether something happens once in `times`.
    pub(crate) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of the items.
    ///
    /// # Panics
    /// When there are none.
    #[expect(
        clippy::indexing_slicing,
        reason = "who has nothing to pick from is a test that is wrong"
    )]
    pub fn pick<T: Clone>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())].clone()
    }

    /// Puts the items into another order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.below(last + 1);
            items.swap(last, other);
        }
    }

    /// So many of the items, each once, in their order.
    pub(crate) fn some<'i, T>(&mut self, items: &'i [T], count: usize) -> Vec<&'i T> {
        let mut left = count.min(items.len());
        let mut chosen = Vec::new();
        for (index, item) in items.iter().enumerate() {
            if self.below(items.len() - index) < left {
                chosen.push(item);
                left -= 1;
            }
        }
        chosen
    }
}
