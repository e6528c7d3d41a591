//! Maximums through HTTP: what a bid is answered when the house bids for somebody, and that it is answered the same again.

use auction::Span;
use serde_json::{Value, json};

use crate::ask::{Answer, refused};
use crate::house::House;

struct Chair {
    house: House,
    seller: String,
    anna: String,
    bora: String,
    id: i64,
}

impl Chair {
    async fn new(more: Value) -> Chair {
        let house = House::new().await;
        let (_, seller) = house.member("seller").await;
        let (_, anna) = house.rich_member("anna", 100_000).await;
        let (_, bora) = house.rich_member("bora", 100_000).await;
        let id = house.auction(&seller, more).await;
        Chair { house, seller, anna, bora, id }
    }

    /// Bids, and asks once more with the same key: the answer is the same to the letter.
    async fn bid(&self, token: &str, key: &'static str, body: Value) -> Answer {
        let path = format!("/api/v1/auctions/{}/bids", self.id);
        let say = || self.house.ask("POST", &path).by(token).key(key).json(body.clone()).send();
        let first = say().await;
        self.house.pass(Span::seconds(1));
        if first.status == 201 {
            let again = say().await;
            assert_eq!((again.status, &again.text), (201, &first.text));
        }
        first
    }

    async fn rows(&self) -> Vec<(String, i64, i64, String)> {
        let path = format!("/api/v1/auctions/{}/bids", self.id);
        let rows = self.house.ask("GET", &path).send().await;
        let row = |row: &Value| {
            let text = |name: &str| row[name].as_str().unwrap().to_owned();
            (text("kind"), row["bidder"].as_i64().unwrap(), row["amount"].as_i64().unwrap(), text("rule"))
        };
        rows.body["items"].as_array().unwrap().iter().rev().map(row).collect()
    }
}

fn row(kind: &str, bidder: i64, amount: i64, rule: &str) -> (String, i64, i64, String) {
    (kind.to_owned(), bidder, amount, rule.to_owned())
}

#[tokio::test]
async fn a_raise_that_nobody_sees_is_answered_with_the_maximum() {
    let chair = Chair::new(json!({})).await;
    let first = chair.bid(&chair.anna, "a", json!({"maximum": 20_000})).await;
    assert_eq!((&first.body["bid"]["amount"], &first.body["auction"]["seq"]), (&json!(5_000), &json!(3)));
    assert!(first.body.get("maximum").is_none(), "a bid is a bid");
    let raised = chair.bid(&chair.anna, "b", json!({"maximum": 30_000})).await;
    let expected = json!({
        "bid": null, "maximum": 30_000,
        "auction": {
            "id": chair.id, "seq": 3, "price": 5_000, "minimum": 6_000, "bid_count": 1,
            "ends_at": first.body["auction"]["ends_at"], "leading": true,
        },
    });
    assert_eq!(raised.body, expected);
    assert_eq!(chair.rows().await, [row("bid", 1, 5_000, "start")]);
    let beaten = chair.bid(&chair.bora, "c", json!({"amount": 12_000, "maximum": 15_000})).await;
    let auction = &beaten.body["auction"];
    assert_eq!(
        (&auction["seq"], &auction["leading"], &auction["price"]),
        (&json!(5), &json!(false), &json!(15_000))
    );
    assert_eq!((&beaten.body["bid"]["seq"], &beaten.body["bid"]["amount"]), (&json!(4), &json!(15_000)));
    let again = chair.bid(&chair.anna, "b", json!({"maximum": 30_000})).await;
    assert_eq!(again.text, raised.text, "though the price has risen since");
    let rows =
        [row("bid", 1, 5_000, "start"), row("bid", 2, 15_000, "matched"), row("auto", 1, 15_000, "matched")];
    assert_eq!(chair.rows().await, rows);
    refused(&chair.bid(&chair.anna, "b", json!({"maximum": 31_000})).await, 409, "key_reused");
    let lower = chair.bid(&chair.anna, "d", json!({"maximum": 30_000})).await;
    refused(&lower, 409, "maximum_not_higher");
    assert_eq!(lower.body["maximum"], 30_000);
    let over = chair.bid(&chair.bora, "e", json!({"maximum": 31_000})).await;
    assert_eq!(
        (&over.body["bid"]["amount"], &over.body["auction"]["leading"]),
        (&json!(31_000), &json!(true))
    );
    assert_eq!(chair.rows().await.last(), Some(&row("bid", 2, 31_000, "overtaken")));
}

