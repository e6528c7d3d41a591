//! What the house does by itself after the hammer and after blocks: each once, whatever comes in between.

use auction::{
    AuctionId, Bid, Command, EventKind, Hand, OfferState, OrderCommand, OrderId, OrderState, Outcome, Span,
    StepKind,
};
use engine::{Accepted, Answer, Call};
use ledger::{MemberId, Reason};
use store::{Chore, ChoreId};

use crate::world::{SELLER, World};

const BUYER: MemberId = MemberId(2);

fn maximum(auction: AuctionId, bidder: i64, maximum: i64) -> Call {
    let bid = Bid { bidder: MemberId(bidder), amount: None, maximum: Some(maximum), terms: None };
    Call::Auction { auction, command: Command::Bid(bid) }
}

fn of_order(auction: AuctionId, command: OrderCommand) -> Call {
    Call::Auction { auction, command: Command::Order { order: OrderId(1), command: Box::new(command) } }
}

/// An auction that was sold to member 2 for 5,000 won a moment ago.
async fn sold(world: &mut World) -> AuctionId {
    let chair = world.list().await;
    let mut bid = world.bid(chair, 2, 5_000);
    world.lane.step().await.unwrap();
    assert_eq!(bid.code(), "accepted");
    let left = world.auction(chair).ends_at.since(world.now());
    world.live_through(Span(left.0 + Span::seconds(2).0)).await;
    assert_eq!(world.auction(chair).outcome, Some(Outcome::Sold));
    chair
}

fn state(world: &mut World) -> OrderState {
    world.lane.journal().market.orders[&OrderId(1)].state
}

fn moved(world: &mut World, reason: Reason) -> i64 {
    let transfers = world.lane.journal().market.transfers.values();
    transfers.filter(|new| new.transfer.reason == reason).map(|new| new.transfer.amount.won()).sum()
}

#[tokio::test]
async fn a_silent_raise_is_kept_and_told_nobody() {
    let mut world = World::with_bidders(2).await;
    let chair = world.list().await;
    let mut first = world.ask(maximum(chair, 2, 9_000));
    world.lane.step().await.unwrap();
    assert_eq!(first.code(), "accepted");
    let (before, events) = (world.auction(chair), world.lane.journal().market.events.len());
    let key = world.fresh_key(BUYER);
    let mut answers = Vec::new();
    for _ in 0..2 {
        let mut raise = world.ask_with(maximum(chair, 2, 50_000), key.clone());
        world.lane.step().await.unwrap();
        answers.push(raise.answer());
    }
    let after = world.auction(chair);
    assert_eq!(world.lane.journal().market.events.len(), events);
    assert_eq!((after.seq, after.price), (before.seq, before.price));
    assert_eq!(world.money(2), (950_000, 50_000));
    let Some(Answer::Accepted(Accepted::Silent { event, maximum })) = &answers[0] else {
        panic!("not silent: {:?}", answers[0])
    };
    assert_eq!((event.seq, maximum.won()), (before.seq, 50_000));
    let Some(Answer::Accepted(Accepted::Silent { event: again, maximum })) = &answers[1] else {
        panic!("not silent again: {:?}", answers[1])
    };
    assert_eq!(
        (again.seq, again.price, again.minimum, maximum.won()),
        (before.seq, event.price, event.minimum, 50_000)
    );
}

#[tokio::test]
async fn an_order_that_nobody_acts_on_is_refunded_once() {
    let mut world = World::with_bidders(1).await;
    sold(&mut world).await;
    assert_eq!(state(&mut world), OrderState::ToHandOver);
    world.live_through(Span(Span::days(7).0 + Span::minutes(5).0)).await;
    assert_eq!(state(&mut world), OrderState::Refunded);
    assert_eq!((world.money(1), world.money(2)), ((0, 0), (1_000_000, 0)));
    world.live_through(Span::minutes(5)).await;
    assert_eq!(moved(&mut world, Reason::Refund), 5_000, "once");
    assert_eq!(world.lane.journal().market.marks.len(), 1);
    assert_eq!(world.lane.journal().market.deadlines.len(), 0, "nothing is left to look at");
}

