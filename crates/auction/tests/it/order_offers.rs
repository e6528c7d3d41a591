//! Second chances: to whom, for how much, how long, how often, and every refusal.

use auction::{Command, Hand, OfferState, OrderId, OrderState, Outage, Refusal, Side, Span, StepKind, Time};
use ledger::MemberId;

use crate::order_world::{
    ADMIN, BIDDERS, BUYER, MONEY, NEXT, OrderWorld, PRICE, SELLER, SOLD, STRANGER, cancel, dispute, divide,
    receipt, won,
};

const OFFER: Command = Command::Offer { seller: SELLER };

fn accept(member: MemberId) -> Command {
    Command::AcceptOffer { member }
}

fn decline(member: MemberId) -> Command {
    Command::DeclineOffer { member }
}

#[track_caller]
fn check(world: &mut OrderWorld, command: &Command, code: &str) {
    let stood = (world.aftermath.clone(), world.bidders.clone(), world.steps.len());
    let answer = world.ask(command).map_or_else(|refusal| refusal.code(), |_| "ok");
    assert_eq!(answer, code, "{command:?}");
    if code != "ok" {
        assert_eq!(stood, (world.aftermath.clone(), world.bidders.clone(), world.steps.len()));
    }
}

/// To the next three of the remaining bidders, each at what the one after him forces, whatever each answers; then no more.
#[test]
fn it_is_offered_in_turn_three_times() {
    for lapses in [true, false] {
        let mut world = OrderWorld::fallen();
        for (number, (member, price)) in (1..).zip([(4, 13_000), (3, 12_000), (2, 11_000)]) {
            let steps = world.ask(&OFFER).unwrap().steps;
            let offer = *world.aftermath.open_offer().unwrap();
            assert_eq!((offer.number, offer.member, offer.price), (number, MemberId(member), won(price)));
            assert_eq!(offer.until, world.now.plus(Span::hours(24)));
            assert_eq!((steps[0].kind, steps[0].by), (StepKind::Offered, Some(MemberId(member))));
            assert_eq!((steps[0].amount, steps[0].due), (Some(won(price)), Some(offer.until)));
            assert_eq!(world.deadline(), Some(offer.until));
            check(&mut world, &OFFER, "item_not_free");
            if lapses {
                world.now = offer.until.minus(Span(1));
                check(&mut world, &Command::Close, "not_due");
                world.now = offer.until;
                check(&mut world, &decline(MemberId(member)), "no_offer");
                check(&mut world, &accept(MemberId(member)), "no_offer");
                assert_eq!(world.ask(&Command::Close).unwrap().steps[0].kind, StepKind::OfferLapsed);
            } else {
                let steps = world.ask(&decline(MemberId(member))).unwrap().steps;
                assert_eq!((steps[0].kind, steps[0].by), (StepKind::OfferDeclined, Some(MemberId(member))));
            }
            assert!(world.bidders[&MemberId(member)].is_out);
            check(&mut world, &Command::Close, "not_due");
            check(&mut world, &decline(MemberId(member)), "no_offer");
        }
        check(&mut world, &OFFER, "no_bidder_left");
        assert_eq!(world.deadline(), None);
    }
}

#[test]
fn taking_it_pays_at_once_and_opens_an_order() {
    let mut world = OrderWorld::offered();
    let (outcome, price) = (world.auction.outcome, world.auction.price);
    world.now = SOLD.plus(Span::hours(24)).minus(Span(1));
    let steps = world.ask(&accept(NEXT)).unwrap().steps;
    let kinds: Vec<_> = steps.iter().map(|step| (step.order, step.kind, step.by)).collect();
    let expected =
        [(OrderId(1), StepKind::OfferAccepted, Some(NEXT)), (OrderId(2), StepKind::Opened, Some(NEXT))];
    assert_eq!(kinds, expected);
    let order = world.order();
    assert_eq!((order.id, order.buyer, order.price.won()), (OrderId(2), NEXT, 13_000));
    assert!(order.is_second_chance);
    assert_eq!(world.deadline(), Some(world.now.plus(Span::days(7))));
    assert_eq!(world.book.wallet(NEXT).available.won(), MONEY - 13_000);
    assert_eq!(
        (world.auction.outcome, world.auction.price),
        (outcome, price),
        "the auction stays as it ended"
    );
    assert_eq!(world.aftermath.offers[0].state, OfferState::Accepted);
    check(&mut world, &OFFER, "item_not_free");
    check(&mut world, &accept(NEXT), "no_offer");
    world.order_command(receipt(SELLER, "000123")).unwrap();
    assert_eq!((world.escrow, world.fees), (0, 455));
    check(&mut world, &OFFER, "order_state");
}

