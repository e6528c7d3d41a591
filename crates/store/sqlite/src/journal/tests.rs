//! Tests of the engine's door: the same rounds are kept here and by the memory model, and must read the same afterwards.

mod rounds;
mod twins;

use auction::{
    Hand, ItemId, Mark, MarkKind, Offer, OfferState, Order, OrderState, OrderStep, Seq, Side, Span, StepKind,
    Time,
};
use ledger::{AuctionId, MemberId, OrderId, WithdrawalId};
use store::{Act, ActKind, AnswerKind, Chore, ChoreId, Portion, Round, Withdrawal, WithdrawalState};

use self::rounds::{auction, bids, event, key, listed, order, silent_raise, sold, step, won};
use self::twins::{ANNA, BORA, SELLER, Twins};

#[test]
fn bids_are_kept_with_all_that_is_hidden_in_them() {
    let mut twins = Twins::open();
    twins.keep(&listed(1));
    twins.keep(&bids());
    let rounds = twins.number("SELECT count(*) FROM rounds");
    twins.keep(&silent_raise());
    assert_eq!(twins.number("SELECT count(*) FROM rounds"), rounds, "nobody follows what is silent");
    let loaded = twins.load();
    assert_eq!(loaded.auctions[&AuctionId(1)].leader.unwrap().commitment, won(4_000));
    assert_eq!(loaded.bidders[&(AuctionId(1), BORA)].vain, [Time(20), Time(21)]);
}

#[test]
fn an_edit_changes_every_column() {
    let mut twins = Twins::open();
    twins.keep(&listed(1));
    let mut edited = listed(1);
    let (id, mut item, _) = edited.listed.remove(0);
    item.title = "책상".to_owned();
    item.description = "새것".to_owned();
    item.condition = Some(auction::Condition::New);
    item.shipping_payer = Some(auction::ShippingPayer::Buyer);
    (item.category, item.nationwide) = (Some(twins.number("SELECT min(id) FROM categories")), true);
    // Down and up: what is compared with the start changes with it.
    for (before, start) in [(1, 500), (2, 2_000)] {
        let mut auction = auction(1);
        auction.seq = Seq(before + 1);
        auction.terms = before + 1;
        (auction.start, auction.price, auction.reserve) = (won(start), won(start), Some(won(start)));
        auction.increments = auction::Increments::Unit(won(500));
        (auction.buy_now, auction.soft_close) = (None, Span::minutes(5));
        auction.starts_at = Time(11);
        (auction.listed_end, auction.ends_at, auction.latest) = (Time(700), Time(700), Time(900));
        let mut told = event(&auction, auction::EventKind::Edited);
        (told.terms, told.reason) = (Some(auction.terms), Some("a note".to_owned()));
        twins.keep(&Round {
            now: Time(12),
            items: vec![(id, item.clone())],
            auctions: vec![(Seq(before), auction)],
            events: vec![told],
            ..Round::default()
        });
    }
    assert_eq!(twins.load().items[&AuctionId(1)].title, "책상");
}

#[test]
fn what_was_made_before_an_auction_started_afresh_counts_no_more() {
    let mut twins = Twins::open();
    twins.keep(&listed(1));
    twins.keep(&bids());
    let mut round = bids();
    let (_, mut auction) = round.auctions.remove(0);
    let mut reset = event(&auction, auction::EventKind::Reset);
    (auction.seq, auction.leader, auction.price) = (Seq(4), None, auction.start);
    (auction.afresh, auction.seller_took_back, auction.bid_count) = (Seq(4), true, 0);
    (reset.seq, reset.aside, reset.leader) = (Seq(4), Some(ANNA), None);
    (reset.rule, reset.reason) = (Some(auction::PriceRule::Afresh), Some("no".to_owned()));
    let mut anna = round.bidders.remove(0);
    (anna.is_out, anna.hold) = (true, won(0));
    let mark =
        Mark { member: SELLER, kind: MarkKind::TookLeadBack, auction: auction.id, order: None, at: Time(30) };
    twins.keep(&Round {
        now: Time(30),
        auctions: vec![(Seq(3), auction)],
        events: vec![reset],
        bidders: vec![anna],
        marks: vec![mark],
        ..Round::default()
    });
    assert_eq!(twins.rivals(AuctionId(1)), []);
    // What was made with the very event counts no more either, what came behind it does.
    let bidder = |member, since| {
        let mut bidder = bids().bidders.remove(1);
        (bidder.member, bidder.number, bidder.since) = (MemberId(member), member, Seq(since));
        bidder
    };
    twins.keep(&Round { now: Time(31), bidders: vec![bidder(4, 4), bidder(5, 5)], ..Round::default() });
    assert_eq!(twins.rivals(AuctionId(1)), [MemberId(5)]);
}

