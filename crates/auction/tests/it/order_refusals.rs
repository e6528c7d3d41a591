//! Every refusal of an order's commands, one line each, and which of two reasons is the answer.

use auction::{
    Command, EVIDENCE_PER_SIDE_MAX, FREE_STEPS_MAX, FieldCode, OrderCommand, OrderId, Refusal, Side, Span,
    TRIES_BEFORE_DISPUTE, TRIES_BEFORE_LOCK,
};
use ledger::MemberId;

use crate::order_world::{
    ADMIN, BUYER, MEETING, NEXT, OrderWorld, PRICE, RECEIPT, SELLER, SOLD, STRANGER, WRONG, cancel, dispute,
    divide, evidence, keep_on, meeting, receipt, receive, ship, won,
};

#[track_caller]
fn check(before: &[OrderCommand], command: &OrderCommand, code: &str) {
    let mut world = OrderWorld::sold();
    for command in before {
        world.order_command(command.clone()).unwrap();
    }
    let stands = (world.aftermath.clone(), world.steps.len());
    let refusal = world.order_command(command.clone()).map(|_| ()).map_err(|refusal| refusal.code());
    assert_eq!(refusal, Err(code), "{command:?}");
    assert_eq!(stands, (world.aftermath, world.steps.len()), "a refusal changes nothing");
}

/// Every command, by this member.
fn all(member: MemberId) -> [OrderCommand; 9] {
    [
        ship(member),
        receive(member),
        receipt(member, RECEIPT),
        meeting(member, MEETING),
        cancel(member),
        keep_on(member),
        dispute(member),
        evidence(member),
        divide(member, 0, None),
    ]
}

#[test]
fn nobody_learns_of_orders_of_others() {
    for command in all(STRANGER).into_iter().chain(all(NEXT)) {
        check(&[], &command, "order_not_found");
        check(&[dispute(BUYER)], &command, "order_not_found");
    }
    for command in all(ADMIN).into_iter().take(8) {
        check(&[dispute(BUYER)], &command, "order_not_found");
    }
    let mut world = OrderWorld::sold();
    let other = Command::Order { order: OrderId(7), command: Box::new(receive(BUYER)) };
    assert_eq!(world.ask(&other).map(|_| ()), Err(Refusal::OrderNotFound));
    let mut world = OrderWorld::listed(1);
    let none = Command::Order { order: OrderId(1), command: Box::new(receive(BUYER)) };
    assert_eq!(world.ask(&none).map(|_| ()), Err(Refusal::OrderNotFound));
}

#[test]
fn each_side_has_its_own_commands() {
    for before in [&[][..], &[receive(BUYER)], &[dispute(BUYER)], &[receipt(SELLER, RECEIPT)]] {
        check(before, &ship(BUYER), "not_seller");
        check(before, &receipt(BUYER, RECEIPT), "not_seller");
        check(before, &receive(SELLER), "not_buyer");
        check(before, &meeting(SELLER, MEETING), "not_buyer");
        check(before, &divide(BUYER, 0, None), "not_admin");
        check(before, &divide(SELLER, 0, None), "not_admin");
    }
    let mut world = OrderWorld::sold();
    world.admins.push(BUYER);
    world.order_command(dispute(BUYER)).unwrap();
    assert_eq!(world.order_command(divide(BUYER, PRICE, None)).map(|_| ()), Err(Refusal::NotAdmin));
}