/// If that falls through by its buyer too, it goes on where it was: three offers in all.
#[test]
fn a_second_chance_may_fall_through_too() {
    let mut world = OrderWorld::offered();
    world.ask(&accept(NEXT)).unwrap();
    world.order_command(cancel(NEXT)).unwrap();
    world.order_command(cancel(SELLER)).unwrap();
    assert!(world.bidders[&NEXT].is_out);
    for _ in 0..2 {
        world.ask(&OFFER).unwrap();
        let member = world.aftermath.open_offer().unwrap().member;
        world.ask(&decline(member)).unwrap();
    }
    check(&mut world, &OFFER, "no_bidder_left");
    assert_eq!(world.aftermath.offers.len(), 3);
}

#[test]
fn it_is_offered_only_after_the_buyer_let_it_fall_through() {
    let after = |commands: &[auction::OrderCommand]| {
        let mut world = OrderWorld::sold();
        for command in commands {
            world.order_command(command.clone()).unwrap();
        }
        world
    };
    let split = |refund, fault| after(&[dispute(BUYER), divide(ADMIN, refund, fault)]);
    check(&mut after(&[cancel(BUYER), cancel(SELLER)]), &OFFER, "ok");
    check(&mut split(PRICE, Some(Side::Buyer)), &OFFER, "ok");
    check(&mut after(&[cancel(SELLER), cancel(BUYER)]), &OFFER, "order_state");
    check(&mut split(PRICE, Some(Side::Seller)), &OFFER, "order_state");
    check(&mut split(PRICE, None), &OFFER, "order_state");
    check(&mut split(PRICE - 1, Some(Side::Buyer)), &OFFER, "order_state");
    check(&mut after(&[receipt(SELLER, "000123")]), &OFFER, "order_state");
    check(&mut after(&[]), &OFFER, "item_not_free");
    check(&mut after(&[dispute(BUYER)]), &OFFER, "item_not_free");
}

#[test]
fn offering_has_its_refusals() {
    for member in [BUYER, NEXT, STRANGER, ADMIN] {
        check(&mut OrderWorld::fallen(), &Command::Offer { seller: member }, "not_seller");
    }
    let mut world = OrderWorld::fallen();
    world.suspended.push(SELLER);
    check(&mut world, &OFFER, "suspended");
    check(&mut OrderWorld::listed(2), &OFFER, "too_early");
    let mut unsold = OrderWorld::listed(0);
    unsold.now = SOLD;
    unsold.ask(&Command::Close).unwrap();
    check(&mut unsold, &OFFER, "order_not_found");
    let mut world = OrderWorld::fallen();
    world.now = SOLD.plus(Span::days(14)).minus(Span(1));
    check(&mut world.clone(), &OFFER, "ok");
    world.now = SOLD.plus(Span::days(14));
    check(&mut world, &OFFER, "too_late");
    let mut world = OrderWorld::fallen();
    world.auction.followed_by = Some(auction::AuctionId(2));
    check(&mut world, &OFFER, "item_not_free");
    let mut alone = OrderWorld::listed(1);
    alone.now = SOLD;
    alone.ask(&Command::Close).unwrap();
    alone.order_command(cancel(BIDDERS[0])).unwrap();
    alone.order_command(cancel(SELLER)).unwrap();
    check(&mut alone, &OFFER, "no_bidder_left");
}

