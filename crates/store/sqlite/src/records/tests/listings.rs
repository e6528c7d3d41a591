//! Searching listings: orders, sieves, pages, and what bounds them.

use auction::Status;
use ledger::Money;
use store::Records;
use store::records::{Page, Search, Sort};

use super::{House, first};
use crate::records::listings::{MATCHES_MAX, NARROW_MAX, WALKED_MAX};

/// A row of the listing table as a test says it; the rest stands at what is usual.
#[derive(Clone, Copy)]
struct Listed {
    title: &'static str,
    status: i64,
    price: i64,
    bid_count: i64,
    ends_at: i64,
    region: Option<i64>,
    nationwide: bool,
    category: Option<i64>,
}

const USUAL: Listed = Listed {
    title: "물건",
    status: 1,
    price: 1_000,
    bid_count: 0,
    ends_at: 100,
    region: None,
    nationwide: false,
    category: None,
};

/// 망원동, and another neighbourhood of Seoul, and one elsewhere.
const MAPO: i64 = 1_014_000;
const SEOUL: i64 = 1_000_000;
const BUSAN: i64 = 2_000_000;

impl House {
    fn listed(&self, rows: &[Listed]) {
        self.many(1, rows);
    }

    /// Writes all rows so many times over.
    fn many(&self, times: usize, rows: &[Listed]) {
        let writer = self.writer.borrow();
        writer.0.execute_batch("BEGIN").unwrap();
        let sql = "INSERT INTO listings (auction, seq, title, seller, category, region, nationwide, status, price, \
                   bid_count, starts_at, ends_at) SELECT 1 + coalesce(max(auction), 0), 1, ?1, 1, ?2, ?3, ?4, ?5, ?6, ?7, \
                   0, ?8 FROM listings RETURNING auction";
        let mut insert = writer.0.prepare(sql).unwrap();
        let mut words = writer.0.prepare("INSERT INTO listing_words (rowid, words) VALUES (?1, ?2)").unwrap();
        for row in (0..times).flat_map(|_| rows) {
            let place = (row.category, row.region, row.nationwide, row.status);
            let values =
                (row.title, place.0, place.1, place.2, place.3, row.price, row.bid_count, row.ends_at);
            let id: i64 = insert.query_row(values, |row| row.get(0)).unwrap();
            words.execute((id, store::words::tokens(row.title).join(" "))).unwrap();
        }
        writer.0.execute_batch("COMMIT").unwrap();
    }

    /// All pages of a search, of so many rows each; every page but the last must say where to go on.
    fn search(&self, search: &Search, limit: usize) -> Vec<i64> {
        let (mut found, mut page) = (Vec::new(), first(limit));
        loop {
            let answer = self.ask(self.records.listings(search.clone(), page));
            assert!(answer.items.len() <= limit);
            found.extend(answer.items.iter().map(|row| row.auction.0));
            let Some(cursor) = answer.next else { return found };
            page = Page { cursor: Some(cursor), limit };
        }
    }

    #[track_caller]
    fn check(&self, search: &Search, expected: &[i64]) {
        for limit in [1, 2, 100] {
            assert_eq!(self.search(search, limit), expected, "by {limit}: {search:?}");
        }
    }
}

fn by(sort: Sort) -> Search {
    Search { sort, ..Search::default() }
}

#[test]
fn each_order_is_paged_without_loss() {
    let house = House::open();
    house.listed(&[
        Listed { price: 3_000, ends_at: 50, bid_count: 2, ..USUAL },
        Listed { price: 1_000, ends_at: 70, bid_count: 0, ..USUAL },
        Listed { price: 2_000, ends_at: 50, bid_count: 2, status: 2, ..USUAL },
        Listed { price: 2_000, ends_at: 60, bid_count: 9, status: 0, ..USUAL },
        Listed { price: 2_000, ends_at: 40, bid_count: 1, ..USUAL },
    ]);
    house.check(&by(Sort::Newest), &[5, 4, 3, 2, 1]);
    house.check(&by(Sort::Ending), &[5, 1, 3, 4, 2]);
    house.check(&by(Sort::PriceAscending), &[2, 3, 4, 5, 1]);
    house.check(&by(Sort::PriceDescending), &[1, 5, 4, 3, 2]);
    house.check(&by(Sort::Bids), &[4, 3, 1, 5, 2]);
    let open = |sort| Search { status: Some(Status::Open), ..by(sort) };
    house.check(&open(Sort::Newest), &[5, 2, 1]);
    house.check(&open(Sort::Ending), &[5, 1, 2]);
    house.check(&open(Sort::PriceAscending), &[2, 5, 1]);
    house.check(&open(Sort::PriceDescending), &[1, 5, 2]);
    house.check(&open(Sort::Bids), &[1, 5, 2]);
}

#[test]
fn prices_bound_every_order() {
    let house = House::open();
    let rows: Vec<Listed> = (1..=6).map(|price| Listed { price: price * 1_000, ..USUAL }).collect();
    house.listed(&rows);
    let between = |sort, min: i64, max: i64| Search {
        min_price: Money::new(min),
        max_price: Money::new(max),
        ..by(sort)
    };
    house.check(&between(Sort::PriceAscending, 2_000, 4_000), &[2, 3, 4]);
    house.check(&between(Sort::PriceDescending, 2_000, 4_000), &[4, 3, 2]);
    house.check(&between(Sort::Newest, 2_000, 4_000), &[4, 3, 2]);
    house.check(&between(Sort::Ending, 4_001, 5_999), &[5]);
    house.check(&between(Sort::Bids, 7_000, 9_000), &[]);
    house.check(&Search { min_price: Money::new(5_000), ..by(Sort::PriceAscending) }, &[5, 6]);
    house.check(&Search { max_price: Money::new(2_000), ..by(Sort::PriceDescending) }, &[2, 1]);
}

