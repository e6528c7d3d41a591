//! Deadlines that were lost are put back by the next lane that begins, on every store: what they were for is settled.

use auction::{Aftermath, AuctionId, Command, OfferState, OrderCommand, OrderState, Outcome, Span};
use conformance::journal::{HandClock, UnderTest};
use engine::{Accepted, Answer, Call};
use ledger::MemberId;
use rusqlite::Connection;
use store::{Due, Journal, Portion, Records, Wanted};

use crate::journal::NOON;
use crate::postgres::node::{Node, bid, is_accepted};
use crate::postgres::store::{Postgres, client, still, target};
use crate::stores::Sqlite;

/// Loses every deadline, once what runs was taken into listings.
trait Forgetful: UnderTest {
    async fn forget(&mut self, journal: &mut Self::Journal) -> usize;
}

impl Forgetful for Sqlite {
    async fn forget(&mut self, journal: &mut Self::Journal) -> usize {
        self.follow(journal).await;
        Connection::open(self.file()).unwrap().execute("DELETE FROM deadlines", []).unwrap()
    }
}

impl Forgetful for Postgres {
    async fn forget(&mut self, _: &mut Self::Journal) -> usize {
        let (_, records) = store_postgres::open(&target(self.address()), still()).await.unwrap();
        while records.follow().await.unwrap().more {}
        let client = client(self.address()).await;
        client.execute("DELETE FROM deadlines", &[]).await.unwrap().try_into().unwrap()
    }
}

async fn ask<J: Journal>(
    node: &mut Node<J>,
    member: MemberId,
    auction: AuctionId,
    command: Command,
) -> Answer {
    let answer = node.call(member, Call::Auction { auction, command }).await;
    assert!(is_accepted(&answer), "{answer:?}");
    answer
}

/// A chair that runs with a bid on it, a desk that was bought, and a lamp whose buyer let it fall through and that is offered to
/// the next; bought by the last of the members from the first.
async fn market<J: Journal>(node: &mut Node<J>, members: &[MemberId]) -> [AuctionId; 3] {
    let [seller, anna, buyer] = members[..] else { unreachable!("three were made") };
    for member in [anna, buyer] {
        node.deposit(member, 1_000_000).await;
    }
    let mut auctions = Vec::new();
    for _ in 0..3 {
        auctions.push(node.list(seller, Some(90_000)).await);
    }
    let [chair, desk, lamp] = auctions[..] else { unreachable!("three were listed") };
    for auction in [chair, lamp] {
        let (member, call) = bid(auction, anna, 5_000);
        assert!(is_accepted(&node.call(member, call).await));
    }
    ask(node, buyer, desk, Command::BuyNow { buyer, terms: None }).await;
    let bought = ask(node, buyer, lamp, Command::BuyNow { buyer, terms: None }).await;
    let Answer::Accepted(Accepted::Auction { order: Some(order), .. }) = bought else { panic!("{bought:?}") };
    for member in [buyer, seller] {
        let command = Box::new(OrderCommand::Cancel { member });
        ask(node, member, lamp, Command::Order { order, command }).await;
    }
    ask(node, seller, lamp, Command::Offer { seller }).await;
    [chair, desk, lamp]
}

async fn due<J: Journal>(journal: &mut J) -> Vec<Due> {
    journal.due(Portion::WHOLE, None, auction::Time(i64::MAX), 99).await.unwrap()
}

/// Every portion names what is its own, in pages.
async fn assert_named<J: Journal>(journal: &mut J, forgotten: &[AuctionId]) {
    for portions in [1, 2, 3] {
        for index in 0..portions {
            let portion = Portion::of(index, portions);
            let mine: Vec<AuctionId> = forgotten.iter().copied().filter(|id| portion.holds(*id)).collect();
            assert_eq!(journal.forgotten(portion, AuctionId(0), 99).await.unwrap(), mine, "{portion:?}");
        }
    }
    let page = journal.forgotten(Portion::WHOLE, AuctionId(0), 1).await.unwrap();
    assert_eq!(page, forgotten[..1.min(forgotten.len())]);
    if let Some(first) = forgotten.first() {
        assert_eq!(journal.forgotten(Portion::WHOLE, *first, 99).await.unwrap(), forgotten[1..]);
    }
}

async fn aftermath<J: Journal>(journal: &mut J, auction: AuctionId) -> (Option<Outcome>, Aftermath) {
    let wanted = Wanted { auctions: vec![auction], ..Wanted::default() };
    let mut loaded = journal.begin(&wanted).await.unwrap();
    journal.abandon().await;
    (loaded.auctions[&auction].outcome, loaded.aftermaths.remove(&auction).unwrap_or_default())
}

async fn what_was_forgotten_is_settled<S: Forgetful>(mut store: S, clock: HandClock) {
    let mut journal = store.open().await;
    let mut members = Vec::new();
    for _ in 0..3 {
        members.push(store.add_member(&mut journal).await);
    }
    let mut node = Node::living(journal, &clock, "one").await;
    let [chair, desk, lamp] = market(&mut node, &members).await;
    let stood = due(node.journal()).await;
    assert_eq!(stood.len(), 3);
    assert_named(node.journal(), &[]).await;

    assert_eq!(store.forget(node.journal()).await, 3);
    assert_named(node.journal(), &[chair, desk, lamp]).await;
    store.close(node.journal());
    drop(node);
    let mut node = Node::living(store.open().await, &clock, "again").await;
    assert_eq!(due(node.journal()).await, stood);
    assert_named(node.journal(), &[]).await;

    for _ in 0..8 {
        clock.pass(Span::days(1));
        node.journal().beat().await.unwrap();
        for _ in 0..2 {
            clock.pass(Span::seconds(1));
            node.round(Vec::new()).await;
        }
    }
    let (outcome, of_chair) = aftermath(node.journal(), chair).await;
    assert_eq!(outcome, Some(Outcome::Sold));
    assert_eq!(of_chair.order.map(|order| order.state), Some(OrderState::Refunded), "a week after the close");
    let (_, of_desk) = aftermath(node.journal(), desk).await;
    assert_eq!(of_desk.order.map(|order| order.state), Some(OrderState::Refunded));
    let (_, of_lamp) = aftermath(node.journal(), lamp).await;
    assert_eq!(of_lamp.offers[0].state, OfferState::Lapsed);
    assert!(due(node.journal()).await.is_empty());
    store.close(node.journal());
}

#[tokio::test]
async fn what_was_forgotten_is_settled_on_sqlite() {
    let clock = HandClock::at(NOON);
    what_was_forgotten_is_settled(Sqlite::new(&clock), clock).await;
}

#[tokio::test]
async fn what_was_forgotten_is_settled_on_postgres() {
    let clock = HandClock::at(NOON);
    what_was_forgotten_is_settled(Postgres::new(&clock), clock).await;
}
