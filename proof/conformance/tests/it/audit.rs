//! The audit: clean on what an engine kept, also while it goes on keeping, and no planted violation escapes it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use conformance::journal::memory::Memory;
use conformance::journal::story::same_story;
use conformance::journal::{HandClock, UnderTest};
use rusqlite::Connection;
use store_sqlite::audit::{CheckResult, Steps, audit, audit_in_steps};
use tempfile::TempDir;

use crate::journal::NOON;
use crate::stores::Sqlite;

/// Every read and every pass takes one row: all seams are met.
const SMALLEST: Steps = Steps {
    members_per_pass: 1,
    auctions_per_pass: 1,
    transfers_per_read: 1,
    events_per_read: 1,
    wallets_per_read: 1,
    keys_per_read: 1,
    orders_per_read: 1,
};

/// A few rows at a time.
const SMALL: Steps = Steps {
    members_per_pass: 2,
    auctions_per_pass: 7,
    transfers_per_read: 50,
    events_per_read: 30,
    wallets_per_read: 2,
    keys_per_read: 20,
    orders_per_read: 5,
};

/// What the audit reports, by the checks' names.
fn report(path: &Path, steps: &Steps) -> BTreeMap<&'static str, CheckResult> {
    let mut found = BTreeMap::new();
    let summary = audit_in_steps(path, steps, &mut |check| {
        found.insert(check.name, check.clone());
    });
    let violations: u64 = found.values().map(|check| check.violations).sum();
    assert_eq!(summary.unwrap().violations, violations);
    found
}

/// Asserts that nothing offends.
pub fn assert_clean(path: &Path) {
    let mut found = Vec::new();
    let summary = audit(path, &mut |check| found.extend(check.examples.clone())).unwrap();
    assert!(summary.is_clean() && found.is_empty(), "{found:#?}");
    assert!(summary.rows > 0 && summary.checks > 0);
}

/// A store in which everything has happened that can happen, at rest, with its listings written.
async fn lived_in() -> Sqlite {
    let clock = HandClock::at(NOON);
    let (mut memory, mut sqlite) = (Memory::new(&clock), Sqlite::new(&clock));
    same_story(7, 160, &clock, &mut memory, &mut sqlite).await;
    let mut journal = sqlite.open().await;
    sqlite.follow(&mut journal).await;
    sqlite.close(&mut journal);
    drop(journal);
    sqlite
}

