//! Resuming at its bound, and what a subscription does to others: to those who watch already, and to a sign-in on the
//! same line while it still goes on.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use auction::{AuctionId, Bid, Command, Seq, Span};
use engine::{Accepted, Answer, Call};
use futures_util::future::join_all;
use live::Hub;
use serde_json::json;
use store::Key;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use web::settings::PublicUrl;
use web::{ProcessFigures, ServeLimits, WebParts, WebSettings, WebState};

use crate::client::Client;
use crate::house::{House, Person, START};

/// As many events as are replayed at the most.
const REPLAYED_MAX: i64 = 2_000;

/// Raises the price by so many bids of one member, many in a round, and gives the newest event's number.
async fn bid_often(house: &House, bidder: &Person, auction: AuctionId, first: i64, last: i64) -> i64 {
    let mut newest = Seq(0);
    let steps: Vec<i64> = (first..=last).collect();
    for together in steps.chunks(50) {
        let bids = together.iter().map(|step| {
            let command = Command::Bid(Bid {
                bidder: bidder.id,
                amount: Some(1_000 * step),
                maximum: None,
                terms: None,
            });
            let key = Key { text: house.key().into(), member: bidder.id };
            house.state.engine.ask(Call::Auction { auction, command }, key)
        });
        for answer in join_all(bids).await {
            let Some(Answer::Accepted(Accepted::Auction { event, .. })) = answer else {
                panic!("not accepted: {answer:?}")
            };
            newest = newest.max(event.seq);
        }
    }
    newest.0
}

#[tokio::test(flavor = "multi_thread")]
async fn two_thousand_missed_events_are_replayed_and_one_more_is_a_snapshot() {
    let house = House::open().await;
    let (mina, noru) = (house.person("mina", 0).await, house.person("noru", 10_000_000).await);
    let chair = house.auction(&mina, None).await;
    let head = bid_often(&house, &noru, chair, 1, REPLAYED_MAX + 10).await;
    assert_eq!(head, 2 + REPLAYED_MAX + 10);

    let mut at_the_bound = house.stranger().await;
    at_the_bound.say(json!({"type": "subscribe", "id": chair.0, "since": head - REPLAYED_MAX})).await;
    for seq in head - REPLAYED_MAX + 1..=head {
        assert_eq!(at_the_bound.expect("bid").await["seq"], seq);
    }
    at_the_bound.expect_silence().await;

    let mut beyond_it = house.stranger().await;
    beyond_it.say(json!({"type": "subscribe", "id": chair.0, "since": head - REPLAYED_MAX - 1})).await;
    assert_eq!(beyond_it.expect("auction").await["seq"], head);
    beyond_it.expect_silence().await;

    house.bid(&noru, chair, 1_000 * (REPLAYED_MAX + 11)).await;
    for client in [&mut at_the_bound, &mut beyond_it] {
        assert_eq!(client.expect("bid").await["seq"], head + 1, "both go on from there");
    }
}

/// A sign-in while a subscription still replays: neither waits for the other, and nothing is lost or told twice.
#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_during_a_replay_leaves_it_without_a_gap() {
    let house = House::open().await;
    let (mina, noru) = (house.person("mina", 0).await, house.person("noru", 10_000_000).await);
    let chair = house.auction(&mina, None).await;
    let head = bid_often(&house, &noru, chair, 1, 500).await;
    let mut client = house.stranger().await;
    client.say(json!({"type": "subscribe", "id": chair.0, "since": 2})).await;
    client.say(json!({"type": "authenticate", "token": noru.token})).await;
    client.say(json!({"type": "bid", "id": chair.0, "amount": 1_000_000, "key": "during"})).await;
    let (mut seen, mut greeted, mut accepted) = (2, Vec::new(), None);
    while seen < head + 1 || greeted.len() < 3 || accepted.is_none() {
        let frame = client.frame().await;
        match frame["type"].as_str().expect("a type") {
            "bid" => {
                assert_eq!(frame["seq"], seen + 1);
                seen += 1;
            }
            "hello" => {
                assert_eq!(frame["member"], noru.id.0);
                greeted.push("hello");
            }
            "wallet" if !greeted.contains(&"wallet") => greeted.push("wallet"),
            "wallet" | "notice" => {}
            "unread" => greeted.push("unread"),
            "accepted" => accepted = Some(frame["seq"].clone()),
            other => panic!("nobody asked for {other}: {frame}"),
        }
    }
    assert_eq!((seen, accepted), (head + 1, Some(json!(head + 1))));
    assert_eq!(greeted[0], "hello", "who speaks is said before what is his: {greeted:?}");
    assert_eq!(house.state.hub.connections_of(noru.id), 1);
}

