//! Readers: what is found by its key never waits for what is searched.

use std::pin::pin;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::task::{Context, Poll, Waker};

use auction::Time;
use store::records::{Search, Session};
use store::{Failure, Records};

use super::{House, first};
use crate::readers::READS_WAITING_MAX;

/// A search that began and does not end before it is let go.
struct SlowSearch {
    began: Receiver<()>,
    let_go: SyncSender<()>,
}

impl SlowSearch {
    /// Two ends of it: what the test holds, and what runs on the reader.
    fn new() -> (SlowSearch, impl FnOnce(&rusqlite::Connection) -> rusqlite::Result<()> + Send + 'static) {
        let ((begins, began), (let_go, wait)) = (sync_channel(1), sync_channel(1));
        let search = move |_: &rusqlite::Connection| {
            begins.send(()).unwrap();
            wait.recv().unwrap();
            Ok(())
        };
        (SlowSearch { began, let_go }, search)
    }
}

#[test]
fn a_session_is_found_while_every_other_reader_and_its_queue_are_full() {
    let house = House::open();
    let mina = house.member("mina");
    let session = Session {
        token: [1; 32],
        member: mina,
        created_at: Time(1),
        seen_at: Time(1),
        expires_at: Time(100),
    };
    assert!(house.ask(house.records.create_session(session.clone(), "hash of mina".to_owned())));

    // The house of these tests has one reader of each group.
    let (slow, search) = SlowSearch::new();
    let mut searching = pin!(house.records.searches.run("searching for long", search));
    let context = &mut Context::from_waker(Waker::noop());
    assert!(searching.as_mut().poll(context).is_pending());
    slow.began.recv().unwrap();
    let mut waiting: Vec<_> =
        (0..READS_WAITING_MAX).map(|_| house.records.listings(Search::default(), first(1))).collect();
    assert!(waiting.iter_mut().all(|search| search.as_mut().poll(context).is_pending()));
    let mut one_more = house.records.listings(Search::default(), first(1));
    assert!(matches!(one_more.as_mut().poll(context), Poll::Ready(Err(Failure::Busy))));

    assert_eq!(house.ask(house.records.session([1; 32])).unwrap().0, session);
    assert_eq!(house.ask(house.records.credentials("mina")).unwrap().0.id, mina);
    assert!(house.ask(house.records.auction(auction::AuctionId(1))).is_none());

    slow.let_go.send(()).unwrap();
    house.ask(searching);
    for search in waiting {
        assert!(house.ask(search).items.is_empty());
    }
}
