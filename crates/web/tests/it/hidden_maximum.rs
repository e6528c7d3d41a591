//! The leader's maximum is hidden from everyone but him, for ever as far as it lies above the price: an odd number is
//! planted and looked for in everything that others are told.

use auction::{AuctionId, Span};
use serde_json::{Value, json};

use crate::ask::Answer;
use crate::house::House;

/// What anna would pay, first and raised, and how people might write it. Neither is ever the price.
const PLANTED: [&str; 4] = ["7773331", "7,773,331", "8881117", "8,881,117"];

struct Market {
    house: House,
    seller: String,
    anna_id: i64,
    anna: String,
    bora: String,
    id: i64,
}

impl Market {
    async fn new() -> Market {
        let house = House::new().await;
        let (_, seller) = house.rich_member("seller", 100_000).await;
        let (anna_id, anna) = house.rich_member("anna", 10_000_000).await;
        let (_, bora) = house.rich_member("bora", 9_000_000).await;
        let listing = json!({
            "increments": "ladder", "soft_close_minutes": 0, "ends_at": house.ahead(Span::seconds(28)),
            "reserve_price": 50_000, "buy_now_price": 9_500_000,
        });
        let id = house.auction(&seller, listing).await;
        Market { house, seller, anna_id, anna, bora, id }
    }

    async fn bid(&self, token: &str, body: Value) -> Answer {
        self.house.order(&format!("/api/v1/auctions/{}/bids", self.id), token, body).send().await
    }

    /// Everything that others than anna can ask for, and some of what they are refused.
    async fn asked_by(&self, token: Option<&str>) -> Vec<Answer> {
        let (id, anna) = (self.id, self.anna_id);
        let mut paths = vec![
            format!("/api/v1/auctions/{id}"),
            format!("/api/v1/auctions/{id}/bids"),
            format!("/api/v1/auctions/{id}/events"),
            format!("/api/v1/auctions/{id}/events?since=2&limit=1"),
            format!("/api/v1/auctions/{id}/notes"),
            format!("/api/v1/members/{anna}"),
            format!("/api/v1/members/{anna}/reviews"),
            "/api/v1/auctions".to_owned(),
            "/api/v1/auctions?sort=price_desc&status=open".to_owned(),
            "/api/v1/auctions?sort=bids&min_price=1".to_owned(),
            "/healthz".to_owned(),
            "/readyz".to_owned(),
        ];
        if token.is_some() {
            let own = [
                "me",
                "me/bids",
                "me/auctions",
                "me/acts",
                "wallet",
                "wallet/transfers",
                "wallet/statement",
                "wallet/withdrawals",
                "notices",
                "orders",
                "orders/1",
            ];
            paths.extend(own.iter().map(|path| format!("/api/v1/{path}")));
            paths.push(format!("/api/v1/auctions/{id}/offer"));
        }
        let mut answers = Vec::new();
        for path in paths {
            let ask = self.house.ask("GET", &path);
            answers
                .push(token.map_or_else(|| self.house.ask("GET", &path), |token| ask.by(token)).send().await);
        }
        answers
    }

    /// What is refused, with its figures, to everyone else.
    async fn refusals(&self) -> Vec<Answer> {
        let mut answers = Vec::new();
        for token in [&self.bora, &self.seller] {
            for body in [
                json!({"amount": 5_001}),
                json!({"amount": 1_000_000_000_001_i64}),
                json!({"maximum": 9_400_000}),
                json!({"amount": 5_000, "terms": 0}),
            ] {
                answers.push(self.bid(token, body).await);
            }
            for what in ["cancel", "sell-now", "offer", "offer/accept"] {
                let path = format!("/api/v1/auctions/{}/{what}", self.id);
                let before = self.house.order(&path, &self.bora, json!({})).send().await;
                answers.push(before);
            }
            let path = format!("/api/v1/auctions/{}/reserve", self.id);
            answers.push(self.house.order(&path, token, json!({"reserve_price": 9_400_000})).send().await);
        }
        answers
    }

    /// Looks for the planted numbers in everything that anyone but anna is told now.
    async fn nobody_is_told(&self, when: &str) {
        self.house.follow().await;
        let mut answers = self.asked_by(None).await;
        answers.extend(self.asked_by(Some(&self.bora)).await);
        answers.extend(self.asked_by(Some(&self.seller)).await);
        answers.extend(self.refusals().await);
        for answer in &answers {
            not_in(&answer.text, when);
            // Each header by its name and value: ETag, Location, Retry-After, Content-Disposition …
            not_in(&format!("{:?}", answer.headers), when);
        }
        let metrics = crate::ask::Ask::new(self.house.metrics, None, "GET", "/metrics").send().await;
        not_in(&metrics.text, when);
        let row = self.house.records.auction(AuctionId(self.id)).await.unwrap().unwrap();
        not_in(live::frame::auction(&row.auction, 1, self.house.now()).as_str(), when);
        let own = self.house.ask("GET", &format!("/api/v1/auctions/{}", self.id)).by(&self.anna).send().await;
        let is_told = PLANTED.iter().any(|planted| own.text.contains(planted));
        assert!(is_told, "she herself is told, {when}: {}", own.text);
    }
}

#[track_caller]
fn not_in(text: &str, when: &str) {
    for planted in PLANTED {
        assert!(!text.contains(planted), "{planted} is told {when}: {text}");
    }
}

#[tokio::test]
async fn a_hidden_maximum_is_told_to_nobody() {
    let market = Market::new().await;
    let placed = market.bid(&market.anna, json!({"maximum": 7_773_331})).await;
    not_in(&placed.text, "in the answer to the bid itself, which is public but for `mine`");
    market.nobody_is_told("while it leads").await;

    let seen = async || {
        let mut seen = market.house.ask("GET", &format!("/api/v1/auctions/{}", market.id)).send().await;
        seen.body.as_object_mut().unwrap().remove("now");
        seen.body
    };
    let before = seen().await;
    let raised = market.bid(&market.anna, json!({"maximum": 8_881_117})).await;
    assert_eq!(raised.body["maximum"], 8_881_117);
    assert_eq!(seen().await, before, "a raise changes nothing that others can see");
    market.nobody_is_told("after it was raised").await;

    let beaten = market.bid(&market.bora, json!({"maximum": 60_000})).await;
    assert_eq!((beaten.status, &beaten.body["auction"]["price"]), (201, &json!(60_000)), "{}", beaten.text);
    not_in(&beaten.text, "to a challenger");
    market.nobody_is_told("after it answered a challenger").await;

    market.house.pass(Span::seconds(28));
    let mut looks = 0;
    while seen().await["status"] != "ended" {
        looks += 1;
        assert!(looks < 100_000, "the auction was not closed");
    }
    assert_eq!(seen().await["price"], 60_000, "sold far below it");
    market.nobody_is_told("after the end").await;
    let order = market.house.ask("GET", "/api/v1/orders/1").by(&market.seller).send().await;
    assert_eq!(order.status, 200, "the seller has been asked for it");
    not_in(&order.text, "in the order");
}
