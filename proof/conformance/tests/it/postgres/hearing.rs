//! What nodes hear of each other without a bus: notices on whichever node their member is, and how things stand after a
//! database that was away.

use std::time::Duration;

use engine::Rests;
use store::{Failure, Records};

use super::live_node::{LiveNode, figure};
use super::node::{bid, is_accepted};
use super::store::{add_member, client, still, target};
use crate::journal::NOON;

/// How often a test looks for what the database says in its log.
const LOOKS_MAX: usize = 6_000;

/// Each notice is told once on each node where its member is, whichever node wrote it.
#[tokio::test]
async fn notices_are_told_on_every_node() {
    let address = private_postgres::server().database();
    let (_, records) = store_postgres::open(&target(&address), still()).await.unwrap();
    let mut one = LiveNode::over(&address, "one", Rests::default(), None).await;
    let other = LiveNode::over(&address, "other", Rests::default(), None).await;
    let seller = add_member(&records, 1, NOON).await;
    let bidders = [add_member(&records, 2, NOON).await, add_member(&records, 3, NOON).await];
    for bidder in bidders {
        one.node.deposit(bidder, 9_000_000).await;
    }
    let chair = one.node.list(seller, None).await;
    let mut watchers = [one.watcher(seller, None).await, other.watcher(seller, None).await];
    // Either node may be the one that writes; a notice is renewed only when both have told it.
    for turn in 1..=6 {
        let (bidder, call) = bid(chair, bidders[turn % 2], turn as i64 * 1_000);
        assert!(is_accepted(&one.node.call(bidder, call).await));
        for watcher in &mut watchers {
            watcher.until("notice", "amount", turn as i64 * 1_000).await;
        }
    }
    let numbers = watchers.map(|watcher| -> Vec<_> {
        watcher.of("notice").map(|frame| (figure(frame, "id"), figure(frame, "amount"))).collect()
    });
    assert_eq!(numbers[0].len(), 6, "each is told once: {numbers:?}");
    assert_eq!(numbers[0], numbers[1]);
}

/// A moment means nothing in a database that was away, which may be another one now: wallets are read again, for no round
/// tells of what changed meanwhile.
#[tokio::test]
async fn wallets_are_shown_anew_after_a_database_that_was_away() {
    let address = private_postgres::server().database();
    let rests = Rests { following: Duration::from_secs(86_400), ..Rests::default() };
    let mut node = LiveNode::over(&address, "one", rests, None).await;
    let [anna, bert] = [add_member(&node.records, 1, NOON).await, add_member(&node.records, 2, NOON).await];
    let mut watcher = node.watcher(anna, None).await;
    node.node.deposit(anna, 5_000).await;
    watcher.until("wallet", "available", 5_000).await;
    let mut stranger = node.watcher(bert, None).await;

    // A database may not be closed from within.
    let name = address.rsplit('/').next().and_then(|rest| rest.split('?').next()).unwrap();
    let (own, beside) = (client(&address).await, client(&address.replace(name, "postgres")).await);
    beside.batch_execute(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false")).await.unwrap();
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    own.query(cut, &[]).await.unwrap();
    until_turned_away(&address).await;
    let sql = "UPDATE wallets SET available = 7000, version = version + 5 WHERE member = $1";
    own.execute(sql, &[&anna.0]).await.unwrap();
    beside.batch_execute(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true")).await.unwrap();
    watcher.until("wallet", "available", 7_000).await;
    stranger.until("wallet", "available", 0).await;
}

/// Looks until the node has asked in vain.
async fn until_turned_away(address: &str) {
    for _ in 0..LOOKS_MAX {
        let said = private_postgres::server().said_of(address);
        if said.iter().any(|line| line.contains("not currently accepting connections")) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("nobody was turned away");
}

/// A moment that another server gave means nothing here, where numbers of transactions are others.
#[tokio::test]
async fn a_moment_of_another_server_is_void() {
    let servers = [private_postgres::Server::start(), private_postgres::Server::start()];
    let mut heard = Vec::new();
    for server in &servers {
        let (_, records) = store_postgres::open(&target(&server.database()), still()).await.unwrap();
        let moment = records.heard(None).await.unwrap().moment;
        assert_eq!(records.heard(moment.clone()).await.unwrap().moment, moment);
        heard.push((records, moment));
    }
    let (records, moment) = (&heard[1].0, heard[0].1.clone());
    let failure = records.heard(moment).await.unwrap_err();
    assert!(!matches!(failure, Failure::Busy), "whoever hears begins anew: {failure:?}");
}
