//! Which order of an auction is the newest says its number within the auction: lanes give out the numbers of orders in runs of
//! their own, so that the second may well have the lower one.

use auction::{AuctionId, Command, Order, OrderCommand, OrderId, OrderState, Span, StepKind, Time};
use engine::{Accepted, Answer, Call};
use ledger::MemberId;
use store::records::{NoticeKind, Page};
use store::{Journal, Records};
use store_postgres::Limits;

use super::audit::assert_clean;
use super::hazards::{Meeting, broken};
use super::node::{Node, bid, is_accepted, is_refused};
use super::store::client;

/// Whose the second order is.
struct Scene {
    market: Meeting,
    seller: MemberId,
    anna: MemberId,
    bert: MemberId,
    chair: AuctionId,
    first: OrderId,
    second: OrderId,
}

async fn ask(node: &mut Node, member: MemberId, auction: AuctionId, command: Command) -> Answer {
    node.call(member, Call::Auction { auction, command }).await
}

fn of_order(order: OrderId, command: OrderCommand) -> Command {
    Command::Order { order, command: Box::new(command) }
}

/// The order whose first step this answer is, or that a sale opened.
fn opened(answer: &Answer) -> OrderId {
    match answer {
        Answer::Accepted(Accepted::Auction { order: Some(order), .. }) => *order,
        Answer::Accepted(Accepted::Order(step)) if step.kind == StepKind::Opened => step.order,
        other => panic!("no order was opened: {other:?}"),
    }
}

impl Scene {
    /// Anna buys by the lane with the later numbers, and lets it fall through; Bert takes it by the one with the earlier.
    async fn new() -> Scene {
        let mut market = Meeting::within(Limits::default(), 3).await;
        let [seller, anna, bert] = market.members[..] else { unreachable!("three were made") };
        let Meeting { one, other, .. } = &mut market;
        for member in [anna, bert] {
            other.deposit(member, 1_000_000).await;
        }
        let chair = other.list(seller, Some(90_000)).await;
        let (bidder, call) = bid(chair, bert, 20_000);
        assert!(is_accepted(&other.call(bidder, call).await));
        let first = opened(&ask(other, anna, chair, Command::BuyNow { buyer: anna, terms: None }).await);
        for member in [anna, seller] {
            let cancel = of_order(first, OrderCommand::Cancel { member });
            assert!(is_accepted(&ask(other, member, chair, cancel).await));
        }
        assert!(is_accepted(&ask(one, seller, chair, Command::Offer { seller }).await));
        let second = opened(&ask(one, bert, chair, Command::AcceptOffer { member: bert }).await);
        assert!(second < first, "the second has the lower number: {second:?} {first:?}");
        Scene { market, seller, anna, bert, chair, first, second }
    }

    async fn order(&self, id: OrderId) -> Order {
        self.market.records.order(id).await.unwrap().unwrap().order
    }

    async fn deadline(&self) -> Option<Time> {
        let client = client(&self.market.address).await;
        let sql = "SELECT at FROM deadlines WHERE auction = $1";
        let row = client.query_opt(sql, &[&self.chair.0]).await.unwrap();
        row.map(|row| Time(row.get(0)))
    }

    /// Days go by in which the house never rests; at the end both nodes look at what is due.
    async fn live(&mut self, days: i64) {
        let Meeting { one, other, clock, .. } = &mut self.market;
        clock.pass(Span::days(days));
        one.journal().beat().await.unwrap();
        for _ in 0..2 {
            clock.pass(Span::seconds(1));
            one.round(Vec::new()).await;
            other.round(Vec::new()).await;
        }
    }

    async fn kinds(&self, id: OrderId) -> Vec<StepKind> {
        let page = self.market.records.order(id).await.unwrap().unwrap();
        page.steps.into_iter().map(|step| step.kind).collect()
    }

    /// Both pages, the auction's own and the lists say which is which.
    async fn assert_read(&mut self) {
        let (first, second) = (self.order(self.first).await, self.order(self.second).await);
        assert_eq!((first.number, first.buyer, first.is_second_chance), (1, self.anna, false));
        assert_eq!((second.number, second.buyer, second.is_second_chance), (2, self.bert, true));
        assert_eq!(first.state, OrderState::Refunded);
        let aftermath = self.market.records.aftermath(self.chair).await.unwrap();
        assert_eq!(aftermath.order, Some(second.clone()));
        assert_eq!(self.deadline().await, second.due);
        for (member, order) in [(self.anna, self.first), (self.bert, self.second)] {
            let page = Page { cursor: None, limit: 9 };
            let rows = self.market.records.orders(member, page).await.unwrap().items;
            assert_eq!(rows.iter().map(|row| row.id).collect::<Vec<_>>(), [order]);
        }
        let open = self.market.other.journal().open_aftermaths(AuctionId(0), 9).await.unwrap();
        assert_eq!(open.contains(&self.chair), second.state.is_open());
    }
}

