//! Watching: snapshots, frames in order, what was missed, and what only a member hears.

use serde_json::{Value, json};

use crate::house::House;

fn seqs(frames: &[Value]) -> Vec<i64> {
    frames.iter().map(|frame| frame["seq"].as_i64().expect("a number")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn hello_comes_first_and_says_the_time() {
    let house = House::open().await;
    let mut client = crate::client::Client::connect(house.port, &[]).await.expect("anyone may watch");
    assert_eq!(client.frame().await, json!({"type": "hello", "now": "2026-11-02T12:00:00.000000Z"}));
    client.say(json!({"type": "ping", "at": 7})).await;
    assert_eq!(client.frame().await, json!({"type": "pong", "at": 7, "now": "2026-11-02T12:00:00.000000Z"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watcher_sees_the_snapshot_and_then_every_bid_once() {
    let house = House::open().await;
    let (mina, noru) = (house.person("mina", 0).await, house.person("noru", 1_000_000).await);
    let chair = house.auction(&mina, None).await;
    let mut one = house.stranger().await;
    let mut two = house.stranger().await;
    let snapshot = one.watch(chair.0).await;
    assert_eq!(
        (&snapshot["seq"], &snapshot["price"], &snapshot["minimum"]),
        (&json!(2), &json!(1_000), &json!(1_000))
    );
    assert_eq!(two.watch(chair.0).await["seq"], 2);
    for bid in 1..=20 {
        house.bid(&noru, chair, 1_000 * bid).await;
    }
    for watcher in [&mut one, &mut two] {
        for bid in 1..=20 {
            let frame = watcher.expect("bid").await;
            assert_eq!((&frame["seq"], &frame["amount"]), (&json!(2 + bid), &json!(1_000 * bid)));
            assert_eq!(
                (&frame["leader"], &frame["bidder"], &frame["bid_count"]),
                (&json!(1), &json!(1), &json!(bid))
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_missed_is_replayed_from_the_store_without_a_gap() {
    let house = House::open().await;
    let (mina, noru) = (house.person("mina", 0).await, house.person("noru", 10_000_000).await);
    let chair = house.auction(&mina, None).await;
    for bid in 1..=200 {
        house.bid(&noru, chair, 1_000 * bid).await;
    }
    for since in [0, 1, 2, 137, 138, 201] {
        let mut late = house.stranger().await;
        late.say(json!({"type": "subscribe", "id": chair.0, "since": since})).await;
        let mut frames = Vec::new();
        while frames.len() < usize::try_from(202 - since).expect("small") {
            frames.push(late.frame().await);
        }
        assert_eq!(seqs(&frames), (since + 1..=202).collect::<Vec<_>>(), "since {since}");
        late.expect_silence().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn resuming_goes_on_with_what_happens_meanwhile() {
    let house = House::open().await;
    let (mina, noru) = (house.person("mina", 0).await, house.person("noru", 10_000_000).await);
    let chair = house.auction(&mina, None).await;
    for bid in 1..=100 {
        house.bid(&noru, chair, 1_000 * bid).await;
    }
    let mut late = house.stranger().await;
    late.say(json!({"type": "subscribe", "id": chair.0, "since": 2})).await;
    for bid in 101..=150 {
        house.bid(&noru, chair, 1_000 * bid).await;
    }
    for seq in 3..=152 {
        assert_eq!(late.expect("bid").await["seq"], seq);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_who_is_at_the_end_or_beyond_it_is_told_where_it_stands() {
    let house = House::open().await;
    let mina = house.person("mina", 0).await;
    let chair = house.auction(&mina, None).await;
    let mut client = house.stranger().await;
    client.say(json!({"type": "subscribe", "id": chair.0, "since": 2})).await;
    client.expect_silence().await;
    client.say(json!({"type": "subscribe", "id": chair.0, "since": 99})).await;
    assert_eq!(client.expect("auction").await["seq"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_hears_nothing_more() {
    let house = House::open().await;
    let (mina, noru) = (house.person("mina", 0).await, house.person("noru", 1_000_000).await);
    let chair = house.auction(&mina, None).await;
    let mut client = house.stranger().await;
    client.watch(chair.0).await;
    assert_eq!(house.state.hub.watchers(chair), 1);
    client.say(json!({"type": "unsubscribe", "id": chair.0})).await;
    client.expect_silence().await;
    house.bid(&noru, chair, 1_000).await;
    client.expect_silence().await;
    assert_eq!(house.state.hub.watchers(chair), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_auction_that_is_not_there_is_an_error_with_its_number() {
    let house = House::open().await;
    let mut client = house.stranger().await;
    client.say(json!({"type": "subscribe", "id": 999})).await;
    assert_eq!(client.frame().await, json!({"type": "error", "code": "auction_not_found", "id": 999}));
    client.expect_silence().await;
}

/// One socket carries everything: a page of twenty auctions opens one, not twenty.
#[tokio::test(flavor = "multi_thread")]
async fn socket_per_auction() {
    let house = House::open().await;
    let (mina, noru) = (house.person("mina", 0).await, house.person("noru", 1_000_000).await);
    let mut client = house.stranger().await;
    let mut auctions = Vec::new();
    for _ in 0..20 {
        let auction = house.auction(&mina, None).await;
        client.watch(auction.0).await;
        auctions.push(auction);
    }
    assert_eq!(house.state.hub.connections(), 1);
    for auction in auctions {
        house.bid(&noru, auction, 1_000).await;
        assert_eq!(client.expect("bid").await["id"], auction.0);
    }
}

/// What a watcher is told is in the store: every frame he has can be read there.
#[tokio::test(flavor = "multi_thread")]
async fn notice_before_commit() {
    let house = House::open().await;
    let (mina, noru) = (house.person("mina", 0).await, house.person("noru", 1_000_000).await);
    let chair = house.auction(&mina, None).await;
    let mut client = house.stranger().await;
    client.watch(chair.0).await;
    for bid in 1..=20 {
        house.bid(&noru, chair, 1_000 * bid).await;
        let told = client.expect("bid").await;
        let stored =
            house.state.records.events(chair, auction::Seq(1 + bid), 1).await.expect("the store works");
        let stored: Value = serde_json::from_str(live::frame::event(&stored[0]).as_str()).expect("JSON");
        assert_eq!(told, stored);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_hears_of_his_money_his_part_and_his_notices() {
    let house = House::open().await;
    let mina = house.person("mina", 0).await;
    let (noru, bora) = (house.person("noru", 100_000).await, house.person("bora", 100_000).await);
    let chair = house.auction(&mina, None).await;
    house.bid(&noru, chair, 5_000).await;
    let mut client = house.socket_of(&noru).await;
    client.say(json!({"type": "subscribe", "id": chair.0})).await;
    let mine = client.expect("mine").await;
    assert_eq!(mine, json!({"type": "mine", "id": chair.0, "bidder": 1, "leading": true, "held": 5_000}));
    client.expect("auction").await;
    house.bid(&bora, chair, 6_000).await;
    let (mut wallet, mut notice, mut bid) = (None, None, None);
    while wallet.is_none() || notice.is_none() || bid.is_none() {
        let frame = client.frame().await;
        match frame["type"].as_str() {
            Some("wallet") => wallet = Some(frame),
            Some("notice") => notice = Some(frame),
            Some("bid") => bid = Some(frame),
            _ => {}
        }
    }
    let wallet = wallet.expect("it came");
    assert_eq!((&wallet["available"], &wallet["held"]), (&json!(100_000), &json!(0)));
    let notice = notice.expect("it came");
    assert_eq!((&notice["kind"], &notice["auction_id"]), (&json!("outbid"), &json!(chair.0)));
    assert_eq!(bid.expect("it came")["leader"], 2);
}
