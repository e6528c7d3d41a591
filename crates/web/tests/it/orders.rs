//! /orders: what follows a sale, from both sides.

use auction::Span;
use serde_json::{Value, json};

use crate::ask::{Answer, refused};
use crate::house::House;

/// A chair that was bought at once.
struct Sale {
    house: House,
    seller: String,
    buyer: String,
    stranger: String,
    admin: String,
    id: i64,
}

impl Sale {
    async fn new() -> Sale {
        let house = House::new().await;
        let (_, seller) = house.member("seller").await;
        let (_, buyer) = house.rich_member("buyer", 100_000).await;
        let (_, stranger) = house.rich_member("stranger", 100_000).await;
        let (_, admin) = house.admin("admin").await;
        let auction = house.auction(&seller, json!({"buy_now_price": 30_000})).await;
        let path = format!("/api/v1/auctions/{auction}/buy-now");
        let bought = house.order(&path, &buyer, json!({})).send().await;
        let id = bought.body["order"]["id"].as_i64().unwrap();
        Sale { house, seller, buyer, stranger, admin, id }
    }

    async fn say(&self, what: &str, token: &str, body: Value) -> Answer {
        self.house.order(&format!("/api/v1/orders/{}/{what}", self.id), token, body).send().await
    }

    async fn seen(&self, token: &str) -> Value {
        self.house.ask("GET", &format!("/api/v1/orders/{}", self.id)).by(token).send().await.body
    }

    async fn wallet(&self, token: &str) -> i64 {
        self.house.ask("GET", "/api/v1/wallet").by(token).send().await.body["available"].as_i64().unwrap()
    }

    async fn state(&self) -> String {
        self.seen(&self.seller).await["state"].as_str().unwrap().to_owned()
    }
}

/// Whether a word is in a list.
fn has(list: &Value, word: &str) -> bool {
    list.as_array().unwrap().iter().any(|item| item == word)
}

#[tokio::test]
async fn each_side_sees_its_own_code_and_nobody_else_any() {
    let sale = Sale::new().await;
    let (by_buyer, by_seller, by_admin) =
        (sale.seen(&sale.buyer).await, sale.seen(&sale.seller).await, sale.seen(&sale.admin).await);
    let code = by_buyer["receipt_code"].as_str().unwrap();
    assert!(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()), "{code}");
    let other = by_seller["meeting_code"].as_str().unwrap();
    assert_ne!(code, other);
    for (view, hidden) in [(&by_buyer, other), (&by_seller, code), (&by_admin, code), (&by_admin, other)] {
        assert!(!view.to_string().contains(hidden), "{hidden} in {view}");
    }
    assert_eq!((&by_buyer["role"], &by_seller["role"]), (&json!("buyer"), &json!("seller")));
    assert!(by_admin.get("role").is_none());
    assert_eq!((&by_buyer["state"], &by_buyer["next"]), (&json!("to_hand_over"), &json!("refunded")));
    assert_eq!(by_buyer["due"], sale.house.ahead(Span::days(7)));
    assert!(has(&by_buyer["may"], "receive") && has(&by_seller["may"], "ship"));
    assert_eq!(by_admin["may"], json!([]));
    refused(
        &sale.house.ask("GET", &format!("/api/v1/orders/{}", sale.id)).by(&sale.stranger).send().await,
        404,
        "not_found",
    );
    for (token, count) in [(&sale.buyer, 1), (&sale.seller, 1), (&sale.stranger, 0), (&sale.admin, 0)] {
        let rows = sale.house.ask("GET", "/api/v1/orders").by(token).send().await;
        assert_eq!(rows.body["items"].as_array().unwrap().len(), count);
    }
}

