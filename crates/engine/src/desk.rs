//! The desk: what one round works on. Each command is judged against what the commands before it have left.
//!
//! Deciding is pure and synchronous. A bug in it fails one command (`internal`), never a stranger's: the decision leaves
//! the desk untouched until it is whole.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use auction::{
    Auction, AuctionId, Bidder, Caller, Command, Effects, Event, ItemId, OrderId, Refusal, Seq, Standing,
    Time,
};
use ledger::{Account, Book, DEPOSIT_LIMIT, MemberId, Money, Reason, Transfer, TransferId};
use store::{FirstAnswer, KeptDeposit, KeptKey, Key, Loaded, NewKey, NewOrder, NewTransfer, Next, Round};

use crate::answer::{Accepted, Answer};
use crate::call::{Call, Deposits};
use crate::lane::Settings;
use crate::mailbox::Asked;

/// What one round works on, and what it has changed so far.
pub(crate) struct Desk<'a> {
    settings: &'a Settings,
    now: Time,
    auctions: BTreeMap<AuctionId, Auction>,
    before: BTreeMap<AuctionId, Seq>,
    book: Book,
    suspended: HashSet<MemberId>,
    blocked: HashSet<(AuctionId, MemberId)>,
    bidders: HashMap<(AuctionId, MemberId), Bidder>,
    changed_bidders: BTreeSet<(AuctionId, MemberId)>,
    changed_wallets: BTreeSet<MemberId>,
    keys: HashMap<Key, KeptKey>,
    next: Next,
    round: Round,
}

