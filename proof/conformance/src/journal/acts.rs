//! Acts: one command each, made into the round that an engine would ask a store to keep for it.

use std::collections::BTreeMap;

use auction::{
    AuctionId, Bidder, Caller, Command, Effects, Event, Item, ItemId, Ladder, Listed, Listing, ListingLimits,
    ListingStanding, NextOrder, OrderId, Picture, PictureAddress, Span, Standing, Time,
};
use ledger::{
    Account, Book, MemberId, Money, PartsPerMillion, Posted, Reason, Transfer, TransferId, WithdrawalId,
};
use store::{
    AnswerKind, Debt, Key, Loaded, Nature, NewKey, NewTransfer, Round, Wanted, Withdrawal, WithdrawalState,
};

/// The code that every order's buyer is shown here.
pub(super) const RECEIPT_CODE: i64 = 123_456;

/// The code that every order's seller is shown here.
pub(super) const MEETING_CODE: i64 = 7;

/// One command.
#[derive(Clone, Debug)]
pub(super) enum Act {
    Deposit(MemberId, i64),
    Withdraw(MemberId, i64),
    Settle { admin: MemberId, withdrawal: WithdrawalId, is_done: bool },
    Reverse { admin: MemberId, deposit: TransferId },
    TakeFees { admin: MemberId, amount: i64 },
    List(Box<Listing>),
    Command(AuctionId, Command),
}

/// What the house lays down for new auctions.
pub(super) fn limits() -> ListingLimits {
    ListingLimits {
        minimum_duration: Span::minutes(10),
        ladder: Ladder::parse(auction::DEFAULT_LADDER).expect("the default is a ladder"),
        fee_rate: PartsPerMillion::new(35_000).expect("a rate in range"),
    }
}

/// A chair for a day, from 1,000 won in steps of 1,000, or at once for 50,000.
pub(super) fn chair(seller: MemberId, now: Time) -> Listing {
    let item = Item {
        seller,
        title: "원목 의자".to_owned(),
        description: "두 번 앉았어요.\n직거래해요.".to_owned(),
        category: None,
        condition: Some(auction::Condition::A),
        shipping_payer: Some(auction::ShippingPayer::Buyer),
        region: None,
        nationwide: true,
        pictures: Vec::new(),
    };
    Listing {
        item,
        start_price: 1_000,
        bid_unit: Some(1_000),
        reserve_price: None,
        buy_now_price: Some(50_000),
        starts_at: None,
        ends_at: now.plus(Span::days(1)),
        soft_close_minutes: 3,
        again: None,
    }
}

impl Act {
    fn caller(&self) -> Option<MemberId> {
        match self {
            Act::Deposit(member, _) | Act::Withdraw(member, _) => Some(*member),
            Act::Settle { admin, .. } | Act::Reverse { admin, .. } | Act::TakeFees { admin, .. } => {
                Some(*admin)
            }
            Act::List(listing) => Some(listing.seller()),
            Act::Command(_, command) => command.caller(),
        }
    }

    fn auction(&self) -> Option<AuctionId> {
        match self {
            Act::Command(auction, _) => Some(*auction),
            Act::List(listing) => listing.again,
            Act::Deposit(..)
            | Act::Withdraw(..)
            | Act::Settle { .. }
            | Act::Reverse { .. }
            | Act::TakeFees { .. } => None,
        }
    }

