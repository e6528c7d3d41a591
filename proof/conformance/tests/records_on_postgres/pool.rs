//! The pool: what is found by its key never waits for what is searched, being full is an answer, and a connection that
//! broke is replaced.

use conformance::journal::deed::Deed;
use std::pin::pin;
use std::task::{Context, Waker};

use auction::Time;
use store::records::{Search, Session};
use store::{Failure, Records};

use crate::house::{House, connect, first};

/// How many may wait for a share of the store's connections.
const WAITING_MAX: usize = 1_024;

#[tokio::test]
async fn a_session_is_found_while_every_search_and_its_queue_are_full() {
    let house = House::open().await;
    let mina = house.member("mina").await;
    let session = Session {
        token: [1; 32],
        member: mina,
        created_at: Time(1),
        seen_at: Time(1),
        expires_at: Time(100),
    };
    assert!(house.records.create_session(session.clone(), "hash of mina".to_owned()).await.unwrap());

    let other = connect(&house.target).await;
    other.batch_execute("BEGIN; LOCK TABLE listings IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let search = || house.records.listings(Search::default(), first(1));
    let context = &mut Context::from_waker(Waker::noop());
    let mut searches: Vec<_> =
        (0..store_postgres::SEARCH_CONNECTIONS + WAITING_MAX).map(|_| search()).collect();
    assert!(searches.iter_mut().all(|search| search.as_mut().poll(context).is_pending()));
    let one_more = search().await;
    assert!(matches!(one_more, Err(Failure::Busy)), "{one_more:?}");

    assert_eq!(house.records.session([1; 32]).await.unwrap().unwrap().0, session);
    assert_eq!(house.records.credentials("mina").await.unwrap().unwrap().0.id, mina);
    assert!(house.records.auction(auction::AuctionId(1)).await.unwrap().is_none());
    drop(searches);
    other.batch_execute("ROLLBACK").await.unwrap();
    assert!(search().await.unwrap().items.is_empty());
}

#[tokio::test]
async fn a_read_that_takes_too_long_is_cut_off_and_its_connection_goes_on() {
    let house = House::open().await;
    let other = connect(&house.target).await;
    for _ in 0..2 * store_postgres::SEARCH_CONNECTIONS {
        other.batch_execute("BEGIN; LOCK TABLE listings IN ACCESS EXCLUSIVE MODE").await.unwrap();
        let cut = house.records.listings(Search::default(), first(1)).await;
        assert!(matches!(cut, Err(Failure::Unavailable { .. })), "{cut:?}");
        other.batch_execute("ROLLBACK").await.unwrap();
        assert!(house.records.listings(Search::default(), first(1)).await.unwrap().items.is_empty());
    }
    let sql = "SELECT count(*) FROM pg_stat_activity \
               WHERE datname = current_database() AND application_name = 'neighborbid records'";
    assert!(house.number(sql, &[]).await <= 2, "one of searches, perhaps one of writes");
}

#[tokio::test]
async fn a_connection_that_was_lost_is_replaced() {
    let house = House::open().await;
    let mina = house.member("mina").await;
    assert!(house.records.member(mina).await.unwrap().is_some());
    let sql = "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity \
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    assert!(house.number(sql, &[]).await >= 2);
    // The first may still find the old one; whoever asks again is served.
    for _ in 0..2 {
        let _ = house.records.member(mina).await;
        let _ = Deed::Suspend(mina).perform(&house.records, Time(1)).await;
    }
    assert!(house.records.member(mina).await.unwrap().unwrap().suspended);
}

#[tokio::test]
async fn whoever_leaves_in_the_middle_leaves_nothing_behind() {
    let house = House::open().await;
    let mina = house.member("mina").await;
    let context = &mut Context::from_waker(Waker::noop());
    let other = connect(&house.target).await;
    for round in 0..20 {
        other.batch_execute("BEGIN").await.unwrap();
        other.execute("SELECT FROM members WHERE id = $1 FOR UPDATE", &[&mina.0]).await.unwrap();
        {
            let mut leaving = pin!(house.records.set_password(mina, format!("left {round}"), None, None));
            for _ in 0..200 {
                assert!(leaving.as_mut().poll(context).is_pending());
                tokio::task::yield_now().await;
            }
        }
        other.batch_execute("COMMIT").await.unwrap();
        let known = house.records.credentials("mina").await.unwrap().unwrap().1;
        assert!(house.records.set_password(mina, "new".to_owned(), Some(known), None).await.unwrap());
    }
}
