//! Every refusal, with its figures, and in the published order: of two reasons the earlier one is the answer.

use auction::{Bid, Command, Field, FieldCode, FieldInvalid, Listing, Outcome, Refusal, Span};
use ledger::LIMIT;

use crate::world::{ANNA, BORA, CHUL, NOON, SELLER, World, limits, listing, won};

/// One line: what is done to the world, what Anna offers, and the answer with its figures.
fn check(prepare: impl FnOnce(&mut World), amount: Option<i64>, maximum: Option<i64>, refusal: &Refusal) {
    let mut world = World::simple();
    prepare(&mut world);
    let before = world.clone();
    assert_eq!(world.offer(ANNA, amount, maximum), Err(refusal.clone()), "{amount:?} {maximum:?}");
    assert_eq!(
        (&world.auction, &world.bidders, world.holds()),
        (&before.auction, &before.bidders, before.holds())
    );
}

fn at_the_end(world: &mut World) {
    world.now = world.auction.ends_at;
}

fn led_by(member: ledger::MemberId, maximum: i64) -> impl FnOnce(&mut World) {
    move |world| drop(world.maximum(member, maximum).unwrap())
}

#[test]
fn each_refusal_has_its_figures() {
    let plain = |prepare: fn(&mut World), refusal: &Refusal| check(prepare, Some(5_000), None, refusal);
    plain(at_the_end, &Refusal::Closed { outcome: None });
    plain(|world| world.now = NOON.minus(Span(1)), &Refusal::NotStarted { starts_at: NOON });
    plain(|world| world.auction.seller = ANNA, &Refusal::OwnAuction);
    plain(|world| world.suspended.push(ANNA), &Refusal::Suspended);
    plain(|world| world.blocked.push(ANNA), &Refusal::Blocked);
    let invalid = Refusal::AmountInvalid { limit: LIMIT };
    for wrong in [0, -1, i64::MIN, LIMIT.won() + 1, i64::MAX] {
        check(|_| {}, Some(wrong), None, &invalid);
        check(|_| {}, None, Some(wrong), &invalid);
        check(|_| {}, Some(wrong), Some(8_000), &invalid);
        check(|_| {}, Some(5_000), Some(wrong), &invalid);
    }
    check(|_| {}, None, None, &invalid);
    check(|_| {}, Some(9_000), Some(8_000), &invalid);
    for maximum in [5_000, 8_000] {
        check(led_by(ANNA, 8_000), None, Some(maximum), &Refusal::MaximumNotHigher { maximum: won(8_000) });
    }
    let below = |minimum| Refusal::BelowMinimum { minimum: Some(won(minimum)) };
    check(|_| {}, Some(4_999), None, &below(5_000));
    check(|_| {}, None, Some(4_999), &below(5_000));
    check(|_| {}, Some(1_000), Some(4_999), &below(5_000));
    check(led_by(ANNA, 8_000), Some(5_000), None, &below(6_000));
    check(led_by(BORA, 8_000), Some(5_000), Some(5_000), &below(6_000));
    let off = |field, below, above| Refusal::OffStep { field, below: won(below), above: Some(won(above)) };
    check(|_| {}, Some(5_500), None, &off(Field::Amount, 5_000, 6_000));
    check(|_| {}, None, Some(8_200), &off(Field::Maximum, 8_000, 9_000));
    check(|_| {}, Some(5_500), Some(8_200), &off(Field::Amount, 5_000, 6_000));
    check(|_| {}, Some(700), Some(8_000), &off(Field::Amount, 0, 1_000));
    check(led_by(ANNA, 8_000), None, Some(8_200), &off(Field::Maximum, 8_000, 9_000));
    let poor = |required, available| Refusal::InsufficientFunds {
        required: won(required),
        available: won(available),
    };
    check(|_| {}, Some(1_001_000), None, &poor(1_001_000, 1_000_000));
    check(|_| {}, Some(5_000), Some(1_001_000), &poor(1_001_000, 1_000_000));
    check(led_by(ANNA, 8_000), None, Some(1_001_000), &poor(1_001_000, 1_000_000));
}

/// A stale amount on the grid never spoils a good maximum.
#[test]
fn beside_a_maximum_an_amount_is_only_a_wish() {
    for (amount, shown) in [(1_000, 6_000), (5_000, 6_000), (6_000, 6_000), (7_000, 7_000)] {
        let mut world = World::simple();
        world.bid(BORA, 5_000).unwrap();
        world.offer(ANNA, Some(amount), Some(9_000)).unwrap();
        assert_eq!(world.auction.price, won(shown), "{amount}");
    }
}

