//! /auctions/{id}/bids and /buy-now.

use auction::Span;
use serde_json::{Value, json};

use crate::ask::refused;
use crate::house::{House, Wishes};
use web::settings::BidderNames;

#[tokio::test]
async fn a_bid_is_answered_the_same_however_often_it_is_asked() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let (_, anna) = house.rich_member("anna", 50_000).await;
    let (_, bora) = house.rich_member("bora", 50_000).await;
    let id = house.auction(&seller, json!({})).await;
    let bids = format!("/api/v1/auctions/{id}/bids");
    let bid = |key: &'static str, amount: i64| {
        house.ask("POST", &bids).by(&anna).key(key).json(json!({"amount": amount, "terms": 1})).send()
    };
    let first = bid("k", 5_000).await;
    let expected = json!({
        "bid": {"id": 3, "seq": 3, "kind": "bid", "bidder": 1, "amount": 5_000, "at": house.ahead(Span(0)), "rule": "start"},
        "auction": {
            "id": id, "seq": 3, "price": 5_000, "minimum": 6_000, "bid_count": 1,
            "ends_at": house.ahead(Span::hours(1)), "leading": true,
        },
    });
    assert_eq!((first.status, &first.body), (201, &expected));
    assert_eq!(house.order(&bids, &bora, json!({"amount": 9_000})).send().await.status, 201);
    house.pass(Span::seconds(7));
    let again = bid("k", 5_000).await;
    assert_eq!((again.status, again.text), (201, first.text), "though another leads by now");
    refused(&bid("k", 10_000).await, 409, "key_reused");
    let below = bid("l", 9_500).await;
    refused(&below, 409, "below_minimum");
    assert_eq!(below.body["minimum"], 10_000);
    assert_eq!(bid("l", 10_000).await.status, 201, "a refused key left nothing");
}

#[tokio::test]
async fn refusals_carry_what_a_client_needs() {
    let house = House::new().await;
    let (_, seller) = house.rich_member("seller", 50_000).await;
    let (_, anna) = house.rich_member("anna", 7_000).await;
    let id = house.auction(&seller, json!({})).await;
    let bids = format!("/api/v1/auctions/{id}/bids");
    let bid = |token: &str, body: Value| house.order(&bids, token, body).send();
    refused(&bid(&seller, json!({"amount": 5_000})).await, 409, "own_auction");
    let terms = bid(&anna, json!({"amount": 5_000, "terms": 0})).await;
    refused(&terms, 409, "terms_changed");
    assert_eq!(terms.body["terms"], 1);
    for amount in [json!(0), json!(-5_000), json!(1_000_000_000_001_i64), json!(i64::MAX)] {
        let answer = bid(&anna, json!({"amount": amount})).await;
        refused(&answer, 422, "amount_invalid");
        assert_eq!(answer.body["limit"], 1_000_000_000_000_i64);
    }
    refused(&bid(&anna, json!({})).await, 422, "amount_invalid");
    let off = bid(&anna, json!({"amount": 5_500})).await;
    refused(&off, 422, "off_step");
    assert_eq!(
        (&off.body["field"], &off.body["below"], &off.body["above"]),
        (&json!("amount"), &json!(5_000), &json!(6_000))
    );
    let poor = bid(&anna, json!({"amount": 8_000})).await;
    refused(&poor, 402, "insufficient_funds");
    assert_eq!((&poor.body["required"], &poor.body["available"]), (&json!(8_000), &json!(7_000)));
    refused(
        &house.order(&format!("/api/v1/auctions/{id}/buy-now"), &anna, json!({})).send().await,
        409,
        "no_buy_now",
    );
    refused(
        &house.ask("POST", &bids).key("k").json(json!({"amount": 5_000})).send().await,
        401,
        "unauthenticated",
    );
}

#[tokio::test]
async fn a_refusal_speaks_the_callers_language() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let id = house.auction(&seller, json!({})).await;
    let bids = format!("/api/v1/auctions/{id}/bids");
    let say = |language: &str| {
        house.order(&bids, &seller, json!({"amount": 5_000})).header("accept-language", language).send()
    };
    let (ko, en) = (say("ko-KR,ko;q=0.9").await, say("en").await);
    assert_eq!(ko.code(), en.code());
    assert!(!ko.body["title"].as_str().unwrap().is_ascii());
    assert!(en.body["title"].as_str().unwrap().chars().all(|c| !('가'..='힣').contains(&c)));
}

