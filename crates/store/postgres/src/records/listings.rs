//! Searching the listing table: pages in five orders, sieved by status, words, region, category and price.
//!
//! No search may cost more than a bounded number of rows looked at, whatever is asked of a million auctions:
//! - without sieves a page is read from the index of its order (`walk`);
//! - by words, the newest [`MATCHES_MAX`] matches are taken and then sorted (`matches`); newest first they are read on
//!   without end;
//! - otherwise, if the sieve's own index (`narrow`) holds at most [`NARROW_MAX`] rows, these are sorted; if it holds
//!   more, the walk will meet them soon. A walk that has looked at [`WALKED_MAX`] rows ends the page early and says
//!   where to go on.

pub(super) mod matches;
pub(super) mod narrow;
pub(super) mod walk;

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use auction::{AuctionId, Condition, Outcome, Seq, Status, Time};
use ledger::MemberId;
use store::records::{ListingRow, Page, Paged, Search, Sort};
use tokio_postgres::Row;

use crate::pool::Connection;
use crate::rows::{self, Result, number_of, one_of, pictures};
use store::pages;

/// How many matches of words are looked at for one page.
const MATCHES_MAX: usize = 2_000;

/// How many rows of a sieve's own index are read to be sorted.
const NARROW_MAX: usize = 2_000;

/// How many rows a walk looks at for one page.
const WALKED_MAX: usize = 10_000;

/// A listing's columns, in the order in which [`listing`] reads them.
pub(super) const LISTING_COLUMNS: &str = "auction, seq, title, seller, category, region, nationwide, condition, status, \
     outcome, price, buy_now, bid_count, starts_at, ends_at, picture, picture_alt, picture_width, picture_height, \
     picture_colour";

/// How many they are.
pub(super) const LISTING_WIDTH: usize = 20;

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
    })
}

/// A page of what the search finds.
pub(super) async fn search(store: &Connection, search: &Search, page: &Page) -> Result<Paged<ListingRow>> {
    let Some(wanted) = Wanted::of(store, search, page).await? else { return Ok(pages::empty()) };
    if !search.words.trim().is_empty() {
        return matches::page(store, &wanted, &search.words).await;
    }
    match narrow::all(store, &wanted).await? {
        Some(rows) => Ok(wanted.page_of(rows)),
        None => walk::page(store, &wanted).await,
    }
}

/// The listings of these auctions that the sieve lets through, in any order.
async fn of_auctions(store: &Connection, sieve: &Sieve, auctions: &[i64]) -> Result<Vec<ListingRow>> {
    let sql = format!("SELECT {LISTING_COLUMNS} FROM listings WHERE auction = ANY($1)");
    let mut rows: Vec<ListingRow> =
        store.query(&sql, &[&auctions]).await?.iter().map(listing).collect::<Result<_>>()?;
    rows.retain(|row| sieve.lets_through(row));
    Ok(rows)
}

/// A search made ready: what to let through, in which order, from where on, and how much of it.
struct Wanted {
    sieve: Sieve,
    sort: Sort,
    after: Place,
    limit: usize,
}

/// What a listing must have, but for words.
struct Sieve {
    statuses: Vec<i64>,
    /// The numbers of the region and of all below it.
    region: Option<(i64, i64)>,
    categories: Option<Vec<i64>>,
    min_price: i64,
    max_price: i64,
}

/// Where a listing stands in an order; its text is the cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    value: i64,
    auction: i64,
}

/// What a look at some rows found.
#[derive(Default)]
struct Seen {
    rows: Vec<ListingRow>,
    /// Where the look ended, if it ended before the rows did.
    stopped: Option<Place>,
}

impl Wanted {
    /// `None` if nothing can be found: the cursor is none of ours, or there is no such category.
    async fn of(store: &Connection, search: &Search, page: &Page) -> Result<Option<Wanted>> {
        let sieve = Sieve::of(store, search).await?;
        let start = Place::start(search.sort, &sieve);
        let is_void = sieve.categories.as_ref().is_some_and(Vec::is_empty);
        let Some(after) = pages::place(page, start).filter(|_| !is_void) else { return Ok(None) };
        Ok(Some(Wanted { sieve, sort: search.sort, after, limit: pages::limit(page) }))
    }