#[tokio::test]
async fn a_challenger_who_makes_the_leader_buy_hears_that_it_is_over_and_has_no_order() {
    let chair = Chair::new(json!({"buy_now_price": 30_000})).await;
    chair.bid(&chair.anna, "a", json!({"maximum": 50_000})).await;
    let beaten = chair.bid(&chair.bora, "b", json!({"maximum": 40_000})).await;
    assert!(beaten.body.get("order").is_none(), "the order is the leader's: {}", beaten.text);
    let auction = &beaten.body["auction"];
    assert_eq!((&auction["seq"], &auction["outcome"]), (&json!(6), &json!("bought")));
    assert_eq!((&auction["leading"], &auction["minimum"]), (&json!(false), &Value::Null));
    let seen = chair.house.ask("GET", &format!("/api/v1/auctions/{}", chair.id)).send().await;
    assert_eq!(seen.body["seq"], 6);
    let rows = [
        row("bid", 1, 5_000, "start"),
        row("bid", 2, 30_000, "matched"),
        row("buy_now", 1, 30_000, "buy_now"),
    ];
    assert_eq!(chair.rows().await, rows);
    for (token, orders) in [(&chair.anna, 1), (&chair.bora, 0), (&chair.seller, 1)] {
        let found = chair.house.ask("GET", "/api/v1/orders").by(token).send().await;
        assert_eq!(found.body["items"].as_array().unwrap().len(), orders);
    }
}

#[tokio::test]
async fn a_raise_that_reaches_the_reserve_is_a_row() {
    let chair = Chair::new(json!({"reserve_price": 20_000})).await;
    let reserve = async |token: &str| {
        let seen = chair.house.ask("GET", &format!("/api/v1/auctions/{}", chair.id)).by(token).send().await;
        (seen.body["reserve"].clone(), seen.body.get("reserve_price").cloned())
    };
    assert_eq!(reserve(&chair.seller).await, (json!("not_met"), Some(json!(20_000))), "he set it");
    assert_eq!(reserve(&chair.bora).await, (json!("not_met"), None));
    chair.bid(&chair.anna, "a", json!({"maximum": 12_000})).await;
    let raised = chair.bid(&chair.anna, "b", json!({"maximum": 25_000})).await;
    assert_eq!(
        (&raised.body["bid"]["kind"], &raised.body["bid"]["amount"]),
        (&json!("auto"), &json!(20_000))
    );
    assert_eq!(raised.body["auction"]["price"], 20_000);
    assert_eq!(reserve(&chair.bora).await, (json!("met"), None));
    assert_eq!(chair.rows().await.last(), Some(&row("auto", 1, 20_000, "reserve")));
}

#[tokio::test]
async fn after_twenty_bids_in_vain_a_member_waits() {
    let chair = Chair::new(json!({"bid_unit": 1})).await;
    chair.bid(&chair.anna, "a", json!({"maximum": 90_000})).await;
    let path = format!("/api/v1/auctions/{}/bids", chair.id);
    let bid = |amount: i64| chair.house.order(&path, &chair.bora, json!({"amount": amount})).send();
    for vain in 1..=20 {
        assert_eq!(bid(5_000 + 10 * vain).await.status, 201, "bid {vain}");
    }
    let often = bid(6_000).await;
    refused(&often, 429, "too_many_bids");
    let seconds = often.body["retry_after"].as_i64().unwrap();
    assert!((3_590..=3_600).contains(&seconds), "{seconds}");
    assert_eq!(often.header("retry-after"), seconds.to_string());
}

#[tokio::test]
async fn figures_of_a_maximum_are_judged_like_those_of_an_amount() {
    let chair = Chair::new(json!({})).await;
    let bid = |body| chair.bid(&chair.anna, "k", body);
    refused(&bid(json!({"amount": 9_000, "maximum": 8_000})).await, 422, "amount_invalid");
    refused(&bid(json!({"maximum": 0})).await, 422, "amount_invalid");
    let off = bid(json!({"maximum": 7_700})).await;
    refused(&off, 422, "off_step");
    assert_eq!((&off.body["field"], &off.body["below"]), (&json!("maximum"), &json!(7_000)));
    let poor = bid(json!({"amount": 5_000, "maximum": 101_000})).await;
    refused(&poor, 402, "insufficient_funds");
    assert_eq!(poor.body["required"], 101_000, "the whole commitment");
    for body in [json!({"maximum": 1.5}), json!({"maximum": "9000"}), json!({"maximum": null})] {
        assert_eq!(bid(body).await.faults(), [("maximum", "wrong_type")]);
    }
}
