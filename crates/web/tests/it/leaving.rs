//! What a member takes along, and that he leaves.

use serde_json::json;

use crate::ask::refused;
use crate::browser::Browser;
use crate::house::{House, PASSWORD};

#[tokio::test]
async fn an_export_holds_all_that_is_kept_of_a_member() {
    let house = House::new().await;
    let (anna_id, anna) = house.admin("anna").await;
    let (bora_id, bora) = house.member("bora").await;
    house.auction(&anna, json!({"title": "의자", "description": "다리가 셋이에요"})).await;
    let quiet = json!({"quiet_from": "22:00", "quiet_until": "07:30"});
    let kept = house.ask("PATCH", "/api/v1/me/notice-preferences").by(&anna).json(quiet).send().await;
    assert_eq!(kept.status, 200, "{}", kept.text);
    let path = format!("/api/v1/admin/members/{bora_id}/suspend");
    let suspended = house.ask("POST", &path).by(&anna).json(json!({"reason": "장난"})).send().await;
    assert_eq!(suspended.status, 204, "{}", suspended.text);

    let export = |by: &str| house.ask("GET", "/api/v1/me/export").by(by).send();
    let own = export(&anna).await;
    assert_eq!(own.status, 200, "{}", own.text);
    assert_eq!(own.body["profile"]["id"], json!(anna_id));
    assert_eq!(own.body["listings"][0]["description"], json!("다리가 셋이에요"));
    assert_eq!(own.body["listings"][0]["listing"]["title"], json!("의자"));
    assert_eq!(
        (&own.body["reach"]["quiet_from"], &own.body["reach"]["browsers"]),
        (&json!("22:00"), &json!(0))
    );
    assert_eq!(own.body["acts_done"][0]["kind"], json!("suspended"));
    for list in ["bids", "orders", "withdrawals", "cut", "failed"] {
        assert_eq!(own.body[list], json!([]), "{list}");
    }
    let other = export(&bora).await;
    let act = &other.body["acts"][0];
    assert_eq!((&act["kind"], &act["reason"]), (&json!("suspended"), &json!("장난")));
    assert_eq!((act.get("admin_id"), &other.body["acts_done"]), (None, &json!([])), "{}", other.text);
    for text in [&own.text, &other.text] {
        for secret in ["$argon2", "password", "token", "push_key"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
}

#[tokio::test]
async fn whoever_is_suspended_or_the_last_admin_stays() {
    let house = House::new().await;
    let (_, anna) = house.admin("anna").await;
    let (bora_id, bora) = house.member("bora").await;
    let leave = |by: &str| {
        let leaving = json!({"password": PASSWORD, "confirm": true});
        house.ask("DELETE", "/api/v1/me").by(by).json(leaving).send()
    };
    refused(&leave(&anna).await, 409, "last_admin");
    let path = format!("/api/v1/admin/members/{bora_id}/suspend");
    let suspended = house.ask("POST", &path).by(&anna).json(json!({"reason": "장난"})).send().await;
    assert_eq!(suspended.status, 204, "{}", suspended.text);
    refused(&leave(&bora).await, 403, "suspended");
    let mut page = Browser::speaking(&house, "en");
    page.send("/sign-in", &[("username", "anna"), ("password", PASSWORD)]).await;
    page.open("/me/leave").await.says("You are the only admin");
    let (_, cora) = house.admin("cora").await;
    assert_eq!(leave(&anna).await.status, 204);
    refused(&leave(&cora).await, 409, "last_admin");
    refused(&house.ask("GET", "/api/v1/me").by(&anna).send().await, 401, "unauthenticated");
}