    /// Whether the row is let through and lies on this page or a later one.
    fn is_ahead(&self, row: &ListingRow) -> bool {
        self.sort.compare(Place::of(self.sort, row), self.after).is_gt()
    }

    /// The page of `rows`, which are all there are, in any order.
    fn page_of(&self, rows: Vec<ListingRow>) -> Paged<ListingRow> {
        self.page_of_seen(Seen { rows, stopped: None })
    }

    /// The page of what was seen, in any order; it ends no later than where the look ended.
    fn page_of_seen(&self, mut seen: Seen) -> Paged<ListingRow> {
        let place = |row: &ListingRow| Place::of(self.sort, row);
        let is_seen =
            |row: &ListingRow| seen.stopped.is_none_or(|end| self.sort.compare(place(row), end).is_le());
        seen.rows.retain(|row| self.is_ahead(row) && is_seen(row));
        seen.rows.sort_by(|one, other| self.sort.compare(place(one), place(other)));
        let page = pages::cut(seen.rows, self.limit, |row| place(row).to_string());
        Paged { next: page.next.or(seen.stopped.map(|end| end.to_string())), ..page }
    }
}

impl Sieve {
    async fn of(store: &Connection, search: &Search) -> Result<Sieve> {
        let statuses = match search.status {
            Some(status) => vec![number_of(&Status::ALL, &status)],
            None => Status::ALL.iter().map(|status| number_of(&Status::ALL, status)).collect(),
        };
        let region = match search.region {
            Some(region) => Some(numbers_in(store, region).await?),
            None => None,
        };
        let categories = match search.category {
            Some(category) => Some(kinds_of(store, category).await?),
            None => None,
        };
        Ok(Sieve {
            statuses,
            region,
            categories,
            min_price: search.min_price.map_or(0, ledger::Money::won),
            max_price: search.max_price.map_or(i64::MAX, ledger::Money::won),
        })
    }

    fn lets_through(&self, row: &ListingRow) -> bool {
        let is_in =
            |(first, last): (i64, i64)| row.region.is_some_and(|region| (first..=last).contains(&region));
        self.statuses.contains(&number_of(&Status::ALL, &row.status))
            && (self.min_price..=self.max_price).contains(&row.price.won())
            && self.region.is_none_or(|region| row.nationwide || is_in(region))
            && self
                .categories
                .as_ref()
                .is_none_or(|kinds| row.category.is_some_and(|kind| kinds.contains(&kind)))
    }

    fn is_by_price(&self) -> bool {
        self.min_price > 0 || self.max_price < i64::MAX
    }
}

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

/// How the orders compare places.
trait Order {
    /// Whether the largest value comes first.
    fn is_falling(&self) -> bool;
    /// Which place comes first.
    fn compare(&self, one: Place, other: Place) -> Ordering;
}

impl Order for Sort {
    fn is_falling(&self) -> bool {
        match self {
            Sort::Newest | Sort::PriceDescending | Sort::Bids => true,
            Sort::Ending | Sort::PriceAscending => false,
        }
    }

    fn compare(&self, one: Place, other: Place) -> Ordering {
        let rising = (one.value, one.auction).cmp(&(other.value, other.auction));
        if self.is_falling() { rising.reverse() } else { rising }
    }
}

impl Place {
    fn of(sort: Sort, row: &ListingRow) -> Place {
        let value = match sort {
            Sort::Newest => 0,
            Sort::Ending => row.ends_at.0,
            Sort::PriceAscending | Sort::PriceDescending => row.price.won(),
            Sort::Bids => row.bid_count,
        };
        Place { value, auction: row.auction.0 }
    }

    /// Before everything that the sieve may let through.
    fn start(sort: Sort, sieve: &Sieve) -> Place {
        match sort {
            Sort::PriceAscending => Place { value: sieve.min_price, auction: i64::MIN },
            Sort::PriceDescending => Place { value: sieve.max_price, auction: i64::MAX },
            Sort::Ending => Place { value: i64::MIN, auction: i64::MIN },
            Sort::Newest | Sort::Bids => Place { value: i64::MAX, auction: i64::MAX },
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.value, self.auction)
    }
}

impl FromStr for Place {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> std::result::Result<Place, Self::Err> {
        let (value, auction) = text.split_once('.').unwrap_or((text, ""));
        Ok(Place { value: value.parse()?, auction: auction.parse()? })
    }
}
