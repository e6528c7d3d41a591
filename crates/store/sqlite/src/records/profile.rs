//! A member himself: how he presents himself, what he sold, and what is his to take along.

use async_trait::async_trait;
use auction::{AuctionId, EventKind, Seq, Status, Time};
use ledger::MemberId;
use rusqlite::{Connection, OptionalExtension, Result, Row};
use store::pages;
use store::records::{
    ANSWERS_COUNT_FOR, ANSWERS_LOOKED_AT, ListingRow, OwnBid, PAGE_ROWS_MAX, Page, Paged, Profile,
    ProfileRecords, QuestionRow, Removal, RemovalRefused, ReviewRow, Session, Shelf, SoldOn, Ties,
    answers_within,
};

use super::auctions::AS_LISTED;
use super::listings::listing;
use super::{SqliteRecords, leaving, pictures, reviews, talk};
use crate::rows::pictures::FIRST;
use crate::rows::{self, HISTORY, number_of, one_of};

/// What one shown day lasts.
const DAY: i64 = 24 * 60 * 60 * 1_000_000;

#[async_trait]
impl ProfileRecords for SqliteRecords {
    async fn profile(&self, member: MemberId, now: Time) -> store::Result<Option<Profile>> {
        self.searches.run("reading a profile", move |store| profile(store, member, now)).await
    }

    async fn shelf(&self, member: MemberId, on: Shelf, page: Page) -> store::Result<Paged<ListingRow>> {
        self.searches.run("reading a shelf", move |store| shelf(store, member, on, &page)).await
    }

    async fn sold(&self, seller: MemberId, from: Time, until: Time) -> store::Result<Vec<SoldOn>> {
        self.searches.run("reading what was sold", move |store| sold(store, seller, from, until)).await
    }

    async fn own_bids(&self, member: MemberId, page: Page) -> store::Result<Paged<OwnBid>> {
        self.searches.run("reading a member's bids", move |store| bids(store, member, &page)).await
    }

    async fn own_reviews(&self, author: MemberId, page: Page) -> store::Result<Paged<ReviewRow>> {
        self.searches.run("reading a member's reviews", move |store| reviews::by(store, author, &page)).await
    }

    async fn own_questions(&self, asker: MemberId, page: Page) -> store::Result<Paged<QuestionRow>> {
        self.searches.run("reading a member's questions", move |store| talk::by(store, asker, &page)).await
    }

    async fn own_answers(&self, seller: MemberId, page: Page) -> store::Result<Paged<QuestionRow>> {
        let read = move |store: &Connection| talk::answered_by(store, seller, &page);
        self.searches.run("reading a member's answers", read).await
    }

    async fn own_blocks(&self, seller: MemberId, page: Page) -> store::Result<Paged<(MemberId, Time)>> {
        self.searches.run("reading a member's blocks", move |store| blocks(store, seller, &page)).await
    }

    async fn own_sessions(&self, member: MemberId) -> store::Result<Vec<Session>> {
        self.searches.run("reading a member's sessions", move |store| sessions(store, member)).await
    }

    async fn ties(&self, member: MemberId) -> store::Result<Ties> {
        self.searches.run("reading what ties a member", move |store| leaving::ties(store, member)).await
    }

    async fn remove_member(
        &self,
        removal: Removal,
    ) -> store::Result<std::result::Result<(), RemovalRefused>> {
        self.writes.run("letting a member leave", move |store| leaving::remove(store, &removal)).await
    }
}

/// How a member presents himself.
fn profile(connection: &Connection, member: MemberId, now: Time) -> Result<Option<Profile>> {
    let sql = "SELECT about, picture, left_at FROM members WHERE id = ?1";
    let found = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get::<_, Option<i64>>(2)?.map(Time)));
    let Some((about, address, left_at)) =
        connection.prepare_cached(sql)?.query_row([member.0], found).optional()?
    else {
        return Ok(None);
    };
    let picture = match address {
        Some(address) => pictures::by_address(connection, &address)?,
        None => None,
    };
    let mut statement = connection.prepare_cached(ANSWERS)?;
    let values = (member.0, now.minus(ANSWERS_COUNT_FOR).0, ANSWERS_LOOKED_AT as i64);
    let took = statement.query_map(values, |row| row.get(0))?.collect::<Result<_>>()?;
    Ok(Some(Profile { about, picture, answers_within: answers_within(took), left_at }))
}

/// How long a seller's answers took, under the newest of his auctions.
pub(super) const ANSWERS: &str = "SELECT q.answered_at - q.asked_at \
     FROM (SELECT id FROM auctions INDEXED BY auctions_by_seller WHERE seller = ?1 ORDER BY id DESC LIMIT ?3) a \
     CROSS JOIN questions q INDEXED BY questions_by_auction ON q.auction = a.id \
     WHERE q.answered_at > ?2 AND q.hidden_at IS NULL LIMIT ?3";

