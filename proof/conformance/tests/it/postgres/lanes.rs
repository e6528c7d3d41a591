//! A lane's connection: when it reads the clock, and that a lost one is made again.

use auction::{AuctionId, Time};
use ledger::MemberId;
use store::{Failure, Journal, Wanted};
use store_postgres::{PostgresJournal, Timekeeper, migrate};
use tokio_postgres::Client;

use super::node::Node;
use super::store::{add_member, client, quick, still, target, until_waiting};
use super::unknown::Scene;
use crate::journal::NOON;

async fn clock(client: &Client) -> Time {
    let sql = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint";
    Time(client.query_one(sql, &[]).await.unwrap().get(0))
}

/// A round that waited for another's lock happened after it: its time is not from before the wait.
#[tokio::test]
async fn time_is_read_after_the_last_lock() {
    let address = private_postgres::server().database();
    let (_, records) = store_postgres::open(&target(&address), still()).await.unwrap();
    let member = add_member(&records, 1, NOON).await;
    let (holder, watcher) = (client(&address).await, client(&address).await);
    holder.batch_execute("BEGIN; SELECT * FROM wallets FOR UPDATE").await.unwrap();
    let mut journal = PostgresJournal::new(target(&address), Timekeeper::Database);
    let wanted = Wanted { members: vec![member], ..Wanted::default() };
    let release = async {
        until_waiting(&watcher, 1).await;
        let released = clock(&holder).await;
        holder.batch_execute("COMMIT").await.unwrap();
        released
    };
    let (loaded, released) = tokio::join!(journal.begin(&wanted), release);
    let now = loaded.unwrap().now;
    assert!(released < now && now <= clock(&watcher).await, "{released:?} {now:?}");
    journal.abandon().await;
    let beat = journal.beat().await.unwrap();
    assert!(now < beat && journal.heartbeat().await.unwrap() == Some(beat));
}

/// A member who was made without a wallet gets one when a round first asks for it.
#[tokio::test]
async fn a_missing_wallet_is_made() {
    let address = private_postgres::server().database();
    let (_, records) = store_postgres::open(&target(&address), still()).await.unwrap();
    let member = add_member(&records, 1, NOON).await;
    let client = client(&address).await;
    client.execute("DELETE FROM wallets", &[]).await.unwrap();
    let mut node = Node::over(&address, "one").await;
    node.deposit(member, 5_000).await;
    let row = client.query_one("SELECT available, version FROM wallets", &[]).await.unwrap();
    assert_eq!((row.get::<_, i64>(0), row.get::<_, i64>(1)), (5_000, 1));
}

/// The server ended the lane's connection: the next round makes a new one, and reserves numbers anew, as the server may not be
/// what it was.
#[tokio::test]
async fn a_lost_connection_is_made_again() {
    let address = private_postgres::server().database();
    migrate(&target(&address)).await.unwrap();
    let mut journal = PostgresJournal::new(target(&address), still());
    let wanted = Wanted { auctions: vec![AuctionId(1)], members: vec![MemberId(1)], ..Wanted::default() };
    let first = journal.begin(&wanted).await.unwrap();
    let client = client(&address).await;
    let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'neighborbid lane' \
               AND datname = current_database()";
    assert_eq!(client.query_one(end, &[]).await.unwrap().get::<_, i64>(0), 1);
    journal.abandon().await;
    let second = journal.begin(&wanted).await.unwrap();
    assert_eq!(second.next.auction, first.next.auction + 1_024, "the next run");
    journal.abandon().await;
}

/// What ends the lanes' connections to this database.
const END: &str = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'neighborbid lane' \
     AND datname = current_database()";

/// A table that is missing while the store is restored says nothing of a round, on a new connection as on one that stands.
#[tokio::test]
async fn what_is_missing_before_the_locks_rejects_no_round() {
    let scene = Scene::new().await;
    let outside = client(&scene.address).await;
    for ended in [false, true] {
        let mut journal = PostgresJournal::new(target(&scene.address), still());
        journal.begin(&scene.wanted()).await.unwrap();
        journal.abandon().await;
        outside.batch_execute("ALTER TABLE keys RENAME TO keys_elsewhere").await.unwrap();
        if ended {
            outside.query_one(END, &[]).await.unwrap();
        }
        for _ in 0..2 {
            let began = journal.begin(&scene.wanted()).await;
            assert!(matches!(began, Err(Failure::Unavailable { .. })), "{began:?}");
        }
        outside.batch_execute("ALTER TABLE keys_elsewhere RENAME TO keys").await.unwrap();
        journal.begin(&scene.wanted()).await.unwrap();
        journal.abandon().await;
    }
}

/// A lane that comes back to a store into which somebody imports writes nothing there until that has ended.
#[tokio::test]
async fn a_lane_does_not_come_back_to_half_a_store() {
    let scene = Scene::new().await;
    let outside = client(&scene.address).await;
    let mut journal = PostgresJournal::new(target(&scene.address), still());
    journal.begin(&scene.wanted()).await.unwrap();
    journal.abandon().await;
    outside.batch_execute("CREATE TABLE import_progress (line BIGINT)").await.unwrap();
    outside.query_one(END, &[]).await.unwrap();
    // Its connection may not know yet that it has ended.
    let _ = journal.begin(&scene.wanted()).await;
    let Err(Failure::Unavailable { source, .. }) = journal.begin(&scene.wanted()).await else {
        panic!("it began in half a store");
    };
    assert!(source.to_string().contains("has not ended"), "{source}");
    outside.batch_execute("DROP TABLE import_progress").await.unwrap();
    journal.begin(&scene.wanted()).await.unwrap();
}

/// Whoever holds the lock may be cut off, with a server that is no longer the one: the lane asks anew where that is.
#[tokio::test]
async fn a_lock_that_is_not_had_is_asked_for_on_a_new_connection() {
    let scene = Scene::new().await;
    let holder = client(&scene.address).await;
    holder.batch_execute("BEGIN; SELECT * FROM wallets FOR UPDATE").await.unwrap();
    let mut journal = PostgresJournal::new(quick(&scene.cut_address), still());
    for tries in 1..=3 {
        let began = journal.begin(&scene.wanted()).await;
        assert!(matches!(began, Err(Failure::Unavailable { .. })), "{began:?}");
        assert_eq!(scene.way.connections(), tries);
    }
    holder.batch_execute("COMMIT").await.unwrap();
    journal.begin(&scene.wanted()).await.unwrap();
}

/// Two lanes never give out the same number, whatever they reserve.
#[tokio::test]
async fn lanes_give_out_numbers_of_their_own() {
    let address = private_postgres::server().database();
    migrate(&target(&address)).await.unwrap();
    let mut lanes: Vec<_> = (0..3).map(|_| PostgresJournal::new(target(&address), still())).collect();
    let mut firsts = Vec::new();
    for lane in &mut lanes {
        firsts.push(lane.begin(&Wanted::default()).await.unwrap().next);
        lane.abandon().await;
    }
    firsts.sort_by_key(|next| next.transfer);
    assert_eq!((firsts[0].auction, firsts[0].transfer), (1, 1));
    for pair in firsts.windows(2) {
        let apart =
            [pair[1].auction - pair[0].auction, pair[1].item - pair[0].item, pair[1].order - pair[0].order];
        assert_eq!(
            (apart, pair[1].transfer - pair[0].transfer),
            ([1_024; 3], 65_536),
            "as the sequences step"
        );
    }
}
