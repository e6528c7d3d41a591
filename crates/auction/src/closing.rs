//! Closing: the hammer falls by itself or by the seller's word, and an outage gives its time back first (rules §4).

use crate::auction::{Auction, Leader, Outcome, ReserveStatus, Status};
use crate::bidder::Bidder;
use crate::command::Outage;
use crate::decide::{Effects, Standing};
use crate::event::{EventKind, ExtensionCause, Participant};
use crate::order::Order;
use crate::refusal::Refusal;
use crate::settlement;
use crate::time::Time;

/// The end has come: sold to the leader if the reserve allows, else not.
pub(crate) fn decide_close(standing: &Standing<'_>, now: Time) -> Result<Effects, Refusal> {
    let auction = standing.auction;
    if auction.status != Status::Open || now < auction.ends_at {
        return Err(Refusal::NotDue);
    }
    Ok(match auction.leader {
        Some(leader) if auction.reserve_status() != ReserveStatus::NotMet => sell(standing, leader, now),
        Some(_) => end_unsold(standing, Outcome::ReserveNotMet, now),
        None => end_unsold(standing, Outcome::Unsold, now),
    })
}

/// Time that the house took is given back, once.
pub(crate) fn decide_outage(auction: &Auction, outage: Outage, now: Time) -> Result<Effects, Refusal> {
    let touched = auction.touched_by(outage).filter(|_| auction.status == Status::Open);
    let outage = touched.ok_or(Refusal::NotDue)?;
    let mut effects = Effects::on(auction);
    effects.auction.extend_for_outage(outage);
    effects.tell(EventKind::Extended, now, |event| {
        event.cause = Some(ExtensionCause::Outage);
    });
    Ok(effects)
}

/// The leader wins at the price, and the auction is over.
pub(crate) fn sell(standing: &Standing<'_>, leader: Leader, now: Time) -> Effects {
    let mut effects = Effects::on(standing.auction);
    let mut draft = standing.book.draft();
    settlement::win(standing.auction, leader, &mut draft);
    effects.posted = draft.finish();
    let price = effects.auction.price;
    effects.end(Outcome::Sold);
    effects.bidders.push(standing.without_hold(leader));
    Order::open(standing, leader.member, price, now, &mut effects);
    effects.tell(EventKind::Closed, now, |event| {
        event.actor = Some(leader.into());
        event.amount = Some(price);
    });
    effects
}

fn end_unsold(standing: &Standing<'_>, outcome: Outcome, now: Time) -> Effects {
    let mut effects = Effects::on(standing.auction);
    effects.end(outcome);
    standing.release_leader(&mut effects);
    effects.tell(EventKind::Closed, now, |_| {});
    effects
}

impl Standing<'_> {
    /// Gives the leader, if there is one, all of his hold back.
    pub(crate) fn release_leader(&self, effects: &mut Effects) {
        let Some(leader) = self.auction.leader else { return };
        let mut draft = self.book.draft();
        draft
            .release(leader.member, leader.commitment, self.auction.id)
            .expect("the leader's commitment is held");
        effects.posted = draft.finish();
        effects.bidders.push(self.without_hold(leader));
    }

    /// The leader's row when nothing of his is held any longer.
    pub(crate) fn without_hold(&self, leader: Leader) -> Bidder {
        let row = self.bidder(leader.member).expect("a round reads the leader's row");
        Bidder { hold: ledger::Money::ZERO, ..row.clone() }
    }
}

impl From<Leader> for Participant {
    fn from(leader: Leader) -> Participant {
        Participant { member: leader.member, number: leader.number }
    }
}
