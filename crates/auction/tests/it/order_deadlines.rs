//! Every deadline after the hammer, at the microsecond before it and at it: what the house does, what a member may still
//! do, and how an outage moves it.

use auction::{Command, OrderCommand, OrderState, Outage, Refusal, Side, Span, StepKind, Time};
use ledger::MemberId;

use crate::order_world::{
    ADMIN, BUYER, MEETING, OrderWorld, RECEIPT, SELLER, SOLD, WRONG, cancel, dispute, divide, evidence,
    keep_on, meeting, receipt, receive, ship,
};

fn day(days: i64) -> Time {
    SOLD.plus(Span::days(days))
}

/// Jumps to each deadline in turn and lets the house act.
fn close_times(world: &mut OrderWorld, times: usize) {
    for _ in 0..times {
        world.now = world.deadline().unwrap();
        world.ask(&Command::Close).unwrap();
    }
}

/// One line: what was done at the sale, how often the house has acted since, when it acts next, what is told, where the
/// order stands then and when the house acts after that. Before the moment, and a second time at it, nothing is due.
#[track_caller]
fn check(
    before: &[OrderCommand],
    acted: usize,
    at: Time,
    told: &[StepKind],
    state: OrderState,
    next: Option<Time>,
) {
    let mut world = OrderWorld::sold();
    for command in before {
        world.order_command(command.clone()).unwrap();
    }
    close_times(&mut world, acted);
    world.now = at.minus(Span(1));
    assert_eq!(world.ask(&Command::Close).map(|_| ()), Err(Refusal::NotDue), "{before:?} before");
    world.now = at;
    let kinds: Vec<StepKind> =
        world.ask(&Command::Close).unwrap().steps.iter().map(|step| step.kind).collect();
    assert_eq!(kinds, told, "{before:?} at");
    assert_eq!((world.order().state, world.deadline()), (state, next), "{before:?}");
    assert_eq!(world.ask(&Command::Close).map(|_| ()), Err(Refusal::NotDue), "{before:?} once");
}

#[test]
fn the_house_acts_once_at_each_deadline() {
    use OrderState::{Disputed, Done, Refunded, ToHandOver};
    use StepKind::{Asked, Overdue};
    check(&[], 0, day(7), &[StepKind::Refunded], Refunded, None);
    check(&[cancel(BUYER)], 0, day(7), &[StepKind::Refunded], Refunded, None);
    check(&[meeting(BUYER, WRONG)], 0, day(7), &[StepKind::Refunded], Refunded, None);
    check(&[ship(SELLER)], 0, day(3), &[Asked], ToHandOver, Some(day(7)));
    check(&[ship(SELLER)], 1, day(7), &[Asked], ToHandOver, Some(day(10)));
    check(&[ship(SELLER)], 2, day(10), &[Asked], ToHandOver, Some(day(14)));
    check(&[ship(SELLER)], 3, day(14), &[StepKind::Done], Done, None);
    check(&[meeting(BUYER, MEETING)], 0, day(14), &[StepKind::Disputed], Disputed, Some(day(28)));
    check(
        &[ship(SELLER), meeting(BUYER, MEETING)],
        0,
        day(14),
        &[StepKind::Disputed],
        Disputed,
        Some(day(28)),
    );
    check(
        &[meeting(BUYER, MEETING), ship(SELLER)],
        0,
        day(14),
        &[StepKind::Disputed],
        Disputed,
        Some(day(28)),
    );
    // Sold on a Monday: Tuesday, Wednesday, Thursday.
    check(&[receive(BUYER)], 0, day(3), &[StepKind::Done], Done, None);
    check(&[ship(SELLER), receive(BUYER)], 0, day(3), &[StepKind::Done], Done, None);
    check(&[dispute(BUYER)], 0, day(14), &[Overdue], Disputed, None);
    check(&[receive(BUYER), dispute(SELLER)], 0, day(14), &[Overdue], Disputed, None);
}