/// Where the order stands, and every command that does not fit there.
#[test]
fn where_it_stands_it_cannot_be_done() {
    let both = |of: fn(MemberId) -> OrderCommand| [of(BUYER), of(SELLER)];
    let hand_over = || [ship(SELLER), receive(BUYER), meeting(BUYER, MEETING), receipt(SELLER, RECEIPT)];
    let decide = || [divide(ADMIN, 0, None)];
    let delivered = || vec![receive(BUYER)];
    let disputed = || vec![dispute(SELLER)];
    let done = || vec![receipt(SELLER, RECEIPT)];
    let refunded = || vec![cancel(BUYER), cancel(SELLER)];
    let split = || vec![dispute(SELLER), divide(ADMIN, 1, None)];
    for command in both(keep_on).into_iter().chain(both(evidence)).chain(decide()) {
        check(&[], &command, "order_state");
    }
    let early = hand_over().into_iter().take(3).chain(both(cancel)).chain(both(keep_on));
    for command in early.chain(both(evidence)).chain(decide()) {
        check(&delivered(), &command, "order_state");
    }
    for command in hand_over().into_iter().chain(both(cancel)).chain(both(keep_on)).chain(both(dispute)) {
        check(&disputed(), &command, "order_state");
    }
    for over in [done(), refunded(), split()] {
        let late = hand_over().into_iter().chain(both(cancel)).chain(both(keep_on)).chain(both(dispute));
        for command in late.chain(both(evidence)).chain(decide()) {
            check(&over, &command, "order_state");
        }
    }
    for side in [BUYER, SELLER] {
        check(&[cancel(side)], &cancel(side), "order_state");
    }
    check(&[cancel(BUYER)], &keep_on(SELLER), "order_state");
    check(&[meeting(BUYER, MEETING)], &meeting(BUYER, MEETING), "order_state");
}

