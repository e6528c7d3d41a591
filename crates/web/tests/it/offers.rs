//! /auctions/{id}/offer: the next bidder's chance after a sale fell through by the buyer.

use auction::Span;
use serde_json::{Value, json};

use crate::ask::{Answer, refused};
use crate::house::House;

struct Fallen {
    house: House,
    seller: String,
    anna: String,
    bora: String,
    auction: i64,
}

impl Fallen {
    /// Sold to anna at 20,000 before bora, who bid 15,000.
    async fn sold() -> (Fallen, i64) {
        let house = House::new().await;
        let (_, seller) = house.member("seller").await;
        let (_, anna) = house.rich_member("anna", 100_000).await;
        let (_, bora) = house.rich_member("bora", 15_000).await;
        let auction = house.auction(&seller, json!({})).await;
        let sale = Fallen { house, seller, anna, bora, auction };
        assert_eq!(sale.say("bids", &sale.bora, json!({"amount": 15_000})).await.status, 201);
        assert_eq!(sale.say("bids", &sale.anna, json!({"amount": 20_000})).await.status, 201);
        sale.house.pass(Span::seconds(2));
        refused(&sale.say("offer", &sale.seller, json!({})).await, 409, "too_early");
        let sold = sale.say("sell-now", &sale.seller, json!({})).await;
        let order = sold.body["order"]["id"].as_i64().unwrap();
        (sale, order)
    }

    async fn new() -> Fallen {
        let (sale, order) = Fallen::sold().await;
        let open = sale.say("offer", &sale.seller, json!({})).await;
        refused(&open, 409, "item_not_free");
        for token in [&sale.anna, &sale.seller] {
            let path = format!("/api/v1/orders/{order}/cancel");
            assert_eq!(sale.house.order(&path, token, json!({})).send().await.status, 200);
        }
        sale
    }

    async fn say(&self, what: &str, token: &str, body: Value) -> Answer {
        self.house.order(&format!("/api/v1/auctions/{}/{what}", self.auction), token, body).send().await
    }

    async fn offered(&self, token: &str) -> Answer {
        self.house.ask("GET", &format!("/api/v1/auctions/{}/offer", self.auction)).by(token).send().await
    }
}

#[tokio::test]
async fn an_offer_that_is_taken_opens_an_order() {
    let sale = Fallen::new().await;
    refused(&sale.say("offer", &sale.anna, json!({})).await, 403, "not_seller");
    refused(&sale.say("offer/accept", &sale.bora, json!({})).await, 409, "no_offer");
    let made = sale.say("offer", &sale.seller, json!({})).await;
    assert_eq!(
        (made.status, &made.body["price"]),
        (201, &json!(5_000)),
        "nobody is left to force more: {}",
        made.text
    );
    assert_eq!(made.body["until"], sale.house.ahead(Span::hours(24)));
    refused(&sale.say("offer", &sale.seller, json!({})).await, 409, "item_not_free");
    let offered = sale.offered(&sale.bora).await;
    assert_eq!((offered.status, &offered.body["price"]), (200, &json!(5_000)));
    refused(&sale.offered(&sale.anna).await, 404, "not_found");
    refused(&sale.say("offer/accept", &sale.anna, json!({})).await, 409, "no_offer");
    let me = sale.house.ask("GET", "/api/v1/me").by(&sale.bora).send().await;
    let block = format!("/api/v1/members/{}/block", me.body["id"]);
    assert_eq!(sale.house.ask("POST", &block).by(&sale.seller).send().await.status, 204);
    refused(&sale.say("offer/accept", &sale.bora, json!({})).await, 403, "blocked");
    assert_eq!(sale.house.ask("DELETE", &block).by(&sale.seller).send().await.status, 204);
    let path = format!("/api/v1/auctions/{}/offer/accept", sale.auction);
    let accept = || sale.house.ask("POST", &path).by(&sale.bora).key("yes").send();
    let taken = accept().await;
    assert_eq!((taken.status, &taken.body["order"]["price"]), (201, &json!(5_000)), "{}", taken.text);
    sale.house.pass(Span::seconds(3));
    assert_eq!(accept().await.text, taken.text);
    let order = format!("/api/v1/orders/{}", taken.body["order"]["id"]);
    let seen = sale.house.ask("GET", &order).by(&sale.bora).send().await;
    assert_eq!((&seen.body["second_chance"], &seen.body["state"]), (&json!(true), &json!("to_hand_over")));
    let auction = sale.house.ask("GET", &format!("/api/v1/auctions/{}", sale.auction)).send().await;
    assert_eq!(
        (&auction.body["outcome"], &auction.body["price"]),
        (&json!("sold"), &json!(20_000)),
        "it stays"
    );
}

#[tokio::test]
async fn an_offer_may_be_declined_and_paid_only_with_what_is_there() {
    let sale = Fallen::new().await;
    sale.say("offer", &sale.seller, json!({})).await;
    let other = sale.house.auction(&sale.seller, json!({})).await;
    let bid = json!({"amount": 12_000});
    sale.house.order(&format!("/api/v1/auctions/{other}/bids"), &sale.bora, bid).send().await;
    let poor = sale.say("offer/accept", &sale.bora, json!({})).await;
    refused(&poor, 402, "insufficient_funds");
    assert_eq!((&poor.body["required"], &poor.body["available"]), (&json!(5_000), &json!(3_000)));
    assert_eq!(sale.say("offer/decline", &sale.bora, json!({})).await.status, 204);
    refused(&sale.say("offer/decline", &sale.bora, json!({})).await, 409, "no_offer");
    refused(&sale.say("offer", &sale.seller, json!({})).await, 409, "no_bidder_left");
}

#[tokio::test]
async fn nothing_is_offered_while_an_order_is_under_way_or_where_nothing_was_sold() {
    let (sale, _) = Fallen::sold().await;
    refused(&sale.say("offer", &sale.seller, json!({})).await, 409, "item_not_free");
    let unsold = sale.house.auction(&sale.seller, json!({})).await;
    let path = format!("/api/v1/auctions/{unsold}");
    sale.house.order(&format!("{path}/cancel"), &sale.seller, json!({})).send().await;
    let offer = sale.house.order(&format!("{path}/offer"), &sale.seller, json!({})).send().await;
    refused(&offer, 404, "order_not_found");
    refused(
        &sale.house.ask("GET", "/api/v1/auctions/999/offer").by(&sale.anna).send().await,
        404,
        "auction_not_found",
    );
}
