//! The seller's hand and an admin's, by tables: selling at once, cancelling, moving the end, lowering the reserve, taking
//! bids back.

use auction::{Auction, Command, Event, EventKind, Hand, MarkKind, Outcome, PriceRule, Refusal, Span};
use ledger::MemberId;

use crate::world::{ADMIN, ANNA, BORA, CHUL, NOON, SELLER, World, limits, listing, won};

const MICROSECOND: Span = Span(1);

fn world(change: impl FnOnce(&mut auction::Listing)) -> World {
    let mut listing = listing();
    change(&mut listing);
    World::of(&listing, &limits(), 1_000_000)
}

fn code(result: &Result<Vec<Event>, Refusal>) -> &'static str {
    result.as_ref().map_or_else(Refusal::code, |_| "accepted")
}

/// So long before the end as it stands.
fn before_end(world: &mut World, left: Span) {
    world.now = world.auction.ends_at.minus(left);
}

#[test]
fn selling_at_once_has_its_time() {
    let sell = |member| Command::SellNow { seller: member };
    let minutes = Span::minutes;
    // (who asks, with a bid of, so long after the start, the answer)
    for (who, bid, after, answer) in [
        (ANNA, Some(5_000), minutes(60), "not_seller"),
        (SELLER, Some(5_000), Span::days(1), "closed"),
        (SELLER, None, minutes(1), "no_leader"),
        (SELLER, Some(5_000), minutes(1), "reserve_not_met"),
        (SELLER, Some(8_000), Span(minutes(10).0 - 1), "too_early"),
        (SELLER, Some(8_000), minutes(10), "accepted"),
        (SELLER, Some(8_000), Span(Span::days(1).0 - minutes(3).0 - 1), "accepted"),
        (SELLER, Some(8_000), Span(Span::days(1).0 - minutes(3).0), "too_late"),
    ] {
        let mut world = world(|listing| listing.reserve_price = Some(7_000));
        if let Some(amount) = bid {
            world.bid(BORA, amount).unwrap();
        }
        world.now = NOON.plus(after);
        assert_eq!(code(&world.ask(&sell(who))), answer, "{who:?} {bid:?} {after:?}");
        let sold = answer == "accepted";
        assert_eq!(world.auction.outcome, sold.then_some(Outcome::Sold));
        assert_eq!(world.escrow(), if sold { 8_000 } else { 0 });
    }
}

fn cancel(world: &mut World, by: Hand, reason: Option<&str>) -> Result<Vec<Event>, Refusal> {
    world.ask(&Command::Cancel { by, reason: reason.map(str::to_owned) })
}

#[test]
fn cancelling_is_free_before_the_first_bid_only() {
    let (seller, admin) = (Hand::Seller(SELLER), Hand::Admin(ADMIN));
    let half = Span::hours(12);
    let (more, why) = (Span(half.0 + 1), Some("깨졌어요"));
    // (whose hand, was there a bid, how long is left, the reason, the answer, on the record)
    for (by, has_bid, left, reason, answer, marked) in [
        (Hand::Seller(ANNA), false, more, why, "not_seller", false),
        (seller, false, Span(0), why, "closed", false),
        (seller, false, MICROSECOND, None, "accepted", false),
        (seller, false, more, Some("  "), "accepted", false),
        (seller, false, more, Some("숨\u{200B}김"), "invalid", false),
        (seller, true, half, why, "too_late", false),
        (seller, true, more, None, "reason_missing", false),
        (seller, true, more, Some(" \n "), "reason_missing", false),
        (seller, true, more, why, "accepted", true),
        (admin, true, Span(0), why, "closed", false),
        (admin, true, MICROSECOND, None, "reason_missing", false),
        (Hand::Admin(ANNA), true, more, why, "not_admin", false),
        (admin, true, MICROSECOND, why, "accepted", false),
        (admin, false, more, why, "accepted", false),
    ] {
        let mut world = World::simple();
        if has_bid {
            world.maximum(BORA, 9_000).unwrap();
        }
        before_end(&mut world, left);
        let result = cancel(&mut world, by, reason);
        assert_eq!(code(&result), answer, "{by:?} {has_bid} {left:?} {reason:?}");
        let kinds: Vec<MarkKind> = world.marks.iter().map(|mark| mark.kind).collect();
        assert_eq!(kinds, if marked { vec![MarkKind::CancelledWithBids] } else { vec![] });
        if let Ok(events) = result {
            assert_eq!((events[0].kind, events[0].outcome), (EventKind::Cancelled, Some(Outcome::Cancelled)));
            assert_eq!(events[0].reason.as_deref(), reason.filter(|reason| !reason.trim().is_empty()));
            assert!(world.holds().is_empty());
            assert_eq!(world.bid(CHUL, 5_000), Err(Refusal::Closed { outcome: Some(Outcome::Cancelled) }));
        }
    }
}

