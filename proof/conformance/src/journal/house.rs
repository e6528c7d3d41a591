//! A house: one store under test, with what it must say of itself after all that was kept in it.

use std::collections::BTreeSet;

use auction::AuctionId;
use ledger::MemberId;
use store::{
    Failure, FirstAnswer, Journal, KeptDeposit, KeptKey, Key, Loaded, MemberStanding, Result, Round,
};

use super::UnderTest;
use super::acts::Act;
use super::snapshot::Snapshot;

/// A store, its open journal, and what must stand in it.
pub(super) struct House<S: UnderTest> {
    store: S,
    journal: Option<S::Journal>,
    pub(super) must: Snapshot,
    /// Every key that was ever tried.
    pub(super) keys: BTreeSet<Key>,
}

impl<S: UnderTest> House<S> {
    pub(super) fn open(mut store: S) -> House<S> {
        let journal = Some(store.open());
        let mut must = Snapshot::default();
        (must.next.auction, must.next.item, must.next.order, must.next.transfer) = (1, 1, 1, 1);
        House { store, journal, must, keys: BTreeSet::new() }
    }

    /// So many members, each with that much money.
    pub(super) async fn with_members(store: S, members: i64, money: i64) -> House<S> {
        let mut house = House::open(store);
        for _ in 0..members {
            let member = house.add_member().await;
            house.act(Act::Deposit(member, money), None).await;
        }
        house
    }

    pub(super) fn journal(&mut self) -> &mut S::Journal {
        self.parts().1
    }

    /// The store with its journal, for what is done behind the engine's back.
    pub(super) fn parts(&mut self) -> (&mut S, &mut S::Journal) {
        (&mut self.store, self.journal.as_mut().expect("it is open"))
    }

    pub(super) async fn add_member(&mut self) -> MemberId {
        let (store, journal) = self.parts();
        let member = store.add_member(journal).await;
        self.must.members.insert(member, MemberStanding::default());
        member
    }

    /// Carries out one command that the rules accept, and keeps its round.
    pub(super) async fn act(&mut self, act: Act, key: Option<Key>) -> Round {
        let loaded = self.begin(&act, key.as_ref()).await;
        let round = act.round(&loaded, key);
        self.keep(&round).await.expect("a round is kept");
        round
    }

    pub(super) async fn begin(&mut self, act: &Act, key: Option<&Key>) -> Loaded {
        self.keys.extend(key.cloned());
        self.journal().begin(&act.wanted(key)).await.expect("a round begins")
    }

    /// Keeps a round that was begun; what it changes must stand from now on.
    pub(super) async fn keep(&mut self, round: &Round) -> Result<()> {
        let kept = self.journal().keep(round).await;
        if kept.is_ok() {
            self.note(round);
        }
        kept
    }

    /// Keeps a round that the store must reject.
    pub(super) async fn keep_rejected(&mut self, round: &Round) {
        let kept = self.keep(round).await;
        assert!(matches!(kept, Err(Failure::Rejected { .. })), "{kept:?}");
        self.stands("after a rejected round").await;
    }

    /// Asserts that the store says what it must, now and after it was opened again.
    pub(super) async fn stands_for_good(&mut self) {
        self.stands("as it is").await;
        let (store, journal) = self.parts();
        store.close(journal);
        self.journal = None;
        self.journal = Some(self.store.open());
        self.stands("opened again").await;
    }

    pub(super) async fn stands(&mut self, when: &str) {
        let auctions = self.must.next.auction + 3;
        let members = self.must.members.len() as i64 + 3;
        let journal = self.journal.as_mut().expect("it is open");
        let says = Snapshot::of(journal, auctions, members, &self.keys).await;
        assert_eq!(says, self.must, "{when}");
    }

    fn note(&mut self, round: &Round) {
        let must = &mut self.must;
        must.auctions.extend(round.listed.iter().map(|(_, _, auction)| (auction.id, auction.clone())));
        must.auctions.extend(round.auctions.iter().map(|(_, auction)| (auction.id, auction.clone())));
        must.bidders.extend(round.bidders.iter().map(|bidder| ((bidder.auction, bidder.member), *bidder)));
        for (member, wallet) in &round.wallets {
            must.members.entry(*member).or_default().wallet = *wallet;
        }
        for (auction, deadline) in &round.deadlines {
            match deadline {
                Some(at) => must.due.insert(*auction, *at),
                None => must.due.remove(auction),
            };
        }
        must.heartbeat = round.heartbeat.or(must.heartbeat);
        must.next.auction += round.listed.len() as i64;
        must.next.item += round.listed.len() as i64;
        must.next.order += round.orders.len() as i64;
        must.next.transfer += round.transfers.len() as i64;
        for new in &round.keys {
            let first = first_answer(round, new.event.map(|(auction, _)| auction));
            must.keys.insert(new.key.clone(), KeptKey { fingerprint: new.fingerprint, first });
        }
    }
}

/// What a round's only command is answered, now and later.
fn first_answer(round: &Round, auction: Option<AuctionId>) -> FirstAnswer {
    if auction.is_some() {
        let event = round.events.first().expect("the command had an event").clone();
        return FirstAnswer::Auction { event, order: round.orders.first().map(|new| new.order.id) };
    }
    let deposit = round.transfers.first().expect("the deposit had a transfer");
    FirstAnswer::Deposit(KeptDeposit { id: deposit.id, amount: deposit.transfer.amount, at: deposit.at })
}
