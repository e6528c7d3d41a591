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
use store::listings::{Glance, Place, Seen, Wanted, in_order};
use store::pages;
use store::records::{COUNTED_MAX, Count, Found, ListingRow, PAGE_ROWS_MAX, Page, Paged, Search};

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

/// What sieves and orders ask of a listing, in the order in which [`glance`] reads it.
pub(super) const GLANCE_COLUMNS: &str = "auction, title, status, category, region, nationwide, condition, price, \
     buy_now IS NOT NULL, bid_count, ends_at, picture IS NOT NULL, below_reserve";

/// Reads what sieves and orders ask of a listing.
pub(super) fn glance<'row>(row: &'row Row<'_>) -> Result<Glance<'row>> {
    let optional = |at: usize| row.get::<_, Option<i64>>(at);
    Ok(Glance {
        auction: row.get(0)?,
        title: row.get_ref(1)?.as_str()?,
        status: one_of(&Status::ALL, row.get(2)?, 2)?,
        category: optional(3)?,
        region: optional(4)?,
        nationwide: row.get(5)?,
        condition: optional(6)?.map(|value| one_of(&Condition::ALL, value, 6)).transpose()?,
        price: row.get(7)?,
        buy_now: row.get(8)?,
        bid_count: row.get(9)?,
        ends_at: Time(row.get(10)?),
        pictured: row.get(11)?,
        below_reserve: row.get(12)?,
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
        narrow::Held::All(seen) => found(connection, &wanted, seen, false),
        narrow::Held::Nearest(seen) => found(connection, &wanted, seen, true),
        narrow::Held::TooMuch => {
            let page = in_rows(connection, wanted.page_of(walk::look_all(connection, &wanted)?))?;
            let count = match (&wanted.sieve.area, &wanted.sieve.categories) {
                _ if !wanted.sieve.is_plain() => None,
                (None, None) => Some(of_statuses(connection, &wanted.sieve.statuses)?),
                _ => Some(Count { least: NARROW_MAX, has_more: true }),
            };
            Ok(Found { page, count })
        }
    }
}

/// The page of all that there is, with how much that is.
fn found(connection: &Connection, wanted: &Wanted, seen: Seen<()>, has_more: bool) -> Result<Found> {
    let count = Count { least: seen.rows.len(), has_more };
    Ok(Found { page: in_rows(connection, wanted.page_of(seen))?, count: Some(count) })
}

/// A page's listings, read whole.
fn in_rows(connection: &Connection, page: Paged<(Place, ())>) -> Result<Paged<ListingRow>> {
    let sql = format!("SELECT {LISTING_COLUMNS} FROM listings WHERE auction = ?1");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = Vec::with_capacity(page.items.len());
    for (place, ()) in &page.items {
        rows.extend(statement.query_row([place.auction], listing).optional()?);
    }
    Ok(in_order(page, rows))
}

/// The numbers of a region with all below it, and a category with the kinds below it; each if it was asked for.
type Meant = (Option<(i64, i64)>, Option<Vec<i64>>);

/// The numbers of a search's region, and the kinds of its category.
pub(super) fn places_of(connection: &Connection, search: &Search) -> Result<Meant> {
    let region = search.region.map(|region| numbers_in(connection, region)).transpose()?;
    let kinds = search.category.map(|category| kinds_of(connection, category)).transpose()?;
    Ok((region, kinds))
}

/// Looks at rows of [`GLANCE_COLUMNS`] until `enough` were let through or `looks_max` were looked at.
fn look(wanted: &Wanted, rows: &mut Rows<'_>, enough: usize, looks_max: usize) -> Result<Seen<()>> {
    let mut seen = Seen::default();
    let mut looks = 0;
    while let Some(row) = rows.next()? {
        let listing = glance(row)?;
        looks += 1;
        let is_let_through = wanted.sieve.lets_through(&listing);
        let is_last = looks == looks_max || (is_let_through && seen.rows.len() + 1 == enough);
        if is_let_through || is_last {
            let place = wanted.place(&listing);
            seen.rows.extend(is_let_through.then_some((place, ())));
            seen.stopped = is_last.then_some(place);
        }
        if is_last {
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
