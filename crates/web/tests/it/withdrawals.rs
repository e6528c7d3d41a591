//! Money out, and money that an admin enters.

use auction::Span;
use engine::Deposits;
use serde_json::{Value, json};

use crate::ask::{Answer, refused};
use crate::house::{House, Wishes};

struct Bank {
    house: House,
    admin: String,
    mira_id: i64,
    mira: String,
}

impl Bank {
    async fn new() -> Bank {
        let house = House::wishing(Wishes { deposits: Deposits::Manual, ..Wishes::default() }).await;
        let (_, admin) = house.admin("admin").await;
        let (mira_id, mira) = house.member("mira").await;
        let bank = Bank { house, admin, mira_id, mira };
        let entered =
            bank.enter(json!({"member_id": mira_id, "amount": 50_000, "reference": "bank 1"})).await;
        assert_eq!(
            (entered.status, &entered.body["transfer"]["amount"]),
            (201, &json!(50_000)),
            "{}",
            entered.text
        );
        bank
    }

    async fn enter(&self, body: Value) -> Answer {
        self.house.order("/api/v1/admin/deposits", &self.admin, body).send().await
    }

    async fn want(&self, key: &str, amount: i64) -> Answer {
        let body = json!({"amount": amount, "destination": "국민 123-45"});
        self.house.ask("POST", "/api/v1/wallet/withdrawals").by(&self.mira).key(key).json(body).send().await
    }

    async fn settle(&self, id: &Value, key: &str, body: Value) -> Answer {
        let path = format!("/api/v1/admin/withdrawals/{id}");
        self.house.ask("POST", &path).by(&self.admin).key(key).json(body).send().await
    }

    async fn available(&self) -> Value {
        self.house.ask("GET", "/api/v1/wallet").by(&self.mira).send().await.body["available"].clone()
    }
}

#[tokio::test]
async fn money_goes_out_once_or_comes_back() {
    let bank = Bank::new().await;
    let first = bank.want("a", 30_000).await;
    assert_eq!(
        (first.status, &first.body["withdrawal"]["state"]),
        (201, &json!("requested")),
        "{}",
        first.text
    );
    bank.house.pass(Span::seconds(2));
    assert_eq!(bank.want("a", 30_000).await.text, first.text);
    assert_eq!(bank.available().await, 20_000);
    let more = bank.want("b", 20_001).await;
    refused(&more, 402, "insufficient_funds");
    let second = bank.want("c", 5_000).await;
    let waiting = bank.house.ask("GET", "/api/v1/admin/withdrawals").by(&bank.admin).send().await;
    let rows = waiting.body["items"].as_array().unwrap();
    assert_eq!((rows.len(), &rows[0]["member_id"]), (2, &json!(bank.mira_id)));
    assert_eq!(rows[0]["destination"], "국민 123-45");
    let (id, other) = (&first.body["withdrawal"]["id"], &second.body["withdrawal"]["id"]);
    let done = bank.settle(id, "d", json!({"done": true})).await;
    assert_eq!((done.status, &done.body["withdrawal"]["state"]), (200, &json!("done")), "{}", done.text);
    assert_eq!(bank.settle(id, "d", json!({"done": true})).await.text, done.text);
    refused(&bank.settle(id, "e", json!({"done": true})).await, 409, "withdrawal_over");
    refused(&bank.settle(other, "f", json!({"done": false})).await, 422, "reason_missing");
    refused(&bank.settle(&json!(999), "g", json!({"done": true})).await, 404, "withdrawal_not_found");
    let back = bank.settle(other, "h", json!({"done": false, "reason": "계좌가 없어요"})).await;
    assert_eq!(back.body["withdrawal"]["state"], "reversed", "{}", back.text);
    assert_eq!(bank.available().await, 20_000);
    let own = bank.house.ask("GET", "/api/v1/wallet/withdrawals").by(&bank.mira).send().await;
    let states: Vec<_> =
        own.body["items"].as_array().unwrap().iter().map(|row| row["state"].clone()).collect();
    assert_eq!(states, ["reversed", "done"], "newest first");
    assert_eq!(own.body["items"][0]["reason"], "계좌가 없어요");
    let acts = bank.house.ask("GET", "/api/v1/me/acts").by(&bank.mira).send().await;
    let kinds: Vec<_> =
        acts.body["items"].as_array().unwrap().iter().map(|act| act["kind"].clone()).collect();
    assert_eq!(kinds, ["withdrawal_reversed", "withdrawal_done", "deposited"]);
}

#[tokio::test]
async fn what_is_wrong_is_said() {
    let bank = Bank::new().await;
    refused(&bank.want("a", 0).await, 422, "amount_invalid");
    let no_place =
        bank.house.order("/api/v1/wallet/withdrawals", &bank.mira, json!({"amount": 5, "destination": " "}));
    assert_eq!(no_place.send().await.faults(), [("destination", "required")]);
    for (body, fault) in [
        (json!({"member_id": 999, "amount": 5, "reference": "x"}), ("member_id", "invalid")),
        (json!({"member_id": bank.mira_id, "amount": 5, "reference": ""}), ("reference", "required")),
        (json!({"member_id": bank.mira_id, "amount": 5}), ("reference", "required")),
    ] {
        assert_eq!(bank.enter(body.clone()).await.faults(), [fault], "{body}");
    }
    refused(
        &bank.enter(json!({"member_id": bank.mira_id, "amount": 0, "reference": "x"})).await,
        422,
        "amount_invalid",
    );
    let suspend = format!("/api/v1/admin/members/{}/suspend", bank.mira_id);
    let why = json!({"reason": "조사 중이에요"});
    assert_eq!(bank.house.ask("POST", &suspend).by(&bank.admin).json(why).send().await.status, 204);
    refused(&bank.want("s", 5).await, 403, "suspended");
    let own = bank.house.order("/api/v1/wallet/deposits", &bank.mira, json!({"amount": 5})).send().await;
    refused(&own, 409, "deposits_off");
}

#[tokio::test]
async fn play_money_stays_where_it_is() {
    let house = House::new().await;
    let (_, mira) = house.rich_member("mira", 5_000).await;
    let (_, admin) = house.admin("admin").await;
    let wanted = json!({"amount": 5_000, "destination": "국민 123-45"});
    refused(&house.order("/api/v1/wallet/withdrawals", &mira, wanted).send().await, 409, "withdrawals_off");
    let entered = json!({"member_id": 1, "amount": 5, "reference": "x"});
    refused(&house.order("/api/v1/admin/deposits", &admin, entered).send().await, 409, "deposits_off");
}