/// Plants: the check that must find it, and how it is planted.
const PLANTS: [(&str, &str); 60] = [
    (
        "two_sides",
        "UPDATE transfers SET reason = 1 WHERE id = (SELECT max(id) FROM transfers WHERE reason = 0)",
    ),
    (
        "two_sides",
        "UPDATE transfers SET member = NULL WHERE id = (SELECT max(id) FROM transfers WHERE reason = 2)",
    ),
    (
        "two_sides",
        "UPDATE transfers SET auction = NULL WHERE id = (SELECT max(id) FROM transfers WHERE reason = 1)",
    ),
    (
        "two_sides",
        "UPDATE transfers SET order_id = NULL WHERE id = (SELECT max(id) FROM transfers WHERE reason = 4)",
    ),
    ("two_sides", "UPDATE transfers SET amount = 0 WHERE id = (SELECT max(id) FROM transfers)"),
    ("balances_sum_to_zero", "UPDATE wallets SET available = available + 1 WHERE member = 2"),
    ("balances_sum_to_zero", "DELETE FROM wallets WHERE member = 3"),
    (
        "chains_are_whole",
        "UPDATE transfers SET previous = previous - 1 WHERE id = (SELECT max(id) FROM transfers WHERE previous > 0)",
    ),
    (
        "chains_are_whole",
        "UPDATE transfers SET previous = 1 WHERE previous IS NULL AND id > 1 AND member IS NOT NULL",
    ),
    ("chains_are_whole", "UPDATE wallets SET last_transfer = last_transfer - 1 WHERE member = 2"),
    ("chains_are_whole", "DELETE FROM transfers WHERE id = (SELECT min(id) FROM transfers WHERE reason = 2)"),
    (
        "wallets_are_their_transfers",
        "UPDATE wallets SET available = available + 1, held = held - 1 WHERE member = 2",
    ),
    ("wallets_are_their_transfers", "DELETE FROM wallets WHERE member = 2"),
    (
        "wallets_are_their_transfers",
        "DELETE FROM transfers WHERE id = (SELECT last_transfer FROM wallets WHERE member = 2)",
    ),
    (
        "members_never_below_zero",
        "UPDATE transfers SET amount = 900000000000 WHERE id = (SELECT min(id) FROM transfers WHERE reason = 1)",
    ),
    ("members_never_below_zero", "UPDATE wallets SET held = -1 WHERE member = 2"),
    (
        "house_never_below_zero",
        "UPDATE transfers SET amount = amount + 1 WHERE id = (SELECT max(id) FROM transfers WHERE reason = 4)",
    ),
    ("sales_are_paid_in_full", "UPDATE orders SET price = price + 1 WHERE id = 1"),
    ("sales_are_paid_in_full", "UPDATE orders SET buyer = seller, seller = buyer WHERE id = 1"),
    ("sales_are_paid_in_full", "UPDATE transfers SET order_id = order_id + 1 WHERE order_id = 1"),
    ("sales_are_paid_in_full", "DELETE FROM transfers WHERE order_id = 2 AND reason = 5"),
    ("sales_are_paid_in_full", "DELETE FROM transfers WHERE order_id = (SELECT max(id) FROM orders)"),
    ("sales_are_paid_in_full", "DELETE FROM orders WHERE id = 1"),
    (
        "escrow_is_open_orders",
        "UPDATE transfers SET amount = amount - 1 WHERE id = (SELECT max(id) FROM transfers WHERE reason = 4)",
    ),
    ("held_is_open_holds", "UPDATE bidders SET hold = 0 WHERE hold > 0"),
    (
        "leader_has_the_only_hold",
        "UPDATE bidders SET hold = 1 WHERE hold = 0 AND auction IN (SELECT id FROM auctions WHERE status < 2)",
    ),
    ("leader_has_the_only_hold", "UPDATE bidders SET hold = hold - 1 WHERE hold > 0"),
    (
        "ended_holds_nothing",
        "UPDATE bidders SET hold = 1 WHERE auction = (SELECT max(id) FROM auctions WHERE outcome < 2)",
    ),
    (
        "money_follows_events",
        "UPDATE transfers SET auction = auction - 1 WHERE id = (SELECT max(id) FROM transfers WHERE reason = 1)",
    ),
    (
        "money_follows_events",
        "UPDATE transfers SET amount = amount + 1 WHERE id = (SELECT max(id) FROM transfers WHERE reason = 2)",
    ),
    ("bid_count", "UPDATE events SET bid_count = bid_count + 1 WHERE kind = 2"),
    ("price_is_latest_row", "UPDATE events SET price = price + 1 WHERE kind = 2"),
    ("price_is_latest_row", "UPDATE events SET price = price + 1 WHERE kind = 1"),
    ("amounts_rise", "UPDATE events SET amount = 1, price = 1 WHERE kind = 2 AND bid_count = 2"),
    ("bids_reach_the_minimum", "UPDATE events SET minimum = 999999999999 WHERE kind = 1"),
    ("bids_reach_the_minimum", "UPDATE events SET minimum = NULL WHERE kind = 2 AND bid_count = 1"),
    ("rules_explain_rows", "UPDATE events SET minimum = minimum + 1 WHERE kind = 2"),
    ("rules_explain_rows", "UPDATE events SET ends_at = ends_at + 1 WHERE kind = 2"),
    ("rules_explain_rows", "UPDATE events SET ends_at = ends_at + 90000000000 WHERE kind = 4"),
    ("rules_explain_rows", "UPDATE events SET kind = 1 WHERE kind = 4"),
    ("rules_explain_rows", "UPDATE events SET amount = amount + 1, price = price + 1 WHERE kind IN (3, 5)"),
    (
        "rules_explain_rows",
        "UPDATE events SET actor_number = actor_number + 1 WHERE kind = 2 AND bid_count = 3",
    ),
    (
        "bids_in_time",
        "UPDATE events SET at = (SELECT e.ends_at FROM events e WHERE e.auction = events.auction AND e.seq = events.seq - 1) \
         WHERE kind = 2",
    ),
    ("bids_in_time", "UPDATE events SET at = at - 864000000000 WHERE kind = 2 AND bid_count = 1"),
    ("one_outcome_one_order", "DELETE FROM orders WHERE id = (SELECT max(id) FROM orders)"),
    ("one_outcome_one_order", "UPDATE auctions SET outcome = 2 WHERE outcome = 0"),
    (
        "one_outcome_one_order",
        "DROP INDEX orders_one_settlement; INSERT INTO orders SELECT id + 1000, auction, buyer, seller, price, at FROM orders",
    ),
    (
        "seller_never_bids",
        "UPDATE events SET actor = (SELECT seller FROM auctions WHERE id = auction) WHERE kind = 2 AND bid_count = 1",
    ),
    ("bidder_numbers", "UPDATE bidders SET number = number + 1 WHERE number = 1"),
    ("bidder_numbers", "UPDATE bidders SET commitment = commitment + 1 WHERE hold = 0"),
    ("bidder_numbers", "DELETE FROM bidders WHERE number = 1 AND hold = 0"),
    ("events_without_hole", "DELETE FROM events WHERE kind = 2 AND bid_count = 1"),
    (
        "nothing_after_the_end",
        "INSERT INTO events (auction, seq, kind, at, price, bid_count, ends_at) \
         SELECT auction, seq + 1, 4, at, price, bid_count, ends_at FROM events WHERE kind = 5",
    ),
    ("time_never_falls", "UPDATE events SET at = at - 864000000000 WHERE kind = 2 AND bid_count = 2"),
    ("auctions_are_their_events", "UPDATE auctions SET latest = latest + 1 WHERE id = 2"),
    ("deadlines", "DELETE FROM deadlines"),
    ("listings", "UPDATE listings SET price = price + 1 WHERE auction = 3"),
    ("keys", "UPDATE keys SET member = member + 10 WHERE transfer IS NULL"),
    ("no_strays", "INSERT INTO deadlines (auction, at) VALUES (9999, 1)"),
    ("readable", "UPDATE events SET kind = 99 WHERE kind = 1"),
];

