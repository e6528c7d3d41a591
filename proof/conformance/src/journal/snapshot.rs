//! A snapshot: everything that a store says of itself at the engine's door.

use std::collections::{BTreeMap, BTreeSet};

use auction::{Auction, AuctionId, Bidder, Time};
use ledger::MemberId;
use store::{Due, Journal, KeptKey, Key, Loaded, MemberStanding, Next, Portion, Wanted};

/// More deadlines than any test makes.
const DUE_MAX: usize = 100_000;

/// What a store says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Snapshot {
    pub(super) auctions: BTreeMap<AuctionId, Auction>,
    pub(super) members: BTreeMap<MemberId, MemberStanding>,
    pub(super) bidders: BTreeMap<(AuctionId, MemberId), Bidder>,
    pub(super) blocked: BTreeSet<(AuctionId, MemberId)>,
    pub(super) keys: BTreeMap<Key, KeptKey>,
    pub(super) due: BTreeMap<AuctionId, Time>,
    pub(super) heartbeat: Option<Time>,
    pub(super) next: Next,
}

impl Snapshot {
    /// Asks for everything: auctions and members up to these numbers, and these keys.
    pub(super) async fn of<J: Journal>(
        journal: &mut J,
        auctions: i64,
        members: i64,
        keys: &BTreeSet<Key>,
    ) -> Snapshot {
        let auctions: Vec<AuctionId> = (1..=auctions).map(AuctionId).collect();
        let members: Vec<MemberId> = (1..=members).map(MemberId).collect();
        let pairs = auctions.iter().flat_map(|auction| members.iter().map(|member| (*auction, *member)));
        let wanted =
            Wanted { callers: pairs.collect(), keys: keys.iter().cloned().collect(), auctions, members };
        let loaded = journal.begin(&wanted).await.expect("a store can be read");
        journal.abandon().await;
        let due = journal.due(Portion::WHOLE, None, Time(i64::MAX), DUE_MAX).await;
        let due = due.expect("a store says what is due");
        assert!(due.is_sorted(), "what is due comes soonest first: {due:?}");
        assert_eq!(journal.heartbeat().await.expect("a store knows its heartbeat"), loaded.heartbeat);
        Snapshot::from(loaded, due)
    }

    fn from(loaded: Loaded, due: Vec<Due>) -> Snapshot {
        Snapshot {
            auctions: loaded.auctions,
            members: loaded.members,
            bidders: loaded.bidders.into_iter().collect(),
            blocked: loaded.blocked.into_iter().collect(),
            keys: loaded.keys.into_iter().collect(),
            due: due.into_iter().map(|due| (due.auction, due.at)).collect(),
            heartbeat: loaded.heartbeat,
            next: loaded.next,
        }
    }
}
