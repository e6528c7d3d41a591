//! Floor 1, *judges*: who may bid, who leads, when an auction closes and who wins.
//!
//! [`decide`] is the one place where commands are judged: a pure function of what stands, what is asked and the time
//! of the round, giving [`Effects`] to be kept whole or a [`Refusal`] that leaves nothing behind. No clock, no I/O, no
//! randomness, no hash maps: the manifest proves most of it. Rules: docs/rules.md, §2 to §4.

mod auction;
mod bidder;
mod bidding;
mod business_days;
mod closing;
mod command;
mod decide;
mod editing;
mod event;
mod increment;
mod item;
mod life;
mod listing;
mod order;
mod picture;
mod reason;
mod refusal;
mod second_chance;
mod seller;
mod settlement;
mod soft_close;
mod taking_back;
mod text;
mod time;

pub use auction::{Auction, Leader, Outcome, ReserveStatus, Status};
pub use bidder::{Bidder, VAIN_BIDS_MAX, VAIN_WINDOW};
pub use command::{Bid, Command, Hand, Outage};
pub use decide::{Caller, Effects, NextOrder, Standing, decide, open_if_due};
pub use editing::{EDITED_END_AHEAD_MIN, NOTE_CHARS_MAX, NOTES_MAX};
pub use event::{Event, EventKind, ExtensionCause, Participant, PriceRule};
pub use increment::{DEFAULT_LADDER, Increments, Ladder, LadderInvalid};
pub use item::{Condition, Item, ShippingPayer};
pub use ledger::{AuctionId, OrderId};
pub use listing::{
    DESCRIPTION_CHARS_MAX, DURATION_MAX, FieldCode, FieldInvalid, Listed, Listing, ListingLimits,
    ListingStanding, Revision, START_AHEAD_MAX, TITLE_CHARS_MAX,
};
pub use order::{
    ASKED_AFTER_SHIPPING, Aftermath, BUYER_MAY_CANCEL_AFTER, CARRIER_CHARS_MAX, CODE_DIGITS, CODE_LOCK,
    DECIDED_WITHIN, DECISION_CHARS_MAX, DELIVERED_BUSINESS_DAYS, DISPUTE_CHARS_MAX, DONE_AFTER_SHIPPING,
    EVIDENCE_PER_SIDE_MAX, EVIDENCE_WITHIN, FREE_STEPS_MAX, HANDOVER_CODE_WITHIN, Mark, MarkKind,
    OFFER_LASTS, OFFERED_WITHIN, OFFERS_MAX, Offer, OfferState, Order, OrderCommand, OrderState, OrderStep,
    SELLER_ACTS_WITHIN, Side, StepKind, TRACKING_CHARS_MAX, TRIES_BEFORE_DISPUTE, TRIES_BEFORE_LOCK,
    aftermath_deadline,
};
pub use picture::{ALT_CHARS_MAX, PICTURES_MAX, Picture, PictureAddress};
pub use reason::REASON_CHARS_MAX;
pub use refusal::{Field, Refusal};
pub use seller::{
    CANCEL_LEFT_MIN, EXTENSION_HOURS, EXTENSION_LAST, EXTENSION_LEFT_MIN, SELLER_EXTENSIONS_MAX,
};
pub use soft_close::{
    LATEST_AFTER_LISTED_END, OUTAGE_GAP_MAX, OUTAGE_GAP_MIN, OUTAGE_REACH, SOFT_CLOSE_MINUTES,
};
pub use taking_back::{AFRESH_LEFT_MIN, TAKE_BACK_LEFT_MIN};
pub use text::{Lines, is_hidden, text_fault};
pub use time::{Span, Time};

/// What is sold; an item may be auctioned again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemId(pub i64);

/// An auction's own event number: 1 for `listed`, rising by one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seq(pub i64);

impl Seq {
    /// The number after this one.
    ///
    /// # Panics
    /// Never in practice: an auction would need 2⁶³ events.
    #[must_use]
    pub fn next(self) -> Seq {
        Seq(self.0.checked_add(1).expect("no auction has 2⁶³ events"))
    }
}
