//! Commands: all that can be asked of an auction that exists.

use ledger::MemberId;

use crate::time::Time;

/// What is asked of one auction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// A member offers an amount.
    Bid(Bid),
    /// A member buys for the buy-now price; carries the number of the terms he saw.
    BuyNow {
        /// Who buys.
        buyer: MemberId,
        /// The terms he saw, if he says so.
        terms: Option<i64>,
    },
    /// The seller sells to the leader without waiting for the end.
    SellNow {
        /// Who asks; only the seller may.
        seller: MemberId,
    },
    /// The seller takes the auction back.
    Cancel {
        /// Who asks; only the seller may.
        seller: MemberId,
        /// Shown to everyone, if given.
        reason: Option<String>,
    },
    /// The house looks at an auction whose deadline has come: settles it if its end is past.
    Close,
    /// The house moves the end because it was away.
    ExtendForOutage(Outage),
}

/// A plain bid: public, in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bid {
    /// Who bids.
    pub bidder: MemberId,
    /// What he offers, as sent: the rules judge it.
    pub amount: i64,
    /// The terms he saw, if he says so.
    pub terms: Option<i64>,
}

/// A gap in the house's heartbeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// The last heartbeat before the gap.
    pub heartbeat: Time,
    /// The first moment after it.
    pub back: Time,
}

impl Command {
    /// The member who asks, or `None` for the house itself.
    pub const fn caller(&self) -> Option<MemberId> {
        match self {
            Command::Bid(bid) => Some(bid.bidder),
            Command::BuyNow { buyer, .. } => Some(*buyer),
            Command::SellNow { seller } | Command::Cancel { seller, .. } => Some(*seller),
            Command::Close | Command::ExtendForOutage(_) => None,
        }
    }
}
