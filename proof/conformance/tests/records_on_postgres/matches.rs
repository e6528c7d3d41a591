//! The newest listings that hold words: those of a scan of all, however they lie among the blocks of the index of words.

use ledger::Money;
use store::Records;
use store::records::{Page, Search, Sort};

use crate::house::{House, first};
use crate::listings::{Listed, USUAL, by};

/// How many matches of words one search of the store looks at.
const MATCHES_MAX: usize = 2_000;

/// More titles than are looked at for a page.
const MANY: usize = 20_000;

/// More titles than are looked through for one stretch.
const MANY_OTHERS: i64 = 200_000;

#[tokio::test]
async fn words_are_sorted_among_their_newest_matches() {
    let house = House::open().await;
    let chair = Listed { title: "의자", ..USUAL };
    house.listed(&[Listed { price: 1, ..chair }]).await;
    house.many(MATCHES_MAX, &[chair]).await;
    let search = Search { words: "의자".to_owned(), ..by(Sort::PriceAscending) };
    assert_eq!(house.search(&search, 100).await.len(), MATCHES_MAX);
    let newest = Search { sort: Sort::Newest, ..search.clone() };
    assert_eq!(house.search(&newest, 100).await.len(), MATCHES_MAX + 1);

    // Words that very many titles hold are found another way, with the same results.
    house.many(MANY, &[Listed { title: "의자와 책상", price: 2_000, ..USUAL }]).await;
    let found = house.search(&search, 100).await;
    let last = (1 + MATCHES_MAX + MANY) as i64;
    assert_eq!((found.len(), found[0]), (MATCHES_MAX, last + 1 - MATCHES_MAX as i64));
    let page = house.records.listings(newest, first(3)).await.unwrap();
    assert_eq!(page.items.iter().map(|row| row.auction.0).collect::<Vec<_>>(), [last, last - 1, last - 2]);
    let cheap = Search { sort: Sort::Newest, max_price: Money::new(1), ..search };
    assert_eq!(house.search(&cheap, 100).await, [1], "read on without end");
}

#[tokio::test]
async fn words_that_went_out_of_use_are_found_too() {
    let house = House::open().await;
    house.many(MANY + 1, &[Listed { title: "의자", ..USUAL }]).await;
    let sql = "INSERT INTO listing_words (auction, words) SELECT n, array_to_tsvector('{책상}') \
               FROM generate_series($1::bigint, $1::bigint + $2::bigint) AS n";
    let next = MANY as i64 + 2;
    house.write(sql, &[&next, &MANY_OTHERS]).await;
    let search = Search { words: "의자".to_owned(), ..by(Sort::PriceAscending) };
    assert_eq!(house.search(&search, 100).await.len(), MATCHES_MAX);
    let newest = Search { sort: Sort::Newest, ..search };
    let page = house.records.listings(newest, first(2)).await.unwrap();
    assert_eq!(page.items.iter().map(|row| row.auction.0).collect::<Vec<_>>(), [next - 1, next - 2]);
}

/// How many listings lie among the blocks, and how far apart: over all sizes of blocks, at no edge of any.
const SPREAD: i64 = 120_000;
const APART: i64 = 37;

/// The number of the listing that stands there.
fn auction(at: i64) -> i64 {
    at * APART + 5
}

/// A word, and which listings hold it, by where they stand.
struct Word {
    word: &'static str,
    is_held: fn(i64) -> bool,
}

/// Words that are held by all, by half, by few, only of old, only of late, in one stretch, and at both ends.
const WORDS: [Word; 8] = [
    Word { word: "의자", is_held: |_| true },
    Word { word: "책상", is_held: |at| at % 2 == 1 },
    Word { word: "자전거", is_held: |at| at % 997 == 0 },
    Word { word: "카메라", is_held: |at| at < SPREAD / 3 },
    Word { word: "노트북", is_held: |at| at > SPREAD - 700 },
    Word { word: "lamp", is_held: |at| at % 11 == 3 },
    Word { word: "radio", is_held: |at| (SPREAD / 2..SPREAD / 2 + 3_000).contains(&at) },
    Word { word: "소파", is_held: |at| at == 0 || at == SPREAD - 1 },
];

