//! Chance from one seed: the same seed makes the same choices. Also Zipf's law and keys in order of time (UUIDv7).

use uuid::Builder;

/// A small generator of pseudo-random numbers: a counter that is stirred. Good for load, not for secrets.
#[derive(Clone, Debug)]
pub struct Chance {
    state: u64,
}

impl Chance {
    /// The stream `stream` of a seed; streams are independent of each other.
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut chance = Self { state: seed };
        let offset = chance.next_u64() ^ stream.wrapping_mul(0xD1B5_4A32_D192_ED03);
        Self { state: offset }
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.state;
        bits = (bits ^ (bits >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
        bits = (bits ^ (bits >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
        bits ^ (bits >> 32)
    }

    /// Evenly in 0 ≤ x < 1.
    pub fn fraction(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Evenly in 0 ≤ x < `bound`, 0 if the bound is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        ((self.fraction() * bound as f64) as usize).min(bound.saturating_sub(1))
    }
}

/// Zipf's law: rank k is chosen with a weight of 1 / k^exponent.
#[derive(Clone, Debug)]
pub struct Zipf {
    /// Share of all ranks up to and with this one; the last is 1.
    shares: Vec<f64>,
}

impl Zipf {
    /// Over `ranks` ranks, at least one.
    pub fn new(ranks: usize, exponent: f64) -> Self {
        let mut sum = 0.0;
        let mut shares: Vec<f64> = (1..=ranks.max(1))
            .map(|rank| {
                sum += (rank as f64).powf(-exponent);
                sum
            })
            .collect();
        shares.iter_mut().for_each(|share| *share /= sum);
        Self { shares }
    }

    /// A rank, counted from 0.
    pub fn draw(&self, chance: &mut Chance) -> usize {
        let at = chance.fraction();
        self.shares.partition_point(|share| *share <= at).min(self.shares.len() - 1)
    }
}

/// Length of a key on the wire.
pub const KEY_LENGTH: usize = 36;

/// An idempotency key as it stands in a message.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Key(pub [u8; KEY_LENGTH]);

impl Key {
    /// The key as text; it is ASCII by construction.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("")
    }
}

/// Makes keys in order of time: 48 bits of milliseconds, a counter within them, and chance.
#[derive(Debug)]
pub struct KeyMaker {
    chance: Chance,
    counter: u16,
}

impl KeyMaker {
    /// Keys of different chances never meet.
    pub fn new(chance: Chance) -> Self {
        Self { chance, counter: 0 }
    }

    /// The next key, made at `wall_us`.
    pub fn make(&mut self, wall_us: i64) -> Key {
        self.counter = self.counter.wrapping_add(1) & 0x0FFF;
        let mut random = [0_u8; 10];
        random[..2].copy_from_slice(&self.counter.to_be_bytes());
        random[2..].copy_from_slice(&self.chance.next_u64().to_be_bytes());
        let millis = u64::try_from(wall_us / 1_000).unwrap_or(0);
        let uuid = Builder::from_unix_timestamp_millis(millis, &random).into_uuid();
        let mut text = [0_u8; KEY_LENGTH];
        uuid.hyphenated().encode_lower(&mut text);
        Key(text)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_same_seed_tells_the_same_story_and_streams_differ() {
        let draw = |seed, stream| {
            let mut chance = Chance::new(seed, stream);
            (0..8).map(|_| chance.next_u64()).collect::<Vec<_>>()
        };
        assert_eq!(draw(1, 0), draw(1, 0));
        assert_ne!(draw(1, 0), draw(1, 1));
        assert_ne!(draw(1, 0), draw(2, 0));
    }

    #[test]
    fn zipf_gives_each_rank_its_share() {
        let zipf = Zipf::new(1_000, 1.0);
        let mut chance = Chance::new(7, 0);
        let mut counts = vec![0_u32; 1_000];
        let draws = 200_000;
        for _ in 0..draws {
            counts[zipf.draw(&mut chance)] += 1;
        }
        let harmonic: f64 = (1..=1_000).map(|rank| 1.0 / f64::from(rank)).sum();
        for rank in [1, 2, 10, 100] {
            let expected = f64::from(draws) / f64::from(rank) / harmonic;
            let seen = f64::from(counts[rank as usize - 1]);
            assert!(
                (seen - expected).abs() < 5.0 * expected.sqrt(),
                "rank {rank}: {seen}, expected {expected}"
            );
        }
    }

    #[test]
    fn zipf_of_exponent_zero_is_even_and_of_one_rank_certain() {
        let even = Zipf::new(4, 0.0);
        let mut chance = Chance::new(3, 0);
        let mut counts = [0_u32; 4];
        (0..40_000).for_each(|_| counts[even.draw(&mut chance)] += 1);
        assert!(counts.iter().all(|count| (9_500..10_500).contains(count)), "{counts:?}");
        assert_eq!(Zipf::new(1, 1.0).draw(&mut chance), 0);
    }

    #[test]
    fn keys_are_version_seven_in_order_of_time_and_never_the_same() {
        let mut maker = KeyMaker::new(Chance::new(1, 1));
        let early = maker.make(1_795_300_500_000_000);
        let late = maker.make(1_795_300_500_001_000);
        assert!(early.0 < late.0);
        assert_eq!(early.0[14], b'7');
        let many: BTreeSet<_> = (0..10_000).map(|_| maker.make(1_795_300_500_000_000).0).collect();
        assert_eq!(many.len(), 10_000);
        assert!(many.iter().all(|key| key.is_ascii()));
    }

    #[test]
    fn below_stays_below() {
        let mut chance = Chance::new(1, 1);
        assert!((0..1_000).all(|_| chance.below(3) < 3));
        assert_eq!(chance.below(0), 0);
    }
}
