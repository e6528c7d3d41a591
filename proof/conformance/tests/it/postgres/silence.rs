//! A database that says nothing any more, while whatever stands in front of it goes on taking bytes: nobody waits for it
//! without end, nothing is answered falsely, and what is unknown is settled behind the locks.

use conformance::journal::HandClock;
use conformance::journal::deed::Deed;
use engine::{Answer, Call, Fatal};
use ledger::MemberId;
use store::{Failure, Journal, Records};
use store_postgres::{Limits, PostgresJournal};
use tokio_postgres::Client;

use super::node::{Node, is_accepted};
use super::store::{QUICK, add_member, client, quick, still, target};
use super::unknown::Scene;
use super::way::Cut;
use crate::journal::NOON;

/// How often a test looks for something that must come.
const LOOKS_MAX: usize = 20_000;

async fn node(address: &str) -> Node {
    Node::by(quick(address), &HandClock::at(NOON), "one").await
}

/// Whether it was done or not: the lane gives the connection up, runs the round again, and its caller hears of one deposit.
#[tokio::test]
async fn commit_that_is_never_answered() {
    for cut in [Cut::SilentBefore, Cut::SilentAfter] {
        let scene = Scene::new().await;
        let mut node = node(&scene.cut_address).await;
        scene.way.cut(cut);
        node.deposit(scene.member, 7_000).await;
        assert!(scene.way.is_cut());
        assert_eq!(scene.balance().await, (7_000, 1), "{cut:?}");
    }
}

/// Every step of a round ends, and keeps nothing; the next round has a connection of its own.
#[tokio::test]
async fn silence_before_commit_keeps_nothing() {
    let scene = Scene::new().await;
    let mut journal = PostgresJournal::new(quick(&scene.cut_address), still());
    let loaded = journal.begin(&scene.wanted()).await.unwrap();
    scene.way.darken(true);
    let kept = journal.keep(&scene.round(&loaded)).await;
    assert!(matches!(kept, Err(Failure::Unavailable { .. })), "{kept:?}");
    let connected = journal.begin(&scene.wanted()).await;
    assert!(matches!(connected, Err(Failure::Unavailable { .. })), "{connected:?}");
    scene.way.darken(false);

    journal.begin(&scene.wanted()).await.unwrap();
    scene.way.darken(true);
    // Its ROLLBACK is not waited for without end.
    journal.abandon().await;
    scene.way.darken(false);
    journal.heartbeat().await.unwrap();
    scene.way.darken(true);
    let began = journal.begin(&scene.wanted()).await;
    assert!(matches!(began, Err(Failure::Unavailable { .. })), "{began:?}");
    scene.way.darken(false);

    let loaded = journal.begin(&scene.wanted()).await.unwrap();
    assert_eq!(scene.balance().await, (0, 0));
    journal.keep(&scene.round(&loaded)).await.unwrap();
    assert_eq!(scene.balance().await, (7_000, 1));
}

/// The web's reads and writes end too, and its connections are replaced.
#[tokio::test]
async fn silence_is_not_waited_for_by_the_pool() {
    let scene = Scene::new().await;
    let (_, records) = store_postgres::open(&quick(&scene.cut_address), still()).await.unwrap();
    let member = add_member(&records, 2, NOON).await;
    let unblock = Deed::Unblock { seller: member, member: MemberId(1) };
    for _ in 0..2 {
        assert!(records.member(member).await.unwrap().is_some());
        assert!(unblock.perform(&records, NOON).await.unwrap());
        scene.way.darken(true);
        for _ in 0..2 {
            let read = records.member(member).await;
            assert!(matches!(read, Err(Failure::Unavailable { .. })), "{read:?}");
        }
        let written = unblock.perform(&records, NOON).await;
        assert!(matches!(written, Err(Failure::Unknown { .. })), "it is its own transaction: {written:?}");
        scene.way.darken(false);
    }
    assert!(!records.member(member).await.unwrap().unwrap().is_admin);
    assert!(!records.is_blocked(member, MemberId(1)).await.unwrap());
}

/// What was not kept hears busy, and the lane ends.
#[tokio::test]
async fn a_lane_that_is_told_to_stop_does_not_wait_for_silence() {
    let scene = Scene::new().await;
    let mut node = node(&scene.cut_address).await;
    scene.way.darken(true);
    let call = Call::Deposit { member: scene.member, amount: 7_000 };
    let mut answers = [node.ask(scene.member, call.clone()), node.ask(scene.member, call)];
    let (engine, lane) = node.parts();
    engine.stop();
    let ended = lane.run().await;
    assert!(ended.is_ok(), "{ended:?}");
    // One of them for the look for missing deadlines with which a lane begins.
    assert!(scene.way.connections() <= 5, "no round is tried again: {}", scene.way.connections());
    for answer in &mut answers {
        assert_eq!(answer.try_recv().unwrap(), Answer::Busy);
    }
    assert_eq!(scene.balance().await, (0, 0));
}

