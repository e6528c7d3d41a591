//! Limits: each at its bound and one past it.

use serde_json::json;
use tungstenite::Message;
use web::WebSettings;

use crate::client::Client;
use crate::house::House;

/// A ping of exactly so many bytes.
fn ping_of(bytes: usize) -> String {
    let ping = r#"{"type":"ping","at":1}"#;
    format!("{ping}{}", " ".repeat(bytes - ping.len()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_has_at_most_4_kib_in_one_frame_or_several() {
    let house = House::open().await;
    let mut client = house.stranger().await;
    client.say_text(&ping_of(4_096)).await;
    client.expect("pong").await;
    let whole = ping_of(4_096);
    for (part, text) in [&whole[..1_000], &whole[1_000..3_000], &whole[3_000..]].into_iter().enumerate() {
        client.say_part(text, part == 0, part == 2).await;
    }
    client.expect("pong").await;
    client.say_text(&ping_of(4_097)).await;
    assert_eq!(client.farewell().await, (1009, "a message is too large".to_owned()));

    let mut client = house.stranger().await;
    client.say_part(&ping_of(3_000), true, false).await;
    client.say_part(&" ".repeat(1_097), false, true).await;
    assert_eq!(client.farewell().await.0, 1009);

    let mut client = house.stranger().await;
    client.say_text(&ping_of(100_000)).await;
    assert_eq!(client.farewell().await.0, 1009);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_text_is_understood() {
    let house = House::open().await;
    let mut client = house.stranger().await;
    client.send(Message::binary(b"{}".to_vec())).await;
    assert_eq!(client.farewell().await, (1003, "only text is understood here".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_message_more_than_a_second_may_have_closes_the_socket() {
    let house = House::with(WebSettings::default()).await;
    let mut client = house.stranger().await;
    for _ in 0..20 {
        client.say(json!({"type": "ping"})).await;
    }
    for _ in 0..20 {
        client.expect("pong").await;
    }
    let mut client = house.stranger().await;
    // Many at once, so that what comes back meanwhile on a slow machine does not matter.
    for _ in 0..2_000 {
        client.say(json!({"type": "ping"})).await;
    }
    assert_eq!(client.farewell().await, (1008, "too many messages in a second".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_subscription_too_many_closes_the_socket() {
    let settings = WebSettings { subscriptions_per_socket: 3, ..WebSettings::default() };
    let house = House::with(settings).await;
    let mina = house.person("mina", 0).await;
    let mut auctions = Vec::new();
    for _ in 0..4 {
        auctions.push(house.auction(&mina, None).await.0);
    }
    let mut client = house.stranger().await;
    for id in &auctions[..3] {
        client.watch(*id).await;
    }
    client.watch(auctions[0]).await;
    client.say(json!({"type": "unsubscribe", "id": auctions[0]})).await;
    client.watch(auctions[3]).await;
    client.say(json!({"type": "subscribe", "id": auctions[0]})).await;
    assert_eq!(client.farewell().await, (1008, "too many subscriptions on one connection".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_has_at_most_ten_sockets() {
    let house = House::with(WebSettings::default()).await;
    let noru = house.person("noru", 0).await;
    let mut clients = Vec::new();
    for _ in 0..10 {
        clients.push(house.socket_of(&noru).await);
    }
    let cookie = format!("session={}", noru.token);
    let mut eleventh = Client::connect(house.port, &[("cookie", &cookie)]).await.expect("it is upgraded");
    assert_eq!(eleventh.farewell().await, (1008, "too many connections of one member".to_owned()));
    clients[0].expect_silence().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_has_at_most_fifty_sockets() {
    let house = House::with(WebSettings::default()).await;
    let mut clients = Vec::new();
    for _ in 0..50 {
        clients.push(house.stranger().await);
    }
    let mut next = Client::connect(house.port, &[]).await.expect("it is upgraded");
    assert_eq!(next.farewell().await, (1008, "too many connections from one address".to_owned()));
}