/// More of the checks with many ways to fail.
const MORE_PLANTS: [(&str, &str); 24] = [
    ("auctions_are_their_events", "UPDATE auctions SET price = price + 1000 WHERE leader IS NOT NULL"),
    ("auctions_are_their_events", "UPDATE auctions SET commitment = commitment + 1 WHERE leader IS NOT NULL"),
    ("auctions_are_their_events", "UPDATE auctions SET bid_count = bid_count + 1"),
    ("auctions_are_their_events", "UPDATE auctions SET seq = seq - 1 WHERE seq > 1"),
    ("auctions_are_their_events", "UPDATE auctions SET ends_at = ends_at + 1"),
    ("auctions_are_their_events", "UPDATE auctions SET newest = newest + 1"),
    ("auctions_are_their_events", "UPDATE auctions SET bidders = bidders + 1"),
    ("auctions_are_their_events", "UPDATE auctions SET status = 0 WHERE status = 1"),
    ("auctions_are_their_events", "UPDATE auctions SET leader = leader % 6 + 1 WHERE leader IS NOT NULL"),
    ("auctions_are_their_events", "UPDATE auctions SET outage = NULL WHERE outage IS NOT NULL"),
    ("auctions_are_their_events", "DELETE FROM events WHERE auction = 2"),
    ("deadlines", "UPDATE deadlines SET at = at + 864000000000"),
    ("deadlines", "INSERT INTO deadlines SELECT id, ends_at FROM auctions WHERE status = 2"),
    ("listings", "UPDATE listings SET seq = seq + 1"),
    ("keys", "UPDATE keys SET member = member + 10 WHERE transfer IS NOT NULL"),
    ("keys", "UPDATE keys SET transfer = 999999 WHERE transfer IS NOT NULL"),
    ("keys", "UPDATE keys SET seq = seq + 1000 WHERE seq IS NOT NULL"),
    ("keys", "UPDATE keys SET order_id = NULL WHERE order_id IS NOT NULL"),
    ("keys", "UPDATE keys SET transfer = 1 WHERE transfer IS NULL"),
    (
        "no_strays",
        "INSERT INTO bidders (auction, member, number, commitment, hold) VALUES (9999, 1, 1, 1, 0)",
    ),
    (
        "no_strays",
        "UPDATE transfers SET auction = 9999 WHERE id = (SELECT max(id) FROM transfers WHERE reason = 1)",
    ),
    (
        "no_strays",
        "UPDATE transfers SET member = 9999 WHERE id = (SELECT max(id) FROM transfers WHERE reason = 1)",
    ),
    ("no_strays", "DELETE FROM auctions WHERE id = 2"),
    ("readable", "UPDATE auctions SET status = 9 WHERE id = 1"),
];

