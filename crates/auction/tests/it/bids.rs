//! Bids and maximums beyond the worked cases: which rule a row names, what a bidder's row keeps, how often one may bid.

use auction::{Event, EventKind, PriceRule, Refusal, Seq, Span};
use ledger::MemberId;

use crate::world::{ANNA, BORA, CHUL, NOON, World, limits, listing, won};

fn ladder(reserve: Option<i64>, buy_now: Option<i64>) -> World {
    let mut listing = listing();
    (listing.bid_unit, listing.reserve_price, listing.buy_now_price) = (None, reserve, buy_now);
    World::of(&listing, &limits(), 1_000_000)
}

type Offers<'a> = &'a [(MemberId, Option<i64>, Option<i64>)];
type Rows<'a> = &'a [(EventKind, MemberId, i64, PriceRule)];

/// One line: reserve and buy-now price, what is offered in turn, and the rows of the last offer with their rules.
#[test]
fn a_row_names_the_rule_of_its_price() {
    use EventKind::{Auto, Bid, BuyNow};
    let check = |reserve, buy_now, offers: Offers<'_>, rows: Rows<'_>| {
        let mut world = ladder(reserve, buy_now);
        let mut events: Vec<Event> = Vec::new();
        for (bidder, amount, maximum) in offers {
            events = world.offer(*bidder, *amount, *maximum).unwrap();
        }
        let said: Vec<_> = events.iter().filter(|event| event.kind.is_row()).map(row).collect();
        assert_eq!(said, rows, "{offers:?}");
    };
    let row_of = |kind, member, amount, rule| vec![(kind, member, amount, rule)];
    let (start, named, over) = (PriceRule::Start, PriceRule::Named, PriceRule::Overtaken);
    let (matched, reserve, bought) = (PriceRule::Matched, PriceRule::Reserve, PriceRule::BuyNow);
    // The first bid; whether there is more behind it does not show.
    check(None, None, &[(ANNA, Some(5_000), None)], &row_of(Bid, ANNA, 5_000, start));
    check(None, None, &[(ANNA, None, Some(9_000))], &row_of(Bid, ANNA, 5_000, start));
    check(None, None, &[(ANNA, Some(5_000), Some(9_000))], &row_of(Bid, ANNA, 5_000, start));
    check(None, None, &[(ANNA, Some(6_000), None)], &row_of(Bid, ANNA, 6_000, named));
    check(None, None, &[(ANNA, Some(6_000), Some(9_000))], &row_of(Bid, ANNA, 6_000, named));
    // Overtaking.
    let first = (ANNA, None, Some(8_000));
    check(None, None, &[first, (BORA, None, Some(9_000))], &row_of(Bid, BORA, 8_100, over));
    check(None, None, &[first, (BORA, None, Some(8_050))], &row_of(Bid, BORA, 8_050, over));
    check(None, None, &[first, (BORA, Some(8_100), None)], &row_of(Bid, BORA, 8_100, over));
    check(None, None, &[first, (BORA, Some(8_101), Some(9_000))], &row_of(Bid, BORA, 8_101, named));
    // The leader over himself, also beyond his maximum.
    check(None, None, &[first, (ANNA, Some(5_100), None)], &row_of(Bid, ANNA, 5_100, named));
    check(None, None, &[first, (ANNA, Some(8_100), None)], &row_of(Bid, ANNA, 8_100, named));
    // A wish beside a raise shows nothing.
    check(None, None, &[first, (ANNA, Some(6_000), Some(9_000))], &[]);
    // Matching.
    let both = [(Bid, BORA, 7_777, matched), (Auto, ANNA, 7_777, matched)];
    check(None, None, &[first, (BORA, None, Some(7_777))], &both);
    check(None, None, &[first, (BORA, Some(7_777), None)], &both);
    // Whether the price is the reserve or was named does not show.
    check(Some(20_000), None, &[(ANNA, None, Some(25_000))], &row_of(Bid, ANNA, 20_000, reserve));
    check(Some(20_000), None, &[(ANNA, Some(22_000), None)], &row_of(Bid, ANNA, 22_000, reserve));
    check(Some(20_000), None, &[(ANNA, Some(19_000), None)], &row_of(Bid, ANNA, 19_000, named));
    check(Some(20_000), None, &[first, (BORA, None, Some(30_000))], &row_of(Bid, BORA, 20_000, reserve));
    check(Some(20_000), None, &[first, (ANNA, None, Some(20_000))], &row_of(Auto, ANNA, 20_000, reserve));
    check(Some(20_000), None, &[first, (ANNA, Some(21_000), None)], &row_of(Bid, ANNA, 21_000, named));
    check(Some(5_000), None, &[first], &row_of(Bid, ANNA, 5_000, start));
    // Buying.
    let all = (ANNA, None, Some(30_000));
    check(None, Some(30_000), &[first, (BORA, Some(40_000), None)], &row_of(BuyNow, BORA, 30_000, bought));
    let lifted = [(Bid, BORA, 30_000, matched), (BuyNow, ANNA, 30_000, bought)];
    check(None, Some(30_000), &[all, (BORA, None, Some(30_000))], &lifted);
    check(None, Some(30_000), &[all, (ANNA, Some(30_000), None)], &row_of(BuyNow, ANNA, 30_000, bought));
    let late = (CHUL, Some(29_500), None);
    check(None, Some(30_000), &[late, (BORA, None, Some(30_000))], &row_of(BuyNow, BORA, 30_000, bought));
}

