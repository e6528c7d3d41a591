//! Rounds of a small market: listed, bid on, raised in silence, sold.

use auction::{
    Auction, Bidder, Event, EventKind, Increments, Item, ItemId, Ladder, Leader, Order, OrderState,
    OrderStep, Outcome, Participant, PriceRule, ReserveStatus, Seq, Span, Status, StepKind, Time,
};
use ledger::{Account, AuctionId, Money, OrderId, PartsPerMillion, Reason, Transfer, TransferId, Wallet};
use store::{AnswerKind, Key, NewKey, NewTransfer, Round};

use super::twins::{ANNA, BORA, SELLER};

pub(super) fn won(won: i64) -> Money {
    Money::new(won).unwrap()
}

/// Auction `id` of item `id` as it is listed.
pub(super) fn auction(id: i64) -> Auction {
    Auction {
        id: AuctionId(id),
        item: ItemId(id),
        seller: SELLER,
        seq: Seq(1),
        terms: 1,
        status: Status::Open,
        outcome: None,
        start: won(1_000),
        increments: Increments::Ladder(Ladder::parse(auction::DEFAULT_LADDER).unwrap()),
        reserve: Some(won(5_000)),
        buy_now: Some(won(9_000)),
        fee_rate: PartsPerMillion::new(35_000).unwrap(),
        minimum_duration: Span::minutes(10),
        soft_close: Span::minutes(3),
        starts_at: Time(10),
        listed_end: Time(500),
        ends_at: Time(500),
        latest: Time(800),
        extensions: 0,
        seller_extensions: 0,
        outage: None,
        price: won(1_000),
        leader: None,
        bid_count: 0,
        afresh: Seq(0),
        seller_took_back: false,
        notes: 0,
        followed_by: None,
        bidders: 0,
        newest: Time(10),
    }
}

/// An event with the auction's figures.
pub(super) fn event(auction: &Auction, kind: EventKind) -> Event {
    Event {
        auction: auction.id,
        seq: auction.seq,
        kind,
        at: auction.newest,
        actor: None,
        amount: None,
        price: auction.price,
        minimum: auction.minimum(),
        bid_count: auction.bid_count,
        leader: auction.leader.map(|leader| Participant { member: leader.member, number: leader.number }),
        ends_at: auction.ends_at,
        outcome: auction.outcome,
        reason: None,
        cause: None,
        reserve: auction.reserve_status(),
        rule: None,
        terms: None,
        aside: None,
    }
}

pub(super) fn key(text: &str, kind: AnswerKind) -> NewKey {
    NewKey {
        key: Key { text: text.into(), member: ANNA },
        fingerprint: 77,
        event: None,
        order: None,
        transfer: None,
        kind,
        step: None,
        maximum: None,
        withdrawal: None,
        taken: None,
        missing: None,
        at: Time(20),
    }
}

pub(super) fn listed(id: i64) -> Round {
    let item = Item {
        seller: SELLER,
        title: "의자".to_owned(),
        description: String::new(),
        category: None,
        condition: None,
        shipping_payer: None,
        region: None,
        nationwide: false,
        pictures: Vec::new(),
    };
    let auction = auction(id);
    Round {
        now: Time(10),
        events: vec![event(&auction, EventKind::Listed)],
        deadlines: vec![(auction.id, auction.deadline())],
        listed: vec![(auction.item, item, auction)],
        ..Round::default()
    }
}

/// Auction 1 after Anna's maximum of 3,000 and Bora's beaten bid of 2,000.
fn led() -> Auction {
    let leader = Leader { member: ANNA, number: 1, commitment: won(3_000), since: Seq(2) };
    Auction {
        seq: Seq(3),
        price: won(2_000),
        leader: Some(leader),
        bid_count: 2,
        bidders: 2,
        newest: Time(20),
        ..auction(1)
    }
}