#[tokio::test]
async fn an_outage_moves_an_orders_deadline_by_all_of_it_once() {
    let mut world = World::with_bidders(1).await;
    let chair = sold(&mut world).await;
    let before = world.lane.journal().market.orders[&OrderId(1)].clone();
    world.pass(Span::hours(5));
    let heartbeat = world.lane.journal().market.heartbeat;
    world.lane.begin().await.unwrap();
    let after = world.lane.journal().market.orders[&OrderId(1)].clone();
    let gap = after.due.unwrap().since(before.due.unwrap());
    assert!(
        gap.0 >= Span::hours(5).0 - Span::seconds(1).0 && gap.0 <= Span::hours(5).0 + Span::seconds(30).0
    );
    assert_eq!(world.lane.journal().market.deadlines[&chair], after.due.unwrap());
    // It died after the extension was kept and before the heartbeat went on.
    world.lane.journal().market.heartbeat = heartbeat;
    world.lane.begin().await.unwrap();
    assert_eq!(world.lane.journal().market.orders[&OrderId(1)].due, after.due);
}

#[tokio::test]
async fn the_right_code_pays_the_seller_once() {
    let mut world = World::with_bidders(1).await;
    let chair = sold(&mut world).await;
    let code = world.lane.journal().market.orders[&OrderId(1)].receipt_code;
    let wrong = format!("{:06}", (code + 1) % 1_000_000);
    let enter = |code: &str| {
        of_order(chair, OrderCommand::EnterReceiptCode { member: SELLER, code: code.to_owned() })
    };
    let mut first = world.ask(enter(&wrong));
    world.lane.step().await.unwrap();
    let Some(Answer::Accepted(Accepted::Order(step))) = first.answer() else { panic!("not a step") };
    assert_eq!((step.kind, step.state), (StepKind::WrongCode, OrderState::ToHandOver));
    let key = world.fresh_key(SELLER);
    for _ in 0..2 {
        let mut right = world.ask_with(enter(&format!("{code:06}")), key.clone());
        world.lane.step().await.unwrap();
        let Some(Answer::Accepted(Accepted::Order(step))) = right.answer() else { panic!("not a step") };
        assert_eq!(step.kind, StepKind::Done);
    }
    assert_eq!((world.money(1), world.money(2)), ((5_000, 0), (995_000, 0)));
    assert_eq!(moved(&mut world, Reason::Payout), 5_000);
}

#[tokio::test]
async fn who_leaves_without_an_event_is_to_be_told() {
    let mut world = World::with_bidders(3).await;
    let chair = world.list().await;
    for (bidder, amount) in [(2, 1_000), (3, 4_000)] {
        let mut bid = world.bid(chair, bidder, amount);
        world.lane.step().await.unwrap();
        assert_eq!(bid.code(), "accepted");
    }
    let before = world.auction(chair);
    let (id, member) = (ChoreId(1), Some(MemberId(2)));
    let chore = Chore { id, auction: chair, member, by: Hand::House, reason: None };
    world.lane.journal().market.chores.insert(id, chore);
    world.live_through(Span::seconds(3)).await;
    assert_eq!(world.auction(chair), before);
    let told: Vec<_> = world.lane.journal().market.removals.keys().copied().collect();
    assert_eq!(told, [(chair, MemberId(2))]);
}

#[tokio::test]
async fn chores_are_done_once_and_those_that_cannot_be_done_are_forgotten() {
    let mut world = World::with_bidders(3).await;
    let chair = world.list().await;
    for (bidder, amount) in [(2, 1_000), (3, 4_000)] {
        let mut bid = world.bid(chair, bidder, amount);
        world.lane.step().await.unwrap();
        assert_eq!(bid.code(), "accepted");
    }
    let chore = |id, member| Chore {
        id: ChoreId(id),
        auction: chair,
        member: Some(MemberId(member)),
        by: Hand::House,
        reason: None,
    };
    for chore in [chore(1, 3), chore(2, 3), chore(3, 9)] {
        world.lane.journal().market.chores.insert(chore.id, chore);
    }
    world.live_through(Span::seconds(25)).await;
    let after = world.auction(chair);
    assert_eq!((after.leader, after.price.won(), after.bid_count), (None, 1_000, 0));
    assert_eq!(world.money(3), (1_000_000, 0));
    assert!(world.lane.journal().market.chores.is_empty());
    let removals = &world.lane.journal().market.removals;
    assert_eq!(removals.len(), 0, "with the leader an event told it");
    let resets = world.lane.journal().market.events.values().filter(|event| event.kind == EventKind::Reset);
    assert_eq!(resets.count(), 1);
}

