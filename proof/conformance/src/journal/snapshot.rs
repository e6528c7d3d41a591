//! A snapshot: everything that a store says of itself at the engine's door.

use std::collections::{BTreeMap, BTreeSet};

use auction::{Aftermath, Auction, AuctionId, Bidder, Hand, Item, PictureAddress, Time};
use ledger::{MemberId, Money, TransferId, WithdrawalId};

use super::deed::address;
use store::{
    Chore, Deposited, Due, Journal, KeptKey, Key, Loaded, MemberStanding, Next, Portion, Wanted, Withdrawal,
};

/// So many of the first pictures are asked for, of every member.
const PICTURES_ASKED: u8 = 8;

/// More rows than any test makes.
const ROWS_MAX: usize = 100_000;

/// Of how many rivals the rows are asked.
const RIVALS: usize = 2;

/// A chore without its number, which is the store's own.
pub(super) type ChoreSaid = (AuctionId, Option<MemberId>, Hand, Option<String>);

/// What a store says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Snapshot {
    pub(super) auctions: BTreeMap<AuctionId, Auction>,
    pub(super) members: BTreeMap<MemberId, MemberStanding>,
    pub(super) bidders: BTreeMap<(AuctionId, MemberId), Bidder>,
    pub(super) blocked: BTreeSet<(AuctionId, MemberId)>,
    pub(super) items: BTreeMap<AuctionId, Item>,
    /// Those among the pictures asked for.
    pub(super) pictures: Vec<(MemberId, PictureAddress)>,
    pub(super) aftermaths: BTreeMap<AuctionId, Aftermath>,
    pub(super) barred: BTreeSet<MemberId>,
    pub(super) withdrawals: BTreeMap<WithdrawalId, Withdrawal>,
    /// Those among the transfers asked for.
    pub(super) deposits: BTreeMap<TransferId, Deposited>,
    pub(super) owed: BTreeMap<MemberId, Money>,
    pub(super) fees: Money,
    pub(super) keys: BTreeMap<Key, KeptKey>,
    pub(super) due: BTreeMap<AuctionId, Time>,
    /// The auctions whose order or offer is open.
    pub(super) open: Vec<AuctionId>,
    pub(super) chores: Vec<ChoreSaid>,
    pub(super) heartbeat: Option<Time>,
    pub(super) next: Next,
}

/// Up to which numbers a store is asked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    pub(super) auctions: i64,
    pub(super) members: i64,
    pub(super) withdrawals: i64,
}

impl Snapshot {
    /// Asks for everything: up to these numbers, these keys, and these transfers as deposits.
    pub(super) async fn of<J: Journal>(
        journal: &mut J,
        extent: Extent,
        keys: &BTreeSet<Key>,
        deposits: BTreeSet<TransferId>,
    ) -> Snapshot {
        let auctions: Vec<AuctionId> = (1..=extent.auctions).map(AuctionId).collect();
        let members: Vec<MemberId> = (1..=extent.members).map(MemberId).collect();
        let pairs = auctions.iter().flat_map(|auction| members.iter().map(|member| (*auction, *member)));
        let pictures =
            members.iter().flat_map(|member| (0..PICTURES_ASKED).map(|number| (*member, address(number))));
        let wanted = Wanted {
            pictures: pictures.collect(),
            callers: pairs.collect(),
            rivals: Vec::new(),
            items: auctions.clone(),
            listers: members.clone(),
            withdrawals: (1..=extent.withdrawals).map(WithdrawalId).collect(),
            keys: keys.iter().cloned().collect(),
            deposits: deposits.into_iter().collect(),
            debtors: members.clone(),
            fees: true,
            references: Vec::new(),
            chores: Vec::new(),
            auctions,
            members,
        };
        let loaded = journal.begin(&wanted).await.expect("a store can be read");
        journal.abandon().await;
        let due = journal.due(Portion::WHOLE, None, Time(i64::MAX), ROWS_MAX).await;
        let due = due.expect("a store says what is due");
        assert!(due.is_sorted(), "what is due comes soonest first: {due:?}");
        let open = journal.open_aftermaths(AuctionId(0), ROWS_MAX).await.expect("a store says what is open");
        assert!(open.is_sorted(), "what is open comes by number: {open:?}");
        let chores = journal.chores(Portion::WHOLE, ROWS_MAX).await.expect("a store says what is to be done");
        assert_eq!(journal.heartbeat().await.expect("a store knows its heartbeat"), loaded.heartbeat);
        Snapshot::from(loaded, due, open, chores)
    }

    fn from(loaded: Loaded, due: Vec<Due>, open: Vec<AuctionId>, chores: Vec<Chore>) -> Snapshot {
        let said = |chore: Chore| (chore.auction, chore.member, chore.by, chore.reason);
        Snapshot {
            auctions: loaded.auctions,
            members: loaded.members,
            bidders: loaded.bidders.into_iter().collect(),
            blocked: loaded.blocked.into_iter().collect(),
            items: loaded.items,
            pictures: loaded.pictures,
            aftermaths: loaded.aftermaths,
            barred: loaded.barred,
            withdrawals: loaded.withdrawals,
            deposits: loaded.deposits,
            owed: loaded.owed,
            fees: loaded.fees,
            keys: loaded.keys.into_iter().collect(),
            due: due.into_iter().map(|due| (due.auction, due.at)).collect(),
            open,
            chores: chores.into_iter().map(said).collect(),
            heartbeat: loaded.heartbeat,
            next: loaded.next,
        }
    }
}

/// What is read unasked with these auctions: the rows of their leaders, of the first rivals and of whoever has a part in what
/// follows, and the members concerned.
pub(super) async fn unasked<J: Journal>(
    journal: &mut J,
    auctions: i64,
) -> (BTreeMap<(AuctionId, MemberId), Bidder>, BTreeMap<MemberId, MemberStanding>) {
    let auctions: Vec<AuctionId> = (1..=auctions).map(AuctionId).collect();
    let rivals = auctions.iter().map(|id| (*id, RIVALS)).collect();
    let wanted = Wanted { auctions, rivals, ..Wanted::default() };
    let loaded = journal.begin(&wanted).await.expect("a store can be read");
    journal.abandon().await;
    (loaded.bidders.into_iter().collect(), loaded.members)
}
