//! Chance that can be had again: splitmix64, from one number.

/// A source of numbers; the same beginning gives the same numbers.
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64) -> Chance {
        Chance(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from the least to the most, both of them above 0.
    pub(super) fn within(&mut self, least: i64, most: i64) -> i64 {
        let width = most.abs_diff(least).saturating_add(1);
        least.saturating_add_unsigned(self.next() % width)
    }

    /// One of these, unless there are none.
    pub(super) fn of<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        let last = i64::try_from(all.len()).ok()?.checked_sub(1)?;
        if last < 0 {
            return None;
        }
        all.get(usize::try_from(self.within(0, last)).ok()?)
    }

    /// A start price: mostly small, whole thousands.
    pub(super) fn price(&mut self) -> i64 {
        let most = [10, 30, 100, 300, 1_000];
        let most = self.of(&most).copied().unwrap_or(10);
        self.within(1, most) * 1_000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_beginning_gives_the_same_numbers() {
        let numbers = |seed| {
            let mut chance = Chance::new(seed);
            [(); 8].map(|()| chance.within(1, 6))
        };
        assert_eq!(numbers(7), numbers(7));
        assert_ne!(numbers(7), numbers(8));
        assert!(numbers(9).iter().all(|number| (1..=6).contains(number)));
    }

    #[test]
    fn nothing_comes_of_nothing() {
        let mut chance = Chance::new(1);
        assert_eq!(chance.of::<i64>(&[]), None);
        assert_eq!(chance.of(&[5]), Some(&5));
    }
}
