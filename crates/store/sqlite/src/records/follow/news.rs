//! What the newest events of an auction mean for its members: who was outbid, who won, what the seller should know.

use std::collections::BTreeSet;

use auction::{EventKind, Outcome, Seq, Time};
use ledger::{MemberId, Money};
use rusqlite::{Connection, OptionalExtension, Result};
use store::records::{ListingRow, NoticeKind};

use super::Notice;
use crate::rows::{money, one_of};

/// How many bidders hear that an auction was taken back.
const CANCELLED_NOTICES_MAX: i64 = 500;

/// How many events of one auction are read together.
pub(in crate::records) const EVENTS_READ_MAX: usize = 20_000;

/// What an auction's members are to be told.
pub(super) struct News {
    pub(super) notices: Vec<Notice>,
    /// Up to which event they are then told.
    pub(super) told: Seq,
    /// How many events were read for it.
    pub(super) events: usize,
}

/// What happened in some events, as far as anyone is told of it.
#[derive(Default)]
struct Story {
    /// The newest of them.
    seq: Seq,
    /// How many they are.
    events: usize,
    /// Who leads at the end.
    leader: Option<MemberId>,
    /// Who led at some time in them, or before them.
    beaten: BTreeSet<MemberId>,
    /// The newest bid or purchase.
    newest: Option<(Money, Time)>,
    /// Whether there was a bid, and not only a purchase.
    has_bids: bool,
    extended: Option<Time>,
    closed: Option<(Option<Outcome>, Option<Money>, Time)>,
    cancelled: Option<Time>,
}

/// What is new on an auction since that event; `listing` is the auction as it stands.
pub(super) fn of(connection: &Connection, listing: &ListingRow, told: Seq) -> Result<News> {
    let story = read(connection, listing, told)?;
    let mut notices = Vec::new();
    let mut tell = |member: MemberId, kind: NoticeKind, amount: Option<Money>, at: Time| {
        let title = listing.title.clone();
        notices.push(Notice { member, kind, auction: listing.auction, title, amount, at });
    };
    if let Some((amount, at)) = story.newest {
        let outbid = story.beaten.iter().filter(|member| Some(**member) != story.leader);
        outbid.for_each(|member| tell(*member, NoticeKind::Outbid, Some(amount), at));
        if story.has_bids {
            tell(listing.seller, NoticeKind::NewBid, Some(amount), at);
        }
    }
    if let Some(at) = story.extended {
        let concerned = story.leader.into_iter().chain([listing.seller]);
        concerned.for_each(|member| tell(member, NoticeKind::Extended, None, at));
    }
    if let Some((outcome, amount, at)) = story.closed {
        match outcome {
            Some(Outcome::Sold | Outcome::Bought) => {
                story.leader.into_iter().for_each(|winner| tell(winner, NoticeKind::Won, amount, at));
                tell(listing.seller, NoticeKind::Sold, amount, at);
            }
            Some(Outcome::Unsold) => tell(listing.seller, NoticeKind::Unsold, None, at),
            Some(Outcome::ReserveNotMet) => {
                let concerned = story.leader.into_iter().chain([listing.seller]);
                concerned.for_each(|member| tell(member, NoticeKind::ReserveNotMet, None, at));
            }
            Some(Outcome::Cancelled) | None => {}
        }
    }
    if let Some(at) = story.cancelled {
        let bidders = bidders(connection, listing)?;
        bidders.into_iter().for_each(|bidder| tell(bidder, NoticeKind::Cancelled, None, at));
    }
    let told = if story.events < EVENTS_READ_MAX { listing.seq } else { story.seq };
    Ok(News { notices, told, events: story.events })
}

/// Reads the events after that one, as many as are read together, in order.
fn read(connection: &Connection, listing: &ListingRow, told: Seq) -> Result<Story> {
    let sql = "SELECT leader FROM events WHERE auction = ?1 AND seq = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let before = statement.query_row((listing.auction.0, told.0), |row| row.get::<_, Option<i64>>(0));
    let leader = before.optional()?.flatten().map(MemberId);
    let mut story = Story { seq: told, leader, ..Story::default() };

    let sql = "SELECT kind, leader, amount, at, outcome, seq FROM events \
               WHERE auction = ?1 AND seq > ?2 AND seq <= ?3 ORDER BY seq LIMIT ?4";
    let mut statement = connection.prepare_cached(sql)?;
    let mut events = statement.query((listing.auction.0, told.0, listing.seq.0, EVENTS_READ_MAX as i64))?;
    while let Some(row) = events.next()? {
        story.seq = Seq(row.get(5)?);
        story.events += 1;
        let leader = row.get::<_, Option<i64>>(1)?.map(MemberId);
        if leader != story.leader {
            story.beaten.extend(story.leader);
            story.leader = leader;
        }
        let amount = row.get::<_, Option<i64>>(2)?.map(|amount| money(amount, 2)).transpose()?;
        let at = Time(row.get(3)?);
        let kind = one_of(&EventKind::ALL, row.get(0)?, 0)?;
        match kind {
            EventKind::Bid | EventKind::BuyNow => {
                story.newest = amount.map(|amount| (amount, at));
                story.has_bids |= kind == EventKind::Bid;
            }
            EventKind::Extended => story.extended = Some(at),
            EventKind::Closed => {
                let outcome =
                    row.get::<_, Option<i64>>(4)?.map(|value| one_of(&Outcome::ALL, value, 4)).transpose()?;
                story.closed = Some((outcome, amount, at));
            }
            EventKind::Cancelled => story.cancelled = Some(at),
            EventKind::Listed
            | EventKind::Opened
            | EventKind::Auto
            | EventKind::Reset
            | EventKind::Edited
            | EventKind::ReserveLowered => {}
        }
    }
    Ok(story)
}

/// Some of those who have bid.
fn bidders(connection: &Connection, listing: &ListingRow) -> Result<Vec<MemberId>> {
    let mut statement =
        connection.prepare_cached("SELECT member FROM bidders WHERE auction = ?1 LIMIT ?2")?;
    statement.query_map((listing.auction.0, CANCELLED_NOTICES_MAX), |row| row.get(0).map(MemberId))?.collect()
}
