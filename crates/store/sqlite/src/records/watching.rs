//! Watchlists: what a member has marked, and how many have marked it. Counting ends early, so that what a page costs does
//! not grow with how well known an auction is.

use async_trait::async_trait;
use auction::{AuctionId, Time};
use ledger::MemberId;
use rusqlite::{Connection, Result};
use store::pages;
use store::records::{
    Heart, ListingRow, PAGE_ROWS_MAX, Page, Paged, WATCHED_MAX, WATCHLISTS_COUNTED_MAX, WatchRecords,
    WatchRefused,
};

use super::SqliteRecords;
use super::auctions::AS_LISTED;
use super::leaving::is_here;
use super::listings::{LISTING_COLUMNS, LISTING_WIDTH, listing};
use crate::rows::{HISTORY, pictures::FIRST};

#[async_trait]
impl WatchRecords for SqliteRecords {
    async fn watch(
        &self,
        member: MemberId,
        auction: AuctionId,
        at: Time,
    ) -> store::Result<std::result::Result<(), WatchRefused>> {
        let watch = move |store: &Connection| watch(store, member, auction, at);
        self.writes.run("watching an auction", watch).await
    }

    async fn unwatch(&self, member: MemberId, auction: AuctionId) -> store::Result<()> {
        let unwatch = move |store: &Connection| unwatch(store, member, auction);
        self.writes.run("watching an auction no more", unwatch).await
    }

    async fn hearts(&self, auctions: &[AuctionId], member: Option<MemberId>) -> store::Result<Vec<Heart>> {
        let auctions = auctions.to_vec();
        let read = move |store: &Connection| hearts(store, &auctions, member);
        self.searches.run("reading who watches", read).await
    }

    async fn watched(&self, member: MemberId, page: Page) -> store::Result<Paged<ListingRow>> {
        self.searches.run("reading what is watched", move |store| watched(store, member, &page)).await
    }

    async fn listed(&self, auctions: &[AuctionId]) -> store::Result<Vec<ListingRow>> {
        let auctions = auctions.to_vec();
        self.searches.run("reading some listings", move |store| listed(store, &auctions)).await
    }
}

/// Puts an auction on a member's watchlist.
fn watch(
    connection: &Connection,
    member: MemberId,
    auction: AuctionId,
    at: Time,
) -> Result<std::result::Result<(), WatchRefused>> {
    if !connection.prepare_cached("SELECT 1 FROM auctions WHERE id = ?1")?.exists([auction.0])? {
        return Ok(Err(WatchRefused::NoAuction));
    }
    if !is_here(connection, member)? {
        return Ok(Err(WatchRefused::Left));
    }
    let sql = "INSERT INTO watching (member, auction, at) SELECT ?1, ?2, ?3 \
               WHERE (SELECT count(*) FROM watching WHERE member = ?1) < ?4 ON CONFLICT DO NOTHING";
    let values = (member.0, auction.0, at.0, WATCHED_MAX as i64);
    if connection.prepare_cached(sql)?.execute(values)? > 0 || is_watched(connection, member, auction)? {
        return Ok(Ok(()));
    }
    Ok(Err(WatchRefused::Full))
}

fn is_watched(connection: &Connection, member: MemberId, auction: AuctionId) -> Result<bool> {
    let sql = "SELECT 1 FROM watching WHERE member = ?1 AND auction = ?2";
    connection.prepare_cached(sql)?.exists((member.0, auction.0))
}

/// Takes an auction off a member's watchlist.
fn unwatch(connection: &Connection, member: MemberId, auction: AuctionId) -> Result<()> {
    let sql = "DELETE FROM watching WHERE member = ?1 AND auction = ?2";
    connection.prepare_cached(sql)?.execute((member.0, auction.0)).map(|_| ())
}

/// On how many watchlists each of these auctions stands, and whether on that member's.
fn hearts(connection: &Connection, auctions: &[AuctionId], member: Option<MemberId>) -> Result<Vec<Heart>> {
    let mut statement = connection.prepare_cached(WATCHLISTS)?;
    let heart = |auction: &AuctionId| {
        let values = (auction.0, WATCHLISTS_COUNTED_MAX as i64);
        let watchlists = statement.query_row(values, |row| row.get(0))?;
        let is_watched = match member {
            Some(member) => is_watched(connection, member, *auction)?,
            None => false,
        };
        Ok(Heart { auction: *auction, watchlists, is_watched })
    };
    auctions.iter().map(heart).collect()
}

/// On how many watchlists an auction stands, as far as they are counted.
pub(super) const WATCHLISTS: &str = "SELECT count(*) FROM (SELECT 1 FROM watching INDEXED BY watching_by_auction \
     WHERE auction = ?1 LIMIT ?2)";

/// What comes after every end: what is over stands behind all that is not, the latest first.
const OVER: i64 = i64::MAX / 2;

/// What a member watches, by its end. A watchlist is short enough to be read whole for each page.
fn watched(connection: &Connection, member: MemberId, page: &Page) -> Result<Paged<ListingRow>> {
    let start = (i64::MIN, i64::MIN);
    let Some((place, auction)) = pages::place_of_two(page, start) else { return Ok(pages::empty()) };
    let limit = pages::limit(page);
    let mut statement = connection.prepare_cached(&watched_sql())?;
    let values = (member.0, place, auction, OVER, pages::rows_to_read(limit));
    let found = statement.query_map(values, |row| Ok((listing(row)?, row.get::<_, i64>(LISTING_WIDTH)?)))?;
    let rows: Vec<(ListingRow, i64)> = found.collect::<Result<_>>()?;
    let page = pages::cut(rows, limit, |(row, place)| format!("{place}.{}", row.auction.0));
    Ok(Paged { items: page.items.into_iter().map(|(row, _)| row).collect(), next: page.next })
}

/// A watchlist from a place on.
pub(super) fn watched_sql() -> String {
    let place = "CASE WHEN a.outcome IS NULL THEN a.ends_at ELSE ?4 - a.ends_at END";
    format!(
        "SELECT {AS_LISTED}, {place} AS place \
         FROM watching w CROSS JOIN auctions a ON a.id = w.auction CROSS JOIN items i ON i.id = a.item {HISTORY} {FIRST} \
         WHERE w.member = ?1 AND ({place}, a.id) > (?2, ?3) ORDER BY place, a.id LIMIT ?5"
    )
}

/// Those of these auctions that are listed.
fn listed(connection: &Connection, auctions: &[AuctionId]) -> Result<Vec<ListingRow>> {
    let sql = format!("SELECT {LISTING_COLUMNS} FROM listings WHERE auction = ?1");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = Vec::new();
    for auction in auctions.iter().take(PAGE_ROWS_MAX) {
        let found: Vec<ListingRow> = statement.query_map([auction.0], listing)?.collect::<Result<_>>()?;
        rows.extend(found);
    }
    Ok(rows)
}