#[tokio::test]
async fn who_may_not_is_told_so() {
    let sale = Sale::new().await;
    let (text, ship) = (json!({"text": "깨졌어요"}), json!({"carrier": "우체국", "tracking": "1-2"}));
    let (code, decision) = (json!({"code": "000000"}), json!({"refund": 0, "reason": "판매자 말이 맞아요"}));
    for (what, token, body, status, expected) in [
        ("ship", &sale.buyer, ship.clone(), 403, "not_seller"),
        ("ship", &sale.stranger, ship.clone(), 404, "order_not_found"),
        ("ship", &sale.admin, ship, 404, "order_not_found"),
        ("receive", &sale.seller, json!({}), 403, "not_buyer"),
        ("receipt-code", &sale.buyer, code.clone(), 403, "not_seller"),
        ("meeting-code", &sale.seller, code, 403, "not_buyer"),
        ("keep-on", &sale.buyer, json!({}), 409, "order_state"),
        ("evidence", &sale.buyer, text.clone(), 409, "order_state"),
        ("dispute", &sale.stranger, text, 404, "order_not_found"),
        // Also what is wrong by itself does not tell a stranger that there is such an order.
        ("dispute", &sale.stranger, json!({"text": ""}), 404, "order_not_found"),
        ("receipt-code", &sale.stranger, json!({"code": "1"}), 404, "order_not_found"),
        ("decide", &sale.seller, decision.clone(), 403, "not_admin"),
        ("decide", &sale.stranger, decision.clone(), 404, "order_not_found"),
        ("decide", &sale.admin, decision, 409, "order_state"),
    ] {
        let answer = sale.say(what, token, body).await;
        refused(&answer, status, expected);
        if expected == "order_state" {
            assert_eq!(answer.body["state"], "to_hand_over");
        }
    }
    for (what, body, fault) in [
        ("ship", json!({"carrier": " ", "tracking": "1"}), ("carrier", "required")),
        ("ship", json!({"carrier": "우체국", "tracking": "1".repeat(61)}), ("tracking", "too_long")),
        ("receipt-code", json!({"code": "12345"}), ("code", "invalid")),
        ("receipt-code", json!({"code": 123_456}), ("code", "wrong_type")),
        ("dispute", json!({"text": ""}), ("text", "required")),
        ("dispute", json!({}), ("text", "required")),
    ] {
        assert_eq!(sale.say(what, &sale.seller, body.clone()).await.faults(), [fault], "{what} {body}");
    }
    let missing = sale.house.order("/api/v1/orders/999/receive", &sale.buyer, json!({})).send().await;
    refused(&missing, 404, "order_not_found");
    let keyless = sale.house.ask("POST", &format!("/api/v1/orders/{}/receive", sale.id)).by(&sale.buyer);
    refused(&keyless.send().await, 400, "key_required");
    assert_eq!(sale.state().await, "to_hand_over");
}

#[tokio::test]
async fn the_receipt_code_pays_the_seller_once() {
    let sale = Sale::new().await;
    let code = sale.seen(&sale.buyer).await["receipt_code"].clone();
    let path = format!("/api/v1/orders/{}/receipt-code", sale.id);
    let type_it = || {
        let ask = sale.house.ask("POST", &path).by(&sale.seller).key("pay");
        ask.json(json!({"code": code})).send()
    };
    let paid = type_it().await;
    assert_eq!((paid.status, &paid.body["step"]["kind"]), (200, &json!("done")), "{}", paid.text);
    assert_eq!((&paid.body["step"]["state"], &paid.body["step"]["amount"]), (&json!("done"), &json!(30_000)));
    sale.house.pass(Span::seconds(2));
    assert_eq!(type_it().await.text, paid.text, "the same again, to the letter");
    assert_eq!((sale.wallet(&sale.seller).await, sale.wallet(&sale.buyer).await), (30_000, 70_000));
    let view = sale.seen(&sale.buyer).await;
    assert_eq!((&view["state"], view.get("receipt_code"), view.get("due")), (&json!("done"), None, None));
    refused(&sale.say("dispute", &sale.buyer, json!({"text": "늦었어요"})).await, 409, "order_state");
}