    /// What its round must lock and read.
    pub(super) fn wanted(&self, key: Option<&Key>) -> Wanted {
        let mut wanted = Wanted {
            auctions: self.auction().into_iter().collect(),
            members: self.caller().into_iter().collect(),
            keys: key.cloned().into_iter().collect(),
            ..Wanted::default()
        };
        match self {
            Act::Command(id, command) => {
                wanted.members.extend(command.concerns());
                wanted.members.sort();
                wanted.members.dedup();
                wanted.callers = wanted.members.iter().map(|member| (*id, *member)).collect();
                wanted.rivals = command.needs_rivals().then_some((*id, 4)).into_iter().collect();
                wanted.items = command.needs_item().then_some(*id).into_iter().collect();
                if let Command::Edit { seller, revision } = command {
                    let listed = revision.listing.iter().flat_map(|listing| &listing.item.pictures);
                    wanted.pictures = uploads(*seller, listed.chain(&revision.added));
                }
            }
            Act::List(listing) => {
                wanted.callers = listing.again.map(|old| (old, listing.seller())).into_iter().collect();
                wanted.items = listing.again.into_iter().collect();
                wanted.listers = vec![listing.seller()];
                wanted.pictures = uploads(listing.seller(), &listing.item.pictures);
            }
            Act::Settle { withdrawal, .. } => wanted.withdrawals = vec![*withdrawal],
            Act::Reverse { deposit, .. } => wanted.deposits = vec![*deposit],
            Act::TakeFees { .. } => wanted.fees = true,
            Act::Withdraw(member, _) => wanted.debtors = vec![*member],
            Act::Deposit(..) => {}
        }
        wanted
    }

    /// The round that carries it out; the rules must accept it.
    pub(super) fn round(&self, loaded: &Loaded, key: Option<Key>) -> Round {
        let mut round = Round { now: loaded.now, ..Round::default() };
        let book = Book::of(loaded.members.iter().map(|(id, standing)| (*id, standing.wallet)));
        let kind = match self {
            Act::Deposit(member, amount) => {
                let (from, to) = (Account::Cash, Account::Available(*member));
                post(&mut round, loaded, &moved(&book, from, to, *amount, Reason::Deposit), None);
                round.money = Some(Nature::Demo);
                AnswerKind::Deposit
            }
            Act::Withdraw(member, amount) => {
                withdraw(&mut round, loaded, &book, *member, *amount);
                AnswerKind::Withdrawal
            }
            Act::Settle { admin, withdrawal, is_done } => {
                settle(&mut round, loaded, &book, *admin, (*withdrawal, *is_done));
                AnswerKind::Withdrawal
            }
            Act::Reverse { admin, deposit } => {
                reverse(&mut round, loaded, &book, *admin, *deposit);
                AnswerKind::Reversal
            }
            Act::TakeFees { amount, .. } => {
                let posted = moved(&book, Account::Fees, Account::Cash, *amount, Reason::FeeWithdrawal);
                post(&mut round, loaded, &posted, None);
                AnswerKind::Fees
            }
            Act::List(listing) => {
                list(&mut round, loaded, listing);
                AnswerKind::Auction
            }
            Act::Command(id, command) => {
                let effects = decide(loaded, &book, *id, command);
                let is_step = effects.events.is_empty() && !effects.steps.is_empty();
                let is_silent = effects.events.is_empty() && matches!(command, Command::Bid(_));
                take(&mut round, loaded, *id, effects);
                match (is_step, is_silent) {
                    (true, _) => AnswerKind::Order,
                    (_, true) => AnswerKind::Silent,
                    _ if round.events.is_empty() => AnswerKind::Quiet,
                    _ => AnswerKind::Auction,
                }
            }
        };
        if let Some(key) = key {
            remember(&mut round, key, kind);
        }
        round
    }
}

/// Whose each of these pictures must be, sorted.
fn uploads<'a>(
    seller: MemberId,
    pictures: impl IntoIterator<Item = &'a Picture>,
) -> Vec<(MemberId, PictureAddress)> {
    let mut uploads: Vec<_> = pictures.into_iter().map(|picture| (seller, picture.address)).collect();
    uploads.sort_unstable();
    uploads
}

fn moved(book: &Book, from: Account, to: Account, amount: i64, reason: Reason) -> Posted {
    let mut draft = book.draft();
    let amount = Money::new(amount).expect("what moves is above 0");
    draft.post(Transfer { from, to, amount, reason, auction: None }).expect("there is enough");
    draft.finish()
}

