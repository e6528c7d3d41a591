//! The aftermath: what stands after the hammer, the newest order of an auction and the offers that followed it.

use ledger::{AuctionId, MemberId, Money};

use crate::order::{OFFERED_WITHIN, Order};
use crate::time::Time;

/// What stands after the hammer: the newest order of an auction and the offers that followed it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Aftermath {
    /// The newest order, if it was sold.
    pub order: Option<Order>,
    /// All offers, by number.
    pub offers: Vec<Offer>,
}

/// The thing offered to another bidder after an order fell through by the buyer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Of which auction.
    pub auction: AuctionId,
    /// 1 to 3.
    pub number: i64,
    /// To whom.
    pub member: MemberId,
    /// For how much.
    pub price: Money,
    /// When.
    pub at: Time,
    /// Until when he may answer.
    pub until: Time,
    /// What he answered.
    pub state: OfferState,
}

/// What became of an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OfferState {
    /// He may still answer.
    Open,
    /// He took it and paid.
    Accepted,
    /// He did not want it.
    Declined,
    /// He did not answer in time.
    Lapsed,
}

impl Aftermath {
    /// The offer that may still be answered; there is at most one.
    pub fn open_offer(&self) -> Option<&Offer> {
        self.offers.iter().find(|offer| offer.state == OfferState::Open)
    }

    /// Whether the thing is offered to another bidder, or may still come to be (rules §5): the newest order is under way, or
    /// fell through by its buyer not so long ago, or an offer is open.
    pub fn may_offer(&self, now: Time) -> bool {
        let may_follow = |order: &Order| match order.ended_at {
            None => true,
            Some(at) => order.fell_through_by_buyer() && now < at.plus(OFFERED_WITHIN),
        };
        self.open_offer().is_some() || self.order.as_ref().is_some_and(may_follow)
    }

    /// Whether neither an order nor an offer is under way, so that the item may be auctioned again.
    pub fn is_over(&self) -> bool {
        self.open_offer().is_none() && self.order.as_ref().is_none_or(|order| order.ended_at.is_some())
    }
}

impl OfferState {
    /// Every state, in the order of their numbers in a store.
    pub const ALL: [OfferState; 4] =
        [OfferState::Open, OfferState::Accepted, OfferState::Declined, OfferState::Lapsed];

    /// The stable name, as clients see it.
    pub const fn name(self) -> &'static str {
        match self {
            OfferState::Open => "open",
            OfferState::Accepted => "accepted",
            OfferState::Declined => "declined",
            OfferState::Lapsed => "lapsed",
        }
    }
}