/// The fourteen days are counted from the order's end, also if an offer was made since.
#[test]
fn the_fortnight_is_counted_from_the_end_of_the_order() {
    let mut world = OrderWorld::fallen();
    world.now = SOLD.plus(Span::days(13));
    world.ask(&OFFER).unwrap();
    world.ask(&decline(NEXT)).unwrap();
    world.now = SOLD.plus(Span::days(14));
    check(&mut world, &OFFER, "too_late");
}

#[test]
fn answering_has_its_refusals() {
    for member in [BUYER, STRANGER, SELLER, BIDDERS[2]] {
        check(&mut OrderWorld::offered(), &accept(member), "no_offer");
        check(&mut OrderWorld::offered(), &decline(member), "no_offer");
    }
    check(&mut OrderWorld::fallen(), &accept(NEXT), "no_offer");
    check(&mut OrderWorld::listed(2), &accept(NEXT), "no_offer");
    let mut world = OrderWorld::offered();
    world.suspended.push(NEXT);
    check(&mut world, &accept(NEXT), "suspended");
    check(&mut world, &decline(NEXT), "ok");
    let mut world = OrderWorld::offered();
    world.blocked.push(NEXT);
    check(&mut world, &accept(NEXT), "blocked");
    for (available, code) in [(12_999, "insufficient_funds"), (13_000, "ok")] {
        let mut world = OrderWorld::offered();
        let wallet = ledger::Wallet { available: won(available), ..world.book.wallet(NEXT) };
        world.give(NEXT, wallet);
        if code == "ok" {
            assert!(world.ask(&accept(NEXT)).is_ok(), "all he has is enough");
        } else {
            let refusal = world.ask(&accept(NEXT)).map(|_| ());
            let (required, available) = (won(13_000), won(available));
            assert_eq!(refusal, Err(Refusal::InsufficientFunds { required, available }));
        }
    }
}

/// Whatever stands between: who was asked declines, and whoever has it lets it fall through.
fn let_go(world: &mut OrderWorld) {
    if let Some(open) = world.aftermath.open_offer().copied() {
        world.ask(&decline(open.member)).unwrap();
    }
    if world.order().ended_at.is_none() {
        let buyer = world.order().buyer;
        world.order_command(cancel(buyer)).unwrap();
        world.order_command(cancel(SELLER)).unwrap();
    }
}

/// Where it stands, whose bids, whose hand, when, the answer, and to whom the thing is offered next for how much.
type OutOfTheSum<'a> = (&'a OrderWorld, MemberId, Hand, Time, &'a str, Option<(MemberId, i64)>);