fn withdraw(round: &mut Round, loaded: &Loaded, book: &Book, member: MemberId, amount: i64) {
    let (from, to) = (Account::Available(member), Account::Payable);
    post(round, loaded, &moved(book, from, to, amount, Reason::WithdrawalRequested), None);
    round.withdrawals.push(Withdrawal {
        id: WithdrawalId(loaded.next.withdrawal),
        member,
        amount: Money::new(amount).expect("what moves is above 0"),
        destination: "이웃은행 1-23".to_owned(),
        at: loaded.now,
        state: WithdrawalState::Requested,
        decided_by: None,
        decided_at: None,
        reason: None,
    });
}

fn settle(
    round: &mut Round,
    loaded: &Loaded,
    book: &Book,
    admin: MemberId,
    (id, is_done): (WithdrawalId, bool),
) {
    let withdrawal = loaded.withdrawals[&id].clone();
    let (to, reason, state) = match is_done {
        true => (Account::Cash, Reason::WithdrawalDone, WithdrawalState::Done),
        false => {
            (Account::Available(withdrawal.member), Reason::WithdrawalReversed, WithdrawalState::Reversed)
        }
    };
    let posted = moved(book, Account::Payable, to, withdrawal.amount.won(), reason);
    post(round, loaded, &posted, None);
    let why = (!is_done).then(|| "계좌가 없어요".to_owned());
    round.withdrawals.push(Withdrawal {
        state,
        decided_by: Some(admin),
        decided_at: Some(loaded.now),
        reason: why,
        ..withdrawal
    });
}

/// Takes back what is there, perhaps nothing.
fn reverse(round: &mut Round, loaded: &Loaded, book: &Book, admin: MemberId, deposit: TransferId) {
    let deposited = &loaded.deposits[&deposit];
    let (member, due) = (deposited.member, deposited.left());
    let taken = book.wallet(member).available.min(due);
    let (from, to) = (Account::Available(member), Account::Cash);
    post(round, loaded, &moved(book, from, to, taken.won(), Reason::DepositReversed), None);
    round.debts.push(Debt {
        deposit,
        member,
        amount: deposited.amount,
        missing: due.minus_or_zero(taken),
        admin,
        at: loaded.now,
        reason: "은행이 되돌렸어요".to_owned(),
    });
}

fn list(round: &mut Round, loaded: &Loaded, listing: &Listing) {
    let (id, item) = (AuctionId(loaded.next.auction), ItemId(loaded.next.item));
    let old = listing.again.map(|old| (&loaded.auctions[&old], &loaded.aftermaths[&old]));
    let barred = loaded.barred.contains(&listing.seller());
    let pictures = &loaded.pictures;
    let standing = ListingStanding { suspended: false, barred, limits: &limits(), again: old, pictures };
    let listed = listing.decide(id, item, &standing, loaded.now).expect("the rules accept it");
    let Listed { effects, old } = listed;
    match old {
        Some(old) => {
            round.history.push((old.id, loaded.items[&old.id].clone()));
            round.items.push((old.item, listing.item.clone()));
            round.relisted.push(effects.auction.clone());
            round.auctions.push((old.seq, old));
        }
        None => round.listed.push((item, listing.item.clone(), effects.auction.clone())),
    }
    round.deadlines.push((id, effects.auction.deadline()));
    round.events = effects.events;
}

fn decide(loaded: &Loaded, book: &Book, id: AuctionId, command: &Command) -> Effects {
    let auction = &loaded.auctions[&id];
    let bidders: Vec<&Bidder> = loaded.bidders.values().filter(|bidder| bidder.auction == id).collect();
    let is_admin = command.caller().is_some_and(|member| loaded.members[&member].is_admin);
    let next_order =
        NextOrder { id: OrderId(loaded.next.order), receipt_code: RECEIPT_CODE, meeting_code: MEETING_CODE };
    let standing = Standing {
        auction,
        book,
        caller: Caller { is_admin, ..Caller::default() },
        bidders: &bidders,
        item: loaded.items.get(&id),
        pictures: &loaded.pictures,
        aftermath: loaded.aftermaths.get(&id),
        next_order,
        limits: &limits(),
    };
    auction::decide(&standing, command, auction.at_or_after_newest(loaded.now)).expect("the rules accept it")
}

