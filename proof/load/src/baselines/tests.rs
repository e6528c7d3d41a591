//! Every system takes bids for a moment on a PostgreSQL and a Redis of the tests' own: what it acknowledged is stored once,
//! with its key, and the audit finds nothing.

use std::time::Duration;

use store_postgres::Purpose;
use tokio::sync::{Mutex, MutexGuard};

use super::arena::Arena;
use super::cell::{self, Load, RICH_AUCTIONS, Shape, Way};
use super::door::{Form, System};

/// Bidders under way at once; few, so that the test is short, but enough to be in each other's way.
const LEVEL: usize = 6;

/// The tests' PostgreSQL has a few dozen connections, and each test wants a dozen of them: they take turns.
static TURN: Mutex<()> = Mutex::const_new(());

async fn arena() -> (Arena, MutexGuard<'static, ()>) {
    let turn = TURN.lock().await;
    let server = private_postgres::server().database();
    (Arena::build(&server, "check", RICH_AUCTIONS, 1 + RICH_AUCTIONS).await.unwrap(), turn)
}

fn load(shape: Shape) -> Load {
    let (warm_up, measured) = (Duration::from_millis(50), Duration::from_millis(300));
    Load { shape, level: LEVEL, warm_up, measured, seed: 1 }
}

/// Bids on the hot auction and on many, and then verifies.
async fn check(system: System, form: Form, width: usize, redis: &str) {
    let (mut arena, _turn) = arena().await;
    for shape in [Shape::Hot, Shape::Market] {
        let before = arena.acknowledged;
        let cell = cell::run(&mut arena, Way { system, form, width }, load(shape), redis).await.unwrap();
        assert!(arena.acknowledged > before, "{shape:?}: nothing was accepted: {cell:?}");
        assert!(cell.decided_per_s >= cell.accepted_per_s, "{cell:?}");
    }
    assert_eq!(arena.verify().await.unwrap(), Vec::<String>::new());
    // Members were told that they were outbid, whoever took the bids.
    let client = arena.target.connect(Purpose::Reading).await.unwrap();
    let notices = client.query_one("SELECT count(*) FROM unread_notices", &[]).await.unwrap();
    assert!(notices.get::<_, i64>(0) > 0);
    drop(client);
    arena.remove().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ours_keeps_each_bid_once() {
    check(System::Ours, Form::Statements, 2, "").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_lock_keeps_each_bid_once() {
    check(System::RowLock, Form::Procedure, 4, "").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_lock_in_separate_statements_keeps_each_bid_once() {
    check(System::RowLock, Form::Statements, 4, "").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_optimistic_transaction_keeps_each_bid_once() {
    check(System::Optimistic, Form::Procedure, 4, "").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_distributed_lock_keeps_each_bid_once() {
    let redis = private_redis::Redis::start();
    check(System::DistributedLock, Form::Procedure, 4, &redis.address()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rich_bidder_on_both_lanes_keeps_each_bid_once() {
    let (mut arena, _turn) = arena().await;
    for shape in [Shape::Rich, Shape::Spread] {
        let way = Way { system: System::Ours, form: Form::Statements, width: 2 };
        cell::run(&mut arena, way, load(shape), "").await.unwrap();
    }
    assert!(arena.acknowledged > 0);
    assert_eq!(arena.verify().await.unwrap(), Vec::<String>::new());
    arena.remove().await.unwrap();
}

/// What the verdict at the end of a run rests on: a bid that was never acknowledged, and money that is not there, are
/// found.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_in_a_database_is_said() {
    let (mut arena, _turn) = arena().await;
    let way = Way { system: System::RowLock, form: Form::Procedure, width: 2 };
    cell::run(&mut arena, way, load(Shape::Hot), "").await.unwrap();
    arena.acknowledged += 1;
    let client = arena.target.connect(Purpose::Migrating).await.unwrap();
    client.execute("UPDATE wallets SET available = available + 1 WHERE member = 2", &[]).await.unwrap();
    let wrong = arena.verify().await.unwrap();
    assert!(wrong.iter().any(|words| words.contains("were acknowledged")), "{wrong:?}");
    assert!(wrong.iter().any(|words| words.starts_with("wallets_are_their_transfers")), "{wrong:?}");
}

/// The same key twice is one bid, however it comes.
#[tokio::test]
async fn a_key_acts_once() {
    let (arena, _turn) = arena().await;
    let client = arena.target.connect(Purpose::Lane).await.unwrap();
    let (auction, bidder) = (arena.cast.auctions[0].0, arena.cast.bidders[0].0);
    let mut numbers = Vec::new();
    for locks in [true, false, true] {
        let values: [&(dyn tokio_postgres::types::ToSql + Sync); 5] =
            [&auction, &bidder, &"one key", &7_i64, &locks];
        let row = client.query_one("SELECT baseline_bid($1, $2, $3, $4, $5)", &values).await.unwrap();
        numbers.push(row.get::<_, i64>(0));
    }
    assert!(numbers[0] > 0 && numbers.iter().all(|number| *number == numbers[0]), "{numbers:?}");
    let seller = client.query_one("SELECT seller FROM auctions WHERE id = $1", &[&auction]).await.unwrap();
    let values: [&(dyn tokio_postgres::types::ToSql + Sync); 5] =
        [&auction, &seller.get::<_, i64>(0), &"another", &7_i64, &true];
    let row = client.query_one("SELECT baseline_bid($1, $2, $3, $4, $5)", &values).await.unwrap();
    assert_eq!(row.get::<_, i64>(0), 0, "a seller never bids on his own");
}
