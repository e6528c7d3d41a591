//! What the newest events of an auction mean for its members: who was outbid, who won, what the seller should know.

use std::collections::{BTreeMap, BTreeSet};

use auction::{EventKind, ExtensionCause, Outcome, PriceRule, Seq, Time};
use ledger::{MemberId, Money};
use rusqlite::{Connection, OptionalExtension, Result, Row};
use store::records::{ListingRow, NoticeKind};

use super::Notice;
use crate::rows::{money, one_of};

/// How many bidders hear that an auction was taken back, started afresh or was edited.
const TO_ALL_NOTICES_MAX: i64 = 500;

/// How many events of one auction are read together.
pub(in crate::records) const EVENTS_READ_MAX: usize = 20_000;

/// What an auction's members are to be told.
pub(super) struct News {
    pub(super) notices: Vec<Notice>,
    /// Up to which event they are then told.
    pub(super) told: Seq,
    /// Whether the terms or the words were changed.
    pub(super) is_edited: bool,
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
    /// Who led at some time in them, or before them, or bid and was beaten at once.
    beaten: BTreeSet<MemberId>,
    /// The newest bid or purchase.
    newest: Option<(Money, Time)>,
    /// Whether there was a bid, and not only a purchase.
    has_bids: bool,
    extended: Option<Time>,
    /// Whether the seller has not moved the end himself.
    is_extended_by_others: bool,
    closed: Option<(Option<Outcome>, Option<Money>, Time)>,
    cancelled: Option<Time>,
    /// Whose auction it was, if not he himself cancelled it.
    cancelled_for: Option<MemberId>,
    edited: Option<Time>,
    /// When it started afresh, and with which event.
    afresh: Option<(Time, Seq)>,
    /// Whose bids were taken back.
    taken_back: BTreeMap<MemberId, Time>,
    /// Whose maximum was cut.
    cut: BTreeMap<MemberId, Time>,
}

/// One event, as far as anyone is told of it.
struct Told {
    kind: EventKind,
    actor: Option<MemberId>,
    leader: Option<MemberId>,
    amount: Option<Money>,
    at: Time,
    outcome: Option<Outcome>,
    cause: Option<ExtensionCause>,
    rule: Option<PriceRule>,
    aside: Option<MemberId>,
}

/// What is new on an auction since that event; `listing` is the auction as it stands.
pub(super) fn of(connection: &Connection, listing: &ListingRow, told: Seq) -> Result<News> {
    let story = read(connection, listing, told)?;
    let mut notices = Vec::new();
    let mut tell = |member: MemberId, kind: NoticeKind, amount: Option<Money>, at: Time| {
        let title = listing.title.clone();
        notices.push(Notice { member, kind, auction: listing.auction, title, amount, at });
    };
    story.tell(listing.seller, &mut tell);
    if let Some((at, seq)) = story.afresh {
        // Whoever has bid since then knows, and whose bids were taken back hears that alone.
        let bidders = bidders(connection, listing, seq)?.into_iter();
        let bidders = bidders.filter(|bidder| !story.taken_back.contains_key(bidder));
        bidders.for_each(|bidder| tell(bidder, NoticeKind::Afresh, None, at));
    }
    for (member, at) in story.cancelled_for.into_iter().zip(story.cancelled) {
        tell(member, NoticeKind::Cancelled, None, at);
    }
    for (kind, at) in [(NoticeKind::Edited, story.edited), (NoticeKind::Cancelled, story.cancelled)] {
        let Some(at) = at else { continue };
        let bidders = bidders(connection, listing, listing.seq)?;
        bidders.into_iter().for_each(|bidder| tell(bidder, kind, None, at));
    }
    let told = if story.events < EVENTS_READ_MAX { listing.seq } else { story.seq };
    Ok(News { notices, told, events: story.events, is_edited: story.edited.is_some() })
}

/// Reads the events after that one, as many as are read together, in order.
fn read(connection: &Connection, listing: &ListingRow, told: Seq) -> Result<Story> {
    let sql = "SELECT leader FROM events WHERE auction = ?1 AND seq = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let before = statement.query_row((listing.auction.0, told.0), |row| row.get::<_, Option<i64>>(0));
    let leader = before.optional()?.flatten().map(MemberId);
    let mut story = Story { seq: told, leader, ..Story::default() };

    let sql = "SELECT kind, leader, amount, at, outcome, actor, cause, rule, aside, seq FROM events \
               WHERE auction = ?1 AND seq > ?2 AND seq <= ?3 ORDER BY seq LIMIT ?4";
    let mut statement = connection.prepare_cached(sql)?;
    let mut events = statement.query((listing.auction.0, told.0, listing.seq.0, EVENTS_READ_MAX as i64))?;
    while let Some(row) = events.next()? {
        story.seq = Seq(row.get(9)?);
        story.take(&Told::read(row)?);
    }
    Ok(story)
}