#[test]
fn the_highest_commitments_that_count_are_the_rivals() {
    let mut twins = Twins::open();
    twins.keep(&listed(1));
    let mut round = bids();
    for (member, commitment, since, is_out) in
        [(4, 2_000, 2, false), (5, 9_000, 2, true), (6, 1_500, 2, false)]
    {
        let mut bidder = round.bidders[1].clone();
        (bidder.member, bidder.number) = (MemberId(member), member);
        (bidder.commitment, bidder.since, bidder.is_out) = (won(commitment), Seq(since), is_out);
        round.bidders.push(bidder);
    }
    twins.keep(&round);
    assert_eq!(twins.rivals(AuctionId(1)), [ANNA, MemberId(4)], "the earlier of equal ones comes first");
}

#[test]
fn an_order_is_kept_through_its_life() {
    let mut twins = Twins::open();
    twins.keep(&listed(1));
    twins.keep(&bids());
    twins.keep(&sold());
    let rounds = twins.number("SELECT count(*) FROM rounds");
    let changed = Order {
        seq: 3,
        newest: Time(50),
        due: Some(Time(60)),
        tries: 2,
        tries_in_all: 7,
        locked_until: Some(Time(55)),
        carrier: Some("우체국".to_owned()),
        tracking: Some("123".to_owned()),
        shipped_at: Some(Time(50)),
        met_at: Some(Time(51)),
        delivered_at: Some(Time(52)),
        asked: 1,
        wants_cancel: Some(Side::Seller),
        disputed_at: Some(Time(53)),
        disputed_by: Some(Side::Buyer),
        outage: Some(Time(54)),
        state: OrderState::Disputed,
        ..order(1)
    };
    let mut evidence = step(&changed, 3, StepKind::Evidence);
    (evidence.by, evidence.text) = (Some(ANNA), Some("broken".to_owned()));
    let mut answer = key("order 1", AnswerKind::Order);
    (answer.order, answer.step) = (Some(OrderId(1)), Some(3));
    twins.keep(&Round {
        now: Time(50),
        orders: vec![(Some(1), changed.clone())],
        steps: vec![step(&changed, 2, StepKind::Shipped), evidence],
        keys: vec![answer],
        ..Round::default()
    });
    assert_eq!(
        twins.number("SELECT count(*) FROM rounds"),
        rounds + 1,
        "a round that only touches orders is followed too"
    );
    let triple = [1_i64, 1, 3].map(i64::to_le_bytes).concat();
    assert_eq!(twins.newest_round(), (Vec::new(), triple));
    let over = Order {
        seq: 4,
        state: OrderState::Split,
        ended_at: Some(Time(70)),
        due: None,
        refund: Some(won(1_000)),
        fee: Some(won(20)),
        fault: Some(Side::Seller),
        ..changed
    };
    let act = Act {
        admin: Some(MemberId(6)),
        kind: ActKind::Decided,
        member: None,
        auction: None,
        order: Some(OrderId(1)),
        withdrawal: None,
        reason: "half".to_owned(),
        at: Time(70),
    };
    let steps = vec![step(&over, 4, StepKind::Split)];
    let orders = vec![(Some(3), over)];
    twins.keep(&Round { now: Time(70), orders, steps, acts: vec![act], ..Round::default() });
    assert_eq!(twins.number("SELECT count(*) FROM acts"), 1);
}

