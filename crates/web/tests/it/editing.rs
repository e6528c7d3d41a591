//! PATCH /auctions/{id}, /extend, /reserve, and auctioning an item again.

use auction::Span;
use serde_json::{Value, json};

use crate::ask::{Answer, refused};
use crate::house::House;

async fn edit(house: &House, id: i64, token: &str, key: &str, body: Value) -> Answer {
    house.ask("PATCH", &format!("/api/v1/auctions/{id}")).by(token).key(key).json(body).send().await
}

async fn seen(house: &House, id: i64) -> Value {
    house.ask("GET", &format!("/api/v1/auctions/{id}")).send().await.body
}

#[tokio::test]
async fn an_edit_changes_what_was_sent_and_raises_the_terms() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let (_, anna) = house.rich_member("anna", 50_000).await;
    let id = house.auction(&seller, json!({"condition": "a", "reserve_price": 20_000})).await;
    let body = json!({"terms": 1, "description": "세 해 썼어요", "buy_now_price": 40_000, "condition": null});
    let edited = edit(&house, id, &seller, "e", body.clone()).await;
    assert_eq!((edited.status, &edited.body["terms"]), (200, &json!(2)), "{}", edited.text);
    assert_eq!(edited.body["auction"]["seq"], 3);
    let after = seen(&house, id).await;
    assert_eq!((&after["description"], &after["title"]), (&json!("세 해 썼어요"), &json!("원목 의자")));
    assert_eq!((&after["buy_now_price"], after.get("condition")), (&json!(40_000), None));
    assert_eq!(
        (&after["terms"], &after["reserve"]),
        (&json!(2), &json!("not_met")),
        "what was not sent stays"
    );
    assert_eq!(edit(&house, id, &seller, "f", json!({"terms": 2, "start_price": 6_000})).await.status, 200);
    let again = edit(&house, id, &seller, "e", body).await;
    assert_eq!((again.status, &again.text), (200, &edited.text), "though it was edited again since");
    let stale = edit(&house, id, &seller, "g", json!({"terms": 2, "start_price": 7_000})).await;
    refused(&stale, 409, "terms_changed");
    assert_eq!(stale.body["terms"], 3);
    let bids = format!("/api/v1/auctions/{id}/bids");
    refused(
        &house.order(&bids, &anna, json!({"amount": 6_000, "terms": 1})).send().await,
        409,
        "terms_changed",
    );
    assert_eq!(house.order(&bids, &anna, json!({"amount": 6_000, "terms": 3})).send().await.status, 201);
    refused(&edit(&house, id, &seller, "h", json!({"terms": 3, "title": "책상"})).await, 409, "too_late");
    let note = edit(&house, id, &seller, "i", json!({"terms": 3, "note": "다리 하나가 흔들려요"})).await;
    assert_eq!(note.body["terms"], 4, "{}", note.text);
    let notes = house.ask("GET", &format!("/api/v1/auctions/{id}/notes")).send().await;
    let said: Vec<_> = notes.body["items"].as_array().unwrap().iter().map(|note| note.get("note")).collect();
    assert_eq!(said, [None, None, Some(&json!("다리 하나가 흔들려요"))]);
    let events = house.ask("GET", &format!("/api/v1/auctions/{id}/events?since=5")).send().await;
    let told = &events.body["items"][0];
    assert_eq!((&told["type"], &told["terms"]), (&json!("edited"), &json!(4)));
    assert_eq!(told["note"], "다리 하나가 흔들려요");
}

