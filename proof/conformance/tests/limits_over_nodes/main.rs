//! Limits on clients over two nodes that share a Redis: what one counts, the other counts too; and when Redis is gone or
//! stands still, everyone is answered and each node's own count holds.
#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]

mod house;

use std::time::Duration;

use auction::Span;
use house::{Market, PASSWORD, PASSWORD_CALLS, REQUESTS, answer, wait};
use private_redis::Redis;

#[tokio::test]
async fn failures_on_one_node_delay_the_other() {
    let redis = Redis::start();
    let market = Market::sharing(&redis.address()).await;
    let [here, there] = &market.nodes;
    here.fail("mira", 3).await;
    there.fail("mira", 2).await;
    for node in [here, there] {
        assert_eq!(node.sign_in("mira", PASSWORD).await, wait(1));
    }
    there.fail("noru", 1).await;
    market.pass(Span::seconds(1));
    there.fail("mira", 1).await;
    assert_eq!(here.sign_in("mira", "a wrong one").await, wait(2), "longer and longer, wherever");
}

#[tokio::test]
async fn success_on_one_node_clears_the_other() {
    let redis = Redis::start();
    let market = Market::sharing(&redis.address()).await;
    let [here, there] = &market.nodes;
    here.member("mira").await;
    here.fail("mira", 4).await;
    assert_eq!(there.sign_in("mira", PASSWORD).await, answer(201));
    here.fail("mira", 5).await;
    assert_eq!(there.sign_in("mira", PASSWORD).await, wait(1));
}

#[tokio::test]
async fn attempts_at_once_on_both_nodes_are_no_way_around() {
    let redis = Redis::start();
    let market = Market::sharing(&redis.address()).await;
    let [here, there] = &market.nodes;
    let attempts = |node| async move {
        let attempt = || house::Node::sign_in(node, "mira", "a wrong one");
        let (a, b, c, d) = tokio::join!(attempt(), attempt(), attempt(), attempt());
        [a, b, c, d]
    };
    let (here, there) = tokio::join!(attempts(here), attempts(there));
    let judged = here.iter().chain(&there).filter(|answered| **answered == answer(401)).count();
    let waiting = here.iter().chain(&there).filter(|answered| **answered == wait(1)).count();
    assert_eq!((judged, waiting), (5, 3), "{here:?} {there:?}");
}

#[tokio::test]
async fn requests_on_both_nodes_reach_the_limit() {
    let redis = Redis::start();
    let market = Market::sharing(&redis.address()).await;
    let [here, there] = &market.nodes;
    assert_eq!(here.look(60).await, 60);
    assert!(here.exchange().await);
    assert_eq!(there.look_once().await, answer(200));
    assert!(there.exchange().await);
    assert_eq!(there.look(REQUESTS).await, 39, "a hundred together");
    assert_eq!(there.look_once().await, wait(60));
    assert!(there.exchange().await);
    assert_eq!(here.look_once().await, answer(200), "it has not heard yet");
    assert!(here.exchange().await);
    assert_eq!(here.look_once().await, wait(60));
    market.pass(Span::seconds(90));
    assert_eq!(there.look_once().await, answer(200));
    assert!(there.exchange().await);
    assert_eq!(there.look(REQUESTS).await, 49, "of 101, half a minute's worth still counts");
    market.pass(Span::minutes(3));
    assert_eq!(here.look(REQUESTS).await, REQUESTS);
}

#[tokio::test]
async fn calls_that_hash_a_password_on_both_nodes_reach_the_limit() {
    let redis = Redis::start();
    let market = Market::sharing(&redis.address()).await;
    let [here, there] = &market.nodes;
    for member in 0..PASSWORD_CALLS - 5 {
        here.fail(&format!("member{member}"), 1).await;
    }
    assert!(here.exchange().await);
    there.fail("another1", 1).await;
    assert!(there.exchange().await);
    for member in 2..=5 {
        there.fail(&format!("another{member}"), 1).await;
    }
    assert_eq!(there.sign_in("another6", PASSWORD).await, wait(60));
}