/// Of a maximum only what lies below the buy-now price binds.
#[test]
fn a_maximum_beyond_the_buy_now_price_is_not_higher() {
    let mut listing = listing();
    listing.buy_now_price = Some(30_000);
    let mut world = World::of(&listing, &limits(), 1_000_000);
    world.maximum(ANNA, 40_000).unwrap();
    assert_eq!(world.maximum(ANNA, 50_000), Err(Refusal::MaximumNotHigher { maximum: won(30_000) }));
}

/// Each step mends the reason that was given; what is left is the next in the order.
#[test]
fn the_first_reason_that_applies_is_the_answer() {
    let mut world = World::simple();
    world.maximum(BORA, 900_000).unwrap();
    world.now = NOON.plus(Span::minutes(1));
    for bid in 0..20 {
        world.bid(ANNA, 6_000 + bid * 1_000).unwrap();
    }
    let ends_at = world.auction.ends_at;
    world.now = ends_at;
    world.auction.starts_at = ends_at.plus(Span(1));
    world.auction.seller = ANNA;
    world.suspended.push(ANNA);
    world.blocked.push(ANNA);
    world.auction.terms = 2;
    let mut bid = Bid { bidder: ANNA, amount: Some(7), maximum: Some(-7), terms: Some(1) };
    let said = |world: &mut World, bid: Bid| world.ask(&Command::Bid(bid)).unwrap_err();
    assert_eq!(said(&mut world, bid), Refusal::Closed { outcome: None });
    world.now = NOON.plus(Span::minutes(2));
    let starts_at = world.auction.starts_at;
    assert_eq!(said(&mut world, bid), Refusal::NotStarted { starts_at });
    world.auction.starts_at = NOON;
    assert_eq!(said(&mut world, bid), Refusal::OwnAuction);
    world.auction.seller = SELLER;
    assert_eq!(said(&mut world, bid), Refusal::Suspended);
    world.suspended.clear();
    assert_eq!(said(&mut world, bid), Refusal::Blocked);
    world.blocked.clear();
    assert_eq!(said(&mut world, bid), Refusal::TermsChanged { terms: 2 });
    bid.terms = Some(2);
    assert_eq!(said(&mut world, bid), Refusal::AmountInvalid { limit: LIMIT });
    bid.maximum = Some(25_500);
    assert_eq!(said(&mut world, bid), Refusal::BelowMinimum { minimum: Some(won(26_000)) });
    bid.maximum = Some(1_000_500);
    assert_eq!(said(&mut world, bid).code(), "off_step");
    bid.amount = Some(1_000_000);
    assert_eq!(said(&mut world, bid).code(), "off_step");
    bid.maximum = Some(1_001_000);
    let (required, available) = (won(1_001_000), won(1_000_000));
    assert_eq!(said(&mut world, bid), Refusal::InsufficientFunds { required, available });
    (bid.amount, bid.maximum) = (None, Some(1_000_000));
    assert_eq!(said(&mut world, bid), Refusal::TooManyBids { retry_after: Span::minutes(59) });
    world.now = NOON.plus(Span::minutes(61));
    assert!(world.ask(&Command::Bid(bid)).is_ok());
    // The leader hears of his own maximum first.
    bid.maximum = Some(900_500);
    assert_eq!(said(&mut world, bid), Refusal::MaximumNotHigher { maximum: won(1_000_000) });
}

#[test]
fn buying_has_its_own_refusals() {
    let mut world = World::simple();
    assert_eq!(world.buy_now(ANNA), Err(Refusal::NoBuyNow));
    world.auction.buy_now = Some(won(2_000_000));
    world.auction.terms = 3;
    let old = Command::BuyNow { buyer: ANNA, terms: Some(2) };
    assert_eq!(world.ask(&old), Err(Refusal::TermsChanged { terms: 3 }));
    let (required, available) = (won(2_000_000), won(1_000_000));
    assert_eq!(world.buy_now(ANNA), Err(Refusal::InsufficientFunds { required, available }));
    world.auction.buy_now = Some(won(1_000_000));
    assert!(world.buy_now(ANNA).is_ok());
    assert_eq!(world.buy_now(BORA), Err(Refusal::Closed { outcome: Some(Outcome::Bought) }));
    assert_eq!(world.bid(BORA, 6_000), Err(Refusal::Closed { outcome: Some(Outcome::Bought) }));
}

#[test]
fn the_own_hold_counts_towards_funds() {
    let mut world = World::of(&listing(), &limits(), 10_000);
    world.bid(ANNA, 8_000).unwrap();
    let (required, available) = (won(11_000), won(10_000));
    assert_eq!(world.bid(ANNA, 11_000), Err(Refusal::InsufficientFunds { required, available }));
    world.bid(ANNA, 10_000).unwrap();
    assert_eq!(world.holds(), [(ANNA, 10_000)]);
}