#[test]
fn nothing_is_due_of_what_is_over() {
    let mut unsold = OrderWorld::listed(0);
    unsold.now = SOLD;
    unsold.ask(&Command::Close).unwrap();
    let mut done = OrderWorld::sold();
    done.order_command(receipt(SELLER, RECEIPT)).unwrap();
    for mut world in [unsold, done, OrderWorld::fallen()] {
        assert_eq!(world.deadline(), None);
        world.now = day(100);
        assert_eq!(world.ask(&Command::Close).map(|_| ()), Err(Refusal::NotDue));
        let outage = Outage { heartbeat: day(50), back: day(60) };
        assert_eq!(world.ask(&Command::ExtendForOutage(outage)).map(|_| ()), Err(Refusal::NotDue));
    }
}

#[test]
fn a_seller_who_does_not_act_has_it_on_his_record() {
    let mut world = OrderWorld::sold();
    close_times(&mut world, 1);
    assert_eq!(world.order().fault, Some(Side::Seller));
    let marks: Vec<_> = world.marks.iter().map(|mark| (mark.member, mark.kind.name(), mark.order)).collect();
    assert_eq!(marks, [(SELLER, "seller_default", Some(world.order().id))]);
    assert!(!world.bidders[&BUYER].is_out);
    assert_eq!(world.ask(&Command::Offer { seller: SELLER }).unwrap_err().code(), "order_state");
}

/// One line: what was done at the sale, how often the house has acted, who asks what when, and the answer at the
/// microsecond before and at the moment: `ok`, or a code.
#[track_caller]
fn check_right(
    before: &[OrderCommand],
    acted: usize,
    command: &OrderCommand,
    at: Time,
    answers: (&str, &str),
    state_at: OrderState,
) {
    let mut world = OrderWorld::sold();
    for command in before {
        world.order_command(command.clone()).unwrap();
    }
    close_times(&mut world, acted);
    for (at, expected) in [(at.minus(Span(1)), answers.0), (at, answers.1)] {
        let mut world = world.clone();
        world.now = at;
        let answer = world.order_command(command.clone()).map_or_else(|refusal| refusal.code(), |_| "ok");
        assert_eq!(answer, expected, "{before:?}, then {command:?} at {at:?}");
    }
    world.now = at;
    assert_eq!(world.order_command(command.clone()).is_ok(), answers.1 == "ok");
    assert_eq!(world.order().state, state_at, "{before:?}, then {command:?} at {at:?}");
}

#[test]
fn the_buyer_may_cancel_alone_from_the_third_day() {
    use OrderState::{Refunded, ToHandOver};
    check_right(&[], 0, &cancel(BUYER), day(3), ("ok", "ok"), Refunded);
    check_right(&[cancel(BUYER)], 0, &cancel(BUYER), day(3), ("order_state", "ok"), Refunded);
    check_right(
        &[ship(SELLER), cancel(BUYER)],
        0,
        &cancel(BUYER),
        day(3),
        ("order_state", "order_state"),
        ToHandOver,
    );
    check_right(&[meeting(BUYER, MEETING)], 0, &cancel(BUYER), day(3), ("ok", "ok"), ToHandOver);
    check_right(&[], 0, &cancel(SELLER), day(3), ("ok", "ok"), ToHandOver);
    let mut world = OrderWorld::sold();
    world.now = day(3);
    let told = world.order_command(cancel(BUYER)).unwrap();
    assert_eq!((told.steps[0].kind, told.steps[0].by), (StepKind::Refunded, Some(BUYER)));
    assert_eq!(world.order().fault, Some(Side::Seller));
    assert!(told.marks.is_empty(), "only the seventh day stands on the record");
}

