//! What every store makes of a search before and after it looks: what to let through, in which order, from where on,
//! and the page of what was seen. The stores differ only in how they look, so that they find the same.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use auction::{Condition, Status, Time};

use crate::pages;
use crate::records::{ListingRow, Page, Paged, Search, Sort};
use crate::words::Query;

/// A search made ready: what to let through, in which order, from where on, and how much of it.
pub struct Wanted {
    /// What a listing must have, but for words.
    pub sieve: Sieve,
    /// In which order.
    pub sort: Sort,
    /// Where the page begins.
    pub after: Place,
    /// How many rows it may have.
    pub limit: usize,
    /// The words, where the order asks how well they are answered.
    query: Option<Query>,
}

/// What a listing must have, but for words.
pub struct Sieve {
    /// One of these.
    pub statuses: Vec<Status>,
    /// Where it stands.
    pub area: Option<Area>,
    /// One of these kinds.
    pub categories: Option<Vec<i64>>,
    /// At least this price.
    pub min_price: i64,
    /// At most this price.
    pub max_price: i64,
    /// How worn it is.
    pub condition: Option<Condition>,
    /// It ends by then.
    pub ends_by: Option<Time>,
    /// Its last bid would buy it.
    pub reserve_met: bool,
    /// It has a buy-now price.
    pub buy_now: bool,
    /// It has a picture.
    pub pictured: bool,
}

/// Where a listing must stand.
pub enum Area {
    /// In a region with the numbers of all below it, or nationwide.
    Within((i64, i64)),
    /// In one of these regions.
    Near(Nearby),
}

/// The regions near a place.
pub struct Nearby {
    /// Their numbers, nearest first.
    pub nearest: Vec<i64>,
    /// The same as ranges of numbers, in order.
    pub ranges: Vec<(i64, i64)>,
    metres: HashMap<i64, i64>,
}

/// Where a listing stands in an order; its text is the cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// By what the order goes.
    pub value: i64,
    /// The auction, where that is the same.
    pub auction: i64,
}

/// What sieves and orders ask of a listing: far less than a page shows, for thousands are looked at for one page.
pub struct Glance<'a> {
    /// Which auction.
    pub auction: i64,
    /// Its title.
    pub title: &'a str,
    /// In which state it stands.
    pub status: Status,
    /// Of which kind.
    pub category: Option<i64>,
    /// Where it is.
    pub region: Option<i64>,
    /// Whether it is for everybody, wherever he lives.
    pub nationwide: bool,
    /// How worn it is.
    pub condition: Option<Condition>,
    /// Its price, in won.
    pub price: i64,
    /// Whether it has a buy-now price.
    pub buy_now: bool,
    /// How many bids count on it.
    pub bid_count: i64,
    /// When it ends.
    pub ends_at: Time,
    /// Whether it has a picture.
    pub pictured: bool,
    /// Whether its last bid would not buy it.
    pub below_reserve: bool,
}

impl<'a> From<&'a ListingRow> for Glance<'a> {
    fn from(row: &'a ListingRow) -> Glance<'a> {
        Glance {
            auction: row.auction.0,
            title: &row.title,
            status: row.status,
            category: row.category,
            region: row.region,
            nationwide: row.nationwide,
            condition: row.condition,
            price: row.price.won(),
            buy_now: row.buy_now.is_some(),
            bid_count: row.bid_count,
            ends_at: row.ends_at,
            pictured: row.picture.is_some(),
            below_reserve: row.is_below_reserve,
        }
    }
}

/// What a look at some listings found: where each stands that was let through, and what else was kept of it.
pub struct Seen<Kept> {
    /// The listings let through.
    pub rows: Vec<(Place, Kept)>,
    /// Where the look ended, if it ended before the listings did.
    pub stopped: Option<Place>,
}

impl<Kept> Default for Seen<Kept> {
    fn default() -> Seen<Kept> {
        Seen { rows: Vec::new(), stopped: None }
    }
}

