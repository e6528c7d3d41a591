//! A house: one store under test, with what it must say of itself after all that was kept in it.

use std::collections::BTreeSet;

use auction::AuctionId;
use ledger::MemberId;
use store::{
    Failure, FirstAnswer, Journal, KeptDeposit, KeptKey, Key, Loaded, MemberStanding, Next, Result, Round,
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
    /// How many numbers were left out.
    gaps: Next,
}

impl<S: UnderTest> House<S> {
    pub(super) async fn open(mut store: S) -> House<S> {
        let journal = Some(store.open().await);
        let mut must = Snapshot::default();
        (must.next.auction, must.next.item, must.next.order, must.next.transfer) = (1, 1, 1, 1);
        House { store, journal, must, keys: BTreeSet::new(), gaps: Next::default() }
    }

    /// So many members, each with that much money.
    pub(super) async fn with_members(store: S, members: i64, money: i64) -> House<S> {
        let mut house = House::open(store).await;
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
        self.journal = Some(self.store.open().await);
        if S::LEAVES_GAPS {
            let next = self.says().await.next;
            self.gaps = gaps(self.must.next, next);
        }
        self.stands("opened again").await;
    }

    pub(super) async fn stands(&mut self, when: &str) {
        let mut says = self.says().await;
        let next = with_gaps(self.must.next, self.gaps);
        assert_eq!(std::mem::replace(&mut says.next, self.must.next), next, "{when}");
        assert_eq!(says, self.must, "{when}");
    }

    async fn says(&mut self) -> Snapshot {
        let highest = self.must.auctions.last_key_value().map_or(0, |(id, _)| id.0);
        let (auctions, members) = (highest + 4, self.must.members.len() as i64 + 3);
        let journal = self.journal.as_mut().expect("it is open");
        Snapshot::of(journal, auctions, members, &self.keys).await
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

/// The numbers that were left out before the next ones; no number comes again.
fn gaps(must: Next, says: Next) -> Next {
    let gap = |must: i64, says: i64| {
        assert!(says >= must, "number {says} would be given out again");
        says - must
    };
    Next {
        auction: gap(must.auction, says.auction),
        item: gap(must.item, says.item),
        order: gap(must.order, says.order),
        transfer: gap(must.transfer, says.transfer),
    }
}

fn with_gaps(must: Next, gaps: Next) -> Next {
    Next {
        auction: must.auction + gaps.auction,
        item: must.item + gaps.item,
        order: must.order + gaps.order,
        transfer: must.transfer + gaps.transfer,
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
