//! Searching the listing table: pages in seven orders, sieved by words, status, place, category, price and more.
//!
//! No search may cost more than a bounded number of rows looked at, whatever is asked of a million auctions:
//! - without sieves a page is read from the index of its order (`walk`);
//! - by words, the newest [`MATCHES_MAX`] matches are taken and then sorted (`matches`); newest first they are read on
//!   without end;
//! - otherwise, if the sieve's own index (`narrow`) holds at most [`NARROW_MAX`] rows, these are sorted; if it holds
//!   more, the walk will meet them soon. A walk that has looked at [`WALKED_MAX`] rows ends the page early and says
//!   where to go on. Nearest first, the nearest [`NARROW_MAX`] are read, one region after another.

pub(super) mod matches;
pub(super) mod narrow;
pub(super) mod walk;

use auction::{AuctionId, Condition, Outcome, Seq, Status, Time};
use ledger::MemberId;
use rusqlite::{Connection, OptionalExtension, Result, Row, Rows};
use store::listings::{Seen, Wanted};
use store::pages;
use store::records::{COUNTED_MAX, Count, Found, ListingRow, PAGE_ROWS_MAX, Page, Search};

use crate::rows::{self, number_of, one_of, pictures};

/// How many matches of words are looked at for one page.
pub(super) const MATCHES_MAX: usize = COUNTED_MAX;

/// How many rows of a sieve's own index are read to be sorted.
pub(super) const NARROW_MAX: usize = COUNTED_MAX;

/// How many rows a walk looks at for one page.
pub(super) const WALKED_MAX: usize = 10_000;

/// A listing's columns, in the order in which [`listing`] reads them.
pub(super) const LISTING_COLUMNS: &str = "auction, seq, title, seller, category, region, nationwide, condition, status, \
     outcome, price, buy_now, bid_count, starts_at, ends_at, picture, picture_alt, picture_width, picture_height, \
     picture_colour, below_reserve";

/// How many they are; what is selected behind them begins there.
pub(super) const LISTING_WIDTH: usize = 21;

/// Reads a listing from the first columns.
pub(super) fn listing(row: &Row<'_>) -> Result<ListingRow> {
    let optional = |at: usize| row.get::<_, Option<i64>>(at);
    Ok(ListingRow {
        auction: AuctionId(row.get(0)?),
        seq: Seq(row.get(1)?),
        title: row.get(2)?,
        seller: MemberId(row.get(3)?),
        category: optional(4)?,
        region: optional(5)?,
        nationwide: row.get(6)?,
        condition: optional(7)?.map(|value| one_of(&Condition::ALL, value, 7)).transpose()?,
        status: one_of(&Status::ALL, row.get(8)?, 8)?,
        outcome: optional(9)?.map(|value| one_of(&Outcome::ALL, value, 9)).transpose()?,
        price: rows::money(row.get(10)?, 10)?,
        buy_now: optional(11)?.map(|value| rows::money(value, 11)).transpose()?,
        bid_count: row.get(12)?,
        starts_at: Time(row.get(13)?),
        ends_at: Time(row.get(14)?),
        picture: pictures::card(row, 15)?,
        is_below_reserve: row.get(20)?,
    })
}

/// A page of what the search finds.
pub(super) fn search(connection: &Connection, search: &Search, page: &Page) -> Result<Found> {
    let (region, kinds) = places_of(connection, search)?;
    let Some(wanted) = Wanted::of(search, page, region, kinds) else {
        return Ok(Found { page: pages::empty(), count: None });
    };
    if !search.words.trim().is_empty() {
        return matches::page(connection, &wanted, &search.words);
    }
    match narrow::all(connection, &wanted)? {
        narrow::Held::All(rows) => Ok(wanted.found(rows, false)),
        narrow::Held::Nearest(rows) => Ok(wanted.found(rows, true)),
        narrow::Held::TooMuch => {
            let page = walk::page(connection, &wanted)?;
            let count = match (&wanted.sieve.area, &wanted.sieve.categories) {
                _ if !wanted.sieve.is_plain() => None,
                (None, None) => Some(of_statuses(connection, &wanted.sieve.statuses)?),
                _ => Some(Count { least: NARROW_MAX, has_more: true }),
            };
            Ok(Found { page, count })
        }
    }
}

