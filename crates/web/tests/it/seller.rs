//! /auctions/{id}/sell-now and /cancel: the seller's own.

use auction::Span;
use serde_json::json;

use crate::ask::refused;
use crate::house::House;

#[tokio::test]
async fn a_seller_sells_to_the_leader_at_once() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let (_, anna) = house.rich_member("anna", 50_000).await;
    let id = house.auction(&seller, json!({})).await;
    let sell_now = format!("/api/v1/auctions/{id}/sell-now");
    let sell = || house.ask("POST", &sell_now).by(&seller).key("sell").json(json!({})).send();
    refused(&sell().await, 409, "no_leader");
    house.order(&format!("/api/v1/auctions/{id}/bids"), &anna, json!({"amount": 8_000})).send().await;
    refused(&house.order(&sell_now, &anna, json!({})).send().await, 403, "not_seller");
    refused(&sell().await, 409, "too_early");
    house.pass(Span::seconds(5));
    let sold = sell().await;
    assert_eq!(sold.status, 200, "{}", sold.text);
    assert_eq!(
        (&sold.body["order"]["price"], &sold.body["auction"]["outcome"]),
        (&json!(8_000), &json!("sold"))
    );
    assert!(sold.body["auction"].get("leading").is_none());
    assert_eq!(sell().await.text, sold.text);
    refused(&house.order(&sell_now, &seller, json!({})).send().await, 409, "closed");
    let wallet = house.ask("GET", "/api/v1/wallet").by(&seller).send().await;
    assert_eq!(wallet.body["available"], 0, "it waits in escrow");
}

#[tokio::test]
async fn a_seller_takes_an_auction_back_until_the_first_bid() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let (_, anna) = house.rich_member("anna", 50_000).await;
    let (first, second) = (house.auction(&seller, json!({})).await, house.auction(&seller, json!({})).await);
    let cancel = |id: i64, token: &str, body| {
        house.order(&format!("/api/v1/auctions/{id}/cancel"), token, body).send()
    };
    refused(&cancel(first, &anna, json!({})).await, 403, "not_seller");
    assert_eq!(
        cancel(first, &seller, json!({"reason": "가".repeat(501)})).await.faults(),
        [("reason", "too_long")]
    );
    let cancelled = cancel(first, &seller, json!({"reason": "이웃에게 줬어요"})).await;
    assert_eq!((cancelled.status, &cancelled.body["auction"]["outcome"]), (200, &json!("cancelled")));
    let events = house.ask("GET", &format!("/api/v1/auctions/{first}/events?since=2")).send().await;
    assert_eq!(events.body["items"][0]["reason"], "이웃에게 줬어요");
    house.order(&format!("/api/v1/auctions/{second}/bids"), &anna, json!({"amount": 5_000})).send().await;
    let late = json!({"reason": "변심이에요"});
    refused(&cancel(second, &seller, late.clone()).await, 409, "too_late");
    let long = house.auction(&seller, json!({"ends_at": house.ahead(Span::hours(13))})).await;
    house.order(&format!("/api/v1/auctions/{long}/bids"), &anna, json!({"amount": 5_000})).send().await;
    refused(&cancel(long, &seller, json!({})).await, 422, "reason_missing");
    refused(&cancel(long, &seller, json!({"reason": "  "})).await, 422, "reason_missing");
    assert_eq!(cancel(long, &seller, late).await.body["auction"]["outcome"], "cancelled");
    let seller_id = house.ask("GET", "/api/v1/me").by(&seller).send().await.body["id"].clone();
    let seen = house.ask("GET", &format!("/api/v1/members/{seller_id}")).send().await;
    assert_eq!(seen.body["reputation"]["marks"], json!({"cancelled_with_bids": 1}), "for everyone to see");
}
