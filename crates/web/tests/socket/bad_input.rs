//! Bad input over the socket, each kind with its stable answer; the line stays open where a message can be answered.

use serde_json::json;
use tungstenite::protocol::frame::Frame;
use tungstenite::protocol::frame::coding::{Data, OpCode};
use tungstenite::{Bytes, Message};

use crate::house::House;

#[tokio::test(flavor = "multi_thread")]
async fn amounts_are_whole_numbers_and_nothing_else() {
    let house = House::open().await;
    let (mina, noru) = (house.person("mina", 0).await, house.person("noru", 100_000).await);
    let chair = house.auction(&mina, None).await;
    let mut bidder = house.socket_of(&noru).await;
    for (amount, code, field) in [
        ("-5000", "amount_invalid", None),
        ("0", "amount_invalid", None),
        ("9223372036854775807", "amount_invalid", None),
        ("9223372036854775808", "invalid", Some("amount")),
        ("5000.5", "invalid", Some("amount")),
        ("5000.0", "invalid", Some("amount")),
        ("5e3", "invalid", Some("amount")),
        ("\"5000\"", "invalid", Some("amount")),
        ("\"５０００\"", "invalid", Some("amount")),
        ("null", "invalid", Some("amount")),
        ("[5000]", "invalid", Some("amount")),
        ("true", "invalid", Some("amount")),
        ("5000,\"maximum\":9000.5", "invalid", Some("maximum")),
        ("5000,\"maximum\":\"9000\"", "invalid", Some("maximum")),
        ("5000,\"maximum\":null", "invalid", Some("maximum")),
        ("5000,\"maximum\":4000", "amount_invalid", None),
        ("5000,\"extra\":1", "invalid", Some("extra")),
    ] {
        let message = format!(r#"{{"type":"bid","id":{},"key":"k","amount":{amount}}}"#, chair.0);
        bidder.say_text(&message).await;
        let refused = bidder.expect("refused").await;
        assert_eq!((&refused["code"], &refused["key"]), (&json!(code), &json!("k")), "{amount}");
        assert_eq!(refused["field"].as_str(), field, "{amount}");
    }
    for amount in ["1e999", "５０００"] {
        let message = format!(r#"{{"type":"bid","id":{},"key":"k","amount":{amount}}}"#, chair.0);
        bidder.say_text(&message).await;
        let code = if amount.is_ascii() { "invalid" } else { "malformed" };
        assert_eq!(bidder.expect("error").await["code"], code, "{amount}");
    }
    assert_eq!(
        house.state.records.events(chair, auction::Seq(2), 10).await.expect("the store works").len(),
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_one_json_object_is_malformed_and_the_line_stays() {
    let house = House::open().await;
    let mut client = house.stranger().await;
    for text in ["", "bid", "{", "[]", "7", "null", "{\"type\":\"ping\"} {}", "{'type':'ping'}", "\u{FEFF}{}"]
    {
        client.say_text(text).await;
        assert_eq!(client.frame().await, json!({"type": "error", "code": "malformed"}), "{text}");
    }
    client.expect_silence().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_unknown_or_of_the_wrong_type_is_invalid_and_the_line_stays() {
    let house = House::open().await;
    let mut client = house.stranger().await;
    for (text, field) in [
        (r#"{"type":"shout"}"#, "type"),
        ("{}", "type"),
        (r#"{"type":"ping","at":"now"}"#, "at"),
        (r#"{"type":"ping","extra":1}"#, "extra"),
        (r#"{"type":"subscribe"}"#, "id"),
        (r#"{"type":"subscribe","id":1,"since":-1}"#, "since"),
        (r#"{"type":"authenticate","token":7}"#, "token"),
    ] {
        client.say_text(text).await;
        let error = client.expect("error").await;
        assert_eq!((&error["code"], &error["field"]), (&json!("invalid"), &json!(field)), "{text}");
    }
    client.expect_silence().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn text_that_is_no_utf8_closes_the_socket() {
    let house = House::open().await;
    let mut client = house.stranger().await;
    let bytes = Bytes::from_static(b"{\"type\":\"ping\"\xff}");
    let frame = Frame::message(bytes, OpCode::Data(Data::Text), true);
    client.send(Message::Frame(frame)).await;
    assert_eq!(client.farewell().await, (1007, "text must be UTF-8".to_owned()));
}
