//! What a store keeps of what people decide: records, withdrawals, acts, chores, and which kind of money there is.

use auction::{
    AuctionId, Command, Hand, Mark, MarkKind, OFFERED_WITHIN, OfferState, OrderCommand, OrderId, Span,
};
use ledger::{MemberId, WithdrawalId};
use store::{
    Act as Written, ActKind, ChoreId, FirstAnswer, Journal, MARKS_COUNT_FOR, Nature, Portion, Round, Wanted,
};

use super::{ANNA, BERT, CHAIR, SELLER, bid, key, list, market};
use crate::journal::acts::Act;
use crate::journal::deed::{Deed, REASON};
use crate::journal::house::House;
use crate::journal::{HandClock, UnderTest};

/// Keeps a round that writes only this on a record, beside a deadline that keeps it from being empty.
async fn mark<S: UnderTest>(house: &mut House<S>, kind: MarkKind) {
    let loaded = house.begin(&Act::Deposit(SELLER, 1), None).await;
    let mark = Mark { member: SELLER, kind, auction: CHAIR, order: None, at: loaded.now };
    let deadlines = house.must.due.get(&CHAIR).map(|at| (CHAIR, Some(*at))).into_iter().collect();
    let round = Round { now: loaded.now, marks: vec![mark], deadlines, ..Round::default() };
    house.keep(&round).await.expect("a round is kept");
}

/// Three marks of the last 90 days keep a seller from listing, those of a buyer do not count, nor those that were lifted.
pub async fn marks_bar_from_listing<S: UnderTest>(store: S, clock: HandClock) {
    let mut house = market(store, &clock).await;
    for kind in [MarkKind::SellerDefault, MarkKind::BuyerDefault, MarkKind::CancelledWithBids] {
        mark(&mut house, kind).await;
        clock.pass(Span::days(1));
        house.stands("not yet").await;
    }
    mark(&mut house, MarkKind::TookLeadBack).await;
    house.must.barred.insert(SELLER);
    house.stands_for_good().await;
    // The first of the three was made three days ago.
    clock.pass(Span(MARKS_COUNT_FOR.0 - Span::days(3).0 - 1));
    house.stands("for so long").await;
    clock.pass(Span(1));
    house.must.barred.clear();
    house.stands_for_good().await;
    mark(&mut house, MarkKind::SellerDefault).await;
    house.must.barred.insert(SELLER);
    house.stands("again").await;
    assert!(house.perform(&Deed::LiftMarks(SELLER)).await);
    house.must.barred.clear();
    house.stands_for_good().await;
    clock.pass(Span(1));
    for _ in 0..3 {
        house.stands("what was lifted counts no more").await;
        mark(&mut house, MarkKind::SellerDefault).await;
    }
    house.must.barred.insert(SELLER);
    house.stands_for_good().await;
}

/// A withdrawal is read back as it was requested and as it was decided, and its member's wallet with it.
pub async fn withdrawals_are_settled_once<S: UnderTest>(store: S, clock: HandClock) {
    let mut house = market(store, &clock).await;
    let [done, back] = [WithdrawalId(1), WithdrawalId(2)];
    house.act(Act::Withdraw(ANNA, 30_000), Some(key("out", ANNA))).await;
    clock.pass(Span::minutes(3));
    house.act(Act::Withdraw(BERT, 20_000), Some(key("out", BERT))).await;
    house.stands_for_good().await;
    let settle = |withdrawal, is_done| Act::Settle { admin: SELLER, withdrawal, is_done };
    let wanted = Wanted { withdrawals: vec![done], ..Wanted::default() };
    let loaded = house.journal().begin(&wanted).await.expect("a round begins");
    house.journal().abandon().await;
    assert_eq!(loaded.members.keys().copied().collect::<Vec<_>>(), [ANNA], "whose money it is");
    house.act(settle(done, true), Some(key("done", SELLER))).await;
    let reversed = house.act(settle(back, false), Some(key("back", SELLER))).await;
    assert_eq!(reversed.transfers[0].transfer.amount.won(), 20_000);
    house.stands_for_good().await;
    for (id, is_done) in [(done, true), (done, false), (back, true), (back, false)] {
        let act = settle(id, is_done);
        let mut loaded = house.begin(&act, None).await;
        loaded.members.entry(SELLER).or_default();
        house.keep_rejected(&act.round(&loaded, None)).await;
    }
    let first = &house.must.keys[&key("out", BERT)].first;
    assert!(matches!(first, FirstAnswer::Withdrawal(kept) if kept.amount.won() == 20_000), "{first:?}");
    house.act(Act::Withdraw(ANNA, 1), None).await;
    assert_eq!(house.must.next.withdrawal, 4);
    house.stands_for_good().await;
}