#[tokio::test]
async fn redis_gone_in_the_middle_leaves_each_nodes_own_count() {
    let mut redis = Redis::start();
    let market = Market::sharing(&redis.address()).await;
    let [here, there] = &market.nodes;
    here.fail("mira", 2).await;
    there.fail("mira", 1).await;
    assert!(there.exchange().await);
    assert_eq!(here.look(REQUESTS / 2).await, REQUESTS / 2);
    assert!(here.exchange().await);
    redis.kill();

    there.fail("mira", 2).await;
    assert_eq!(there.sign_in("mira", PASSWORD).await, wait(1), "what Redis told before is not forgotten");
    here.fail("mira", 3).await;
    assert_eq!(here.sign_in("mira", PASSWORD).await, wait(1));
    assert!(!here.exchange().await);
    assert_eq!(
        here.look(REQUESTS).await,
        REQUESTS / 2 - 7,
        "seven were attempts to sign in, one of them there"
    );
    assert_eq!(there.look_once().await, answer(200));

    redis.start_again();
    here.reach().await;
    there.reach().await;
    market.pass(Span::minutes(3));
    there.fail("mira", 1).await;
    assert_eq!(here.sign_in("mira", PASSWORD).await, wait(2), "though Redis came back empty");
}

#[tokio::test]
async fn redis_standing_still_keeps_nobody_out() {
    let redis = Redis::start();
    let market = Market::patient(&redis.address(), Duration::from_secs(2)).await;
    let [here, there] = &market.nodes;
    here.member("mira").await;
    redis.pause();
    here.fail("mira", 1).await;
    assert_eq!(here.sign_in("mira", PASSWORD).await, answer(201));
    assert_eq!(there.sign_in("mira", PASSWORD).await, answer(201));
    assert_eq!(there.look(10).await, 10);
    assert!(!there.exchange().await);
    market.pass(Span::seconds(1));
    there.fail("mira", 5).await;
    assert_eq!(there.sign_in("mira", PASSWORD).await, wait(1), "its own count holds");

    redis.go_on();
    here.reach().await;
    there.reach().await;
    market.pass(Span::seconds(1));
    there.fail("mira", 1).await;
    assert_eq!(here.sign_in("mira", PASSWORD).await, wait(2), "they count together again");
}

#[tokio::test]
async fn what_redis_holds_expires_and_names_nobody() {
    let redis = Redis::start();
    let market = Market::sharing(&redis.address()).await;
    let [here, there] = &market.nodes;
    here.member("mira").await;
    here.fail("mira", 1).await;
    assert_eq!(there.sign_in("mira", PASSWORD).await, answer(201));
    assert!(here.exchange().await && there.exchange().await);
    let client = redis::Client::open(redis.address()).unwrap();
    let mut connection = client.get_connection().unwrap();
    let keys: Vec<String> = redis::cmd("KEYS").arg("*").query(&mut connection).unwrap();
    for kind in ["pair", "member", "address", "requests", "passwords"] {
        let begin = format!("neighborbid:limits:2:{kind}:");
        assert!(keys.iter().any(|key| key.starts_with(&begin)), "{kind} among {keys:?}");
    }
    for key in keys {
        let expires_in: i64 = redis::cmd("PTTL").arg(&key).query(&mut connection).unwrap();
        assert!((1..=15 * 60 * 1_000).contains(&expires_in), "{key} expires in {expires_in} ms");
        let value = value_of(&mut connection, &key);
        for names in ["127.0.0.1", "2130706433", "mira"] {
            assert!(!key.contains(names) && !value.contains(names), "{key} holds {value}");
        }
    }
}

/// All that a key holds.
fn value_of(connection: &mut redis::Connection, key: &str) -> String {
    let kind: String = redis::cmd("TYPE").arg(key).query(connection).unwrap();
    match kind.as_str() {
        "string" => redis::cmd("GET").arg(key).query(connection).unwrap(),
        "hash" => redis::cmd("HGETALL").arg(key).query::<Vec<String>>(connection).unwrap().join(" "),
        other => panic!("{key} is a {other}"),
    }
}

