//! Deadlines that are missing are put back when the house opens, and what they were for is done.

use auction::{AuctionId, Command, OfferState, OrderCommand, OrderId, OrderState, Outcome, Span};
use engine::Call;
use ledger::MemberId;
use store::memory::Planted;

use crate::world::{SELLER, World};

async fn ask(world: &mut World, call: Call) {
    let mut asked = world.ask(call);
    world.lane.step().await.unwrap();
    assert_eq!(asked.code(), "accepted");
}

/// Two members bid; the auction runs.
async fn running(world: &mut World) -> AuctionId {
    let chair = world.list().await;
    for (bidder, amount) in [(2, 3_000), (3, 5_000)] {
        let mut bid = world.bid(chair, bidder, amount);
        world.lane.step().await.unwrap();
        assert_eq!(bid.code(), "accepted");
    }
    chair
}

/// Sold to member 3.
async fn sold(world: &mut World) -> AuctionId {
    let chair = running(world).await;
    let left = world.auction(chair).ends_at.since(world.now());
    world.live_through(Span(left.0 + Span::seconds(2).0)).await;
    assert_eq!(world.auction(chair).outcome, Some(Outcome::Sold));
    chair
}

/// Fallen through by its buyer, and offered to member 2.
async fn offered(world: &mut World) -> AuctionId {
    let chair = sold(world).await;
    for member in [MemberId(3), SELLER] {
        let command = Box::new(OrderCommand::Cancel { member });
        let command = Command::Order { order: OrderId(1), command };
        ask(world, Call::Auction { auction: chair, command }).await;
    }
    ask(world, Call::Auction { auction: chair, command: Command::Offer { seller: SELLER } }).await;
    chair
}

/// Forgets the deadline and opens the house again; the deadline is what it was.
async fn forget(world: &mut World, chair: AuctionId) {
    let stood = world.lane.journal().market.deadlines.remove(&chair).unwrap();
    world.lane.begin().await.unwrap();
    assert_eq!(world.lane.journal().market.deadlines.get(&chair), Some(&stood));
}

#[tokio::test]
async fn an_auction_that_was_forgotten_is_closed() {
    let mut world = World::with_bidders(2).await;
    let chair = running(&mut world).await;
    forget(&mut world, chair).await;
    let left = world.auction(chair).ends_at.since(world.now());
    world.live_through(Span(left.0 + Span::seconds(2).0)).await;
    assert_eq!(world.auction(chair).outcome, Some(Outcome::Sold));
}

#[tokio::test]
async fn an_order_that_was_forgotten_is_settled() {
    let mut world = World::with_bidders(2).await;
    let chair = sold(&mut world).await;
    forget(&mut world, chair).await;
    world.live_through(Span(Span::days(7).0 + Span::minutes(1).0)).await;
    let market = &world.lane.journal().market;
    assert_eq!(market.orders[&OrderId(1)].state, OrderState::Refunded);
    assert!(market.deadlines.is_empty());
    assert_eq!(world.money(3), (1_000_000, 0));
}

#[tokio::test]
async fn an_offer_that_was_forgotten_lapses() {
    let mut world = World::with_bidders(2).await;
    let chair = offered(&mut world).await;
    forget(&mut world, chair).await;
    world.live_through(Span(Span::days(1).0 + Span::minutes(1).0)).await;
    assert_eq!(world.lane.journal().market.offers[&(chair, 1)].state, OfferState::Lapsed);
}

/// A dispute grown old waits for a person, and what is over for nobody: neither has a deadline, and neither gets one.
#[tokio::test]
async fn what_needs_none_gets_none() {
    let mut world = World::with_bidders(2).await;
    let chair = sold(&mut world).await;
    let command = Box::new(OrderCommand::Dispute { member: SELLER, text: "연락이 안 돼요".to_owned() });
    let command = Command::Order { order: OrderId(1), command };
    ask(&mut world, Call::Auction { auction: chair, command }).await;
    world.live_through(Span(Span::days(14).0 + Span::minutes(1).0)).await;
    let events = world.lane.journal().market.events.len();
    world.lane.begin().await.unwrap();
    let market = &world.lane.journal().market;
    assert_eq!(market.orders[&OrderId(1)].state, OrderState::Disputed);
    assert!(market.deadlines.is_empty() && market.events.len() == events);
}

/// It is put back before an outage is made good, which goes by deadlines: an auction that was forgotten gets its time as well.
#[tokio::test]
async fn an_outage_gives_time_to_what_was_forgotten() {
    let mut world = World::with_bidders(2).await;
    let chair = running(&mut world).await;
    let left = world.auction(chair).ends_at.since(world.now());
    world.live_through(Span(left.0 - Span::minutes(2).0)).await;
    world.lane.journal().market.deadlines.clear();
    world.pass(Span::minutes(20));
    world.lane.begin().await.unwrap();
    let after = world.auction(chair);
    assert_eq!(after.outcome, None);
    assert!(after.ends_at >= world.now().plus(Span::minutes(20)));
}

/// A store that is away when the house opens is asked again by the next sweep; one that may have kept it or not, by nobody here.
#[tokio::test]
async fn it_is_looked_for_until_it_was_seen() {
    let mut world = World::with_bidders(2).await;
    let chair = running(&mut world).await;
    let stood = world.lane.journal().market.deadlines.remove(&chair).unwrap();
    world.lane.journal().planted = vec![Planted::Unavailable];
    world.lane.begin().await.unwrap();
    assert_eq!(world.lane.journal().market.deadlines.get(&chair), None);
    world.live_through(Span::seconds(2)).await;
    assert_eq!(world.lane.journal().market.deadlines.get(&chair), Some(&stood));
    world.lane.journal().market.deadlines.remove(&chair);
    world.lane.journal().planted = vec![Planted::UnknownNotKept];
    assert!(world.lane.begin().await.is_err(), "only a new process can tell");
}
