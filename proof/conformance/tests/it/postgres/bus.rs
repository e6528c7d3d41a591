//! Two nodes with a Redis between them: whatever becomes of it changes how soon things are seen, and nothing else.

use std::time::Duration;

use auction::{AuctionId, EventKind, Seq};
use engine::{Accepted, Answer, Rests};
use ledger::MemberId;
use private_redis::Redis;
use store::Records;
use store_postgres::PostgresRecords;

use super::audit::report;
use super::live_node::{LiveNode, Watcher};
use super::node::bid;
use super::store::{add_member, still, target};
use crate::journal::NOON;

/// Rests that no test lives to see the end of.
const FOR_EVER: Rests = Rests {
    following: Duration::from_secs(86_400),
    listening: Duration::from_secs(86_400),
    listening_beside_hints: Duration::from_secs(86_400),
};

/// How many bids each story between two acts of fate has.
const BIDS: i64 = 12;

/// Two nodes with a bus, a chair, and two members who bid on it and watch it on both nodes.
struct Town {
    address: String,
    redis: Redis,
    nodes: [LiveNode; 2],
    records: PostgresRecords,
    bidders: [MemberId; 2],
    chair: AuctionId,
    /// Each bidder on each node.
    watchers: Vec<(MemberId, Watcher)>,
    /// The amounts that were accepted, in order.
    accepted: Vec<i64>,
    /// The newest event.
    head: Seq,
}

impl Town {
    async fn of(rests: Rests) -> Town {
        let address = private_postgres::server().database();
        let redis = Redis::start();
        let (_, records) = store_postgres::open(&target(&address), still()).await.unwrap();
        let bus = redis.address();
        let mut one = LiveNode::over(&address, "one", rests, Some((&bus, 1))).await;
        let other = LiveNode::over(&address, "other", rests, Some((&bus, 2))).await;
        let seller = add_member(&records, 1, NOON).await;
        let bidders = [add_member(&records, 2, NOON).await, add_member(&records, 3, NOON).await];
        for bidder in bidders {
            one.node.deposit(bidder, 9_000_000).await;
        }
        let chair = one.node.list(seller, None).await;
        let mut watchers = Vec::new();
        for node in [&one, &other] {
            for bidder in bidders {
                watchers.push((bidder, node.watcher(bidder, Some(chair)).await));
            }
        }
        let (nodes, accepted, head) = ([one, other], Vec::new(), Seq(1));
        let town = Town { address, redis, nodes, records, bidders, chair, watchers, accepted, head };
        town.until_bus(true).await;
        town
    }

    async fn until_bus(&self, is_up: bool) {
        for node in &self.nodes {
            node.until_bus(is_up).await;
        }
    }

    /// Bids come in on both nodes in turn, each is accepted, and everyone sees all of them and his own wallet.
    async fn trade(&mut self) {
        for _ in 0..BIDS {
            let amount = 1_000 * (self.accepted.len() as i64 + 1);
            let turn = self.accepted.len() % 2;
            let (bidder, call) = bid(self.chair, self.bidders[turn], amount);
            match self.nodes[turn].node.call(bidder, call).await {
                Answer::Accepted(Accepted::Auction { event, .. }) => self.head = event.seq,
                other => panic!("{amount}: {other:?}"),
            }
            self.accepted.push(amount);
        }
        for (bidder, watcher) in &mut self.watchers {
            let wallet = self.records.wallet(*bidder).await.unwrap().wallet;
            watcher.until("bid", "seq", self.head.0).await;
            watcher.until("wallet", "version", wallet.version).await;
            let newest = watcher.of("wallet").last().unwrap();
            assert_eq!(*newest, live::frame::wallet(wallet));
        }
    }

