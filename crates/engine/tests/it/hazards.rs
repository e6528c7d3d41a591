//! Each hazard that this project exists to end and that one engine can show, under its own name.

use auction::{AuctionId, Outcome, Span};
use engine::{Accepted, Answer, Call};
use store::memory::Planted;

use crate::world::{World, bid, listing};

#[tokio::test]
async fn double_spend() {
    let mut world = World::with_bidders(1).await;
    let (one, other) = (world.list().await, world.list().await);
    let mut first = world.bid(one, 2, 600_000);
    let mut second = world.bid(other, 2, 600_000);
    world.lane.step().await.unwrap();
    assert_eq!((first.code().as_str(), second.code().as_str()), ("accepted", "insufficient_funds"));
    assert_eq!(world.money(2), (400_000, 600_000));
}

/// Whoever guesses the next number bids on nothing: an auction is known once its round is kept.
#[tokio::test]
async fn a_bid_in_the_round_of_its_listing() {
    let mut world = World::with_bidders(1).await;
    let now = world.now();
    let mut listed = world.ask(Call::List(Box::new(listing(now))));
    let mut bid = world.bid(AuctionId(1), 2, 1_000);
    world.lane.step().await.unwrap();
    assert_eq!((listed.code().as_str(), bid.code().as_str()), ("accepted", "auction_not_found"));
    assert_eq!(world.auction(AuctionId(1)).bid_count, 0);
    assert_eq!(world.money(2), (1_000_000, 0));
}

#[tokio::test]
async fn lost_update() {
    let mut world = World::with_bidders(10).await;
    let chair = world.list().await;
    let mut asked: Vec<_> = (2..=11).map(|bidder| world.bid(chair, bidder, 1_000)).collect();
    world.lane.step().await.unwrap();
    let codes: Vec<String> = asked.iter_mut().map(|asked| asked.code()).collect();
    assert_eq!(codes[0], "accepted");
    assert!(codes[1..].iter().all(|code| code == "below_minimum"), "{codes:?}");
    assert_eq!(world.auction(chair).bid_count, 1);
}

#[tokio::test]
async fn notice_before_commit() {
    let mut world = World::with_bidders(1).await;
    let chair = world.list().await;
    let before = world.hub.watched();
    for planted in [Planted::Unavailable, Planted::Rejected] {
        world.lane.journal().planted.push(planted);
        let mut asked = world.bid(chair, 2, 1_000);
        world.lane.step().await.unwrap();
        let expected = if planted == Planted::Rejected { "internal" } else { "busy" };
        assert_eq!(asked.code(), expected);
        assert_eq!(world.auction(chair).bid_count, 0);
        assert_eq!(world.hub.watched(), before);
    }
    let mut asked = world.bid(chair, 2, 1_000);
    assert_eq!(asked.code(), "unanswered", "nothing is answered before its round");
    world.lane.step().await.unwrap();
}

/// What a round did not keep is in no cache: the next bid is judged by what is kept, a watcher sees what is kept.
#[tokio::test]
async fn cache_of_rolled_back() {
    let mut world = World::with_bidders(2).await;
    let chair = world.list().await;
    let kept = world.auction(chair);
    for planted in [Planted::Unavailable, Planted::Rejected] {
        world.lane.journal().planted.push(planted);
        let mut lost = world.bid(chair, 2, 700_000);
        world.lane.step().await.unwrap();
        assert_ne!(lost.code(), "accepted");
        assert_eq!(world.auction(chair), kept);
        assert_eq!(world.money(2), (1_000_000, 0));
    }
    let mut next = world.bid(chair, 3, 1_000);
    world.lane.step().await.unwrap();
    assert_eq!(next.code(), "accepted", "the minimum is still the start price");
    assert_eq!(world.auction(chair).seq, kept.seq.next(), "no number was used up by what was not kept");
}

#[tokio::test]
async fn bid_after_close() {
    let mut world = World::with_bidders(2).await;
    let chair = world.list().await;
    let mut first = world.bid(chair, 2, 5_000);
    world.lane.step().await.unwrap();
    assert_eq!(first.code(), "accepted");
    let ends_at = world.auction(chair).ends_at;
    world.live_through(Span(ends_at.since(world.now()).0 - 1)).await;
    assert_eq!(world.auction(chair).outcome, None);
    world.pass(Span(1));
    let mut late = world.bid(chair, 3, 9_000);
    world.lane.step().await.unwrap();
    assert_eq!(late.code(), "closed");
    world.live_through(Span::seconds(2)).await;
    assert_eq!(world.auction(chair).outcome, Some(Outcome::Sold));
    assert_eq!((world.money(1), world.money(2)), ((0, 0), (995_000, 0)), "the price waits in escrow");
}