#[test]
fn offers_follow_one_another_and_the_last_opens_an_order() {
    let mut twins = Twins::open();
    twins.keep(&listed(1));
    twins.keep(&bids());
    twins.keep(&sold());
    let fallen = Order {
        seq: 2,
        state: OrderState::Refunded,
        ended_at: Some(Time(50)),
        due: None,
        refund: Some(won(2_000)),
        fee: Some(won(0)),
        fault: Some(Side::Buyer),
        ..order(1)
    };
    let offer = |number, member, until, state| Offer {
        auction: AuctionId(1),
        number,
        member,
        price: won(1_500),
        at: Time(80),
        until: Time(until),
        state,
    };
    let round = |orders: Vec<(Option<i64>, Order)>, steps: Vec<OrderStep>, offers| Round {
        now: Time(80),
        orders,
        steps,
        offers,
        ..Round::default()
    };
    let steps = vec![step(&fallen, 2, StepKind::Refunded)];
    twins.keep(&round(vec![(Some(1), fallen.clone())], steps, vec![offer(1, BORA, 90, OfferState::Open)]));
    let told = |seq, kind| vec![step(&fallen, seq, kind)];
    let later = |seq| vec![(Some(seq - 1), Order { seq, ..fallen.clone() })];
    // An outage moves it; then it lapses, and the next is made in the same round, whichever is named first.
    twins.keep(&round(later(3), told(3, StepKind::Extended), vec![offer(1, BORA, 95, OfferState::Open)]));
    let next = vec![offer(2, MemberId(4), 99, OfferState::Open), offer(1, BORA, 95, OfferState::Lapsed)];
    twins.keep(&round(later(4), told(4, StepKind::OfferLapsed), next));
    let second = Order { id: OrderId(2), number: 2, buyer: MemberId(4), is_second_chance: true, ..order(1) };
    let orders = vec![(Some(4), Order { seq: 5, ..fallen.clone() }), (None, second.clone())];
    let mut steps = told(5, StepKind::OfferAccepted);
    steps.push(step(&second, 1, StepKind::Opened));
    twins.keep(&round(orders, steps, vec![offer(2, MemberId(4), 99, OfferState::Accepted)]));
    let aftermath = &twins.load().aftermaths[&AuctionId(1)];
    assert_eq!(aftermath.order.as_ref().map(|order| order.id), Some(OrderId(2)));
    // What is answered stays so.
    let again = round(later(6), told(6, StepKind::Offered), vec![offer(1, BORA, 99, OfferState::Open)]);
    twins.refused_here(&again);
}

#[test]
fn an_item_is_auctioned_again() {
    let mut twins = Twins::open();
    twins.keep(&listed(1));
    twins.keep(&bids());
    twins.keep(&sold());
    let mut again = auction(2);
    again.item = auction(1).item;
    let events = vec![event(&again, auction::EventKind::Listed)];
    let mut old = sold().auctions.remove(0).1;
    old.followed_by = Some(again.id);
    let auctions = vec![(old.seq, old)];
    let was = twins.load().items[&AuctionId(1)].clone();
    let is = auction::Item { title: "책상".to_owned(), nationwide: !was.nationwide, ..was.clone() };
    let (items, history) = (vec![(again.item, is.clone())], vec![(AuctionId(1), was.clone())]);
    let round = Round { now: Time(90), relisted: vec![again], auctions, events, ..Round::default() };
    twins.keep(&Round { items, history, ..round });
    assert_eq!(twins.load().items.into_values().collect::<Vec<_>>(), [was, is]);
    assert_eq!(twins.newest_round().0, [2_i64, 0, 1].map(i64::to_le_bytes).concat());
    // The next auction is the third, and its item the second.
    let mut third = listed(3);
    (third.listed[0].0, third.listed[0].2.item) = (ItemId(2), ItemId(2));
    twins.keep(&third);
}

#[test]
fn withdrawals_are_decided_once() {
    let mut twins = Twins::open();
    let requested = Withdrawal {
        id: WithdrawalId(1),
        member: ANNA,
        amount: won(700),
        destination: "은행 1".to_owned(),
        at: Time(5),
        state: WithdrawalState::Requested,
        decided_by: None,
        decided_at: None,
        reason: None,
    };
    let round = |withdrawal: &Withdrawal| Round {
        now: Time(5),
        withdrawals: vec![withdrawal.clone()],
        ..Round::default()
    };
    let mut answer = key("withdrawal 1", AnswerKind::Withdrawal);
    answer.withdrawal = Some(requested.id);
    twins.keep(&Round { keys: vec![answer], ..round(&requested) });
    twins.refused_here(&round(&requested));
    let reversed = Withdrawal {
        state: WithdrawalState::Reversed,
        decided_by: Some(MemberId(6)),
        decided_at: Some(Time(9)),
        reason: Some("no such bank".to_owned()),
        ..requested.clone()
    };
    twins.keep(&round(&reversed));
    twins.refused_here(&round(&Withdrawal { state: WithdrawalState::Done, ..requested }));
}

#[test]
fn who_has_three_marks_may_not_list_until_they_are_lifted() {
    let day = Span::days(1).0;
    let mut twins = Twins::open();
    let mark =
        |kind, at: i64| Mark { member: SELLER, kind, auction: AuctionId(1), order: None, at: Time(at * day) };
    let cases = [
        // The day, what is added on it, until when marks were lifted, and whether he is barred then.
        (1, Some(MarkKind::SellerDefault), None, false),
        (2, Some(MarkKind::CancelledWithBids), None, false),
        (3, Some(MarkKind::BuyerDefault), None, false),
        (4, Some(MarkKind::TookLeadBack), None, true),
        (90, None, None, true),
        (91, None, None, false),
        (91, Some(MarkKind::SellerDefault), None, true),
        (92, None, Some(4), false),
    ];
    for (today, added, lifted, is_barred) in cases {
        twins.set_clock(Time(today * day));
        let marks = added.map(|kind| mark(kind, today)).into_iter().collect();
        twins.keep(&Round { now: Time(today * day), marks, ..Round::default() });
        if let Some(lifted) = lifted {
            twins.lift_marks(SELLER, Time(lifted * day));
        }
        assert_eq!(twins.load().barred.contains(&SELLER), is_barred, "day {today}");
    }
}