impl Told {
    fn read(row: &Row<'_>) -> Result<Told> {
        let number = |at: usize| row.get::<_, Option<i64>>(at);
        Ok(Told {
            kind: one_of(&EventKind::ALL, row.get(0)?, 0)?,
            leader: number(1)?.map(MemberId),
            amount: number(2)?.map(|amount| money(amount, 2)).transpose()?,
            at: Time(row.get(3)?),
            outcome: number(4)?.map(|value| one_of(&Outcome::ALL, value, 4)).transpose()?,
            actor: number(5)?.map(MemberId),
            cause: number(6)?.map(|value| one_of(&ExtensionCause::ALL, value, 6)).transpose()?,
            rule: number(7)?.map(|value| one_of(&PriceRule::ALL, value, 7)).transpose()?,
            aside: number(8)?.map(MemberId),
        })
    }
}

impl Story {
    /// Takes in the next event.
    fn take(&mut self, event: &Told) {
        self.events += 1;
        if event.leader != self.leader {
            self.beaten.extend(self.leader);
            self.leader = event.leader;
        }
        let at = event.at;
        match event.kind {
            EventKind::Bid | EventKind::BuyNow | EventKind::Auto => {
                // Whoever bids and does not lead then was beaten at once: he never led, and hears it all the same.
                self.beaten.extend(event.actor);
                self.newest = event.amount.map(|amount| (amount, at));
                self.has_bids |= event.kind != EventKind::BuyNow;
            }
            EventKind::Extended => {
                self.extended = Some(at);
                self.is_extended_by_others |= event.cause != Some(ExtensionCause::Seller);
            }
            EventKind::Closed => self.closed = Some((event.outcome, event.amount, at)),
            EventKind::Cancelled => {
                self.cancelled = Some(at);
                self.cancelled_for = event.aside;
            }
            EventKind::Edited => self.edited = Some(at),
            EventKind::ReserveLowered => self.cut.extend(event.aside.map(|member| (member, at))),
            EventKind::Reset => self.reset(event),
            EventKind::Listed | EventKind::Opened => {}
        }
    }

    fn reset(&mut self, event: &Told) {
        self.taken_back.extend(event.aside.map(|member| (member, event.at)));
        if let Some(member) = event.aside {
            self.beaten.remove(&member);
        }
        if event.rule == Some(PriceRule::Afresh) {
            // What was bid until then counts no more, so nobody is outbid by it.
            self.beaten.clear();
            (self.newest, self.has_bids) = (None, false);
            self.afresh = Some((event.at, self.seq));
        }
    }

    /// Tells those whom the events name.
    fn tell(&self, seller: MemberId, tell: &mut impl FnMut(MemberId, NoticeKind, Option<Money>, Time)) {
        if let Some((amount, at)) = self.newest {
            let outbid = self.beaten.iter().filter(|member| Some(**member) != self.leader);
            outbid.for_each(|member| tell(*member, NoticeKind::Outbid, Some(amount), at));
            if self.has_bids {
                tell(seller, NoticeKind::NewBid, Some(amount), at);
            }
        }
        if let Some(at) = self.extended {
            let seller = self.is_extended_by_others.then_some(seller);
            let concerned = self.leader.into_iter().chain(seller);
            concerned.for_each(|member| tell(member, NoticeKind::Extended, None, at));
        }
        self.taken_back.iter().for_each(|(member, at)| tell(*member, NoticeKind::TakenBack, None, *at));
        self.cut.iter().for_each(|(member, at)| tell(*member, NoticeKind::MaximumCut, None, *at));
        let Some((outcome, amount, at)) = self.closed else { return };
        match outcome {
            Some(Outcome::Sold | Outcome::Bought) => {
                self.leader.into_iter().for_each(|winner| tell(winner, NoticeKind::Won, amount, at));
                tell(seller, NoticeKind::Sold, amount, at);
            }
            Some(Outcome::Unsold) => tell(seller, NoticeKind::Unsold, None, at),
            Some(Outcome::ReserveNotMet) => {
                let concerned = self.leader.into_iter().chain([seller]);
                concerned.for_each(|member| tell(member, NoticeKind::ReserveNotMet, None, at));
            }
            Some(Outcome::Cancelled) | None => {}
        }
    }
}

/// Some of those who have bid, and not after that event.
fn bidders(connection: &Connection, listing: &ListingRow, up_to: Seq) -> Result<Vec<MemberId>> {
    let sql = "SELECT member FROM bidders WHERE auction = ?1 AND since <= ?2 LIMIT ?3";
    let mut statement = connection.prepare_cached(sql)?;
    let values = (listing.auction.0, up_to.0, TO_ALL_NOTICES_MAX);
    statement.query_map(values, |row| row.get(0).map(MemberId))?.collect()
}
