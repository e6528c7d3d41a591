//! The hub from a connection's side: what it is woken for and what it collects, with the clock in the test's hand.

mod members;
mod stories;

use std::pin::pin;
use std::sync::atomic::AtomicI64;
use std::task::{Context, Poll, Waker};

use ledger::Wallet;

use super::*;
use crate::bus::LocalBus;
use crate::example::{START, bidder, events, shorts, state, told};
use crate::frame;

const CHAIR: AuctionId = AuctionId(1);
const ANNA: MemberId = MemberId(100);

/// A hub whose clock the test turns.
struct House {
    hub: Arc<Hub>,
    now: Arc<AtomicI64>,
}

impl House {
    fn with(settings: Settings) -> House {
        let now = Arc::new(AtomicI64::new(START.0));
        let clock = Arc::clone(&now);
        let clock: Clock = Arc::new(move || Time(clock.load(Ordering::Relaxed)));
        House { hub: Arc::new(Hub::new(settings, clock)), now }
    }

    /// No burst is too large here.
    fn unhurried() -> Settings {
        Settings { burst_frames: usize::MAX, ..Settings::default() }
    }

    /// A ring holds four events here.
    fn new() -> House {
        House::with(Settings { ring_frames: 4, ..House::unhurried() })
    }

    fn pass(&self, millis: i64) {
        self.now.fetch_add(millis * 1_000, Ordering::Relaxed);
    }

    /// A round that made these events is told, and whoever's turn it is hears of it.
    fn tell(&self, first: i64, last: i64) {
        self.hub.publish(told(CHAIR.0, first, last));
        self.hub.turn();
    }

    /// A round told that changed this member's wallet, for so many a time.
    fn pay(&self, member: MemberId, version: i64) {
        self.hub.publish(Told { at: START, auctions: Vec::new(), wallets: vec![(member, wallet(version))] });
    }

    /// A connection that watches, having read its snapshot as of event `seq`.
    fn watcher(&self, seq: i64) -> Connection {
        let mut connection = self.hub.connect();
        if connection.subscribe(CHAIR, None) == (Subscribed::NeedsState { known: Seq(0) }) {
            self.hub.resync(state(CHAIR.0, seq), Vec::new());
            assert_eq!(connection.subscribe(CHAIR, None), Subscribed::Following);
        }
        assert_eq!(collected(&mut connection), format!("={seq}"));
        connection
    }
}

fn is_ready(future: impl Future) -> bool {
    pin!(future).poll(&mut Context::from_waker(Waker::noop())).is_ready()
}

fn is_woken(connection: &Connection) -> bool {
    is_ready(connection.woken())
}

fn collected(connection: &mut Connection) -> String {
    let mut frames = Vec::new();
    assert!(!connection.collect(usize::MAX, &mut frames));
    shorts(&frames)
}

fn wallet(version: i64) -> Wallet {
    Wallet { version, ..Wallet::default() }
}

#[test]
fn a_watcher_gets_a_snapshot_and_then_every_event_once() {
    let house = House::new();
    let mut watcher = house.watcher(2);
    assert!(!is_woken(&watcher));
    for seq in 3..=10 {
        house.tell(seq, seq);
        assert!(is_woken(&watcher));
        assert_eq!(collected(&mut watcher), seq.to_string());
        house.pass(50);
    }
    assert_eq!(collected(&mut watcher), "");
}

#[test]
fn everything_behind_the_cursor_comes_in_one_go() {
    let house = House::new();
    let mut watcher = house.watcher(2);
    house.tell(3, 3);
    house.tell(4, 5);
    house.tell(6, 6);
    house.pass(50);
    house.hub.turn();
    assert_eq!(collected(&mut watcher), "3 4 5 6");
}

#[test]
fn a_reader_outrun_by_the_ring_gets_a_snapshot_and_goes_on_from_there() {
    let house = House::new();
    let mut watcher = house.watcher(2);
    house.tell(3, 3);
    house.tell(4, 8);
    house.pass(50);
    house.hub.turn();
    assert_eq!(collected(&mut watcher), "=8");
    house.pass(50);
    house.tell(9, 9);
    assert_eq!(collected(&mut watcher), "9");
}