#[test]
fn chores_are_done_once() {
    let mut twins = Twins::open();
    let chore = |id, auction, member: Option<MemberId>, by| Chore {
        id: ChoreId(id),
        auction: AuctionId(auction),
        member,
        by,
        reason: Some("spam".to_owned()),
    };
    let chores = [
        chore(1, 1, Some(ANNA), Hand::House),
        chore(2, 2, Some(ANNA), Hand::Seller(SELLER)),
        chore(3, 3, None, Hand::House),
    ];
    chores.iter().for_each(|chore| twins.add_chore(chore));
    assert_eq!(twins.chores(Portion::WHOLE, 9), chores);
    assert_eq!(twins.chores(Portion::WHOLE, 1), chores[..1]);
    assert_eq!(twins.chores(Portion::of(1, 2), 9), [chores[0].clone(), chores[2].clone()]);
    let done = Round { chores_done: vec![ChoreId(1), ChoreId(3)], ..Round::default() };
    twins.keep(&done);
    assert_eq!(twins.chores(Portion::WHOLE, 9), chores[1..2]);
    twins.refused(&done);
}

#[test]
fn a_round_that_does_not_fit_is_refused_whole() {
    let mut twins = Twins::open();
    twins.keep(&listed(1));
    twins.keep(&bids());
    let mut late = sold();
    late.auctions[0].0 = Seq(2);
    twins.refused(&late);
    twins.keep(&sold());
    let with = |orders| Round { now: Time(50), orders, ..Round::default() };
    let seen_before = Order { seq: 3, ..order(1) };
    twins.refused(&with(vec![(Some(2), seen_before)]));
    let settled_again = Order { id: OrderId(2), state: OrderState::Done, ..order(1) };
    twins.refused(&with(vec![(None, settled_again)]));
    let two_open = Order { id: OrderId(2), number: 2, is_second_chance: true, ..order(1) };
    twins.refused(&with(vec![(None, two_open)]));
    twins.refused(&Round { keys: vec![key("bid 1", AnswerKind::Quiet)], ..Round::default() });
}

#[test]
fn a_key_of_the_release_before_says_its_kind_by_its_transfer() {
    let mut twins = Twins::open();
    twins.keep(&listed(1));
    twins.keep(&bids());
    let before = twins.load().keys;
    twins.write("UPDATE keys SET kind = 0");
    let after = twins.load_here().keys;
    let kept: Vec<_> = ["bid 1", "deposit 1"].map(|text| key(text, AnswerKind::Auction).key).into();
    for key in kept {
        assert_eq!(after.get(&key), before.get(&key), "{key:?}");
    }
}

#[test]
fn numbers_go_on_behind_what_was_kept() {
    let mut twins = Twins::open();
    twins.keep(&listed(1));
    twins.keep(&bids());
    twins.keep(&sold());
    let counted = twins.load().next;
    twins.forget_numbers();
    assert_eq!(twins.load().next, counted, "counted or read, they are the same");
}

#[test]
fn the_seller_moves_the_end_and_lowers_the_reserve() {
    let mut twins = Twins::open();
    twins.keep(&listed(1));
    twins.keep(&bids());
    let mut auction = bids().auctions.remove(0).1;
    (auction.seq, auction.seller_extensions, auction.extensions) = (Seq(4), 1, 1);
    (auction.ends_at, auction.latest) = (Time(600), Time(900));
    let mut extended = event(&auction, auction::EventKind::Extended);
    extended.cause = Some(auction::ExtensionCause::Seller);
    (auction.seq, auction.reserve) = (Seq(5), Some(won(2_500)));
    let mut lowered = event(&auction, auction::EventKind::ReserveLowered);
    lowered.aside = Some(ANNA);
    let (auctions, events) = (vec![(Seq(3), auction)], vec![extended, lowered]);
    twins.keep(&Round { now: Time(30), auctions, events, ..Round::default() });
    assert_eq!(twins.load().auctions[&AuctionId(1)].reserve, Some(won(2_500)));
}
