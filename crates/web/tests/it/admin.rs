//! /admin: what people decide where the rules cannot, and who may read of it.

use auction::Span;
use serde_json::{Value, json};

use crate::ask::{Answer, refused};
use crate::house::House;

async fn post(house: &House, token: &str, path: &str, body: Value) -> Answer {
    house.order(&format!("/api/v1/admin/{path}"), token, body).send().await
}

#[tokio::test]
async fn only_admins_come_in() {
    let house = House::new().await;
    let (_, mira) = house.member("mira").await;
    for path in ["disputes", "withdrawals", "acts"] {
        let path = format!("/api/v1/admin/{path}");
        refused(&house.ask("GET", &path).by(&mira).send().await, 403, "not_admin");
        refused(&house.ask("GET", &path).send().await, 401, "unauthenticated");
    }
    for path in [
        "withdrawals/1",
        "deposits",
        "members/1/suspend",
        "members/1/restore",
        "members/1/lift-marks",
        "auctions/1/take-back",
    ] {
        refused(&post(&house, &mira, path, json!({"nonsense": true})).await, 403, "not_admin");
    }
    assert!(house.ask("GET", "/api/v1/me").by(&mira).send().await.body.get("admin").is_none());
}

#[tokio::test]
async fn a_member_is_suspended_and_restored_with_reasons_that_he_may_read() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let (admin_id, admin) = house.admin("admin").await;
    let (id, mira) = house.rich_member("mira", 50_000).await;
    let auction = house.auction(&seller, json!({})).await;
    let bid =
        || house.order(&format!("/api/v1/auctions/{auction}/bids"), &mira, json!({"amount": 5_000})).send();
    let suspend = format!("members/{id}/suspend");
    for (body, code) in [
        (json!({}), "required"),
        (json!({"reason": " "}), "required"),
        (json!({"reason": "가".repeat(501)}), "too_long"),
    ] {
        assert_eq!(post(&house, &admin, &suspend, body).await.faults(), [("reason", code)]);
    }
    assert_eq!(
        post(&house, &admin, &suspend, json!({"reason": "여러 번 나오지 않았어요"})).await.status,
        204
    );
    assert_eq!(
        post(&house, &admin, &suspend, json!({"reason": "다시"})).await.status,
        204,
        "again is the same"
    );
    refused(&bid().await, 403, "suspended");
    let restore = format!("members/{id}/restore");
    assert_eq!(post(&house, &admin, &restore, json!({"reason": "사과했어요"})).await.status, 204);
    assert_eq!(bid().await.status, 201);
    let lift = format!("members/{id}/lift-marks");
    assert_eq!(post(&house, &admin, &lift, json!({"reason": "오해였어요"})).await.status, 204);
    refused(&post(&house, &admin, "members/999/suspend", json!({"reason": "x"})).await, 404, "not_found");
    let own = post(&house, &admin, &format!("members/{admin_id}/suspend"), json!({"reason": "x"})).await;
    assert_eq!(own.faults(), [("id", "invalid")]);
    let acts = house.ask("GET", "/api/v1/me/acts").by(&mira).send().await;
    let told: Vec<_> = acts.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|act| (act["kind"].as_str().unwrap(), act["reason"].as_str().unwrap(), act.get("admin_id")))
        .collect();
    let expected = [
        ("marks_lifted", "오해였어요", None),
        ("restored", "사과했어요", None),
        ("suspended", "여러 번 나오지 않았어요", None),
    ];
    assert_eq!(told, expected, "newest first");
    let all = house.ask("GET", "/api/v1/admin/acts").by(&admin).send().await;
    assert_eq!(all.body["items"][0]["admin_id"], admin_id);
}