    /// Every acknowledged bid is stored once, in order; each watcher saw every event; the store can be true.
    async fn assert_sound(&self) {
        let events = self.records.events(self.chair, Seq(0), 1_000).await.unwrap();
        let bids = events.iter().filter(|event| event.kind == EventKind::Bid);
        let stored: Vec<i64> = bids.map(|event| event.amount.unwrap().won()).collect();
        assert_eq!(stored, self.accepted);
        for (_, watcher) in &self.watchers {
            assert_eq!(watcher.assert_gapless(), self.head.0);
        }
        while self.records.follow().await.unwrap().more {}
        let found = report(&self.address).await;
        let wrong: Vec<_> = found.values().flat_map(|check| check.examples.clone()).collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}

/// There are no leases: nothing is held in Redis, so nothing expires. It stands still, goes on, dies and comes back empty,
/// while bids come in on both nodes.
#[tokio::test]
async fn lock_lease_expiry() {
    let mut town = Town::of(Rests::default()).await;
    town.trade().await;
    town.redis.pause();
    town.trade().await;
    town.until_bus(false).await;
    town.trade().await;
    town.redis.go_on();
    town.until_bus(true).await;
    town.trade().await;
    town.redis.kill();
    town.trade().await;
    town.until_bus(false).await;
    town.trade().await;
    town.redis.start_again();
    town.until_bus(true).await;
    town.trade().await;
    town.assert_sound().await;
}

/// Nobody asks the store by himself here: what comes to the other node came by a hint.
#[tokio::test]
async fn a_hint_wakes_the_other_node() {
    let mut town = Town::of(FOR_EVER).await;
    town.trade().await;
    town.assert_sound().await;
}

/// A sign-out on one node is looked at on the other, where the member's sockets are.
#[tokio::test]
async fn a_session_that_ends_is_doubted_on_the_other_node() {
    let town = Town::of(FOR_EVER).await;
    let [one, other] = &town.nodes;
    let gone = town.bidders[0];
    let mut there = other.watcher(gone, None).await;
    assert!(!there.connection.must_check_session());
    one.hub.sessions_changed(gone);
    // Doubt wakes a connection as a wallet does; the hint comes when it comes.
    there.until_doubted().await;
    for (member, watcher) in &town.watchers {
        assert_eq!(watcher.connection.must_check_session(), *member == gone);
    }
}

/// A message as a node writes it, by hand.
fn forged(node: u64, beat: u64, heads: &[(i64, i64)], wallets: &[i64], sessions: &[i64]) -> Vec<u8> {
    let mut bytes = b"nb\x01".to_vec();
    bytes.extend(node.to_le_bytes());
    bytes.extend(beat.to_le_bytes());
    for length in [heads.len(), wallets.len(), sessions.len()] {
        bytes.extend(u16::try_from(length).unwrap().to_le_bytes());
    }
    let numbers = heads.iter().flat_map(|(auction, seq)| [*auction, *seq]);
    numbers.chain(wallets.iter().copied()).chain(sessions.iter().copied()).for_each(|number| {
        bytes.extend(number.to_le_bytes());
    });
    bytes
}

/// Whoever can write to the bus can make nodes look into the store for nothing, and no more.
#[tokio::test]
async fn repeated_reordered_and_forged_hints_change_nothing() {
    let mut town = Town::of(Rests::default()).await;
    let chair = town.chair.0;
    let bidders = town.bidders.map(|bidder| bidder.0);
    town.trade().await;
    for seq in [5, 3, 5, 1, i64::MAX, 4] {
        town.redis.publish("neighborbid:0", &forged(9, 0, &[(chair, seq), (777, seq)], &bidders, &[]));
    }
    let strange: [&[u8]; 5] =
        [b"", b"nb\x02", b"{\"type\":\"bid\",\"id\":1,\"seq\":99}", b"\0\xff", &[7; 100_000]];
    for message in strange {
        assert_eq!(town.redis.publish("neighborbid:0", message), 2);
    }
    // In the name of a node itself: beats that were never sent, and hints that it would not hear.
    town.redis.publish("neighborbid:0", &forged(1, u64::MAX, &[(chair, i64::MAX)], &bidders, &bidders));
    town.trade().await;
    for node in &town.nodes {
        let figures = node.hub.hints().unwrap().figures();
        assert_eq!(figures.strange, strange.len() as u64, "{figures:?}");
        assert!(figures.is_up && figures.mattered > 0, "{figures:?}");
        assert_eq!(node.hub.watched(), [(town.chair, town.head)]);
    }
    town.assert_sound().await;
}
