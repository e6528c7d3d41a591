//! /auctions: listing, looking, searching, and the events.

use auction::Span;
use serde_json::{Value, json};

use crate::ask::refused;
use crate::house::House;

#[tokio::test]
async fn an_auction_is_listed_once_and_answered_the_same_for_ever() {
    let house = House::new().await;
    let (seller_id, seller) = house.member("seller").await;
    let (_, bidder) = house.rich_member("bidder", 50_000).await;
    let listing = json!({
        "title": "원목 의자", "description": "두 해 썼어요", "condition": "a", "shipping_payer": "buyer",
        "nationwide": true, "start_price": 5_000, "bid_unit": 500, "buy_now_price": 50_000,
        "ends_at": house.ahead(Span::hours(2)), "soft_close_minutes": 5,
    });
    let list =
        || house.ask("POST", "/api/v1/auctions").by(&seller).key("list-1").json(listing.clone()).send();
    let first = list().await;
    assert_eq!(first.status, 201, "{}", first.text);
    let id = first.body["id"].as_i64().unwrap();
    assert_eq!(first.header("location"), format!("/api/v1/auctions/{id}"));
    let expected = json!({
        "id": id, "seq": 2, "terms": 1, "status": "open", "title": "원목 의자", "description": "두 해 썼어요",
        "condition": "a", "shipping_payer": "buyer", "nationwide": true,
        "seller": {"id": seller_id, "nickname": "seller"}, "start_price": 5_000, "bid_unit": 500, "price": 5_000,
        "minimum": 5_000, "bid_count": 0, "reserve": "none", "buy_now_price": 50_000, "starts_at": house.ahead(Span(0)),
        "ends_at": house.ahead(Span::hours(2)), "latest": house.ahead(Span::hours(3)), "soft_close_minutes": 5,
        "extensions": 0, "now": house.ahead(Span(0)), "pictures": [],
    });
    assert_eq!(first.body, expected);

    let seen = house.ask("GET", &format!("/api/v1/auctions/{id}")).send().await;
    let mut with_watchers = expected.clone();
    with_watchers["watchers"] = json!(0);
    with_watchers["watchlists"] = json!(0);
    with_watchers["item_id"] = json!(1);
    assert_eq!(seen.body, with_watchers, "the answer says what the store says");

    house.order(&format!("/api/v1/auctions/{id}/bids"), &bidder, json!({"amount": 6_000})).send().await;
    house.pass(Span::seconds(20));
    assert_eq!(list().await.text, first.text, "the same again, to the letter, though a bid came in between");
    let changed = house.ask("POST", "/api/v1/auctions").by(&seller).key("list-1");
    let mut other = listing.clone();
    other["start_price"] = json!(5_500);
    refused(&changed.json(other).send().await, 409, "key_reused");
}

#[tokio::test]
async fn an_auction_may_start_later_and_on_the_ladder() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let (_, bidder) = house.rich_member("bidder", 50_000).await;
    let later = house.ahead(Span::minutes(10));
    let id = house.auction(&seller, json!({"starts_at": later, "increments": "ladder"})).await;
    let seen = house.ask("GET", &format!("/api/v1/auctions/{id}")).send().await;
    assert_eq!((&seen.body["status"], &seen.body["seq"]), (&json!("scheduled"), &json!(1)));
    assert_eq!(seen.body["increments"], "ladder");
    assert!(seen.body.get("bid_unit").is_none());
    let early =
        house.order(&format!("/api/v1/auctions/{id}/bids"), &bidder, json!({"amount": 5_000})).send().await;
    refused(&early, 409, "not_started");
    assert_eq!(early.body["starts_at"], later);
}

