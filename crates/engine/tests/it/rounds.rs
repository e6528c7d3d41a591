//! What a round takes: bounds, fairness, ages, and what is due.

use auction::{Outcome, Span, Status};
use engine::{COMMANDS_WAITING_MAX, Call, Reply};
use ledger::MemberId;
use tokio::sync::oneshot;

use crate::world::{Asked, World, bid, listing};

#[tokio::test]
async fn a_full_mailbox_is_an_answer() {
    let mut world = World::with_bidders(1).await;
    let chair = world.list().await;
    let mut kept = Vec::new();
    for _ in 0..COMMANDS_WAITING_MAX {
        kept.push(world.bid(chair, 2, 1_000));
    }
    let (sender, _receiver) = oneshot::channel();
    let key = world.fresh_key(MemberId(2));
    assert!(world.engine.submit(bid(chair, 2, 1_000), key, Reply::One(sender)).is_err());
}

#[tokio::test]
async fn one_member_never_fills_a_round() {
    let mut world = World::with_bidders(2).await;
    let chair = world.list().await;
    let mut greedy: Vec<_> = (1..=100).map(|step| world.bid(chair, 2, step * 1_000)).collect();
    let mut other = world.bid(chair, 3, 65_000);
    world.lane.step().await.unwrap();
    assert_eq!(other.code(), "accepted", "64 of the first member's share the round, the others wait");
    let answered = greedy.iter_mut().filter_map(Asked::answer).count();
    assert_eq!(answered, 64);
    world.lane.step().await.unwrap();
    let answered = greedy.iter_mut().filter_map(Asked::answer).count();
    assert_eq!(answered, 36);
}

#[tokio::test]
async fn what_waited_too_long_hears_busy() {
    let mut world = World::with_bidders(1).await;
    let chair = world.list().await;
    let mut asked = world.bid(chair, 2, 1_000);
    world.pass(Span(Span::seconds(2).0 + 1));
    world.lane.step().await.unwrap();
    assert_eq!(asked.code(), "busy");
    assert_eq!(world.auction(chair).bid_count, 0);
}

#[tokio::test]
async fn an_auction_opens_and_ends_by_itself() {
    let mut world = World::with_bidders(1).await;
    let mut listing = listing(world.now());
    listing.starts_at = Some(world.now().plus(Span::hours(2)));
    let mut asked = world.ask(Call::List(Box::new(listing)));
    world.lane.step().await.unwrap();
    assert_eq!(asked.code(), "accepted");
    let chair = auction::AuctionId(1);
    let mut early = world.bid(chair, 2, 1_000);
    world.lane.step().await.unwrap();
    assert_eq!(early.code(), "not_started");
    world.live_through(Span::hours(3)).await;
    assert_eq!(world.auction(chair).status, Status::Open);
    world.live_through(Span::hours(22)).await;
    assert_eq!(world.auction(chair).outcome, Some(Outcome::Unsold));
    assert!(world.lane.journal().market.deadlines.is_empty());
}

/// Whoever finds an auction due opens it first, also when his own bid is then refused.
#[tokio::test]
async fn a_bid_opens_what_is_due() {
    let mut world = World::with_bidders(1).await;
    let mut listing = listing(world.now());
    listing.starts_at = Some(world.now().plus(Span::seconds(5)));
    world.ask(Call::List(Box::new(listing)));
    world.lane.step().await.unwrap();
    let chair = auction::AuctionId(1);
    world.pass(Span::seconds(5));
    let mut refused = world.bid(chair, 2, 1);
    world.lane.step().await.unwrap();
    assert_eq!(refused.code(), "below_minimum");
    assert_eq!(world.auction(chair).status, Status::Open);
}

#[tokio::test]
async fn a_moved_end_is_found_again() {
    let mut world = World::with_bidders(2).await;
    let chair = world.list().await;
    let ends_at = world.auction(chair).ends_at;
    world.live_through(Span(ends_at.since(world.now()).0 - Span::minutes(1).0)).await;
    let mut late = world.bid(chair, 2, 1_000);
    world.lane.step().await.unwrap();
    assert_eq!(late.code(), "accepted");
    world.live_through(Span::seconds(90)).await;
    assert_eq!(world.auction(chair).outcome, None, "past the listed end, before the moved one");
    world.live_through(Span::minutes(2)).await;
    assert_eq!(world.auction(chair).outcome, Some(Outcome::Sold));
}

#[tokio::test]
async fn ten_thousand_ending_in_one_second_do_not_keep_bids_waiting() {
    let mut world = World::with_bidders(1).await;
    let late = world.list().await;
    world.live_through(Span::hours(12)).await;
    for thousand in 1..=10 {
        let listings: Vec<_> = (0..1_000).map(|_| listing(world.now())).collect();
        for mut each in listings {
            each.ends_at = world.now().plus(Span::minutes(11));
            world.ask(Call::List(Box::new(each)));
        }
        while world.lane.journal().market.auctions.len() < thousand * 1_000 + 1 {
            world.lane.step().await.unwrap();
        }
    }
    world.live_through(Span(Span::minutes(11).0 - 1)).await;
    world.pass(Span::seconds(1));
    let mut bids_accepted = 0;
    for round in 1..=90 {
        let mut asked = world.bid(late, 2, round * 1_000);
        world.lane.step().await.unwrap();
        bids_accepted += i64::from(asked.code() == "accepted");
    }
    assert_eq!(bids_accepted, 90, "a bid in every round");
    let ended =
        world.lane.journal().market.auctions.values().filter(|auction| auction.outcome.is_some()).count();
    assert_eq!(ended, 10_000);
}
