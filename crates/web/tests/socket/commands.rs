//! Commands: bids and purchases over the socket, each answered by its key.

use serde_json::{Value, json};

use crate::house::House;

fn bid(id: i64, amount: i64, key: &str) -> Value {
    json!({"type": "bid", "id": id, "amount": amount, "terms": 1, "key": key})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bid_is_accepted_and_everyone_sees_it() {
    let house = House::open().await;
    let (mina, noru) = (house.person("mina", 0).await, house.person("noru", 100_000).await);
    let chair = house.auction(&mina, None).await;
    let mut watcher = house.stranger().await;
    watcher.watch(chair.0).await;
    let mut bidder = house.socket_of(&noru).await;
    bidder.say(bid(chair.0, 2_000, "k1")).await;
    let accepted = bidder.until("accepted").await;
    assert_eq!(accepted, json!({"type": "accepted", "key": "k1", "id": chair.0, "seq": 3}));
    assert_eq!(watcher.expect("bid").await["amount"], 2_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_has_its_code_its_figures_and_a_title_in_the_language_of_the_upgrade() {
    let house = House::open().await;
    let (mina, noru) = (house.person("mina", 0).await, house.person("noru", 5_000).await);
    let chair = house.auction(&mina, None).await;
    let mut bidder = house.socket_of(&noru).await;
    for (amount, code, figure, value) in [
        (999, "below_minimum", "minimum", json!(1_000)),
        (1_500, "off_step", "above", json!(2_000)),
        (6_000, "insufficient_funds", "available", json!(5_000)),
        (0, "amount_invalid", "limit", json!(1_000_000_000_000_i64)),
        (-1, "amount_invalid", "limit", json!(1_000_000_000_000_i64)),
        (i64::MAX, "amount_invalid", "limit", json!(1_000_000_000_000_i64)),
    ] {
        bidder.say(bid(chair.0, amount, "k")).await;
        let refused = bidder.until("refused").await;
        assert_eq!((&refused["key"], &refused["id"]), (&json!("k"), &json!(chair.0)), "{amount}");
        assert_eq!((&refused["code"], &refused[figure]), (&json!(code), &value), "{amount}");
        assert!(
            refused["title"].as_str().is_some_and(|title| !title.is_ascii()),
            "Korean by default: {refused}"
        );
    }
    bidder.say(json!({"type": "bid", "id": 999, "amount": 1_000, "key": "k"})).await;
    assert_eq!(bidder.until("refused").await["code"], "auction_not_found");
    bidder.say(json!({"type": "buy_now", "id": chair.0, "key": "k"})).await;
    assert_eq!(bidder.until("refused").await["code"], "no_buy_now");
    let mut seller = house.socket_of(&mina).await;
    seller.say(bid(chair.0, 2_000, "k")).await;
    assert_eq!(seller.until("refused").await["code"], "own_auction");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_stands_for_one_command() {
    let house = House::open().await;
    let (mina, noru) = (house.person("mina", 0).await, house.person("noru", 100_000).await);
    let chair = house.auction(&mina, None).await;
    let mut bidder = house.socket_of(&noru).await;
    bidder.say(bid(chair.0, 2_000, "k1")).await;
    let first = bidder.until("accepted").await;
    bidder.say(bid(chair.0, 2_000, "k1")).await;
    assert_eq!(bidder.until("accepted").await, first);
    bidder.say(bid(chair.0, 3_000, "k1")).await;
    assert_eq!(bidder.until("refused").await["code"], "key_reused");
    bidder.say(json!({"type": "bid", "id": chair.0, "amount": 3_000})).await;
    assert_eq!(bidder.until("refused").await["code"], "key_required");
    for key in ["", "has space", &"k".repeat(65), "한글"] {
        bidder.say(bid(chair.0, 3_000, key)).await;
        let refused = bidder.until("refused").await;
        assert_eq!((&refused["code"], &refused["field"]), (&json!("invalid"), &json!("key")), "{key}");
    }
    bidder.say(bid(chair.0, 3_000, &"k".repeat(64))).await;
    assert_eq!(bidder.until("accepted").await["seq"], 4);
}

/// Nobody else hears of a raise; the member is told his part as it stands now, also when he asks again later.
#[tokio::test(flavor = "multi_thread")]
async fn a_raised_maximum_is_between_the_house_and_the_member() {
    let house = House::open().await;
    let (mina, noru) = (house.person("mina", 0).await, house.person("noru", 100_000).await);
    let dari = house.person("dari", 100_000).await;
    let chair = house.auction(&mina, None).await;
    let mut watcher = house.stranger().await;
    watcher.watch(chair.0).await;
    let mut bidder = house.socket_of(&noru).await;
    let raise =
        |maximum: i64, key: &str| json!({"type": "bid", "id": chair.0, "maximum": maximum, "key": key});
    bidder.say(raise(20_000, "k1")).await;
    assert_eq!(bidder.until("accepted").await["seq"], 3);
    assert_eq!(watcher.expect("bid").await["amount"], 1_000);
    let silent = json!({"type": "accepted", "key": "k2", "id": chair.0, "silent": true});
    let mine = |leading: bool, held: i64| json!({"type": "mine", "id": chair.0, "bidder": 1, "leading": leading, "held": held});
    bidder.say(raise(30_000, "k2")).await;
    assert_eq!(bidder.until("accepted").await, silent);
    assert_eq!(bidder.until("mine").await, mine(true, 30_000));
    house.bid(&dari, chair, 40_000).await;
    let next = watcher.expect("bid").await;
    assert_eq!((&next["seq"], &next["amount"]), (&json!(4), &json!(40_000)), "nothing was told in between");
    assert_eq!(next["rule"], "named");
    bidder.say(raise(30_000, "k2")).await;
    assert_eq!(bidder.until("accepted").await, silent);
    assert_eq!(bidder.until("mine").await, mine(false, 0), "as it stands now");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purchase_ends_the_auction() {
    let house = House::open().await;
    let (mina, noru) = (house.person("mina", 0).await, house.person("noru", 100_000).await);
    let chair = house.auction(&mina, Some(30_000)).await;
    let mut watcher = house.stranger().await;
    watcher.watch(chair.0).await;
    let mut buyer = house.socket_of(&noru).await;
    buyer.say(json!({"type": "buy_now", "id": chair.0, "terms": 1, "key": "k1"})).await;
    assert_eq!(buyer.until("accepted").await["seq"], 3);
    let bought = watcher.expect("bid").await;
    assert_eq!((&bought["kind"], &bought["minimum"]), (&json!("buy_now"), &Value::Null));
    let closed = watcher.expect("closed").await;
    assert_eq!(
        (&closed["outcome"], &closed["amount"], &closed["winner"]),
        (&json!("bought"), &json!(30_000), &json!(1))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_a_wrong_field_is_refused_by_its_key_before_any_rule() {
    let house = House::open().await;
    let mut stranger = house.stranger().await;
    for (message, field) in [
        (r#"{"type":"bid","id":1,"amount":"1000","key":"k"}"#, "amount"),
        (r#"{"type":"bid","id":1,"amount":"１０００","key":"k"}"#, "amount"),
        (r#"{"type":"bid","id":1,"amount":1000.5,"key":"k"}"#, "amount"),
        (r#"{"type":"bid","id":1,"amount":99999999999999999999,"key":"k"}"#, "amount"),
        (r#"{"type":"bid","id":1,"amount":1000,"maximum":"2000","key":"k"}"#, "maximum"),
        (r#"{"type":"bid","id":1,"maximum":2000,"reserve":1,"key":"k"}"#, "reserve"),
        (r#"{"type":"buy_now","id":1,"reserve":1,"key":"k"}"#, "reserve"),
    ] {
        stranger.say_text(message).await;
        let refused = stranger.expect("refused").await;
        assert_eq!(
            (&refused["code"], &refused["field"], &refused["key"]),
            (&json!("invalid"), &json!(field), &json!("k"))
        );
    }
    for (message, error) in [
        ("bid", json!({"type": "error", "code": "malformed"})),
        ("[]", json!({"type": "error", "code": "malformed"})),
        (r#"{"type":"sing"}"#, json!({"type": "error", "code": "invalid", "field": "type"})),
        (
            r#"{"type":"subscribe","id":7,"sinse":1}"#,
            json!({"type": "error", "code": "invalid", "id": 7, "field": "sinse"}),
        ),
    ] {
        stranger.say_text(message).await;
        assert_eq!(stranger.frame().await, error, "{message}");
    }
    stranger.say(bid(1, 1_000, "k")).await;
    assert_eq!(stranger.expect("refused").await["code"], "unauthenticated");
    stranger.expect_silence().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_commands_than_may_be_on_their_way_are_all_answered_once() {
    let house = House::open().await;
    let (mina, noru) = (house.person("mina", 0).await, house.person("noru", 10_000_000).await);
    let chair = house.auction(&mina, None).await;
    let mut bidder = house.socket_of(&noru).await;
    for number in 1..=500 {
        bidder.say(bid(chair.0, 1_000 * number, &format!("k{number}"))).await;
    }
    let mut answered = std::collections::BTreeSet::new();
    while answered.len() < 500 {
        let accepted = bidder.until("accepted").await;
        assert!(answered.insert(accepted["key"].to_string()), "{accepted} came twice");
    }
    bidder.say(json!({"type": "ping"})).await;
    bidder.until("pong").await;
}

/// Ten equal bids at once: one is accepted, the count is 1, nine hear `below_minimum`.
#[tokio::test(flavor = "multi_thread")]
async fn lost_update() {
    let house = House::open().await;
    let mina = house.person("mina", 0).await;
    let chair = house.auction(&mina, None).await;
    let mut clients = Vec::new();
    for number in 0..10 {
        let person = house.person(&format!("bidder{number}"), 10_000).await;
        clients.push(house.socket_of(&person).await);
    }
    for client in &mut clients {
        client.say(bid(chair.0, 1_000, "k")).await;
    }
    let (mut accepted, mut below) = (0, 0);
    for client in &mut clients {
        let answer = loop {
            let frame = client.frame().await;
            if frame["type"] == "accepted" || frame["type"] == "refused" {
                break frame;
            }
        };
        accepted += u32::from(answer["type"] == "accepted");
        below += u32::from(answer["code"] == "below_minimum");
    }
    assert_eq!((accepted, below), (1, 9));
    let mut watcher = house.stranger().await;
    assert_eq!(watcher.watch(chair.0).await["bid_count"], 1);
}
