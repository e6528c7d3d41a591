//! Plans: no list, no search and no step of the follower reads a whole table, however many rows it has and whatever was
//! in it when the plan was made.

use auction::AuctionId;
use tokio_postgres::Client;

use crate::house::{House, connect, keep_round};
use crate::listings::{Listed, USUAL};

/// The generic plan of a statement, for whatever values.
async fn plan(store: &Client, sql: &str) -> String {
    store.batch_execute(&format!("PREPARE asked AS {sql}")).await.unwrap();
    let sql = "SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = 'asked'";
    let values: i32 = store.query_one(sql, &[]).await.unwrap().get(0);
    let nulls = vec!["NULL"; usize::try_from(values).unwrap()].join(", ");
    let explained =
        if nulls.is_empty() { "EXECUTE asked".to_owned() } else { format!("EXECUTE asked ({nulls})") };
    let lines = store.query(&format!("EXPLAIN (COSTS OFF) {explained}"), &[]).await.unwrap();
    store.batch_execute("DEALLOCATE asked").await.unwrap();
    lines.iter().map(|row| row.get::<_, String>(0)).collect::<Vec<_>>().join("\n")
}

/// What is wrong with a plan, if anything.
fn fault(name: &str, plan: &str) -> Option<String> {
    if ["Seq Scan", "Hash Join", "Merge Join"].iter().any(|part| plan.contains(part)) {
        return Some(format!("{name} reads whole tables:\n{plan}"));
    }
    let expected: &[&str] = match name {
        "walk newest" => &["Index Scan Backward using listings_by_status"],
        "walk ending" => &["Index Scan using listings_by_end"],
        "walk price rising" => &["Index Scan using listings_by_price"],
        "walk price falling" => &["Index Scan Backward using listings_by_price"],
        "walk bids" => &["Index Scan Backward using listings_by_bids"],
        "slice kinds" | "slice kinds within" | "slice kinds near" => {
            &["Index Only Scan using listings_by_category"]
        }
        "slice within" | "slice near" | "slice regions" | "count within" => {
            &["Index Only Scan using listings_by_region"]
        }
        "slice ending" => &["Index Only Scan using listings_by_end"],
        "count" => &["Index Only Scan using listings_by_status"],
        "words to make" => &["Index Only Scan Backward using unworded_pkey"],
        "slice priced" => &["Index Only Scan using listings_by_price"],
        "ends of titles" => {
            &["Index Only Scan using listing_words_pkey", "Index Only Scan Backward using listing_words_pkey"]
        }
        "matches by title" => &["Index Scan Backward using listing_words_pkey"],
        "newest of all matches" => &["Bitmap Index Scan on listing_words_by_block\n"],
        "newest matches in blocks" => &[
            "Bitmap Index Scan on listing_words_by_block\n",
            "Index Cond: ((words @@ ",
            "] && $2)",
            "Filter: ((auction + 0) < $3)",
        ],
        "selling" => &["Index Scan Backward using auctions_by_seller"],
        "bidding" => &["Index Scan Backward using bidders_by_member"],
        "notices" => &["unread_notices_pkey", "Index Scan Backward using read_notices_pkey"],
        "rounds" | "rounds heard" => &["Merge Append", "Index Scan using rounds_by_transaction"],
        "rounds behind" => &["Index Only Scan using rounds_by_transaction"],
        "deposits" => &["Index Scan Backward using transfers_of_deposits"],
        "events to tell" | "events missed" => &["events_pkey"],
        "sweep notices" => &["Index Scan using read_notices_pkey"],
        "endings" => &["Index", "using listings_by_end", "using endings_told_pkey"],
        "who hears of an end" => &["using watching_by_auction", "using bidders_pkey"],
        "hearts" => &["using watching_by_auction", "(auction = wanted.auction)", " AND ("],
        "saved searches" => &["saved_searches_once"],
        "searches behind" => &["Index Scan using saved_searches_by_seen"],
        "searches untold" => &["Index Scan using saved_searches_untold"],
        "arrivals" | "arrivals of long ago" => &["using arrivals_pkey"],
        "arrivals as listed" => &["using listings_pkey", "using blocks_pkey"],
        "arrivals that hold words" => &["using listing_words_pkey"],
        "watched" => &["watching_pkey", "using auctions_pkey"],
        "sweep keys" => &["Index Scan using keys_pkey"],
        _ => &[],
    };
    let missing = expected.iter().find(|part| !plan.contains(**part));
    if let Some(part) = missing {
        return Some(format!("{name} should have `{part}`:\n{plan}"));
    }
    if name.starts_with("rounds") && plan.contains("Filter") {
        return Some(format!("{name} reads rounds that were seen:\n{plan}"));
    }
    // These stop early, so they must not put all in order first; what is in order already may be merged by its key.
    let stops =
        ["endings", "walk", "slice", "matches", "selling", "bidding", "deposits", "rounds", "sweep", "count"];
    let sorts =
        stops.iter().any(|begin| name.starts_with(begin)) && plan.replace("Sort Key", "").contains("Sort");
    sorts.then(|| format!("{name} sorts:\n{plan}"))
}

