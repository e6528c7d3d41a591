//! A house: one store under test, with what it must say of itself after all that was kept in it.

use std::collections::{BTreeMap, BTreeSet};

use auction::{AuctionId, Event, ItemId, OfferState, OrderId, OrderStep, Seq};
use ledger::{Account, MemberId, Money, Reason, TransferId};
use store::{
    AnswerKind, Deposited, Failure, FirstAnswer, Journal, KeptDeposit, KeptFees, KeptKey, KeptReversal,
    KeptWithdrawal, Key, Loaded, MemberStanding, NewKey, Next, Result, Round,
};

use super::UnderTest;
use super::acts::Act;
use super::deed::Deed;
use super::snapshot::{Extent, Snapshot};

/// So many of the first transfers are asked for as if they were deposits.
const FIRST_TRANSFERS: i64 = 40;

/// A store, its open journal, and what must stand in it.
pub(super) struct House<S: UnderTest> {
    store: S,
    journal: Option<S::Journal>,
    pub(super) must: Snapshot,
    /// Every key that was ever tried.
    pub(super) keys: BTreeSet<Key>,
    events: BTreeMap<(AuctionId, Seq), Event>,
    steps: BTreeMap<(OrderId, i64), OrderStep>,
    /// How many numbers were left out.
    gaps: Next,
}

