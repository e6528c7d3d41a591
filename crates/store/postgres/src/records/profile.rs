//! A member himself: how he presents himself, what he sold, and what is his to take along.

use async_trait::async_trait;
use auction::{AuctionId, EventKind, PictureAddress, Seq, Status, Time};
use ledger::MemberId;
use store::pages;
use store::records::{
    ANSWERS_COUNT_FOR, ANSWERS_LOOKED_AT, ListingRow, OwnBid, PAGE_ROWS_MAX, Page, Paged, Profile,
    ProfileRecords, QuestionRow, Removal, RemovalRefused, ReviewRow, Session, Shelf, SoldOn, Ties,
    answers_within,
};
use tokio_postgres::Row;

use super::auctions::standing_columns;
use super::listings::listing;
use super::{PostgresRecords, leaving, pictures, reviews, talk};
use crate::failure::Fault;
use crate::pool::{Connection, Value};
use crate::rows::pictures::{address, first};
use crate::rows::{self, Result, history, number_of, one_of};

/// What one shown day lasts.
const DAY: i64 = 24 * 60 * 60 * 1_000_000;

#[async_trait]
impl ProfileRecords for PostgresRecords {
    async fn profile(&self, member: MemberId, now: Time) -> store::Result<Option<Profile>> {
        let store = self.searches.lend("reading a profile").await?;
        store.read(profile(&store, member, now)).await
    }

    async fn shelf(&self, member: MemberId, on: Shelf, page: Page) -> store::Result<Paged<ListingRow>> {
        let store = self.searches.lend("reading a shelf").await?;
        store.read(shelf(&store, member, on, &page)).await
    }

    async fn sold(&self, seller: MemberId, from: Time, until: Time) -> store::Result<Vec<SoldOn>> {
        let store = self.searches.lend("reading what was sold").await?;
        store.read(sold(&store, seller, from, until)).await
    }

    async fn own_bids(&self, member: MemberId, page: Page) -> store::Result<Paged<OwnBid>> {
        let store = self.searches.lend("reading a member's bids").await?;
        store.read(bids(&store, member, &page)).await
    }

    async fn own_reviews(&self, author: MemberId, page: Page) -> store::Result<Paged<ReviewRow>> {
        let store = self.searches.lend("reading a member's reviews").await?;
        store.read(reviews::by(&store, author, &page)).await
    }

    async fn own_questions(&self, asker: MemberId, page: Page) -> store::Result<Paged<QuestionRow>> {
        let store = self.searches.lend("reading a member's questions").await?;
        store.read(talk::by(&store, asker, &page)).await
    }

    async fn own_answers(&self, seller: MemberId, page: Page) -> store::Result<Paged<QuestionRow>> {
        let store = self.searches.lend("reading a member's answers").await?;
        store.read(talk::answered_by(&store, seller, &page)).await
    }

    async fn own_blocks(&self, seller: MemberId, page: Page) -> store::Result<Paged<(MemberId, Time)>> {
        let store = self.searches.lend("reading a member's blocks").await?;
        store.read(blocks(&store, seller, &page)).await
    }

    async fn own_sessions(&self, member: MemberId) -> store::Result<Vec<Session>> {
        let store = self.searches.lend("reading a member's sessions").await?;
        store.read(sessions(&store, member)).await
    }

    async fn ties(&self, member: MemberId) -> store::Result<Ties> {
        let store = self.searches.lend("reading what ties a member").await?;
        store.read(leaving::ties(&store, member)).await
    }

    async fn remove_member(
        &self,
        removal: Removal,
    ) -> store::Result<std::result::Result<(), RemovalRefused>> {
        let store = self.writes.lend("letting a member leave").await?;
        store.write_together(leaving::remove(&store, &removal)).await
    }
}

