//! Events: committed facts of one auction, numbered without a gap. A bid is its event.

use ledger::{AuctionId, MemberId, Money};

use crate::Seq;
use crate::auction::{Auction, Outcome};
use crate::time::Time;

/// One fact, with the auction's figures as they stand after the command that caused it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Of which auction.
    pub auction: AuctionId,
    /// Its number there; a bid's id.
    pub seq: Seq,
    /// What happened.
    pub kind: EventKind,
    /// When, by the round's clock.
    pub at: Time,
    /// Whose doing it was: the bidder, the buyer, the winner.
    pub actor: Option<Participant>,
    /// What was bid or paid.
    pub amount: Option<Money>,
    /// The price after the command.
    pub price: Money,
    /// The least amount accepted next, if any is.
    pub minimum: Option<Money>,
    /// Rows of kind `bid` so far.
    pub bid_count: i64,
    /// Who leads after the command.
    pub leader: Option<Participant>,
    /// The end after the command.
    pub ends_at: Time,
    /// How it ended, with `closed` and `cancelled`.
    pub outcome: Option<Outcome>,
    /// Why, in the seller's words, where he gave any.
    pub reason: Option<String>,
    /// Why the end moved, with `extended`.
    pub cause: Option<ExtensionCause>,
}

/// A member in an auction, by the number that everyone may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Participant {
    /// Who.
    pub member: MemberId,
    /// Bidder 1, 2, … of this auction.
    pub number: i64,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventKind {
    /// The auction exists; always number 1.
    Listed,
    /// It takes bids.
    Opened,
    /// A bid was accepted.
    Bid,
    /// A member bought for the buy-now price; `closed` follows.
    BuyNow,
    /// The end moved for a reason other than a late bid.
    Extended,
    /// It ended by itself, by a purchase, or by selling at once.
    Closed,
    /// The seller took it back.
    Cancelled,
}

/// Why the end moved by something other than a late bid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExtensionCause {
    /// The house was away, or its clock jumped.
    Outage,
}

impl EventKind {
    /// Every kind, in the order of their numbers in a store.
    pub const ALL: [EventKind; 7] = [
        EventKind::Listed,
        EventKind::Opened,
        EventKind::Bid,
        EventKind::BuyNow,
        EventKind::Extended,
        EventKind::Closed,
        EventKind::Cancelled,
    ];

    /// The stable name, as clients see it.
    pub const fn name(self) -> &'static str {
        match self {
            EventKind::Listed => "listed",
            EventKind::Opened => "opened",
            EventKind::Bid => "bid",
            EventKind::BuyNow => "buy_now",
            EventKind::Extended => "extended",
            EventKind::Closed => "closed",
            EventKind::Cancelled => "cancelled",
        }
    }

    /// Whether it is a row of the bid history, with an amount and a bidder.
    pub const fn is_row(self) -> bool {
        matches!(self, EventKind::Bid | EventKind::BuyNow)
    }
}

impl ExtensionCause {
    /// The stable name, as clients see it.
    pub const fn name(self) -> &'static str {
        match self {
            ExtensionCause::Outage => "outage",
        }
    }
}

impl Event {
    /// An event of this kind with the auction's figures as they stand; the caller sets what else the kind carries.
    pub(crate) fn of(auction: &Auction, seq: Seq, kind: EventKind, at: Time) -> Event {
        Event {
            auction: auction.id,
            seq,
            kind,
            at,
            actor: None,
            amount: None,
            price: auction.price,
            minimum: auction.minimum(),
            bid_count: auction.bid_count,
            leader: auction.leader.map(|leader| Participant { member: leader.member, number: leader.number }),
            ends_at: auction.ends_at,
            outcome: auction.outcome,
            reason: None,
            cause: None,
        }
    }
}