#[tokio::test]
async fn wrong_codes_are_counted_and_lock() {
    let sale = Sale::new().await;
    let path = format!("/api/v1/orders/{}/meeting-code", sale.id);
    let wrong = |key: String| {
        sale.house.ask("POST", &path).by(&sale.buyer).key(&key).json(json!({"code": "000000"})).send()
    };
    for (n, left) in [(1, 4), (2, 3), (3, 2), (4, 1), (5, 0)] {
        let answer = wrong(format!("w{n}")).await;
        refused(&answer, 422, "code_wrong");
        assert_eq!(answer.body["tries_left"], left);
        let again = wrong(format!("w{n}")).await;
        assert_eq!((&again.text, again.status), (&answer.text, 422), "the same try is not counted twice");
    }
    let locked = wrong("w6".to_owned()).await;
    refused(&locked, 429, "code_locked");
    assert_eq!(locked.body["until"], sale.house.ahead(Span::hours(1)));
    assert_eq!(locked.header("retry-after"), "3600");
    assert_eq!(wrong("w1".to_owned()).await.body["tries_left"], 4, "as it was then");
    let right = sale.seen(&sale.buyer).await["receipt_code"].clone();
    refused(&sale.say("receipt-code", &sale.seller, json!({"code": right})).await, 429, "code_locked");
    assert!(!has(&sale.seen(&sale.seller).await["may"], "receipt_code"));
}

