//! Plans: no search sorts or scans the listings, however many there are.

use store::records::Sort;

use super::House;
use crate::journal::FORGOTTEN;
use crate::records::admin::{WHERE_HE_BID, WHERE_HE_BID_HERE};
use crate::records::listings::narrow::{IN_REGION, Slice};
use crate::records::listings::{COUNT, COUNT_WITHIN, matches, walk};
use crate::records::money::DEPOSITS;
use crate::records::talk;
use crate::records::{follow::endings, saved, watching};

fn plan(house: &House, sql: &str) -> String {
    let writer = house.writer.borrow();
    let mut statement = writer.0.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let values = vec![rusqlite::types::Null; statement.parameter_count()];
    let lines =
        statement.query_map(rusqlite::params_from_iter(values), |row| row.get::<_, String>(3)).unwrap();
    lines.map(Result::unwrap).collect::<Vec<_>>().join("; ")
}

#[test]
fn every_order_is_read_from_its_own_index() {
    let house = House::open();
    for (sort, index, ranges) in [
        (Sort::Newest, "listings_by_status", vec!["rowid<?"]),
        (Sort::Ending, "listings_by_end", vec!["ends_at=? AND rowid>?", "ends_at>? AND ends_at<?"]),
        (Sort::PriceAscending, "listings_by_price", vec!["price=? AND rowid>?", "price>? AND price<?"]),
        (Sort::PriceDescending, "listings_by_price", vec!["price=? AND rowid<?", "price>? AND price<?"]),
        (Sort::Bids, "listings_by_bids", vec!["bid_count=? AND rowid<?", "bid_count<?"]),
    ] {
        let range = |range| format!("SEARCH listings USING INDEX {index} (status=? AND {range})");
        let expected = match *ranges {
            [one] => range(one),
            [same, beyond] => format!("MERGE (UNION ALL); LEFT; {}; RIGHT; {}", range(same), range(beyond)),
            _ => unreachable!(),
        };
        assert_eq!(plan(&house, &walk::sql(sort)), expected, "{sort:?}");
    }
}

/// However many bids a member has made, each costs a look by key; and what is over is not read to find what was forgotten.
#[test]
fn chores_and_what_was_forgotten_are_found_by_keys() {
    let house = House::open();
    for (sql, first) in [
        (WHERE_HE_BID, "SEARCH b USING INDEX bidders_by_member (member=?)"),
        (WHERE_HE_BID_HERE, "SEARCH b USING INDEX bidders_by_member (member=?)"),
        (FORGOTTEN, "SEARCH orders USING INDEX orders_one_open (auction>?)"),
    ] {
        let plan = plan(&house, sql);
        assert!(plan.contains(first), "{plan}");
        assert!(!plan.contains("SCAN"), "{plan}");
    }
}

/// However much a member bid, his deposits are read alone, and not sorted.
#[test]
fn deposits_are_read_from_their_own_index() {
    let house = House::open();
    let plan = plan(&house, DEPOSITS);
    let walk = "SEARCH transfers USING INDEX transfers_of_deposits (member=? AND id<?)";
    assert!(plan.starts_with(walk), "{plan}");
    assert!(!plan.contains("SCAN t") && !plan.contains("B-TREE"), "{plan}");
}

#[test]
fn matches_come_newest_first_without_sorting() {
    let house = House::open();
    let plan = plan(&house, &matches::sql());
    assert!(plan.starts_with("SCAN listing_words VIRTUAL TABLE INDEX"), "{plan}");
    assert!(plan.ends_with("SEARCH listings USING INTEGER PRIMARY KEY (rowid=?)"), "{plan}");
}

#[test]
fn how_much_a_sieve_holds_is_read_from_its_index_alone() {
    let house = House::open();
    for (slice, range) in [
        (Slice::Kind(1), "listings_by_category (status=? AND category=?)"),
        (Slice::KindNationwide(1), "listings_by_category (status=? AND category=? AND nationwide=?)"),
        (
            Slice::KindWithin(1, true, (1, 2)),
            "listings_by_category (status=? AND category=? AND nationwide=? AND region>? AND region<?)",
        ),
        (Slice::Nationwide, "listings_by_region (status=? AND nationwide=?)"),
        (
            Slice::Within(true, (1, 2)),
            "listings_by_region (status=? AND nationwide=? AND region>? AND region<?)",
        ),
        (Slice::Ending(2), "listings_by_end (status=? AND ends_at<?)"),
        (Slice::Priced(1, 2), "listings_by_price (status=? AND price>? AND price<?)"),
    ] {
        assert_eq!(plan(&house, slice.sql()), format!("SEARCH listings USING COVERING INDEX {range}"));
    }
}