impl<'a> Desk<'a> {
    /// A desk with what was loaded on it.
    pub(crate) fn new(settings: &'a Settings, loaded: Loaded) -> Desk<'a> {
        let suspended = loaded.members.iter().filter(|(_, standing)| standing.suspended).map(|(id, _)| *id);
        Desk {
            settings,
            now: loaded.now,
            before: loaded.auctions.iter().map(|(id, auction)| (*id, auction.seq)).collect(),
            auctions: loaded.auctions,
            suspended: suspended.collect(),
            book: Book::of(loaded.members.iter().map(|(id, standing)| (*id, standing.wallet))),
            blocked: loaded.blocked.into_iter().collect(),
            bidders: loaded.bidders,
            changed_bidders: BTreeSet::new(),
            changed_wallets: BTreeSet::new(),
            keys: loaded.keys,
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
        if let Some(id) = asked.call.auction().filter(|id| self.before.contains_key(id)) {
            self.open_if_due(id);
        }
        let decided = catch_unwind(AssertUnwindSafe(|| self.decide(asked)));
        match decided {
            Ok(Ok(decision)) => self.take(asked, decision),
            Ok(Err(refusal)) => {
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
        for (id, before) in &self.before {
            if let Some(auction) = self.auctions.get(id).filter(|auction| auction.seq != *before) {
                self.round.auctions.push((*before, auction.clone()));
            }
        }
        let bidder = |part: &(AuctionId, MemberId)| self.bidders.get(part).copied();
        self.round.bidders = self.changed_bidders.iter().filter_map(bidder).collect();
        self.round.wallets = self.changed_wallets.iter().map(|id| (*id, self.book.wallet(*id))).collect();
        self.round
    }

    /// Whoever finds an auction due to open does so first, in the same round.
    fn open_if_due(&mut self, id: AuctionId) {
        let Some(auction) = self.auctions.get(&id) else {
            return;
        };
        let now = auction.at_or_after_newest(self.now);
        if let Some(effects) = auction::open_if_due(auction, now) {
            self.arm(&effects.auction);
            self.apply(effects);
        }
    }

    fn decide(&self, asked: &Asked) -> Result<Decision, Refusal> {
        match &asked.call {
            Call::Auction { auction, command } => {
                self.decide_auction(*auction, command).map(Decision::Auction)
            }
            Call::List(listing) => {
                let (id, item) = (AuctionId(self.next.auction), ItemId(self.next.item));
                let suspended = self.suspended.contains(&listing.seller());
                let effects = listing.decide(id, item, suspended, &self.settings.listing, self.now)?;
                Ok(Decision::Listed(effects))
            }
            Call::Deposit { member, amount } => self.decide_deposit(*member, *amount),
        }
    }

    fn decide_auction(&self, id: AuctionId, command: &Command) -> Result<Effects, Refusal> {
        // An auction listed in this very round is known to nobody yet, and its seller's blocks were not read.
        let stood = self.auctions.get(&id).filter(|_| self.before.contains_key(&id));
        let auction = stood.ok_or(Refusal::AuctionNotFound)?;
        let caller = command.caller().map(|member| self.caller(id, member)).unwrap_or_default();
        let next_order = OrderId(self.next.order);
        let standing = Standing { auction, book: &self.book, caller, next_order };
        auction::decide(&standing, command, auction.at_or_after_newest(self.now))
    }

    fn caller(&self, auction: AuctionId, member: MemberId) -> Caller {
        Caller {
            suspended: self.suspended.contains(&member),
            blocked: self.blocked.contains(&(auction, member)),
            number: self.bidders.get(&(auction, member)).map(|bidder| bidder.number),
        }
    }

    fn decide_deposit(&self, member: MemberId, amount: i64) -> Result<Decision, Refusal> {
        if self.settings.deposits == Deposits::Off {
            return Err(Refusal::DepositsOff);
        }
        let amount = Money::new(amount).filter(|amount| !amount.is_zero() && *amount <= DEPOSIT_LIMIT);
        let amount = amount.ok_or(Refusal::AmountInvalid { limit: DEPOSIT_LIMIT })?;
        let (from, to) = (Account::Cash, Account::Available(member));
        let mut draft = self.book.draft();
        let posted = draft.post(Transfer { from, to, amount, reason: Reason::Deposit, auction: None });
        posted.expect("cash has no lower bound");
        Ok(Decision::Deposit(amount, draft.finish()))
    }

    fn take(&mut self, asked: &Asked, decision: Decision) -> Answer {
        match decision {
            Decision::Auction(effects) => {
                self.arm(&effects.auction);
                self.answer_with_first_event(asked, effects)
            }
            Decision::Listed(effects) => {
                let Call::List(listing) = &asked.call else {
                    return Answer::Internal;
                };
                self.next.auction += 1;
                self.next.item += 1;
                self.round.listed.push((effects.auction.item, listing.item.clone(), effects.auction.clone()));
                self.arm(&effects.auction);
                self.answer_with_first_event(asked, effects)
            }
            Decision::Deposit(amount, posted) => {
                let id = self.post(&posted, None);
                let deposit = KeptDeposit { id, amount, at: self.now };
                self.remember(asked, FirstAnswer::Deposit(deposit));
                Answer::Accepted(Accepted::Deposit(deposit))
            }
        }
    }

    /// A late bid moves the end without touching the deadline: it stays a lower bound, and the closer arms it again.
    /// Everything else that changes when to look next is armed here.
    fn arm(&mut self, after: &Auction) {
        let before = self.auctions.get(&after.id).map(|before| (before.status, before.extensions));
        if before != Some((after.status, after.extensions)) {
            self.round.deadlines.push((after.id, after.deadline()));
        }
    }

    /// The closer came early, or too late: what it knew is put right.
    fn arm_again(&mut self, asked: &Asked, refusal: &Refusal) {
        let Call::Auction { auction, command: Command::Close } = &asked.call else {
            return;
        };
        if matches!(refusal, Refusal::NotDue | Refusal::Closed { .. }) {
            let deadline = self.auctions.get(auction).and_then(Auction::deadline);
            self.round.deadlines.push((*auction, deadline));
        }
    }

    fn answer_with_first_event(&mut self, asked: &Asked, effects: Effects) -> Answer {
        let order = effects.order.map(|order| order.id);
        let event = effects.events.first().expect("every accepted command has an event").clone();
        self.apply(effects);
        self.remember(asked, FirstAnswer::Auction { event: event.clone(), order });
        Answer::Accepted(Accepted::Auction { event: Box::new(event), order })
    }

    fn apply(&mut self, effects: Effects) {
        let Effects { auction, events, posted, bidders, order } = effects;
        if let Some(order) = order {
            self.next.order += 1;
            let (seller, at) = (auction.seller, auction.newest);
            self.round.orders.push(NewOrder { order, auction: auction.id, seller, at });
        }
        self.post(&posted, order.map(|order| order.id));
        for bidder in bidders {
            let part = (bidder.auction, bidder.member);
            self.changed_bidders.insert(part);
            let commitment = self
                .bidders
                .get(&part)
                .map_or(bidder.commitment, |old| old.commitment.max(bidder.commitment));
            self.bidders.insert(part, Bidder { commitment, ..bidder });
        }
        self.round.events.extend(events);
        self.auctions.insert(auction.id, auction);
    }

    /// Numbers the transfers and takes over the wallets; gives the first number.
    fn post(&mut self, posted: &ledger::Posted, order: Option<OrderId>) -> TransferId {
        let first = TransferId(self.next.transfer);
        for transfer in &posted.transfers {
            let id = TransferId(self.next.transfer);
            self.next.transfer += 1;
            self.round.transfers.push(NewTransfer { id, transfer: *transfer, order, at: self.now });
        }
        self.book.apply(posted);
        self.changed_wallets.extend(posted.wallets.iter().map(|(member, _)| *member));
        first
    }

    fn remember(&mut self, asked: &Asked, first: FirstAnswer) {
        let Some(key) = &asked.key else { return };
        let (event, order, transfer) = match &first {
            FirstAnswer::Auction { event: Event { auction, seq, .. }, order } => {
                (Some((*auction, *seq)), *order, None)
            }
            FirstAnswer::Deposit(deposit) => (None, None, Some(deposit.id)),
        };
        let fingerprint = asked.fingerprint;
        self.keys.insert(key.clone(), KeptKey { fingerprint, first });
        self.round.keys.push(NewKey { key: key.clone(), fingerprint, event, order, transfer, at: self.now });
    }
}

/// What was decided, before it is taken onto the desk.
enum Decision {
    Auction(Effects),
    Listed(Effects),
    Deposit(Money, ledger::Posted),
}
