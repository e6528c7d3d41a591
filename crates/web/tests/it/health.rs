//! /healthz, /readyz, /metrics.

use auction::Span;
use serde_json::json;

use crate::ask::{Ask, refused};
use crate::house::{House, Wishes};

#[tokio::test]
async fn a_house_is_alive_and_ready_until_it_stops() {
    let house = House::new().await;
    // The engine's heartbeat is there once it answers.
    house.rich_member("mira", 5_000).await;
    assert_eq!(house.ask("GET", "/healthz").send().await.text, "ok");
    let ready = house.ask("GET", "/readyz").send().await;
    assert_eq!((ready.status, &ready.body["status"]), (200, &json!("ready")), "{}", ready.text);
    for check in ["store", "heartbeat", "followers", "mailbox", "serving"] {
        assert_eq!(ready.body["checks"][check], true, "{check}");
    }
}

#[tokio::test]
async fn a_house_without_a_heartbeat_is_not_ready() {
    let mut house = House::new().await;
    house.rich_member("mira", 5_000).await;
    house.stop_engine();
    house.pass(Span::seconds(20));
    let ready = house.ask("GET", "/readyz").send().await;
    assert_eq!((ready.status, &ready.body["checks"]["heartbeat"]), (503, &json!(false)), "{}", ready.text);
    assert_eq!(house.ask("GET", "/healthz").send().await.status, 200, "alive all the same");
}

#[tokio::test]
async fn figures_are_told_to_those_who_may_know() {
    let closed = House::new().await;
    refused(&closed.ask("GET", "/metrics").send().await, 404, "not_found");

    let mut wishes = Wishes::default();
    wishes.web.metrics_token = Some("let me in".to_owned());
    let house = House::wishing(wishes).await;
    house.rich_member("mira", 5_000).await;
    refused(&house.ask("GET", "/metrics").send().await, 401, "unauthenticated");
    refused(&house.ask("GET", "/metrics").by("let me out").send().await, 401, "unauthenticated");
    let told = house.ask("GET", "/metrics").by("let me in").send().await;
    assert_eq!(told.status, 200);
    let own_listener = Ask::new(house.metrics, None, "GET", "/metrics").send().await;
    for text in [&told.text, &own_listener.text] {
        for line in [
            "engine_commands_total{outcome=\"accepted\"} 1",
            "engine_commands_total{outcome=\"busy\"} 0",
            "engine_mailbox_depth 0",
            "live_watchers 0",
            "process_resident_memory_bytes 4096",
            "process_cpu_seconds_total 1.5",
        ] {
            assert!(text.lines().any(|told| told == line), "{line} in\n{text}");
        }
        for never in ["member=", "auction=", "address=", "mira"] {
            assert!(!text.contains(never), "{never}");
        }
        assert!(text.ends_with("# EOF\n"));
    }
    refused(&Ask::new(house.metrics, None, "GET", "/api/v1/auctions").send().await, 404, "not_found");
}