/// At the deadline it is too late, also if the house has not come to it yet.
#[test]
fn whoever_comes_at_the_deadline_is_too_late() {
    use OrderState::{Delivered, Disputed, ToHandOver};
    let late = ("ok", "too_late");
    let shipped = [ship(SELLER)];
    let met = [meeting(BUYER, MEETING)];
    let delivered = [receive(BUYER)];
    for command in [ship(SELLER), receive(BUYER), receipt(SELLER, RECEIPT), cancel(BUYER), dispute(SELLER)] {
        check_right(&[], 0, &command, day(7), late, ToHandOver);
    }
    for command in [receive(BUYER), receipt(SELLER, RECEIPT), meeting(BUYER, MEETING), dispute(BUYER)] {
        check_right(&shipped, 3, &command, day(14), late, ToHandOver);
    }
    check_right(&[ship(SELLER), cancel(BUYER)], 3, &keep_on(BUYER), day(14), late, ToHandOver);
    for command in [receive(BUYER), receipt(SELLER, RECEIPT), cancel(SELLER), dispute(SELLER)] {
        check_right(&met, 0, &command, day(14), late, ToHandOver);
    }
    for command in [receipt(SELLER, RECEIPT), dispute(BUYER)] {
        check_right(&delivered, 0, &command, day(3), late, Delivered);
    }
    check_right(&[dispute(BUYER)], 0, &evidence(SELLER), day(3), late, Disputed);
    // A question ends nothing, and an old dispute is still decided.
    check_right(&shipped, 0, &receive(BUYER), day(3), ("ok", "ok"), Delivered);
    check_right(&[dispute(BUYER)], 0, &divide(ADMIN, 1, None), day(14), ("ok", "ok"), OrderState::Split);
    check_right(&[dispute(BUYER)], 1, &divide(ADMIN, 1, None), day(40), ("ok", "ok"), OrderState::Split);
    check_right(&[dispute(BUYER)], 1, &evidence(BUYER), day(40), ("too_late", "too_late"), Disputed);
}

/// The house may come late to a deadline; the next one keeps its place.
#[test]
fn deadlines_keep_their_distance() {
    let mut world = OrderWorld::sold();
    world.order_command(ship(SELLER)).unwrap();
    world.now = day(3).plus(Span::minutes(5));
    world.ask(&Command::Close).unwrap();
    assert_eq!(world.deadline(), Some(day(7)));
}

/// One line: what was done at the sale, the last heartbeat, the return, and the deadline after it, if it moves.
#[track_caller]
fn check_outage(before: &[OrderCommand], heartbeat: Time, back: Time, moved: Option<Time>) {
    let mut world = OrderWorld::sold();
    for command in before {
        world.order_command(command.clone()).unwrap();
    }
    let stood = world.deadline();
    world.now = back;
    let outage = Command::ExtendForOutage(Outage { heartbeat, back });
    let told = world.ask(&outage).map(|told| told.steps);
    match moved {
        None => {
            assert_eq!(told, Err(Refusal::NotDue), "{before:?}");
            assert_eq!(world.deadline(), stood);
        }
        Some(moved) => {
            let steps = told.unwrap();
            let [extended] = &steps[..] else { panic!("one step") };
            assert_eq!((extended.kind, extended.by, extended.due), (StepKind::Extended, None, Some(moved)));
            assert_eq!((world.deadline(), world.order().outage), (Some(moved), Some(back)), "{before:?}");
            assert_eq!(world.ask(&outage).map(|_| ()), Err(Refusal::NotDue), "once for one outage");
        }
    }
}

#[test]
fn an_outage_moves_the_deadline_by_the_gap() {
    let hour = Span::hours(1);
    let second = day(1);
    let back = second.plus(hour);
    check_outage(&[], second, back, Some(day(7).plus(hour)));
    check_outage(&[ship(SELLER)], second, back, Some(day(3).plus(hour)));
    check_outage(&[meeting(BUYER, MEETING)], second, back, Some(day(14).plus(hour)));
    check_outage(&[receive(BUYER)], second, back, Some(day(3).plus(hour)));
    check_outage(&[dispute(BUYER)], second, back, Some(day(14).plus(hour)));
    // 30 seconds are no outage, one microsecond more are.
    check_outage(&[], second, second.plus(Span::seconds(30)), None);
    check_outage(&[], second, second.plus(Span(30_000_001)), Some(day(7).plus(Span(30_000_001))));
    // A deadline that had come at the last heartbeat stays; one that came at it moves.
    check_outage(&[], day(7).plus(Span(1)), day(8), None);
    check_outage(&[], day(7), day(7).plus(hour), Some(day(7).plus(hour)));
    // What was lost before the order's newest step was not lost to it.
    check_outage(&[], SOLD.minus(hour), SOLD.plus(hour), Some(day(7).plus(hour)));
    check_outage(&[], SOLD.minus(hour), SOLD, None);
    // A day at most; after a longer one as much is left as before, but no more than a day for it.
    check_outage(&[], second, second.plus(Span::hours(24)), Some(day(8)));
    check_outage(&[], second, day(4), Some(day(8)));
    check_outage(&[], day(6), day(20), Some(day(21)));
    check_outage(&[], day(7).minus(hour), day(20), Some(day(20).plus(hour)));
    check_outage(&[], day(3), day(20), Some(day(21)));
}

