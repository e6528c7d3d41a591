//! The reserve while it is hidden: no event tells it, but each says whether it is met, and so where it can lie. Lowering
//! it begins a new range below the old one; the auction's own must lie in the last.

use auction::{Auction, Command, EventKind, Increments, PriceRule, ReserveStatus, Time};
use ledger::{LIMIT, Money};

use super::super::fact::Fact;
use super::{Fault, Replay, Sources, same};

/// Between which amounts the reserve in force lies, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Range {
    low: Money,
    high: Money,
}

impl Range {
    /// Where a reserve may lie when an auction is listed, if it has one.
    pub(super) fn of(auction: &Auction) -> Option<Range> {
        let high = auction.buy_now.unwrap_or(LIMIT);
        auction.reserve.map(|_| Range { low: auction.start, high })
    }

    /// Whether a reserve may be this.
    pub(in super::super) fn holds(self, reserve: Money) -> bool {
        self.low <= reserve && reserve <= self.high
    }
}

impl Replay {
    /// The reserve that makes the next event what it says, as far as the range allows.
    pub(super) fn assume_reserve(&mut self, fact: &Fact) {
        let Some(range) = self.range else { return };
        let is_met = fact.reserve_status() == Some(ReserveStatus::Met);
        let is_told = fact.price_rule() == Some(PriceRule::Reserve);
        let price = Money::new(fact.price).filter(|price| is_told && range.holds(*price));
        self.state.reserve = Some(if is_met { price.unwrap_or(range.low) } else { range.high });
    }

    /// The reserve between two events: no raise in silence reaches it.
    pub(super) fn keep_reserve(&mut self) {
        if let Some(range) = self.range {
            self.state.reserve = Some(if self.is_met { range.low } else { range.high });
        }
    }

    /// What the event has shown of the reserve.
    pub(super) fn narrow_reserve(&mut self) -> Result<(), Fault> {
        let status = self.state.reserve_status();
        self.is_met = status == ReserveStatus::Met;
        let (Some(range), Some(leader)) = (&mut self.range, self.state.leader) else { return Ok(()) };
        match status {
            ReserveStatus::Met => range.high = range.high.min(self.state.price).min(leader.commitment),
            ReserveStatus::NotMet => {
                range.low = range.low.max(leader.commitment.plus(Money::WON).unwrap_or(LIMIT));
            }
            ReserveStatus::None => {}
        }
        if range.low > range.high {
            let words = format!("no reserve is met and not met like that: {range:?}");
            return Err(Fault::Rules(words));
        }
        Ok(())
    }

    /// The leader's maximum, raised, reaches the reserve.
    pub(super) fn raise_to_reserve(&mut self, fact: &Fact, sources: Sources<'_>) -> Result<(), Fault> {
        let price = fact.amount.and_then(Money::new).ok_or("a row without an amount")?;
        loop {
            let more = self.next_raise(sources)?;
            let leader = self.state.leader.ok_or("nobody leads")?;
            let Some(maximum) = more.and_then(|more| leader.commitment.plus(more)) else {
                return Err(Fault::Money("no more was held for the leader".to_owned()));
            };
            if maximum >= price {
                let command = Replay::raise(leader.member, maximum);
                return self.decide(fact, None, &command, sources);
            }
            self.raise_once(maximum, sources)?;
        }
    }

    /// The seller lowered it: a leader who would reach it was cut to one step below it, which tells where it lies; else
    /// it lies above his commitment.
    pub(super) fn lower_reserve(&mut self, fact: &Fact, sources: Sources<'_>) -> Result<(), Fault> {
        let Some(range) = self.range else { return self.lower_unknown(fact) };
        if fact.aside.is_some() {
            // What he was cut by was released right behind his raises; else nothing tells which of them were before.
            self.raise_in_silence(sources, None)?;
        }
        let state = &self.state;
        let step = match &state.increments {
            Increments::Unit(unit) => *unit,
            Increments::Ladder(_) => Money::WON,
        };
        let leader = state.leader;
        let above = leader.map_or(state.price, |leader| leader.commitment.max(state.price));
        let cut = match leader.filter(|leader| fact.aside == Some(leader.member.0)) {
            Some(leader) => {
                let place = self.part(leader.number).map_or(i64::MIN, |part| part.place);
                let released = self.next_hold(leader.member, place, sources)?;
                let released = released.and_then(|released| Money::new(released.amount.saturating_neg()));
                let left = released.and_then(|released| leader.commitment.minus(released));
                left.and_then(|left| left.plus(step))
            }
            None => self.next_on_grid(above),
        };
        let lowered = cut.ok_or("nothing was released of what the leader's maximum was cut by")?;
        self.state.reserve = Some(range.high);
        let seller = self.state.seller;
        let command = Command::LowerReserve { seller, reserve: lowered.won() };
        self.decide(fact, None, &command, sources)?;
        let below = range.high.minus_or_zero(Money::WON);
        self.range = Some(match fact.aside {
            Some(_) => Range { low: lowered, high: lowered },
            None => Range { low: lowered, high: below },
        });
        Ok(())
    }

    /// Before the last edit it is not known where it lay; it was there, and nobody led.
    fn lower_unknown(&mut self, fact: &Fact) -> Result<(), Fault> {
        if self.state.reserve.is_none() || fact.aside.is_some() || fact.at >= self.state.ends_at.0 {
            return Err("there is no reserve to lower".into());
        }
        (self.state.seq, self.state.newest) = (self.state.seq.next(), Time(fact.at));
        same(fact, &self.event(EventKind::ReserveLowered))
    }

    /// The least amount above this one that could be a reserve.
    fn next_on_grid(&self, amount: Money) -> Option<Money> {
        let next = amount.plus(Money::WON)?;
        let state = &self.state;
        state.increments.off_grid(state.start, next).map_or(Some(next), |(_, above)| above)
    }

    /// Whether the auction's reserve is where its events say it lies; then it is taken over.
    pub(in super::super) fn take_reserve(&mut self, stored: Option<Money>) -> bool {
        if !self.is_settled {
            return true;
        }
        let is_right = match (self.range, stored) {
            (Some(range), Some(reserve)) => range.holds(reserve),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        if is_right {
            self.state.reserve = stored;
        }
        is_right
    }
}

impl Replay {
    /// The end of its history: what the leader has raised in silence since the newest event.
    pub(in super::super) fn finish(&mut self, sources: Sources<'_>) -> Result<(), Fault> {
        if self.state.outcome.is_none() && self.is_between_commands() {
            self.raise_in_silence(sources, None)?;
        }
        Ok(())
    }
}