/// What admins do is kept in order, with whom and what it concerns.
pub async fn acts_are_kept<S: UnderTest>(store: S, clock: HandClock) {
    let mut house = market(store, &clock).await;
    assert!(house.perform(&Deed::SetAdmin(SELLER, true)).await);
    house.must.members.entry(SELLER).or_default().is_admin = true;
    house.act(Act::Withdraw(ANNA, 30_000), None).await;
    let act = Act::Settle { admin: SELLER, withdrawal: WithdrawalId(1), is_done: true };
    let loaded = house.begin(&act, None).await;
    let mut round = act.round(&loaded, None);
    let written = Written {
        admin: Some(SELLER),
        kind: ActKind::WithdrawalDone,
        member: Some(ANNA),
        auction: None,
        order: None,
        withdrawal: Some(WithdrawalId(1)),
        reason: String::new(),
        at: loaded.now,
    };
    let cancelled = Written {
        kind: ActKind::Cancelled,
        member: None,
        auction: Some(CHAIR),
        withdrawal: None,
        reason: REASON.to_owned(),
        ..written.clone()
    };
    round.acts = vec![written.clone(), cancelled.clone()];
    house.keep(&round).await.expect("a round is kept");
    let (store, journal) = house.parts();
    let history = store.history(journal).await;
    let granted = Deed::SetAdmin(SELLER, true).act(clock.now()).expect("it is an admin's");
    assert_eq!(history.acts, [granted, written, cancelled]);
    assert_eq!(history.withdrawals.len(), 1);
}

/// The chores that follow from a suspension, with what each needs; each is done once, and only those that are there.
pub async fn chores_are_done_once<S: UnderTest>(store: S, clock: HandClock) {
    let mut house = market(store, &clock).await;
    house.act(bid(ANNA, 5_000), None).await;
    let mut desk = crate::journal::acts::chair(ANNA, clock.now());
    desk.item.seller = ANNA;
    house.act(Act::List(Box::new(desk)), None).await;
    assert!(house.perform(&Deed::Suspend(ANNA)).await);
    house.must.members.entry(ANNA).or_default().suspended = true;
    house.must.chores.push((CHAIR, Some(ANNA), Hand::House, None));
    house.must.chores.push((AuctionId(2), None, Hand::House, None));
    house.stands_for_good().await;
    let block = Deed::Block { seller: SELLER, member: ANNA, reason: None };
    assert!(house.perform(&block).await && house.perform(&block).await);
    house.must.blocked.insert((CHAIR, ANNA));
    house.must.chores.push((CHAIR, Some(ANNA), Hand::Seller(SELLER), None));
    house.stands_for_good().await;
    let chores = house.journal().chores(Portion::WHOLE, 9).await.expect("chores");
    let done = |id: ChoreId, now| Round { now, chores_done: vec![id], ..Round::default() };
    let now = clock.now();
    for (at, chore) in chores.iter().enumerate() {
        assert_eq!(house.journal().chores(Portion::WHOLE, 1).await.expect("one").len(), 1);
        house.begin(&Act::Deposit(SELLER, 1), None).await;
        house.must.chores.remove(0);
        house.keep(&done(chore.id, now)).await.expect("it is there");
        house.stands_for_good().await;
        house.begin(&Act::Deposit(SELLER, 1), None).await;
        house.keep_rejected(&done(chore.id, now)).await;
        assert_eq!(house.must.chores.len() + at + 1, chores.len());
    }
    // Where his bids were taken back already, nothing follows.
    let third = house.act(list(&clock), None).await.listed[0].2.id;
    let again = Deed::Block { seller: SELLER, member: BERT, reason: None };
    assert!(house.perform(&again).await);
    house.must.blocked.extend([(CHAIR, BERT), (third, BERT), (third, ANNA)]);
    house.stands_for_good().await;
}