#[tokio::test]
async fn an_admin_takes_bids_back_and_cancels() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let (_, admin) = house.admin("admin").await;
    let (anna_id, anna) = house.rich_member("anna", 50_000).await;
    let (bora_id, bora) = house.rich_member("bora", 50_000).await;
    let auction = house.auction(&seller, json!({})).await;
    let path = format!("/api/v1/auctions/{auction}");
    let bid = |token: &str, amount: i64| {
        house.order(&format!("{path}/bids"), token, json!({"amount": amount})).send()
    };
    bid(&anna, 5_000).await;
    bid(&bora, 9_000).await;
    let take_back = format!("auctions/{auction}/take-back");
    let taking = |member: i64| json!({"member_id": member, "reason": "속임수였어요"});
    refused(&post(&house, &admin, &take_back, json!({"member_id": bora_id})).await, 422, "reason_missing");
    refused(&post(&house, &admin, "auctions/999/take-back", taking(bora_id)).await, 404, "auction_not_found");
    let quiet = post(&house, &admin, &take_back, taking(anna_id)).await;
    assert_eq!(
        (quiet.status, &quiet.body["auction"]["seq"]),
        (200, &json!(4)),
        "no price moved: {}",
        quiet.text
    );
    refused(&post(&house, &admin, &take_back, taking(anna_id)).await, 409, "no_bidder_left");
    let afresh = post(&house, &admin, &take_back, taking(bora_id)).await;
    assert_eq!(
        (&afresh.body["auction"]["price"], &afresh.body["auction"]["seq"]),
        (&json!(5_000), &json!(5))
    );
    let rows = house.ask("GET", &format!("{path}/bids")).send().await;
    let reset = &rows.body["items"][0];
    assert_eq!(
        (&reset["kind"], &reset["rule"], &reset["reason"]),
        (&json!("reset"), &json!("afresh"), &json!("속임수였어요"))
    );
    let mine = house.ask("GET", &path).by(&bora).send().await;
    assert_eq!(
        mine.body["mine"],
        json!({"bidder": 2, "leading": false, "held": 0}),
        "what he bid counts no more"
    );
    house.pass(Span::seconds(1));
    let cancel = |body| house.order(&format!("{path}/cancel"), &admin, body).send();
    refused(&cancel(json!({})).await, 422, "reason_missing");
    let cancelled = cancel(json!({"reason": "금지된 물건이에요"})).await;
    assert_eq!(cancelled.body["auction"]["outcome"], "cancelled", "{}", cancelled.text);
    let acts = house.ask("GET", "/api/v1/admin/acts?limit=3").by(&admin).send().await;
    let kinds: Vec<_> =
        acts.body["items"].as_array().unwrap().iter().map(|act| act["kind"].clone()).collect();
    assert_eq!(kinds, ["cancelled", "took_back", "took_back"]);
}

#[tokio::test]
async fn three_marks_keep_a_seller_from_listing_until_an_admin_lifts_them() {
    let house = House::new().await;
    let (seller_id, seller) = house.member("seller").await;
    let (_, admin) = house.admin("admin").await;
    let (_, anna) = house.rich_member("anna", 50_000).await;
    let ends_at = house.ahead(Span::hours(13));
    for _ in 0..3 {
        let id = house.auction(&seller, json!({"ends_at": ends_at})).await;
        let path = format!("/api/v1/auctions/{id}");
        house.order(&format!("{path}/bids"), &anna, json!({"amount": 5_000})).send().await;
        let why = json!({"reason": "변심이에요"});
        assert_eq!(house.order(&format!("{path}/cancel"), &seller, why).send().await.status, 200);
    }
    let list = || {
        let listing = json!({"title": "책상", "description": "", "start_price": 1_000, "ends_at": ends_at});
        house.order("/api/v1/auctions", &seller, listing).send()
    };
    refused(&list().await, 403, "listing_barred");
    let lift = format!("members/{seller_id}/lift-marks");
    house.pass(Span::seconds(1));
    assert_eq!(post(&house, &admin, &lift, json!({"reason": "이사 때문이었어요"})).await.status, 204);
    assert_eq!(list().await.status, 201);
    let seen = house.ask("GET", &format!("/api/v1/members/{seller_id}")).send().await;
    assert_eq!(seen.body["reputation"]["marks"]["cancelled_with_bids"], 3, "they stay on the record");
}

/// What a block takes back follows it, auction by auction.
#[tokio::test]
async fn a_block_takes_back_what_was_bid() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let (_, anna) = house.rich_member("anna", 50_000).await;
    let (bora_id, bora) = house.rich_member("bora", 50_000).await;
    let beaten = house.auction(&seller, json!({})).await;
    let led = house.auction(&seller, json!({"ends_at": house.ahead(Span::hours(13))})).await;
    let bid =
        |id: i64, token: &str, body| house.order(&format!("/api/v1/auctions/{id}/bids"), token, body).send();
    bid(beaten, &anna, json!({"maximum": 20_000})).await;
    bid(beaten, &bora, json!({"amount": 12_000})).await;
    bid(led, &bora, json!({"amount": 9_000})).await;
    let block = format!("/api/v1/members/{bora_id}/block");
    let blocked =
        house.ask("POST", &block).by(&seller).json(json!({"reason": "약속을 어겼어요"})).send().await;
    assert_eq!(blocked.status, 204, "{}", blocked.text);
    for id in [beaten, led] {
        let mut looks = 0;
        loop {
            let rows = house.ask("GET", &format!("/api/v1/auctions/{id}/bids")).send().await;
            let newest = &rows.body["items"][0];
            if newest["kind"] == "reset" {
                // Why a lead was taken back is public, and nothing else is.
                let why = if id == led { json!("약속을 어겼어요") } else { json!(null) };
                assert_eq!((&newest["amount"], &newest["reason"]), (&json!(5_000), &why));
                break;
            }
            looks += 1;
            assert!(looks < 100_000, "nothing was taken back: {}", rows.text);
        }
    }
    refused(&bid(led, &bora, json!({"amount": 9_000})).await, 403, "blocked");
    let wallet = house.ask("GET", "/api/v1/wallet").by(&bora).send().await;
    assert_eq!((&wallet.body["available"], &wallet.body["held"]), (&json!(50_000), &json!(0)));
}
