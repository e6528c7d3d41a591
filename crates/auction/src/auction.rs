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
    /// For less than this nothing is sold, if the seller set that. Hidden from everyone but him, for ever.
    pub reserve: Option<Money>,
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
    /// How often the seller did.
    pub seller_extensions: i64,
    /// When the house was back from the outage that last moved the end, so that lost time is given back once.
    pub outage: Option<Time>,
    /// The visible price; the start price before the first bid.
    pub price: Money,
    /// Who leads, if anyone bid.
    pub leader: Option<Leader>,
    /// Rows of kind `bid` since it was listed or last started afresh.
    pub bid_count: i64,
    /// The event with which it last started afresh: commitments made up to it count no more. 0 if it never did.
    pub afresh: Seq,
    /// Whether the seller has taken back a lead here, which he may once.
    pub seller_took_back: bool,
    /// How many dated notes its seller has added.
    pub notes: i64,
    /// The auction that sells the item again, if one does.
    pub followed_by: Option<AuctionId>,
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
    /// His full commitment, his amount or his maximum, which is what is held for this auction. Hidden from everyone but
    /// him as far as it lies above the price, for ever.
    pub commitment: Money,
    /// With which event he took the lead.
    pub since: Seq,
}

/// What everyone may know of a reserve.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReserveStatus {
    /// There is none.
    #[default]
    None,
    /// The leader's commitment does not reach it, or nobody leads.
    NotMet,
    /// The leader's commitment reaches it.
    Met,
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
    /// The seller or an admin took it back.
    Cancelled,
    /// The leader's commitment did not reach the reserve.
    ReserveNotMet,
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

impl ReserveStatus {
    /// Every one, in the order of their numbers in a store.
    pub const ALL: [ReserveStatus; 3] = [ReserveStatus::None, ReserveStatus::NotMet, ReserveStatus::Met];

    /// The stable name, as clients see it.
    pub const fn name(self) -> &'static str {
        match self {
            ReserveStatus::None => "none",
            ReserveStatus::NotMet => "not_met",
            ReserveStatus::Met => "met",
        }
    }
}

impl Outcome {
    /// Every outcome, in the order of their numbers in a store.
    pub const ALL: [Outcome; 5] =
        [Outcome::Sold, Outcome::Bought, Outcome::Unsold, Outcome::Cancelled, Outcome::ReserveNotMet];

    /// The stable name, as clients see it.
    pub const fn name(self) -> &'static str {
        match self {
            Outcome::Sold => "sold",
            Outcome::Bought => "bought",
            Outcome::Unsold => "unsold",
            Outcome::Cancelled => "cancelled",
            Outcome::ReserveNotMet => "reserve_not_met",
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

    /// What everyone may know of the reserve (rules §3).
    pub fn reserve_status(&self) -> ReserveStatus {
        match (self.reserve, self.leader) {
            (None, _) => ReserveStatus::None,
            (Some(reserve), Some(leader)) if leader.commitment >= reserve => ReserveStatus::Met,
            (Some(_), _) => ReserveStatus::NotMet,
        }
    }

    /// Whether a bid was ever accepted, also one that was taken back since.
    pub fn ever_had_bids(&self) -> bool {
        self.bidders > 0
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
