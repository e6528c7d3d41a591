//! What the newest events of an auction mean for its members: who was outbid, who won, what the seller should know.

use std::collections::{BTreeMap, BTreeSet};

use auction::{AuctionId, EventKind, ExtensionCause, Outcome, PriceRule, Seq, Time};
use ledger::{MemberId, Money};
use store::records::{ListingRow, NoticeKind};
use tokio_postgres::Row;

use super::Notice;
use crate::pool::Connection;
use crate::rows::{Result, money, one_of};

/// How many bidders hear that an auction was taken back, started afresh or was edited.
const TO_ALL_NOTICES_MAX: i64 = 500;

/// How many events of one auction are read together.
pub(super) const EVENTS_READ_MAX: usize = 20_000;

/// What an auction's members are to be told.
pub(super) struct News {
    pub(super) notices: Vec<Notice>,
    /// Up to which event they are then told.
    pub(super) told: Seq,
    /// Whether the terms or the words were changed.
    pub(super) is_edited: bool,
}

/// One event, as far as anyone is told of it.
struct Happened {
    seq: Seq,
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
    afresh: Option<Time>,
    /// Whose bids were taken back.
    taken_back: BTreeMap<MemberId, Time>,
    /// Whose maximum was cut.
    cut: BTreeMap<MemberId, Time>,
}

/// What is new on each of these auctions since the event beside it, in the same order; `listing` is the auction as it
/// stands.
pub(super) async fn of(store: &Connection, auctions: &[(&ListingRow, Seq)]) -> Result<Vec<News>> {
    if auctions.is_empty() {
        return Ok(Vec::new());
    }
    let mut happened = read(store, auctions).await?;
    let mut news = Vec::with_capacity(auctions.len());
    for (listing, told) in auctions {
        let story = Story::of(*told, happened.remove(&listing.auction).unwrap_or_default());
        let mut notices = story.notices(listing);
        let to_all = story.to_all();
        let bidders = match to_all.is_empty() {
            true => Vec::new(),
            false => bidders(store, listing).await?,
        };
        for (kind, at) in to_all {
            let hears =
                |bidder: &&MemberId| kind != NoticeKind::Afresh || !story.taken_back.contains_key(*bidder);
            let bidders = bidders.iter().filter(hears);
            notices.extend(bidders.map(|bidder| notice(listing, *bidder, kind, None, at)));
        }
        let told = if story.events < EVENTS_READ_MAX { listing.seq } else { story.seq };
        news.push(News { notices, told, is_edited: story.edited.is_some() });
    }
    Ok(news)
}

fn notice(
    listing: &ListingRow,
    member: MemberId,
    kind: NoticeKind,
    amount: Option<Money>,
    at: Time,
) -> Notice {
    Notice { member, kind, auction: listing.auction, title: listing.title.clone(), amount, at }
}

impl Story {
    /// The story of these events, of which the first may be the one after which it begins.
    fn of(told: Seq, events: Vec<Happened>) -> Story {
        let mut story = Story { seq: told, ..Story::default() };
        for event in events {
            if event.seq == told {
                story.leader = event.leader;
            } else {
                story.goes_on(&event);
            }
        }
        story
    }