#[test]
fn an_extension_of_the_close_does_not_make_cancelling_free_again() {
    let mut world = World::simple();
    world.bid(ANNA, 5_000).unwrap();
    before_end(&mut world, Span::minutes(30));
    world.ask(&Command::Extend { seller: SELLER, hours: 24 }).unwrap();
    assert_eq!(cancel(&mut world, Hand::Seller(SELLER), Some("왜")), Err(Refusal::TooLate));
    world.bid(BORA, 6_000).unwrap();
    assert_eq!(world.take_back(BORA), Err(Refusal::TooLate), "nor taking a lead back");
}

#[test]
fn a_reason_has_at_most_500_characters() {
    for (length, answer) in [(500, "accepted"), (501, "invalid")] {
        let mut world = World::simple();
        let reason = "가".repeat(length);
        assert_eq!(code(&cancel(&mut world, Hand::Seller(SELLER), Some(&reason))), answer, "{length}");
    }
}

#[test]
fn the_seller_moves_the_end_in_the_last_hour_twice() {
    let (hour, ten) = (Span::hours(1), Span::minutes(10));
    // (who asks, how long is left, how often before, by how many hours, the answer)
    for (who, left, before, hours, answer) in [
        (ANNA, hour, 0, 1, "not_seller"),
        (SELLER, Span(0), 0, 1, "closed"),
        (SELLER, Span(hour.0 + 1), 0, 1, "too_early"),
        (SELLER, hour, 0, 1, "accepted"),
        (SELLER, Span(ten.0 + 1), 0, 1, "accepted"),
        (SELLER, ten, 0, 1, "too_late"),
        (SELLER, hour, 1, 24, "accepted"),
        (SELLER, hour, 2, 24, "extended_twice"),
        (SELLER, hour, 2, 2, "extended_twice"),
        (SELLER, hour, 0, 2, "hours_invalid"),
        (SELLER, hour, 0, 0, "hours_invalid"),
        (SELLER, hour, 0, -1, "hours_invalid"),
        (SELLER, hour, 0, i64::MAX, "hours_invalid"),
        (SELLER, hour, 0, 3, "accepted"),
        (SELLER, hour, 0, 6, "accepted"),
        (SELLER, hour, 0, 12, "accepted"),
    ] {
        let mut world = World::simple();
        world.auction.seller_extensions = before;
        before_end(&mut world, left);
        let old = world.auction.clone();
        let result = world.ask(&Command::Extend { seller: who, hours });
        assert_eq!(code(&result), answer, "{who:?} {left:?} {before} {hours}");
        if let Ok(events) = result {
            assert_eq!(events[0].cause, Some(auction::ExtensionCause::Seller));
            let expected = Auction {
                ends_at: old.ends_at.plus(Span::hours(hours)),
                latest: old.latest.plus(Span::hours(hours)),
                extensions: 1,
                seller_extensions: before + 1,
                seq: old.seq.next(),
                newest: world.now,
                ..old
            };
            assert_eq!(world.auction, expected);
        }
    }
}

