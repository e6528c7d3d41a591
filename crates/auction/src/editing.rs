//! Editing: what a seller may still change in an auction that is listed (rules §4). Every edit raises the number of the
//! terms, so that no bid is taken on what was never seen.
//!
//! Before the start everything; open and never bid on, all but what the thing is; after the first bid only notes, each
//! with its date, and pictures behind those there are.

use ledger::MemberId;

use crate::auction::{Auction, Status};
use crate::decide::{Effects, Standing, is_running, only_seller, open_if_due, terms_in_force};
use crate::event::EventKind;
use crate::increment::Increments;
use crate::item::Item;
use crate::listing::{
    DURATION_MAX, FieldCode, FieldInvalid, Listing, ListingLimits, Revision, money_of, wrong,
};
use crate::picture::{self, Picture};
use crate::refusal::Refusal;
use crate::soft_close::LATEST_AFTER_LISTED_END;
use crate::text::{Lines, text_fault};
use crate::time::{Span, Time};

/// The most characters of a note.
pub const NOTE_CHARS_MAX: usize = 1_000;

/// The most notes of one auction.
pub const NOTES_MAX: i64 = 20;

/// An edit of an open auction leaves at least so long until its end.
pub const EDITED_END_AHEAD_MIN: Span = Span::minutes(10);

pub(crate) fn decide_edit(
    standing: &Standing<'_>,
    seller: MemberId,
    revision: &Revision,
    now: Time,
) -> Result<Effects, Refusal> {
    let auction = standing.auction;
    let errors = errors(standing, revision, now);
    if !errors.is_empty() {
        return Err(Refusal::Invalid { errors });
    }
    only_seller(auction, seller)?;
    is_running(auction, now)?;
    terms_in_force(auction, revision.terms)?;
    if revision.listing.is_some() && auction.ever_had_bids() {
        return Err(Refusal::TooLate);
    }
    let notes = auction.notes.saturating_add(i64::from(revision.note.is_some()));
    if notes > NOTES_MAX {
        return Err(Refusal::TooManyNotes { limit: NOTES_MAX });
    }
    if let Some(listing) = &revision.listing {
        picture::all_uploaded(&listing.item.pictures, seller, standing.pictures)?;
    }
    picture::all_uploaded(&revision.added, seller, standing.pictures)?;
    let mut effects = Effects::on(auction);
    effects.auction.notes = notes;
    if let Some(listing) = &revision.listing {
        effects.auction.revise(listing, standing.limits, now);
        effects.item = Some(Item { seller: auction.seller, ..listing.item.clone() });
    }
    if !revision.added.is_empty() {
        let item = effects.item.get_or_insert_with(|| item_of(standing).clone());
        item.pictures.extend(revision.added.iter().cloned());
    }
    let terms = auction.terms.saturating_add(1);
    effects.auction.terms = terms;
    effects.tell(EventKind::Edited, now, |event| {
        event.terms = Some(terms);
        event.reason.clone_from(&revision.note);
    });
    effects.open_if_due(now);
    Ok(effects)
}

/// Every field that is wrong, in the order of the fields; those of a listing only where one may still be sent.
fn errors(standing: &Standing<'_>, revision: &Revision, now: Time) -> Vec<FieldInvalid> {
    let auction = standing.auction;
    let mut errors = Vec::new();
    if let Some(listing) = &revision.listing
        && is_running(auction, now).is_ok()
        && !auction.ever_had_bids()
    {
        errors = match auction.status {
            Status::Scheduled => listing.errors_with(listing.times_wrong(auction.minimum_duration, now)),
            Status::Open | Status::Ended => errors_while_open(standing, listing, now),
        };
    }
    let fault = if let Some(note) = &revision.note {
        text_fault(note, 1, NOTE_CHARS_MAX, Lines::Any)
    } else {
        let is_empty = revision.listing.is_none() && revision.added.is_empty();
        is_empty.then_some(FieldCode::Required)
    };
    errors.extend(fault.map(|code| wrong("note", code)));
    if !revision.added.is_empty() {
        let listed: Option<&[Picture]> = revision.listing.as_ref().map(|listing| &*listing.item.pictures);
        let before = listed.unwrap_or_else(|| &item_of(standing).pictures);
        errors.extend(picture::faults(&picture::ADDED, before, &revision.added));
    }
    errors
}

/// The item as it is described now.
fn item_of<'a>(standing: &Standing<'a>) -> &'a Item {
    standing.item.expect("a round reads the item of what is edited")
}

/// What the thing is stays, and when the auction began.
fn errors_while_open(standing: &Standing<'_>, listing: &Listing, now: Time) -> Vec<FieldInvalid> {
    let auction = standing.auction;
    let item = item_of(standing);
    let mut errors = Vec::new();
    if listing.item.title != item.title {
        errors.push(wrong("title", FieldCode::Invalid));
    }
    if listing.item.category != item.category {
        errors.push(wrong("category_id", FieldCode::Invalid));
    }
    let mut times = Vec::new();
    if listing.starts_at.is_some_and(|starts_at| starts_at != auction.starts_at) {
        times.push(wrong("starts_at", FieldCode::Invalid));
    }
    if listing.ends_at < now.plus(EDITED_END_AHEAD_MIN) {
        times.push(wrong("ends_at", FieldCode::TooEarly));
    } else if listing.ends_at != auction.ends_at && listing.ends_at > auction.starts_at.plus(DURATION_MAX) {
        times.push(wrong("ends_at", FieldCode::TooLate));
    }
    let mut others = listing.errors_with(times);
    others.retain(|other| errors.iter().all(|error| error.field != other.field));
    errors.extend(others);
    errors
}

impl Auction {
    /// Takes over what a sound listing says. The fee rate and the least duration stay as they were listed, and so does the
    /// house's ladder where one was in force already.
    fn revise(&mut self, listing: &Listing, limits: &ListingLimits, now: Time) {
        self.start = money_of(listing.start_price);
        self.price = self.start;
        self.reserve = listing.reserve_price.map(money_of);
        self.buy_now = listing.buy_now_price.map(money_of);
        self.soft_close = Span::minutes(listing.soft_close_minutes);
        self.increments = match (listing.bid_unit, &self.increments) {
            (Some(unit), _) => Increments::Unit(money_of(unit)),
            (None, Increments::Ladder(ladder)) => Increments::Ladder(ladder.clone()),
            (None, Increments::Unit(_)) => Increments::Ladder(limits.ladder.clone()),
        };
        if self.status == Status::Scheduled {
            self.starts_at = listing.starts_at.unwrap_or(now).max(now);
        }
        if self.ends_at != listing.ends_at {
            self.listed_end = listing.ends_at;
            self.ends_at = listing.ends_at;
            self.latest = listing.ends_at.plus(LATEST_AFTER_LISTED_END);
        }
    }
}

impl Effects {
    /// Opens it at once if its start has come.
    pub(crate) fn open_if_due(&mut self, now: Time) {
        if let Some(opened) = open_if_due(&self.auction, now) {
            self.auction = opened.auction;
            self.events.extend(opened.events);
        }
    }
}
