//! How a member says how he wants to be reached: over the API and by the page without scripts.

use serde_json::{Value, json};

use crate::ask::refused;
use crate::browser::Browser;
use crate::delivery::Town;
use crate::house::House;
use crate::outside::PushBrowser;

#[tokio::test]
async fn preferences_are_kept_and_what_is_none_is_named() {
    let house = House::new().await;
    let (_, anna) = house.member("anna").await;
    let path = "/api/v1/me/notice-preferences";
    let first = house.ask("GET", path).by(&anna).send().await.body;
    let usual = json!({
        "bidding": "usual", "selling": "usual", "ending": "usual", "results": "usual", "orders": "usual",
        "questions": "usual", "money": "usual", "searches": "usual",
    });
    assert_eq!(
        (&first["groups"], &first["browsers"], &first["sends_email"]),
        (&usual, &json!(0), &json!(false))
    );
    assert_eq!(first["push_key"].as_str().unwrap().len(), 87);
    // What is sent, and the field that cannot stay as it is with its code; nothing for what can.
    let table: [(Value, Option<(&str, &str)>); 15] = [
        (json!({}), None),
        (json!({"bidding": "both"}), None),
        (json!({"bidding": "in_house", "money": "email"}), None),
        (json!({"bidding": "loud"}), Some(("bidding", "invalid"))),
        (json!({"bidding": true}), Some(("bidding", "wrong_type"))),
        (json!({"everything": "push"}), Some(("everything", "unknown"))),
        (json!({"quiet_from": "22:00", "quiet_until": "08:00"}), None),
        (json!({"quiet_from": "22:00"}), Some(("quiet_until", "required"))),
        (json!({"quiet_until": "08:00"}), Some(("quiet_from", "required"))),
        (json!({"quiet_from": null, "quiet_until": "08:00"}), Some(("quiet_until", "required"))),
        (json!({"quiet_from": "22:00", "quiet_until": "22:00"}), Some(("quiet_until", "invalid"))),
        (json!({"quiet_from": "24:00", "quiet_until": "08:00"}), Some(("quiet_from", "invalid"))),
        (json!({"quiet_from": 22, "quiet_until": "08:00"}), Some(("quiet_from", "wrong_type"))),
        (json!({"quiet_from": "22", "quiet_until": "08:00"}), Some(("quiet_from", "invalid"))),
        (json!({"quiet_from": "21:30", "quiet_until": "07:00", "questions": "push"}), None),
    ];
    for (sent, fault) in table {
        let answer = house.ask("PATCH", path).by(&anna).json(sent.clone()).send().await;
        match fault {
            None => assert_eq!(answer.status, 200, "{sent}: {}", answer.text),
            Some(fault) => assert!(answer.faults().contains(&fault), "{sent}: {}", answer.text),
        }
    }
    let kept = house.ask("GET", path).by(&anna).send().await.body;
    let groups = &kept["groups"];
    assert_eq!(
        (&groups["bidding"], &groups["money"], &groups["questions"], &groups["orders"]),
        (&json!("in_house"), &json!("email"), &json!("push"), &json!("usual"))
    );
    assert_eq!((&kept["quiet_from"], &kept["quiet_until"]), (&json!("21:30"), &json!("07:00")));
    let never = json!({"quiet_from": null, "quiet_until": null});
    assert_eq!(house.ask("PATCH", path).by(&anna).json(never).send().await.body.get("quiet_from"), None);
    refused(&house.ask("GET", path).send().await, 401, "unauthenticated");
    let email = house.ask("POST", "/api/v1/me/email").by(&anna).json(json!({"email": "a@b.example"}));
    refused(&email.send().await, 409, "email_off");
}

