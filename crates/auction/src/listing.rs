//! Listing: a member puts an item up for auction; every field is judged, and all that is wrong is named at once.

use ledger::{AuctionId, LIMIT, MemberId, Money, PartsPerMillion};

use crate::auction::{Auction, Status};
use crate::decide::Effects;
use crate::event::EventKind;
use crate::increment::{Increments, Ladder};
use crate::item::Item;
use crate::order::{Aftermath, OfferState, OrderState};
use crate::picture::{self, Picture, PictureAddress};
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
    /// Pictures that come behind those there are, or behind those of `listing`.
    pub added: Vec<Picture>,
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
    /// Too many characters, or too many in a list.
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

/// What stands before an auction is listed.
#[derive(Clone, Copy, Debug)]
pub struct ListingStanding<'a> {
    /// Whether an admin has suspended the member.
    pub suspended: bool,
    /// Whether too much stands on his record for a new listing.
    pub barred: bool,
    /// What the house lays down for auctions listed now.
    pub limits: &'a ListingLimits,
    /// The auction that [`Listing::again`] names, with what stands after its hammer; `None` if there is no such one.
    pub again: Option<(&'a Auction, &'a Aftermath)>,
    /// Which pictures were uploaded and by whom, sorted: at least those of the listing that its seller has.
    pub pictures: &'a [(MemberId, PictureAddress)],
}

/// A new auction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The auction with its first events.
    pub effects: Effects,
    /// The one whose item it sells again, as it stands afterwards: only `followed_by` has changed, and nothing is told of it.
    pub old: Option<Auction>,
}

impl Listing {
    /// Judges the listing at the round's time and makes the auction with its first events. `item` is the number of a new
    /// item; an item that is auctioned again keeps its own.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] with every field that is wrong, [`Refusal::AuctionNotFound`] and [`Refusal::NotSeller`] of the
    /// one whose item is auctioned again, [`Refusal::Suspended`], [`Refusal::ItemNotFree`], [`Refusal::ListingBarred`],
    /// [`Refusal::PictureNotFound`].
    pub fn decide(
        &self,
        id: AuctionId,
        item: ItemId,
        standing: &ListingStanding<'_>,
        now: Time,
    ) -> Result<Listed, Refusal> {
        let limits = standing.limits;
        let errors = self.errors(limits, now);
        if !errors.is_empty() {
            return Err(Refusal::Invalid { errors });
        }
        let again = self.again.map(|_| standing.again.ok_or(Refusal::AuctionNotFound)).transpose()?;
        if again.is_some_and(|(old, _)| old.seller != self.seller()) {
            return Err(Refusal::NotSeller);
        }
        if standing.suspended {
            return Err(Refusal::Suspended);
        }
        if again.is_some_and(|(old, aftermath)| !old.item_is_free(aftermath)) {
            return Err(Refusal::ItemNotFree);
        }
        if standing.barred {
            return Err(Refusal::ListingBarred);
        }
        picture::all_uploaded(&self.item.pictures, self.seller(), standing.pictures)?;
        let item = again.map_or(item, |(old, _)| old.item);
        let mut effects = Effects::on(&self.auction(id, item, limits, now));
        effects.tell(EventKind::Listed, now, |_| {});
        effects.open_if_due(now);
        let old = again.map(|(old, _)| Auction { followed_by: Some(id), ..old.clone() });
        Ok(Listed { effects, old })
    }

    /// Every field that is wrong, in the order of the fields.
    pub fn errors(&self, limits: &ListingLimits, now: Time) -> Vec<FieldInvalid> {
        self.errors_with(self.times_wrong(limits.minimum_duration, now))
    }

