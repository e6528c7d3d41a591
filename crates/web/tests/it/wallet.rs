//! /wallet: money at a glance, transfers and deposits.

use auction::Span;
use engine::Deposits;
use serde_json::json;

use crate::ask::refused;
use crate::house::{House, Wishes};

#[tokio::test]
async fn a_deposit_is_made_once_however_often_it_is_asked() {
    let house = House::new().await;
    let (_, mira) = house.member("mira").await;
    let deposit = |key: &'static str, amount: i64| {
        house.ask("POST", "/api/v1/wallet/deposits").by(&mira).key(key).json(json!({"amount": amount})).send()
    };
    let first = deposit("a", 30_000).await;
    assert_eq!(first.status, 201);
    assert_eq!(first.body["transfer"]["reason"], "deposit");
    house.pass(Span::seconds(5));
    let again = deposit("a", 30_000).await;
    assert_eq!((again.status, &again.text), (201, &first.text), "the same again, to the letter");
    refused(&deposit("a", 30_001).await, 409, "key_reused");
    let wallet = house.ask("GET", "/api/v1/wallet").by(&mira).send().await;
    assert_eq!((&wallet.body["available"], &wallet.body["held"]), (&json!(30_000), &json!(0)));
    assert_eq!(wallet.body["holds"], json!([]));
}

#[tokio::test]
async fn a_deposit_has_its_limits() {
    let house = House::new().await;
    let (_, mira) = house.member("mira").await;
    for amount in [0, -1, i64::MIN, 10_000_001, i64::MAX] {
        let answer = house.order("/api/v1/wallet/deposits", &mira, json!({"amount": amount})).send().await;
        refused(&answer, 422, "amount_invalid");
        assert_eq!(answer.body["limit"], 10_000_000);
    }
    assert_eq!(
        house.order("/api/v1/wallet/deposits", &mira, json!({"amount": 10_000_000})).send().await.status,
        201
    );
    let wishes = Wishes { deposits: Deposits::Off, ..Wishes::default() };
    let closed = House::wishing(wishes).await;
    let (_, noru) = closed.member("noru").await;
    refused(
        &closed.order("/api/v1/wallet/deposits", &noru, json!({"amount": 5})).send().await,
        409,
        "deposits_off",
    );
}

#[tokio::test]
async fn transfers_tell_where_the_money_went() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let (_, bidder) = house.rich_member("bidder", 50_000).await;
    let auction = house.auction(&seller, json!({})).await;
    house.pass(Span::seconds(10));
    let bids = format!("/api/v1/auctions/{auction}/bids");
    assert_eq!(house.order(&bids, &bidder, json!({"amount": 7_000})).send().await.status, 201);

    let wallet = house.ask("GET", "/api/v1/wallet").by(&bidder).send().await;
    assert_eq!((&wallet.body["available"], &wallet.body["held"]), (&json!(43_000), &json!(7_000)));
    let hold = json!([{"auction_id": auction, "title": "원목 의자", "amount": 7_000}]);
    assert_eq!(wallet.body["holds"], hold);

    let list = |query: &str| house.ask("GET", &format!("/api/v1/wallet/transfers{query}")).by(&bidder).send();
    let all = list("").await;
    let reasons: Vec<_> =
        all.body["items"].as_array().unwrap().iter().map(|row| row["reason"].clone()).collect();
    assert_eq!(reasons, ["bid_hold", "deposit"], "newest first");
    let newest = &all.body["items"][0];
    assert_eq!(
        (&newest["from"], &newest["to"], &newest["auction_id"]),
        (&json!("available"), &json!("held"), &json!(auction))
    );
    assert_eq!(list("?reason=deposit").await.body["items"].as_array().unwrap().len(), 1);
    let since = live::frame::time(house.now());
    assert_eq!(list(&format!("?from={since}")).await.body["items"].as_array().unwrap().len(), 1);
    assert_eq!(list(&format!("?to={since}")).await.body["items"].as_array().unwrap().len(), 1);
    let page = list("?limit=1").await;
    let next = page.body["next"].as_str().unwrap();
    let rest = list(&format!("?limit=1&cursor={next}")).await;
    assert_eq!(rest.body["items"][0]["reason"], "deposit");
    for (query, fault) in [
        ("?reason=gift", ("reason", "invalid")),
        ("?from=yesterday", ("from", "invalid")),
        ("?limit=0", ("limit", "too_low")),
        ("?page=2", ("page", "unknown")),
        ("?cursor=%20", ("cursor", "invalid")),
    ] {
        assert_eq!(list(query).await.faults(), [fault], "{query}");
    }
}
