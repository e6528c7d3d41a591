//! The memory model of the engine's door: the same promises in a few maps. It is the model that the databases must
//! match, and what a simulator runs on.
//!
//! `Records`' writes have no place here; members are made with [`MemoryJournal::add_member`].

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use auction::{
    Aftermath, Auction, AuctionId, Bidder, Event, Item, ItemId, Mark, MarkKind, Offer, OfferState, Order,
    OrderId, OrderStep, PictureAddress, Seq, Time,
};
use ledger::{Account, MemberId, Money, Reason, TransferId, WithdrawalId};

use crate::Clock;
use crate::admin::{
    Act, Chore, ChoreId, MARKS_COUNT_FOR, MARKS_TO_BAR, Reference, Withdrawal, WithdrawalState,
};
use crate::debt::{Debt, Deposited};
use crate::failure::{Failure, Result};
use crate::journal::{
    AnswerKind, Due, FirstAnswer, Journal, KeptDeposit, KeptFees, KeptKey, KeptReversal, KeptWithdrawal, Key,
    Loaded, MemberStanding, Nature, NewKey, NewTransfer, Next, Portion, Round, Wanted,
};

/// Everything a store keeps of the market.
#[derive(Clone, Debug, Default)]
pub struct Market {
    /// Wallets and suspensions.
    pub members: BTreeMap<MemberId, MemberStanding>,
    /// Who blocks whom.
    pub blocks: BTreeSet<(MemberId, MemberId)>,
    /// What is sold.
    pub items: BTreeMap<ItemId, Item>,
    /// The words of auctions whose items were auctioned again.
    pub history: BTreeMap<AuctionId, Item>,
    /// Who has uploaded which pictures.
    pub uploads: BTreeSet<(MemberId, PictureAddress)>,
    /// As they stand.
    pub auctions: BTreeMap<AuctionId, Auction>,
    /// Members' parts.
    pub bidders: BTreeMap<(AuctionId, MemberId), Bidder>,
    /// All that happened.
    pub events: BTreeMap<(AuctionId, Seq), Event>,
    /// All that moved.
    pub transfers: BTreeMap<TransferId, NewTransfer>,
    /// All sales.
    pub orders: BTreeMap<OrderId, Order>,
    /// All that happened to them.
    pub steps: BTreeMap<(OrderId, i64), OrderStep>,
    /// All offers, by auction and number.
    pub offers: BTreeMap<(AuctionId, i64), Offer>,
    /// What stands on records, in order.
    pub marks: Vec<Mark>,
    /// Until when a member's marks no longer keep him from listing.
    pub marks_lifted: BTreeMap<MemberId, Time>,
    /// All wishes to take money out.
    pub withdrawals: BTreeMap<WithdrawalId, Withdrawal>,
    /// Deposits that were taken back, by their transfers.
    pub debts: BTreeMap<TransferId, Debt>,
    /// What admins did, in order.
    pub acts: Vec<Act>,
    /// Who is still to be told that his bids were taken back, and since when.
    pub removals: BTreeMap<(AuctionId, MemberId), Time>,
    /// What is still to be done.
    pub chores: BTreeMap<ChoreId, Chore>,
    /// All keys.
    pub keys: BTreeMap<Key, NewKey>,
    /// What to look at, and when.
    pub deadlines: BTreeMap<AuctionId, Time>,
    /// Which money it holds, from the first deposit on.
    pub nature: Option<Nature>,
    /// The last heartbeat.
    pub heartbeat: Option<Time>,
}

impl Market {
    /// What an auction sells, in the words that it shows.
    pub fn item_of(&self, auction: &Auction) -> Option<&Item> {
        self.history.get(&auction.id).or_else(|| self.items.get(&auction.item))
    }

    /// Those with the highest commitments that count, of equal ones the earlier first.
    fn rivals(&self, id: AuctionId, count: usize) -> Vec<(AuctionId, MemberId)> {
        let Some(auction) = self.auctions.get(&id) else { return Vec::new() };
        let of_auction = (id, MemberId(i64::MIN))..=(id, MemberId(i64::MAX));
        let mut bidders: Vec<&Bidder> = self.bidders.range(of_auction).map(|(_, bidder)| bidder).collect();
        bidders.retain(|bidder| bidder.counts_in(auction));
        bidders.sort_by_key(|bidder| (Reverse(bidder.commitment), bidder.since, bidder.member));
        bidders.into_iter().take(count).map(|bidder| (id, bidder.member)).collect()
    }