/// What is cheap, and so passes a sieve.
fn is_cheap(at: i64) -> bool {
    at % 501 == 0
}

/// Each listing with its words; a hundredth of them written anew, so that they lie elsewhere in the table.
async fn spread(house: &House) {
    let all: Vec<i64> = (0..SPREAD).collect();
    let auctions: Vec<i64> = all.iter().map(|at| auction(*at)).collect();
    let prices: Vec<i64> = all.iter().map(|at| if is_cheap(*at) { 1 } else { 1_000 }).collect();
    let title = |at: &i64| {
        let held = WORDS.iter().filter(|word| (word.is_held)(*at));
        held.map(|word| word.word).collect::<Vec<_>>().join(" ")
    };
    let tokens: Vec<String> = all.iter().map(|at| store::words::tokens(&title(at)).join(" ")).collect();
    let sql = "INSERT INTO listings (auction, seq, title, seller, nationwide, status, price, bid_count, starts_at, ends_at, \
               told) SELECT auction, 1, '', 1, false, 1, price, 0, 0, 100, 1 \
               FROM unnest($1::bigint[], $2::bigint[]) AS l (auction, price)";
    house.write(sql, &[&auctions, &prices]).await;
    let sql = "INSERT INTO listing_words (auction, words) \
               SELECT auction, array_to_tsvector(string_to_array(words, ' ')) \
               FROM unnest($1::bigint[], $2::text[]) AS w (auction, words)";
    house.write(sql, &[&auctions, &tokens]).await;
    house.write("UPDATE listing_words SET words = words WHERE auction % 100 = 0", &[]).await;
}

/// What a scan finds before a place, newest first.
fn scanned(is_held: impl Fn(i64) -> bool, before: i64, count: usize) -> Vec<i64> {
    (0..SPREAD)
        .rev()
        .filter(|at| is_held(*at))
        .map(auction)
        .filter(|auction| *auction < before)
        .take(count)
        .collect()
}

async fn page(house: &House, search: &Search, before: i64, limit: usize) -> Vec<i64> {
    let page = Page { cursor: Some(format!("0.{before}")), limit };
    let found = house.records.listings(search.clone(), page).await.unwrap();
    found.items.iter().map(|row| row.auction.0).collect()
}

#[tokio::test]
async fn no_match_is_lost_among_the_blocks() {
    let house = House::open().await;
    spread(&house).await;
    let pairs = WORDS.iter().flat_map(|one| WORDS.iter().map(move |other| (one, other)));
    for (one, other) in pairs.filter(|(one, other)| one.word <= other.word) {
        let is_held = |at| (one.is_held)(at) && (other.is_held)(at);
        let words = format!("{} {}", one.word, other.word);
        let newest = Search { words: words.clone(), ..by(Sort::Newest) };
        // From the end, from between two listings, from the edge of a block and beside it, from the middle of one.
        let last = auction(SPREAD - 1);
        for before in [
            last + 1,
            last,
            4_194_304,
            4_194_305,
            3_000_000,
            2_097_152,
            2_097_151,
            1_310_721,
            50_000,
            43,
            6,
            5,
        ] {
            let found = page(&house, &newest, before, 60).await;
            assert_eq!(found, scanned(is_held, before, 60), "{words} before {before}");
        }
        // As few pass the sieve, one page after another goes through all that hold the words.
        let cheap = Search { max_price: Money::new(1), ..newest };
        let found = house.search(&cheap, 100).await;
        assert_eq!(found, scanned(|at| is_held(at) && is_cheap(at), i64::MAX, usize::MAX), "{words}");
    }
    // Sorted otherwise, they are the newest of all, and not one more.
    for word in WORDS {
        let search = Search { words: word.word.to_owned(), ..by(Sort::PriceDescending) };
        let mut found = house.search(&search, 100).await;
        found.sort_unstable_by_key(|auction| std::cmp::Reverse(*auction));
        assert_eq!(found, scanned(word.is_held, i64::MAX, MATCHES_MAX), "{}", word.word);
    }
}