/// A member's auctions of one kind, newest first, as they stand.
fn shelf(connection: &Connection, member: MemberId, on: Shelf, page: &Page) -> Result<Paged<ListingRow>> {
    let Some(before) = pages::place(page, i64::MAX) else { return Ok(pages::empty()) };
    let limit = pages::limit(page);
    let status = match on {
        Shelf::Live | Shelf::Ended => None,
        Shelf::Scheduled => Some(number_of(&Status::ALL, &Status::Scheduled)),
        Shelf::Open => Some(number_of(&Status::ALL, &Status::Open)),
    };
    let mut statement = connection.prepare_cached(&shelf_sql(on == Shelf::Ended))?;
    let found = statement.query_map((member.0, before, pages::rows_to_read(limit), status), listing)?;
    let rows: Vec<ListingRow> = found.collect::<Result<_>>()?;
    Ok(pages::cut(rows, limit, |row| row.auction.0.to_string()))
}

pub(super) fn shelf_sql(is_over: bool) -> String {
    let (index, outcome) =
        if is_over { ("auctions_over", "IS NOT NULL") } else { ("auctions_live", "IS NULL") };
    format!(
        "SELECT {AS_LISTED} FROM auctions a INDEXED BY {index} CROSS JOIN items i ON i.id = a.item {HISTORY} {FIRST} \
         WHERE a.seller = ?1 AND a.outcome {outcome} AND a.id < ?2 AND (?4 IS NULL OR a.status = ?4) \
         ORDER BY a.id DESC LIMIT ?3"
    )
}

/// What a member sold, by days after `from`.
fn sold(connection: &Connection, seller: MemberId, from: Time, until: Time) -> Result<Vec<SoldOn>> {
    let mut statement = connection.prepare_cached(SOLD)?;
    let day = |row: &Row<'_>| {
        Ok(SoldOn { day: row.get(0)?, count: row.get(1)?, sum: row.get(2)?, start_sum: row.get(3)? })
    };
    statement.query_map((seller.0, from.0, until.0, DAY), day)?.collect()
}

/// What was refunded (state 3) counts no more.
pub(super) const SOLD: &str = "SELECT (o.at - ?2) / ?4 AS day, count(*), sum(o.price), sum(a.start_price) \
     FROM orders o INDEXED BY orders_by_sale CROSS JOIN auctions a ON a.id = o.auction \
     WHERE o.seller = ?1 AND o.at >= ?2 AND o.at < ?3 AND o.state <> 3 GROUP BY day ORDER BY day";

/// A member's bids; kinds 2 bid, 3 bought, 7 raised for him.
fn bids(connection: &Connection, member: MemberId, page: &Page) -> Result<Paged<OwnBid>> {
    let Some(after) = pages::place_of_two(page, (i64::MIN, 0)) else { return Ok(pages::empty()) };
    let limit = pages::limit(page);
    let sql = "SELECT e.auction, e.seq, e.kind, coalesce(e.amount, e.price), e.at \
               FROM bidders b INDEXED BY bidders_by_member CROSS JOIN events e ON e.auction = b.auction \
               WHERE b.member = ?1 AND b.auction >= ?2 AND e.seq > CASE WHEN b.auction = ?2 THEN ?3 ELSE 0 END AND e.actor = ?1 \
               AND e.kind IN (2, 3, 7) ORDER BY b.auction, e.seq LIMIT ?4";
    let bid = |row: &Row<'_>| {
        Ok(OwnBid {
            auction: AuctionId(row.get(0)?),
            seq: Seq(row.get(1)?),
            kind: one_of(&EventKind::ALL, row.get(2)?, 2)?,
            amount: rows::money(row.get(3)?, 3)?,
            at: Time(row.get(4)?),
        })
    };
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement.query_map((member.0, after.0, after.1, pages::rows_to_read(limit)), bid)?;
    let rows: Vec<OwnBid> = found.collect::<Result<_>>()?;
    Ok(pages::cut(rows, limit, |row| format!("{}.{}", row.auction.0, row.seq.0)))
}

fn blocks(connection: &Connection, seller: MemberId, page: &Page) -> Result<Paged<(MemberId, Time)>> {
    let Some(after) = pages::place(page, i64::MIN) else { return Ok(pages::empty()) };
    let limit = pages::limit(page);
    let sql = "SELECT member, at FROM blocks WHERE seller = ?1 AND member > ?2 ORDER BY member LIMIT ?3";
    let block = |row: &Row<'_>| Ok((MemberId(row.get(0)?), Time(row.get(1)?)));
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement.query_map((seller.0, after, pages::rows_to_read(limit)), block)?;
    let rows: Vec<(MemberId, Time)> = found.collect::<Result<_>>()?;
    Ok(pages::cut(rows, limit, |(member, _)| member.0.to_string()))
}

fn sessions(connection: &Connection, member: MemberId) -> Result<Vec<Session>> {
    let sql = "SELECT token, created_at, seen_at, expires_at FROM sessions INDEXED BY sessions_by_member \
               WHERE member = ?1 ORDER BY created_at LIMIT ?2";
    let session = |row: &Row<'_>| {
        let time = |at: usize| row.get(at).map(Time);
        let (created_at, seen_at, expires_at) = (time(1)?, time(2)?, time(3)?);
        Ok(Session { token: row.get(0)?, member, created_at, seen_at, expires_at })
    };
    let mut statement = connection.prepare_cached(sql)?;
    statement.query_map((member.0, PAGE_ROWS_MAX as i64), session)?.collect()
}
