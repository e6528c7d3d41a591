//! The audit of a database, by way of a copy: clean where several lanes gave out numbers, and nothing planted escapes.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

use auction::{AuctionId, Command};
use conformance::journal::HandClock;
use conformance::journal::memory::Memory;
use conformance::journal::story::same_story;
use engine::Call;
use ledger::MemberId;
use store::Records;
use store::copy::{Rows, Table};
use store_sqlite::audit::{CheckResult, audit};
use store_sqlite::copy::Copy;
use tempfile::TempDir;

use super::node::{Node, bid, is_accepted};
use super::store::{Postgres, add_member, client, still, target};
use crate::journal::NOON;

/// How many chairs each node sells.
const CHAIRS: usize = 12;

async fn copied(address: &str, path: &Path) {
    let mut copy = Copy::begin(path).unwrap();
    let tables = copy.tables().to_vec();
    let mut take = |table: &Table, rows: Rows| copy.take(table, rows);
    store_postgres::copy(&target(address), &tables, &mut take).await.unwrap();
    copy.finish().unwrap();
}

/// What the audit of a copy reports, by the checks' names.
pub async fn report(address: &str) -> BTreeMap<&'static str, CheckResult> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("copy.sqlite");
    copied(address, &path).await;
    let mut found = BTreeMap::new();
    audit(&path, &mut |check| drop(found.insert(check.name, check.clone()))).unwrap();
    found
}

pub async fn assert_clean(address: &str) {
    let found = report(address).await;
    let wrong: Vec<_> = found.values().flat_map(|check| check.examples.clone()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(found["wallets_are_their_transfers"].rows > 0 && found["sales_are_paid_in_full"].rows > 0);
}

/// Two nodes sell chairs to the same members at the same moment, so that numbers say nothing of what came first.
async fn market_of_two_nodes() -> String {
    let address = private_postgres::server().database();
    let (_, records) = store_postgres::open(&target(&address), still()).await.unwrap();
    let mut members = Vec::new();
    for number in 1..=4 {
        members.push(add_member(&records, number, NOON).await);
    }
    let [seller, anna, bert, carl] = members[..] else { unreachable!("four were made") };
    let (mut one, mut other) = (Node::over(&address, "one").await, Node::over(&address, "other").await);
    for member in [anna, bert, carl] {
        other.deposit(member, 5_000_000).await;
        one.deposit(member, 5_000_000).await;
    }
    for _ in 0..CHAIRS {
        let (chair, table) = (one.list(seller, Some(90_000)).await, other.list(anna, Some(50_000)).await);
        answer(&mut other, bid(chair, anna, 7_000)).await;
        answer(&mut one, bid(chair, bert, 9_000)).await;
        answer(&mut other, bid(table, carl, 3_000)).await;
        answer(&mut one, bid(table, bert, 4_000)).await;
        answer(&mut other, buy(table, bert)).await;
        answer(&mut one, buy(chair, carl)).await;
        std::mem::swap(&mut one, &mut other);
    }
    let open = one.list(seller, None).await;
    answer(&mut other, bid(open, anna, 2_000)).await;
    while records.follow().await.unwrap().more {}
    address
}

fn buy(auction: AuctionId, buyer: MemberId) -> (MemberId, Call) {
    (buyer, Call::Auction { auction, command: Command::BuyNow { buyer, terms: None } })
}

async fn answer(node: &mut Node, (member, call): (MemberId, Call)) {
    let answer = node.call(member, call).await;
    assert!(is_accepted(&answer), "{answer:?}");
}

#[tokio::test]
async fn what_two_nodes_kept_is_clean_whatever_their_numbers() {
    let address = market_of_two_nodes().await;
    let client = client(&address).await;
    let backwards = "SELECT count(*) FROM transfers WHERE previous > id";
    assert!(
        client.query_one(backwards, &[]).await.unwrap().get::<_, i64>(0) > 0,
        "numbers say what came first"
    );
    assert_clean(&address).await;
}

#[tokio::test]
async fn whatever_can_happen_is_clean() {
    let clock = HandClock::at(NOON);
    let (mut memory, mut postgres) = (Memory::new(&clock), Postgres::new(&clock));
    same_story(7, 160, &clock, &mut memory, &mut postgres).await;
    assert_clean(postgres.address()).await;
}

/// Plants: the check that must find it, and how it is planted.
const PLANTS: [(&str, &str); 15] = [
    ("wallets_are_their_transfers", "UPDATE wallets SET available = available + 1 WHERE member = 2"),
    ("events_without_hole", "DELETE FROM events WHERE auction = 1 AND seq = 2"),
    (
        "chains_are_whole",
        "DELETE FROM transfers WHERE id = (SELECT min(previous) FROM transfers WHERE member = 3)",
    ),
    (
        "chains_are_whole",
        "UPDATE transfers SET previous = NULL WHERE id = (SELECT max(id) FROM transfers WHERE member = 3)",
    ),
    ("sales_are_paid_in_full", "DELETE FROM transfers WHERE order_id = (SELECT min(id) FROM orders)"),
    (
        "sales_are_paid_in_full",
        "UPDATE transfers SET order_id = 999999 WHERE order_id = (SELECT max(id) FROM orders)",
    ),
    (
        "money_follows_events",
        "DELETE FROM transfers WHERE id = (SELECT max(id) FROM transfers WHERE reason = 1)",
    ),
    ("bidder_numbers", "UPDATE bidders SET commitment = commitment + 1 WHERE auction = 1"),
    ("rules_explain_rows", "UPDATE events SET rule = 1 WHERE rule = 2"),
    ("orders_are_their_steps", "DELETE FROM order_steps"),
    ("deadlines", "DELETE FROM deadlines WHERE auction IN (SELECT auction FROM orders)"),
    ("payable_is_withdrawals", "INSERT INTO withdrawals VALUES (1, 2, 5, '', 1, 0)"),
    ("marks", "INSERT INTO marks (member, kind, auction, at) VALUES (1, 2, 1, 1)"),
    ("chores", "INSERT INTO chores (auction) VALUES (9999)"),
    (
        "members_never_below_zero",
        "ALTER TABLE wallets DROP CONSTRAINT wallets_held_check; UPDATE wallets SET held = -1 WHERE member = 2",
    ),
];

#[tokio::test]
async fn what_is_planted_is_found() {
    for (check, sql) in PLANTS {
        let address = market_of_two_nodes().await;
        client(&address).await.batch_execute(sql).await.unwrap();
        let found = report(&address).await;
        assert!(found[check].violations > 0 && !found[check].examples.is_empty(), "{check} missed: {sql}");
        let broken = &found["chains_are_whole"].examples;
        assert!(broken.len() < 7, "what is wrong with one chain is not told of others: {sql}: {broken:#?}");
    }
}

#[tokio::test]
async fn a_store_of_another_schema_is_refused() {
    let address = private_postgres::server().database();
    let failure = store_postgres::copy(&target(&address), &[], &mut |_, _| Ok(())).await.unwrap_err();
    assert!(failure.source().unwrap().to_string().contains("migrate it first"), "{failure:?}");
}
