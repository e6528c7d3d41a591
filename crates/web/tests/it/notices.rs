//! /notices: told, counted and read.

use serde_json::json;

use crate::ask::refused;
use crate::house::House;

#[tokio::test]
async fn notices_are_told_counted_and_read() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let (_, anna) = house.rich_member("anna", 50_000).await;
    let (_, bora) = house.rich_member("bora", 50_000).await;
    let id = house.auction(&seller, json!({})).await;
    let bids = format!("/api/v1/auctions/{id}/bids");
    house.order(&bids, &anna, json!({"amount": 5_000})).send().await;
    house.order(&bids, &bora, json!({"amount": 6_000})).send().await;
    house.follow().await;
    let list = || house.ask("GET", "/api/v1/notices").by(&anna).send();
    let told = list().await;
    let notice = &told.body["items"][0];
    assert_eq!(
        (&notice["kind"], &notice["auction_id"], &notice["read"]),
        (&json!("outbid"), &json!(id), &json!(false))
    );
    assert_eq!(told.body["unread"], 1);
    let read =
        house.ask("POST", "/api/v1/notices/read").by(&anna).json(json!({"up_to": notice["id"]})).send().await;
    assert_eq!((read.status, &read.body), (200, &json!({"unread": 0})));
    assert_eq!(list().await.body["items"][0]["read"], true);
    refused(
        &house.ask("POST", "/api/v1/notices/read").by(&anna).json(json!({})).send().await,
        422,
        "invalid",
    );
}