#[tokio::test]
async fn buying_at_once_opens_an_order_and_ends_it() {
    let house = House::new().await;
    let (seller_id, seller) = house.member("seller").await;
    let (anna_id, anna) = house.rich_member("anna", 50_000).await;
    let (_, bora) = house.rich_member("bora", 50_000).await;
    let id = house.auction(&seller, json!({"buy_now_price": 20_000})).await;
    let buy_now = format!("/api/v1/auctions/{id}/buy-now");
    let buy = || house.ask("POST", &buy_now).by(&anna).key("buy").send();
    let bought = buy().await;
    assert_eq!(bought.status, 201, "{}", bought.text);
    let order = bought.body["order"]["id"].as_i64().unwrap();
    let expected = json!({
        "order": {"id": order, "auction_id": id, "price": 20_000, "state": "to_hand_over", "at": house.ahead(Span(0))},
        "auction": {
            "id": id, "seq": 4, "price": 20_000, "minimum": null, "bid_count": 0, "outcome": "bought",
            "ends_at": house.ahead(Span::hours(1)), "leading": true,
        },
    });
    let mut found = bought.body.clone();
    // Whether a purchase counts as a bid, and where its end moves, is the rules' business.
    found["auction"]["bid_count"] = json!(0);
    found["auction"]["ends_at"] = json!(house.ahead(Span::hours(1)));
    assert_eq!(found, expected);
    assert_eq!(buy().await.text, bought.text);
    let late = house.order(&buy_now, &bora, json!({})).send().await;
    refused(&late, 409, "closed");
    assert_eq!(late.body["outcome"], "bought");
    let seen = house.ask("GET", &format!("/api/v1/auctions/{id}")).send().await;
    assert_eq!((&seen.body["seq"], &seen.body["minimum"]), (&bought.body["auction"]["seq"], &Value::Null));

    let shown = |token: &str| house.ask("GET", &format!("/api/v1/orders/{order}")).by(token).send();
    let by_buyer = shown(&anna).await;
    assert_eq!(
        (&by_buyer.body["buyer"]["id"], &by_buyer.body["seller"]["id"]),
        (&json!(anna_id), &json!(seller_id))
    );
    assert!(by_buyer.body.get("fee").is_none());
    refused(&shown(&bora).await, 404, "not_found");
    let wallet = house.ask("GET", "/api/v1/wallet").by(&seller).send().await;
    assert_eq!(wallet.body["available"], 0, "it waits in escrow");
}

#[tokio::test]
async fn a_bid_that_reaches_the_buy_now_price_buys() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let (_, anna) = house.rich_member("anna", 50_000).await;
    let id = house.auction(&seller, json!({"buy_now_price": 20_000})).await;
    let bids = format!("/api/v1/auctions/{id}/bids");
    let bought = house.order(&bids, &anna, json!({"amount": 25_000})).send().await;
    assert_eq!(bought.status, 201);
    assert_eq!(
        (&bought.body["bid"]["kind"], &bought.body["bid"]["amount"]),
        (&json!("buy_now"), &json!(20_000))
    );
    assert_eq!((&bought.body["bid"]["seq"], &bought.body["auction"]["seq"]), (&json!(3), &json!(4)));
    assert_eq!(bought.body["order"]["price"], 20_000);
}

