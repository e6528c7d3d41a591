//! Searching listings: orders, sieves, pages, and what bounds them.

use auction::Status;
use ledger::Money;
use store::Records;
use store::records::{Page, Search, Sort};

use crate::house::{House, Value, first};

/// What one search of the store looks at: rows of a sieve's own index, rows of a walk.
const NARROW_MAX: usize = 2_000;
const WALKED_MAX: usize = 10_000;

/// A row of the listing table as a test says it; the rest stands at what is usual.
#[derive(Clone, Copy)]
pub struct Listed {
    pub title: &'static str,
    pub status: i64,
    pub price: i64,
    pub bid_count: i64,
    pub ends_at: i64,
    pub region: Option<i64>,
    pub nationwide: bool,
    pub category: Option<i64>,
}

pub const USUAL: Listed = Listed {
    title: "물건",
    status: 1,
    price: 1_000,
    bid_count: 0,
    ends_at: 100,
    region: None,
    nationwide: false,
    category: None,
};

/// 망원동's district, the city that holds it, and another one.
const MAPO: i64 = 1_014_000;
const SEOUL: i64 = 1_000_000;
const BUSAN: i64 = 2_000_000;

impl House {
    pub async fn listed(&self, rows: &[Listed]) {
        self.many(1, rows).await;
    }

