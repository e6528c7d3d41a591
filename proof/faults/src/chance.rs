//! Chance with a seed: the same seed draws the same.

use std::time::Duration;

/// A stream of numbers.
pub struct Chance(u64);

impl Chance {
    /// The stream of this seed.
    pub const fn new(seed: u64) -> Chance {
        Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// The next number.
    pub const fn draw(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// One of so many, from 0 on.
    pub fn one_of(&mut self, count: usize) -> usize {
        usize::try_from((self.draw() >> 8) % count as u64).unwrap_or_default()
    }

    /// A time of at least so many milliseconds, and up to so many more.
    pub const fn time(&mut self, at_least_ms: u64, more_ms: u64) -> Duration {
        Duration::from_millis(at_least_ms + self.draw() % more_ms)
    }
}