fn row(event: &Event) -> (EventKind, MemberId, i64, PriceRule) {
    (event.kind, event.actor.unwrap().member, event.amount.unwrap().won(), event.rule.unwrap())
}

/// One line: what is offered in turn, and Anna's row: commitment, named, and the event since when.
#[test]
fn a_row_keeps_what_its_bidder_said() {
    let check = |offers: Offers<'_>, commitment, named, since| {
        let mut world = ladder(None, None);
        for (bidder, amount, maximum) in offers {
            world.offer(*bidder, *amount, *maximum).unwrap();
        }
        let row = world.row(ANNA);
        assert_eq!(
            (row.commitment.won(), row.named.won(), row.since),
            (commitment, named, Seq(since)),
            "{offers:?}"
        );
    };
    // Events 1 and 2 are `listed` and `opened`.
    let first = (ANNA, None, Some(8_000));
    check(&[first], 8_000, 0, 3);
    check(&[(ANNA, Some(6_000), Some(8_000))], 8_000, 6_000, 3);
    check(&[first, (ANNA, None, Some(9_000))], 9_000, 0, 3);
    check(&[first, (BORA, None, Some(7_000)), (ANNA, None, Some(9_000))], 9_000, 0, 5);
    check(&[first, (ANNA, Some(6_000), Some(9_000))], 9_000, 0, 3);
    check(&[first, (ANNA, Some(6_000), None)], 8_000, 6_000, 3);
    check(&[first, (ANNA, Some(9_000), None)], 9_000, 9_000, 4);
    check(&[(BORA, None, Some(20_000)), (ANNA, Some(7_000), None)], 7_000, 7_000, 4);
    check(&[(BORA, None, Some(20_000)), (ANNA, None, Some(7_000))], 7_000, 0, 4);
    check(&[first, (BORA, None, Some(9_000))], 8_000, 0, 3);
}

#[test]
fn a_lead_is_since_the_event_that_took_it() {
    let mut world = ladder(None, None);
    world.maximum(ANNA, 8_000).unwrap();
    for (amount, maximum) in [(None, Some(9_000)), (Some(6_000), None), (Some(9_500), None)] {
        world.offer(ANNA, amount, maximum).unwrap();
        assert_eq!(world.auction.leader.unwrap().since, Seq(3));
    }
    world.maximum(BORA, 20_000).unwrap();
    assert_eq!(world.auction.leader.unwrap().since, Seq(6));
}

#[test]
fn a_silent_raise_extends_nothing_and_a_shown_one_does() {
    for (maximum, moves) in [(12_000, false), (20_000, true)] {
        let mut world = ladder(Some(20_000), None);
        world.maximum(ANNA, 9_000).unwrap();
        world.now = world.auction.ends_at.minus(Span::minutes(1));
        let ends_at = world.auction.ends_at;
        let events = world.maximum(ANNA, maximum).unwrap();
        assert_eq!((events.is_empty(), world.auction.ends_at > ends_at), (!moves, moves));
    }
}

/// Anna's maximum stands; Bora bids below it again and again.
#[test]
fn who_bids_in_vain_too_often_waits() {
    let mut listing = listing();
    (listing.start_price, listing.bid_unit) = (1_000, Some(1_000));
    let mut world = World::of(&listing, &limits(), 10_000_000);
    world.maximum(ANNA, 1_000_000).unwrap();
    for bid in 0..20 {
        world.now = NOON.plus(Span::minutes(bid));
        world.bid(BORA, 10_000 + bid * 1_000).unwrap();
    }
    let wait = Span::minutes(41);
    assert_eq!(world.bid(BORA, 50_000), Err(Refusal::TooManyBids { retry_after: wait }));
    assert_eq!(world.maximum(BORA, 2_000_000), Err(Refusal::TooManyBids { retry_after: wait }));
    assert_eq!(world.bid(BORA, 500).unwrap_err().code(), "below_minimum", "an earlier reason goes first");
    assert_eq!(world.bid(BORA, 11_000_000).unwrap_err().code(), "insufficient_funds");
    world.bid(CHUL, 60_000).unwrap();
    world.now = NOON.plus(Span::hours(1)).minus(Span(1));
    assert_eq!(world.bid(BORA, 70_000), Err(Refusal::TooManyBids { retry_after: Span(1) }));
    world.now = NOON.plus(Span::hours(1));
    world.bid(BORA, 70_000).unwrap();
    assert_eq!(world.bid(BORA, 80_000), Err(Refusal::TooManyBids { retry_after: Span::minutes(1) }));
    assert_eq!(world.row(BORA).vain.len(), 20);
}

#[test]
fn taking_the_lead_is_never_in_vain() {
    let mut world = World::simple();
    for bid in 0..60 {
        let bidder = if bid % 2 == 0 { ANNA } else { BORA };
        world.bid(bidder, 5_000 + bid * 1_000).unwrap();
        world.maximum(bidder, 5_500 + bid * 1_000).unwrap_err();
    }
    assert!(world.bidders.iter().all(|row| row.vain.is_empty()));
}

#[test]
fn what_was_taken_back_is_replaced_and_not_added_to() {
    let mut world = ladder(None, None);
    world.maximum(ANNA, 20_000).unwrap();
    world.maximum(BORA, 9_000).unwrap();
    world.take_back(BORA).unwrap();
    world.bid(BORA, 6_000).unwrap();
    let row = world.row(BORA);
    assert_eq!((row.commitment, row.named, row.is_out, row.number), (won(6_000), won(6_000), false, 2));
    assert_eq!(row.vain.len(), 2, "how often he bid stays known");
    assert_eq!(world.auction.bidders, 2);
}