impl Wanted {
    /// A search made ready by what the store knows of its region and category: the numbers of the one and the kinds of the
    /// other. `None` if nothing can be found: the cursor is none of ours, or there is no such category.
    pub fn of(
        search: &Search,
        page: &Page,
        region: Option<(i64, i64)>,
        kinds: Option<Vec<i64>>,
    ) -> Option<Wanted> {
        let has_words = !search.words.trim().is_empty();
        let sort = match search.sort {
            Sort::Best if !has_words => Sort::Newest,
            Sort::Nearest if search.near.is_none() => Sort::Newest,
            sort => sort,
        };
        let sieve = Sieve::of(search, region, kinds);
        let is_void = sieve.categories.as_ref().is_some_and(Vec::is_empty)
            || matches!(&sieve.area, Some(Area::Near(near)) if near.nearest.is_empty());
        let after = pages::place(page, Place::start(sort, &sieve)).filter(|_| !is_void)?;
        let query = (sort == Sort::Best).then(|| Query::of(&search.words));
        Some(Wanted { sieve, sort, after, limit: pages::limit(page), query })
    }

    /// Where a listing stands.
    pub fn place(&self, listing: &Glance<'_>) -> Place {
        let value = match self.sort {
            Sort::Newest => 0,
            Sort::Ending => listing.ends_at.0,
            Sort::PriceAscending | Sort::PriceDescending => listing.price,
            Sort::Bids => listing.bid_count,
            Sort::Best => self.query.as_ref().map_or(0, |query| query.rank(listing.title)),
            Sort::Nearest => self.sieve.metres(listing).unwrap_or(i64::MAX),
        };
        Place { value, auction: listing.auction }
    }

    /// Which place comes first.
    pub fn compare(&self, one: Place, other: Place) -> Ordering {
        let (values, auctions) = (one.value.cmp(&other.value), one.auction.cmp(&other.auction));
        match self.sort {
            Sort::Newest | Sort::PriceDescending | Sort::Bids => values.then(auctions).reverse(),
            Sort::Ending | Sort::PriceAscending => values.then(auctions),
            Sort::Best | Sort::Nearest => values.then(auctions.reverse()),
        }
    }

    /// Which of two looks ended first: what lies behind that was not seen whole.
    pub fn first(&self, one: Option<Place>, other: Option<Place>) -> Option<Place> {
        match (one, other) {
            (Some(one), Some(other)) if self.compare(other, one).is_lt() => Some(other),
            (None, other) => other,
            (one, _) => one,
        }
    }

    /// The page of what was seen, in any order; it ends no later than where the look ended.
    pub fn page_of<Kept>(&self, seen: Seen<Kept>) -> Paged<(Place, Kept)> {
        let Seen { mut rows, stopped } = seen;
        rows.retain(|(place, _)| {
            self.compare(*place, self.after).is_gt()
                && stopped.is_none_or(|end| self.compare(*place, end).is_le())
        });
        rows.sort_unstable_by(|(one, _), (other, _)| self.compare(*one, *other));
        let page = pages::cut(rows, self.limit, |(place, _)| place.to_string());
        Paged { items: page.items, next: page.next.or(stopped.map(|end| end.to_string())) }
    }
}

/// The page of these listings, which were read in any order, in the order of the places; one that was taken away meanwhile is
/// left out.
pub fn in_order(page: Paged<(Place, ())>, rows: Vec<ListingRow>) -> Paged<ListingRow> {
    let mut rows: HashMap<i64, ListingRow> = rows.into_iter().map(|row| (row.auction.0, row)).collect();
    let items = page.items.iter().filter_map(|(place, ())| rows.remove(&place.auction));
    Paged { items: items.collect(), next: page.next }
}

