//! What may be done and what comes next, one line a case.

use ledger::{AuctionId, MemberId, Money, OrderId, PartsPerMillion};

use auction::Side;

use super::*;

const OPENED: Time = Time(1_000_000_000_000_000);

fn order() -> Order {
    Order {
        id: OrderId(1),
        auction: AuctionId(1),
        seller: MemberId(1),
        buyer: MemberId(2),
        price: Money::new(10_000).unwrap(),
        fee_rate: PartsPerMillion::default(),
        number: 1,
        is_second_chance: false,
        state: OrderState::ToHandOver,
        seq: 1,
        opened_at: OPENED,
        newest: OPENED,
        due: Some(OPENED.plus(auction::SELLER_ACTS_WITHIN)),
        receipt_code: 7,
        meeting_code: 8,
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

/// What the reader may do, in an auction whose item is free.
fn actions(order: &Order, role: Role, now: Time) -> Actions {
    let member = |id: MemberId| records::Member {
        id,
        username: String::new(),
        nickname: String::new(),
        region: None,
        suspended: false,
        is_admin: false,
        created_at: OPENED,
    };
    let page = records::OrderPage {
        title: String::new(),
        buyer: member(order.buyer),
        seller: member(order.seller),
        order: order.clone(),
        steps: Vec::new(),
        offers: Vec::new(),
        reviews: Vec::new(),
    };
    super::actions(&page, role, true, now)
}

fn at(days: i64) -> Time {
    OPENED.plus(Span::days(days))
}

#[test]
fn what_may_be_cancelled_changes_with_time_and_wishes() {
    let wanted = |side| Order { wants_cancel: Some(side), ..order() };
    for (order, role, days, cancel) in [
        (order(), Role::Buyer, 0, Some(Cancelling::Wish)),
        (order(), Role::Seller, 0, Some(Cancelling::Wish)),
        (order(), Role::Admin, 0, None),
        (wanted(Side::Buyer), Role::Buyer, 1, Some(Cancelling::KeepOn)),
        (wanted(Side::Buyer), Role::Seller, 1, Some(Cancelling::Agree)),
        (wanted(Side::Seller), Role::Buyer, 1, Some(Cancelling::Agree)),
        (order(), Role::Buyer, 3, Some(Cancelling::Alone)),
        (order(), Role::Seller, 3, Some(Cancelling::Wish)),
        (order(), Role::Buyer, 7, None),
        (Order { state: OrderState::Delivered, ..order() }, Role::Buyer, 1, None),
    ] {
        assert_eq!(actions(&order, role, at(days)).cancel, cancel, "{role:?} after {days} days");
    }
}

#[test]
fn codes_are_shown_to_one_side_while_they_mean_something() {
    let delivered = Order { state: OrderState::Delivered, ..order() };
    let met = Order { met_at: Some(OPENED), ..order() };
    let done = Order { state: OrderState::Done, due: None, ..order() };
    for (order, receipt, meeting) in
        [(order(), true, true), (met, true, false), (delivered, true, false), (done, false, false)]
    {
        let (buyer, seller) = (actions(&order, Role::Buyer, at(0)), actions(&order, Role::Seller, at(0)));
        assert_eq!(buyer.receipt_code, receipt.then(|| "000007".to_owned()), "{:?}", order.state);
        assert_eq!(seller.meeting_code, meeting.then(|| "000008".to_owned()), "{:?}", order.state);
        assert_eq!((buyer.meeting_code, seller.receipt_code), (None, None));
        assert_eq!((buyer.can_type_meeting, seller.can_type_receipt), (meeting, receipt));
    }
}

#[test]
fn silence_pays_two_weeks_after_shipping_however_often_the_buyer_was_asked() {
    for (asked, due) in [(0, 3), (1, 7), (2, 10), (3, 14)] {
        let shipped = Order { shipped_at: Some(OPENED), asked, due: Some(at(due)), ..order() };
        let next = next(&shipped, Role::Buyer, at(1));
        assert_eq!((next.situation, next.is_mine), ("shipped", true));
        assert_eq!(next.until, Some(moment(at(14))), "asked {asked} times");
    }
}

#[test]
fn tries_and_locks_are_told() {
    let wrong = Order { tries: 2, locked_until: Some(at(1)), ..order() };
    let seller = actions(&wrong, Role::Seller, at(0));
    assert_eq!((seller.tries_left, seller.locked_until), (Some(3), Some(moment(at(1)))));
    assert_eq!(actions(&wrong, Role::Seller, at(1)).locked_until, None);
}

#[test]
fn evidence_is_taken_for_three_days_and_ten_times() {
    let disputed = |given| Order {
        state: OrderState::Disputed,
        disputed_at: Some(OPENED),
        due: Some(OPENED.plus(auction::DECIDED_WITHIN)),
        buyer_evidence: given,
        ..order()
    };
    for (given, days, left) in [(0, 0, Some(10)), (9, 2, Some(1)), (10, 0, None), (0, 3, None)] {
        assert_eq!(actions(&disputed(given), Role::Buyer, at(days)).evidence_left, left, "{given}, {days}");
    }
    assert!(actions(&disputed(0), Role::Admin, at(0)).can_decide);
    assert!(!actions(&disputed(0), Role::Seller, at(0)).can_decide);
}