    /// What stands after the hammer of an auction: nothing, if nothing was sold.
    pub fn aftermath(&self, id: AuctionId) -> Aftermath {
        let of_auction = self.orders.values().filter(|order| order.auction == id);
        let order = of_auction.max_by_key(|order| order.number).cloned();
        let offers = self.offers.range((id, i64::MIN)..=(id, i64::MAX)).map(|(_, offer)| *offer);
        Aftermath { order, offers: offers.collect() }
    }

    /// A deposit with what was taken back of it.
    fn deposited(&self, id: TransferId) -> Option<Deposited> {
        let transfer = self.transfers.get(&id)?.transfer;
        let member = transfer.to.member().filter(|_| transfer.reason == Reason::Deposit)?;
        Some(Deposited { member, amount: transfer.amount, debt: self.debts.get(&id).cloned() })
    }

    /// What a member lacks, if anything.
    fn owed(&self, member: MemberId) -> Option<Money> {
        let own = self.debts.values().filter(|debt| debt.member == member);
        let owed: i64 = own.map(|debt| debt.missing.won()).sum();
        Money::new(owed).filter(|owed| !owed.is_zero())
    }

    /// What the house earned and has not taken out.
    fn fees(&self) -> Money {
        let moved = self.transfers.values().map(|new| match (new.transfer.from, new.transfer.to) {
            (_, Account::Fees) => new.transfer.amount.won(),
            (Account::Fees, _) => -new.transfer.amount.won(),
            _ => 0,
        });
        Money::new(moved.sum()).expect("nobody takes more fees than there are")
    }

    fn was_used(&self, reference: &Reference) -> bool {
        self.acts.iter().any(|act| act.reference().as_ref() == Some(reference))
    }

    fn is_barred(&self, member: MemberId, now: Time) -> bool {
        let lifted = self.marks_lifted.get(&member).copied();
        let counts = |mark: &&Mark| {
            let is_recent =
                mark.at > now.minus(MARKS_COUNT_FOR) && lifted.is_none_or(|lifted| mark.at > lifted);
            mark.member == member && mark.kind != MarkKind::BuyerDefault && is_recent
        };
        self.marks.iter().filter(counts).count() >= MARKS_TO_BAR
    }

    fn next(&self) -> Next {
        Next {
            auction: self.auctions.last_key_value().map_or(1, |(id, _)| id.0 + 1),
            item: self.items.last_key_value().map_or(1, |(id, _)| id.0 + 1),
            order: self.orders.last_key_value().map_or(1, |(id, _)| id.0 + 1),
            transfer: self.transfers.last_key_value().map_or(1, |(id, _)| id.0 + 1),
            withdrawal: self.withdrawals.last_key_value().map_or(1, |(id, _)| id.0 + 1),
        }
    }
}

/// The engine's door on memory. It never suspends and never fails, but for what is planted.
pub struct MemoryJournal {
    /// What is kept.
    pub market: Market,
    /// Failures to come, the next first: taken by `keep`, which answers them instead of keeping (`Unknown` keeps or not
    /// as the second half says).
    pub planted: Vec<Planted>,
    clock: Clock,
    locked: bool,
}

/// A failure planted for the next `keep`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Planted {
    /// None, this time.
    Nothing,
    /// The data is refused.
    Rejected,
    /// The store is away.
    Unavailable,
    /// The outcome is unknown, and the round is not kept.
    UnknownNotKept,
    /// The outcome is unknown, and the round is kept.
    UnknownKept,
}

impl MemoryJournal {
    /// An empty store.
    pub fn new(clock: Clock) -> MemoryJournal {
        MemoryJournal { market: Market::default(), planted: Vec::new(), clock, locked: false }
    }

    /// Makes a member without money.
    pub fn add_member(&mut self, member: MemberId) {
        self.market.members.insert(member, MemberStanding::default());
    }

    fn first_answer(&self, key: &NewKey) -> FirstAnswer {
        let kept = "a kept key points at what was kept with it";
        let event = || key.event.and_then(|event| self.market.events.get(&event)).expect(kept).clone();
        match key.kind {
            AnswerKind::Auction => FirstAnswer::Auction { event: event(), order: key.order },
            AnswerKind::Quiet => FirstAnswer::Quiet(event()),
            AnswerKind::Silent => FirstAnswer::Silent { event: event(), maximum: key.maximum.expect(kept) },
            AnswerKind::Order => {
                let step = key.order.zip(key.step).and_then(|step| self.market.steps.get(&step));
                FirstAnswer::Order(step.expect(kept).clone())
            }
            AnswerKind::Deposit => {
                let deposit = key.transfer.and_then(|id| self.market.transfers.get(&id)).expect(kept);
                let (id, amount, at) = (deposit.id, deposit.transfer.amount, deposit.at);
                FirstAnswer::Deposit(KeptDeposit { id, amount, at })
            }
            AnswerKind::Withdrawal => {
                let withdrawal = key.withdrawal.and_then(|id| self.market.withdrawals.get(&id)).expect(kept);
                let Withdrawal { id, amount, at, .. } = *withdrawal;
                FirstAnswer::Withdrawal(KeptWithdrawal { id, amount, at })
            }
            AnswerKind::Reversal => FirstAnswer::Reversal(KeptReversal {
                deposit: key.transfer.expect(kept),
                taken: key.taken.expect(kept),
                missing: key.missing.expect(kept),
                at: key.at,
            }),
            AnswerKind::Fees => {
                let fees = key.transfer.and_then(|id| self.market.transfers.get(&id)).expect(kept);
                FirstAnswer::Fees(KeptFees { id: fees.id, amount: fees.transfer.amount, at: fees.at })
            }
        }
    }