#[tokio::test]
async fn every_wrong_field_of_a_listing_is_named() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let list = |listing: Value| house.order("/api/v1/auctions", &seller, listing).send();
    let by_the_rules = list(json!({
        "title": " ", "description": "가".repeat(5_001), "start_price": 0, "bid_unit": -5, "buy_now_price": -1,
        "ends_at": house.ahead(Span::days(31)), "soft_close_minutes": 4,
    }))
    .await;
    refused(&by_the_rules, 422, "invalid");
    let expected = [
        ("title", "required"),
        ("description", "too_long"),
        ("start_price", "too_low"),
        ("bid_unit", "too_low"),
        ("buy_now_price", "too_low"),
        ("ends_at", "too_late"),
        ("soft_close_minutes", "invalid"),
    ];
    assert_eq!(by_the_rules.faults(), expected);
    let nowhere = json!({
        "title": "의자", "description": "", "start_price": 1_000, "ends_at": house.ahead(Span::hours(1)),
        "category_id": 9_999_999, "region_id": -1,
    });
    assert_eq!(list(nowhere).await.faults(), [("category_id", "invalid"), ("region_id", "invalid")]);
    let mut later_rules = json!({
        "title": "의자", "description": "", "start_price": 1_000, "ends_at": house.ahead(Span::hours(1)),
        "bid_unit": 500, "reserve_price": 5_100, "reserve": 5_000,
    });
    assert_eq!(list(later_rules.clone()).await.faults(), [("reserve", "unknown")]);
    later_rules.as_object_mut().unwrap().remove("reserve");
    assert_eq!(list(later_rules).await.faults(), [("reserve_price", "off_step")]);
}

#[tokio::test]
async fn what_is_no_auction_is_not_found() {
    let house = House::new().await;
    let (_, mira) = house.rich_member("mira", 5_000).await;
    for path in ["/api/v1/auctions/999", "/api/v1/auctions/999/bids", "/api/v1/auctions/999/events"] {
        refused(&house.ask("GET", path).send().await, 404, "auction_not_found");
    }
    for path in ["/api/v1/auctions/999/bids", "/api/v1/auctions/999/buy-now", "/api/v1/auctions/999/cancel"] {
        refused(&house.order(path, &mira, json!({})).send().await, 404, "auction_not_found");
    }
    for path in
        ["/api/v1/auctions/chair", "/api/v1/auctions/99999999999999999999", "/api/v1/nothing", "/api/v1"]
    {
        refused(&house.ask("GET", path).send().await, 404, "not_found");
    }
    let wrong = house.ask("DELETE", "/api/v1/auctions").send().await;
    refused(&wrong, 405, "method_not_allowed");
    assert!(wrong.header("allow").contains("POST"), "{}", wrong.header("allow"));
}

#[tokio::test]
async fn a_bidder_sees_where_he_stands_and_nobody_elses_maximum() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let (_, anna) = house.rich_member("anna", 50_000).await;
    let (_, bora) = house.rich_member("bora", 50_000).await;
    let id = house.auction(&seller, json!({})).await;
    let (path, bids) = (format!("/api/v1/auctions/{id}"), format!("/api/v1/auctions/{id}/bids"));
    house.order(&bids, &anna, json!({"amount": 5_000})).send().await;
    house.order(&bids, &bora, json!({"amount": 8_000})).send().await;
    let seen = async |token: Option<&str>| {
        let ask = house.ask("GET", &path);
        token.map_or_else(|| house.ask("GET", &path), |token| ask.by(token)).send().await.body
    };
    let by_bora = seen(Some(&bora)).await;
    assert_eq!(by_bora["mine"], json!({"bidder": 2, "leading": true, "held": 8_000, "maximum": 8_000}));
    assert_eq!((&by_bora["leader"], &by_bora["minimum"]), (&json!(2), &json!(9_000)));
    let by_anna = seen(Some(&anna)).await;
    assert_eq!(by_anna["mine"], json!({"bidder": 1, "leading": false, "held": 0, "maximum": 5_000}));
    for view in [seen(None).await, seen(Some(&seller)).await] {
        assert!(view.get("mine").is_none());
    }
}

