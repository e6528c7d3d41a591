//! Money: whole won, never negative, with checked arithmetic and no floating point anywhere near it.

use std::fmt;

/// The largest amount a single price, bid or transfer may have: 1,000,000,000,000 won.
pub const LIMIT: Money = Money(1_000_000_000_000);

/// The largest single deposit by the `demo` provider: 10,000,000 won.
pub const DEPOSIT_LIMIT: Money = Money(10_000_000);

/// An amount of whole won, 0 or more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(i64);

impl Money {
    /// No money.
    pub const ZERO: Money = Money(0);

    /// One won, the least that money can differ by.
    pub const WON: Money = Money(1);

    /// `won` as money; `None` if it is negative.
    pub const fn new(won: i64) -> Option<Money> {
        if won < 0 { None } else { Some(Money(won)) }
    }

    /// The number of won.
    pub const fn won(self) -> i64 {
        self.0
    }

    /// Whether this is no money at all.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum; `None` if it does not fit.
    pub const fn plus(self, other: Money) -> Option<Money> {
        match self.0.checked_add(other.0) {
            Some(sum) => Some(Money(sum)),
            None => None,
        }
    }

    /// The difference; `None` if it would be negative.
    pub const fn minus(self, other: Money) -> Option<Money> {
        match self.0.checked_sub(other.0) {
            Some(rest) => Money::new(rest),
            None => None,
        }
    }

    /// The difference, or nothing where it would be negative.
    #[must_use]
    pub const fn minus_or_zero(self, other: Money) -> Money {
        match self.minus(other) {
            Some(rest) => rest,
            None => Money::ZERO,
        }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// A rate in parts per million, 0 ..= 1,000,000: what the house keeps of a price.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PartsPerMillion(i64);

impl PartsPerMillion {
    /// `parts` of a million; `None` outside 0 ..= 1,000,000.
    pub const fn new(parts: i64) -> Option<PartsPerMillion> {
        if parts < 0 || parts > 1_000_000 { None } else { Some(PartsPerMillion(parts)) }
    }

    /// The number of parts.
    pub const fn parts(self) -> i64 {
        self.0
    }

    /// The fee on `amount`: rounded half up, once (rules §5).
    ///
    /// # Panics
    /// Never: amounts are at most `i64::MAX` and the product is taken in 128 bits; the fee is at most the amount.
    pub fn of(self, amount: Money) -> Money {
        let millionths = i128::from(amount.0).checked_mul(i128::from(self.0));
        let rounded =
            millionths.and_then(|value| value.checked_add(500_000)).map(|value| value.div_euclid(1_000_000));
        let fee = rounded.and_then(|value| i64::try_from(value).ok());
        Money(fee.expect("a rate of at most one whole leaves a fee within the amount"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_never_negative_and_never_wraps() {
        assert_eq!(Money::new(-1), None);
        assert_eq!(Money(5).minus(Money(6)), None);
        assert_eq!(Money(i64::MAX).plus(Money(1)), None);
        assert_eq!(Money(5).minus(Money(5)), Some(Money::ZERO));
        assert_eq!(Money(5).minus_or_zero(Money(9)), Money::ZERO);
    }

    #[test]
    fn a_fee_is_rounded_half_up_once() {
        let rate = |parts| PartsPerMillion::new(parts).expect("a rate in range");
        for (parts, amount, fee) in [
            (0, 12_345, 0),
            (35_000, 10_000, 350),
            (35_000, 12_345, 432),
            (500_000, 1, 1),
            (499_999, 1, 0),
            (1_000_000, 1_000_000_000_000, 1_000_000_000_000),
        ] {
            assert_eq!(rate(parts).of(Money(amount)), Money(fee), "{parts} ppm of {amount}");
        }
        assert_eq!(PartsPerMillion::new(1_000_001), None);
        assert_eq!(PartsPerMillion::new(-1), None);
    }
}
