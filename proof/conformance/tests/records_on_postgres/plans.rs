//! Plans: no list, no search and no step of the follower reads a whole table, however many rows it has and whatever was
//! in it when the plan was made.

use tokio_postgres::Client;

use crate::house::{House, connect};
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
        "slice kinds" | "slice kinds within" => &["Index Only Scan using listings_by_category"],
        "slice within" => &["Index Only Scan using listings_by_region"],
        "slice priced" => &["Index Only Scan using listings_by_price"],
        "matches all" | "newest of all matches" => &["Bitmap Index Scan on listing_words_by_word"],
        "matches newest" => &["Index Scan Backward using listing_words_pkey"],
        "selling" => &["Index Scan Backward using auctions_by_seller"],
        "bidding" => &["Index Scan Backward using bidders_by_member"],
        "notices" => &["unread_notices_pkey", "Index Scan Backward using read_notices_pkey"],
        "rounds" => &["Index Scan using rounds_by_transaction"],
        "events to tell" | "events missed" => &["events_pkey"],
        "sweep notices" => &["Index Scan using read_notices_pkey"],
        "sweep keys" => &["Index Scan using keys_pkey"],
        _ => &[],
    };
    let missing = expected.iter().find(|part| !plan.contains(**part));
    if let Some(part) = missing {
        return Some(format!("{name} should have `{part}`:\n{plan}"));
    }
    // These stop early, so they must not put all in order first.
    let stops = ["walk", "slice", "matches", "selling", "bidding", "rounds", "sweep"];
    let sorts = stops.iter().any(|begin| name.starts_with(begin)) && plan.contains("Sort");
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