#[tokio::test]
async fn the_market_is_searched() {
    let house = House::new().await;
    let (seller_id, seller) = house.member("seller").await;
    let (_, bidder) = house.rich_member("bidder", 100_000).await;
    let chair = house.auction(&seller, json!({"title": "원목 의자", "start_price": 5_000})).await;
    let desk = house
        .auction(
            &seller,
            json!({"title": "책상", "start_price": 9_000, "ends_at": house.ahead(Span::minutes(30))}),
        )
        .await;
    house.order(&format!("/api/v1/auctions/{desk}/bids"), &bidder, json!({"amount": 9_000})).send().await;
    house.follow().await;
    for (query, found) in [
        ("", vec![desk, chair]),
        ("?q=%EC%9D%98%EC%9E%90", vec![chair]),
        ("?q=nothing", vec![]),
        ("?sort=ending", vec![desk, chair]),
        ("?sort=price_asc", vec![chair, desk]),
        ("?sort=bids", vec![desk, chair]),
        ("?max_price=5000", vec![chair]),
        ("?min_price=5001", vec![desk]),
        ("?status=ended", vec![]),
        ("?limit=1", vec![desk]),
    ] {
        let answer = house.ask("GET", &format!("/api/v1/auctions{query}")).send().await;
        let items = answer.body["items"].as_array().unwrap();
        let ids: Vec<_> = items.iter().map(|item| item["id"].as_i64().unwrap()).collect();
        assert_eq!(ids, found, "{query}");
        assert!(items.iter().all(|item| item["seller_id"] == seller_id));
    }
    let mine = house.ask("GET", "/api/v1/me/auctions").by(&seller).send().await;
    assert_eq!(mine.body["items"].as_array().unwrap().len(), 2);
    let first = house.ask("GET", "/api/v1/auctions?limit=1").send().await;
    let next = first.body["next"].as_str().unwrap();
    let second = house.ask("GET", &format!("/api/v1/auctions?limit=1&cursor={next}")).send().await;
    assert_eq!(second.body["items"][0]["id"], chair);
    let foreign = house.ask("GET", "/api/v1/auctions?cursor=nonsense").send().await;
    assert_eq!(
        (foreign.status, &foreign.body["items"]),
        (200, &json!([])),
        "where no page ended, none begins"
    );
}

#[tokio::test]
async fn events_are_the_frames_since_a_number() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let (_, bidder) = house.rich_member("bidder", 100_000).await;
    let id = house.auction(&seller, json!({})).await;
    house.order(&format!("/api/v1/auctions/{id}/bids"), &bidder, json!({"amount": 5_000})).send().await;
    let events = |query: &str| house.ask("GET", &format!("/api/v1/auctions/{id}/events{query}")).send();
    let all = events("").await;
    let kinds: Vec<_> =
        all.body["items"].as_array().unwrap().iter().map(|frame| frame["type"].clone()).collect();
    assert_eq!(kinds, ["listed", "opened", "bid"]);
    assert!(all.body.get("next").is_none());
    assert_eq!(events("?since=2").await.body["items"][0]["seq"], 3);
    assert_eq!(events("?since=3").await.body["items"], json!([]));
    let page = events("?limit=2").await;
    assert_eq!(page.body["next"], "2");
    assert_eq!(events("?limit=2&cursor=2").await.body["items"][0]["seq"], 3);
}

#[tokio::test]
async fn regions_and_categories_are_chosen_level_by_level() {
    let house = House::new().await;
    let top = house.ask("GET", "/api/v1/regions?level=1&limit=100").send().await;
    let provinces = top.body["items"].as_array().unwrap();
    assert!((15..=20).contains(&provinces.len()));
    let below =
        house.ask("GET", &format!("/api/v1/regions?parent={}&limit=100", provinces[0]["id"])).send().await;
    let districts = below.body["items"].as_array().unwrap();
    assert!(!districts.is_empty() && districts.iter().all(|district| district["level"] == 2));
    let categories = house.ask("GET", "/api/v1/categories?level=1").send().await;
    assert!(!categories.body["items"].as_array().unwrap().is_empty());
}