    fn check(&self, round: &Round) -> Result<()> {
        for (before, auction) in &round.auctions {
            let stands = self.market.auctions.get(&auction.id).map(|stands| stands.seq);
            if stands != Some(*before) {
                return Err(rejected("an auction as it was locked"));
            }
        }
        let is_new = |event: &Event| !self.market.events.contains_key(&(event.auction, event.seq));
        if !round.events.iter().all(is_new) {
            return Err(rejected("a new event"));
        }
        for (before, order) in &round.orders {
            let stands = self.market.orders.get(&order.id).map(|stands| stands.seq);
            if stands != *before {
                return Err(rejected("an order as it was read"));
            }
            let is_settled = |old: &Order| {
                let is_other = old.auction == order.auction && old.id != order.id;
                is_other && (old.number == order.number || old.state.is_open() && order.state.is_open())
            };
            if self.market.orders.values().any(is_settled) {
                return Err(rejected("one settlement for each auction, and one open order"));
            }
        }
        self.check_sales(round)?;
        let is_done = |chore: &ChoreId| !self.market.chores.contains_key(chore);
        if round.chores_done.iter().any(is_done) {
            return Err(rejected("a chore that is still to be done"));
        }
        if let Some(money) = round.money
            && self.market.nature.is_some_and(|nature| nature != money)
        {
            return Err(rejected("the kind of money that the store holds"));
        }
        if round.keys.iter().any(|new| self.market.keys.contains_key(&new.key)) {
            return Err(rejected("a new key"));
        }
        Ok(())
    }

    /// Steps are numbered once; offers and withdrawals are decided once, and of an auction one offer is open.
    fn check_sales(&self, round: &Round) -> Result<()> {
        let market = &self.market;
        if round.steps.iter().any(|step| market.steps.contains_key(&(step.order, step.seq))) {
            return Err(rejected("a new step"));
        }
        let was_answered = |offer: &Offer| {
            let old = market.offers.get(&(offer.auction, offer.number));
            old.is_some_and(|old| old.state != OfferState::Open)
        };
        let is_second = |offer: &Offer| {
            let of_auction = (offer.auction, i64::MIN)..=(offer.auction, i64::MAX);
            let others = market.offers.range(of_auction).map(|(_, old)| old).chain(&round.offers);
            let is_answered_now = |old: &Offer| {
                let answers = |new: &Offer| {
                    (new.auction, new.number) == (old.auction, old.number) && new.state != OfferState::Open
                };
                round.offers.iter().any(answers)
            };
            let mut open = others.filter(|old| old.state == OfferState::Open && !is_answered_now(old));
            offer.state == OfferState::Open && open.any(|old| old.number != offer.number)
        };
        if round.offers.iter().any(|offer| was_answered(offer) || is_second(offer)) {
            return Err(rejected("an offer as it was read, and one open offer for each auction"));
        }
        let was_decided = |new: &Withdrawal| {
            let old = market.withdrawals.get(&new.id);
            old.is_some_and(|old| old.state != WithdrawalState::Requested)
        };
        if round.withdrawals.iter().any(was_decided) {
            return Err(rejected("a withdrawal that waits"));
        }
        let is_stale = |new: &Debt| {
            let old = market.debts.get(&new.deposit);
            old.is_some_and(|old| old.missing <= new.missing)
        };
        if round.debts.iter().any(is_stale) {
            return Err(rejected("a debt as it was read"));
        }
        Ok(())
    }