/// A session that ends while its subscription replays: what is everybody's goes on, what is the member's falls silent.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_during_a_replay_ends_only_what_is_its_own() {
    let house = House::open().await;
    let (mina, noru) = (house.person("mina", 0).await, house.person("noru", 10_000_000).await);
    let chair = house.auction(&mina, None).await;
    let head = bid_often(&house, &noru, chair, 1, 500).await;
    let mut client = house.socket_of(&noru).await;
    client.say(json!({"type": "subscribe", "id": chair.0, "since": 2})).await;
    assert_eq!(client.until("mine").await["bidder"], 1);
    house.state.records.end_sessions(noru.id).await.expect("the store works");
    house.state.hub.sessions_changed(noru.id);
    let (mut seen, mut lapsed) = (2, false);
    while seen < head || !lapsed {
        let frame = client.frame().await;
        match frame["type"].as_str().expect("a type") {
            "bid" => {
                assert_eq!(frame["seq"], seen + 1);
                seen += 1;
            }
            "error" => {
                assert_eq!(frame["code"], "session_expired");
                lapsed = true;
            }
            // Told before it ended.
            "wallet" | "notice" | "unread" if !lapsed => {}
            other => panic!("nobody asked for {other}: {frame}"),
        }
    }
    client.expect_silence().await;
    assert_eq!(house.state.hub.connections_of(noru.id), 0);
}

/// A second door to the same store that no bus reaches: what it knows it has read, so its rings lag.
async fn door_that_lags(house: &House) -> (u16, Arc<Hub>, JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("it has an address").port();
    let looks = AtomicI64::new(0);
    let clock: live::Clock =
        Arc::new(move || START.plus(Span::seconds(looks.fetch_add(1, Ordering::Relaxed))));
    let hub = Arc::new(Hub::new(live::Settings::default(), clock));
    let state = WebState::new(WebParts {
        records: Arc::clone(&house.state.records),
        engine: house.state.engine.clone(),
        hub: Arc::clone(&hub),
        darkroom: Arc::clone(&house.state.darkroom),
        settings: WebSettings {
            public_url: PublicUrl::loopback(port),
            rate_limits: false,
            ..WebSettings::default()
        },
        clock: Arc::new(|| START),
        chance: Arc::new(|bytes: &mut [u8]| bytes.fill(7)),
        process: Arc::new(ProcessFigures::default),
        stopping: house.state.stopping.clone(),
        tasks: house.state.tasks.clone(),
        shared_count: None,
    });
    let (routes, stopping) = (web::routes(&state), house.state.stopping.clone());
    let mut tasks = JoinSet::new();
    let pacing = Arc::clone(&hub);
    tasks.spawn(async move { pacing.pace().await });
    tasks.spawn(async move {
        web::serve(listener, routes, ServeLimits::default(), stopping).await.expect("the listener works");
    });
    (port, hub, tasks)
}

/// Someone who says he has seen more than the ring knows makes the door look into the store. What it finds there comes
/// to everyone as frames: only he is answered by a snapshot.
#[tokio::test(flavor = "multi_thread")]
async fn one_who_asks_beyond_the_head_turns_nobodys_frames_into_a_snapshot() {
    let house = House::open().await;
    let (mina, noru) = (house.person("mina", 0).await, house.person("noru", 1_000_000).await);
    let chair = house.auction(&mina, None).await;
    let (port, hub, _tasks) = door_that_lags(&house).await;
    let connect = || Client::connect(port, &[]);
    let mut watcher = connect().await.expect("anyone may watch");
    watcher.expect("hello").await;
    assert_eq!(watcher.watch(chair.0).await["seq"], 2);
    house.bid(&noru, chair, 1_000).await;
    house.bid(&noru, chair, 2_000).await;
    assert_eq!(hub.watched(), [(chair, Seq(2))], "no bus told it");

    let mut mistaken = connect().await.expect("anyone may watch");
    mistaken.expect("hello").await;
    mistaken.say(json!({"type": "subscribe", "id": chair.0, "since": 99})).await;
    assert_eq!(mistaken.expect("auction").await["seq"], 4);
    for seq in [3, 4] {
        assert_eq!(watcher.expect("bid").await["seq"], seq);
    }

    house.bid(&noru, chair, 3_000).await;
    let mut ahead = connect().await.expect("anyone may watch");
    ahead.expect("hello").await;
    ahead.say(json!({"type": "subscribe", "id": chair.0, "since": 5})).await;
    ahead.expect_silence().await;
    assert_eq!(watcher.expect("bid").await["seq"], 5);
    assert_eq!(mistaken.expect("bid").await["seq"], 5);
}
