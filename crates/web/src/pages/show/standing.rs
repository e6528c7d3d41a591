//! Standing: what a sale is to whoever looks, and the cards that say so.

use std::collections::HashMap;

use auction::{Auction, AuctionId, Bidder, Outcome, Time};
use ledger::{MemberId, Money};
use store::Records;
use store::Result;
use store::records::{BiddingRow, ListingRow, Page};

use super::photos::of_card;
use super::places::{drawing_of, place_of};
use crate::pages::reader::moment;
use crate::pages::{Card, Heart, Picture, State};
use crate::places::Known;
use crate::words::Language;

/// So long before its end an auction is ending.
const ENDING_WITHIN: auction::Span = auction::Span::minutes(3);

/// How many of a member's newest auctions are looked at, so that cards can say where he stands.
const PARTS_MAX: usize = 100;

/// The part of whoever looks in a sale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// None.
    Nobody,
    /// He bid, and leads or won.
    Leads(i64),
    /// He bid, and no longer leads.
    Beaten(i64),
    /// He bid, and his bids count no more: they were taken back, or the auction started afresh.
    Gone(i64),
}

impl Part {
    /// His number in the auction, while his bids count there.
    pub const fn number(self) -> Option<i64> {
        match self {
            Part::Nobody | Part::Gone(_) => None,
            Part::Leads(number) | Part::Beaten(number) => Some(number),
        }
    }

    /// The part of a bidder.
    pub fn of(auction: &Auction, bidder: &Bidder) -> Part {
        if auction.is_led_by(bidder.member) {
            Part::Leads(bidder.number)
        } else if bidder.counts_in(auction) {
            Part::Beaten(bidder.number)
        } else {
            Part::Gone(bidder.number)
        }
    }
}

/// When a sale begins and ends, and how it ended.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// From when it takes bids.
    pub starts_at: Time,
    /// Until when.
    pub ends_at: Time,
}

/// What a sale is to whoever has this part in it.
pub fn state(times: Times, now: Time, part: Part) -> State {
    match (times.outcome, part) {
        (Some(Outcome::Cancelled), _) => State::Cancelled,
        (Some(Outcome::Unsold), _) => State::Unsold,
        (Some(Outcome::ReserveNotMet), _) => State::ReserveNotMet,
        (Some(Outcome::Sold | Outcome::Bought), Part::Leads(_)) => State::Won,
        (Some(Outcome::Sold | Outcome::Bought), Part::Beaten(_)) => State::Lost,
        (Some(Outcome::Sold | Outcome::Bought), Part::Nobody | Part::Gone(_)) => State::Sold,
        (None, _) if now < times.starts_at => State::Scheduled,
        (None, _) if now >= times.ends_at => State::Closing,
        (None, Part::Leads(_)) => State::Leading,
        (None, Part::Beaten(_)) => State::Outbid,
        (None, Part::Nobody | Part::Gone(_)) if now >= times.ends_at.minus(ENDING_WITHIN) => State::Ending,
        (None, Part::Nobody | Part::Gone(_)) => State::Open,
    }
}

/// Where a member stands in the newest auctions he bid on.
#[derive(Debug, Default)]
pub struct Parts(HashMap<AuctionId, Part>);

impl Parts {
    /// Reads them, for a member; a stranger has none.
    ///
    /// # Errors
    /// What the store says.
    pub async fn read(records: &dyn Records, member: Option<MemberId>) -> Result<Parts> {
        let Some(member) = member else { return Ok(Parts::default()) };
        let rows = records.bidding(member, Page { cursor: None, limit: PARTS_MAX }).await?;
        let part = |row: BiddingRow| (row.auction.id, Part::of(&row.auction, &row.part));
        Ok(Parts(rows.items.into_iter().map(part).collect()))
    }

    /// The part in one auction.
    pub fn of(&self, auction: AuctionId) -> Part {
        self.0.get(&auction).copied().unwrap_or(Part::Nobody)
    }
}

/// The hearts of a page's cards.
#[derive(Debug, Default)]
pub struct Hearts {
    hearts: HashMap<AuctionId, Heart>,
    viewer: Option<MemberId>,
}

impl Hearts {
    /// Reads those of these auctions, as whoever looks sees them.
    ///
    /// # Errors
    /// What the store says.
    pub async fn read(
        records: &dyn Records,
        auctions: &[AuctionId],
        viewer: Option<MemberId>,
    ) -> Result<Hearts> {
        if auctions.is_empty() {
            return Ok(Hearts::default());
        }
        let found = records.hearts(auctions, viewer).await?;
        let heart = |row: store::records::Heart| {
            (row.auction, Heart { count: row.watchlists, is_watched: row.is_watched })
        };
        Ok(Hearts { hearts: found.into_iter().map(heart).collect(), viewer })
    }

    /// The same for listings.
    ///
    /// # Errors
    /// What the store says.
    pub async fn of_rows(
        records: &dyn Records,
        rows: &[ListingRow],
        viewer: Option<MemberId>,
    ) -> Result<Hearts> {
        let auctions: Vec<AuctionId> = rows.iter().map(|row| row.auction).collect();
        Hearts::read(records, &auctions, viewer).await
    }