    fn write(&mut self, round: &Round) {
        let market = &mut self.market;
        for (item, what, auction) in &round.listed {
            market.items.insert(*item, what.clone());
            market.auctions.insert(auction.id, auction.clone());
        }
        market.auctions.extend(round.auctions.iter().map(|(_, auction)| (auction.id, auction.clone())));
        market.auctions.extend(round.relisted.iter().map(|auction| (auction.id, auction.clone())));
        market.items.extend(round.items.iter().map(|(id, item)| (*id, item.clone())));
        market.history.extend(round.history.iter().cloned());
        market.orders.extend(round.orders.iter().map(|(_, order)| (order.id, order.clone())));
        market.steps.extend(round.steps.iter().map(|step| ((step.order, step.seq), step.clone())));
        market.offers.extend(round.offers.iter().map(|offer| ((offer.auction, offer.number), *offer)));
        market.marks.extend(&round.marks);
        let withdrawals = round.withdrawals.iter().map(|withdrawal| (withdrawal.id, withdrawal.clone()));
        market.withdrawals.extend(withdrawals);
        market.debts.extend(round.debts.iter().map(|debt| (debt.deposit, debt.clone())));
        market.acts.extend(round.acts.iter().cloned());
        market.removals.extend(round.removals.iter().map(|removal| (*removal, round.now)));
        round.chores_done.iter().for_each(|id| drop(market.chores.remove(id)));
        market.transfers.extend(round.transfers.iter().map(|new| (new.id, *new)));
        for (member, wallet) in &round.wallets {
            market.members.entry(*member).or_default().wallet = *wallet;
        }
        market
            .bidders
            .extend(round.bidders.iter().map(|bidder| ((bidder.auction, bidder.member), bidder.clone())));
        market.events.extend(round.events.iter().map(|event| ((event.auction, event.seq), event.clone())));
        market.keys.extend(round.keys.iter().map(|new| (new.key.clone(), new.clone())));
        for (auction, deadline) in &round.deadlines {
            match deadline {
                Some(at) => market.deadlines.insert(*auction, *at),
                None => market.deadlines.remove(auction),
            };
        }
        market.nature = market.nature.or(round.money);
        market.heartbeat = round.heartbeat.or(market.heartbeat);
    }
}

impl Journal for MemoryJournal {
    async fn begin(&mut self, wanted: &Wanted) -> Result<Loaded> {
        assert!(!self.locked, "a round begins after the last one has ended");
        self.locked = true;
        let market = &self.market;
        let auctions: BTreeMap<AuctionId, Auction> =
            wanted.auctions.iter().filter_map(|id| Some((*id, market.auctions.get(id)?.clone()))).collect();
        let sellers = auctions.values().map(|auction| auction.seller);
        let leaders = auctions.values().filter_map(|auction| Some((auction.id, auction.leader?.member)));
        let rivals = wanted.rivals.iter().flat_map(|(id, count)| market.rivals(*id, *count));
        let aftermaths: BTreeMap<AuctionId, Aftermath> = auctions
            .values()
            .filter(|one| one.outcome.is_some())
            .map(|one| (one.id, market.aftermath(one.id)))
            .collect();
        let bought = aftermaths.iter().flat_map(|(id, after)| after.members().map(|member| (*id, member)));
        let parts = wanted.callers.iter().copied().chain(leaders.clone()).chain(rivals).chain(bought);
        let withdrawals: BTreeMap<WithdrawalId, Withdrawal> = wanted
            .withdrawals
            .iter()
            .filter_map(|id| Some((*id, market.withdrawals.get(id)?.clone())))
            .collect();
        let deposits = wanted.deposits.iter().filter_map(|id| Some((*id, market.deposited(*id)?)));
        let deposits: BTreeMap<TransferId, Deposited> = deposits.collect();
        let members = wanted.members.iter().copied().chain(sellers).chain(leaders.map(|(_, member)| member));
        let members = members.chain(aftermaths.values().flat_map(Aftermath::members));
        let members = members.chain(withdrawals.values().map(|withdrawal| withdrawal.member));
        let members = members.chain(deposits.values().map(|deposit| deposit.member));
        let withdrawers: Vec<MemberId> = withdrawals.values().map(|withdrawal| withdrawal.member).collect();
        let owed = |member: &MemberId| Some((*member, market.owed(*member)?));
        let blocks = |part: &&(AuctionId, MemberId)| {
            let seller = auctions.get(&part.0).map(|auction| auction.seller);
            seller.is_some_and(|seller| market.blocks.contains(&(seller, part.1)))
        };
        let kept = |key: &Key| Some((key.clone(), market.keys.get(key)?));
        let kept = wanted.keys.iter().filter_map(kept).map(|(key, kept)| {
            (key, KeptKey { fingerprint: kept.fingerprint, first: self.first_answer(kept) })
        });
        let item = |id: &AuctionId| Some((*id, market.item_of(auctions.get(id)?)?.clone()));
        let now = (self.clock)();
        Ok(Loaded {
            members: members.filter_map(|id| Some((id, *market.members.get(&id)?))).collect(),
            bidders: parts.filter_map(|part| Some((part, market.bidders.get(&part)?.clone()))).collect(),
            blocked: wanted.callers.iter().filter(blocks).copied().collect(),
            items: wanted.items.iter().filter_map(item).collect(),
            pictures: wanted.pictures.iter().copied().filter(|one| market.uploads.contains(one)).collect(),
            barred: wanted.listers.iter().copied().filter(|member| market.is_barred(*member, now)).collect(),
            keys: kept.collect(),
            next: market.next(),
            heartbeat: market.heartbeat,
            now,
            references: wanted.references.iter().filter(|one| market.was_used(one)).cloned().collect(),
            chores: wanted.chores.iter().copied().filter(|id| market.chores.contains_key(id)).collect(),
            owed: wanted.debtors.iter().chain(&withdrawers).filter_map(owed).collect(),
            fees: if wanted.fees { market.fees() } else { Money::ZERO },
            aftermaths,
            withdrawals,
            deposits,
            auctions,
        })
    }

