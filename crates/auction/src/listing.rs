//! Listing: a member puts an item up for auction; every field is judged, and all that is wrong is named at once.

use ledger::{AuctionId, LIMIT, MemberId, Money, PartsPerMillion};

use crate::auction::{Auction, Status};
use crate::decide::Effects;
use crate::event::EventKind;
use crate::increment::{Increments, Ladder};
use crate::item::Item;
use crate::refusal::Refusal;
use crate::soft_close::{LATEST_AFTER_LISTED_END, SOFT_CLOSE_MINUTES};
use crate::text::{Lines, text_fault};
use crate::time::{Span, Time};
use crate::{ItemId, Seq};

/// The most characters in a title, which is one line.
pub const TITLE_CHARS_MAX: usize = 100;

/// The most characters in a description.
pub const DESCRIPTION_CHARS_MAX: usize = 5_000;

/// The longest an auction may last.
pub const DURATION_MAX: Span = Span::days(30);

/// How far ahead a start may lie.
pub const START_AHEAD_MAX: Span = Span::days(30);

/// What a seller asks for, as sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// What is sold, by whom.
    pub item: Item,
    /// The price before the first bid.
    pub start_price: i64,
    /// The grid's unit; `None` for the house's ladder.
    pub bid_unit: Option<i64>,
    /// Nothing is sold for less, if set; hidden.
    pub reserve_price: Option<i64>,
    /// Sold at once for this, if set.
    pub buy_now_price: Option<i64>,
    /// When bids are first taken; at once if not set.
    pub starts_at: Option<Time>,
    /// The listed end.
    pub ends_at: Time,
    /// The soft-close window in minutes.
    pub soft_close_minutes: i64,
    /// The ended auction whose item is auctioned again, if it is not a new one.
    pub again: Option<AuctionId>,
}

/// What a seller changes in an auction that is listed, as sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// The number of the terms that he saw.
    pub terms: Option<i64>,
    /// The whole listing as it should be, if it should be another.
    pub listing: Option<Listing>,
    /// A dated note for everyone, added to what is said already.
    pub note: Option<String>,
}

/// What the house lays down for auctions listed now; copied to each, so that later changes never touch it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListingLimits {
    /// The shortest an auction may last; also how long before it may be sold at once.
    pub minimum_duration: Span,
    /// The increments of auctions without a unit of their own.
    pub ladder: Ladder,
    /// What the house keeps of the price.
    pub fee_rate: PartsPerMillion,
}

/// A field that cannot stay as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldInvalid {
    /// Its name, as clients send it.
    pub field: &'static str,
    /// What is wrong.
    pub code: FieldCode,
}

/// What is wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldCode {
    /// It must be there.
    Required,
    /// Too many characters.
    TooLong,
    /// Not allowed at all.
    Invalid,
    /// Below the least.
    TooLow,
    /// Above the most.
    TooHigh,
    /// Off the grid start + k × unit.
    OffStep,
    /// Sooner than allowed.
    TooEarly,
    /// Later than allowed.
    TooLate,
}

impl FieldCode {
    /// Every one of them.
    pub const ALL: [FieldCode; 8] = [
        FieldCode::Required,
        FieldCode::TooLong,
        FieldCode::Invalid,
        FieldCode::TooLow,
        FieldCode::TooHigh,
        FieldCode::OffStep,
        FieldCode::TooEarly,
        FieldCode::TooLate,
    ];

    /// The stable name, as clients see it.
    pub const fn name(self) -> &'static str {
        match self {
            FieldCode::Required => "required",
            FieldCode::TooLong => "too_long",
            FieldCode::Invalid => "invalid",
            FieldCode::TooLow => "too_low",
            FieldCode::TooHigh => "too_high",
            FieldCode::OffStep => "off_step",
            FieldCode::TooEarly => "too_early",
            FieldCode::TooLate => "too_late",
        }
    }
}