/// How a member presents himself.
async fn profile(store: &Connection, member: MemberId, now: Time) -> Result<Option<Profile>> {
    let sql = "SELECT about, picture, left_at FROM members WHERE id = $1";
    let Some(row) = store.query_opt(sql, &[&member.0]).await? else { return Ok(None) };
    let is_pictured = row.try_get::<_, Option<&[u8]>>(1)?.is_some();
    let known: Option<PictureAddress> = is_pictured.then(|| address(&row, 1)).transpose()?;
    let picture = match known {
        Some(address) => pictures::by_addresses(store, &[address]).await?.into_iter().next(),
        None => None,
    };
    let since = now.minus(ANSWERS_COUNT_FOR).0;
    let took = store.query(ANSWERS, &[&member.0, &since, &(ANSWERS_LOOKED_AT as i64)]).await?;
    let took: Vec<i64> = took.iter().map(|row| Ok(row.try_get(0)?)).collect::<Result<_>>()?;
    let left_at = row.try_get::<_, Option<i64>>(2)?.map(Time);
    Ok(Some(Profile { about: row.try_get(0)?, picture, answers_within: answers_within(took), left_at }))
}

/// How long a seller's answers took, under the newest of his auctions; each is looked up by itself.
pub(super) const ANSWERS: &str = "SELECT q.took FROM \
     (SELECT id FROM auctions WHERE seller = $1 ORDER BY id DESC LIMIT $3) AS a CROSS JOIN LATERAL \
     (SELECT answered_at - asked_at AS took FROM questions \
      WHERE auction = a.id AND answered_at > $2 AND hidden_at IS NULL LIMIT $3) AS q LIMIT $3";

