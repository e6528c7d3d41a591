//! Watchlists: what a member has marked, and how many have marked it. Counting ends early, so that what a page costs does
//! not grow with how well known an auction is.

use async_trait::async_trait;
use auction::{AuctionId, Time};
use ledger::MemberId;
use store::pages;
use store::records::{
    Heart, ListingRow, PAGE_ROWS_MAX, Page, Paged, WATCHED_MAX, WATCHLISTS_COUNTED_MAX, WatchRecords,
    WatchRefused,
};
use tokio_postgres::Row;

use super::PostgresRecords;
use super::auctions::standing_columns;
use super::leaving::is_here;
use super::listings::{LISTING_COLUMNS, LISTING_WIDTH, listing};
use crate::pool::{Connection, Value};
use crate::rows::{Result, history, pictures};

#[async_trait]
impl WatchRecords for PostgresRecords {
    async fn watch(
        &self,
        member: MemberId,
        auction: AuctionId,
        at: Time,
    ) -> store::Result<std::result::Result<(), WatchRefused>> {
        let store = self.writes.lend("watching an auction").await?;
        store.write_together(watch(&store, member, auction, at)).await
    }

    async fn unwatch(&self, member: MemberId, auction: AuctionId) -> store::Result<()> {
        let store = self.writes.lend("watching an auction no more").await?;
        store.write(unwatch(&store, member, auction)).await
    }

    async fn hearts(&self, auctions: &[AuctionId], member: Option<MemberId>) -> store::Result<Vec<Heart>> {
        let store = self.searches.lend("reading who watches").await?;
        store.read(hearts(&store, auctions, member)).await
    }

    async fn watched(&self, member: MemberId, page: Page) -> store::Result<Paged<ListingRow>> {
        let store = self.searches.lend("reading what is watched").await?;
        store.read(watched(&store, member, &page)).await
    }

    async fn listed(&self, auctions: &[AuctionId]) -> store::Result<Vec<ListingRow>> {
        let store = self.searches.lend("reading some listings").await?;
        store.read(listed(&store, auctions)).await
    }
}

/// Puts an auction on a member's watchlist. Two at once take turns by the first row that is there: without any, there is
/// room for both.
async fn watch(
    store: &Connection,
    member: MemberId,
    auction: AuctionId,
    at: Time,
) -> Result<std::result::Result<(), WatchRefused>> {
    if store.query_opt("SELECT FROM auctions WHERE id = $1", &[&auction.0]).await?.is_none() {
        return Ok(Err(WatchRefused::NoAuction));
    }
    if !is_here(store, member).await? {
        return Ok(Err(WatchRefused::Left));
    }
    let sql = "SELECT auction FROM watching WHERE member = $1 ORDER BY auction LIMIT 1 FOR UPDATE";
    store.query_opt(sql, &[&member.0]).await?;
    let sql = "INSERT INTO watching (member, auction, at) SELECT $1::bigint, $2::bigint, $3::bigint \
               WHERE (SELECT count(*) FROM watching WHERE member = $1) < $4 ON CONFLICT DO NOTHING";
    let written = store.execute(sql, &[&member.0, &auction.0, &at.0, &(WATCHED_MAX as i64)]).await?;
    let sql = "SELECT FROM watching WHERE member = $1 AND auction = $2";
    if written > 0 || store.query_opt(sql, &[&member.0, &auction.0]).await?.is_some() {
        return Ok(Ok(()));
    }
    Ok(Err(WatchRefused::Full))
}

/// Takes an auction off a member's watchlist.
async fn unwatch(store: &Connection, member: MemberId, auction: AuctionId) -> Result<()> {
    let sql = "DELETE FROM watching WHERE member = $1 AND auction = $2";
    store.execute(sql, &[&member.0, &auction.0]).await.map(|_| ())
}

