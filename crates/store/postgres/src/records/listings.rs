//! Searching the listing table: pages in seven orders, sieved by words, status, place, category, price and more.
//!
//! No search may cost more than a bounded number of rows looked at, whatever is asked of a million auctions:
//! - without sieves a page is read from the index of its order (`walk`);
//! - by words, the newest [`MATCHES_MAX`] matches are taken (`newest`) and then sorted (`matches`); newest first they are
//!   read on without end;
//! - otherwise, if the sieve's own index (`narrow`) holds at most [`NARROW_MAX`] rows, these are sorted; if it holds
//!   more, the walk will meet them soon. A walk that has looked at [`WALKED_MAX`] rows ends the page early and says
//!   where to go on. Nearest first, the nearest [`NARROW_MAX`] are read, some regions after others.

pub(super) mod matches;
pub(super) mod narrow;
pub(super) mod newest;
pub(super) mod walk;

use auction::{AuctionId, Condition, Outcome, Seq, Status, Time};
use ledger::MemberId;
use store::listings::{Glance, Seen, Sieve, Wanted, in_order};
use store::pages;
use store::records::{COUNTED_MAX, Count, Found, ListingRow, PAGE_ROWS_MAX, Page, Paged, Search};
use tokio_postgres::Row;

use crate::pool::{Connection, Value};
use crate::rows::{self, Result, number_of, one_of, pictures};

/// How many matches of words are looked at for one page.
const MATCHES_MAX: usize = COUNTED_MAX;

/// How many rows of a sieve's own index are read to be sorted.
const NARROW_MAX: usize = COUNTED_MAX;

/// How many rows a walk looks at for one page.
const WALKED_MAX: usize = 10_000;

/// A listing's columns, in the order in which [`listing`] reads them.
pub(super) const LISTING_COLUMNS: &str = "auction, seq, title, seller, category, region, nationwide, condition, status, \
     outcome, price, buy_now, bid_count, starts_at, ends_at, picture, picture_alt, picture_width, picture_height, \
     picture_colour, below_reserve";

/// How many they are.
pub(super) const LISTING_WIDTH: usize = 21;

/// Reads a listing from the first columns.
pub(super) fn listing(row: &Row) -> Result<ListingRow> {
    let optional = |at: usize| row.try_get::<_, Option<i64>>(at);
    Ok(ListingRow {
        auction: AuctionId(row.try_get(0)?),
        seq: Seq(row.try_get(1)?),
        title: row.try_get(2)?,
        seller: MemberId(row.try_get(3)?),
        category: optional(4)?,
        region: optional(5)?,
        nationwide: row.try_get(6)?,
        condition: optional(7)?.map(|value| one_of(&Condition::ALL, value, 7)).transpose()?,
        status: one_of(&Status::ALL, row.try_get(8)?, 8)?,
        outcome: optional(9)?.map(|value| one_of(&Outcome::ALL, value, 9)).transpose()?,
        price: rows::money(row.try_get(10)?, 10)?,
        buy_now: optional(11)?.map(|value| rows::money(value, 11)).transpose()?,
        bid_count: row.try_get(12)?,
        starts_at: Time(row.try_get(13)?),
        ends_at: Time(row.try_get(14)?),
        picture: pictures::card(row, 15)?,
        is_below_reserve: row.try_get(20)?,
    })
}

/// What sieves and orders ask of a listing, in the order in which [`glance`] reads it.
pub(super) const GLANCE_COLUMNS: &str = "auction, title, status, category, region, nationwide, condition, price, \
     buy_now IS NOT NULL, bid_count, ends_at, picture IS NOT NULL, below_reserve";

/// Reads what sieves and orders ask of a listing.
pub(super) fn glance(row: &Row) -> Result<Glance<'_>> {
    let optional = |at: usize| row.try_get::<_, Option<i64>>(at);
    Ok(Glance {
        auction: row.try_get(0)?,
        title: row.try_get(1)?,
        status: one_of(&Status::ALL, row.try_get(2)?, 2)?,
        category: optional(3)?,
        region: optional(4)?,
        nationwide: row.try_get(5)?,
        condition: optional(6)?.map(|value| one_of(&Condition::ALL, value, 6)).transpose()?,
        price: row.try_get(7)?,
        buy_now: row.try_get(8)?,
        bid_count: row.try_get(9)?,
        ends_at: Time(row.try_get(10)?),
        pictured: row.try_get(11)?,
        below_reserve: row.try_get(12)?,
    })
}

/// A page of what the search finds.
pub(super) async fn search(store: &Connection, search: &Search, page: &Page) -> Result<Found> {
    let (region, kinds) = places_of(store, search).await?;
    let Some(wanted) = Wanted::of(search, page, region, kinds) else {
        return Ok(Found { page: pages::empty(), count: None });
    };
    if !search.words.trim().is_empty() {
        return matches::page(store, &wanted, &search.words).await;
    }
    match narrow::all(store, &wanted).await? {
        narrow::Held::All(seen) => found(store, &wanted, seen, false).await,
        narrow::Held::Nearest(seen) => found(store, &wanted, seen, true).await,
        narrow::Held::TooMuch => {
            let page = walk::page(store, &wanted).await?;
            let count = match (&wanted.sieve.area, &wanted.sieve.categories) {
                _ if !wanted.sieve.is_plain() => None,
                (None, None) => Some(of_statuses(store, &wanted.sieve).await?),
                _ => Some(Count { least: NARROW_MAX, has_more: true }),
            };
            Ok(Found { page, count })
        }
    }
}

