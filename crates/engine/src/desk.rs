//! The desk: what one round works on. Each command is judged against what the commands before it have left.
//!
//! Deciding is pure and synchronous. A bug in it fails one command (`internal`), never a stranger's: the decision leaves
//! the desk untouched until it is whole.

mod act;
mod deadlines;
mod money;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use auction::{
    Aftermath, Auction, AuctionId, Bidder, Caller, Command, Effects, Event, Item, ItemId, Listed, Listing,
    ListingStanding, NextOrder, Offer, Order, OrderId, PictureAddress, Refusal, Seq, Standing, Time,
};
use ledger::{Account, Book, MemberId, Money, TransferId, WithdrawalId};
use store::{
    AnswerKind, ChoreId, Deposited, FirstAnswer, KeptKey, Key, Loaded, MemberStanding, NewKey, NewTransfer,
    Next, Reference, Round, Withdrawal,
};

use crate::answer::Answer;
use crate::call::Call;
use crate::lane::Settings;
use crate::mailbox::Asked;
use money::Moved;

/// What one round works on, and what it has changed so far.
pub(crate) struct Desk<'a> {
    settings: &'a Settings,
    now: Time,
    auctions: BTreeMap<AuctionId, Auction>,
    before: BTreeMap<AuctionId, Seq>,
    changed_auctions: BTreeSet<AuctionId>,
    book: Book,
    members: HashMap<MemberId, MemberStanding>,
    blocked: HashSet<(AuctionId, MemberId)>,
    bidders: BTreeMap<(AuctionId, MemberId), Bidder>,
    changed_bidders: BTreeSet<(AuctionId, MemberId)>,
    changed_wallets: BTreeSet<MemberId>,
    items: BTreeMap<AuctionId, Item>,
    pictures: Vec<(MemberId, PictureAddress)>,
    aftermaths: BTreeMap<AuctionId, Aftermath>,
    orders_before: BTreeMap<OrderId, i64>,
    changed_orders: BTreeMap<OrderId, Order>,
    barred: BTreeSet<MemberId>,
    withdrawals: BTreeMap<WithdrawalId, Withdrawal>,
    deposits: BTreeMap<TransferId, Deposited>,
    owed: BTreeMap<MemberId, Money>,
    /// What the house's account of fees holds, if it was wanted.
    fees: Money,
    references: BTreeSet<Reference>,
    chores: BTreeSet<ChoreId>,
    changed_withdrawals: BTreeSet<WithdrawalId>,
    changed_debts: BTreeSet<TransferId>,
    keys: HashMap<Key, KeptKey>,
    next: Next,
    /// Drawn anew for each order that is opened, and not for each command.
    next_order: NextOrder,
    round: Round,
}