#[tokio::test]
async fn a_browser_is_subscribed_only_with_a_public_service_and_sound_keys() {
    let town = Town::new().await;
    let house = House::new().await;
    let (_, anna) = house.member("anna").await;
    let path = "/api/v1/me/push-subscriptions";
    let sound = town.browser.subscription();
    let with = |endpoint: &str| json!({"endpoint": endpoint, "keys": sound["keys"]});
    let keys = |name: &str, value: &str| {
        let mut sent = with("https://push.example/1");
        sent["keys"][name] = json!(value);
        sent
    };
    let table: [(Value, Option<(&str, &str)>); 16] = [
        (with("https://push.example/1"), None),
        (with("http://push.example/1"), Some(("endpoint", "invalid"))),
        (with("https://127.0.0.1/1"), Some(("endpoint", "invalid"))),
        (with("https://[::1]/1"), Some(("endpoint", "invalid"))),
        (with("https://169.254.169.254/latest"), Some(("endpoint", "invalid"))),
        (with("https://localhost/1"), Some(("endpoint", "invalid"))),
        (with("file:///etc/passwd"), Some(("endpoint", "invalid"))),
        (with(&town.browser.endpoint), Some(("endpoint", "invalid"))),
        (keys("auth", "AAAA"), Some(("keys.auth", "invalid"))),
        (keys("p256dh", "AAAA"), Some(("keys.p256dh", "invalid"))),
        (keys("p256dh", "!"), Some(("keys.p256dh", "invalid"))),
        (keys("more", "x"), Some(("keys.more", "unknown"))),
        (json!({"endpoint": "https://push.example/1"}), Some(("keys", "required"))),
        (json!({"endpoint": "https://push.example/1", "keys": {}}), Some(("keys.auth", "required"))),
        (json!({"endpoint": "https://push.example/1", "keys": "x"}), Some(("keys", "wrong_type"))),
        (
            json!({"keys": sound["keys"], "endpoint": "https://push.example/1", "x": 1}),
            Some(("x", "unknown")),
        ),
    ];
    for (sent, fault) in table {
        let answer = house.ask("POST", path).by(&anna).json(sent.clone()).send().await;
        match fault {
            None => assert_eq!(answer.status, 204, "{sent}: {}", answer.text),
            Some(fault) => assert!(answer.faults().contains(&fault), "{sent}: {}", answer.text),
        }
    }
    for number in 2..=11 {
        let answer = house.ask("POST", path).by(&anna).json(with(&format!("https://push.example/{number}")));
        match number {
            11 => refused(&answer.send().await, 409, "too_many_browsers"),
            _ => assert_eq!(answer.send().await.status, 204),
        }
    }
    for _ in 0..2 {
        let gone = house.ask("DELETE", path).by(&anna).json(json!({"endpoint": "https://push.example/3"}));
        assert_eq!(gone.send().await.status, 204);
    }
    let known = house.ask("GET", "/api/v1/me/notice-preferences").by(&anna).send().await;
    assert_eq!(known.body["browsers"], json!(9));
    refused(&house.ask("POST", path).json(sound.clone()).send().await, 401, "unauthenticated");
    let other = PushBrowser::new(&town.push, 9);
    town.subscribe(&other).await;
}

#[tokio::test]
async fn the_settings_work_without_scripts_in_both_languages() {
    let house = House::new().await;
    let mut anna = Browser::of_member(&house, "anna").await;
    anna.open("/me").await.says("href=\"/me/notices\"");
    anna.open("/me/notices").await.says("알림 받는 방법").says("이곳은 이메일을 보내지 않아요.");
    anna.open("/me/notices?lang=en").await.says("Notices outside the house").says("value=\"22:00\"");
    let form = [
        ("bidding", "both"),
        ("money", "nonsense"),
        ("quiet", "1"),
        ("quiet_from", "23:00"),
        ("quiet_until", "06:30"),
    ];
    anna.send("/me/notices", &form).await.says("value=\"23:00\"").says("<option value=\"both\" selected>");
    let bad = [("quiet", "1"), ("quiet_from", "23:00"), ("quiet_until", "23:00")];
    assert_eq!(anna.send("/me/notices", &bad).await.says("aria-invalid=\"true\"").status, 422);
    anna.send("/me/notices", &[("quiet_from", ""), ("quiet_until", "")]).await.says("value=\"22:00\"");
    let worker = house.ask("GET", "/sw.js").send().await;
    assert_eq!((worker.status, worker.header("cache-control")), (200, "no-cache"));
    assert_eq!(worker.header("content-type"), "text/javascript; charset=utf-8");
    assert!(worker.text.contains("notificationclick"));
}