    async fn keep(&mut self, round: &Round) -> Result<()> {
        self.locked = false;
        self.check(round)?;
        let planted = (!self.planted.is_empty()).then(|| self.planted.remove(0));
        match planted {
            None | Some(Planted::Nothing) => self.write(round),
            Some(Planted::Rejected) => return Err(rejected("what was planted")),
            Some(Planted::Unavailable) => {
                return Err(Failure::Unavailable { doing: "keeping a round", source: "planted".into() });
            }
            Some(Planted::UnknownNotKept) => return Err(unknown()),
            Some(Planted::UnknownKept) => {
                self.write(round);
                return Err(unknown());
            }
        }
        Ok(())
    }

    async fn abandon(&mut self) {
        self.locked = false;
    }

    async fn due(
        &mut self,
        portion: Portion,
        after: Option<Due>,
        until: Time,
        limit: usize,
    ) -> Result<Vec<Due>> {
        let deadlines = self.market.deadlines.iter().map(|(auction, at)| Due { at: *at, auction: *auction });
        let is_wanted = |due: &Due| due.at <= until && Some(*due) > after && portion.holds(due.auction);
        let mut due: Vec<Due> = deadlines.filter(is_wanted).collect();
        due.sort();
        due.truncate(limit);
        Ok(due)
    }

    async fn open_aftermaths(&mut self, after: AuctionId, limit: usize) -> Result<Vec<AuctionId>> {
        let orders =
            self.market.orders.values().filter(|order| order.state.is_open()).map(|order| order.auction);
        let offers = self.market.offers.values().filter(|offer| offer.state == OfferState::Open);
        let found: BTreeSet<AuctionId> =
            orders.chain(offers.map(|offer| offer.auction)).filter(|id| *id > after).collect();
        Ok(found.into_iter().take(limit).collect())
    }

    async fn forgotten(
        &mut self,
        portion: Portion,
        after: AuctionId,
        limit: usize,
    ) -> Result<Vec<AuctionId>> {
        let market = &self.market;
        let is_forgotten = |auction: &&Auction| {
            let is_due = auction.deadline().is_some()
                || auction::aftermath_deadline(&market.aftermath(auction.id)).is_some();
            is_due && portion.holds(auction.id) && !market.deadlines.contains_key(&auction.id)
        };
        let behind = market.auctions.range((Bound::Excluded(after), Bound::Unbounded));
        let found = behind.map(|(_, auction)| auction).filter(is_forgotten).map(|auction| auction.id);
        Ok(found.take(limit).collect())
    }

    async fn chores(&mut self, portion: Portion, limit: usize) -> Result<Vec<Chore>> {
        let chores = self.market.chores.values().filter(|chore| portion.holds(chore.auction));
        Ok(chores.take(limit).cloned().collect())
    }

    async fn heartbeat(&mut self) -> Result<Option<Time>> {
        Ok(self.market.heartbeat)
    }

    async fn beat(&mut self) -> Result<Time> {
        let now = (self.clock)();
        self.market.heartbeat = Some(now);
        Ok(now)
    }

    async fn records_wait(&mut self) {
        std::future::pending::<()>().await;
    }

    async fn serve_records(&mut self) {}
}

/// What a database would say of data it refuses.
fn rejected(what: &'static str) -> Failure {
    Failure::Rejected { doing: "keeping a round", source: what.into() }
}

fn unknown() -> Failure {
    Failure::Unknown { doing: "committing a round", source: "planted".into() }
}