/// One line: the grid or the ladder, the bids, to how much the reserve is lowered, the answer, and the leader's maximum.
#[test]
fn a_reserve_is_lowered_while_it_is_not_met() {
    for (unit, reserve, maximum, to, answer, left) in [
        (Some(1_000), Some(20_000), None, 19_000, "accepted", 0),
        (Some(1_000), Some(20_000), None, 6_000, "accepted", 0),
        (Some(1_000), Some(20_000), None, 5_000, "reserve_invalid", 0),
        (Some(1_000), Some(20_000), None, 19_500, "reserve_invalid", 0),
        (Some(1_000), Some(20_000), None, 20_000, "reserve_invalid", 0),
        (Some(1_000), Some(20_000), None, 21_000, "reserve_invalid", 0),
        (Some(1_000), Some(20_000), None, 0, "reserve_invalid", 0),
        (Some(1_000), Some(20_000), None, -1_000, "reserve_invalid", 0),
        (Some(1_000), Some(20_000), None, i64::MAX, "reserve_invalid", 0),
        (Some(1_000), None, None, 6_000, "reserve_invalid", 0),
        (Some(1_000), Some(20_000), Some(20_000), 19_000, "reserve_invalid", 20_000),
        (Some(1_000), Some(20_000), Some(12_000), 13_000, "accepted", 12_000),
        (Some(1_000), Some(20_000), Some(12_000), 12_000, "accepted", 11_000),
        (Some(1_000), Some(20_000), Some(12_000), 6_000, "accepted", 5_000),
        (None, Some(20_000), Some(12_345), 12_346, "accepted", 12_345),
        (None, Some(20_000), Some(12_345), 12_345, "accepted", 12_344),
        (None, Some(20_000), Some(12_345), 5_001, "accepted", 5_000),
    ] {
        let what = format!("{unit:?} {reserve:?} {maximum:?} {to}");
        let mut world = world(|listing| (listing.bid_unit, listing.reserve_price) = (unit, reserve));
        if let Some(maximum) = maximum {
            world.maximum(ANNA, maximum).unwrap();
        }
        let price = world.auction.price;
        let result = world.lower(to);
        assert_eq!(code(&result), answer, "{what}");
        assert_eq!(world.auction.leader.map_or(0, |leader| leader.commitment.won()), left, "{what}");
        let Ok(events) = result else { continue };
        assert_eq!(world.auction.reserve, Some(won(to)));
        assert_eq!((world.auction.price, events.len()), (price, 1), "lowering moves no price: {what}");
        let was_cut = maximum.is_some_and(|maximum| maximum != left);
        assert_eq!(events[0].aside, was_cut.then_some(ANNA), "{what}");
        assert_eq!((events[0].kind, events[0].amount), (EventKind::ReserveLowered, None));
    }
}

#[test]
fn only_the_seller_lowers_and_never_after_the_end() {
    let mut world = world(|listing| listing.reserve_price = Some(20_000));
    let lower = Command::LowerReserve { seller: ANNA, reserve: 6_000 };
    assert_eq!(world.ask(&lower), Err(Refusal::NotSeller));
    world.now = world.auction.ends_at;
    assert_eq!(world.lower(6_000), Err(Refusal::Closed { outcome: None }));
}

fn take_back(world: &mut World, member: MemberId, by: Hand, reason: Option<&str>) -> &'static str {
    code(&world.ask(&Command::TakeBack { member, by, reason: reason.map(str::to_owned) }))
}

