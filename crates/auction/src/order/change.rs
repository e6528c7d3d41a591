//! A change: one command's work on one order, from what stands to the effects that tell it.

use ledger::{MemberId, Posted};

use crate::bidder::Bidder;
use crate::decide::{Effects, Standing};
use crate::order::{Mark, MarkKind, Offer, Order, OrderStep, Side, StepKind};
use crate::time::Time;

/// The order as it is being changed, and what is told of it so far. Dropped, it leaves nothing behind.
pub(super) struct Change<'a> {
    /// What stood before.
    pub(super) standing: &'a Standing<'a>,
    /// The order, as far as it is changed.
    pub(super) order: Order,
    /// The round's time, never before the order's newest step.
    pub(super) now: Time,
    effects: Effects,
}

impl<'a> Change<'a> {
    /// Begins with the order as it stands.
    pub(super) fn of(standing: &'a Standing<'a>, order: &Order, now: Time) -> Change<'a> {
        let now = now.max(order.newest);
        Change { standing, order: order.clone(), now, effects: Effects::on(standing.auction) }
    }

    /// Writes the next step, with the order as it stands by now; `detail` sets what else the kind carries.
    pub(super) fn tell(&mut self, kind: StepKind, by: Option<MemberId>, detail: impl FnOnce(&mut OrderStep)) {
        self.order.seq = self.order.seq.checked_add(1).expect("no order has 2⁶³ steps");
        self.order.newest = self.now;
        let mut step = OrderStep::of(&self.order, kind, self.now);
        step.by = by;
        detail(&mut step);
        self.effects.steps.push(step);
    }

    /// Writes on the record of that side.
    pub(super) fn mark(&mut self, side: Side) {
        let kind = match side {
            Side::Buyer => MarkKind::BuyerDefault,
            Side::Seller => MarkKind::SellerDefault,
        };
        self.effects.marks.push(Mark {
            member: self.order.member(side),
            kind,
            auction: self.order.auction,
            order: Some(self.order.id),
            at: self.now,
        });
    }

    /// The member's commitment in the auction counts no more.
    pub(super) fn rule_out(&mut self, member: MemberId) {
        let row = self.standing.bidder(member).expect("a round reads the rows of order and offer");
        self.effects.bidders.push(Bidder { is_out: true, ..row.clone() });
    }

    /// The offer as it stands afterwards.
    pub(super) fn put_offer(&mut self, offer: Offer) {
        self.effects.offers.push(offer);
    }

    /// What money did, once for the whole change.
    pub(super) fn post(&mut self, posted: Posted) {
        self.effects.posted = posted;
    }

    /// Ends the change.
    pub(super) fn finish(self) -> Effects {
        let mut effects = self.effects;
        effects.orders.push(self.order);
        effects
    }
}
