//! Every step that an order can make, one line each: what was done before, what is asked, what is told of it, where the
//! order stands then, and when the house looks at it next.

use auction::{OrderCommand, OrderState, Side, Span, StepKind, Time};
use ledger::MemberId;

use crate::order_world::{
    ADMIN, BUYER, FEE, MEETING, MONEY, OrderWorld, PRICE, RECEIPT, SELLER, SOLD, WRONG, cancel, dispute,
    divide, evidence, keep_on, meeting, receipt, receive, ship,
};

use OrderState::{Delivered, Disputed, Done, Refunded, Split, ToHandOver};

/// All at the moment of the sale.
fn after(before: &[OrderCommand]) -> OrderWorld {
    let mut world = OrderWorld::sold();
    for command in before {
        world.order_command(command.clone()).unwrap();
    }
    world
}

fn days(days: i64) -> Time {
    SOLD.plus(Span::days(days))
}

#[track_caller]
fn check(
    before: &[OrderCommand],
    command: &OrderCommand,
    told: &[(StepKind, Option<MemberId>)],
    state: OrderState,
    due: Option<Time>,
) {
    let mut world = after(before);
    let steps = world.order_command(command.clone()).unwrap().steps;
    let steps: Vec<_> = steps.iter().map(|step| (step.kind, step.by)).collect();
    assert_eq!(steps, told, "{command:?}");
    assert_eq!((world.order().state, world.order().due), (state, due), "{command:?}");
}

#[test]
fn a_sale_opens_an_order() {
    let world = OrderWorld::sold();
    let [opened] = &world.steps[..] else { panic!("one step") };
    assert_eq!((opened.kind, opened.by, opened.seq), (StepKind::Opened, Some(BUYER), 1));
    assert_eq!((opened.amount.unwrap().won(), opened.due), (PRICE, Some(days(7))));
    assert_eq!((world.order().state, world.escrow), (ToHandOver, PRICE));
    assert_eq!(world.order().buyer_may_cancel_at(), Some(days(3)));
    assert!(!world.order().is_second_chance);
}

#[test]
fn the_seller_sends_it() {
    use StepKind::{Done as Paid, Shipped};
    let (buyer, seller) = (Some(BUYER), Some(SELLER));
    check(&[], &ship(SELLER), &[(Shipped, seller)], ToHandOver, Some(days(3)));
    check(&[ship(SELLER)], &ship(SELLER), &[(Shipped, seller)], ToHandOver, Some(days(3)));
    check(&[ship(SELLER)], &receive(BUYER), &[(StepKind::Delivered, buyer)], Delivered, Some(days(3)));
    check(&[], &receive(BUYER), &[(StepKind::Delivered, buyer)], Delivered, Some(days(3)));
    check(&[receive(BUYER)], &receipt(SELLER, RECEIPT), &[(Paid, seller)], Done, None);
    check(&[ship(SELLER)], &receipt(SELLER, RECEIPT), &[(Paid, seller)], Done, None);
}

#[test]
fn both_meet() {
    use StepKind::{Done as Paid, Met, Shipped, WrongCode};
    let (buyer, seller) = (Some(BUYER), Some(SELLER));
    let met = meeting(BUYER, MEETING);
    check(&[], &met, &[(Met, buyer)], ToHandOver, Some(days(14)));
    check(&[], &meeting(BUYER, " 654321 "), &[(Met, buyer)], ToHandOver, Some(days(14)));
    check(&[ship(SELLER)], &met, &[(Met, buyer)], ToHandOver, Some(days(14)));
    check(std::slice::from_ref(&met), &ship(SELLER), &[(Shipped, seller)], ToHandOver, Some(days(14)));
    check(std::slice::from_ref(&met), &receipt(SELLER, RECEIPT), &[(Paid, seller)], Done, None);
    check(&[], &receipt(SELLER, RECEIPT), &[(Paid, seller)], Done, None);
    check(&[], &meeting(BUYER, WRONG), &[(WrongCode, buyer)], ToHandOver, Some(days(7)));
    check(&[], &receipt(SELLER, WRONG), &[(WrongCode, seller)], ToHandOver, Some(days(7)));
    // Each code opens nothing but its own door.
    check(&[], &receipt(SELLER, MEETING), &[(WrongCode, seller)], ToHandOver, Some(days(7)));
    check(&[], &meeting(BUYER, RECEIPT), &[(WrongCode, buyer)], ToHandOver, Some(days(7)));
}

#[test]
fn a_side_wants_to_cancel() {
    use StepKind::{CancelTakenBack, CancelWanted, Refunded as GivenBack};
    for (first, other) in [(BUYER, SELLER), (SELLER, BUYER)] {
        check(&[], &cancel(first), &[(CancelWanted, Some(first))], ToHandOver, Some(days(7)));
        check(&[cancel(first)], &cancel(other), &[(GivenBack, Some(other))], Refunded, None);
        check(
            &[cancel(first)],
            &keep_on(first),
            &[(CancelTakenBack, Some(first))],
            ToHandOver,
            Some(days(7)),
        );
        check(&[cancel(first), ship(SELLER)], &cancel(other), &[(GivenBack, Some(other))], Refunded, None);
        check(
            &[cancel(first), meeting(BUYER, MEETING)],
            &cancel(other),
            &[(GivenBack, Some(other))],
            Refunded,
            None,
        );
        let again = [cancel(first), keep_on(first)];
        check(&again, &cancel(other), &[(CancelWanted, Some(other))], ToHandOver, Some(days(7)));
    }
}