    /// Writes all rows so many times over.
    pub async fn many(&self, times: usize, rows: &[Listed]) {
        let next = self.number("SELECT coalesce(max(auction), 0) FROM listings", &[]).await;
        let step = rows.len() as i64;
        for (at, row) in (1..).zip(rows) {
            let sql = "INSERT INTO listings (auction, seq, title, seller, category, region, nationwide, status, price, \
                       bid_count, starts_at, ends_at, told) SELECT n, 1, $4, 1, $5, $6, $7, $8, $9, $10, 0, $11, 1 \
                       FROM generate_series($1::bigint, $2::bigint, $3::bigint) AS n";
            let last = next + step * times as i64;
            let range: [Value<'_>; 3] = [&(next + at), &last, &step];
            let values: [Value<'_>; 8] = [
                &row.title,
                &row.category,
                &row.region,
                &row.nationwide,
                &row.status,
                &row.price,
                &row.bid_count,
                &row.ends_at,
            ];
            self.write(sql, &[&range[..], &values].concat()).await;
            let sql = "INSERT INTO listing_words (auction, words) SELECT n, array_to_tsvector($4) \
                       FROM generate_series($1::bigint, $2::bigint, $3::bigint) AS n";
            let tokens: Value<'_> = &store::words::tokens(row.title);
            self.write(sql, &[&range[..], &[tokens]].concat()).await;
        }
    }

    /// All pages of a search, of so many rows each; every page but the last must say where to go on.
    pub async fn search(&self, search: &Search, limit: usize) -> Vec<i64> {
        let (mut found, mut page) = (Vec::new(), first(limit));
        loop {
            let answer = self.records.listings(search.clone(), page).await.unwrap();
            assert!(answer.items.len() <= limit);
            found.extend(answer.items.iter().map(|row| row.auction.0));
            let Some(cursor) = answer.next else { return found };
            page = Page { cursor: Some(cursor), limit };
        }
    }

    async fn check(&self, search: &Search, expected: &[i64]) {
        for limit in [1, 2, 100] {
            assert_eq!(self.search(search, limit).await, expected, "by {limit}: {search:?}");
        }
    }
}

pub fn by(sort: Sort) -> Search {
    Search { sort, ..Search::default() }
}

#[tokio::test]
async fn each_order_is_paged_without_loss() {
    let house = House::open().await;
    let rows = [
        Listed { price: 3_000, ends_at: 50, bid_count: 2, ..USUAL },
        Listed { price: 1_000, ends_at: 70, bid_count: 0, ..USUAL },
        Listed { price: 2_000, ends_at: 50, bid_count: 2, status: 2, ..USUAL },
        Listed { price: 2_000, ends_at: 60, bid_count: 9, status: 0, ..USUAL },
        Listed { price: 2_000, ends_at: 40, bid_count: 1, ..USUAL },
    ];
    house.listed(&rows).await;
    house.check(&by(Sort::Newest), &[5, 4, 3, 2, 1]).await;
    house.check(&by(Sort::Ending), &[5, 1, 3, 4, 2]).await;
    house.check(&by(Sort::PriceAscending), &[2, 3, 4, 5, 1]).await;
    house.check(&by(Sort::PriceDescending), &[1, 5, 4, 3, 2]).await;
    house.check(&by(Sort::Bids), &[4, 3, 1, 5, 2]).await;
    let open = |sort| Search { status: Some(Status::Open), ..by(sort) };
    house.check(&open(Sort::Newest), &[5, 2, 1]).await;
    house.check(&open(Sort::Ending), &[5, 1, 2]).await;
    house.check(&open(Sort::PriceAscending), &[2, 5, 1]).await;
    house.check(&open(Sort::PriceDescending), &[1, 5, 2]).await;
    house.check(&open(Sort::Bids), &[1, 5, 2]).await;
}

#[tokio::test]
async fn prices_bound_every_order() {
    let house = House::open().await;
    let rows: Vec<Listed> = (1..=6).map(|price| Listed { price: price * 1_000, ..USUAL }).collect();
    house.listed(&rows).await;
    let between = |sort, min: i64, max: i64| Search {
        min_price: Money::new(min),
        max_price: Money::new(max),
        ..by(sort)
    };
    house.check(&between(Sort::PriceAscending, 2_000, 4_000), &[2, 3, 4]).await;
    house.check(&between(Sort::PriceDescending, 2_000, 4_000), &[4, 3, 2]).await;
    house.check(&between(Sort::Newest, 2_000, 4_000), &[4, 3, 2]).await;
    house.check(&between(Sort::Ending, 4_001, 5_999), &[5]).await;
    house.check(&between(Sort::Bids, 7_000, 9_000), &[]).await;
    house.check(&Search { min_price: Money::new(5_000), ..by(Sort::PriceAscending) }, &[5, 6]).await;
    house.check(&Search { max_price: Money::new(2_000), ..by(Sort::PriceDescending) }, &[2, 1]).await;
}

#[tokio::test]
async fn a_region_shows_all_below_it_and_what_is_nationwide() {
    let house = House::open().await;
    let at = |region: i64| Listed { region: Some(region), ..USUAL };
    let rows = [
        at(MAPO + 3),
        at(SEOUL + 1_001),
        at(BUSAN + 1_001),
        Listed { nationwide: true, ..at(BUSAN + 1_001) },
        Listed { nationwide: true, ..USUAL },
        USUAL,
    ];
    house.listed(&rows).await;
    let within = |region, sort| Search { region: Some(region), ..by(sort) };
    house.check(&within(MAPO, Sort::Newest), &[5, 4, 1]).await;
    house.check(&within(SEOUL, Sort::Newest), &[5, 4, 2, 1]).await;
    house.check(&within(BUSAN, Sort::Ending), &[3, 4, 5]).await;
    house.check(&within(99, Sort::Newest), &[5, 4]).await;
}

#[tokio::test]
async fn a_category_shows_all_below_it() {
    let house = House::open().await;
    let of = |category: i64| Listed { category: Some(category), ..USUAL };
    let nationwide = Listed { nationwide: true, ..of(301) };
    let rows = [of(300), of(301), of(400), USUAL, Listed { region: Some(MAPO), ..of(302) }, nationwide];
    house.listed(&rows).await;
    let kind = |category, region, sort| Search { category: Some(category), region, ..by(sort) };
    house.check(&kind(300, None, Sort::Newest), &[6, 5, 2, 1]).await;
    house.check(&kind(301, None, Sort::Ending), &[2, 6]).await;
    house.check(&kind(300, Some(SEOUL), Sort::PriceAscending), &[5, 6]).await;
    house.check(&kind(300, Some(BUSAN), Sort::PriceAscending), &[6]).await;
    house.check(&kind(7, None, Sort::Newest), &[]).await;
}

#[tokio::test]
async fn words_must_all_be_found() {
    let house = House::open().await;
    let titled = |title: &'static str| Listed { title, ..USUAL };
    let rows = [
        titled("원목의자를 팔아요"),
        Listed { price: 500_000, ..titled("LG 모니터 27인치") },
        titled("책상과 의자, \"새것\" OR NOT"),
        Listed { price: 5_000, ..titled("lg모니터 받침") },
    ];
    house.listed(&rows).await;
    let words = |words: &str, sort| Search { words: words.to_owned(), ..by(sort) };
    house.check(&words("의자", Sort::Newest), &[3, 1]).await;
    house.check(&words("의", Sort::Ending), &[1, 3]).await;
    house.check(&words("의자 책상", Sort::Newest), &[3]).await;
    house.check(&words("LG 모니", Sort::PriceAscending), &[4, 2]).await;
    house.check(&words("27", Sort::Newest), &[2]).await;
    house.check(&words("or not\" *", Sort::Newest), &[3]).await;
    house.check(&words("'의자' | !책상 & :* \\", Sort::Newest), &[3]).await;
    house.check(&words("!?", Sort::Newest), &[]).await;
    house.check(&words(" ", Sort::Newest), &[4, 3, 2, 1]).await;
    house.check(&words(&"의".repeat(3_000), Sort::Newest), &[]).await;
    house.check(&words(&"z".repeat(3_000), Sort::Newest), &[]).await;
    house.check(&Search { max_price: Money::new(9_000), ..words("lg", Sort::Newest) }, &[4]).await;
}

#[tokio::test]
async fn a_walk_that_finds_little_says_where_to_go_on() {
    let house = House::open().await;
    let wanted = Listed { category: Some(301), region: Some(MAPO), ..USUAL };
    house.listed(&[wanted]).await;
    // Too many of the region and of the category to be read whole, and none of both.
    house.many(NARROW_MAX, &[Listed { region: None, ..wanted }, Listed { category: None, ..wanted }]).await;
    house.many(WALKED_MAX - 2 * NARROW_MAX, &[USUAL]).await;
    let search = Search { category: Some(301), ..by(Sort::Newest) };
    assert_eq!(house.search(&search, 100).await.len(), NARROW_MAX + 1);
    let search = Search { region: Some(MAPO), ..search };
    assert_eq!(house.search(&search, 100).await, [1]);
    let dear = Search { min_price: Money::new(1), region: Some(MAPO), ..by(Sort::Bids) };
    assert_eq!(house.search(&dear, 100).await.len(), NARROW_MAX + 1);

    // The walk looks at ten thousand and one, and so it ends before the one it wants.
    let open = Search { status: Some(Status::Open), max_price: Money::new(999), ..by(Sort::Newest) };
    house.write("UPDATE listings SET price = 1 WHERE auction <= 2002", &[]).await;
    house.write("UPDATE listings SET category = NULL, region = NULL WHERE auction > 1", &[]).await;
    let page = house.records.listings(open.clone(), first(5)).await.unwrap();
    assert_eq!((page.items.len(), page.next.is_some()), (5, true));
    assert_eq!(house.search(&open, 100).await.len(), 2_002);
}

#[tokio::test]
async fn a_cursor_of_nobodys_leads_nowhere() {
    let house = House::open().await;
    house.listed(&[USUAL]).await;
    for cursor in ["", "1", "x.y", "1.2.3", "99999999999999999999.1"] {
        let page = Page { cursor: Some(cursor.to_owned()), limit: 5 };
        let answer = house.records.listings(Search::default(), page).await.unwrap();
        assert_eq!((answer.items, answer.next), (vec![], None), "{cursor}");
    }
    assert_eq!(house.search(&Search::default(), 5).await, [1]);
}