#[tokio::test]
async fn a_second_order_with_a_lower_number_goes_on_to_its_end() {
    let mut scene = Scene::new().await;
    let (seller, chair) = (scene.seller, scene.chair);
    scene.assert_read().await;
    assert_eq!(scene.order(scene.second).await.state, OrderState::ToHandOver);
    let ship = |order| {
        let (carrier, tracking) = ("우체국".to_owned(), "6012345678901".to_owned());
        of_order(order, OrderCommand::Ship { member: seller, carrier, tracking })
    };
    for id in [scene.first, scene.second] {
        let answer = ask(&mut scene.market.other, seller, chair, ship(id)).await;
        let is_newest = id == scene.second;
        assert!(
            if is_newest { is_accepted(&answer) } else { is_refused(&answer, "order_not_found") },
            "{answer:?}"
        );
    }
    let again = ask(&mut scene.market.one, seller, chair, Command::Offer { seller }).await;
    assert!(is_refused(&again, "item_not_free"), "{again:?}");
    scene.assert_read().await;
    // The closer asks on days 3, 7 and 10, and pays on day 14.
    for (days, asked) in [(3, 1), (4, 2), (3, 3)] {
        scene.live(days).await;
        assert_eq!(scene.order(scene.second).await.asked, asked);
        scene.assert_read().await;
    }
    scene.live(4).await;
    scene.assert_read().await;
    assert_eq!(scene.order(scene.second).await.state, OrderState::Done);
    assert_eq!(scene.deadline().await, None);
    use StepKind::{Asked, CancelWanted, Done, OfferAccepted, Offered, Opened, Refunded, Shipped};
    assert_eq!(scene.kinds(scene.first).await, [Opened, CancelWanted, Refunded, Offered, OfferAccepted]);
    assert_eq!(scene.kinds(scene.second).await, [Opened, Shipped, Asked, Asked, Asked, Done]);
    let client = client(&scene.market.address).await;
    for (what, sql) in [
        (
            "in escrow",
            "SELECT coalesce(sum(CASE WHEN to_account = 2 THEN amount ELSE -amount END), 0)::bigint FROM transfers \
                       WHERE 2 IN (from_account, to_account)",
        ),
        ("still due", "SELECT count(*) FROM deadlines"),
    ] {
        assert_eq!(broken(&client, sql).await, 0, "{what}");
    }
    let told = follow(&scene).await;
    assert!(
        told.contains(&(scene.bert, NoticeKind::Done)) || told.contains(&(seller, NoticeKind::Done)),
        "{told:?}"
    );
    scene.market.assert_sound().await;
    assert_clean(&scene.market.address).await;
}

/// A suspension finds that the thing may still be offered by the second order, and not by the first.
#[tokio::test]
async fn chores_go_by_the_newest_order() {
    let mut scene = Scene::new().await;
    let (chair, seller, bert) = (scene.chair, scene.seller, scene.bert);
    for member in [bert, seller] {
        let cancel = of_order(scene.second, OrderCommand::Cancel { member });
        assert!(is_accepted(&ask(&mut scene.market.other, member, chair, cancel).await));
    }
    // Of the second the seller would be at fault, so that nothing follows; the first fell through by its buyer.
    let client = client(&scene.market.address).await;
    let out = "UPDATE bidders SET is_out = false";
    let fault = format!("UPDATE orders SET fault = 1 WHERE id = {}", scene.second.0);
    client.batch_execute(&format!("{out}; {fault}")).await.unwrap();
    let at = scene.market.clock.now();
    scene.market.records.block(seller, bert, None, at).await.unwrap().unwrap();
    assert_eq!(broken(&client, "SELECT count(*) FROM chores").await, 0);
    let fault = format!("UPDATE orders SET fault = 1 - fault WHERE auction = {}", chair.0);
    client.batch_execute(&format!("{fault}; DELETE FROM blocks")).await.unwrap();
    scene.market.records.block(seller, bert, None, at).await.unwrap().unwrap();
    assert_eq!(broken(&client, "SELECT count(*) FROM chores").await, 1);
}

async fn follow(scene: &Scene) -> Vec<(MemberId, NoticeKind)> {
    let mut told = Vec::new();
    loop {
        let followed = scene.market.records.follow().await.unwrap();
        told.extend(followed.notices.into_iter().map(|(member, row)| (member, row.kind)));
        if !followed.more {
            return told;
        }
    }
}