impl Sieve {
    fn of(search: &Search, region: Option<(i64, i64)>, kinds: Option<Vec<i64>>) -> Sieve {
        let near = search.near.as_ref().map(|near| Area::Near(Nearby::of(&near.regions)));
        Sieve {
            statuses: search.status.map_or_else(|| Status::ALL.to_vec(), |status| vec![status]),
            area: near.or(region.map(Area::Within)),
            categories: kinds,
            min_price: search.min_price.map_or(0, ledger::Money::won),
            max_price: search.max_price.map_or(i64::MAX, ledger::Money::won),
            condition: search.condition,
            ends_by: search.ends_by,
            reserve_met: search.reserve_met,
            buy_now: search.buy_now,
            pictured: search.pictured,
        }
    }

    /// Whether a listing is let through.
    pub fn lets_through(&self, listing: &Glance<'_>) -> bool {
        let is_there = match &self.area {
            None => true,
            Some(Area::Within((first, last))) => {
                listing.nationwide || listing.region.is_some_and(|region| (*first..=*last).contains(&region))
            }
            Some(Area::Near(_)) => self.metres(listing).is_some(),
        };
        let is_kind = |kinds: &Vec<i64>| listing.category.is_some_and(|kind| kinds.contains(&kind));
        is_there
            && self.statuses.contains(&listing.status)
            && (self.min_price..=self.max_price).contains(&listing.price)
            && self.categories.as_ref().is_none_or(is_kind)
            && self.condition.is_none_or(|condition| listing.condition == Some(condition))
            && self.ends_by.is_none_or(|ends_by| listing.ends_at <= ends_by)
            && (!self.reserve_met || !listing.below_reserve)
            && (!self.buy_now || listing.buy_now)
            && (!self.pictured || listing.pictured)
    }

    /// Whether it asks for a price.
    pub fn is_by_price(&self) -> bool {
        self.min_price > 0 || self.max_price < i64::MAX
    }

    /// Whether it asks for nothing but statuses, places and kinds.
    pub fn is_plain(&self) -> bool {
        !self.is_by_price()
            && self.condition.is_none()
            && self.ends_by.is_none()
            && !self.reserve_met
            && !self.buy_now
            && !self.pictured
    }

    /// The latest end it lets through.
    pub fn latest_end(&self) -> i64 {
        self.ends_by.map_or(i64::MAX, |ends_by| ends_by.0)
    }

    fn metres(&self, listing: &Glance<'_>) -> Option<i64> {
        let Some(Area::Near(near)) = &self.area else { return None };
        near.metres.get(&listing.region?).copied()
    }
}

impl Nearby {
    fn of(regions: &[(i64, i64)]) -> Nearby {
        let nearest: Vec<i64> = regions.iter().map(|(region, _)| *region).collect();
        let mut sorted = nearest.clone();
        sorted.sort_unstable();
        let mut ranges: Vec<(i64, i64)> = Vec::new();
        for region in sorted {
            match ranges.last_mut() {
                Some((_, last)) if *last + 1 >= region => *last = region,
                _ => ranges.push((region, region)),
            }
        }
        Nearby { nearest, ranges, metres: regions.iter().copied().collect() }
    }
}

impl Place {
    /// Before everything that the sieve may let through.
    fn start(sort: Sort, sieve: &Sieve) -> Place {
        match sort {
            Sort::PriceAscending => Place { value: sieve.min_price, auction: i64::MIN },
            Sort::PriceDescending => Place { value: sieve.max_price, auction: i64::MAX },
            Sort::Ending => Place { value: i64::MIN, auction: i64::MIN },
            Sort::Newest | Sort::Bids => Place { value: i64::MAX, auction: i64::MAX },
            Sort::Best | Sort::Nearest => Place { value: i64::MIN, auction: i64::MAX },
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

    fn from_str(text: &str) -> Result<Place, Self::Err> {
        let (value, auction) = text.split_once('.').unwrap_or((text, ""));
        Ok(Place { value: value.parse()?, auction: auction.parse()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_one_range() {
        let near = Nearby::of(&[(7, 10), (5, 20), (6, 30), (9, 40)]);
        assert_eq!((near.nearest, near.ranges), (vec![7, 5, 6, 9], vec![(5, 7), (9, 9)]));
    }
}