#[test]
fn a_region_shows_all_below_it_and_what_is_nationwide() {
    let house = House::open();
    let at = |region: i64| Listed { region: Some(region), ..USUAL };
    house.listed(&[
        at(MAPO + 3),
        at(SEOUL + 1_001),
        at(BUSAN + 1_001),
        Listed { nationwide: true, ..at(BUSAN + 1_001) },
        Listed { nationwide: true, ..USUAL },
        USUAL,
    ]);
    let within = |region, sort| Search { region: Some(region), ..by(sort) };
    house.check(&within(MAPO, Sort::Newest), &[5, 4, 1]);
    house.check(&within(SEOUL, Sort::Newest), &[5, 4, 2, 1]);
    house.check(&within(BUSAN, Sort::Ending), &[3, 4, 5]);
    house.check(&within(99, Sort::Newest), &[5, 4]);
}

#[test]
fn a_category_shows_all_below_it() {
    let house = House::open();
    let of = |category: i64| Listed { category: Some(category), ..USUAL };
    let nationwide = Listed { nationwide: true, ..of(301) };
    house.listed(&[of(300), of(301), of(400), USUAL, Listed { region: Some(MAPO), ..of(302) }, nationwide]);
    let kind = |category, region, sort| Search { category: Some(category), region, ..by(sort) };
    house.check(&kind(300, None, Sort::Newest), &[6, 5, 2, 1]);
    house.check(&kind(301, None, Sort::Ending), &[2, 6]);
    house.check(&kind(300, Some(SEOUL), Sort::PriceAscending), &[5, 6]);
    house.check(&kind(300, Some(BUSAN), Sort::PriceAscending), &[6]);
    house.check(&kind(7, None, Sort::Newest), &[]);
}

#[test]
fn words_must_all_be_found() {
    let house = House::open();
    let titled = |title: &'static str| Listed { title, ..USUAL };
    house.listed(&[
        titled("원목의자를 팔아요"),
        Listed { price: 500_000, ..titled("LG 모니터 27인치") },
        titled("책상과 의자, \"새것\" OR NOT"),
        Listed { price: 5_000, ..titled("lg모니터 받침") },
    ]);
    let words = |words: &str, sort| Search { words: words.to_owned(), ..by(sort) };
    house.check(&words("의자", Sort::Newest), &[3, 1]);
    house.check(&words("의", Sort::Ending), &[1, 3]);
    house.check(&words("의자 책상", Sort::Newest), &[3]);
    house.check(&words("LG 모니", Sort::PriceAscending), &[4, 2]);
    house.check(&words("27", Sort::Newest), &[2]);
    house.check(&words("or not\" *", Sort::Newest), &[3]);
    house.check(&words("!?", Sort::Newest), &[]);
    house.check(&words(" ", Sort::Newest), &[4, 3, 2, 1]);
    house.check(&Search { max_price: Money::new(9_000), ..words("lg", Sort::Newest) }, &[4]);
}

#[test]
fn a_walk_that_finds_little_says_where_to_go_on() {
    let house = House::open();
    let wanted = Listed { category: Some(301), region: Some(MAPO), ..USUAL };
    house.listed(&[wanted]);
    // Too many of the region and of the category to be read whole, and none of both.
    house.many(NARROW_MAX, &[Listed { region: None, ..wanted }, Listed { category: None, ..wanted }]);
    house.many(WALKED_MAX - 2 * NARROW_MAX, &[USUAL]);
    let search = Search { category: Some(301), ..by(Sort::Newest) };
    assert_eq!(house.search(&search, 100).len(), NARROW_MAX + 1);
    let search = Search { region: Some(MAPO), ..search };
    assert_eq!(house.search(&search, 100), [1]);
    let dear = Search { min_price: Money::new(1), region: Some(MAPO), ..by(Sort::Bids) };
    assert_eq!(house.search(&dear, 100).len(), NARROW_MAX + 1);
}

#[test]
fn words_are_sorted_among_their_newest_matches() {
    let house = House::open();
    let chair = Listed { title: "의자", ..USUAL };
    house.listed(&[Listed { price: 1, ..chair }]);
    house.many(MATCHES_MAX, &[chair]);
    let search = Search { words: "의자".to_owned(), ..by(Sort::PriceAscending) };
    assert_eq!(house.search(&search, 100).len(), MATCHES_MAX);
    let newest = Search { sort: Sort::Newest, ..search };
    assert_eq!(house.search(&newest, 100).len(), MATCHES_MAX + 1);
}

#[test]
fn a_cursor_of_nobodys_leads_nowhere() {
    let house = House::open();
    house.listed(&[USUAL]);
    for cursor in ["", "1", "x.y", "1.2.3", "99999999999999999999.1"] {
        let page = Page { cursor: Some(cursor.to_owned()), limit: 5 };
        let answer = house.ask(house.records.listings(Search::default(), page));
        assert_eq!((answer.items, answer.next), (vec![], None), "{cursor}");
    }
    assert_eq!(house.search(&Search::default(), 5), [1]);
}
