//! A node with all that goes on in it: an engine, followers, a hub with its pace, perhaps a bus; and whoever watches there.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use auction::{AuctionId, Span, Time};
use conformance::journal::HandClock;
use engine::{Follower, Rests};
use ledger::MemberId;
use live::{BusAddress, Connection, Frame, Hub, RedisBus, Subscribed};
use store::Records;
use store_postgres::PostgresRecords;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::node::Node;
use super::store::{still, target};
use crate::journal::NOON;

/// Whatever a test waits for has come by then, or the test has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often it looks for what does not say that it has come.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// An engine whose rounds the test makes, and everything else running beside it until it is dropped.
pub struct LiveNode {
    pub node: Node,
    pub hub: Arc<Hub>,
    pub records: PostgresRecords,
    _tasks: JoinSet<()>,
    _stop: watch::Sender<bool>,
}

impl LiveNode {
    /// Over a database whose schema is up to date. `number` is the node's own on the bus, if there is one.
    pub async fn over(address: &str, name: &'static str, rests: Rests, bus: Option<(&str, u64)>) -> LiveNode {
        let (_, records) = store_postgres::open(&target(address), still()).await.unwrap();
        let bus = bus.map(|(address, number)| RedisBus::new(BusAddress::parse(address).unwrap(), number));
        // No event is ever part of a burst here, and the clock goes on with each look at it.
        let settings = live::Settings { burst_frames: usize::MAX, ..live::Settings::default() };
        let now = AtomicI64::new(NOON.0);
        let clock = move || Time(now.fetch_add(Span::seconds(1).0, Ordering::Relaxed));
        let hub = Hub::new(settings, Arc::new(clock));
        let hub = Arc::new(match &bus {
            Some(bus) => hub.hinting(bus.hints()),
            None => hub,
        });
        let node = Node::telling(target(address), &HandClock::at(NOON), name, Arc::clone(&hub)).await;
        let (stop, stopping) = watch::channel(false);
        let follower =
            Follower::new(Arc::new(records.clone()), Arc::clone(&hub), Arc::new(|| NOON), stopping);
        let mut tasks = JoinSet::new();
        tasks.spawn(follower.resting(rests).run());
        let pacing = Arc::clone(&hub);
        tasks.spawn(async move { pacing.pace().await });
        if let Some(bus) = bus {
            tasks.spawn(bus.run(Arc::clone(&hub)));
        }
        LiveNode { node, hub, records, _tasks: tasks, _stop: stop }
    }

    /// Somebody signs in here, and watches an auction if there is one to watch.
    pub async fn watcher(&self, member: MemberId, auction: Option<AuctionId>) -> Watcher {
        let mut connection = self.hub.connect();
        assert!(connection.sign_in(member, usize::MAX));
        if let Some(auction) = auction
            && let Subscribed::NeedsState { .. } = connection.subscribe(auction, None)
        {
            let row = self.records.auction(auction).await.unwrap().unwrap();
            self.hub.resync(row.auction, Vec::new());
            assert_eq!(connection.subscribe(auction, None), Subscribed::Following);
        }
        let mut watcher = Watcher { connection, seen: Vec::new() };
        // Whoever watches has read where the auction stands before anything else happens.
        watcher.connection.collect(usize::MAX, &mut watcher.seen);
        watcher
    }

    /// Waits until hints come here, or come no more.
    pub async fn until_bus(&self, is_up: bool) {
        let hints = self.hub.hints().unwrap();
        let looking = async {
            while hints.is_up() != is_up {
                sleep(LOOK_EVERY).await;
            }
        };
        timeout(PATIENCE, looking).await.unwrap_or_else(|_| panic!("up should be {is_up}: {hints:?}"));
    }
}

/// A connection, and all that it ever brought.
pub struct Watcher {
    pub connection: Connection,
    pub seen: Vec<Frame>,
}

impl Watcher {
    /// Reads until a frame of this type bears this number under this name, also one that was read before.
    pub async fn until(&mut self, kind: &str, name: &str, number: i64) {
        let reading = async {
            loop {
                self.connection.collect(usize::MAX, &mut self.seen);
                let is_there = |frame: &Frame| is_of(frame, kind) && figure(frame, name) == Some(number);
                if self.seen.iter().any(is_there) {
                    return;
                }
                self.connection.woken().await;
            }
        };
        let read = timeout(PATIENCE, reading).await;
        assert!(read.is_ok(), "no {kind} with {name} {number}: {:#?}", self.seen);
    }

    /// Waits until the connection is asked to look whether its session still holds.
    pub async fn until_doubted(&mut self) {
        let waiting = async {
            while !self.connection.must_check_session() {
                self.connection.woken().await;
            }
        };
        timeout(PATIENCE, waiting).await.expect("nobody doubts the session");
    }

    /// The frames of one type.
    pub fn of(&self, kind: &str) -> impl Iterator<Item = &Frame> {
        self.seen.iter().filter(move |frame| is_of(frame, kind))
    }

    /// The numbers of the events, in the order in which they came, behind a snapshot as of the one before.
    pub fn assert_gapless(&self) -> i64 {
        let told: Vec<_> =
            self.seen.iter().filter_map(|frame| Some((frame, figure(frame, "seq")?))).collect();
        let (snapshot, first) = told[0];
        assert!(is_of(snapshot, "auction"), "{snapshot:?}");
        for ((frame, seq), expected) in told[1..].iter().zip(first + 1..) {
            assert!(!is_of(frame, "auction") && *seq == expected, "{expected} should come, not {frame:?}");
        }
        told.last().unwrap().1
    }
}

fn is_of(frame: &Frame, kind: &str) -> bool {
    frame.as_str().starts_with(&format!("{{\"type\":\"{kind}\""))
}

/// The number of that name in a frame.
pub fn figure(frame: &Frame, name: &str) -> Option<i64> {
    let (_, rest) = frame.as_str().split_once(&format!("\"{name}\":"))?;
    rest.split([',', '}']).next()?.parse().ok()
}
