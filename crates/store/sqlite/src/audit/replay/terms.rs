//! Terms: what the seller may edit until the first bid. No event says what stood before an edit, so until the last one
//! the figures of the events are taken for what was in force; from then on the auction's own are.

use auction::{
    Auction, EDITED_END_AHEAD_MIN, Event, EventKind, Increments, LATEST_AFTER_LISTED_END, NOTES_MAX,
    ReserveStatus, Seq, Span, Status, Time,
};
use ledger::{LIMIT, Money};

use super::super::fact::Fact;
use super::{Fault, Range, Replay, same};

impl Replay {
    pub(super) fn list(&mut self, fact: &Fact) -> Result<(), Fault> {
        if self.state.seq != Seq(0) {
            return Err("it was listed already".into());
        }
        if Time(fact.at) > self.state.starts_at {
            return Err("it was listed after its start".into());
        }
        if !self.is_settled {
            self.take_figures(fact)?;
        }
        (self.state.seq, self.state.newest) = (Seq(1), Time(fact.at));
        same(fact, &self.event(EventKind::Listed))
    }

    pub(super) fn edit(&mut self, fact: &Fact) -> Result<(), Fault> {
        let at = Time(fact.at);
        if self.state.status == Status::Ended || at >= self.state.ends_at {
            return Err("it was edited after its end".into());
        }
        self.state.terms = self.state.terms.saturating_add(1);
        if self.may_be_revised() {
            let ends_at = self.state.ends_at;
            self.take_figures(fact)?;
            let is_open = self.state.status == Status::Open;
            let is_near = self.state.ends_at < at.plus(EDITED_END_AHEAD_MIN);
            if is_open && is_near && self.state.ends_at != ends_at {
                return Err("its end was moved too near".into());
            }
            if self.state.terms == self.now.terms {
                self.settle()?;
            }
        }
        // Once there are bids, notes and pictures are added; without a note it was pictures alone.
        self.state.notes = self.state.notes.saturating_add(i64::from(fact.reason.is_some()));
        if self.state.notes > NOTES_MAX {
            return Err("it has more notes than an auction may have".into());
        }
        (self.state.seq, self.state.newest) = (self.state.seq.next(), at);
        let edited = Event { terms: Some(self.state.terms), ..self.event(EventKind::Edited) };
        same(fact, &Event { reason: fact.reason.clone(), ..edited })
    }

    /// Goes on with the auction as it stands by now: it may have been edited since.
    pub(in super::super) fn refresh(&mut self, now: &Auction) {
        self.now = now.clone();
        if self.parts.is_empty() && self.state.terms < now.terms {
            self.is_settled = false;
        }
    }

    /// Whether all terms may still change: nobody has ever bid.
    fn may_be_revised(&self) -> bool {
        self.parts.is_empty()
    }

    /// Nobody can edit them any more: from now on the terms are the auction's own.
    ///
    /// # Errors
    /// If they are not what the events until now say of them.
    pub(super) fn settle(&mut self) -> Result<(), Fault> {
        if self.is_settled {
            return Ok(());
        }
        let (state, now) = (&mut self.state, &self.now);
        if state.start != now.start {
            let words = format!("it starts at {}, its events say {}", now.start, state.start);
            return Err(Fault::Rules(words));
        }
        if (state.extensions == 0 && state.ends_at != now.listed_end) || state.ends_at < now.listed_end {
            let words = format!("listed until {}, its events say {}", now.listed_end.0, state.ends_at.0);
            return Err(Fault::Rules(words));
        }
        if state.reserve.is_some() != now.reserve.is_some() {
            return Err("it has a reserve that its events do not know, or none that they do".into());
        }
        state.increments = now.increments.clone();
        state.buy_now = now.buy_now;
        state.soft_close = now.soft_close;
        state.starts_at = now.starts_at;
        state.listed_end = now.listed_end;
        self.range = Range::of(now);
        self.is_settled = true;
        Ok(())
    }

    /// Takes what an event of the time before the last edit says for what was in force.
    fn take_figures(&mut self, fact: &Fact) -> Result<(), Fault> {
        let price = Money::new(fact.price).filter(|price| !price.is_zero() && *price <= LIMIT);
        let price = price.ok_or("it has no price")?;
        let state = &mut self.state;
        self.is_settled = false;
        (state.start, state.price) = (price, price);
        state.increments = Increments::Unit(Money::WON);
        (state.buy_now, state.soft_close) = (None, Span(0));
        state.reserve = match fact.reserve_status() {
            Some(ReserveStatus::NotMet | ReserveStatus::Met) => Some(LIMIT),
            Some(ReserveStatus::None) | None => None,
        };
        self.range = None;
        if state.ends_at != Time(fact.ends_at) || state.seq == Seq(0) {
            state.ends_at = Time(fact.ends_at);
            state.listed_end = state.ends_at;
            state.latest = state.ends_at.plus(LATEST_AFTER_LISTED_END);
        }
        Ok(())
    }
}