/// The numbers of a region with all below it, and a category with the kinds below it; each if it was asked for.
type Meant = (Option<(i64, i64)>, Option<Vec<i64>>);

/// The numbers of a search's region, and the kinds of its category.
pub(super) fn places_of(connection: &Connection, search: &Search) -> Result<Meant> {
    let region = search.region.map(|region| numbers_in(connection, region)).transpose()?;
    let kinds = search.category.map(|category| kinds_of(connection, category)).transpose()?;
    Ok((region, kinds))
}

/// Looks at rows until `enough` were let through or `looks_max` were looked at.
fn look(wanted: &Wanted, rows: &mut Rows<'_>, enough: usize, looks_max: usize) -> Result<Seen> {
    let mut seen = Seen::default();
    let mut looks = 0;
    while let Some(row) = rows.next()? {
        let row = listing(row)?;
        looks += 1;
        let is_last = looks == looks_max;
        let is_let_through = wanted.sieve.lets_through(&row);
        if is_last || (is_let_through && seen.rows.len() + 1 == enough) {
            seen.stopped = Some(wanted.place(&row));
        }
        if is_let_through {
            seen.rows.push(row);
        }
        if seen.stopped.is_some() {
            break;
        }
    }
    Ok(seen)
}

/// How many listings have one of these statuses.
fn of_statuses(connection: &Connection, statuses: &[Status]) -> Result<Count> {
    let mut statement = connection.prepare_cached(COUNT)?;
    let mut least = 0;
    for status in statuses {
        let values = (number_of(&Status::ALL, status), NARROW_MAX as i64 + 1);
        least += statement.query_row(values, |row| row.get::<_, i64>(0))?;
    }
    Ok(count(least))
}

/// A bounded count of one status.
pub(super) const COUNT: &str = "SELECT count(*) FROM \
     (SELECT 1 FROM listings INDEXED BY listings_by_status WHERE status = ?1 LIMIT ?2)";

fn count(counted: i64) -> Count {
    let counted = usize::try_from(counted).unwrap_or_default();
    Count { least: counted.min(NARROW_MAX), has_more: counted > NARROW_MAX }
}

/// How many open auctions stand in each of these ranges of regions, nationwide or not.
pub(super) fn open_within(connection: &Connection, ranges: &[(i64, i64)]) -> Result<Vec<Count>> {
    let open = number_of(&Status::ALL, &Status::Open);
    let mut statement = connection.prepare_cached(COUNT_WITHIN)?;
    let within = |(first, last): &(i64, i64)| {
        let counted = |nationwide: bool| {
            let values = (open, nationwide, first, last, NARROW_MAX as i64 + 1);
            statement.query_row(values, |row| row.get::<_, i64>(0))
        };
        let counted: Vec<i64> = [false, true].into_iter().map(counted).collect::<Result<_>>()?;
        Ok(count(counted.into_iter().sum()))
    };
    ranges.iter().take(PAGE_ROWS_MAX).map(within).collect()
}

/// A bounded count of a range of regions.
pub(super) const COUNT_WITHIN: &str = "SELECT count(*) FROM (SELECT 1 FROM listings INDEXED BY listings_by_region \
     WHERE status = ?1 AND nationwide = ?2 AND region BETWEEN ?3 AND ?4 LIMIT ?5)";

/// The numbers of a region and all below it; of one that does not exist, none.
fn numbers_in(connection: &Connection, region: i64) -> Result<(i64, i64)> {
    let sql = "SELECT id, last FROM regions WHERE id = ?1";
    let found = connection.prepare_cached(sql)?.query_row([region], |row| Ok((row.get(0)?, row.get(1)?)));
    Ok(found.optional()?.unwrap_or((0, -1)))
}

/// A category and the kinds below it; of one that does not exist, none.
fn kinds_of(connection: &Connection, category: i64) -> Result<Vec<i64>> {
    let sql = "SELECT id FROM categories WHERE id = ?1 OR parent = ?1";
    connection.prepare_cached(sql)?.query_map([category], |row| row.get(0))?.collect()
}
