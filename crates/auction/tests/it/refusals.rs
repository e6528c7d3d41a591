//! Every refusal, with its figures, and in the published order: of two reasons the earlier one is the answer.

use auction::{Bid, Command, FieldCode, FieldInvalid, Listing, Outcome, Refusal, Span};
use ledger::LIMIT;

use crate::world::{ANNA, BORA, CHUL, NOON, SELLER, World, limits, listing, won};

/// One line: what is done to the world, who bids how much, and the code of the answer.
fn check(prepare: impl FnOnce(&mut World), amount: i64, code: &str) {
    let mut world = World::simple();
    prepare(&mut world);
    let before = (world.auction.clone(), world.holds());
    let refusal = world.bid(ANNA, amount).map(|_| ()).map_err(|refusal| refusal.code());
    assert_eq!(refusal, Err(code));
    assert_eq!(before, (world.auction.clone(), world.holds()), "a refusal changes nothing");
}

fn at_the_end(world: &mut World) {
    world.now = world.auction.ends_at;
}

#[test]
fn each_refusal_has_its_code() {
    check(at_the_end, 5_000, "closed");
    check(|world| world.now = NOON.minus(Span(1)), 5_000, "not_started");
    check(|world| world.auction.seller = ANNA, 5_000, "own_auction");
    check(|world| world.suspended.push(ANNA), 5_000, "suspended");
    check(|world| world.blocked.push(ANNA), 5_000, "blocked");
    for amount in [0, -1, i64::MIN, LIMIT.won() + 1, i64::MAX] {
        check(|_| {}, amount, "amount_invalid");
    }
    check(|_| {}, 4_999, "below_minimum");
    check(|_| {}, 5_500, "off_step");
    check(|_| {}, 1_001_000, "insufficient_funds");
}

/// Each step mends the reason that was given; what is left is the next in the order.
#[test]
fn the_first_reason_that_applies_is_the_answer() {
    let mut world = World::simple();
    world.bid(BORA, 900_000).unwrap();
    let ends_at = world.auction.ends_at;
    world.now = ends_at;
    world.auction.starts_at = ends_at.plus(Span(1));
    world.auction.seller = ANNA;
    world.suspended.push(ANNA);
    world.blocked.push(ANNA);
    world.auction.terms = 2;
    let mut amount = -7;
    let bid = |world: &mut World, amount| {
        world.ask(&Command::Bid(Bid {
            bidder: ANNA,
            amount: Some(amount),
            maximum: None,
            terms: Some(world.auction.terms - 1),
        }))
    };
    assert_eq!(bid(&mut world, amount), Err(Refusal::Closed { outcome: None }));
    world.now = NOON;
    let starts_at = world.auction.starts_at;
    assert_eq!(bid(&mut world, amount), Err(Refusal::NotStarted { starts_at }));
    world.auction.starts_at = NOON;
    assert_eq!(bid(&mut world, amount), Err(Refusal::OwnAuction));
    world.auction.seller = SELLER;
    assert_eq!(bid(&mut world, amount), Err(Refusal::Suspended));
    world.suspended.clear();
    assert_eq!(bid(&mut world, amount), Err(Refusal::Blocked));
    world.blocked.clear();
    assert_eq!(bid(&mut world, amount), Err(Refusal::TermsChanged { terms: 2 }));
    assert_eq!(world.bid(ANNA, amount), Err(Refusal::AmountInvalid { limit: LIMIT }));
    amount = 900_500;
    assert_eq!(world.bid(ANNA, amount), Err(Refusal::BelowMinimum { minimum: Some(won(901_000)) }));
    amount = 1_000_500;
    let off = world.bid(ANNA, amount).unwrap_err();
    assert_eq!(off.code(), "off_step");
    amount = 1_001_000;
    let (required, available) = (won(amount), won(1_000_000));
    assert_eq!(world.bid(ANNA, amount), Err(Refusal::InsufficientFunds { required, available }));
    assert!(world.bid(ANNA, 1_000_000).is_ok());
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
