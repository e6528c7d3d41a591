//! Sessions on the socket: by cookie, by bearer token, by `authenticate`; and what happens when one ends.

use auction::Span;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::Client;
use crate::house::House;

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_or_a_bearer_token_signs_in_at_the_upgrade() {
    let house = House::open().await;
    let noru = house.person("noru", 70_000).await;
    for header in
        [("cookie", format!("session={}", noru.token)), ("authorization", format!("Bearer {}", noru.token))]
    {
        let mut client =
            Client::connect(house.port, &[(header.0, &header.1)]).await.expect("a member may connect");
        assert_eq!(client.expect("hello").await["member"], noru.id.0);
        let wallet = client.expect("wallet").await;
        assert_eq!((&wallet["available"], &wallet["held"]), (&json!(70_000), &json!(0)));
        assert_eq!(client.expect("unread").await["count"], 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_signs_in_later_and_is_answered_by_a_second_hello() {
    let house = House::open().await;
    let noru = house.person("noru", 70_000).await;
    let mut client = house.stranger().await;
    for token in ["short", &"x".repeat(43)] {
        client.say(json!({"type": "authenticate", "token": token})).await;
        assert_eq!(client.frame().await, json!({"type": "error", "code": "unauthenticated"}));
    }
    client.say(json!({"type": "authenticate", "token": noru.token})).await;
    assert_eq!(client.expect("hello").await["member"], noru.id.0);
    client.expect("wallet").await;
    client.expect("unread").await;
    client.say(json!({"type": "bid", "id": 999, "amount": 1, "key": "k"})).await;
    assert_eq!(client.expect("refused").await["code"], "auction_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_session_is_told_so() {
    let house = House::open().await;
    let noru = house.person("noru", 0).await;
    let mut before = house.socket_of(&noru).await;
    house.pass(Span::days(91));
    before.say(json!({"type": "bid", "id": 1, "amount": 1, "key": "k"})).await;
    assert_eq!(before.until("refused").await["code"], "session_expired");
    let mut after = house.stranger().await;
    after.say(json!({"type": "authenticate", "token": noru.token})).await;
    assert_eq!(after.frame().await, json!({"type": "error", "code": "session_expired"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_ended_falls_silent_at_once() {
    let house = House::open().await;
    let noru = house.person("noru", 10_000).await;
    let mut client = house.socket_of(&noru).await;
    house.state.records.end_sessions(noru.id).await.expect("the store works");
    house.state.hub.sessions_changed(noru.id);
    assert_eq!(client.frame().await, json!({"type": "error", "code": "session_expired"}));
    assert_eq!(house.state.hub.connections_of(noru.id), 0);
    client.say(json!({"type": "bid", "id": 1, "amount": 1, "key": "k"})).await;
    assert_eq!(client.expect("refused").await["code"], "session_expired");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_session_that_ends_disturbs_nobody() {
    let house = House::open().await;
    let noru = house.person("noru", 10_000).await;
    let mut client = house.socket_of(&noru).await;
    house.state.hub.sessions_changed(noru.id);
    client.expect_silence().await;
    assert_eq!(house.state.hub.connections_of(noru.id), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_page_opens_no_socket() {
    let house = House::open().await;
    let ours = format!("http://127.0.0.1:{}", house.port);
    for (origin, opens) in [(ours.as_str(), true), ("https://evil.example", false), ("null", false)] {
        match Client::connect(house.port, &[("origin", origin)]).await {
            Ok(mut client) => {
                assert!(opens, "{origin}");
                client.expect("hello").await;
            }
            Err((status, body)) => {
                assert!(!opens, "{origin}");
                assert_eq!(status, 403);
                assert!(body.contains("foreign_origin"), "{body}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_upgrade_is_malformed() {
    let house = House::open().await;
    let mut line = TcpStream::connect(("127.0.0.1", house.port)).await.expect("the house listens");
    line.write_all(b"GET /ws HTTP/1.1\r\nhost: house\r\nconnection: close\r\n\r\n").await.expect("it reads");
    let mut answer = String::new();
    line.read_to_string(&mut answer).await.expect("it answers");
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains(r#""code":"malformed""#), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_server_stops_every_socket_is_closed_with_1012() {
    let house = House::open().await;
    let mut clients = Vec::new();
    for _ in 0..10 {
        clients.push(house.stranger().await);
    }
    house.stop();
    for client in &mut clients {
        assert_eq!(client.farewell().await, (1012, "the server is stopping".to_owned()));
    }
    drop(clients);
    house.state.tasks.close();
    house.state.tasks.wait().await;
    assert_eq!(house.state.hub.connections(), 0);
}