/// What may have been kept is left to the next start, and nobody hears anything.
#[tokio::test]
async fn a_lane_that_is_told_to_stop_while_a_commit_is_unknown_answers_nobody() {
    let scene = Scene::new().await;
    let mut node = node(&scene.cut_address).await;
    scene.way.cut(Cut::SilentAfter);
    let mut answer = node.ask(scene.member, Call::Deposit { member: scene.member, amount: 7_000 });
    let (engine, lane) = node.parts();
    let stop = async {
        while !scene.way.is_cut() {
            tokio::task::yield_now().await;
        }
        scene.way.darken(true);
        engine.stop();
    };
    let (ended, ()) = tokio::join!(lane.run(), stop);
    assert!(matches!(ended, Err(Fatal(Failure::Unavailable { .. }))), "{ended:?}");
    assert!(answer.try_recv().is_err());
    assert_eq!(scene.balance().await, (7_000, 1), "the next start finds it by its key");
}

async fn until(outside: &Client, sql: &str) {
    for _ in 0..LOOKS_MAX {
        if outside.query_one(sql, &[]).await.unwrap().get(0) {
            return;
        }
    }
    panic!("it never came to this: {sql}");
}

/// Writes wait for a standby that is gone, and the server does not notice that nobody waits for them any more: they keep their
/// turns, so that however many are tried, they never take more of its connections than the share has.
#[tokio::test]
async fn writes_that_wait_for_a_lost_standby_take_no_more_connections() {
    let server = private_postgres::Server::start();
    let address = server.database();
    let limits = Limits { answer_ms_max: 500, ..QUICK };
    let outside = client(&address).await;
    let (_, records) = store_postgres::open(&target(&address).limited(limits), still()).await.unwrap();
    let mut members = Vec::new();
    for number in 1..=5 {
        members.push(add_member(&records, number, NOON).await);
    }
    outside.batch_execute("ALTER SYSTEM SET synchronous_standby_names = 'gone'").await.unwrap();
    outside.batch_execute("SELECT pg_reload_conf()").await.unwrap();
    until(&outside, "SELECT current_setting('synchronous_standby_names') = 'gone'").await;
    let deeds: Vec<Deed> = members.iter().map(|member| Deed::SetAdmin(*member, true)).collect();
    let write = |number: usize| deeds[number].perform(&records, NOON);
    for number in 0..2 {
        let written = write(number).await;
        assert!(matches!(written, Err(Failure::Unknown { .. })), "{written:?}");
    }
    for written in <[_; 2]>::from(tokio::join!(write(2), write(3))) {
        assert!(matches!(written, Err(Failure::Busy)), "{written:?}");
    }
    let held = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
    assert_eq!(outside.query_one(held, &[]).await.unwrap().get::<_, i64>(0), 2);
    assert!(records.member(members[0]).await.unwrap().is_some(), "reads go on");

    outside.batch_execute("ALTER SYSTEM RESET synchronous_standby_names").await.unwrap();
    outside.batch_execute("SELECT pg_reload_conf()").await.unwrap();
    let done = "SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name = 'neighborbid records' AND state = 'active'";
    until(&outside, done).await;
    assert!(write(4).await.unwrap(), "the turns are given back");
}

/// COMMIT waits for a standby that is gone, for longer than anyone waits for an answer: the round runs again, and waits at its
/// own locks until the first run has ended. Then its key is found.
#[tokio::test]
async fn a_commit_that_waits_for_a_lost_standby_is_found_when_it_is_done() {
    let server = private_postgres::Server::start();
    let address = server.database();
    let (_, records) = store_postgres::open(&target(&address), still()).await.unwrap();
    let member = add_member(&records, 1, NOON).await;
    let limits = Limits { answer_ms_max: 500, ..QUICK };
    let mut node = Node::by(target(&address).limited(limits), &HandClock::at(NOON), "one").await;
    let outside = client(&address).await;
    let waiting = |sql: &'static str| until(&outside, sql);
    outside.batch_execute("ALTER SYSTEM SET synchronous_standby_names = 'gone'").await.unwrap();
    outside.batch_execute("SELECT pg_reload_conf()").await.unwrap();
    waiting("SELECT current_setting('synchronous_standby_names') = 'gone'").await;
    let back = async {
        waiting("SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'SyncRep'").await;
        waiting("SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'").await;
        let refused = || server.said_of(&address).iter().filter(|line| line.contains("lock timeout")).count();
        while refused() < 2 {
            tokio::task::yield_now().await;
        }
        outside.batch_execute("ALTER SYSTEM RESET synchronous_standby_names").await.unwrap();
        outside.batch_execute("SELECT pg_reload_conf()").await.unwrap();
    };
    let (answer, ()) = tokio::join!(node.call(member, Call::Deposit { member, amount: 7_000 }), back);
    assert!(is_accepted(&answer), "{answer:?}");
    let row = outside.query_one("SELECT available, (SELECT count(*) FROM transfers) FROM wallets", &[]).await;
    let row = row.unwrap();
    assert_eq!((row.get::<_, i64>(0), row.get::<_, i64>(1)), (7_000, 1));
}
