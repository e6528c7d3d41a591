//! Nothing ends because the house was away or its clock jumped.

use auction::{EventKind, OUTAGE_GAP_MAX, Outcome, Span};
use store::memory::Planted;

use crate::world::World;

#[tokio::test]
async fn clock_jump() {
    let mut world = World::with_bidders(2).await;
    let chair = world.list().await;
    let mut first = world.bid(chair, 2, 1_000);
    world.lane.step().await.unwrap();
    assert_eq!(first.code(), "accepted");
    let ends_at = world.auction(chair).ends_at;
    world.live_through(Span(ends_at.since(world.now()).0 - Span::minutes(30).0)).await;
    world.jump(Span::hours(1));
    let mut bid = world.bid(chair, 3, 2_000);
    world.lane.step().await.unwrap();
    assert_eq!(bid.code(), "accepted", "an hour forward: nothing ends by it");
    let after = world.auction(chair);
    assert_eq!(after.outcome, None);
    assert!(after.ends_at >= world.now().plus(Span::hours(1)));
    let extended =
        world.lane.journal().market.events.values().filter(|event| event.kind == EventKind::Extended);
    assert_eq!(extended.count(), 1);
}

#[tokio::test]
async fn an_outage_is_made_good_once_even_if_it_is_found_again() {
    let mut world = World::with_bidders(1).await;
    let chairs = [world.list().await, world.list().await];
    let ends_at = world.auction(chairs[0]).ends_at;
    world.live_through(Span(ends_at.since(world.now()).0 - Span::minutes(2).0)).await;
    let heartbeat = world.lane.journal().market.heartbeat;
    world.pass(Span::minutes(20));
    world.lane.begin().await.unwrap();
    let first = chairs.map(|chair| world.auction(chair));
    // The process ended after the extensions were kept and before the heartbeat went on.
    world.lane.journal().market.heartbeat = heartbeat;
    world.lane.begin().await.unwrap();
    assert_eq!(first, chairs.map(|chair| world.auction(chair)));
    assert!(
        first.iter().all(
            |auction| auction.ends_at == world.now().plus(Span(Span::minutes(20).0)).max(auction.ends_at)
        )
    );
    assert!(first.iter().all(|auction| auction.extensions == 1));
}

#[tokio::test]
async fn a_clock_that_falls_back_never_turns_an_auctions_time_back() {
    let mut world = World::with_bidders(2).await;
    let chair = world.list().await;
    world.pass(Span::minutes(20));
    let mut first = world.bid(chair, 2, 1_000);
    world.lane.step().await.unwrap();
    world.jump(Span(-Span::minutes(10).0));
    let mut second = world.bid(chair, 3, 2_000);
    world.lane.step().await.unwrap();
    assert_eq!((first.code().as_str(), second.code().as_str()), ("accepted", "accepted"));
    let events = &world.lane.journal().market.events;
    let times: Vec<_> =
        events.values().filter(|event| event.auction == chair).map(|event| event.at).collect();
    assert!(times.is_sorted(), "{times:?}");
}

/// The house died while it made an outage good, and was away for a second time: that time is given back too.
#[tokio::test]
async fn a_second_absence_before_the_first_was_made_good_counts() {
    let mut world = World::with_bidders(1).await;
    let chair = world.list().await;
    let ends_at = world.auction(chair).ends_at;
    world.live_through(Span(ends_at.since(world.now()).0 - Span::minutes(2).0)).await;
    let heartbeat = world.lane.journal().market.heartbeat;
    world.pass(Span::minutes(1));
    world.lane.begin().await.unwrap();
    let first = world.auction(chair);
    assert_eq!(first.extensions, 1);
    world.lane.journal().market.heartbeat = heartbeat;
    world.pass(Span::hours(2));
    world.lane.begin().await.unwrap();
    let second = world.auction(chair);
    assert_eq!((second.extensions, second.outcome), (2, None));
    assert_eq!(second.ends_at, world.now().plus(Span::hours(2)));
}