/// Who comes back, goes away again and comes back has lost both times, and neither twice.
#[test]
fn lost_time_is_given_back_once() {
    let hour = Span::hours(1);
    let mut world = OrderWorld::sold();
    let (heartbeat, back) = (day(1), day(1).plus(hour));
    for (back, due) in [
        (back, day(7).plus(hour)),
        (back.plus(hour), day(7).plus(hour).plus(hour)),
        (back.plus(hour).plus(Span::seconds(30)), day(7).plus(hour).plus(hour)),
    ] {
        world.now = back;
        let _ = world.ask(&Command::ExtendForOutage(Outage { heartbeat, back }));
        assert_eq!(world.deadline(), Some(due));
    }
}

/// What the order says was made good counts from there, whatever its newest step says.
#[test]
fn the_order_knows_which_outage_was_made_good() {
    let mut world = OrderWorld::sold();
    let mut order = world.order().clone();
    order.outage = Some(day(2));
    world.aftermath.order = Some(order);
    world.now = day(2).plus(Span::minutes(1));
    world.ask(&Command::ExtendForOutage(Outage { heartbeat: day(1), back: world.now })).unwrap();
    assert_eq!(world.deadline(), Some(day(7).plus(Span::minutes(1))));
}

/// The third day moves along with the seventh, the end of evidence with that of the dispute, and a lock too.
#[test]
fn an_outage_moves_every_right_along() {
    let hour = Span::hours(1);
    let outage = Command::ExtendForOutage(Outage { heartbeat: day(1), back: day(1).plus(hour) });
    let mut world = OrderWorld::sold();
    world.now = day(1).plus(hour);
    world.ask(&outage).unwrap();
    assert_eq!(world.order().buyer_may_cancel_at(), Some(day(3).plus(hour)));

    let mut world = OrderWorld::sold();
    world.order_command(dispute(BUYER)).unwrap();
    world.now = day(1).plus(hour);
    world.ask(&outage).unwrap();
    assert_eq!(world.order().evidence_until(), Some(day(3).plus(hour)));

    let mut world = OrderWorld::sold();
    for _ in 0..5 {
        world.order_command(receipt(SELLER, WRONG)).unwrap();
    }
    let half = Span::minutes(30);
    world.now = SOLD.plus(hour);
    world
        .ask(&Command::ExtendForOutage(Outage { heartbeat: SOLD.plus(half), back: SOLD.plus(hour) }))
        .unwrap();
    assert_eq!(world.order().locked_until, Some(SOLD.plus(hour).plus(half)));

    let mut world = OrderWorld::sold();
    world.order_command(ship(SELLER)).unwrap();
    world.now = day(1).plus(hour);
    world.ask(&outage).unwrap();
    close_times(&mut world, 1);
    assert_eq!(world.deadline(), Some(day(7).plus(hour)), "the next question keeps its distance");
}

#[test]
fn time_never_runs_back_along_the_steps() {
    let mut world = OrderWorld::sold();
    world.now = SOLD.minus(Span::hours(1));
    world.order_command(ship(SELLER)).unwrap();
    assert_eq!((world.order().shipped_at, world.order().newest), (Some(SOLD), SOLD));
}

#[test]
fn sides_are_who_they_are() {
    let world = OrderWorld::sold();
    for (member, side) in [(BUYER, Some(Side::Buyer)), (SELLER, Some(Side::Seller)), (MemberId(77), None)] {
        assert_eq!(world.order().side(member), side);
    }
}