    /// Every field that is wrong, with what was found of its times.
    pub(crate) fn errors_with(&self, times: Vec<FieldInvalid>) -> Vec<FieldInvalid> {
        let faults = [
            ("title", text_fault(&self.item.title, 1, TITLE_CHARS_MAX, Lines::One)),
            ("description", text_fault(&self.item.description, 0, DESCRIPTION_CHARS_MAX, Lines::Any)),
            ("start_price", price_error(self.start_price)),
            ("bid_unit", self.bid_unit.and_then(price_error)),
            ("reserve_price", self.reserve_price.and_then(|price| self.reserve_error(price))),
            ("buy_now_price", self.buy_now_price.and_then(|price| self.buy_now_error(price))),
        ];
        let faults = faults.into_iter().filter_map(|(field, code)| code.map(|code| wrong(field, code)));
        let mut errors: Vec<FieldInvalid> = faults.chain(times).collect();
        if !SOFT_CLOSE_MINUTES.contains(&self.soft_close_minutes) {
            errors.push(wrong("soft_close_minutes", FieldCode::Invalid));
        }
        errors.extend(picture::faults(&picture::PICTURES, &[], &self.item.pictures));
        errors
    }

    /// What is wrong with the times of an auction that has not begun.
    pub(crate) fn times_wrong(&self, minimum_duration: Span, now: Time) -> Vec<FieldInvalid> {
        let mut errors = Vec::new();
        let starts_at = self.starts_at.unwrap_or(now);
        if starts_at < now.minus(Span::minutes(1)) {
            errors.push(wrong("starts_at", FieldCode::TooEarly));
        } else if starts_at > now.plus(START_AHEAD_MAX) {
            errors.push(wrong("starts_at", FieldCode::TooLate));
        }
        let opens = starts_at.max(now);
        if self.ends_at < opens.plus(minimum_duration) {
            errors.push(wrong("ends_at", FieldCode::TooEarly));
        } else if self.ends_at > opens.plus(DURATION_MAX) {
            errors.push(wrong("ends_at", FieldCode::TooLate));
        }
        errors
    }

    /// Between start and buy-now price, on the grid.
    fn reserve_error(&self, price: i64) -> Option<FieldCode> {
        if self.buy_now_price.is_some_and(|buy_now| price > buy_now) {
            return Some(FieldCode::TooHigh);
        }
        self.buy_now_error(price)
    }

    /// From the start price to the limit, on the grid.
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
        let unit = self.bid_unit.map(|unit| Increments::Unit(money_of(unit)));
        let start = money_of(self.start_price);
        Auction {
            id,
            item,
            seller: self.seller(),
            seq: Seq(0),
            terms: 1,
            status: Status::Scheduled,
            outcome: None,
            start,
            reserve: self.reserve_price.map(money_of),
            increments: unit.unwrap_or_else(|| Increments::Ladder(limits.ladder.clone())),
            buy_now: self.buy_now_price.map(money_of),
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
            notes: 0,
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

impl Auction {
    /// Whether its item may be auctioned again: it is over, nothing followed it, and what was sold has come back.
    pub fn item_is_free(&self, aftermath: &Aftermath) -> bool {
        let has_come_back = aftermath.order.as_ref().is_none_or(|order| match order.state {
            OrderState::Refunded => true,
            OrderState::Split => order.refund == Some(order.price),
            OrderState::ToHandOver | OrderState::Delivered | OrderState::Done | OrderState::Disputed => false,
        });
        let is_offered = aftermath.offers.iter().any(|offer| offer.state == OfferState::Open);
        self.status == Status::Ended && self.followed_by.is_none() && has_come_back && !is_offered
    }
}

/// A field that cannot stay as it is.
pub(crate) const fn wrong(field: &'static str, code: FieldCode) -> FieldInvalid {
    FieldInvalid { field, code }
}

/// A price that was judged before.
pub(crate) fn money_of(price: i64) -> Money {
    Money::new(price).expect("prices were checked before")
}

fn price_error(won: i64) -> Option<FieldCode> {
    if won < 1 {
        return Some(FieldCode::TooLow);
    }
    (won > LIMIT.won()).then_some(FieldCode::TooHigh)
}
