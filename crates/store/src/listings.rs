//! What every store makes of a search before and after it looks: what to let through, in which order, from where on,
//! and the page of what was seen. The stores differ only in how they look, so that they find the same.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use auction::{Condition, Status, Time};

use crate::pages;
use crate::records::{COUNTED_MAX, Count, Found, ListingRow, Page, Paged, Search, Sort};
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

/// What a look at some rows found.
#[derive(Default)]
pub struct Seen {
    /// The rows let through.
    pub rows: Vec<ListingRow>,
    /// Where the look ended, if it ended before the rows did.
    pub stopped: Option<Place>,
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
    pub fn place(&self, row: &ListingRow) -> Place {
        let value = match self.sort {
            Sort::Newest => 0,
            Sort::Ending => row.ends_at.0,
            Sort::PriceAscending | Sort::PriceDescending => row.price.won(),
            Sort::Bids => row.bid_count,
            Sort::Best => self.query.as_ref().map_or(0, |query| query.rank(&row.title)),
            Sort::Nearest => self.sieve.metres(row).unwrap_or(i64::MAX),
        };
        Place { value, auction: row.auction.0 }
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

    /// The page of `rows`, which are all there are, in any order.
    pub fn page_of(&self, rows: Vec<ListingRow>) -> Paged<ListingRow> {
        self.page_of_seen(Seen { rows, stopped: None })
    }

    /// The page of what was seen, in any order; it ends no later than where the look ended.
    pub fn page_of_seen(&self, seen: Seen) -> Paged<ListingRow> {
        let mut placed: Vec<(Place, ListingRow)> =
            seen.rows.into_iter().map(|row| (self.place(&row), row)).collect();
        placed.retain(|(place, _)| {
            self.compare(*place, self.after).is_gt()
                && seen.stopped.is_none_or(|end| self.compare(*place, end).is_le())
        });
        placed.sort_by(|(one, _), (other, _)| self.compare(*one, *other));
        let page = pages::cut(placed, self.limit, |(place, _)| place.to_string());
        Paged {
            items: page.items.into_iter().map(|(_, row)| row).collect(),
            next: page.next.or(seen.stopped.map(|end| end.to_string())),
        }
    }

    /// All that there is, with how much that is.
    pub fn found(&self, rows: Vec<ListingRow>, has_more: bool) -> Found {
        let count = Count { least: rows.len().min(COUNTED_MAX), has_more };
        Found { page: self.page_of(rows), count: Some(count) }
    }
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
    pub fn lets_through(&self, row: &ListingRow) -> bool {
        let is_there = match &self.area {
            None => true,
            Some(Area::Within((first, last))) => {
                row.nationwide || row.region.is_some_and(|region| (*first..=*last).contains(&region))
            }
            Some(Area::Near(_)) => self.metres(row).is_some(),
        };
        let is_kind = |kinds: &Vec<i64>| row.category.is_some_and(|kind| kinds.contains(&kind));
        is_there
            && self.statuses.contains(&row.status)
            && (self.min_price..=self.max_price).contains(&row.price.won())
            && self.categories.as_ref().is_none_or(is_kind)
            && self.condition.is_none_or(|condition| row.condition == Some(condition))
            && self.ends_by.is_none_or(|ends_by| row.ends_at <= ends_by)
            && !(self.reserve_met && row.is_below_reserve)
            && !(self.buy_now && row.buy_now.is_none())
            && !(self.pictured && row.picture.is_none())
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

    fn metres(&self, row: &ListingRow) -> Option<i64> {
        let Some(Area::Near(near)) = &self.area else { return None };
        near.metres.get(&row.region?).copied()
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