/// Anna leads, Bora is beaten. One line: whose bids, whose hand, how long is left, the reason, the answer.
#[test]
fn taking_back_has_its_refusals() {
    let (seller, admin) = (Hand::Seller(SELLER), Hand::Admin(ADMIN));
    let half = Span::hours(12);
    let (more, why) = (Span(half.0 + 1), Some("연락이 안 돼요"));
    for (member, by, left, reason, answer) in [
        (ANNA, Hand::Seller(BORA), more, why, "not_seller"),
        (ANNA, seller, Span(0), why, "closed"),
        (ANNA, seller, half, why, "too_late"),
        (ANNA, seller, more, None, "reason_missing"),
        (ANNA, seller, more, Some("숨\u{200B}김"), "invalid"),
        (ANNA, seller, more, why, "accepted"),
        (BORA, seller, MICROSECOND, None, "accepted"),
        (CHUL, seller, more, why, "no_bidder_left"),
        (ANNA, Hand::Admin(BORA), more, why, "not_admin"),
        (ANNA, admin, Span(0), why, "closed"),
        (ANNA, admin, MICROSECOND, None, "accepted"),
        (BORA, admin, MICROSECOND, why, "accepted"),
        (CHUL, admin, more, why, "no_bidder_left"),
    ] {
        let mut world = World::simple();
        world.maximum(ANNA, 20_000).unwrap();
        world.maximum(BORA, 9_000).unwrap();
        before_end(&mut world, left);
        let marked = member == ANNA && by == seller && answer == "accepted";
        assert_eq!(
            take_back(&mut world, member, by, reason),
            answer,
            "{member:?} {by:?} {left:?} {reason:?}"
        );
        let kinds: Vec<MarkKind> = world.marks.iter().map(|mark| mark.kind).collect();
        assert_eq!(kinds, if marked { vec![MarkKind::TookLeadBack] } else { vec![] });
        assert!(world.marks.iter().all(|mark| mark.member == SELLER));
    }
}

#[test]
fn a_lead_is_taken_back_by_the_seller_once() {
    let mut world = World::simple();
    world.maximum(ANNA, 20_000).unwrap();
    world.take_back(ANNA).unwrap();
    world.bid(BORA, 5_000).unwrap();
    assert_eq!(world.take_back(BORA), Err(Refusal::TooLate));
    assert_eq!(take_back(&mut world, BORA, Hand::Admin(ADMIN), None), "accepted", "an admin may again");
    assert_eq!(cancel(&mut world, Hand::Seller(SELLER), None), Err(Refusal::ReasonMissing), "it had bids");
}

#[test]
fn with_the_leader_everything_starts_afresh() {
    let mut world = World::simple();
    world.bid(BORA, 7_000).unwrap();
    world.maximum(ANNA, 20_000).unwrap();
    before_end(&mut world, Span::hours(13));
    let old = world.auction.clone();
    let events = world.take_back(ANNA).unwrap();
    let reset = &events[0];
    assert_eq!(
        (reset.kind, reset.actor.unwrap().member, reset.amount),
        (EventKind::Reset, ANNA, Some(won(5_000)))
    );
    assert_eq!((reset.rule, reset.aside, reset.leader), (Some(PriceRule::Afresh), Some(ANNA), None));
    assert_eq!(reset.reason.as_deref(), Some("연락이 안 돼요"));
    let moved = Span::hours(11);
    let expected = Auction {
        price: won(5_000),
        leader: None,
        bid_count: 0,
        afresh: reset.seq,
        seq: reset.seq,
        seller_took_back: true,
        ends_at: world.now.plus(Span::hours(24)),
        latest: old.latest.plus(moved),
        extensions: 1,
        newest: world.now,
        ..old
    };
    assert_eq!(world.auction, expected);
    assert!(world.row(ANNA).is_out && !world.row(BORA).counts_in(&world.auction));
    // Nobody is put back, but everyone may bid again, with his old number.
    world.maximum(BORA, 6_000).unwrap();
    let row = world.row(BORA);
    assert_eq!((row.number, row.commitment, row.named), (1, won(6_000), won(0)));
    world.bid(ANNA, 7_000).unwrap();
    assert_eq!((world.row(ANNA).number, world.row(ANNA).is_out), (2, false));
}

