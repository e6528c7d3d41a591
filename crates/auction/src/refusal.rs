//! Refusals: the rules say no. The order of the variants is the published order of judging (rules §2): the first
//! reason that applies is the answer, with the figures a client needs.

use ledger::{LIMIT, Money};

use crate::auction::Outcome;
use crate::listing::FieldInvalid;
use crate::order::OrderState;
use crate::time::{Span, Time};

/// Why a command was refused; nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Fields of what was sent that cannot stay as they are.
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
    /// The leader's maximum is not above the one he has.
    MaximumNotHigher {
        /// His own.
        maximum: Money,
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
    /// Too many accepted bids here, within an hour, that did not take the lead.
    TooManyBids {
        /// After how long the next is taken.
        retry_after: Span,
    },
    /// Nobody leads, so there is nobody to sell to.
    NoLeader,
    /// The leader's commitment does not reach the reserve.
    ReserveNotMet,
    /// Not yet allowed.
    TooEarly,
    /// No longer allowed.
    TooLate,
    /// The seller has moved the end twice already.
    ExtendedTwice,
    /// The auction has as many notes as it may have.
    TooManyNotes {
        /// How many that is.
        limit: i64,
    },
    /// It needs a reason, which everyone concerned may read.
    ReasonMissing,
    /// Not one of the numbers of hours by which an end may be moved.
    HoursInvalid,
    /// Not an amount to which the reserve may be lowered.
    ReserveInvalid,
    /// The item is being sold, has been sold, or is offered to someone.
    ItemNotFree,
    /// Too much stands on the seller's record; an admin may lift it.
    ListingBarred,
    /// One of the pictures was not uploaded by the caller, or is there no longer.
    PictureNotFound {
        /// Its place in the list that was sent, from 0 on.
        index: i64,
    },
    /// There is no such order, or not for the caller.
    OrderNotFound,
    /// Only the buyer may do this.
    NotBuyer,
    /// Only an admin who is neither side may do this.
    NotAdmin,
    /// Where the order stands this cannot be done.
    OrderState {
        /// Where it stands.
        state: OrderState,
    },
    /// Too many wrong codes were typed.
    CodeLocked {
        /// Until when none is taken.
        until: Time,
    },
    /// Not an amount between nothing and the price.
    RefundInvalid {
        /// The price.
        limit: Money,
    },
    /// There is nobody left to whom it could be offered.
    NoBidderLeft,
    /// Nothing is offered to the caller.
    NoOffer,
    /// Play money cannot be withdrawn, or nobody pays out here.
    WithdrawalsOff,
    /// Money known by that reference was entered, or taken out, before.
    ReferenceUsed,
    /// There is no such withdrawal.
    WithdrawalNotFound,
    /// It was done or reversed already.
    WithdrawalOver,
    /// There is no such deposit.
    DepositNotFound,
    /// The whole of it was taken back already.
    NothingMissing,
    /// The member owes what was no longer there when a deposit of his was taken back.
    InDebt {
        /// How much.
        missing: Money,
    },
    /// The house has earned less than that, or has taken it out already.
    InsufficientFees {
        /// What there is.
        fees: Money,
    },
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
    /// The maximum.
    Maximum,
}

impl Field {
    /// The stable name, as clients see it.
    pub const fn name(self) -> &'static str {
        match self {
            Field::Amount => "amount",
            Field::Maximum => "maximum",
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
            Refusal::MaximumNotHigher { .. } => "maximum_not_higher",
            Refusal::BelowMinimum { .. } => "below_minimum",
            Refusal::OffStep { .. } => "off_step",
            Refusal::InsufficientFunds { .. } => "insufficient_funds",
            Refusal::TooManyBids { .. } => "too_many_bids",
            Refusal::NoLeader => "no_leader",
            Refusal::ReserveNotMet => "reserve_not_met",
            Refusal::TooEarly => "too_early",
            Refusal::TooLate => "too_late",
            Refusal::ExtendedTwice => "extended_twice",
            Refusal::TooManyNotes { .. } => "too_many_notes",
            Refusal::ReasonMissing => "reason_missing",
            Refusal::HoursInvalid => "hours_invalid",
            Refusal::ReserveInvalid => "reserve_invalid",
            Refusal::ItemNotFree => "item_not_free",
            Refusal::ListingBarred => "listing_barred",
            Refusal::PictureNotFound { .. } => "picture_not_found",
            Refusal::OrderNotFound => "order_not_found",
            Refusal::NotBuyer => "not_buyer",
            Refusal::NotAdmin => "not_admin",
            Refusal::OrderState { .. } => "order_state",
            Refusal::CodeLocked { .. } => "code_locked",
            Refusal::RefundInvalid { .. } => "refund_invalid",
            Refusal::NoBidderLeft => "no_bidder_left",
            Refusal::NoOffer => "no_offer",
            Refusal::WithdrawalsOff => "withdrawals_off",
            Refusal::ReferenceUsed => "reference_used",
            Refusal::WithdrawalNotFound => "withdrawal_not_found",
            Refusal::WithdrawalOver => "withdrawal_over",
            Refusal::DepositNotFound => "deposit_not_found",
            Refusal::NothingMissing => "nothing_missing",
            Refusal::InDebt { .. } => "in_debt",
            Refusal::InsufficientFees { .. } => "insufficient_fees",
            Refusal::NotDue => "not_due",
            Refusal::DepositsOff => "deposits_off",
        }
    }
}