    /// The heart of an auction; nobody has one for what he sells himself.
    pub fn of(&self, auction: AuctionId, seller: MemberId) -> Option<Heart> {
        self.hearts.get(&auction).copied().filter(|_| self.viewer != Some(seller))
    }
}

/// What all cards of a page have in common.
pub struct Cards<'a> {
    /// In which language.
    pub language: Language,
    /// Regions and categories.
    pub known: &'a Known,
    /// The server's clock.
    pub now: Time,
    /// Where whoever looks stands.
    pub parts: &'a Parts,
    /// On whose watchlists they stand.
    pub hearts: &'a Hearts,
}

impl Cards<'_> {
    /// The card of a listing.
    pub fn of(&self, row: ListingRow) -> Card {
        let part = self.parts.of(row.auction);
        let times = Times { outcome: row.outcome, starts_at: row.starts_at, ends_at: row.ends_at };
        Card {
            id: row.auction.0,
            seq: row.seq.0,
            title: row.title,
            photo: row.picture.map(of_card),
            picture: Picture { category: drawing_of(self.known, row.category), variant: row.auction.0 },
            place: place_of(self.known, self.language, row.region, row.nationwide),
            state: state(times, self.now, part),
            number: part.number(),
            price: row.price.won(),
            bid_count: row.bid_count,
            starts_at: moment(row.starts_at),
            ends_at: moment(row.ends_at),
            // A list does not say when one was bought or cancelled before its time.
            ended_at: row.outcome.map(|_| row.ends_at).filter(|end| *end <= self.now).map(moment),
            buy_now_price: row.buy_now.map(Money::won),
            heart: self.hearts.of(row.auction, row.seller),
        }
    }

    /// The card of an auction that a member bid on, as it stands.
    pub fn of_bidding(&self, row: &BiddingRow) -> Card {
        let auction = &row.auction;
        let part = Part::of(auction, &row.part);
        Card {
            id: auction.id.0,
            seq: auction.seq.0,
            title: row.title.clone(),
            photo: row.picture.clone().map(of_card),
            picture: Picture { category: drawing_of(self.known, row.category), variant: auction.id.0 },
            place: place_of(self.known, self.language, row.region, row.nationwide),
            state: state(times_of(auction), self.now, part),
            number: part.number(),
            price: auction.price.won(),
            bid_count: auction.bid_count,
            starts_at: moment(auction.starts_at),
            ends_at: moment(auction.ends_at),
            ended_at: ended_at(auction).map(moment),
            buy_now_price: auction.buy_now.map(Money::won),
            heart: self.hearts.of(auction.id, auction.seller),
        }
    }
}

/// When an auction that is over has ended: nothing happens in it after its last event.
pub fn ended_at(auction: &Auction) -> Option<Time> {
    auction.outcome.map(|_| auction.ends_at.min(auction.newest))
}

/// The times of an auction as it stands.
pub const fn times_of(auction: &Auction) -> Times {
    Times { outcome: auction.outcome, starts_at: auction.starts_at, ends_at: auction.ends_at }
}

#[cfg(test)]
mod tests {
    use auction::Span;

    use super::*;

    const START: Time = Time(1_000_000_000);

    #[track_caller]
    fn check(outcome: Option<Outcome>, after: Span, part: Part, expected: State) {
        let times = Times { outcome, starts_at: START, ends_at: START.plus(Span::hours(1)) };
        assert_eq!(state(times, START.plus(after), part), expected);
    }

    #[test]
    fn a_sale_is_one_thing_to_each() {
        let (nobody, leads, beaten) = (Part::Nobody, Part::Leads(1), Part::Beaten(2));
        check(None, Span(-1), nobody, State::Scheduled);
        check(None, Span(0), nobody, State::Open);
        check(None, Span(0), leads, State::Leading);
        check(None, Span(0), beaten, State::Outbid);
        check(None, Span(Span::minutes(57).0 - 1), nobody, State::Open);
        check(None, Span::minutes(57), nobody, State::Ending);
        check(None, Span::minutes(58), leads, State::Leading);
        check(None, Span::hours(1), leads, State::Closing);
        for outcome in [Outcome::Sold, Outcome::Bought] {
            check(Some(outcome), Span::minutes(1), leads, State::Won);
            check(Some(outcome), Span::minutes(1), beaten, State::Lost);
            check(Some(outcome), Span::hours(2), nobody, State::Sold);
        }
        check(None, Span::minutes(1), Part::Gone(3), State::Open);
        check(Some(Outcome::Sold), Span::hours(1), Part::Gone(3), State::Sold);
        for part in [nobody, leads, beaten] {
            check(Some(Outcome::ReserveNotMet), Span::hours(1), part, State::ReserveNotMet);
        }
        check(Some(Outcome::Unsold), Span::hours(1), nobody, State::Unsold);
        check(Some(Outcome::Cancelled), Span(-1), beaten, State::Cancelled);
    }
}