/// On how many watchlists each of these auctions stands, and whether on that member's.
async fn hearts(store: &Connection, auctions: &[AuctionId], member: Option<MemberId>) -> Result<Vec<Heart>> {
    let ids: Vec<i64> = auctions.iter().map(|auction| auction.0).collect();
    let member = member.map(|member| member.0);
    let heart = |row: &Row| -> Result<Heart> {
        Ok(Heart {
            auction: AuctionId(row.try_get(0)?),
            watchlists: row.try_get(1)?,
            is_watched: row.try_get(2)?,
        })
    };
    let found = store.query(HEARTS, &[&ids, &member, &(WATCHLISTS_COUNTED_MAX as i64)]).await?;
    found.iter().map(heart).collect()
}

/// On how many watchlists some auctions stand, as far as they are counted, and whether on one member's.
pub(super) const HEARTS: &str = "SELECT wanted.auction, \
       (SELECT count(*) FROM (SELECT FROM watching w WHERE w.auction = wanted.auction LIMIT $3) AS counted), \
       coalesce((SELECT true FROM watching w WHERE w.member = $2::bigint AND w.auction = wanted.auction LIMIT 1), false) \
     FROM unnest($1::bigint[]) WITH ORDINALITY AS wanted (auction, place) ORDER BY wanted.place";

/// What comes after every end: what is over stands behind all that is not, the latest first.
const OVER: i64 = i64::MAX / 2;

/// What a member watches, by its end. A watchlist is short enough to be read whole for each page.
async fn watched(store: &Connection, member: MemberId, page: &Page) -> Result<Paged<ListingRow>> {
    let start = (i64::MIN, i64::MIN);
    let Some((place, auction)) = pages::place_of_two(page, start) else { return Ok(pages::empty()) };
    let limit = pages::limit(page);
    let (rows, most) = (pages::rows_to_read(limit), WATCHED_MAX as i64);
    let values: [Value<'_>; 6] = [&member.0, &place, &auction, &OVER, &rows, &most];
    let found = store.query(WATCHED, &values).await?;
    let row = |row: &Row| -> Result<(ListingRow, i64)> { Ok((listing(row)?, row.try_get(LISTING_WIDTH)?)) };
    let rows = found.iter().map(row).collect::<Result<Vec<_>>>()?;
    let page = pages::cut(rows, limit, |(row, place)| format!("{place}.{}", row.auction.0));
    Ok(Paged { items: page.items.into_iter().map(|(row, _)| row).collect(), next: page.next })
}

/// A watchlist from a place on. It is read as a range of pairs, and each auction looked up by itself, by an order
/// that only the index of their numbers has: no plan ever begins with the auctions.
pub(super) const WATCHED: &str = concat!(
    "SELECT * FROM (SELECT ",
    standing_columns!(),
    ", CASE WHEN a.outcome IS NULL THEN a.ends_at ELSE $4 - a.ends_at END AS place \
       FROM (SELECT auction FROM watching \
         WHERE (member, auction) > ($1, 0) AND (member, auction) <= ($1, 9223372036854775807) \
         ORDER BY member, auction LIMIT $6) AS w \
       JOIN LATERAL (SELECT * FROM auctions WHERE id >= w.auction ORDER BY id LIMIT 1) AS a ON a.id = w.auction \
       CROSS JOIN LATERAL (SELECT * FROM items WHERE id = a.item LIMIT 1) AS i",
    history!(),
    pictures::first!(),
    ") AS w WHERE (w.place, w.id) > ($2, $3) ORDER BY w.place, w.id LIMIT $5"
);

/// Those of these auctions that are listed.
async fn listed(store: &Connection, auctions: &[AuctionId]) -> Result<Vec<ListingRow>> {
    let sql = format!("SELECT {LISTING_COLUMNS} FROM listings WHERE auction = ANY($1)");
    let ids: Vec<i64> = auctions.iter().take(PAGE_ROWS_MAX).map(|auction| auction.0).collect();
    store.query(&sql, &[&ids]).await?.iter().map(listing).collect()
}
