//! Refusals: the rules say no. The order of the variants is the published order of judging (rules §2): the first
//! reason that applies is the answer, with the figures a client needs.

use ledger::{LIMIT, Money};

use crate::auction::Outcome;
use crate::listing::FieldInvalid;
use crate::time::Time;

/// Why a command was refused; nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Fields of a listing that cannot stay as they are.
    Invalid {
        /// Each of them.
        errors: Vec<FieldInvalid>,
    },
    /// There is no such auction.
    AuctionNotFound,
    /// Only the seller may do this.
    NotSeller,
    /// It has an outcome, or its end has come (then the outcome is still open).
    Closed {
        /// How it ended, once settled.
        outcome: Option<Outcome>,
    },
    /// It does not take bids yet.
    NotStarted {
        /// From when it will.
        starts_at: Time,
    },
    /// The seller never bids on his own.
    OwnAuction,
    /// An admin has suspended the member.
    Suspended,
    /// This seller has blocked the member.
    Blocked,
    /// The seller set no buy-now price.
    NoBuyNow,
    /// The bid was made on older terms.
    TermsChanged {
        /// The terms in force.
        terms: i64,
    },
    /// The numbers alone make no sense: 0 or below, or above the limit.
    AmountInvalid {
        /// The most that may be sent.
        limit: Money,
    },
    /// Less than the least amount accepted.
    BelowMinimum {
        /// That amount; `None` if nothing more can be bid.
        minimum: Option<Money>,
    },
    /// Off the auction's grid.
    OffStep {
        /// Which figure is off.
        field: Field,
        /// The grid amount below.
        below: Money,
        /// The grid amount above, unless beyond the limit.
        above: Option<Money>,
    },
    /// The whole commitment is not there.
    InsufficientFunds {
        /// The commitment.
        required: Money,
        /// What the member has for it, his own hold here counted in.
        available: Money,
    },
    /// Nobody leads, so there is nobody to sell to.
    NoLeader,
    /// Not yet allowed.
    TooEarly,
    /// No longer allowed.
    TooLate,
    /// The auction's deadline has not come; only the closer hears this.
    NotDue,
    /// No deposits are taken here.
    DepositsOff,
}

/// A figure of a bid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The plain amount.
    Amount,
}

impl Field {
    /// The stable name, as clients see it.
    pub const fn name(self) -> &'static str {
        match self {
            Field::Amount => "amount",
        }
    }
}

impl Refusal {
    /// The numbers alone are wrong, for bids.
    pub(crate) const fn amount_invalid() -> Refusal {
        Refusal::AmountInvalid { limit: LIMIT }
    }

    /// The stable code, as clients see it.
    pub const fn code(&self) -> &'static str {
        match self {
            Refusal::Invalid { .. } => "invalid",
            Refusal::AuctionNotFound => "auction_not_found",
            Refusal::NotSeller => "not_seller",
            Refusal::Closed { .. } => "closed",
            Refusal::NotStarted { .. } => "not_started",
            Refusal::OwnAuction => "own_auction",
            Refusal::Suspended => "suspended",
            Refusal::Blocked => "blocked",
            Refusal::NoBuyNow => "no_buy_now",
            Refusal::TermsChanged { .. } => "terms_changed",
            Refusal::AmountInvalid { .. } => "amount_invalid",
            Refusal::BelowMinimum { .. } => "below_minimum",
            Refusal::OffStep { .. } => "off_step",
            Refusal::InsufficientFunds { .. } => "insufficient_funds",
            Refusal::NoLeader => "no_leader",
            Refusal::TooEarly => "too_early",
            Refusal::TooLate => "too_late",
            Refusal::NotDue => "not_due",
            Refusal::DepositsOff => "deposits_off",
        }
    }
}