/// Ten equal bids at once: one accepted, a count of one, nine `below_minimum`.
#[test]
fn of_equal_bids_the_first_is_the_only_one() {
    let mut world = World::simple();
    let bidders = [ANNA, BORA, CHUL];
    let answers: Vec<bool> = (0..10).map(|at| world.bid(bidders[at % 3], 5_000).is_ok()).collect();
    assert_eq!(answers.iter().filter(|accepted| **accepted).count(), 1);
    assert_eq!(world.auction.bid_count, 1);
    assert_eq!(world.bid(BORA, 5_000), Err(Refusal::BelowMinimum { minimum: Some(won(6_000)) }));
}

/// One line: what is changed in a good listing, and all that is then wrong with it.
fn check_listing(change: impl FnOnce(&mut Listing), wrong: &[(&'static str, FieldCode)]) {
    let mut listing = listing();
    change(&mut listing);
    let wrong: Vec<FieldInvalid> =
        wrong.iter().map(|(field, code)| FieldInvalid { field, code: *code }).collect();
    assert_eq!(listing.errors(&limits(), NOON), wrong);
}

#[test]
fn a_listing_names_everything_that_is_wrong() {
    use FieldCode::{Invalid, OffStep, Required, TooEarly, TooHigh, TooLate, TooLong, TooLow};
    check_listing(|_| {}, &[]);
    check_listing(|listing| listing.item.title = "  ".to_owned(), &[("title", Required)]);
    check_listing(|listing| listing.item.title = "가".repeat(101), &[("title", TooLong)]);
    check_listing(|listing| listing.item.title = "가".repeat(100), &[]);
    check_listing(|listing| listing.item.title = "의자\u{7}".to_owned(), &[("title", Invalid)]);
    check_listing(|listing| listing.item.title = "의자\u{202E}".to_owned(), &[("title", Invalid)]);
    check_listing(|listing| listing.item.title = "의\n자".to_owned(), &[("title", Invalid)]);
    check_listing(
        |listing| listing.item.description = "튼튼\u{200B}해요".to_owned(),
        &[("description", Invalid)],
    );
    check_listing(|listing| listing.item.description = "튼튼해요\n👩‍💻".to_owned(), &[]);
    check_listing(|listing| listing.item.description = "가".repeat(5_001), &[("description", TooLong)]);
    check_listing(|listing| listing.start_price = 0, &[("start_price", TooLow)]);
    check_listing(|listing| listing.start_price = LIMIT.won() + 1, &[("start_price", TooHigh)]);
    check_listing(|listing| listing.bid_unit = Some(0), &[("bid_unit", TooLow)]);
    check_listing(|listing| listing.buy_now_price = Some(4_999), &[("buy_now_price", TooLow)]);
    check_listing(|listing| listing.buy_now_price = Some(5_000), &[]);
    check_listing(|listing| listing.buy_now_price = Some(5_500), &[("buy_now_price", OffStep)]);
    check_listing(|listing| listing.buy_now_price = Some(LIMIT.won() + 1), &[("buy_now_price", TooHigh)]);
    check_listing(|listing| listing.reserve_price = Some(4_000), &[("reserve_price", TooLow)]);
    check_listing(|listing| listing.reserve_price = Some(5_000), &[]);
    check_listing(|listing| listing.reserve_price = Some(5_500), &[("reserve_price", OffStep)]);
    check_listing(|listing| listing.reserve_price = Some(LIMIT.won() + 1_000), &[("reserve_price", TooHigh)]);
    check_listing(|listing| (listing.bid_unit, listing.reserve_price) = (None, Some(5_001)), &[]);
    check_listing(|listing| (listing.reserve_price, listing.buy_now_price) = (Some(9_000), Some(9_000)), &[]);
    check_listing(
        |listing| (listing.reserve_price, listing.buy_now_price) = (Some(10_000), Some(9_000)),
        &[("reserve_price", TooHigh)],
    );
    check_listing(|listing| listing.starts_at = Some(NOON.minus(Span::hours(1))), &[("starts_at", TooEarly)]);
    check_listing(
        |listing| listing.starts_at = Some(NOON.plus(Span::days(31))),
        &[("starts_at", TooLate), ("ends_at", TooEarly)],
    );
    check_listing(|listing| listing.ends_at = NOON.plus(Span::minutes(10)), &[]);
    check_listing(|listing| listing.ends_at = NOON.plus(Span(599_999_999)), &[("ends_at", TooEarly)]);
    check_listing(|listing| listing.ends_at = NOON.plus(Span::days(30)), &[]);
    check_listing(|listing| listing.ends_at = NOON.plus(Span::days(31)), &[("ends_at", TooLate)]);
    check_listing(|listing| listing.soft_close_minutes = 4, &[("soft_close_minutes", Invalid)]);
    check_listing(
        |listing| (listing.start_price, listing.soft_close_minutes) = (-1, -1),
        &[("start_price", TooLow), ("soft_close_minutes", Invalid)],
    );
}