/// The wall clock runs a year ahead for two hours and is set back: the market goes on by its own time, and no end moves.
#[tokio::test]
async fn clock_jump_of_a_year_and_back_moves_nothing() {
    let mut world = World::with_bidders(2).await;
    let chair = world.list().await;
    let ends_at = world.auction(chair).ends_at;
    world.live_through(Span(ends_at.since(world.now()).0 - Span::hours(3).0)).await;
    world.jump(Span::days(365));
    world.live_through(Span::hours(1)).await;
    let mut during = world.bid(chair, 2, 1_000);
    world.lane.step().await.unwrap();
    world.live_through(Span::hours(1)).await;
    world.jump(Span::days(-365));
    let mut after = world.bid(chair, 3, 2_000);
    world.lane.step().await.unwrap();
    assert_eq!((during.code().as_str(), after.code().as_str()), ("accepted", "accepted"));
    let stands = world.auction(chair);
    assert_eq!((stands.ends_at, stands.extensions, stands.outcome), (ends_at, 0, None));
    assert_eq!((world.money(2), world.money(3)), ((1_000_000, 0), (998_000, 2_000)));
    world.live_through(Span::hours(1)).await;
    assert_eq!(world.auction(chair).outcome, Some(Outcome::Sold), "it ends when it was to end");
}

/// A step that is followed and taken back leaves an end at most twice the longest such step behind.
#[tokio::test]
async fn clock_jump_of_a_day_and_back_is_bounded() {
    let mut world = World::with_bidders(2).await;
    let chair = world.list().await;
    let ends_at = world.auction(chair).ends_at;
    world.live_through(Span(ends_at.since(world.now()).0 - Span::minutes(1).0)).await;
    world.jump(OUTAGE_GAP_MAX);
    world.lane.step().await.unwrap();
    assert_eq!(world.auction(chair).outcome, None, "nothing ends because of it");
    world.jump(Span(-OUTAGE_GAP_MAX.0));
    let mut bid = world.bid(chair, 2, 1_000);
    world.lane.step().await.unwrap();
    assert_eq!(bid.code(), "accepted");
    let late = world.auction(chair).ends_at.since(ends_at);
    assert!(late.0 <= 2 * OUTAGE_GAP_MAX.0, "{late:?}");
}

/// Nothing can be written for longer than an outage takes: whoever asks hears `busy`, the lane lives on, and when there is
/// room again the time is given back before anyone is served.
#[tokio::test]
async fn disk_full_for_longer_than_an_outage() {
    let mut world = World::with_bidders(2).await;
    let chair = world.list().await;
    let ends_at = world.auction(chair).ends_at;
    world.live_through(Span(ends_at.since(world.now()).0 - Span::minutes(1).0)).await;
    world.lane.journal().planted = vec![Planted::Unavailable; 1_000];
    for second in 0..120 {
        let mut refused = world.bid(chair, 2, 1_000);
        world.pass(Span::seconds(1));
        world.lane.step().await.unwrap();
        assert_eq!(refused.code(), "busy", "second {second}");
    }
    assert_eq!((world.auction(chair).bid_count, world.auction(chair).outcome), (0, None));
    world.lane.journal().planted.clear();
    let mut bid = world.bid(chair, 2, 1_000);
    world.lane.step().await.unwrap();
    assert_eq!(bid.code(), "accepted");
    let stands = world.auction(chair);
    assert_eq!(stands.extensions, 1);
    assert!(stands.ends_at >= world.now().plus(Span::minutes(2)), "the two minutes are given back");
}

/// A page of an outage made good whose commit was unknown, and kept, hides nothing of the pages behind it.
#[tokio::test]
async fn commit_unknown_while_an_outage_is_made_good() {
    let mut world = World::with_bidders(1).await;
    let mut auctions = Vec::new();
    for _ in 0..=engine::OUTAGE_PAGE {
        auctions.push(world.list().await);
    }
    let ends_at = world.auction(auctions[0]).ends_at;
    world.live_through(Span(ends_at.since(world.now()).0 - Span::minutes(1).0)).await;
    world.pass(Span::minutes(5));
    let planted = [Planted::UnknownKept, Planted::Nothing, Planted::Unavailable];
    world.lane.journal().planted.extend(planted);
    let mut bid = world.bid(auctions[0], 2, 1_000);
    world.lane.step().await.unwrap();
    assert_eq!(bid.code(), "accepted", "after the outage was made good from its beginning");
    for auction in auctions {
        let stands = world.auction(auction);
        assert_eq!((stands.outcome, stands.extensions >= 1), (None, true), "{auction:?}");
    }
}
