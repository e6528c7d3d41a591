//! Chance that can be had again: splitmix64, from one number.

/// A source of numbers; the same beginning gives the same numbers.
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64) -> Chance {
        Chance(seed)
    }

    /// Any number.
    pub(super) fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from the least to the most, both of them 0 or above.
    pub(super) fn within(&mut self, least: i64, most: i64) -> i64 {
        least.saturating_add_unsigned(self.number() % (most.abs_diff(least) + 1))
    }

    /// Whether something happens that happens once in so many times.
    pub(super) fn once_in(&mut self, times: i64) -> bool {
        self.within(1, times) == 1
    }

    /// One of these.
    pub(super) fn of<T: Copy>(&mut self, all: &[T]) -> T {
        let place = self.number() % all.len() as u64;
        all[place as usize]
    }
}