#[test]
fn a_busy_auction_is_told_at_its_pace_even_to_who_is_woken_for_something_else() {
    let house = House::new();
    let mut watcher = house.watcher(2);
    assert!(watcher.sign_in(ANNA, 10));
    house.tell(3, 3);
    assert_eq!(collected(&mut watcher), "3");
    house.tell(4, 4);
    house.pay(ANNA, 1);
    assert!(is_woken(&watcher));
    assert_eq!(collected(&mut watcher), "wallet");
    house.pass(50);
    house.hub.turn();
    assert!(is_woken(&watcher));
    assert_eq!(collected(&mut watcher), "4");
}

#[test]
fn the_pacer_says_when_it_must_be_called_again() {
    let house = House::new();
    let _watcher = house.watcher(2);
    assert_eq!(house.hub.turn(), None);
    house.tell(3, 3);
    house.pass(20);
    house.hub.publish(told(CHAIR.0, 4, 4));
    assert_eq!(house.hub.turn(), Some(Duration::from_millis(30)));
    house.pass(10);
    assert_eq!(house.hub.turn(), Some(Duration::from_millis(20)));
    house.pass(20);
    assert_eq!(house.hub.turn(), None);
}

#[test]
fn a_clock_that_runs_back_does_not_silence_anyone() {
    let house = House::new();
    let mut watcher = house.watcher(2);
    house.tell(3, 3);
    house.tell(4, 4);
    house.pass(-3_600_000);
    assert_eq!(house.hub.turn(), None);
    assert_eq!(collected(&mut watcher), "3 4");
}

#[test]
fn keeping_the_pace_wakes_watchers_without_anyone_turning() {
    let house = House::new();
    let watcher = house.watcher(2);
    let mut pace = pin!(house.hub.pace());
    let mut context = Context::from_waker(Waker::noop());
    assert_eq!(pace.as_mut().poll(&mut context), Poll::Pending);
    LocalBus::new(Arc::clone(&house.hub)).publish(told(CHAIR.0, 3, 3));
    assert!(!is_woken(&watcher));
    assert_eq!(pace.as_mut().poll(&mut context), Poll::Pending);
    assert!(is_woken(&watcher));
}

#[test]
fn in_a_crowd_who_was_outbid_is_told_before_the_crowd() {
    let crowd = Settings { flush_per_watcher: Span::seconds(1), ..Settings::default() };
    let house = House::with(crowd);
    let stranger = house.watcher(3);
    let mut beaten = house.watcher(3);
    assert!(beaten.sign_in(bidder(4), 10));
    house.tell(4, 4);
    assert!(is_woken(&stranger) && is_woken(&beaten));
    assert_eq!(collected(&mut beaten), "4");
    house.pass(50);
    house.tell(5, 5);
    assert!(is_woken(&beaten));
    assert!(!is_woken(&stranger));
    assert_eq!(collected(&mut beaten), "5");
    house.pass(2_000);
    house.hub.turn();
    assert!(is_woken(&stranger));
}

#[test]
fn repeats_tell_nobody_anything() {
    let house = House::new();
    let mut watcher = house.watcher(5);
    house.tell(4, 5);
    house.hub.resync(state(CHAIR.0, 3), events(CHAIR.0, 1, 3));
    house.hub.turn();
    assert!(!is_woken(&watcher));
    assert_eq!(collected(&mut watcher), "");
}

#[test]
fn a_gap_is_behind_until_the_owner_brings_what_is_missing() {
    let house = House::new();
    let mut watcher = house.watcher(2);
    house.tell(4, 4);
    assert!(!is_woken(&watcher));
    assert_eq!(house.hub.behind(), [(CHAIR, Seq(2))]);
    assert_eq!(house.hub.watched(), [(CHAIR, Seq(2))]);
    house.hub.resync(state(CHAIR.0, 4), events(CHAIR.0, 3, 4));
    house.hub.turn();
    assert!(is_woken(&watcher));
    assert_eq!(collected(&mut watcher), "3 4");
    assert_eq!(house.hub.behind(), []);
}