/// The numbers of a region with all below it, and a category with the kinds below it; each if it was asked for.
type Meant = (Option<(i64, i64)>, Option<Vec<i64>>);

/// The numbers of a search's region, and the kinds of its category.
pub(super) async fn places_of(store: &Connection, search: &Search) -> Result<Meant> {
    let region = match search.region {
        Some(region) => Some(numbers_in(store, region).await?),
        None => None,
    };
    let kinds = match search.category {
        Some(category) => Some(kinds_of(store, category).await?),
        None => None,
    };
    Ok((region, kinds))
}

/// The page of all that there is, with how much that is.
async fn found(store: &Connection, wanted: &Wanted, seen: Seen<()>, has_more: bool) -> Result<Found> {
    let count = Count { least: seen.rows.len(), has_more };
    Ok(Found { page: in_rows(store, wanted, seen).await?, count: Some(count) })
}

/// The page of what was seen, read whole. What has changed meanwhile, so that it is no longer let through, is left out.
async fn in_rows(store: &Connection, wanted: &Wanted, seen: Seen<()>) -> Result<Paged<ListingRow>> {
    let page = wanted.page_of(seen);
    let sql = format!("SELECT {LISTING_COLUMNS} FROM listings WHERE auction = ANY($1)");
    let auctions: Vec<i64> = page.items.iter().map(|(place, ())| place.auction).collect();
    let rows = store.query(&sql, &[&auctions]).await?;
    let mut rows = rows.iter().map(listing).collect::<Result<Vec<_>>>()?;
    rows.retain(|row| wanted.sieve.lets_through(&row.into()));
    Ok(in_order(page, rows))
}

/// Those of these auctions that the sieve lets through, in any order.
async fn of_auctions(store: &Connection, wanted: &Wanted, auctions: &[i64]) -> Result<Seen<()>> {
    let sql = format!("SELECT {GLANCE_COLUMNS} FROM listings WHERE auction = ANY($1)");
    let mut seen = Seen::default();
    for row in &store.query(&sql, &[&auctions]).await? {
        let listing = glance(row)?;
        if wanted.sieve.lets_through(&listing) {
            seen.rows.push((wanted.place(&listing), ()));
        }
    }
    Ok(seen)
}

/// The numbers of a sieve's statuses.
fn statuses(sieve: &Sieve) -> Vec<i64> {
    sieve.statuses.iter().map(|status| number_of(&Status::ALL, status)).collect()
}

/// How many listings have one of the statuses.
async fn of_statuses(store: &Connection, sieve: &Sieve) -> Result<Count> {
    let values: [Value<'_>; 2] = [&statuses(sieve), &(NARROW_MAX as i64 + 1)];
    Ok(count(store.query_one(COUNT, &values).await?.try_get(0)?))
}

/// A bounded count of some statuses, by an order that only their own index has.
pub(super) const COUNT: &str = "SELECT count(*) FROM (SELECT FROM unnest($1::bigint[]) AS s (status), \
     LATERAL (SELECT FROM listings WHERE status BETWEEN s.status AND s.status ORDER BY status, auction LIMIT $2) l \
     LIMIT $2) counted";

fn count(counted: i64) -> Count {
    let counted = usize::try_from(counted).unwrap_or_default();
    Count { least: counted.min(NARROW_MAX), has_more: counted > NARROW_MAX }
}

/// How many open auctions stand in each of these ranges of regions, nationwide or not.
pub(super) async fn open_within(store: &Connection, ranges: &[(i64, i64)]) -> Result<Vec<Count>> {
    let open = number_of(&Status::ALL, &Status::Open);
    let (first, last): (Vec<i64>, Vec<i64>) = ranges.iter().take(PAGE_ROWS_MAX).copied().unzip();
    let values: [Value<'_>; 4] = [&open, &first, &last, &(NARROW_MAX as i64 + 1)];
    let rows = store.query(COUNT_WITHIN, &values).await?;
    rows.iter().map(|row| Ok(count(row.try_get(0)?))).collect()
}

/// Bounded counts of ranges of regions.
pub(super) const COUNT_WITHIN: &str = "SELECT (SELECT count(*) FROM ( \
       (SELECT FROM listings WHERE status = $1 AND NOT nationwide AND region BETWEEN r.first AND r.last \
         ORDER BY region, auction DESC LIMIT $4) \
       UNION ALL (SELECT FROM listings WHERE status = $1 AND nationwide AND region BETWEEN r.first AND r.last \
         ORDER BY region, auction DESC LIMIT $4)) AS either) \
     FROM unnest($2::bigint[], $3::bigint[]) WITH ORDINALITY AS r (first, last, place) ORDER BY r.place";

/// The numbers of a region and all below it; of one that does not exist, none.
async fn numbers_in(store: &Connection, region: i64) -> Result<(i64, i64)> {
    let sql = "SELECT id, last FROM regions WHERE id = $1";
    match store.query_opt(sql, &[&region]).await? {
        Some(row) => Ok((row.try_get(0)?, row.try_get(1)?)),
        None => Ok((0, -1)),
    }
}

/// A category and the kinds below it; of one that does not exist, none.
async fn kinds_of(store: &Connection, category: i64) -> Result<Vec<i64>> {
    let sql = "SELECT id FROM categories WHERE id = $1 OR parent = $1";
    store.query(sql, &[&category]).await?.iter().map(|row| Ok(row.try_get(0)?)).collect()
}