#[tokio::test]
async fn what_is_wrong_with_an_edit_is_named() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let (_, anna) = house.member("anna").await;
    let id = house.auction(&seller, json!({"reserve_price": 20_000})).await;
    for (body, faults) in [
        (json!({}), vec![("terms", "required")]),
        (json!({"terms": 1}), vec![("note", "required")]),
        (json!({"terms": 1, "note": " "}), vec![("note", "required")]),
        (json!({"terms": 1, "note": "a\u{202E}b"}), vec![("note", "invalid")]),
        (json!({"terms": 1, "title": "책상"}), vec![("title", "invalid")]),
        (
            json!({"terms": 1, "start_price": "x", "condition": "z"}),
            vec![("condition", "invalid"), ("start_price", "wrong_type")],
        ),
        (json!({"terms": 1, "bid_unit": 5, "increments": "ladder"}), vec![("increments", "invalid")]),
        (json!({"terms": 1, "buy_now_price": 10_000}), vec![("reserve_price", "too_high")]),
        (json!({"terms": 1, "ends_at": house.ahead(Span::minutes(5))}), vec![("ends_at", "too_early")]),
        (json!({"terms": 1, "category_id": 9_999_999}), vec![("category_id", "invalid")]),
        (json!({"terms": 1, "colour": "red"}), vec![("colour", "unknown")]),
    ] {
        let answer = edit(&house, id, &seller, "k", body.clone()).await;
        refused(&answer, 422, "invalid");
        assert_eq!(answer.faults(), faults, "{body}");
    }
    let probing = edit(&house, id, &anna, "k", json!({"terms": 1, "buy_now_price": 10_000})).await;
    refused(&probing, 403, "not_seller");
    refused(
        &edit(&house, 999, &seller, "k", json!({"terms": 1, "note": "a"})).await,
        404,
        "auction_not_found",
    );
    let keyless = house.ask("PATCH", &format!("/api/v1/auctions/{id}")).by(&seller);
    refused(&keyless.json(json!({"terms": 1, "note": "a"})).send().await, 400, "key_required");
}

#[tokio::test]
async fn a_seller_moves_the_end_twice_in_the_last_hour() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let (_, anna) = house.member("anna").await;
    let ends = |minutes: i64| json!({"ends_at": house.ahead(Span::minutes(minutes))});
    let extend = |id: i64, token: &str, body| {
        house.order(&format!("/api/v1/auctions/{id}/extend"), token, body).send()
    };
    let id = house.auction(&seller, ends(50)).await;
    refused(&extend(id, &anna, json!({"hours": 1})).await, 403, "not_seller");
    for hours in [0, 2, -1, 25] {
        refused(&extend(id, &seller, json!({"hours": hours})).await, 422, "hours_invalid");
    }
    let moved = extend(id, &seller, json!({"hours": 1})).await;
    assert_eq!(
        (moved.status, &moved.body["auction"]["ends_at"]),
        (200, &json!(house.ahead(Span::minutes(110))))
    );
    refused(&extend(id, &seller, json!({"hours": 1})).await, 409, "too_early");
    house.pass(Span::minutes(60));
    assert_eq!(extend(id, &seller, json!({"hours": 1})).await.status, 200);
    house.pass(Span::minutes(60));
    refused(&extend(id, &seller, json!({"hours": 1})).await, 409, "extended_twice");
    let near = house.auction(&seller, json!({"ends_at": house.ahead(Span::minutes(5))})).await;
    refused(&extend(near, &seller, json!({"hours": 1})).await, 409, "too_late");
    let events = house.ask("GET", &format!("/api/v1/auctions/{id}/events?since=2")).send().await;
    assert_eq!(
        (&events.body["items"][0]["type"], &events.body["items"][0]["cause"]),
        (&json!("extended"), &json!("seller"))
    );
    assert_eq!(extend(id, &seller, json!({})).await.faults(), [("hours", "required")]);
}