impl<S: UnderTest> House<S> {
    pub(super) async fn open(mut store: S) -> House<S> {
        let journal = Some(store.open().await);
        let next = Next { auction: 1, item: 1, order: 1, transfer: 1, withdrawal: 1 };
        House {
            store,
            journal,
            must: Snapshot { next, ..Snapshot::default() },
            keys: BTreeSet::new(),
            events: BTreeMap::new(),
            steps: BTreeMap::new(),
            gaps: Next::default(),
        }
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

    /// Does something by the web's door; what follows must be noted by the caller.
    pub(super) async fn perform(&mut self, deed: &Deed) -> bool {
        let (store, journal) = self.parts();
        store.perform(journal, deed).await
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

    pub(super) async fn says(&mut self) -> Snapshot {
        let highest = self.must.auctions.last_key_value().map_or(0, |(id, _)| id.0);
        let withdrawals = self.must.withdrawals.last_key_value().map_or(0, |(id, _)| id.0);
        let members = self.must.members.len() as i64;
        let extent = Extent { auctions: highest + 4, members: members + 3, withdrawals: withdrawals + 2 };
        let journal = self.journal.as_mut().expect("it is open");
        // The first transfers, deposits or not, and every deposit.
        let deposits = (1..=FIRST_TRANSFERS).map(TransferId).chain(self.must.deposits.keys().copied());
        Snapshot::of(journal, extent, &self.keys, deposits.collect()).await
    }

    fn note(&mut self, round: &Round) {
        let must = &mut self.must;
        must.auctions.extend(round.listed.iter().map(|(_, _, auction)| (auction.id, auction.clone())));
        must.auctions.extend(round.relisted.iter().map(|auction| (auction.id, auction.clone())));
        must.auctions.extend(round.auctions.iter().map(|(_, auction)| (auction.id, auction.clone())));
        let parts = round.bidders.iter().map(|bidder| ((bidder.auction, bidder.member), bidder.clone()));
        must.bidders.extend(parts);
        for (member, wallet) in &round.wallets {
            must.members.entry(*member).or_default().wallet = *wallet;
        }
        for (auction, deadline) in &round.deadlines {
            match deadline {
                Some(at) => must.due.insert(*auction, *at),
                None => must.due.remove(auction),
            };
        }
        must.withdrawals.extend(round.withdrawals.iter().map(|one| (one.id, one.clone())));
        must.heartbeat = round.heartbeat.or(must.heartbeat);
        let new_orders = round.orders.iter().filter(|(before, _)| before.is_none()).count();
        let new_withdrawals = round.withdrawals.iter().filter(|one| one.id.0 >= must.next.withdrawal).count();
        must.next.auction += (round.listed.len() + round.relisted.len()) as i64;
        must.next.item += round.listed.len() as i64;
        must.next.order += new_orders as i64;
        must.next.transfer += round.transfers.len() as i64;
        must.next.withdrawal += new_withdrawals as i64;
        self.note_items(round);
        self.note_sales(round);
        self.note_owing(round);
        self.events.extend(round.events.iter().map(|event| ((event.auction, event.seq), event.clone())));
        self.steps.extend(round.steps.iter().map(|step| ((step.order, step.seq), step.clone())));
        for new in &round.keys {
            let first = self.first_answer(round, new);
            self.must.keys.insert(new.key.clone(), KeptKey { fingerprint: new.fingerprint, first });
        }
    }

    /// Auctions of one item show the same description, but for those after which it was auctioned again.
    fn note_items(&mut self, round: &Round) {
        let must = &mut self.must;
        let listed = round.listed.iter().map(|(id, item, _)| (*id, item.clone()));
        let changed: BTreeMap<ItemId, _> = listed.chain(round.items.iter().cloned()).collect();
        for auction in must.auctions.values().filter(|auction| auction.followed_by.is_none()) {
            if let Some(item) = changed.get(&auction.item) {
                must.items.insert(auction.id, item.clone());
            }
        }
    }

    /// What came in, what was taken back of it, and what the house earned.
    fn note_owing(&mut self, round: &Round) {
        let must = &mut self.must;
        for new in &round.transfers {
            let (member, amount) = (new.transfer.to.member(), new.transfer.amount);
            if let Some(member) = member.filter(|_| new.transfer.reason == Reason::Deposit) {
                must.deposits.insert(new.id, Deposited { member, amount, debt: None });
            }
        }
        for new in &round.transfers {
            let (from, to) = (new.transfer.from, new.transfer.to);
            if to == Account::Fees {
                must.fees = must.fees.plus(new.transfer.amount).expect("it fits");
            } else if from == Account::Fees {
                must.fees = must.fees.minus(new.transfer.amount).expect("they are there");
            }
        }
        for debt in &round.debts {
            must.deposits.get_mut(&debt.deposit).expect("it came in").debt = Some(debt.clone());
        }
        must.owed.clear();
        for debt in must.deposits.values().filter_map(|deposit| deposit.debt.as_ref()) {
            if !debt.missing.is_zero() {
                let owed = must.owed.entry(debt.member).or_insert(Money::ZERO);
                *owed = owed.plus(debt.missing).expect("it fits");
            }
        }
    }

    fn note_sales(&mut self, round: &Round) {
        let must = &mut self.must;
        for auction in must.auctions.values().filter(|auction| auction.outcome.is_some()) {
            must.aftermaths.entry(auction.id).or_default();
        }
        for (_, order) in &round.orders {
            let after = must.aftermaths.entry(order.auction).or_default();
            if after.order.as_ref().is_none_or(|newest| newest.id <= order.id) {
                after.order = Some(order.clone());
            }
        }
        for offer in &round.offers {
            let offers = &mut must.aftermaths.entry(offer.auction).or_default().offers;
            offers.retain(|old| old.number != offer.number);
            offers.push(*offer);
        }
        let is_open = |after: &auction::Aftermath| {
            let has_order = after.order.as_ref().is_some_and(|order| order.state.is_open());
            has_order || after.offers.iter().any(|offer| offer.state == OfferState::Open)
        };
        let open = must.aftermaths.iter().filter(|(_, after)| is_open(after));
        must.open = open.map(|(id, _)| *id).collect();
    }

    /// What a round's command is answered, now and later.
    fn first_answer(&self, round: &Round, new: &NewKey) -> FirstAnswer {
        let there = "a key points at what is kept with it";
        let event = || self.events[&new.event.expect(there)].clone();
        match new.kind {
            AnswerKind::Auction => FirstAnswer::Auction { event: event(), order: new.order },
            AnswerKind::Silent => FirstAnswer::Silent { event: event(), maximum: new.maximum.expect(there) },
            AnswerKind::Quiet => FirstAnswer::Quiet(event()),
            AnswerKind::Order => {
                FirstAnswer::Order(self.steps[&(new.order.expect(there), new.step.expect(there))].clone())
            }
            AnswerKind::Deposit => {
                let deposit = round.transfers.first().expect("the deposit had a transfer");
                let (amount, at) = (deposit.transfer.amount, deposit.at);
                FirstAnswer::Deposit(KeptDeposit { id: deposit.id, amount, at })
            }
            AnswerKind::Reversal => FirstAnswer::Reversal(KeptReversal {
                deposit: new.transfer.expect(there),
                taken: new.taken.expect(there),
                missing: new.missing.expect(there),
                at: round.now,
            }),
            AnswerKind::Fees => {
                let fees = round.transfers.first().expect("fees that go out have a transfer");
                FirstAnswer::Fees(KeptFees { id: fees.id, amount: fees.transfer.amount, at: fees.at })
            }
            AnswerKind::Withdrawal => {
                let one = &self.must.withdrawals[&new.withdrawal.expect(there)];
                FirstAnswer::Withdrawal(KeptWithdrawal { id: one.id, amount: one.amount, at: one.at })
            }
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
        withdrawal: gap(must.withdrawal, says.withdrawal),
    }
}

fn with_gaps(must: Next, gaps: Next) -> Next {
    Next {
        auction: must.auction + gaps.auction,
        item: must.item + gaps.item,
        order: must.order + gaps.order,
        transfer: must.transfer + gaps.transfer,
        withdrawal: must.withdrawal + gaps.withdrawal,
    }
}