#[test]
fn a_lost_last_frame_heals_by_the_state_alone() {
    let house = House::new();
    let mut watcher = house.watcher(2);
    assert_eq!(house.hub.watched(), [(CHAIR, Seq(2))]);
    house.hub.resync(state(CHAIR.0, 9), Vec::new());
    house.hub.turn();
    assert_eq!(collected(&mut watcher), "=9");
    house.pass(50);
    house.tell(10, 10);
    assert_eq!(collected(&mut watcher), "10");
}

#[test]
fn what_is_told_while_the_state_is_being_read_is_not_lost() {
    // (the round told meanwhile, the state read from the store, what the watcher then finds)
    for (meanwhile, read, found) in
        [(None, 5, "=5"), (Some(5), 5, "=5"), (Some(6), 5, "=6"), (Some(5), 6, "=6")]
    {
        let house = House::new();
        let mut watcher = house.hub.connect();
        assert_eq!(watcher.subscribe(CHAIR, None), Subscribed::NeedsState { known: Seq(0) });
        assert_eq!(collected(&mut watcher), "");
        if let Some(seq) = meanwhile {
            house.tell(seq, seq);
        }
        house.hub.resync(state(CHAIR.0, read), Vec::new());
        assert_eq!(watcher.subscribe(CHAIR, None), Subscribed::Following);
        assert_eq!(collected(&mut watcher), found, "told {meanwhile:?}, read {read}");
        house.pass(50);
        house.tell(7, 7);
        house.tell(6, 7);
        let next = if found == "=5" { "6 7" } else { "7" };
        assert_eq!(collected(&mut watcher), next);
    }
}

#[test]
fn since_is_replayed_from_the_ring() {
    let house = House::new();
    let _first = house.watcher(2);
    house.tell(3, 6);
    for (since, found) in [(2, "3 4 5 6"), (5, "6"), (6, "")] {
        let mut watcher = house.hub.connect();
        assert_eq!(watcher.subscribe(CHAIR, Some(Seq(since))), Subscribed::Following);
        assert_eq!(collected(&mut watcher), found, "since {since}");
    }
}

#[test]
fn since_beyond_the_ring_asks_the_store_whether_the_ring_lags() {
    for (stored, since, found) in [(9, 8, ""), (8, 8, ""), (6, 8, "=6"), (6, i64::MAX, "=6")] {
        let house = House::new();
        let _first = house.watcher(6);
        let mut watcher = house.hub.connect();
        assert_eq!(watcher.subscribe(CHAIR, Some(Seq(since))), Subscribed::NeedsState { known: Seq(6) });
        house.hub.resync(state(CHAIR.0, stored), Vec::new());
        house.hub.turn();
        let mut again = watcher.subscribe(CHAIR, Some(Seq(since)));
        if stored > since {
            assert_eq!(again, Subscribed::NeedsEvents { after: Seq(since) });
            again = watcher.replayed(CHAIR, Seq(stored));
        }
        assert_eq!(again, Subscribed::Following);
        assert_eq!(collected(&mut watcher), found, "since {since}, stored {stored}");
    }
}

#[test]
fn a_replay_that_passes_a_lagging_ring_goes_on_when_the_ring_gets_there() {
    let house = House::new();
    let _first = house.watcher(10);
    let mut watcher = house.hub.connect();
    assert_eq!(watcher.subscribe(CHAIR, Some(Seq(3))), Subscribed::NeedsEvents { after: Seq(3) });
    assert_eq!(watcher.replayed(CHAIR, Seq(12)), Subscribed::Following);
    house.tell(11, 12);
    assert_eq!(collected(&mut watcher), "");
    house.pass(50);
    house.tell(13, 13);
    assert_eq!(collected(&mut watcher), "13");
}

#[test]
fn since_before_the_ring_is_replayed_by_the_caller_without_a_gap() {
    let house = House::new();
    let _first = house.watcher(10);
    house.tell(11, 12);
    let mut watcher = house.hub.connect();
    assert_eq!(watcher.subscribe(CHAIR, Some(Seq(3))), Subscribed::NeedsEvents { after: Seq(3) });
    assert_eq!(collected(&mut watcher), "", "nothing passes by the replay");
    assert_eq!(watcher.replayed(CHAIR, Seq(8)), Subscribed::NeedsEvents { after: Seq(8) });
    house.tell(13, 14);
    assert_eq!(watcher.replayed(CHAIR, Seq(10)), Subscribed::Following);
    house.pass(50);
    house.hub.turn();
    assert_eq!(collected(&mut watcher), "11 12 13 14");
}