/// One line: what is written, and all that is wrong with it.
#[track_caller]
fn check_written(command: OrderCommand, wrong: &[(&'static str, FieldCode)]) {
    let mut world = OrderWorld::sold();
    let errors = match world.order_command(command) {
        Err(Refusal::Invalid { errors }) => errors,
        Err(_) | Ok(_) => Vec::new(),
    };
    let errors: Vec<_> = errors.iter().map(|error| (error.field, error.code)).collect();
    assert_eq!(errors, wrong);
}

#[test]
fn what_is_written_has_its_limits() {
    use FieldCode::{Invalid, Required, TooLong};
    let ship = |carrier: &str, tracking: &str| OrderCommand::Ship {
        member: SELLER,
        carrier: carrier.to_owned(),
        tracking: tracking.to_owned(),
    };
    check_written(ship(&"가".repeat(40), &"1".repeat(60)), &[]);
    check_written(ship(&"가".repeat(41), &"1".repeat(61)), &[("carrier", TooLong), ("tracking", TooLong)]);
    check_written(ship(" ", ""), &[("carrier", Required), ("tracking", Required)]);
    check_written(ship("a\nb", "1\u{202E}"), &[("carrier", Invalid), ("tracking", Invalid)]);
    for code in ["", "12345", "1234567", "12345a", "１２３４５６", "+12345"] {
        check_written(receipt(SELLER, code), &[("code", Invalid)]);
        check_written(meeting(BUYER, code), &[("code", Invalid)]);
    }
    let text = |text: String| OrderCommand::Dispute { member: BUYER, text };
    check_written(text("가\n".repeat(1_000)), &[]);
    check_written(text("가".repeat(2_001)), &[("text", TooLong)]);
    check_written(text("  ".to_owned()), &[("text", Required)]);
    check_written(text("\u{0}1".to_owned()), &[("text", Invalid)]);
    let added = |text: String| OrderCommand::Evidence { member: BUYER, text };
    check_written(added("가".repeat(2_001)), &[("text", TooLong)]);
    let reason = |reason: String| OrderCommand::Decide { admin: ADMIN, refund: 0, fault: None, reason };
    check_written(reason("가".repeat(500)), &[]);
    check_written(reason("가".repeat(501)), &[("reason", TooLong)]);
    check(&[dispute(BUYER)], &reason("\n ".to_owned()), "reason_missing");
}

#[test]
fn a_refund_is_at_most_the_price() {
    for refund in [-1, PRICE + 1, i64::MIN, i64::MAX] {
        let mut world = OrderWorld::sold();
        world.order_command(dispute(BUYER)).unwrap();
        let refusal = world.order_command(divide(ADMIN, refund, None)).map(|_| ());
        assert_eq!(refusal, Err(Refusal::RefundInvalid { limit: won(PRICE) }), "{refund}");
    }
}

/// Both kinds of codes count together: five lock for an hour, fifteen in all are a dispute.
#[test]
fn wrong_codes_lock_and_then_a_person_decides() {
    let mut world = OrderWorld::sold();
    for tried in 1..=TRIES_BEFORE_DISPUTE {
        let wrong = if tried % 2 == 0 { receipt(SELLER, WRONG) } else { meeting(BUYER, WRONG) };
        let steps = world.order_command(wrong).unwrap().steps.len();
        let is_last = tried == TRIES_BEFORE_DISPUTE;
        let locks = tried % TRIES_BEFORE_LOCK == 0 && !is_last;
        assert_eq!(steps, if locks || is_last { 2 } else { 1 }, "try {tried}");
        if locks {
            let until = world.now.plus(Span::hours(1));
            for at in [world.now, until.minus(Span(1))] {
                world.now = at;
                for right in [receipt(SELLER, RECEIPT), meeting(BUYER, MEETING), receipt(SELLER, WRONG)] {
                    assert_eq!(world.order_command(right).map(|_| ()), Err(Refusal::CodeLocked { until }));
                }
            }
            world.now = until;
            assert!(world.clone().order_command(receipt(SELLER, RECEIPT)).is_ok(), "at the hour it is taken");
        }
    }
    assert_eq!(world.order().state, auction::OrderState::Disputed);
    assert_eq!(world.order().disputed_by, None);
}

#[test]
fn an_order_has_an_end_of_what_is_written_on_it() {
    let mut world = OrderWorld::sold();
    world.order_command(dispute(BUYER)).unwrap();
    for _ in 0..EVIDENCE_PER_SIDE_MAX {
        world.order_command(evidence(BUYER)).unwrap();
    }
    assert_eq!(world.order_command(evidence(BUYER)).map(|_| ()), Err(Refusal::TooLate));
    assert!(world.order_command(evidence(SELLER)).is_ok(), "the other side has its own number");

    let mut world = OrderWorld::sold();
    world.order_command(ship(SELLER)).unwrap();
    world.order_command(ship(SELLER)).unwrap();
    while world.order().seq + 1 < FREE_STEPS_MAX {
        world.order_command(cancel(BUYER)).unwrap();
        world.order_command(keep_on(BUYER)).unwrap();
    }
    world.order_command(cancel(BUYER)).unwrap();
    for refused in [keep_on(BUYER), cancel(BUYER), ship(SELLER)] {
        assert_eq!(world.order_command(refused).map(|_| ()), Err(Refusal::TooLate));
    }
    for taken in [cancel(SELLER), receive(BUYER), receipt(SELLER, RECEIPT), dispute(SELLER)] {
        assert!(world.clone().order_command(taken).is_ok(), "what ends an order is always taken");
    }
}

/// Each line mends the reason that was given; what is left is the next in the published order.
#[test]
fn the_first_reason_that_applies_is_the_answer() {
    let mut world = OrderWorld::sold();
    world.order_command(ship(SELLER)).unwrap();
    world.order_command(meeting(BUYER, MEETING)).unwrap();
    world.now = SOLD.plus(Span::days(14));
    let code = |world: &mut OrderWorld, command| world.order_command(command).unwrap_err().code();
    assert_eq!(code(&mut world, receipt(STRANGER, "x")), "invalid");
    assert_eq!(code(&mut world, receipt(STRANGER, WRONG)), "order_not_found");
    assert_eq!(code(&mut world, receipt(BUYER, WRONG)), "not_seller");
    assert_eq!(code(&mut world, receive(SELLER)), "too_late");
    assert_eq!(code(&mut world, meeting(BUYER, MEETING)), "too_late");
    world.now = SOLD;
    assert_eq!(code(&mut world, receive(SELLER)), "not_buyer");
    assert_eq!(code(&mut world, meeting(BUYER, WRONG)), "order_state");
    let blank =
        |admin| OrderCommand::Decide { admin, refund: -1, fault: Some(Side::Buyer), reason: String::new() };
    assert_eq!(code(&mut world, blank(STRANGER)), "reason_missing");
    assert_eq!(code(&mut world, divide(STRANGER, -1, None)), "order_not_found");
    assert_eq!(code(&mut world, divide(SELLER, -1, None)), "not_admin");
    assert_eq!(code(&mut world, divide(ADMIN, -1, None)), "order_state");
}
