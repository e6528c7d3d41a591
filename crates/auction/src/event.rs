//! Events: committed facts of one auction, numbered without a gap. A bid is its event.

use ledger::{AuctionId, MemberId, Money};

use crate::Seq;
use crate::auction::{Auction, Outcome, ReserveStatus};
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
    /// Why, in the words of whoever did it, where he gave any; with `edited` the note that was added.
    pub reason: Option<String>,
    /// Why the end moved, with `extended`.
    pub cause: Option<ExtensionCause>,
    /// What everyone may know of the reserve after the command.
    pub reserve: ReserveStatus,
    /// Which rule made the price, with rows of the history.
    pub rule: Option<PriceRule>,
    /// The number of the terms from then on, with `edited`.
    pub terms: Option<i64>,
    /// The member who alone is told something besides: whose bids were taken back, whose
    /// maximum was cut, whose auction another cancelled. Never public.
    pub aside: Option<MemberId>,
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
    /// The seller or an admin took it back.
    Cancelled,
    /// The house raised the leader's bid for him.
    Auto,
    /// Bids were taken back, and the price moved or the auction started afresh.
    Reset,
    /// The seller changed the terms, or added a note.
    Edited,
    /// The seller lowered the reserve; the figure stays hidden.
    ReserveLowered,
}

/// Which rule of §3 made the price of a row: the answer to *why this price?*, which follows from what is public.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PriceRule {
    /// The first bid: the start price.
    Start,
    /// The amount that the bidder named himself, above what the rules alone would have made.
    Named,
    /// One step above the beaten commitment, or all of the new leader's if that is less.
    Overtaken,
    /// The challenger's whole commitment, which the leader's reaches: the earlier has it at the same amount.
    Matched,
    /// With this row the reserve is met: the price is the reserve, or what the bidder named if that is more. Which of the
    /// two it is stays hidden.
    Reserve,
    /// The buy-now price.
    BuyNow,
    /// What is left after a beaten bidder's bids were taken back.
    TakenBack,
    /// The leader's bids were taken back: the start price, as if nobody had bid.
    Afresh,
}

/// Why the end moved by something other than a late bid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExtensionCause {
    /// The house was away, or its clock jumped.
    Outage,
    /// The seller wanted to.
    Seller,
}

impl EventKind {
    /// Every kind, in the order of their numbers in a store.
    pub const ALL: [EventKind; 11] = [
        EventKind::Listed,
        EventKind::Opened,
        EventKind::Bid,
        EventKind::BuyNow,
        EventKind::Extended,
        EventKind::Closed,
        EventKind::Cancelled,
        EventKind::Auto,
        EventKind::Reset,
        EventKind::Edited,
        EventKind::ReserveLowered,
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
            EventKind::Auto => "auto",
            EventKind::Reset => "reset",
            EventKind::Edited => "edited",
            EventKind::ReserveLowered => "reserve_lowered",
        }
    }

    /// Whether it is a row of the bid history, with an amount and a bidder.
    pub const fn is_row(self) -> bool {
        matches!(self, EventKind::Bid | EventKind::BuyNow | EventKind::Auto | EventKind::Reset)
    }
}

impl PriceRule {
    /// Every rule, in the order of their numbers in a store.
    pub const ALL: [PriceRule; 8] = [
        PriceRule::Start,
        PriceRule::Named,
        PriceRule::Overtaken,
        PriceRule::Matched,
        PriceRule::Reserve,
        PriceRule::BuyNow,
        PriceRule::TakenBack,
        PriceRule::Afresh,
    ];

    /// The stable name, as clients see it.
    pub const fn name(self) -> &'static str {
        match self {
            PriceRule::Start => "start",
            PriceRule::Named => "named",
            PriceRule::Overtaken => "overtaken",
            PriceRule::Matched => "matched",
            PriceRule::Reserve => "reserve",
            PriceRule::BuyNow => "buy_now",
            PriceRule::TakenBack => "taken_back",
            PriceRule::Afresh => "afresh",
        }
    }
}

impl ExtensionCause {
    /// Every cause, in the order of their numbers in a store.
    pub const ALL: [ExtensionCause; 2] = [ExtensionCause::Outage, ExtensionCause::Seller];

    /// The stable name, as clients see it.
    pub const fn name(self) -> &'static str {
        match self {
            ExtensionCause::Outage => "outage",
            ExtensionCause::Seller => "seller",
        }
    }
}

impl Event {
    /// The auction's figures as they stand, as its newest event has them.
    pub fn as_of(auction: &Auction) -> Event {
        Event::of(auction, auction.seq, EventKind::Bid, auction.newest)
    }

    /// An event of this kind with the auction's figures as they stand; the caller sets what else the kind carries. Only
    /// what ends the auction carries the outcome.
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
            outcome: auction.outcome.filter(|_| matches!(kind, EventKind::Closed | EventKind::Cancelled)),
            reason: None,
            cause: None,
            reserve: auction.reserve_status(),
            rule: None,
            terms: None,
            aside: None,
        }
    }
}