/// Copies the store and breaks the copy.
fn planted(store: &Path, folder: &TempDir, sql: &str) -> std::path::PathBuf {
    let copy = folder.path().join("planted.sqlite");
    std::fs::copy(store, &copy).unwrap();
    let connection = Connection::open(&copy).unwrap();
    connection.pragma_update(None, "ignore_check_constraints", "on").unwrap();
    connection.pragma_update(None, "foreign_keys", "off").unwrap();
    connection.pragma_update(None, "journal_mode", "delete").unwrap();
    let before: i64 = connection.query_row("SELECT total_changes()", [], |row| row.get(0)).unwrap();
    connection.execute_batch(sql).unwrap();
    let after: i64 = connection.query_row("SELECT total_changes()", [], |row| row.get(0)).unwrap();
    assert!(after > before, "nothing was planted: {sql}");
    copy
}

#[tokio::test]
async fn every_check_finds_what_is_planted() {
    let store = lived_in().await;
    let folder = TempDir::new().unwrap();
    let mut checks: BTreeSet<&str> = report(&store.file(), &Steps::default()).into_keys().collect();
    for (check, sql) in PLANTS.into_iter().chain(MORE_PLANTS) {
        let copy = planted(&store.file(), &folder, sql);
        for steps in [Steps::default(), SMALL] {
            let found = report(&copy, &steps);
            let by_it = &found[check];
            let failed: Vec<_> =
                found.values().filter(|found| found.violations > 0).map(|found| found.name).collect();
            assert!(
                by_it.violations > 0 && !by_it.examples.is_empty(),
                "{check} missed: {sql}; found by {failed:?}"
            );
        }
        checks.remove(check);
    }
    assert!(checks.is_empty(), "nothing was planted for {checks:?}");
}

#[tokio::test]
async fn what_an_engine_kept_is_clean_in_whatever_steps_it_is_read() {
    let store = lived_in().await;
    let whole = report(&store.file(), &Steps::default());
    for steps in [SMALLEST, SMALL] {
        let found = report(&store.file(), &steps);
        let wrong: Vec<_> = found.values().flat_map(|check| check.examples.clone()).collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
        for (name, check) in &found {
            let rows_in_one_pass = whole[name].rows;
            assert!(check.rows >= rows_in_one_pass, "{name}: {} rows, not {rows_in_one_pass}", check.rows);
        }
    }
    assert_clean(&store.file());
    let without: Vec<_> = whole.values().filter(|check| check.rows == 0).map(|check| check.name).collect();
    assert!(without.is_empty(), "no rows were looked at for {without:?}");
}

/// Rounds go on being kept while the audit reads; it never sees half of one.
#[test]
fn a_live_store_is_clean_while_it_moves() {
    let clock = HandClock::at(NOON);
    let (mut memory, mut sqlite) = (Memory::new(&clock), Sqlite::new(&clock));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut journal = runtime.block_on(sqlite.open());
    sqlite.close(&mut journal);
    drop(journal);
    let path = sqlite.file();
    let is_over = AtomicBool::new(false);
    let audits = std::thread::scope(|scope| {
        let auditor = scope.spawn(|| {
            let mut audits = 0;
            while !is_over.load(Ordering::Relaxed) {
                for steps in [Steps::default(), SMALL] {
                    let found = report(&path, &steps);
                    let wrong: Vec<_> = found.values().flat_map(|check| check.examples.clone()).collect();
                    assert!(wrong.is_empty(), "{wrong:#?}");
                }
                audits += 1;
            }
            audits
        });
        runtime.block_on(same_story(11, 120, &clock, &mut memory, &mut sqlite));
        is_over.store(true, Ordering::Relaxed);
        auditor.join().unwrap()
    });
    assert!(audits > 0);
}

#[test]
fn what_is_no_store_of_ours_is_refused() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("other.sqlite");
    assert!(audit(&path, &mut |_| {}).is_err(), "there is no file, and none is made");
    assert!(!path.exists());
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE a (b)").unwrap();
    assert!(audit(&path, &mut |_| {}).is_err());
    std::fs::write(&path, "not a database, but long enough to be looked at as one").unwrap();
    assert!(audit(&path, &mut |_| {}).is_err());
}
