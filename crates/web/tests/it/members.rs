//! /members and /me.

use serde_json::json;

use crate::ask::refused;
use crate::house::{House, PASSWORD};

#[tokio::test]
async fn a_member_signs_up_and_is_seen_by_others() {
    let house = House::new().await;
    let sign_up = json!({"username": "mira", "password": PASSWORD, "nickname": "  수리  부엉이 "});
    let made = house.ask("POST", "/api/v1/members").json(sign_up).send().await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.body["username"], "mira");
    assert_eq!(made.body["nickname"], "수리 부엉이");
    let address = made.header("location").to_owned();
    assert_eq!(address, format!("/api/v1/members/{}", made.body["id"]));
    let seen = house.ask("GET", &address).send().await;
    assert_eq!(seen.body["nickname"], "수리 부엉이");
    assert!(seen.body.get("username").is_none(), "for signing in; nobody else sees it");
    refused(&house.ask("GET", "/api/v1/members/999").send().await, 404, "not_found");
    refused(&house.ask("GET", "/api/v1/members/mira").send().await, 404, "not_found");
}

#[tokio::test]
async fn names_are_taken_once_whatever_they_look_like() {
    let house = House::new().await;
    house.member("paypal").await;
    for (username, nickname, code) in [
        ("paypal", "another", "username_taken"),
        ("other", "рaураl", "nickname_taken"), // in part Cyrillic
        ("other", "PayPal", "nickname_taken"),
    ] {
        let sign_up = json!({"username": username, "password": PASSWORD, "nickname": nickname});
        refused(&house.ask("POST", "/api/v1/members").json(sign_up).send().await, 409, code);
    }
}

#[tokio::test]
async fn everything_wrong_with_a_sign_up_is_named_at_once() {
    let house = House::new().await;
    let sign_up = json!({"username": "Mi", "password": "short", "nickname": "a\u{202E}b", "region_id": -7});
    let answer = house.ask("POST", "/api/v1/members").json(sign_up).send().await;
    refused(&answer, 422, "invalid");
    let expected = [
        ("username", "invalid"),
        ("password", "too_short"),
        ("nickname", "invalid"),
        ("region_id", "invalid"),
    ];
    assert_eq!(answer.faults(), expected);
    let answer = house.ask("POST", "/api/v1/members").json(json!({"nickname": 5, "age": 3})).send().await;
    let expected =
        [("username", "required"), ("password", "required"), ("nickname", "wrong_type"), ("age", "unknown")];
    assert_eq!(answer.faults(), expected);
}

#[tokio::test]
async fn a_member_changes_what_he_is_called_and_where_he_lives() {
    let house = House::new().await;
    let (_, mira) = house.member("mira").await;
    house.member("noru").await;
    let regions = house.ask("GET", "/api/v1/regions?level=3&limit=1").send().await;
    let region = regions.body["items"][0]["id"].clone();
    let change = |body| house.ask("PATCH", "/api/v1/me").by(&mira).json(body).send();

    let changed = change(json!({"nickname": "미라", "region_id": region})).await;
    assert_eq!((&changed.body["nickname"], &changed.body["region_id"]), (&json!("미라"), &region));
    let kept = change(json!({})).await;
    assert_eq!(kept.body["region_id"], region);
    let cleared = change(json!({"region_id": null})).await;
    assert!(cleared.body.get("region_id").is_none());
    assert_eq!(cleared.body["nickname"], "미라");
    refused(&change(json!({"nickname": "Noru"})).await, 409, "nickname_taken");
    assert_eq!(change(json!({"nickname": "미라"})).await.status, 200, "one's own is not taken");
    assert_eq!(
        change(json!({"nickname": "x", "region_id": -1})).await.faults(),
        [("nickname", "too_short"), ("region_id", "invalid")]
    );
    let me = house.ask("GET", "/api/v1/me").by(&mira).send().await;
    assert_eq!((&me.body["username"], &me.body["nickname"]), (&json!("mira"), &json!("미라")));
}

#[tokio::test]
async fn a_new_password_ends_every_other_session() {
    let house = House::new().await;
    let (_, here) = house.member("mira").await;
    let elsewhere = house.token("mira").await;
    let change = |current: &str, new: &str| {
        let body = json!({"current_password": current, "new_password": new});
        house.ask("POST", "/api/v1/me/password").by(&here).json(body).send()
    };
    refused(&change("wrong", "a new password").await, 401, "credentials_wrong");
    assert_eq!(change(PASSWORD, "short").await.faults(), [("new_password", "too_short")]);
    assert_eq!(change(PASSWORD, "a new password").await.status, 204);
    assert_eq!(house.ask("GET", "/api/v1/me").by(&here).send().await.status, 200);
    refused(&house.ask("GET", "/api/v1/me").by(&elsewhere).send().await, 401, "unauthenticated");
    for (password, status) in [(PASSWORD, 401), ("a new password", 201)] {
        let sign_in = json!({"username": "mira", "password": password});
        assert_eq!(house.ask("POST", "/api/v1/sessions").json(sign_in).send().await.status, status);
    }
}

#[tokio::test]
async fn a_seller_blocks_a_member_until_he_lifts_it() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let (bidder_id, bidder) = house.rich_member("bidder", 100_000).await;
    let auction = house.auction(&seller, json!({})).await;
    let block = format!("/api/v1/members/{bidder_id}/block");
    let bids = format!("/api/v1/auctions/{auction}/bids");
    for _ in 0..2 {
        assert_eq!(house.ask("POST", &block).by(&seller).send().await.status, 204);
    }
    refused(&house.order(&bids, &bidder, json!({"amount": 5_000})).send().await, 403, "blocked");
    let seen = house.ask("GET", &format!("/api/v1/members/{bidder_id}")).by(&seller).send().await;
    assert_eq!(seen.body["blocked"], true);
    for _ in 0..2 {
        assert_eq!(house.ask("DELETE", &block).by(&seller).send().await.status, 204);
    }
    assert_eq!(house.order(&bids, &bidder, json!({"amount": 5_000})).send().await.status, 201);
    let himself = house.ask("POST", &block).by(&bidder).send().await;
    assert_eq!(himself.faults(), [("id", "invalid")]);
    refused(&house.ask("POST", "/api/v1/members/999/block").by(&seller).send().await, 404, "not_found");
    refused(&house.ask("POST", &block).send().await, 401, "unauthenticated");
}
