//! An auction as it stands: everything the rules look at, and nothing else.

use ledger::{AuctionId, LIMIT, MemberId, Money, PartsPerMillion};

use crate::increment::Increments;
use crate::time::{Span, Time};
use crate::{ItemId, Seq};

/// One sale of one item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Auction {
    /// Its number.
    pub id: AuctionId,
    /// What is sold.
    pub item: ItemId,
    /// Who sells; never bids here.
    pub seller: MemberId,
    /// The newest event's number.
    pub seq: Seq,
    /// The number of the terms in force; raised by every edit.
    pub terms: i64,
    /// Where it stands in its life.
    pub status: Status,
    /// How it ended, once it has.
    pub outcome: Option<Outcome>,
    /// The price before the first bid.
    pub start: Money,
    /// How amounts are spaced.
    pub increments: Increments,
    /// For how much it is sold at once, if the seller set that.
    pub buy_now: Option<Money>,
    /// What the house keeps of the price.
    pub fee_rate: PartsPerMillion,
    /// No sale at once before it was open for so long.
    pub minimum_duration: Span,
    /// A late bid moves the end to so long after it; zero for a hard close.
    pub soft_close: Span,
    /// When bids are first taken.
    pub starts_at: Time,
    /// The end as it was listed.
    pub listed_end: Time,
    /// The end as it stands: no bid at or after it.
    pub ends_at: Time,
    /// How far late bids may move the end.
    pub latest: Time,
    /// How often something other than a late bid moved the end.
    pub extensions: i64,
    /// When the house was back from the outage that last moved the end, so that lost time is given back once.
    pub outage: Option<Time>,
    /// The visible price; the start price before the first bid.
    pub price: Money,
    /// Who leads, if anyone bid.
    pub leader: Option<Leader>,
    /// Rows of kind `bid` since it was listed.
    pub bid_count: i64,
    /// How many different members have bid; the next one is Bidder `bidders + 1`.
    pub bidders: i64,
    /// The time of its newest event: time never runs back along `seq`.
    pub newest: Time,
}

/// Who leads, and with how much of his money held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leader {
    /// The member.
    pub member: MemberId,
    /// His number in this auction.
    pub number: i64,
    /// His full commitment, which is what is held for this auction.
    pub commitment: Money,
}

/// scheduled → open → ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Listed, not yet taking bids.
    Scheduled,
    /// Taking bids until `ends_at`; past it, and not yet settled, it is closing.
    Open,
    /// Over, with an outcome.
    Ended,
}

/// How an auction ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// To the leader at the close, or at once by the seller's word.
    Sold,
    /// By a member for the buy-now price.
    Bought,
    /// Nobody bid.
    Unsold,
    /// The seller took it back before the first bid.
    Cancelled,
}

impl Status {
    /// Every status, in the order of their numbers in a store.
    pub const ALL: [Status; 3] = [Status::Scheduled, Status::Open, Status::Ended];

    /// The stable name, as clients see it.
    pub const fn name(self) -> &'static str {
        match self {
            Status::Scheduled => "scheduled",
            Status::Open => "open",
            Status::Ended => "ended",
        }
    }
}

impl Outcome {
    /// Every outcome, in the order of their numbers in a store.
    pub const ALL: [Outcome; 4] = [Outcome::Sold, Outcome::Bought, Outcome::Unsold, Outcome::Cancelled];

    /// The stable name, as clients see it.
    pub const fn name(self) -> &'static str {
        match self {
            Outcome::Sold => "sold",
            Outcome::Bought => "bought",
            Outcome::Unsold => "unsold",
            Outcome::Cancelled => "cancelled",
        }
    }
}

impl Auction {
    /// The least amount accepted next (rules §3): the start, or the price and one increment, never above the buy-now
    /// price; `None` once it is over or where it would pass the limit.
    pub fn minimum(&self) -> Option<Money> {
        if self.outcome.is_some() {
            return None;
        }
        let next = match self.leader {
            Some(_) => self.price.plus(self.increments.at(self.price))?,
            None => self.start,
        };
        let minimum = self.buy_now.map_or(next, |buy_now| next.min(buy_now));
        (minimum <= LIMIT).then_some(minimum)
    }

    /// The round's time for this auction: never before its newest event.
    #[must_use]
    pub fn at_or_after_newest(&self, clock: Time) -> Time {
        clock.max(self.newest)
    }

    /// Whether this member leads.
    pub fn is_led_by(&self, member: MemberId) -> bool {
        self.leader.is_some_and(|leader| leader.member == member)
    }

    /// When the house must look at it next: its start, its end, or never again.
    pub fn deadline(&self) -> Option<Time> {
        match self.status {
            Status::Scheduled => Some(self.starts_at),
            Status::Open => Some(self.ends_at),
            Status::Ended => None,
        }
    }
}
