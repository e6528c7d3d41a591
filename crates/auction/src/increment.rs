//! Increments: by how much the next bid must exceed the price, on a fixed unit or on a ladder of prices (rules §3).

use std::fmt;
use std::sync::Arc;

use ledger::{LIMIT, Money};

/// Below the price on the left, bids rise by the amount on the right; the last step has no upper end.
pub const DEFAULT_LADDER: &str = "10000:100,50000:1000,100000:2500,500000:5000,*:10000";

/// How amounts are spaced in one auction, fixed when it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Increments {
    /// Amounts lie on start + k × unit.
    Unit(Money),
    /// Any won at or above the minimum; the minimum follows the ladder.
    Ladder(Ladder),
}

/// Steps of rising prices with the increment below each; p + increment(p) never falls as p rises.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ladder {
    steps: Arc<[(Money, Money)]>,
    last: Money,
}

/// Why a text is not a ladder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LadderInvalid {
    /// Not `PRICE:INCREMENT,…,*:INCREMENT` with increments from 1 to the limit.
    Shape,
    /// The prices do not rise.
    Order,
    /// Somewhere the minimum would fall while the price rises.
    Falls,
}

impl Increments {
    /// The increment at a price.
    pub fn at(&self, price: Money) -> Money {
        match self {
            Increments::Unit(unit) => *unit,
            Increments::Ladder(ladder) => ladder.at(price),
        }
    }

    /// The grid amounts beside `amount` if it lies off the grid that begins at `start`: the one below, and the one
    /// above unless that is beyond the limit.
    pub fn off_grid(&self, start: Money, amount: Money) -> Option<(Money, Option<Money>)> {
        let Increments::Unit(unit) = self else { return None };
        let over = amount.won().checked_sub(start.won())?.checked_rem_euclid(unit.won())?;
        if over == 0 {
            return None;
        }
        let below = Money::new(amount.won().checked_sub(over)?).unwrap_or(Money::ZERO);
        Some((below, below.plus(*unit).filter(|above| *above <= LIMIT)))
    }
}

impl Ladder {
    /// Reads `PRICE:INCREMENT,…,*:INCREMENT`.
    pub fn parse(text: &str) -> Result<Ladder, LadderInvalid> {
        let mut steps = Vec::new();
        let mut parts = text.split(',').peekable();
        while let Some(part) = parts.next() {
            let (below, increment) = part.trim().split_once(':').ok_or(LadderInvalid::Shape)?;
            let increment = amount(increment).ok_or(LadderInvalid::Shape)?;
            if parts.peek().is_none() {
                return if below == "*" { Ladder::of(steps, increment) } else { Err(LadderInvalid::Shape) };
            }
            steps.push((amount(below).ok_or(LadderInvalid::Shape)?, increment));
        }
        Err(LadderInvalid::Shape)
    }

    fn of(steps: Vec<(Money, Money)>, last: Money) -> Result<Ladder, LadderInvalid> {
        let nexts = steps.iter().skip(1).map(|step| Some(step.0)).chain([None]);
        let increments = steps.iter().skip(1).map(|step| step.1).chain([last]);
        for (((below, increment), next_below), next) in steps.iter().zip(nexts).zip(increments) {
            if next_below.is_some_and(|next_below| next_below <= *below) {
                return Err(LadderInvalid::Order);
            }
            // At the last won below a step the minimum is below − 1 + increment; at the step it is below + next.
            if increment.won() > next.won().saturating_add(1) {
                return Err(LadderInvalid::Falls);
            }
        }
        Ok(Ladder { steps: steps.into(), last })
    }

    fn at(&self, price: Money) -> Money {
        self.steps.iter().find(|(below, _)| price < *below).map_or(self.last, |(_, increment)| *increment)
    }
}

impl fmt::Display for Ladder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (below, increment) in self.steps.iter() {
            write!(formatter, "{below}:{increment},")?;
        }
        write!(formatter, "*:{}", self.last)
    }
}

fn amount(text: &str) -> Option<Money> {
    let amount = Money::new(text.parse().ok()?)?;
    (!amount.is_zero() && amount <= LIMIT).then_some(amount)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn won(amount: i64) -> Money {
        Money::new(amount).expect("a test amount is not negative")
    }

    #[test]
    fn the_default_ladder_steps_where_the_rules_say() {
        let ladder = Increments::Ladder(Ladder::parse(DEFAULT_LADDER).expect("the default is a ladder"));
        for (price, increment) in [
            (0, 100),
            (9_999, 100),
            (10_000, 1_000),
            (49_999, 1_000),
            (50_000, 2_500),
            (100_000, 5_000),
            (499_999, 5_000),
            (500_000, 10_000),
            (1_000_000_000_000, 10_000),
        ] {
            assert_eq!(ladder.at(won(price)), won(increment), "at {price}");
        }
    }

    #[test]
    fn a_ladder_reads_back_as_it_was_written() {
        assert_eq!(Ladder::parse(DEFAULT_LADDER).expect("a ladder").to_string(), DEFAULT_LADDER);
        assert_eq!(Ladder::parse("*:1").expect("a ladder").to_string(), "*:1");
    }

    #[test]
    fn what_is_not_a_ladder_is_refused() {
        for (text, why) in [
            ("", LadderInvalid::Shape),
            ("100:1", LadderInvalid::Shape),
            ("*:0", LadderInvalid::Shape),
            ("*:1,100:1", LadderInvalid::Shape),
            ("x:1,*:1", LadderInvalid::Shape),
            ("200:1,100:1,*:1", LadderInvalid::Order),
            ("100:50,*:10", LadderInvalid::Falls),
        ] {
            assert_eq!(Ladder::parse(text), Err(why), "{text:?}");
        }
    }

    #[test]
    fn the_minimum_never_falls_as_the_price_rises() {
        for text in [DEFAULT_LADDER, "10:3,20:2,*:1", "5:1,*:7"] {
            let ladder = Ladder::parse(text).expect("a ladder");
            let minimum = |price: i64| price.saturating_add(ladder.at(won(price)).won());
            assert!((0..60_000).all(|price| minimum(price) <= minimum(price.saturating_add(1))), "{text}");
        }
    }

    #[test]
    fn the_grid_names_its_neighbours() {
        let grid = Increments::Unit(won(1_000));
        assert_eq!(grid.off_grid(won(500), won(1_500)), None);
        assert_eq!(grid.off_grid(won(500), won(1_700)), Some((won(1_500), Some(won(2_500)))));
        let top = won(999_999_999_999);
        assert_eq!(grid.off_grid(won(500), top), Some((won(999_999_999_500), None)));
    }
}