#[test]
fn a_side_disputes_and_an_admin_decides() {
    for side in [BUYER, SELLER] {
        let told = [(StepKind::Disputed, Some(side))];
        check(&[], &dispute(side), &told, Disputed, Some(days(14)));
        check(&[ship(SELLER)], &dispute(side), &told, Disputed, Some(days(14)));
        check(&[receive(BUYER)], &dispute(side), &told, Disputed, Some(days(14)));
        check(
            &[dispute(BUYER)],
            &evidence(side),
            &[(StepKind::Evidence, Some(side))],
            Disputed,
            Some(days(14)),
        );
    }
    for fault in [None, Some(Side::Buyer), Some(Side::Seller)] {
        for refund in [0, 1, PRICE] {
            let told = [(StepKind::Split, Some(ADMIN))];
            check(&[dispute(BUYER)], &divide(ADMIN, refund, fault), &told, Split, None);
        }
    }
}

/// The order remembers when what happened, and by whom it was disputed.
#[test]
fn an_order_remembers_its_moments() {
    let world = after(&[ship(SELLER), meeting(BUYER, MEETING), receive(BUYER), dispute(SELLER)]);
    let order = world.order();
    let moments = [order.shipped_at, order.met_at, order.delivered_at, order.disputed_at];
    assert_eq!((moments, order.ended_at), ([Some(SOLD); 4], None));
    assert_eq!(order.disputed_by, Some(Side::Seller));
    assert_eq!(after(&[dispute(BUYER)]).order().disputed_by, Some(Side::Buyer));
    for over in [vec![receipt(SELLER, RECEIPT)], vec![dispute(BUYER), divide(ADMIN, 1, None)]] {
        assert_eq!(after(&over).order().ended_at, Some(SOLD));
    }
}

/// What was written stands in the step, and what it was about in its amount.
#[test]
fn steps_carry_what_was_written() {
    let mut world = after(&[ship(SELLER), dispute(BUYER), evidence(SELLER), divide(ADMIN, 4_000, None)]);
    let texts: Vec<_> = world.steps.iter().map(|step| step.text.as_deref()).collect();
    assert_eq!(texts, [None, Some("우체국 6012345678901"), Some("부서졌어요"), Some("사진"), Some("판정")]);
    assert_eq!(world.steps[4].amount.unwrap().won(), 4_000);
    assert_eq!(world.order().carrier.as_deref(), Some("우체국"));
    assert_eq!(world.order().tracking.as_deref(), Some("6012345678901"));
    world = after(&[receive(BUYER), receipt(SELLER, RECEIPT)]);
    assert_eq!(world.steps[2].amount.unwrap().won(), PRICE - FEE);
    world = after(&[cancel(BUYER), cancel(SELLER)]);
    assert_eq!(world.steps[2].amount.unwrap().won(), PRICE);
}

/// A correction keeps the time of shipping, by which the buyer is asked.
#[test]
fn carrier_and_number_can_be_corrected() {
    let mut world = after(&[ship(SELLER)]);
    world.now = SOLD.plus(Span::days(2));
    let (carrier, tracking) = ("한진".to_owned(), "7".to_owned());
    world.order_command(OrderCommand::Ship { member: SELLER, carrier, tracking }).unwrap();
    assert_eq!(
        (world.order().carrier.as_deref(), world.order().tracking.as_deref()),
        (Some("한진"), Some("7"))
    );
    assert_eq!((world.order().shipped_at, world.order().due), (Some(SOLD), Some(days(3))));
}

/// One line: how it ended, what the buyer has back, what the house and the seller have, what stands on whose record, and
/// by whom it fell through.
#[track_caller]
fn check_money(
    commands: &[OrderCommand],
    refund: i64,
    fee: i64,
    fault: Option<Side>,
    marked: Option<MemberId>,
) {
    let world = after(commands);
    let available = |member| world.book.wallet(member).available.won();
    assert_eq!(available(BUYER), MONEY - PRICE + refund, "{commands:?}: buyer");
    assert_eq!(
        (world.fees, available(SELLER)),
        (fee, PRICE - refund - fee),
        "{commands:?}: house and seller"
    );
    assert_eq!(world.escrow, 0, "{commands:?}");
    assert_eq!(world.order().fault, fault, "{commands:?}: fault");
    let marks: Vec<MemberId> = world.marks.iter().map(|mark| mark.member).collect();
    assert_eq!(marks, marked.into_iter().collect::<Vec<_>>(), "{commands:?}: marks");
}

#[test]
fn payout_fee_and_refund_are_the_price() {
    use Side::{Buyer, Seller};
    let split = |refund, fault| [dispute(BUYER), divide(ADMIN, refund, fault)];
    check_money(&[receipt(SELLER, RECEIPT)], 0, FEE, None, None);
    check_money(&[cancel(BUYER), cancel(SELLER)], PRICE, 0, Some(Buyer), None);
    check_money(&[cancel(SELLER), cancel(BUYER)], PRICE, 0, Some(Seller), None);
    check_money(&split(0, None), 0, FEE, None, None);
    check_money(&split(PRICE, None), PRICE, 0, None, None);
    check_money(&split(PRICE, Some(Buyer)), PRICE, 0, Some(Buyer), Some(BUYER));
    check_money(&split(PRICE, Some(Seller)), PRICE, 0, Some(Seller), Some(SELLER));
    check_money(&split(1, Some(Buyer)), 1, FEE, Some(Buyer), Some(BUYER));
    // The fee is taken once of what is left, rounded half up: 3.5 % of 100 and of 1,000, of 14 and of 15.
    check_money(&split(PRICE - 100, None), PRICE - 100, 4, None, None);
    check_money(&split(PRICE - 1_000, None), PRICE - 1_000, 35, None, None);
    check_money(&split(PRICE - 14, None), PRICE - 14, 0, None, None);
    check_money(&split(PRICE - 15, None), PRICE - 15, 1, None, None);
}