/// Blocked or suspended after the hammer. One line: where it stands, whose bids, whose hand, when, the answer; and if it is
/// accepted, to whom the thing is offered next and for how much.
#[test]
fn whoever_is_blocked_after_the_hammer_is_out_of_the_sum() {
    let (house, seller) = (Hand::House, Hand::Seller(SELLER));
    let fortnight = SOLD.plus(Span::days(14));
    let last = fortnight.minus(Span(1));
    let (sold, fallen, offered) = (OrderWorld::sold(), OrderWorld::fallen(), OrderWorld::offered());
    let mut done = OrderWorld::sold();
    done.order_command(receipt(SELLER, "000123")).unwrap();
    let mut gone = OrderWorld::sold();
    gone.order_command(cancel(SELLER)).unwrap();
    gone.order_command(cancel(BUYER)).unwrap();
    let mut disputed = OrderWorld::sold();
    disputed.order_command(dispute(BUYER)).unwrap();
    let mut late = OrderWorld::fallen();
    late.now = last;
    late.ask(&OFFER).unwrap();
    let mut taken = OrderWorld::offered();
    taken.ask(&accept(NEXT)).unwrap();
    let mut unsold = OrderWorld::listed(0);
    unsold.now = SOLD;
    unsold.ask(&Command::Close).unwrap();
    let (third, second) = (BIDDERS[2], BIDDERS[1]);
    let lines: [OutOfTheSum<'_>; 20] = [
        (&fallen, NEXT, house, SOLD, "ok", Some((third, 12_000))),
        (&fallen, NEXT, seller, SOLD, "ok", Some((third, 12_000))),
        (&fallen, third, house, SOLD, "ok", Some((NEXT, 12_000))),
        (&fallen, NEXT, house, last, "ok", Some((third, 12_000))),
        (&fallen, NEXT, house, fortnight, "closed", None),
        (&fallen, BUYER, house, SOLD, "no_bidder_left", None),
        (&fallen, STRANGER, house, SOLD, "no_bidder_left", None),
        (&fallen, NEXT, Hand::Seller(STRANGER), SOLD, "not_seller", None),
        (&fallen, NEXT, Hand::Admin(ADMIN), SOLD, "closed", None),
        (&sold, NEXT, house, SOLD, "ok", Some((third, 12_000))),
        (&sold, BUYER, seller, SOLD, "ok", Some((NEXT, 13_000))),
        (&disputed, NEXT, house, SOLD, "ok", None),
        (&offered, NEXT, house, SOLD, "ok", Some((third, 12_000))),
        (&offered, NEXT, seller, SOLD, "ok", Some((third, 12_000))),
        (&offered, third, house, SOLD, "ok", Some((second, 11_000))),
        (&late, NEXT, house, fortnight, "ok", None),
        (&taken, third, house, SOLD, "ok", Some((second, 11_000))),
        (&done, NEXT, house, SOLD, "closed", None),
        (&gone, NEXT, house, SOLD, "closed", None),
        (&unsold, NEXT, house, SOLD, "closed", None),
    ];
    for (number, (stood, member, by, at, code, next)) in lines.into_iter().enumerate() {
        let mut world = stood.clone();
        world.now = at;
        check(&mut world, &Command::TakeBack { member, by, reason: None }, code);
        if code != "ok" {
            continue;
        }
        assert!(world.bidders[&member].is_out, "line {number}");
        let again = if at == fortnight { "closed" } else { "no_bidder_left" };
        check(&mut world, &Command::TakeBack { member, by, reason: None }, again);
        let Some(next) = next else { continue };
        let_go(&mut world);
        world.ask(&OFFER).unwrap();
        let open = world.aftermath.open_offer().unwrap();
        assert_eq!((open.member, open.price.won()), next, "line {number}");
    }
}

/// What is offered to him is as if it had lapsed, with the step that says so; an order of his stays.
#[test]
fn what_is_offered_to_whoever_is_blocked_is_withdrawn() {
    let out = Command::TakeBack { member: NEXT, by: Hand::House, reason: None };
    let mut world = OrderWorld::offered();
    world.now = SOLD.plus(Span::hours(1));
    let steps = world.ask(&out).unwrap().steps;
    assert_eq!((steps[0].kind, steps[0].by, steps.len()), (StepKind::OfferLapsed, Some(NEXT), 1));
    assert_eq!(world.aftermath.offers[0].state, OfferState::Lapsed);
    assert_eq!(world.deadline(), None);
    check(&mut world, &accept(NEXT), "no_offer");
    check(&mut world, &OFFER, "ok");
    let mut world = OrderWorld::offered();
    world.ask(&accept(NEXT)).unwrap();
    let stood = world.order().clone();
    assert!(world.ask(&out).unwrap().steps.is_empty());
    assert_eq!(*world.order(), stood);
    assert_eq!(world.deadline(), stood.due);
}

#[test]
fn an_outage_gives_an_offer_its_time_back() {
    let mut world = OrderWorld::offered();
    let hour = Span::hours(1);
    let outage =
        Command::ExtendForOutage(Outage { heartbeat: SOLD.plus(hour), back: SOLD.plus(hour).plus(hour) });
    world.now = SOLD.plus(hour).plus(hour);
    let steps = world.ask(&outage).unwrap().steps;
    let until = SOLD.plus(Span::hours(25));
    assert_eq!((steps[0].kind, steps[0].state), (StepKind::Extended, OrderState::Refunded));
    assert_eq!(steps[0].due, Some(until));
    assert_eq!(world.deadline(), Some(until));
    check(&mut world, &outage, "not_due");
    world.now = until.minus(Span(1));
    check(&mut world, &accept(NEXT), "ok");
}
