//! Acts: one command each, made into the round that an engine would ask a store to keep for it.

use std::collections::BTreeMap;

use auction::{
    AuctionId, Caller, Command, Effects, Event, Item, ItemId, Ladder, Listing, ListingLimits, OrderId, Span,
    Standing, Time,
};
use ledger::{Account, Book, MemberId, Money, PartsPerMillion, Posted, Reason, Transfer, TransferId};
use store::{Key, Loaded, NewKey, NewOrder, NewTransfer, Round, Wanted};

/// One command.
#[derive(Clone, Debug)]
pub(super) enum Act {
    Deposit(MemberId, i64),
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
    };
    Listing {
        item,
        start_price: 1_000,
        bid_unit: Some(1_000),
        buy_now_price: Some(50_000),
        starts_at: None,
        ends_at: now.plus(Span::days(1)),
        soft_close_minutes: 3,
    }
}

impl Act {
    fn caller(&self) -> Option<MemberId> {
        match self {
            Act::Deposit(member, _) => Some(*member),
            Act::List(listing) => Some(listing.seller()),
            Act::Command(_, command) => command.caller(),
        }
    }

    /// What its round must lock and read.
    pub(super) fn wanted(&self, key: Option<&Key>) -> Wanted {
        let auctions: Vec<AuctionId> = match self {
            Act::Command(auction, _) => vec![*auction],
            Act::Deposit(..) | Act::List(_) => Vec::new(),
        };
        let members: Vec<MemberId> = self.caller().into_iter().collect();
        let callers = auctions.first().copied().zip(members.first().copied()).into_iter().collect();
        Wanted { auctions, members, callers, keys: key.cloned().into_iter().collect() }
    }

    /// The round that carries it out; the rules must accept it.
    pub(super) fn round(&self, loaded: &Loaded, key: Option<Key>) -> Round {
        let mut round = Round { now: loaded.now, ..Round::default() };
        let book = Book::of(loaded.members.iter().map(|(id, standing)| (*id, standing.wallet)));
        match self {
            Act::Deposit(member, amount) => {
                let posted = deposit(&book, *member, *amount);
                post(&mut round, loaded, &posted, None);
            }
            Act::List(listing) => {
                let (id, item) = (AuctionId(loaded.next.auction), ItemId(loaded.next.item));
                let effects =
                    listing.decide(id, item, false, &limits(), loaded.now).expect("the rules accept it");
                round.listed.push((item, listing.item.clone(), effects.auction.clone()));
                round.deadlines.push((id, effects.auction.deadline()));
                round.events = effects.events;
            }
            Act::Command(id, command) => {
                let auction = &loaded.auctions[id];
                let number = self.caller().and_then(|member| loaded.bidders.get(&(*id, member)));
                let caller = Caller { number: number.map(|bidder| bidder.number), ..Caller::default() };
                let next_order = OrderId(loaded.next.order);
                let standing = Standing { auction, book: &book, caller, next_order };
                let now = auction.at_or_after_newest(loaded.now);
                let effects = auction::decide(&standing, command, now).expect("the rules accept it");
                take(&mut round, loaded, *id, effects);
            }
        }
        if let Some(key) = key {
            remember(&mut round, key);
        }
        round
    }
}

fn deposit(book: &Book, member: MemberId, amount: i64) -> Posted {
    let mut draft = book.draft();
    let (from, to) = (Account::Cash, Account::Available(member));
    let amount = Money::new(amount).expect("a deposit is above 0");
    let transfer = Transfer { from, to, amount, reason: Reason::Deposit, auction: None };
    draft.post(transfer).expect("cash has no lower bound");
    draft.finish()
}

fn take(round: &mut Round, loaded: &Loaded, id: AuctionId, effects: Effects) {
    let order = effects.order.map(|order| order.id);
    post(round, loaded, &effects.posted, order);
    let (seller, at) = (effects.auction.seller, effects.auction.newest);
    round.orders.extend(effects.order.map(|order| NewOrder { order, auction: id, seller, at }));
    for bidder in effects.bidders {
        let before = loaded.bidders.get(&(id, bidder.member)).map(|before| before.commitment);
        let commitment = bidder.commitment.max(before.unwrap_or_default());
        round.bidders.push(auction::Bidder { commitment, ..bidder });
    }
    round.deadlines.push((id, effects.auction.deadline()));
    round.auctions.push((loaded.auctions[&id].seq, effects.auction));
    round.events = effects.events;
}

fn post(round: &mut Round, loaded: &Loaded, posted: &Posted, order: Option<OrderId>) {
    let numbered = (loaded.next.transfer..).map(TransferId).zip(&posted.transfers);
    let at = round.now;
    round.transfers.extend(numbered.map(|(id, transfer)| NewTransfer { id, transfer: *transfer, order, at }));
    let wallets: BTreeMap<_, _> = posted.wallets.iter().copied().collect();
    round.wallets.extend(wallets);
}

fn remember(round: &mut Round, key: Key) {
    let event = round.events.first().map(|Event { auction, seq, .. }| (*auction, *seq));
    round.keys.push(NewKey {
        key,
        fingerprint: -7,
        event,
        order: round.orders.first().map(|new| new.order.id),
        transfer: round.transfers.first().map(|new| new.id).filter(|_| event.is_none()),
        at: round.now,
    });
}