/// Anna deposits 9,000 and bids with a maximum, Bora is beaten at once.
pub(super) fn bids() -> Round {
    let auction = led();
    let bid = |seq, member, number, amount, rule| Event {
        seq: Seq(seq),
        actor: Some(Participant { member, number }),
        amount: Some(won(amount)),
        rule: Some(rule),
        ..event(&auction, EventKind::Bid)
    };
    let events = vec![bid(2, ANNA, 1, 1_000, PriceRule::Start), bid(3, BORA, 2, 2_000, PriceRule::Matched)];
    assert_eq!(events[0].reserve, ReserveStatus::NotMet);
    let mut first = key("bid 1", AnswerKind::Auction);
    first.event = Some((auction.id, Seq(2)));
    let mut deposit = key("deposit 1", AnswerKind::Deposit);
    deposit.transfer = Some(TransferId(1));
    let bidder = |member, number, commitment, since| Bidder {
        auction: auction.id,
        member,
        number,
        commitment: won(commitment),
        since: Seq(since),
        named: won(1_000),
        hold: won(0),
        is_out: false,
        vain: vec![Time(20), Time(21)],
    };
    let anna = Bidder { hold: won(3_000), vain: Vec::new(), ..bidder(ANNA, 1, 3_000, 2) };
    let (available, held) = (Account::Available(ANNA), Account::Held(ANNA));
    Round {
        now: Time(20),
        events,
        wallets: vec![(ANNA, Wallet { available: won(6_000), held: won(3_000), version: 2 })],
        bidders: vec![anna, bidder(BORA, 2, 2_000, 3)],
        transfers: vec![
            transfer(1, Account::Cash, available, 9_000, Reason::Deposit, None),
            transfer(2, available, held, 3_000, Reason::BidHold, Some(1)),
        ],
        keys: vec![first, deposit],
        auctions: vec![(Seq(1), auction)],
        ..Round::default()
    }
}

fn transfer(
    id: i64,
    from: Account,
    to: Account,
    amount: i64,
    reason: Reason,
    auction: Option<i64>,
) -> NewTransfer {
    let auction = auction.map(AuctionId);
    let transfer = Transfer { from, to, amount: won(amount), reason, auction };
    NewTransfer { id: TransferId(id), transfer, order: None, at: Time(20) }
}

/// Anna raises her maximum to 4,000, which nobody sees.
pub(super) fn silent_raise() -> Round {
    let mut auction = led();
    let mut bidder = bids().bidders.remove(0);
    (bidder.commitment, bidder.hold) = (won(4_000), won(4_000));
    auction.leader = auction.leader.map(|leader| Leader { commitment: won(4_000), ..leader });
    let mut answer = key("raise 1", AnswerKind::Silent);
    (answer.event, answer.maximum) = (Some((auction.id, Seq(3))), Some(won(4_000)));
    let (available, held) = (Account::Available(ANNA), Account::Held(ANNA));
    Round {
        now: Time(22),
        wallets: vec![(ANNA, Wallet { available: won(5_000), held: won(4_000), version: 3 })],
        transfers: vec![transfer(3, available, held, 1_000, Reason::BidHold, Some(1))],
        bidders: vec![bidder],
        auctions: vec![(Seq(3), auction)],
        keys: vec![answer],
        ..Round::default()
    }
}

/// The order that the sale of auction 1 opens.
pub(super) fn order(id: i64) -> Order {
    Order {
        id: OrderId(id),
        auction: AuctionId(1),
        seller: SELLER,
        buyer: ANNA,
        price: won(2_000),
        fee_rate: PartsPerMillion::new(35_000).unwrap(),
        number: 1,
        is_second_chance: false,
        state: OrderState::ToHandOver,
        seq: 1,
        opened_at: Time(40),
        newest: Time(40),
        due: Some(Time(70)),
        receipt_code: 123_456,
        meeting_code: 7,
        tries: 0,
        tries_in_all: 0,
        locked_until: None,
        carrier: None,
        tracking: None,
        shipped_at: None,
        met_at: None,
        delivered_at: None,
        asked: 0,
        wants_cancel: None,
        disputed_at: None,
        disputed_by: None,
        buyer_evidence: 0,
        seller_evidence: 0,
        ended_at: None,
        refund: None,
        fee: None,
        fault: None,
        outage: None,
    }
}

pub(super) fn step(order: &Order, seq: i64, kind: StepKind) -> OrderStep {
    OrderStep {
        order: order.id,
        seq,
        kind,
        at: order.newest,
        by: None,
        state: order.state,
        due: order.due,
        text: None,
        amount: Some(order.price),
    }
}

/// Auction 1 is sold to Anna as it stands after [`bids`], which opens order 1.
pub(super) fn sold() -> Round {
    let auction = Auction {
        seq: Seq(4),
        status: Status::Ended,
        outcome: Some(Outcome::Sold),
        newest: Time(40),
        ..led()
    };
    let order = order(1);
    let mut answer = key("close 1", AnswerKind::Auction);
    (answer.event, answer.order) = (Some((auction.id, Seq(4))), Some(order.id));
    Round {
        now: Time(40),
        events: vec![event(&auction, EventKind::Closed)],
        deadlines: vec![(auction.id, order.due)],
        steps: vec![step(&order, 1, StepKind::Opened)],
        orders: vec![(None, order)],
        auctions: vec![(Seq(3), auction)],
        keys: vec![answer],
        ..Round::default()
    }
}