impl<'a> Desk<'a> {
    /// A desk with what was loaded on it.
    pub(crate) fn new(settings: &'a Settings, loaded: Loaded) -> Desk<'a> {
        let orders = loaded.aftermaths.values().filter_map(|after| after.order.as_ref());
        Desk {
            settings,
            now: loaded.now,
            before: loaded.auctions.iter().map(|(id, auction)| (*id, auction.seq)).collect(),
            auctions: loaded.auctions,
            changed_auctions: BTreeSet::new(),
            book: Book::of(loaded.members.iter().map(|(id, standing)| (*id, standing.wallet))),
            members: loaded.members.into_iter().collect(),
            blocked: loaded.blocked.into_iter().collect(),
            bidders: loaded.bidders.into_iter().collect(),
            changed_bidders: BTreeSet::new(),
            changed_wallets: BTreeSet::new(),
            items: loaded.items,
            pictures: loaded.pictures,
            orders_before: orders.map(|order| (order.id, order.seq)).collect(),
            changed_orders: BTreeMap::new(),
            aftermaths: loaded.aftermaths,
            barred: loaded.barred,
            withdrawals: loaded.withdrawals,
            deposits: loaded.deposits,
            owed: loaded.owed,
            fees: loaded.fees,
            references: loaded.references,
            chores: loaded.chores,
            changed_withdrawals: BTreeSet::new(),
            changed_debts: BTreeSet::new(),
            keys: loaded.keys,
            next_order: next_order(settings, loaded.next),
            next: loaded.next,
            round: Round { now: loaded.now, ..Round::default() },
        }
    }

    /// Judges one command and takes its effects onto the desk.
    pub(crate) fn judge(&mut self, asked: &Asked) -> Answer {
        if let Some(kept) = asked.key.as_ref().and_then(|key| self.keys.get(key)) {
            let is_same = kept.fingerprint == asked.fingerprint;
            return if is_same { Answer::Accepted(kept.first.clone().into()) } else { Answer::KeyReused };
        }
        // Another lane has done it, or this round before it had to run again.
        if asked.chore.is_some_and(|chore| !self.chores.remove(&chore)) {
            return Answer::Refused(Refusal::NotDue);
        }
        if let Some(id) = asked.call.auction().filter(|id| self.before.contains_key(id)) {
            self.open_if_due(id);
        }
        let decided = catch_unwind(AssertUnwindSafe(|| self.decide(asked)));
        match decided {
            Ok(Ok(decision)) => {
                self.round.chores_done.extend(asked.chore);
                self.take(asked, decision)
            }
            // What cannot be done is not to be tried again either. Only a bug leaves a chore for later, and an auction whose end
            // has come: what follows it is known once it is settled.
            Ok(Err(refusal)) => {
                let is_closing = refusal == Refusal::Closed { outcome: None };
                self.round.chores_done.extend(asked.chore.filter(|_| !is_closing));
                self.arm_again(asked, &refusal);
                Answer::Refused(refusal)
            }
            Err(_) => {
                let key = asked.key.as_ref().map(|key| &*key.text);
                tracing::error!(key, call = ?asked.call.auction(), "a command could not be decided: a bug");
                Answer::Internal
            }
        }
    }

    /// What the round asks to be kept.
    pub(crate) fn finish(mut self) -> Round {
        for id in &self.changed_auctions {
            if let Some((before, auction)) = self.before.get(id).zip(self.auctions.get(id)) {
                self.round.auctions.push((*before, auction.clone()));
            }
        }
        let bidder = |part: &(AuctionId, MemberId)| self.bidders.get(part).cloned();
        self.round.bidders = self.changed_bidders.iter().filter_map(bidder).collect();
        self.round.wallets = self.changed_wallets.iter().map(|id| (*id, self.book.wallet(*id))).collect();
        let orders = std::mem::take(&mut self.changed_orders).into_iter();
        self.round.orders = orders.map(|(id, order)| (self.orders_before.get(&id).copied(), order)).collect();
        let withdrawal = |id: &WithdrawalId| self.withdrawals.get(id).cloned();
        self.round.withdrawals = self.changed_withdrawals.iter().filter_map(withdrawal).collect();
        let debt = |id: &TransferId| self.deposits.get(id)?.debt.clone();
        self.round.debts = self.changed_debts.iter().filter_map(debt).collect();
        self.round
    }

    /// Whoever finds an auction due to open does so first, in the same round.
    fn open_if_due(&mut self, id: AuctionId) {
        let Some(auction) = self.auctions.get(&id) else {
            return;
        };
        let now = auction.at_or_after_newest(self.now);
        if let Some(effects) = auction::open_if_due(auction, now) {
            self.apply(effects);
        }
    }

    fn decide(&self, asked: &Asked) -> Result<Decision, Refusal> {
        match &asked.call {
            Call::Auction { auction, command } => {
                self.decide_auction(*auction, command).map(|effects| Decision::Auction(Box::new(effects)))
            }
            Call::List(listing) => self.decide_listing(listing),
            Call::Deposit { member, amount } => self.decide_deposit(*member, *amount),
            Call::EnterDeposit { admin, member, amount, reference } => {
                self.decide_entered(*admin, *member, *amount, reference)
            }
            Call::Withdraw { member, amount, destination } => {
                self.decide_withdrawal(*member, *amount, destination)
            }
            Call::SettleWithdrawal { admin, withdrawal, is_done, reason } => {
                self.decide_settlement(*admin, *withdrawal, *is_done, reason)
            }
            Call::ReverseDeposit { admin, deposit, reason } => self.decide_reversal(*admin, *deposit, reason),
            Call::WithdrawFees { admin, amount, reference } => self.decide_fees(*admin, *amount, reference),
        }
    }

    fn decide_listing(&self, listing: &Listing) -> Result<Decision, Refusal> {
        let (id, item) = (AuctionId(self.next.auction), ItemId(self.next.item));
        let seller = listing.seller();
        let old = listing.again.filter(|old| self.before.contains_key(old));
        let old = old.and_then(|old| self.auctions.get(&old));
        let none = Aftermath::default();
        let after = |old: &Auction| self.aftermaths.get(&old.id).unwrap_or(&none);
        let standing = ListingStanding {
            suspended: self.standing_of(seller).suspended,
            barred: self.barred.contains(&seller),
            limits: &self.settings.listing,
            again: old.map(|old| (old, after(old))),
            pictures: &self.pictures,
        };
        listing.decide(id, item, &standing, self.now).map(|listed| Decision::Listed(Box::new(listed)))
    }

    fn decide_auction(&self, id: AuctionId, command: &Command) -> Result<Effects, Refusal> {
        // An auction listed in this very round is known to nobody yet, and its seller's blocks were not read.
        let stood = self.auctions.get(&id).filter(|_| self.before.contains_key(&id));
        let auction = stood.ok_or(Refusal::AuctionNotFound)?;
        let caller = command.caller().map(|member| self.caller(id, member)).unwrap_or_default();
        let bidders = self.bidders_for(auction, command);
        let standing = Standing {
            auction,
            book: &self.book,
            caller,
            bidders: &bidders,
            item: self.items.get(&id),
            pictures: &self.pictures,
            aftermath: self.aftermaths.get(&id),
            next_order: self.next_order,
            limits: &self.settings.listing,
        };
        auction::decide(&standing, command, auction.at_or_after_newest(self.now))
    }

    /// The rows that the rules look at, each once: a bid wants two of the hundreds that a round may hold.
    fn bidders_for(&self, auction: &Auction, command: &Command) -> Vec<&Bidder> {
        let id = auction.id;
        if command.needs_rivals() {
            let of_auction = (id, MemberId(i64::MIN))..=(id, MemberId(i64::MAX));
            return self.bidders.range(of_auction).map(|(_, bidder)| bidder).collect();
        }
        let named = [command.caller(), command.concerns(), auction.leader.map(|leader| leader.member)];
        let after = self.aftermaths.get(&id).into_iter().flat_map(Aftermath::members);
        let mut bidders: Vec<&Bidder> = Vec::with_capacity(named.len());
        for member in named.into_iter().flatten().chain(after) {
            if bidders.iter().all(|bidder| bidder.member != member) {
                bidders.extend(self.bidders.get(&(id, member)));
            }
        }
        bidders
    }

    fn standing_of(&self, member: MemberId) -> MemberStanding {
        self.members.get(&member).copied().unwrap_or_default()
    }

    fn caller(&self, auction: AuctionId, member: MemberId) -> Caller {
        let standing = self.standing_of(member);
        Caller {
            suspended: standing.suspended,
            blocked: self.blocked.contains(&(auction, member)),
            is_admin: standing.acts_as_admin(),
        }
    }

    fn take(&mut self, asked: &Asked, decision: Decision) -> Answer {
        match decision {
            Decision::Auction(effects) => {
                self.note_act(asked, &effects.auction);
                self.note_removal(asked, &effects);
                let first = self.first_answer(asked, &effects);
                self.apply(*effects);
                self.accept(asked, first)
            }
            Decision::Listed(listed) => {
                let Call::List(listing) = &asked.call else {
                    return Answer::Internal;
                };
                let Listed { effects, old } = *listed;
                let words = old.as_ref().map(|old| self.items.get(&old.id).cloned());
                if words.as_ref().is_some_and(Option::is_none) {
                    return Answer::Internal;
                }
                self.next.auction += 1;
                match old {
                    // The item is described anew; the old auction is changed in silence, and keeps its words.
                    Some(old) => {
                        self.round.history.extend(words.flatten().map(|words| (old.id, words)));
                        self.round.relisted.push(effects.auction.clone());
                        self.describe(old.item, listing.item.clone());
                        self.changed_auctions.insert(old.id);
                        self.auctions.insert(old.id, old);
                    }
                    None => {
                        self.next.item += 1;
                        let item = (effects.auction.item, listing.item.clone(), effects.auction.clone());
                        self.round.listed.push(item);
                    }
                }
                let first = self.first_answer(asked, &effects);
                self.apply(effects);
                self.accept(asked, first)
            }
            Decision::Moved(moved) => {
                let first = self.take_moved(*moved);
                self.accept(asked, first)
            }
        }
    }

    /// What an accepted command is answered: its first event, or its order's first step; or, where others can see neither,
    /// how the auction stands.
    fn first_answer(&self, asked: &Asked, effects: &Effects) -> FirstAnswer {
        let order = effects.orders.first().map(|order| order.id);
        if let Some(event) = effects.events.first() {
            return FirstAnswer::Auction { event: event.clone(), order };
        }
        // An accepted offer is answered with the order that it opened.
        let opened = effects.orders.iter().find(|order| !self.orders_before.contains_key(&order.id));
        let step = opened.and_then(|order| effects.steps.iter().find(|step| step.order == order.id));
        if let Some(step) = step.or(effects.steps.first()) {
            return FirstAnswer::Order(step.clone());
        }
        let event = Event::as_of(&effects.auction);
        let is_bid = matches!(&asked.call, Call::Auction { command: Command::Bid(_), .. });
        match effects.auction.leader.filter(|_| is_bid) {
            Some(leader) => FirstAnswer::Silent { event, maximum: leader.commitment },
            None => FirstAnswer::Quiet(event),
        }
    }

    fn accept(&mut self, asked: &Asked, first: FirstAnswer) -> Answer {
        self.remember(asked, &first);
        Answer::Accepted(first.into())
    }

    fn apply(&mut self, effects: Effects) {
        let id = effects.auction.id;
        let opened = self.take_orders(&effects);
        self.arm(&effects);
        let Effects { auction, events, posted, bidders, item, steps, offers, marks, .. } = effects;
        self.post(&posted, opened.or(steps.first().map(|step| step.order)));
        for bidder in bidders {
            let part = (bidder.auction, bidder.member);
            self.changed_bidders.insert(part);
            self.bidders.insert(part, bidder);
        }
        if let Some(item) = item {
            self.describe(auction.item, item.clone());
            self.items.insert(id, item);
        }
        self.round.steps.extend(steps);
        // Made and answered in one round, an offer is kept once, as it stands afterwards.
        let is_changed =
            |old: &Offer| offers.iter().any(|new| (new.auction, new.number) == (old.auction, old.number));
        self.round.offers.retain(|old| !is_changed(old));
        self.round.offers.extend(offers);
        self.round.marks.extend(marks);
        self.round.events.extend(events);
        if self.auctions.get(&id) != Some(&auction) {
            self.changed_auctions.insert(id);
            self.auctions.insert(id, auction);
        }
    }

    /// Whose bids are taken back without moving the price hears it all the same, though no event tells it.
    fn note_removal(&mut self, asked: &Asked, effects: &Effects) {
        let Call::Auction { auction, command: Command::TakeBack { member, .. } } = &asked.call else {
            return;
        };
        // After the hammer nothing of his stands in the auction; if something was offered to him, its step says so.
        if effects.events.is_empty() && effects.auction.outcome.is_none() {
            self.round.removals.insert((*auction, *member));
        }
    }

    /// Described twice in one round, an item is kept once, as it is described last.
    fn describe(&mut self, id: ItemId, item: Item) {
        self.round.items.retain(|(changed, _)| *changed != id);
        self.round.items.push((id, item));
    }

    /// Takes over orders and offers; gives the order that was opened.
    fn take_orders(&mut self, effects: &Effects) -> Option<OrderId> {
        let id = effects.auction.id;
        if effects.orders.is_empty() && effects.offers.is_empty() {
            return None;
        }
        let mut opened = None;
        let after = self.aftermaths.entry(id).or_default();
        for order in &effects.orders {
            self.changed_orders.insert(order.id, order.clone());
            if order.id == self.next_order.id {
                self.next.order += 1;
                self.next_order = next_order(self.settings, self.next);
                opened = Some(order.id);
            }
            // An offer that is accepted changes the fallen order and opens another, which is the newest then.
            if after.order.as_ref().is_none_or(|newest| newest.number <= order.number) {
                after.order = Some(order.clone());
            }
        }
        for offer in &effects.offers {
            match after.offers.iter_mut().find(|old| old.number == offer.number) {
                Some(old) => *old = *offer,
                None => after.offers.push(*offer),
            }
        }
        opened
    }

    /// Numbers the transfers and takes over the wallets; gives the first number.
    fn post(&mut self, posted: &ledger::Posted, order: Option<OrderId>) -> TransferId {
        let first = TransferId(self.next.transfer);
        for transfer in &posted.transfers {
            let id = TransferId(self.next.transfer);
            self.next.transfer += 1;
            self.round.transfers.push(NewTransfer { id, transfer: *transfer, order, at: self.now });
            self.count_fees(transfer);
        }
        self.book.apply(posted);
        self.changed_wallets.extend(posted.wallets.iter().map(|(member, _)| *member));
        first
    }

    /// What goes to the fees and from them in this round too, for whoever takes them out next.
    fn count_fees(&mut self, transfer: &ledger::Transfer) {
        if transfer.to == Account::Fees {
            self.fees = self.fees.plus(transfer.amount).expect("fees are part of what came in");
        } else if transfer.from == Account::Fees {
            self.fees = self.fees.minus_or_zero(transfer.amount);
        }
    }

    fn remember(&mut self, asked: &Asked, first: &FirstAnswer) {
        let Some(key) = &asked.key else { return };
        let fingerprint = asked.fingerprint;
        let mut kept = NewKey {
            key: key.clone(),
            fingerprint,
            event: None,
            order: None,
            transfer: None,
            kind: AnswerKind::Auction,
            step: None,
            maximum: None,
            withdrawal: None,
            taken: None,
            missing: None,
            at: self.now,
        };
        let place = |event: &Event| Some((event.auction, event.seq));
        match first {
            FirstAnswer::Auction { event, order } => (kept.event, kept.order) = (place(event), *order),
            FirstAnswer::Silent { event, maximum } => {
                kept.kind = AnswerKind::Silent;
                (kept.event, kept.maximum) = (place(event), Some(*maximum));
            }
            FirstAnswer::Quiet(event) => (kept.kind, kept.event) = (AnswerKind::Quiet, place(event)),
            FirstAnswer::Order(step) => {
                kept.kind = AnswerKind::Order;
                (kept.order, kept.step) = (Some(step.order), Some(step.seq));
            }
            FirstAnswer::Deposit(deposit) => {
                (kept.kind, kept.transfer) = (AnswerKind::Deposit, Some(deposit.id));
            }
            FirstAnswer::Withdrawal(withdrawal) => {
                (kept.kind, kept.withdrawal) = (AnswerKind::Withdrawal, Some(withdrawal.id));
            }
            FirstAnswer::Reversal(reversal) => {
                (kept.kind, kept.transfer) = (AnswerKind::Reversal, Some(reversal.deposit));
                (kept.taken, kept.missing) = (Some(reversal.taken), Some(reversal.missing));
            }
            FirstAnswer::Fees(fees) => (kept.kind, kept.transfer) = (AnswerKind::Fees, Some(fees.id)),
        }
        self.keys.insert(key.clone(), KeptKey { fingerprint, first: first.clone() });
        self.round.keys.push(kept);
    }
}

/// Codes are numbers below this.
const CODES: i64 = 1_000_000;

/// What the next order gets, its codes by chance.
fn next_order(settings: &Settings, next: Next) -> NextOrder {
    let chance = (settings.chance)();
    let code = |chance: u32| i64::from(chance) % CODES;
    let (receipt_code, meeting_code) = (code(chance as u32), code((chance >> 32) as u32));
    NextOrder { id: OrderId(next.order), receipt_code, meeting_code }
}

/// What was decided, before it is taken onto the desk.
enum Decision {
    Auction(Box<Effects>),
    Listed(Box<Listed>),
    Moved(Box<Moved>),
}