fn take(round: &mut Round, loaded: &Loaded, id: AuctionId, effects: Effects) {
    let stood = &loaded.auctions[&id];
    let is_new = |id: OrderId| id == OrderId(loaded.next.order);
    let order = effects.orders.iter().map(|order| order.id).max();
    post(round, loaded, &effects.posted, order);
    let before = |id: OrderId| {
        let old =
            loaded.aftermaths.values().find_map(|after| after.order.as_ref().filter(|old| old.id == id));
        old.map(|old| old.seq)
    };
    let orders = effects.orders.into_iter();
    round.orders = orders.map(|order| (before(order.id).filter(|_| !is_new(order.id)), order)).collect();
    if *stood != effects.auction || !round.orders.is_empty() {
        let due = round.orders.iter().filter_map(|(_, order)| order.due).next();
        let offered = effects.offers.iter().filter(|offer| offer.state == auction::OfferState::Open);
        let until = offered.map(|offer| offer.until).next();
        round.deadlines.push((id, effects.auction.deadline().or(due).or(until)));
    }
    if *stood != effects.auction {
        round.auctions.push((stood.seq, effects.auction));
    }
    round.items.extend(effects.item.map(|item| (stood.item, item)));
    round.bidders = effects.bidders;
    round.events = effects.events;
    round.steps = effects.steps;
    round.offers = effects.offers;
    round.marks = effects.marks;
}

fn post(round: &mut Round, loaded: &Loaded, posted: &Posted, order: Option<OrderId>) {
    let numbered = (loaded.next.transfer..).map(TransferId).zip(&posted.transfers);
    let at = round.now;
    round.transfers.extend(numbered.map(|(id, transfer)| NewTransfer { id, transfer: *transfer, order, at }));
    let wallets: BTreeMap<_, _> = posted.wallets.iter().copied().collect();
    round.wallets.extend(wallets);
}

fn remember(round: &mut Round, key: Key, kind: AnswerKind) {
    let event = round.events.first().map(|Event { auction, seq, .. }| (*auction, *seq));
    let stands = round.auctions.first().map(|(_, auction)| (auction.id, auction.seq));
    // What is quiet leaves the auction as it is; then its rows say which it is.
    let quiet = || round.bidders.first().map(|bidder| (bidder.auction, bidder.since));
    let step = round.steps.iter().max_by_key(|step| step.order);
    let mut kept = NewKey {
        key,
        fingerprint: -7,
        event: None,
        order: None,
        transfer: None,
        kind,
        step: None,
        maximum: None,
        withdrawal: None,
        taken: None,
        missing: None,
        at: round.now,
    };
    match kind {
        AnswerKind::Auction => (kept.event, kept.order) = (event, round.orders.first().map(|new| new.1.id)),
        AnswerKind::Silent => {
            kept.event = stands;
            kept.maximum = round.bidders.first().map(|bidder| bidder.commitment);
        }
        AnswerKind::Quiet => kept.event = stands.or_else(quiet),
        AnswerKind::Order => {
            (kept.order, kept.step) = (step.map(|step| step.order), step.map(|step| step.seq))
        }
        AnswerKind::Deposit => kept.transfer = round.transfers.first().map(|new| new.id),
        AnswerKind::Fees => kept.transfer = round.transfers.first().map(|new| new.id),
        AnswerKind::Reversal => {
            let debt = round.debts.first();
            let taken = round.transfers.first().map_or(Money::ZERO, |new| new.transfer.amount);
            (kept.transfer, kept.taken) = (debt.map(|debt| debt.deposit), Some(taken));
            kept.missing = debt.map(|debt| debt.missing);
        }
        AnswerKind::Withdrawal => kept.withdrawal = round.withdrawals.first().map(|one| one.id),
    }
    round.keys.push(kept);
}