#[test]
fn an_end_that_is_far_enough_stays_where_it_is() {
    let mut world = world(|listing| listing.ends_at = NOON.plus(Span::days(3)));
    world.bid(ANNA, 5_000).unwrap();
    let (ends_at, latest) = (world.auction.ends_at, world.auction.latest);
    world.take_back(ANNA).unwrap();
    assert_eq!((world.auction.ends_at, world.auction.latest, world.auction.extensions), (ends_at, latest, 0));
}

/// One line: what is bid in turn, whose bids go, and the price then; none where nothing moves.
#[test]
fn the_price_falls_to_what_the_others_force() {
    type Offers = &'static [(MemberId, Option<i64>, Option<i64>)];
    let cases: [(Offers, MemberId, Option<i64>); 6] = [
        (&[(ANNA, None, Some(20_000)), (BORA, None, Some(9_000))], BORA, Some(5_000)),
        // What the leader named himself stays.
        (&[(BORA, None, Some(9_000)), (ANNA, Some(12_000), Some(20_000))], BORA, None),
        // Chul was there before Anna: a step above him stays.
        (
            &[(CHUL, None, Some(8_000)), (ANNA, None, Some(20_000)), (BORA, None, Some(15_000))],
            BORA,
            Some(9_000),
        ),
        // Chul came after her: his own amount stays.
        (
            &[(ANNA, None, Some(20_000)), (CHUL, None, Some(8_000)), (BORA, None, Some(15_000))],
            BORA,
            Some(8_000),
        ),
        // The lower one forced nothing.
        (&[(ANNA, None, Some(20_000)), (CHUL, None, Some(8_000)), (BORA, None, Some(15_000))], CHUL, None),
        // What was named before a silent raise stays too.
        (
            &[(ANNA, Some(6_000), None), (ANNA, None, Some(20_000)), (BORA, None, Some(15_000))],
            BORA,
            Some(6_000),
        ),
    ];
    for (offers, member, price) in cases {
        let mut world = World::simple();
        for (bidder, amount, maximum) in offers {
            world.offer(*bidder, *amount, *maximum).unwrap();
        }
        let (count, before) = (world.auction.bid_count, world.auction.price);
        let events = world.take_back(member).unwrap();
        let said: Vec<_> = events.iter().map(|event| (event.kind, event.amount, event.rule)).collect();
        let reset = |price| vec![(EventKind::Reset, Some(won(price)), Some(PriceRule::TakenBack))];
        assert_eq!(said, price.map_or(vec![], reset), "{offers:?}");
        assert_eq!(world.auction.price, price.map_or(before, won), "{offers:?}");
        assert_eq!(world.auction.bid_count, count, "rows stay counted");
        assert!(world.row(member).is_out && events.iter().all(|event| event.aside == Some(member)));
        assert!(events.iter().all(|event| event.reason.is_none()), "public only where a lead is taken back");
        assert_eq!(world.take_back(member), Err(Refusal::NoBidderLeft));
    }
}

#[test]
fn a_reserve_that_is_met_holds_the_price_up() {
    let mut world = world(|listing| listing.reserve_price = Some(10_000));
    world.maximum(ANNA, 20_000).unwrap();
    world.maximum(BORA, 15_000).unwrap();
    world.take_back(BORA).unwrap();
    assert_eq!(world.auction.price, won(10_000));
}

#[test]
fn a_reset_in_the_window_moves_the_end() {
    let mut world = World::simple();
    world.maximum(ANNA, 20_000).unwrap();
    world.maximum(BORA, 15_000).unwrap();
    before_end(&mut world, Span::minutes(1));
    world.take_back(BORA).unwrap();
    assert_eq!(world.auction.ends_at, world.now.plus(Span::minutes(3)));
}