/// A member's auctions of one kind, newest first, as they stand.
async fn shelf(store: &Connection, member: MemberId, on: Shelf, page: &Page) -> Result<Paged<ListingRow>> {
    let Some(before) = pages::place(page, i64::MAX) else { return Ok(pages::empty()) };
    let limit = pages::limit(page);
    let status = match on {
        Shelf::Live | Shelf::Ended => None,
        Shelf::Scheduled => Some(number_of(&Status::ALL, &Status::Scheduled)),
        Shelf::Open => Some(number_of(&Status::ALL, &Status::Open)),
    };
    let sql = if on == Shelf::Ended { OVER } else { LIVE };
    let values: [Value<'_>; 4] = [&member.0, &before, &pages::rows_to_read(limit), &status];
    let rows: Vec<ListingRow> =
        store.query(sql, &values).await?.iter().map(listing).collect::<Result<_>>()?;
    Ok(pages::cut(rows, limit, |row| row.auction.0.to_string()))
}

/// A seller's auctions, each with its item looked up by itself.
macro_rules! shelf_of {
    ($outcome:literal) => {
        concat!(
            "SELECT ",
            standing_columns!(),
            " FROM (SELECT * FROM auctions WHERE seller = $1 AND outcome ",
            $outcome,
            " AND id < $2 AND ($4::bigint IS NULL OR status = $4) ORDER BY seller DESC, id DESC LIMIT $3) AS a \
             JOIN items i ON i.id = a.item",
            history!(),
            first!(),
            "ORDER BY a.id DESC LIMIT $3"
        )
    };
}

pub(super) const LIVE: &str = shelf_of!("IS NULL");
pub(super) const OVER: &str = shelf_of!("IS NOT NULL");

/// What a member sold, by days after `from`.
async fn sold(store: &Connection, seller: MemberId, from: Time, until: Time) -> Result<Vec<SoldOn>> {
    let day = |row: &Row| -> Result<SoldOn> {
        Ok(SoldOn {
            day: row.try_get(0)?,
            count: row.try_get(1)?,
            sum: row.try_get(2)?,
            start_sum: row.try_get(3)?,
        })
    };
    store.query(SOLD, &[&seller.0, &from.0, &until.0, &DAY]).await?.iter().map(day).collect()
}

/// What was refunded (state 3) counts no more.
pub(super) const SOLD: &str = "SELECT (o.at - $2) / $4 AS day, count(*), sum(o.price)::bigint, sum(a.start_price)::bigint \
     FROM (SELECT at, price, auction FROM orders WHERE seller = $1 AND at >= $2 AND at < $3 AND state <> 3 \
           ORDER BY seller, at) AS o \
     CROSS JOIN LATERAL (SELECT start_price FROM auctions WHERE id = o.auction LIMIT 1) AS a \
     GROUP BY day ORDER BY day";

/// A member's bids.
async fn bids(store: &Connection, member: MemberId, page: &Page) -> Result<Paged<OwnBid>> {
    let Some(after) = pages::place_of_two(page, (i64::MIN, 0)) else { return Ok(pages::empty()) };
    let limit = pages::limit(page);
    let bid = |row: &Row| -> Result<OwnBid> {
        Ok(OwnBid {
            auction: AuctionId(row.try_get(0)?),
            seq: Seq(row.try_get(1)?),
            kind: one_of(&EventKind::ALL, row.try_get(2)?, 2)?,
            amount: rows::money(row.try_get(3)?, 3)?,
            at: Time(row.try_get(4)?),
        })
    };
    let values: [Value<'_>; 4] = [&member.0, &after.0, &after.1, &pages::rows_to_read(limit)];
    let rows: Vec<OwnBid> = store.query(BIDS, &values).await?.iter().map(bid).collect::<Result<_>>()?;
    Ok(pages::cut(rows, limit, |row| format!("{}.{}", row.auction.0, row.seq.0)))
}

/// His bids on each auction where he has a part; kinds 2 bid, 3 bought, 7 raised for him.
pub(super) const BIDS: &str = "SELECT b.auction, e.seq, e.kind, e.amount, e.at \
     FROM (SELECT auction FROM bidders WHERE member = $1 AND auction >= $2 ORDER BY member, auction) AS b \
     CROSS JOIN LATERAL (SELECT seq, kind, coalesce(amount, price) AS amount, at FROM events \
       WHERE auction = b.auction AND seq > CASE WHEN b.auction = $2 THEN $3::bigint ELSE 0 END AND actor = $1 \
       AND kind IN (2, 3, 7) ORDER BY seq LIMIT $4) AS e \
     ORDER BY b.auction, e.seq LIMIT $4";

async fn blocks(store: &Connection, seller: MemberId, page: &Page) -> Result<Paged<(MemberId, Time)>> {
    let Some(after) = pages::place(page, i64::MIN) else { return Ok(pages::empty()) };
    let limit = pages::limit(page);
    let sql = "SELECT member, at FROM blocks WHERE seller = $1 AND member > $2 ORDER BY member LIMIT $3";
    let block =
        |row: &Row| -> Result<(MemberId, Time)> { Ok((MemberId(row.try_get(0)?), Time(row.try_get(1)?))) };
    let found = store.query(sql, &[&seller.0, &after, &pages::rows_to_read(limit)]).await?;
    let rows: Vec<(MemberId, Time)> = found.iter().map(block).collect::<Result<_>>()?;
    Ok(pages::cut(rows, limit, |(member, _)| member.0.to_string()))
}

async fn sessions(store: &Connection, member: MemberId) -> Result<Vec<Session>> {
    let sql = "SELECT token, created_at, seen_at, expires_at FROM sessions WHERE member = $1 \
               ORDER BY created_at LIMIT $2";
    let session = |row: &Row| -> Result<Session> {
        let token = row.try_get::<_, &[u8]>(0)?.try_into();
        let token = token.map_err(|_| Fault::unlike("a token's hash"))?;
        let time = |at: usize| Ok::<_, Fault>(Time(row.try_get(at)?));
        let (created_at, seen_at, expires_at) = (time(1)?, time(2)?, time(3)?);
        Ok(Session { token, member, created_at, seen_at, expires_at })
    };
    store.query(sql, &[&member.0, &(PAGE_ROWS_MAX as i64)]).await?.iter().map(session).collect()
}