/// After the hammer chores follow as long as the thing may still be offered: to whoever bid, until fourteen days after the order
/// fell through. Done, each leaves its bidder out, and withdraws what is offered to him.
pub async fn chores_follow_after_the_hammer<S: UnderTest>(store: S, clock: HandClock) {
    let mut house = House::with_members(store, 4, 100_000).await;
    house.act(list(&clock), None).await;
    let carl = MemberId(4);
    for (bidder, amount) in [(carl, 5_000), (BERT, 7_000), (ANNA, 9_000)] {
        house.act(bid(bidder, amount), None).await;
    }
    clock.pass(Span::days(2));
    house.act(Act::Command(CHAIR, Command::Close), None).await;
    let block = |member| Deed::Block { seller: SELLER, member, reason: None };
    let by = Hand::Seller(SELLER);
    // While the order is open: it may still fall through.
    assert!(house.perform(&block(BERT)).await);
    house.must.blocked.insert((CHAIR, BERT));
    house.must.chores.push((CHAIR, Some(BERT), by, None));
    house.stands_for_good().await;
    house.act(Act::Command(CHAIR, Command::TakeBack { member: BERT, by, reason: None }), None).await;
    assert!(house.must.bidders[&(CHAIR, BERT)].is_out);
    for member in [ANNA, SELLER] {
        let command = Box::new(OrderCommand::Cancel { member });
        house.act(Act::Command(CHAIR, Command::Order { order: OrderId(1), command }), None).await;
    }
    let offered = house.act(Act::Command(CHAIR, Command::Offer { seller: SELLER }), None).await;
    assert_eq!(offered.offers[0].member, carl, "Bert is out of the sum");
    house.stands_for_good().await;
    // It is offered to him; and those who are out already have no chore.
    for member in [ANNA, carl] {
        assert!(house.perform(&block(member)).await);
        house.must.blocked.insert((CHAIR, member));
    }
    house.must.chores.push((CHAIR, Some(carl), by, None));
    house.stands_for_good().await;
    let out = Command::TakeBack { member: carl, by, reason: None };
    let withdrawn = house.act(Act::Command(CHAIR, out), None).await;
    assert_eq!(withdrawn.offers[0].state, OfferState::Lapsed);
    assert!(house.must.due.is_empty() && house.must.bidders[&(CHAIR, carl)].is_out);
    house.stands_for_good().await;
}

/// Fourteen days after the order fell through nothing can be offered, and no chore follows.
pub async fn chores_end_with_the_fortnight<S: UnderTest>(store: S, clock: HandClock) {
    let mut house = House::with_members(store, 3, 100_000).await;
    for number in 1..=2 {
        house.act(list(&clock), None).await;
        let chair = AuctionId(number);
        for (member, amount) in [(BERT, 5_000), (ANNA, 9_000)] {
            let bid = auction::Bid { bidder: member, amount: Some(amount), maximum: None, terms: None };
            house.act(Act::Command(chair, Command::Bid(bid)), None).await;
        }
        clock.pass(Span::days(2));
        house.act(Act::Command(chair, Command::Close), None).await;
        for member in [ANNA, SELLER] {
            let command = Box::new(OrderCommand::Cancel { member });
            house.act(Act::Command(chair, Command::Order { order: OrderId(number), command }), None).await;
        }
    }
    // The second fell through two days after the first.
    clock.pass(Span(OFFERED_WITHIN.0 - Span::days(2).0));
    assert!(house.perform(&Deed::Suspend(BERT)).await);
    house.must.members.entry(BERT).or_default().suspended = true;
    house.must.chores.push((AuctionId(2), Some(BERT), Hand::House, None));
    house.stands_for_good().await;
}

/// Each portion hears of the chores of its own auctions.
pub async fn chores_come_in_portions<S: UnderTest>(store: S, clock: HandClock) {
    let mut house = House::with_members(store, 2, 100_000).await;
    for _ in 0..5 {
        house.act(list(&clock), None).await;
    }
    assert!(house.perform(&Deed::Suspend(SELLER)).await);
    for portions in [1, 2, 3, 7] {
        for index in 0..portions {
            let portion = Portion::of(index, portions);
            let said = house.journal().chores(portion, 99).await.expect("chores");
            let said: Vec<AuctionId> = said.iter().map(|chore| chore.auction).collect();
            let mine = (1..=5).map(AuctionId).filter(|auction| portion.holds(*auction));
            assert_eq!(said, mine.clone().collect::<Vec<_>>(), "{portion:?}");
            let first = house.journal().chores(portion, 1).await.expect("chores");
            assert!(first.iter().map(|chore| chore.auction).eq(mine.take(1)), "the oldest first");
        }
    }
}

/// From its first deposit on a store holds one kind of money, for ever.
pub async fn money_is_of_one_kind<S: UnderTest>(store: S, clock: HandClock) {
    for nature in [Nature::Demo, Nature::Real] {
        assert!(["demo", "real"].contains(&nature.name()));
    }
    let mut house = House::open(store).await;
    let member: MemberId = house.add_member().await;
    let deposit = Act::Deposit(member, 5_000);
    house.act(deposit.clone(), None).await;
    house.stands_for_good().await;
    for _ in 0..2 {
        let loaded = house.begin(&deposit, None).await;
        let round = Round { money: Some(Nature::Real), ..deposit.round(&loaded, None) };
        house.keep_rejected(&round).await;
        house.stands_for_good().await;
    }
    clock.pass(Span::seconds(1));
    house.act(deposit, None).await;
    house.stands_for_good().await;
}