#[test]
fn counts_and_the_nearest_are_read_from_an_index_alone() {
    let house = House::open();
    for (sql, range) in [
        (COUNT, "listings_by_status (status=?)"),
        (COUNT_WITHIN, "listings_by_region (status=? AND nationwide=? AND region>? AND region<?)"),
        (IN_REGION, "listings_by_region (status=? AND nationwide=? AND region=?)"),
    ] {
        let plan = plan(&house, sql);
        assert!(plan.contains(&format!("SEARCH listings USING COVERING INDEX {range}")), "{plan}");
        assert!(!plan.contains("SCAN listings") && !plan.contains("TEMP"), "{plan}");
    }
}

#[test]
fn questions_are_read_in_their_order_without_sorting() {
    let house = House::open();
    for (sql, range) in [
        (talk::of_auction_sql(), "questions_by_auction (auction=? AND pinned=? AND id<?)"),
        (talk::reported_sql(), "questions_reported ("),
    ] {
        let plan = plan(&house, &sql);
        assert!(plan.starts_with(&format!("SEARCH q USING INDEX {range}")), "{plan}");
        assert!(!plan.contains("SCAN") && !plan.contains("TEMP"), "{plan}");
    }
}

#[test]
fn watchlists_and_endings_are_read_from_their_indexes() {
    let house = House::open();
    for (sql, steps) in [
        (watching::WATCHLISTS, vec!["SEARCH watching USING COVERING INDEX watching_by_auction (auction=?)"]),
        (
            endings::LOOK,
            vec![
                "MERGE (UNION ALL)",
                "SEARCH l USING COVERING INDEX listings_by_end (status=? AND ends_at=? AND rowid>?)",
                "SEARCH l USING COVERING INDEX listings_by_end (status=? AND ends_at>? AND ends_at<?)",
            ],
        ),
        (
            endings::WHO,
            vec![
                "MERGE (UNION)",
                "SEARCH watching USING COVERING INDEX watching_by_auction (auction=? AND member>?)",
                "SEARCH bidders USING PRIMARY KEY (auction=? AND member>?)",
            ],
        ),
        (
            &watching::watched_sql(),
            vec!["SEARCH w USING PRIMARY KEY (member=?)", "SEARCH a USING INTEGER PRIMARY KEY"],
        ),
    ] {
        let plan = plan(&house, sql);
        assert!(!plan.replace("SCAN (subquery", "").contains("SCAN"), "{plan}");
        for step in steps {
            assert!(plan.contains(step), "{plan} lacks {step}");
        }
    }
}

/// However many members keep searches and however much arrives, a look reads what it needs by keys.
#[test]
fn saved_searches_and_arrivals_are_read_from_their_indexes() {
    let house = House::open();
    for (sql, steps) in [
        (&*saved::of_member_sql(), vec!["SEARCH saved_searches USING INDEX saved_searches_once (member=?)"]),
        (
            &saved::behind_sql(),
            vec!["SEARCH saved_searches USING INDEX saved_searches_by_seen (seen<?)", "SEARCH arrivals"],
        ),
        (&saved::untold_sql(), vec!["SEARCH saved_searches USING INDEX saved_searches_untold (told_at<?)"]),
        (saved::ARRIVALS, vec!["SEARCH arrivals USING INTEGER PRIMARY KEY (rowid>?)"]),
        (
            &saved::arrived_sql(),
            vec!["SEARCH listings USING INTEGER PRIMARY KEY (rowid=?)", "SEARCH b USING"],
        ),
        (saved::HOLD, vec!["SCAN listing_words VIRTUAL TABLE INDEX"]),
    ] {
        let plan = plan(&house, sql);
        assert!(!plan.replace("SCAN listing_words", "").contains("SCAN"), "{plan}");
        for step in steps {
            assert!(plan.contains(step), "{plan} lacks {step}");
        }
    }
}
