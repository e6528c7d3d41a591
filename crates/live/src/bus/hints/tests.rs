use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};

use auction::AuctionId;
use ledger::Wallet;

use super::*;
use crate::Settings;
use crate::bus::LocalBus;
use crate::example::{START, state, told};

const CHAIR: AuctionId = AuctionId(1);
const ANNA: MemberId = MemberId(100);

/// The node under test, which watches the chair as of event 5 and where Anna is, and another one.
struct Nodes {
    hub: Arc<Hub>,
    hints: Hints,
    waiting: mpsc::Receiver<Hint>,
    watcher: crate::Connection,
    other: u64,
}

impl Nodes {
    fn new() -> Nodes {
        let (hints, waiting) = Hints::new(1);
        let hub = Arc::new(Hub::new(Settings::default(), Arc::new(|| START)).hinting(hints.clone()));
        let mut watcher = hub.connect();
        assert!(watcher.sign_in(ANNA, 1));
        watcher.subscribe(CHAIR, None);
        hub.resync(state(CHAIR.0, 5), Vec::new());
        Nodes { hub, hints, waiting, watcher, other: 2 }
    }

    fn hear(&self, told: &Told) {
        let messages = Hint::of(told).messages(self.other, 0);
        messages.iter().for_each(|message| self.hints.hear(message, &self.hub));
    }

    fn has_rung(&self) -> bool {
        let rung = pin!(self.hints.rung());
        rung.poll(&mut Context::from_waker(Waker::noop())).is_ready()
    }
}

fn round(auction: i64, seq: i64, members: &[MemberId]) -> Told {
    let wallets = members.iter().map(|member| (*member, Wallet::default())).collect();
    Told { wallets, ..told(auction, seq, seq) }
}

#[test]
fn a_hint_rings_only_if_it_matters_here() {
    let nodes = Nodes::new();
    for (story, round, matters) in [
        ("an event that the ring lacks", round(CHAIR.0, 6, &[]), true),
        ("the ring's newest event", round(CHAIR.0, 5, &[]), false),
        ("an older event", round(CHAIR.0, 3, &[]), false),
        ("an auction that nobody watches here", round(2, 9, &[]), false),
        ("a member who is here", round(2, 9, &[ANNA]), true),
        ("members who are not here", round(2, 9, &[MemberId(8), MemberId(9)]), false),
    ] {
        nodes.hear(&round);
        assert_eq!(nodes.has_rung(), matters, "{story}");
    }
    let figures = nodes.hints.figures();
    assert_eq!((figures.heard, figures.mattered, figures.strange), (6, 2, 0));
}

#[test]
fn repeated_reordered_and_forged_hints_change_nothing_that_is_shown() {
    let mut nodes = Nodes::new();
    nodes.watcher.collect(usize::MAX, &mut Vec::new());
    for seq in [7, 6, 6, 7, 1_000_000_000_000, 1] {
        nodes.hear(&round(CHAIR.0, seq, &[ANNA]));
    }
    nodes.hints.hear(b"nb\x01 and so on", &nodes.hub);
    nodes.hub.turn();
    assert!(nodes.has_rung());
    assert!(!nodes.has_rung(), "however many came, one look answers them");
    let mut frames = Vec::new();
    nodes.watcher.collect(usize::MAX, &mut frames);
    assert_eq!(frames, []);
    assert_eq!(nodes.hub.watched(), [(CHAIR, auction::Seq(5))]);
    assert_eq!(nodes.hints.figures().strange, 1);
}

#[test]
fn a_session_that_ended_elsewhere_is_looked_at_here_and_not_hinted_on() {
    let mut nodes = Nodes::new();
    let message = Hint::of_sessions(ANNA).messages(nodes.other, 0);
    nodes.hints.hear(&message[0], &nodes.hub);
    assert!(nodes.watcher.must_check_session());
    assert!(nodes.waiting.try_recv().is_err());
    assert!(!nodes.has_rung(), "the store is not asked for what others kept");
    nodes.hub.sessions_changed(ANNA);
    assert!(nodes.watcher.must_check_session());
    assert_eq!(nodes.waiting.try_recv(), Ok(Hint::of_sessions(ANNA)));
}

#[test]
fn what_is_told_here_is_hinted_and_what_is_heard_is_not() {
    let mut nodes = Nodes::new();
    let bus = LocalBus::new(Arc::clone(&nodes.hub));
    bus.publish(round(CHAIR.0, 6, &[ANNA]));
    assert_eq!(nodes.waiting.try_recv(), Ok(Hint::of(&round(CHAIR.0, 6, &[ANNA]))));
    nodes.hub.publish(round(CHAIR.0, 7, &[ANNA]));
    bus.publish(Told { at: START, auctions: Vec::new(), wallets: Vec::new() });
    assert!(nodes.waiting.try_recv().is_err());
}

#[test]
fn a_hint_that_finds_no_room_is_dropped_and_counted() {
    let nodes = Nodes::new();
    for _ in 0..HINTS_WAITING_MAX {
        nodes.hub.sessions_changed(ANNA);
    }
    assert_eq!(nodes.hints.figures().dropped, 0);
    nodes.hub.sessions_changed(ANNA);
    let figures = nodes.hints.figures();
    assert_eq!((figures.told, figures.dropped), (HINTS_WAITING_MAX as u64, 1));
}

#[test]
fn only_a_nodes_own_and_newest_beats_count() {
    let nodes = Nodes::new();
    let beaten = || {
        let beaten = pin!(nodes.hints.beaten());
        beaten.poll(&mut Context::from_waker(Waker::noop())).is_ready()
    };
    let hear = |node: u64, beat: u64| {
        let messages = Hint::default().messages(node, beat);
        messages.iter().for_each(|message| nodes.hints.hear(message, &nodes.hub));
    };
    for _ in 0..5 {
        nodes.hints.next_beat();
    }
    for (story, node, beat, counts) in [
        ("another node's", 2, 5, false),
        ("its newest", 1, 5, true),
        ("one that is two behind", 1, 3, true),
        ("one that is three behind", 1, 2, false),
        ("one that was never sent", 1, 6, false),
    ] {
        hear(node, beat);
        assert_eq!(beaten(), counts, "{story}");
    }
    assert_eq!(nodes.hints.newest_beat(), 5);
    assert_eq!(nodes.hints.figures().heard, 0);
}