#[tokio::test]
async fn the_history_shows_numbers_and_names_to_those_who_may_know() {
    for names in [BidderNames::Numbers, BidderNames::Names] {
        let mut wishes = Wishes::default();
        wishes.web.bidder_names = names;
        let house = House::wishing(wishes).await;
        let (_, seller) = house.member("seller").await;
        let (anna_id, anna) = house.rich_member("anna", 50_000).await;
        let (_, bora) = house.rich_member("bora", 50_000).await;
        let id = house.auction(&seller, json!({})).await;
        let bids = format!("/api/v1/auctions/{id}/bids");
        house.order(&bids, &anna, json!({"amount": 5_000})).send().await;
        house.order(&bids, &bora, json!({"amount": 6_000})).send().await;
        let (by_seller, by_anna) = (
            house.ask("GET", &bids).by(&seller).send().await,
            house.ask("GET", &bids).by(&anna).send().await,
        );
        let by_stranger = house.ask("GET", &bids).send().await;
        let amounts: Vec<_> =
            by_stranger.body["items"].as_array().unwrap().iter().map(|row| row["amount"].clone()).collect();
        assert_eq!(amounts, [6_000, 5_000], "newest first");
        let anna_named = json!({"id": anna_id, "nickname": "anna"});
        assert_eq!(by_seller.body["items"][1]["member"], anna_named);
        assert!(by_seller.body["items"][1].get("mine").is_none());
        assert_eq!(by_anna.body["items"][1]["mine"], true);
        assert!(by_anna.body["items"][0].get("mine").is_none());
        let seen_by_stranger = by_stranger.body["items"][1].get("member");
        assert_eq!(seen_by_stranger, (names == BidderNames::Names).then_some(&anna_named));
    }
}

#[tokio::test]
async fn the_history_comes_in_pages() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let (_, anna) = house.rich_member("anna", 500_000).await;
    let id = house.auction(&seller, json!({})).await;
    let bids = format!("/api/v1/auctions/{id}/bids");
    for step in 0..5 {
        assert_eq!(
            house.order(&bids, &anna, json!({"amount": 5_000 + 1_000 * step})).send().await.status,
            201
        );
    }
    let mut seen = Vec::new();
    let mut path = format!("{bids}?limit=2");
    loop {
        let page = house.ask("GET", &path).send().await;
        seen.extend(page.body["items"].as_array().unwrap().iter().map(|row| row["amount"].as_i64().unwrap()));
        match page.body["next"].as_str() {
            Some(next) => path = format!("{bids}?limit=2&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, [9_000, 8_000, 7_000, 6_000, 5_000]);
    let mine = house.ask("GET", "/api/v1/me/bids").by(&anna).send().await;
    let row = &mine.body["items"][0];
    assert_eq!(
        (&row["auction_id"], &row["leading"], &row["held"]),
        (&json!(id), &json!(true), &json!(9_000))
    );
}

/// Ten equal bids at once: one is accepted, nine hear `below_minimum`.
#[tokio::test]
async fn lost_update() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let id = house.auction(&seller, json!({})).await;
    let bids = format!("/api/v1/auctions/{id}/bids");
    let mut tokens = Vec::new();
    for bidder in 0..10 {
        tokens.push(house.rich_member(&format!("bidder{bidder}"), 50_000).await.1);
    }
    let mut asked = tokio::task::JoinSet::new();
    for token in &tokens {
        asked.spawn(house.order(&bids, token, json!({"amount": 5_000})).send());
    }
    let mut codes: Vec<String> =
        asked.join_all().await.iter().map(|answer| answer.code().to_owned()).collect();
    codes.sort();
    assert_eq!(codes[0], "");
    assert!(codes[1..].iter().all(|code| code == "below_minimum"), "{codes:?}");
    let seen = house.ask("GET", &format!("/api/v1/auctions/{id}")).send().await;
    assert_eq!(seen.body["bid_count"], 1);
}

/// One balance, two auctions at once: one bid is accepted, the other hears that the money is gone.
#[tokio::test]
async fn double_spend() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let (_, anna) = house.rich_member("anna", 5_000).await;
    let mut asked = tokio::task::JoinSet::new();
    for _ in 0..2 {
        let id = house.auction(&seller, json!({})).await;
        asked.spawn(
            house.order(&format!("/api/v1/auctions/{id}/bids"), &anna, json!({"amount": 5_000})).send(),
        );
    }
    let mut statuses: Vec<_> = asked.join_all().await.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 402]);
}

#[tokio::test]
async fn bid_after_close() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let (_, anna) = house.rich_member("anna", 50_000).await;
    let id = house.auction(&seller, json!({"ends_at": house.ahead(Span::seconds(20))})).await;
    house.pass(Span::seconds(20));
    let late =
        house.order(&format!("/api/v1/auctions/{id}/bids"), &anna, json!({"amount": 5_000})).send().await;
    refused(&late, 409, "closed");
}