/// What the web's door would have written.
fn plant_chore(world: &mut World, auction: AuctionId, member: i64) {
    let id = ChoreId(7);
    let chore = Chore { id, auction, member: Some(MemberId(member)), by: Hand::House, reason: None };
    world.lane.journal().market.chores.insert(id, chore);
}

/// Sold to member 3, who let it fall through; members 2 and 4 bid as well, and it is offered to member 4.
async fn offered(world: &mut World) -> AuctionId {
    let chair = world.list().await;
    for (bidder, amount) in [(2, 1_000), (4, 3_000), (3, 5_000)] {
        let mut bid = world.bid(chair, bidder, amount);
        world.lane.step().await.unwrap();
        assert_eq!(bid.code(), "accepted");
    }
    let left = world.auction(chair).ends_at.since(world.now());
    world.live_through(Span(left.0 + Span::seconds(2).0)).await;
    for member in [MemberId(3), SELLER] {
        let mut cancel = world.ask(of_order(chair, OrderCommand::Cancel { member }));
        world.lane.step().await.unwrap();
        assert_eq!(cancel.code(), "accepted");
    }
    offer(world, chair).await;
    chair
}

async fn offer(world: &mut World, chair: AuctionId) {
    let mut offer = world.ask(Call::Auction { auction: chair, command: Command::Offer { seller: SELLER } });
    world.lane.step().await.unwrap();
    assert_eq!(offer.code(), "accepted");
}

#[tokio::test]
async fn what_is_offered_to_whoever_is_suspended_goes_to_the_next() {
    let mut world = World::with_bidders(3).await;
    let chair = offered(&mut world).await;
    plant_chore(&mut world, chair, 4);
    world.live_through(Span::seconds(2)).await;
    let accept = Command::AcceptOffer { member: MemberId(4) };
    let mut accept = world.ask(Call::Auction { auction: chair, command: accept });
    world.lane.step().await.unwrap();
    assert_eq!(accept.code(), "no_offer");
    offer(&mut world, chair).await;
    let market = &world.lane.journal().market;
    assert!(market.chores.is_empty() && market.bidders[&(chair, MemberId(4))].is_out);
    let offers: Vec<_> = market.offers.values().map(|offer| (offer.member.0, offer.state)).collect();
    assert_eq!(offers, [(4, OfferState::Lapsed), (2, OfferState::Open)]);
    assert_eq!(market.deadlines[&chair], market.offers[&(chair, 2)].until);
}

/// What comes upon an auction whose end has come waits until it is settled: then it is known what follows.
#[tokio::test]
async fn a_chore_waits_for_the_close() {
    let mut world = World::with_bidders(2).await;
    let chair = world.list().await;
    for (bidder, amount) in [(2, 1_000), (3, 4_000)] {
        let mut bid = world.bid(chair, bidder, amount);
        world.lane.step().await.unwrap();
        assert_eq!(bid.code(), "accepted");
    }
    let left = world.auction(chair).ends_at.since(world.now());
    world.live_through(Span(left.0 - Span::seconds(2).0)).await;
    plant_chore(&mut world, chair, 2);
    // Chores come before closings.
    for (left, is_out) in [(1, false), (0, true)] {
        world.pass(Span::seconds(5));
        world.lane.step().await.unwrap();
        let auction = world.auction(chair);
        let market = &world.lane.journal().market;
        assert_eq!(auction.leader.map(|leader| leader.member), Some(MemberId(3)));
        assert_eq!((auction.outcome, market.chores.len()), (Some(Outcome::Sold), left));
        assert_eq!(market.bidders[&(chair, MemberId(2))].is_out, is_out);
    }
}