async fn faults(store: &Client) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, sql) in store_postgres::record_statements() {
        faults.extend(fault(name, &plan(store, &sql).await));
    }
    faults
}

#[tokio::test]
async fn lists_are_read_from_their_indexes_however_much_is_in_the_tables() {
    let house = House::open().await;
    let store = connect(&house.target).await;
    store.batch_execute(store_postgres::PLAN_SETTINGS).await.unwrap();
    store.batch_execute("SET plan_cache_mode = force_generic_plan").await.unwrap();
    let found = faults(&store).await;
    assert!(found.is_empty(), "with nothing in the tables: {}", found.join("\n\n"));
    let rows = ["의자", "책상", "LG 모니터", "자전거"].map(|title| Listed { title, ..USUAL });
    house.many(2_000, &rows).await;
    house.store.batch_execute("ANALYZE").await.unwrap();
    let found = faults(&store).await;
    assert!(found.is_empty(), "with thousands of listings: {}", found.join("\n\n"));
}

/// How many rounds are kept while somebody's transaction stands open.
const ROUNDS_MEANWHILE: i64 = 20_000;

/// How many pages a question for a handful of rounds may touch.
const PAGES_MAX: i64 = 100;

/// Somebody's transaction has written and stands open, so that no snapshot's `xmin` goes on, while many rounds are kept and
/// seen. What asking for the next rounds costs is what is new, and never all that was kept since that transaction began.
#[tokio::test]
async fn an_open_transaction_makes_no_question_dearer() {
    let house = House::open().await;
    let other = connect(&house.target).await;
    other.batch_execute("BEGIN").await.unwrap();
    keep_round(&other, &[(AuctionId(1), 1, 2)]).await;
    // Each in a transaction of its own, as lanes keep them.
    let many = format!(
        "DO $$ BEGIN FOR round IN 1..{ROUNDS_MEANWHILE} LOOP \
           INSERT INTO rounds (wallets, at, heads) VALUES ('', 0, ''); COMMIT; END LOOP; END $$"
    );
    house.store.batch_execute(&many).await.unwrap();
    let seen: String = house.store.query_one("SELECT pg_current_snapshot()::text", &[]).await.unwrap().get(0);
    for _ in 0..3 {
        house.round(&[(AuctionId(2), 1, 2)]).await;
    }
    other.batch_execute("COMMIT").await.unwrap();
    house.store.batch_execute(store_postgres::PLAN_SETTINGS).await.unwrap();
    house.store.batch_execute("SET plan_cache_mode = force_generic_plan").await.unwrap();
    let mut asked = 0;
    for (name, sql) in store_postgres::record_statements() {
        if !name.starts_with("rounds") {
            continue;
        }
        house.store.batch_execute(&format!("PREPARE asked AS {sql}")).await.unwrap();
        let sql = format!("EXPLAIN (ANALYZE, BUFFERS, TIMING OFF) EXECUTE asked ('{seen}', 1024)");
        let lines = house.store.query(&sql, &[]).await.unwrap();
        let lines: Vec<String> = lines.iter().map(|row| row.get(0)).collect();
        house.store.batch_execute("DEALLOCATE asked").await.unwrap();
        let plan = lines.join("\n");
        assert!(plan.contains("rows=4 "), "the one that was open, and three new ones:\n{plan}");
        assert!(!plan.contains("Rows Removed"), "{name} reads rounds that were seen:\n{plan}");
        assert!(pages(&lines[0..2]) <= PAGES_MAX, "{name} touches too much:\n{plan}");
        asked += 1;
    }
    assert_eq!(asked, 3);
}

/// How many pages the uppermost step touched, with those below it.
fn pages(lines: &[String]) -> i64 {
    let shared = lines.iter().find_map(|line| line.split_once("shared ")).expect("the pages are counted").1;
    let counts = shared.split(' ').filter_map(|word| word.split_once('=')).map(|(_, count)| count);
    counts.map(|count| count.parse::<i64>().expect("a number")).sum()
}