#[tokio::test]
async fn a_node_that_decided_alone_does_not_forget_what_all_counted() {
    let mut redis = Redis::start();
    let market = Market::sharing(&redis.address()).await;
    let [here, there] = &market.nodes;
    here.fail("mira", 4).await;
    for wait in [1, 2, 4, 8, 16] {
        here.fail("mira", 1).await;
        market.pass(Span::seconds(wait));
    }
    let counted = redis::Client::open(redis.address()).unwrap();
    let kept = dump(&counted);
    redis.kill();
    there.fail("mira", 1).await;
    assert!(!there.exchange().await, "it decided alone");
    redis.start_again();
    restore(&counted, &kept);
    there.reach().await;
    there.fail("mira", 1).await;
    assert_eq!(there.sign_in("mira", PASSWORD).await, wait(30), "the tenth failure, not the second");
}

/// Each key of a Redis that is no hash, and its text.
fn dump(client: &redis::Client) -> Vec<(String, String)> {
    let mut connection = client.get_connection().unwrap();
    let keys: Vec<String> = redis::cmd("KEYS").arg("neighborbid:limits:*").query(&mut connection).unwrap();
    let texts =
        keys.into_iter().filter(|key| ["pair", "member", "address"].iter().any(|kind| key.contains(kind)));
    texts.map(|key| (key.clone(), value_of(&mut connection, &key))).collect()
}

fn restore(client: &redis::Client, kept: &[(String, String)]) {
    assert_eq!(kept.len(), 3, "a pair, a member and an address: {kept:?}");
    let mut connection = client.get_connection().unwrap();
    for (key, text) in kept {
        redis::cmd("SET").arg(key).arg(text).exec(&mut connection).unwrap();
    }
}

#[tokio::test]
async fn a_redis_that_takes_nothing_leaves_each_nodes_own_count() {
    let redis = Redis::start();
    let market = Market::sharing(&redis.address()).await;
    let [here, there] = &market.nodes;
    here.fail("mira", 1).await;
    let client = redis::Client::open(redis.address()).unwrap();
    let mut connection = client.get_connection().unwrap();
    let refuse = |connection: &mut redis::Connection, missing: &str| {
        redis::cmd("CONFIG").arg("SET").arg("min-replicas-to-write").arg(missing).exec(connection).unwrap();
    };
    refuse(&mut connection, "1");
    there.fail("mira", 5).await;
    assert_eq!(there.sign_in("mira", PASSWORD).await, wait(1), "its own count holds");
    assert!(!there.exchange().await, "though it answers");
    assert!(!there.exchange().await);
    refuse(&mut connection, "0");
    there.reach().await;
    here.reach().await;
    market.pass(Span::seconds(1));
    there.fail("mira", 1).await;
    assert_eq!(here.sign_in("mira", PASSWORD).await, wait(2), "they count together again");
}

#[tokio::test]
async fn what_a_rule_did_not_change_is_not_written_again_and_nothing_has_no_key() {
    let redis = Redis::start();
    let market = Market::sharing(&redis.address()).await;
    let [here, there] = &market.nodes;
    here.member("mira").await;
    assert_eq!(there.sign_in("mira", PASSWORD).await, answer(201));
    let client = redis::Client::open(redis.address()).unwrap();
    let mut connection = client.get_connection().unwrap();
    let keys = |connection: &mut redis::Connection, kind: &str| -> Vec<String> {
        redis::cmd("KEYS").arg(format!("neighborbid:limits:2:{kind}:*")).query(connection).unwrap()
    };
    assert_eq!(keys(&mut connection, "pair").len(), 1, "an address that is known to him");
    assert_eq!(keys(&mut connection, "member"), [""; 0]);
    assert_eq!(keys(&mut connection, "address"), [""; 0]);
    here.fail("noru", 5).await;
    for key in keys(&mut connection, "*") {
        redis::cmd("PERSIST").arg(key).exec(&mut connection).unwrap();
    }
    for node in [there, here] {
        assert_eq!(node.sign_in("noru", PASSWORD).await, wait(1));
    }
    for key in ["pair", "member", "address"].map(|kind| keys(&mut connection, kind)).concat() {
        let expires_in: i64 = redis::cmd("PTTL").arg(&key).query(&mut connection).unwrap();
        assert_eq!(expires_in, -1, "{key} was written again");
    }
}