    fn goes_on(&mut self, event: &Happened) {
        self.seq = event.seq;
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

    fn reset(&mut self, event: &Happened) {
        self.taken_back.extend(event.aside.map(|member| (member, event.at)));
        if let Some(member) = event.aside {
            self.beaten.remove(&member);
        }
        if event.rule == Some(PriceRule::Afresh) {
            // What was bid until then counts no more, so nobody is outbid by it.
            self.beaten.clear();
            (self.newest, self.has_bids) = (None, false);
            self.afresh = Some(event.at);
        }
    }

    /// What everyone hears who has bid; but that it started afresh, those do not hear whose bids were taken back.
    fn to_all(&self) -> Vec<(NoticeKind, Time)> {
        let to_all = [
            (NoticeKind::Edited, self.edited),
            (NoticeKind::Afresh, self.afresh),
            (NoticeKind::Cancelled, self.cancelled),
        ];
        to_all.into_iter().filter_map(|(kind, at)| Some((kind, at?))).collect()
    }

    /// Who hears what of it, but for what all bidders hear.
    fn notices(&self, listing: &ListingRow) -> Vec<Notice> {
        let mut notices = Vec::new();
        let mut tell = |member: MemberId, kind: NoticeKind, amount: Option<Money>, at: Time| {
            notices.push(notice(listing, member, kind, amount, at));
        };
        for (member, at) in self.cancelled_for.into_iter().zip(self.cancelled) {
            tell(member, NoticeKind::Cancelled, None, at);
        }
        if let Some((amount, at)) = self.newest {
            let outbid = self.beaten.iter().filter(|member| Some(**member) != self.leader);
            outbid.for_each(|member| tell(*member, NoticeKind::Outbid, Some(amount), at));
            if self.has_bids {
                tell(listing.seller, NoticeKind::NewBid, Some(amount), at);
            }
        }
        if let Some(at) = self.extended {
            let seller = self.is_extended_by_others.then_some(listing.seller);
            let concerned = self.leader.into_iter().chain(seller);
            concerned.for_each(|member| tell(member, NoticeKind::Extended, None, at));
        }
        self.taken_back.iter().for_each(|(member, at)| tell(*member, NoticeKind::TakenBack, None, *at));
        self.cut.iter().for_each(|(member, at)| tell(*member, NoticeKind::MaximumCut, None, *at));
        if let Some((outcome, amount, at)) = self.closed {
            match outcome {
                Some(Outcome::Sold | Outcome::Bought) => {
                    self.leader.into_iter().for_each(|winner| tell(winner, NoticeKind::Won, amount, at));
                    tell(listing.seller, NoticeKind::Sold, amount, at);
                }
                Some(Outcome::Unsold) => tell(listing.seller, NoticeKind::Unsold, None, at),
                Some(Outcome::ReserveNotMet) => {
                    let concerned = self.leader.into_iter().chain([listing.seller]);
                    concerned.for_each(|member| tell(member, NoticeKind::ReserveNotMet, None, at));
                }
                Some(Outcome::Cancelled) | None => {}
            }
        }
        notices
    }
}

/// Reads the events after those, and those themselves, as many as are read together, in order.
async fn read(
    store: &Connection,
    auctions: &[(&ListingRow, Seq)],
) -> Result<BTreeMap<AuctionId, Vec<Happened>>> {
    let ids: Vec<i64> = auctions.iter().map(|(listing, _)| listing.auction.0).collect();
    let after: Vec<i64> = auctions.iter().map(|(_, told)| told.0).collect();
    let up_to: Vec<i64> = auctions.iter().map(|(listing, _)| listing.seq.0).collect();
    let found = store.query(EVENTS, &[&ids, &after, &up_to, &(EVENTS_READ_MAX as i64)]).await?;
    let mut happened = BTreeMap::<AuctionId, Vec<Happened>>::new();
    for row in &found {
        happened.entry(AuctionId(row.try_get(0)?)).or_default().push(event(row)?);
    }
    happened.values_mut().for_each(|events| events.sort_unstable_by_key(|event| event.seq));
    Ok(happened)
}

/// What is read of an event.
macro_rules! happened_columns {
    () => {
        "seq, kind, leader, amount, at, outcome, actor, cause, rule, aside"
    };
}

/// The events of some auctions, each from one event up to another, at most so many after the first of them.
pub(crate) const EVENTS: &str = concat!(
    "SELECT wanted.auction, e.* FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS wanted (auction, after, up_to) \
     CROSS JOIN LATERAL ((SELECT ",
    happened_columns!(),
    " FROM events WHERE auction = wanted.auction AND seq = wanted.after) UNION ALL (SELECT ",
    happened_columns!(),
    " FROM events WHERE auction = wanted.auction AND seq > wanted.after AND seq <= wanted.up_to ORDER BY seq LIMIT $4)) e"
);

fn event(row: &Row) -> Result<Happened> {
    let optional = |at: usize| row.try_get::<_, Option<i64>>(at);
    Ok(Happened {
        seq: Seq(row.try_get(1)?),
        kind: one_of(&EventKind::ALL, row.try_get(2)?, 2)?,
        leader: optional(3)?.map(MemberId),
        amount: optional(4)?.map(|amount| money(amount, 4)).transpose()?,
        at: Time(row.try_get(5)?),
        outcome: optional(6)?.map(|value| one_of(&Outcome::ALL, value, 6)).transpose()?,
        actor: optional(7)?.map(MemberId),
        cause: optional(8)?.map(|value| one_of(&ExtensionCause::ALL, value, 8)).transpose()?,
        rule: optional(9)?.map(|value| one_of(&PriceRule::ALL, value, 9)).transpose()?,
        aside: optional(10)?.map(MemberId),
    })
}

/// Some of those who have bid.
async fn bidders(store: &Connection, listing: &ListingRow) -> Result<Vec<MemberId>> {
    let sql = "SELECT member FROM bidders WHERE auction = $1 LIMIT $2";
    let found = store.query(sql, &[&listing.auction.0, &TO_ALL_NOTICES_MAX]).await?;
    found.iter().map(|row| Ok(MemberId(row.try_get(0)?))).collect()
}