#[tokio::test]
async fn sent_and_received_the_seller_is_paid_later() {
    let sale = Sale::new().await;
    let shipment = json!({"carrier": "우체국", "tracking": "1234-5678"});
    let sent = sale.say("ship", &sale.seller, shipment).await;
    assert_eq!(sent.body["step"]["kind"], "shipped", "{}", sent.text);
    let view = sale.seen(&sale.buyer).await;
    assert_eq!(
        (&view["carrier"], &view["tracking"], &view["next"]),
        (&json!("우체국"), &json!("1234-5678"), &json!("asked"))
    );
    let code = sale.seen(&sale.seller).await["meeting_code"].clone();
    assert_eq!(
        sale.say("meeting-code", &sale.buyer, json!({"code": code})).await.body["step"]["kind"],
        "met"
    );
    assert!(sale.seen(&sale.seller).await.get("meeting_code").is_none(), "it has done its work");
    let came = sale.say("receive", &sale.buyer, json!({})).await;
    assert_eq!(came.body["step"]["state"], "delivered", "{}", came.text);
    assert_eq!(sale.wallet(&sale.seller).await, 0, "not yet");
    assert_eq!(sale.seen(&sale.buyer).await["next"], "done");
    let kinds: Vec<_> = sale.seen(&sale.buyer).await["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| (step["kind"].as_str().unwrap().to_owned(), step["by"].as_str().unwrap().to_owned()))
        .collect();
    let expected = [("opened", "buyer"), ("shipped", "seller"), ("met", "buyer"), ("delivered", "buyer")];
    assert_eq!(kinds, expected.map(|(kind, by)| (kind.to_owned(), by.to_owned())));
}

#[tokio::test]
async fn both_together_cancel_and_the_buyer_has_his_money_back() {
    let sale = Sale::new().await;
    assert_eq!(sale.say("cancel", &sale.seller, json!({})).await.body["step"]["kind"], "cancel_wanted");
    assert!(has(&sale.seen(&sale.seller).await["may"], "keep_on"));
    assert_eq!(sale.say("keep-on", &sale.seller, json!({})).await.body["step"]["kind"], "cancel_taken_back");
    sale.say("cancel", &sale.seller, json!({})).await;
    assert_eq!(sale.seen(&sale.buyer).await["wants_cancel"], "seller");
    let agreed = sale.say("cancel", &sale.buyer, json!({})).await;
    assert_eq!(agreed.body["step"]["state"], "refunded", "{}", agreed.text);
    assert_eq!((sale.wallet(&sale.seller).await, sale.wallet(&sale.buyer).await), (0, 100_000));
    let view = sale.seen(&sale.seller).await;
    assert_eq!(
        (&view["refund"], &view["fee"], &view["fault"]),
        (&json!(30_000), &json!(0), &json!("seller"))
    );
}

#[tokio::test]
async fn a_dispute_is_decided_by_an_admin_who_is_neither() {
    let sale = Sale::new().await;
    let disputed = sale.say("dispute", &sale.buyer, json!({"text": "다리가 부러졌어요"})).await;
    assert_eq!(disputed.body["step"]["state"], "disputed", "{}", disputed.text);
    let evidence = sale.say("evidence", &sale.seller, json!({"text": "보낼 때는 멀쩡했어요"})).await;
    assert_eq!(evidence.body["step"]["text"], "보낼 때는 멀쩡했어요");
    let waiting = sale.house.ask("GET", "/api/v1/admin/disputes").by(&sale.admin).send().await;
    assert_eq!(waiting.body["items"][0]["id"], sale.id);
    assert_eq!(sale.seen(&sale.admin).await["may"], json!(["decide"]));
    let decide = |refund: i64, reason: &str| {
        sale.say("decide", &sale.admin, json!({"refund": refund, "fault": "seller", "reason": reason}))
    };
    refused(&decide(10_000, "").await, 422, "reason_missing");
    let most = decide(30_001, "너무 많아요").await;
    refused(&most, 422, "refund_invalid");
    assert_eq!(most.body["limit"], 30_000);
    refused(&decide(-1, "너무 적어요").await, 422, "refund_invalid");
    let decided = decide(10_000, "사진을 보니 부러져 있었어요").await;
    assert_eq!(decided.body["step"]["state"], "split", "{}", decided.text);
    assert_eq!((sale.wallet(&sale.seller).await, sale.wallet(&sale.buyer).await), (20_000, 80_000));
    for token in [&sale.buyer, &sale.seller] {
        let acts = sale.house.ask("GET", "/api/v1/me/acts").by(token).send().await;
        let act = &acts.body["items"][0];
        assert_eq!((&act["kind"], &act["order_id"]), (&json!("decided"), &json!(sale.id)));
        assert_eq!((&act["reason"], act.get("admin_id")), (&json!("사진을 보니 부러져 있었어요"), None));
    }
    let none = sale.house.ask("GET", "/api/v1/me/acts").by(&sale.stranger).send().await;
    assert_eq!(none.body["items"], json!([]));
}

#[tokio::test]
async fn reviews_are_shown_when_both_wrote() {
    let sale = Sale::new().await;
    let review = |token: &str, body: Value| {
        let path = format!("/api/v1/orders/{}/review", sale.id);
        sale.house.ask("POST", &path).by(token).json(body).send()
    };
    let early = review(&sale.buyer, json!({"stars": 5})).await;
    refused(&early, 409, "order_state");
    assert_eq!(early.body["state"], "to_hand_over");
    let code = sale.seen(&sale.buyer).await["receipt_code"].clone();
    sale.say("receipt-code", &sale.seller, json!({"code": code})).await;
    for (body, fault) in [
        (json!({"stars": 0}), ("stars", "too_low")),
        (json!({"stars": 6}), ("stars", "too_high")),
        (json!({}), ("stars", "required")),
        (json!({"stars": 5, "text": "가".repeat(1_001)}), ("text", "too_long")),
    ] {
        assert_eq!(review(&sale.buyer, body).await.faults(), [fault]);
    }
    assert_eq!(review(&sale.buyer, json!({"stars": 5, "text": "친절해요"})).await.status, 201);
    refused(&review(&sale.buyer, json!({"stars": 1})).await, 409, "already_reviewed");
    refused(&review(&sale.stranger, json!({"stars": 1})).await, 404, "not_found");
    refused(&review(&sale.admin, json!({"stars": 1})).await, 404, "not_found");
    let shown = async |token: &str| sale.seen(token).await["reviews"].as_array().unwrap().len();
    assert_eq!((shown(&sale.buyer).await, shown(&sale.seller).await), (1, 0), "double blind");
    assert_eq!(shown(&sale.admin).await, 0, "blind to admins too");
    let seller_id = sale.seen(&sale.buyer).await["seller"]["id"].clone();
    let of_seller = async || {
        let path = format!("/api/v1/members/{seller_id}");
        let reviews = sale.house.ask("GET", &format!("{path}/reviews")).send().await;
        (reviews.body["items"].clone(), sale.house.ask("GET", &path).send().await.body["reputation"].clone())
    };
    assert_eq!(of_seller().await.0, json!([]));
    assert_eq!(review(&sale.seller, json!({"stars": 4})).await.status, 201);
    assert_eq!(shown(&sale.seller).await, 2);
    let (reviews, reputation) = of_seller().await;
    assert_eq!((&reviews[0]["stars"], &reviews[0]["text"]), (&json!(5), &json!("친절해요")));
    assert_eq!(reputation, json!({"score": 100, "reviews": 1, "sales": 1, "marks": {}}));
}
