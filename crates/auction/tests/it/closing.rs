//! Time: opening, late bids, the close, outages, buying.

use auction::{Command, EventKind, Outage, Outcome, Refusal, Span, Status, open_if_due};
use ledger::PartsPerMillion;

use crate::world::{ANNA, BORA, NOON, World, limits, listing};

#[test]
fn a_scheduled_auction_opens_when_its_start_has_come() {
    let mut listing = listing();
    listing.starts_at = Some(NOON.plus(Span::hours(1)));
    let world = World::of(&listing, &limits(), 0);
    assert_eq!(world.auction.status, Status::Scheduled);
    assert_eq!(open_if_due(&world.auction, world.auction.starts_at.minus(Span(1))), None);
    let opened = open_if_due(&world.auction, world.auction.starts_at).unwrap();
    assert_eq!(opened.auction.status, Status::Open);
    assert_eq!(opened.events[0].kind, EventKind::Opened);
    assert_eq!(open_if_due(&opened.auction, world.auction.ends_at), None);
}

/// One line: the window, when the bid comes, and how far the end then lies beyond the listed one.
#[test]
fn a_late_bid_extends_the_close_once() {
    for (window, before_end, moved) in [
        (3, Span::minutes(4), Span(0)),
        (3, Span::minutes(3), Span(0)),
        (3, Span::minutes(1), Span::minutes(2)),
        (3, Span(1), Span(Span::minutes(3).0 - 1)),
        (10, Span::minutes(1), Span::minutes(9)),
        (0, Span(1), Span(0)),
    ] {
        let mut listing = listing();
        listing.soft_close_minutes = window;
        let mut world = World::of(&listing, &limits(), 1_000_000);
        world.now = world.auction.ends_at.minus(before_end);
        world.bid(ANNA, 5_000).unwrap();
        assert_eq!(
            world.auction.ends_at.since(world.auction.listed_end),
            moved,
            "{window} min, {before_end:?}"
        );
    }
}

#[test]
fn late_bids_never_move_the_end_beyond_the_latest() {
    let mut world = World::simple();
    let mut amount = 5_000;
    for _ in 0..200 {
        world.now = world.auction.ends_at.minus(Span(1));
        let bidder = if amount % 2_000 == 0 { ANNA } else { BORA };
        world.bid(bidder, amount).unwrap();
        amount += 1_000;
    }
    assert_eq!(world.auction.ends_at, world.auction.latest);
    assert_eq!(world.auction.latest.since(world.auction.listed_end), Span::minutes(60));
}

#[test]
fn a_refused_bid_never_extends() {
    let mut world = World::simple();
    world.now = world.auction.ends_at.minus(Span::minutes(1));
    let ends_at = world.auction.ends_at;
    assert!(world.bid(ANNA, 4_000).is_err());
    assert_eq!(world.auction.ends_at, ends_at);
}

#[test]
fn a_close_settles_once_and_only_when_due() {
    let limits = auction::ListingLimits { fee_rate: PartsPerMillion::new(35_000).unwrap(), ..limits() };
    let mut world = World::of(&listing(), &limits, 100_000);
    world.bid(ANNA, 5_000).unwrap();
    world.bid(BORA, 15_000).unwrap();
    world.now = world.auction.ends_at.minus(Span(1));
    assert_eq!(world.ask(&Command::Close), Err(Refusal::NotDue));
    let events = world.close().unwrap();
    assert_eq!(events[0].outcome, Some(Outcome::Sold));
    assert_eq!(events[0].actor.unwrap().member, BORA);
    assert_eq!(world.close(), Err(Refusal::NotDue));
    assert_eq!(world.escrow(), 15_000, "the price waits in escrow");
    assert_eq!(world.book.wallet(BORA).available.won(), 85_000);
    assert_eq!(world.orders.len(), 1);
    assert_eq!((world.orders[0].buyer, world.orders[0].price.won()), (BORA, 15_000));
}

#[test]
fn nobody_bid_and_nothing_moves() {
    let mut world = World::simple();
    let events = world.close().unwrap();
    assert_eq!(events[0].outcome, Some(Outcome::Unsold));
    assert!(world.transfers.is_empty());
}

#[test]
fn an_outage_gives_back_the_time_it_took() {
    let gap = Span::minutes(40);
    // (end after the last heartbeat, how far it is moved beyond the later of end and return)
    for (end_after_heartbeat, moved) in [
        (Span::minutes(-1), None),
        (Span(0), Some(gap)),
        (Span::minutes(20), Some(gap)),
        (Span::minutes(45), Some(gap)),
        (Span(Span::minutes(45).0 + 1), None),
    ] {
        let mut world = World::simple();
        let heartbeat = world.auction.ends_at.minus(end_after_heartbeat);
        let outage = Outage { heartbeat, back: heartbeat.plus(gap) };
        let (end, latest) = (world.auction.ends_at, world.auction.latest);
        world.now = outage.back;
        let result = world.ask(&Command::ExtendForOutage(outage));
        match moved {
            None => assert_eq!(result, Err(Refusal::NotDue), "{end_after_heartbeat:?}"),
            Some(moved) => {
                assert_eq!(result.unwrap()[0].kind, EventKind::Extended);
                assert_eq!(world.auction.ends_at, end.max(outage.back).plus(moved));
                assert_eq!(world.auction.latest.since(latest), world.auction.ends_at.since(end));
                assert_eq!(
                    world.ask(&Command::ExtendForOutage(outage)),
                    Err(Refusal::NotDue),
                    "once for one outage"
                );
            }
        }
    }
}

#[test]
fn a_short_gap_still_gives_the_window_and_a_long_one_a_day() {
    for (gap, window, given) in [
        (Span::seconds(31), 0, Span::minutes(1)),
        (Span::seconds(31), 3, Span::minutes(3)),
        (Span::days(3), 3, Span::hours(24)),
    ] {
        let mut listing = listing();
        listing.soft_close_minutes = window;
        let mut world = World::of(&listing, &limits(), 0);
        let outage = Outage { heartbeat: world.auction.ends_at, back: world.auction.ends_at.plus(gap) };
        world.now = outage.back;
        world.ask(&Command::ExtendForOutage(outage)).unwrap();
        assert_eq!(world.auction.ends_at, outage.back.plus(given));
    }
}

#[test]
fn buying_releases_the_leader_and_pays_exactly_the_price() {
    for buyer in [ANNA, BORA] {
        let mut listing = listing();
        listing.buy_now_price = Some(30_000);
        let mut world = World::of(&listing, &limits(), 30_000);
        world.bid(ANNA, 20_000).unwrap();
        let events = world.buy_now(buyer).unwrap();
        assert_eq!(
            events.iter().map(|event| event.kind).collect::<Vec<_>>(),
            [EventKind::BuyNow, EventKind::Closed]
        );
        assert!(world.holds().is_empty());
        assert_eq!(world.escrow(), 30_000);
        assert_eq!(world.book.wallet(buyer).available.won(), 0);
    }
}