#[test]
fn a_ring_that_runs_away_from_a_replay_ends_it_with_a_snapshot() {
    let house = House::new();
    let _first = house.watcher(10);
    let mut watcher = house.hub.connect();
    assert_eq!(watcher.subscribe(CHAIR, Some(Seq(3))), Subscribed::NeedsEvents { after: Seq(3) });
    house.tell(11, 40);
    assert_eq!(watcher.replayed(CHAIR, Seq(9)), Subscribed::NeedsEvents { after: Seq(9) });
    assert_eq!(watcher.replayed(CHAIR, Seq(10)), Subscribed::Following);
    assert_eq!(collected(&mut watcher), "=40");
}

#[test]
fn a_replay_that_was_left_is_no_longer_asked_for() {
    let house = House::new();
    let _first = house.watcher(10);
    let mut watcher = house.hub.connect();
    assert_eq!(watcher.subscribe(CHAIR, Some(Seq(3))), Subscribed::NeedsEvents { after: Seq(3) });
    assert!(watcher.unsubscribe(CHAIR));
    assert_eq!(watcher.replayed(CHAIR, Seq(5)), Subscribed::Following);
    assert_eq!(collected(&mut watcher), "");
}

#[test]
fn subscribing_again_starts_anew_and_counts_once() {
    let house = House::new();
    let mut watcher = house.watcher(2);
    assert_eq!(watcher.subscribe(CHAIR, None), Subscribed::Following);
    assert_eq!(collected(&mut watcher), "=2");
    assert_eq!((watcher.subscriptions(), house.hub.watchers(CHAIR)), (1, 1));
}

#[test]
fn unsubscribing_and_dropping_leave_nothing_behind() {
    let house = House::new();
    let mut one = house.watcher(2);
    let mut two = house.watcher(2);
    assert!(two.sign_in(ANNA, 10));
    assert_eq!((house.hub.watchers(CHAIR), house.hub.connections()), (2, 2));
    assert!(one.unsubscribe(CHAIR));
    assert!(!one.unsubscribe(CHAIR));
    house.tell(3, 3);
    assert_eq!((is_woken(&one), is_woken(&two)), (false, true));
    drop(two);
    assert_eq!((house.hub.watchers(CHAIR), house.hub.connections()), (0, 1));
    assert_eq!(house.hub.connections_of(ANNA), 0);
    assert!(read(&house.hub.rings).is_empty() && read(&house.hub.members).is_empty());
    assert_eq!(
        one.subscribe(CHAIR, None),
        Subscribed::NeedsState { known: Seq(0) },
        "an empty ring is gone with all it knew"
    );
}

#[test]
fn room_is_kept_and_nothing_is_lost_for_lack_of_it() {
    let house = House::with(House::unhurried());
    let mut watcher = house.watcher(2);
    house.tell(3, 20);
    let mut seen = String::new();
    let mut calls = 0;
    loop {
        let mut frames = Vec::new();
        let more = watcher.collect(1_000, &mut frames);
        assert!(frames.iter().map(Frame::size).sum::<usize>() < 1_000 + 400);
        seen = format!("{seen}{} ", shorts(&frames));
        calls += 1;
        if !more {
            break;
        }
    }
    assert!(calls > 3);
    assert_eq!(seen.trim(), (3..=20).map(|seq| seq.to_string()).collect::<Vec<_>>().join(" "));
}

#[test]
fn a_busy_auction_never_starves_the_others() {
    let house = House::with(House::unhurried());
    let mut watcher = house.watcher(2);
    let quiet = AuctionId(2);
    assert_eq!(watcher.subscribe(quiet, None), Subscribed::NeedsState { known: Seq(0) });
    house.hub.resync(state(quiet.0, 2), Vec::new());
    assert_eq!(watcher.subscribe(quiet, None), Subscribed::Following);
    house.tell(3, 100);
    let mut frames = Vec::new();
    assert!(watcher.collect(1_000, &mut frames));
    assert!(watcher.collect(1_000, &mut frames));
    assert!(shorts(&frames).split(' ').any(|frame| frame == "=2"));
}