#[tokio::test]
async fn poison_command() {
    let mut world = World::with_bidders(9).await;
    let chair = world.list().await;
    // The store rejects the whole round, then its first half down to one command; the others are kept.
    world.lane.journal().planted.extend([
        Planted::Rejected,
        Planted::Rejected,
        Planted::Rejected,
        Planted::Rejected,
    ]);
    let mut asked: Vec<_> = (2..=9).map(|bidder| world.bid(chair, bidder, bidder * 1_000)).collect();
    world.lane.step().await.unwrap();
    let codes: Vec<String> = asked.iter_mut().map(|asked| asked.code()).collect();
    assert_eq!(codes[0], "internal");
    assert!(codes[1..].iter().all(|code| code == "accepted"), "{codes:?}");
    assert_eq!(world.auction(chair).bid_count, 7);
}

/// A bug in deciding one command is no stranger's misfortune: here the wallet of a member who does not exist.
#[tokio::test]
async fn a_command_that_panics_fails_alone() {
    let mut world = World::with_bidders(1).await;
    let chair = world.list().await;
    let mut nobody = world.bid(chair, 77, 1_000);
    let mut stranger = world.bid(chair, 2, 1_000);
    world.lane.step().await.unwrap();
    assert_eq!((nobody.code().as_str(), stranger.code().as_str()), ("internal", "accepted"));
}

#[tokio::test]
async fn commit_unknown() {
    for planted in [Planted::UnknownKept, Planted::UnknownNotKept] {
        let mut world = World::with_bidders(2).await;
        let chair = world.list().await;
        world.lane.journal().planted.push(planted);
        let mut one = world.bid(chair, 2, 1_000);
        let mut other = world.bid(chair, 3, 1_000);
        world.lane.step().await.unwrap();
        assert_eq!(
            (one.code().as_str(), other.code().as_str()),
            ("accepted", "below_minimum"),
            "{planted:?}"
        );
        assert_eq!(world.auction(chair).bid_count, 1);
        assert_eq!(world.money(2), (999_000, 1_000));
        assert_eq!(world.engine.figures().rounds_again, 1);
    }
}

/// Whoever was outbid in a round whose commit was unknown, and kept, hears that his money is free again.
#[tokio::test]
async fn commit_unknown_leaves_no_wallet_untold() {
    let mut world = World::with_bidders(2).await;
    let chair = world.list().await;
    world.bid(chair, 2, 1_000);
    world.lane.step().await.unwrap();
    let mut outbid = world.hub.connect();
    assert!(outbid.sign_in(ledger::MemberId(2), 1));
    world.lane.journal().planted.push(Planted::UnknownKept);
    let mut bid = world.bid(chair, 3, 2_000);
    world.lane.step().await.unwrap();
    assert_eq!(bid.code(), "accepted");
    let mut frames = Vec::new();
    outbid.collect(usize::MAX, &mut frames);
    let frames: Vec<&str> = frames.iter().map(|frame| frame.as_str()).collect();
    let is_free = |frame: &&str| frame.contains("\"wallet\"") && frame.contains("\"held\":0");
    assert!(frames.iter().any(is_free), "{frames:?}");
}

/// Twice unknown: nobody hears anything, and the process must end.
#[tokio::test]
async fn commit_unknown_twice_ends_the_lane() {
    let mut world = World::with_bidders(1).await;
    let chair = world.list().await;
    world.lane.journal().planted.extend([Planted::UnknownNotKept, Planted::UnknownNotKept]);
    let mut asked = world.bid(chair, 2, 1_000);
    assert!(world.lane.step().await.is_err());
    assert_eq!(asked.code(), "unanswered");
}

#[tokio::test]
async fn one_key_one_effect() {
    let mut world = World::with_bidders(2).await;
    let chair = world.list().await;
    let key = world.fresh_key(ledger::MemberId(2));
    let call = bid(chair, 2, 1_000);
    let mut twice = [world.ask_with(call.clone(), key.clone()), world.ask_with(call.clone(), key.clone())];
    world.lane.step().await.unwrap();
    let answers: Vec<_> = twice.iter_mut().map(|asked| asked.answer().unwrap()).collect();
    assert_eq!(answers[0], answers[1], "twice in one round");
    assert_eq!(world.auction(chair).bid_count, 1);
    let mut outbid = world.bid(chair, 3, 9_000);
    world.lane.step().await.unwrap();
    assert_eq!(outbid.code(), "accepted");
    world.live_through(Span::days(2)).await;
    let mut again = world.ask_with(call, key.clone());
    let mut other = world.ask_with(bid(chair, 2, 2_000), key.clone());
    let mut stranger =
        world.ask_with(bid(chair, 3, 10_000), store::Key { member: ledger::MemberId(3), ..key });
    world.lane.step().await.unwrap();
    assert_eq!(again.answer().unwrap(), answers[0], "after the close the first answer still stands");
    assert_eq!(other.code(), "key_reused");
    assert_eq!(stranger.code(), "closed", "a key speaks only for its member");
    assert!(matches!(answers[0], Answer::Accepted(Accepted::Auction { .. })));
}