impl Listing {
    /// Judges the listing at the round's time and makes the auction with its first events.
    ///
    /// # Errors
    /// [`Refusal::Suspended`], or [`Refusal::Invalid`] with every field that is wrong.
    pub fn decide(
        &self,
        id: AuctionId,
        item: ItemId,
        suspended: bool,
        limits: &ListingLimits,
        now: Time,
    ) -> Result<Effects, Refusal> {
        let errors = self.errors(limits, now);
        if !errors.is_empty() {
            return Err(Refusal::Invalid { errors });
        }
        if suspended {
            return Err(Refusal::Suspended);
        }
        let mut effects = Effects::on(&self.auction(id, item, limits, now));
        effects.tell(EventKind::Listed, now, |_| {});
        if let Some(opened) = crate::decide::open_if_due(&effects.auction, now) {
            effects.auction = opened.auction;
            effects.events.extend(opened.events);
        }
        Ok(effects)
    }

    /// Every field that is wrong, in the order of the fields.
    pub fn errors(&self, limits: &ListingLimits, now: Time) -> Vec<FieldInvalid> {
        let mut errors = Vec::new();
        let mut wrong = |field, code| errors.push(FieldInvalid { field, code });
        if let Some(code) = text_fault(&self.item.title, 1, TITLE_CHARS_MAX, Lines::One) {
            wrong("title", code);
        }
        if let Some(code) = text_fault(&self.item.description, 0, DESCRIPTION_CHARS_MAX, Lines::Any) {
            wrong("description", code);
        }
        if let Some(code) = price_error(self.start_price) {
            wrong("start_price", code);
        }
        if let Some(code) = self.bid_unit.and_then(price_error) {
            wrong("bid_unit", code);
        }
        if let Some(code) = self.buy_now_price.and_then(|price| self.buy_now_error(price)) {
            wrong("buy_now_price", code);
        }
        let starts_at = self.starts_at.unwrap_or(now);
        if starts_at < now.minus(Span::minutes(1)) {
            wrong("starts_at", FieldCode::TooEarly);
        } else if starts_at > now.plus(START_AHEAD_MAX) {
            wrong("starts_at", FieldCode::TooLate);
        }
        let opens = starts_at.max(now);
        if self.ends_at < opens.plus(limits.minimum_duration) {
            wrong("ends_at", FieldCode::TooEarly);
        } else if self.ends_at > opens.plus(DURATION_MAX) {
            wrong("ends_at", FieldCode::TooLate);
        }
        if !SOFT_CLOSE_MINUTES.contains(&self.soft_close_minutes) {
            wrong("soft_close_minutes", FieldCode::Invalid);
        }
        errors
    }

    fn buy_now_error(&self, price: i64) -> Option<FieldCode> {
        if price < self.start_price {
            return Some(FieldCode::TooLow);
        }
        if price > LIMIT.won() {
            return Some(FieldCode::TooHigh);
        }
        let over = price.checked_sub(self.start_price).zip(self.bid_unit);
        over.and_then(|(over, unit)| over.checked_rem(unit))
            .filter(|rest| *rest != 0)
            .map(|_| FieldCode::OffStep)
    }

    fn auction(&self, id: AuctionId, item: ItemId, limits: &ListingLimits, now: Time) -> Auction {
        let won = |amount| Money::new(amount).expect("prices were checked before");
        let unit = self.bid_unit.map(|unit| Increments::Unit(won(unit)));
        let start = won(self.start_price);
        Auction {
            id,
            item,
            seller: self.seller(),
            seq: Seq(0),
            terms: 1,
            status: Status::Scheduled,
            outcome: None,
            start,
            reserve: self.reserve_price.map(won),
            increments: unit.unwrap_or_else(|| Increments::Ladder(limits.ladder.clone())),
            buy_now: self.buy_now_price.map(won),
            fee_rate: limits.fee_rate,
            minimum_duration: limits.minimum_duration,
            soft_close: Span::minutes(self.soft_close_minutes),
            starts_at: self.starts_at.unwrap_or(now).max(now),
            listed_end: self.ends_at,
            ends_at: self.ends_at,
            latest: self.ends_at.plus(LATEST_AFTER_LISTED_END),
            extensions: 0,
            seller_extensions: 0,
            outage: None,
            price: start,
            leader: None,
            bid_count: 0,
            afresh: Seq(0),
            seller_took_back: false,
            followed_by: None,
            bidders: 0,
            newest: now,
        }
    }

    /// Who lists.
    pub const fn seller(&self) -> MemberId {
        self.item.seller
    }
}

fn price_error(won: i64) -> Option<FieldCode> {
    if won < 1 {
        return Some(FieldCode::TooLow);
    }
    (won > LIMIT.won()).then_some(FieldCode::TooHigh)
}