#[tokio::test]
async fn a_reserve_is_lowered_while_it_is_not_met() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let (_, anna) = house.rich_member("anna", 50_000).await;
    let id = house.auction(&seller, json!({"reserve_price": 30_000})).await;
    let lower = |token: &str, reserve: i64| {
        let path = format!("/api/v1/auctions/{id}/reserve");
        house.order(&path, token, json!({"reserve_price": reserve})).send()
    };
    house.order(&format!("/api/v1/auctions/{id}/bids"), &anna, json!({"maximum": 25_000})).send().await;
    refused(&lower(&anna, 20_000).await, 403, "not_seller");
    for reserve in [30_000, 31_000, 5_000, 20_500, 0, -1, i64::MAX] {
        refused(&lower(&seller, reserve).await, 422, "reserve_invalid");
    }
    let lowered = lower(&seller, 20_000).await;
    assert_eq!((lowered.status, &lowered.body["auction"]["price"]), (200, &json!(5_000)), "{}", lowered.text);
    let events = house.ask("GET", &format!("/api/v1/auctions/{id}/events?since=3")).send().await;
    assert_eq!(events.body["items"][0]["type"], "reserve_lowered");
    assert!(!events.text.contains("20000"), "everyone sees one event without a figure: {}", events.text);
    let own = house.ask("GET", &format!("/api/v1/auctions/{id}")).by(&anna).send().await;
    assert_eq!((&own.body["mine"]["held"], &own.body["mine"]["maximum"]), (&json!(19_000), &json!(19_000)));
    house.pass(Span::seconds(2));
    let sell = house.order(&format!("/api/v1/auctions/{id}/sell-now"), &seller, json!({})).send().await;
    refused(&sell, 409, "reserve_not_met");
}

#[tokio::test]
async fn notes_are_limited() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let id = house.auction(&seller, json!({})).await;
    for number in 0..auction::NOTES_MAX {
        let key = format!("n{number}");
        let note =
            edit(&house, id, &seller, &key, json!({"terms": number + 1, "note": format!("{number}번째 글")}))
                .await;
        assert_eq!(note.status, 200, "{}", note.text);
    }
    let more =
        edit(&house, id, &seller, "m", json!({"terms": auction::NOTES_MAX + 1, "note": "하나 더"})).await;
    refused(&more, 409, "too_many_notes");
    assert_eq!(more.body["limit"], auction::NOTES_MAX);
    let again = edit(&house, id, &seller, "n0", json!({"terms": 1, "note": "0번째 글"})).await;
    assert_eq!(again.status, 200, "what was added is answered again: {}", again.text);
    let notes = house.ask("GET", &format!("/api/v1/auctions/{id}/notes")).send().await;
    assert_eq!(notes.body["items"].as_array().unwrap().len(), 20);
}

#[tokio::test]
async fn an_item_is_auctioned_again_once_it_is_free() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let (_, anna) = house.member("anna").await;
    let first = house.auction(&seller, json!({})).await;
    let again = |token: &str, of: i64| {
        let listing = json!({
            "title": "원목 의자", "description": "", "start_price": 4_000, "again_of": of,
            "ends_at": house.ahead(Span::hours(1)),
        });
        house.order("/api/v1/auctions", token, listing).send()
    };
    refused(&again(&seller, first).await, 409, "item_not_free");
    refused(&again(&seller, 999).await, 404, "auction_not_found");
    house.order(&format!("/api/v1/auctions/{first}/cancel"), &seller, json!({})).send().await;
    refused(&again(&anna, first).await, 403, "not_seller");
    let second = again(&seller, first).await;
    assert_eq!(second.status, 201, "{}", second.text);
    refused(&again(&seller, first).await, 409, "item_not_free");
    let (old, new) = (seen(&house, first).await, seen(&house, second.body["id"].as_i64().unwrap()).await);
    assert_eq!((&old["followed_by"], &old["item_id"]), (&new["id"], &new["item_id"]));
    assert!(new.get("followed_by").is_none());
    // What is said of the item now is said by its new auction alone.
    let id = second.body["id"].as_i64().unwrap();
    let edited = edit(&house, id, &seller, "e", json!({"terms": 1, "description": "다리를 고쳤어요"})).await;
    assert_eq!(edited.status, 200, "{}", edited.text);
    assert_eq!(seen(&house, id).await["description"], "다리를 고쳤어요");
    assert_eq!(seen(&house, first).await, old);
}
