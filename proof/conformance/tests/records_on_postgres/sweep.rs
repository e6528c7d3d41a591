//! What has outlived its time goes, and nothing else.

use auction::{Outcome, Span, Time};
use store::Records;
use store::records::Session;

use crate::house::House;

const NOW: Time = Time(0).plus(Span::days(1_000));

/// How many rows of a table one step of the store looks at.
const LOOKS_MAX: i64 = 10_000;

/// Sweeps until nothing more is found right away.
async fn sweep(house: &House) -> usize {
    let mut steps = 1;
    while house.records.sweep(NOW).await.unwrap() {
        steps += 1;
    }
    steps
}

fn ago(days: i64) -> Time {
    NOW.minus(Span::days(days))
}

#[tokio::test]
async fn sessions_go_some_days_after_their_end() {
    let house = House::open().await;
    let mina = house.member("mina").await;
    for (token, expires_at) in [(1, ago(8)), (2, ago(6)), (3, NOW.plus(Span::days(1)))] {
        let session =
            Session { token: [token; 32], member: mina, created_at: Time(0), seen_at: Time(0), expires_at };
        assert!(house.records.create_session(session, "hash of mina".to_owned()).await.unwrap());
    }
    sweep(&house).await;
    for (token, is_left) in [(1, false), (2, true), (3, true)] {
        assert_eq!(house.records.session([token; 32]).await.unwrap().is_some(), is_left, "{token}");
    }
}

#[tokio::test]
async fn notices_go_three_months_after_they_were_read() {
    let house = House::open().await;
    let sql = "INSERT INTO read_notices (member, id, auction, kind, at, read_at) \
               SELECT 1, n, n, 0, 0, CASE n % 3 WHEN 0 THEN $1::bigint ELSE $2::bigint END \
               FROM generate_series(1, 3000) AS n";
    house.write(sql, &[&ago(91).0, &ago(89).0]).await;
    let steps = sweep(&house).await;
    assert!(steps > 3, "a step is small");
    assert_eq!(house.number("SELECT count(*) FROM read_notices", &[]).await, 2_000);
    let sql = "SELECT count(*) FROM read_notices WHERE read_at <= $1";
    assert_eq!(house.number(sql, &[&ago(90).0]).await, 0);
}

#[tokio::test]
async fn looks_go_on_where_the_last_ended_and_then_begin_again() {
    let house = House::open().await;
    let sql = "INSERT INTO read_notices (member, id, auction, kind, at, read_at) \
               SELECT 1, n, n, 0, 0, $2 FROM generate_series(1::bigint, $1) AS n";
    house.write(sql, &[&LOOKS_MAX, &ago(1).0]).await;
    let sql = "INSERT INTO read_notices (member, id, auction, kind, at, read_at) VALUES (2, 1, 1, 0, 0, $1)";
    house.write(sql, &[&ago(99).0]).await;
    let left = async || house.number("SELECT count(*) FROM read_notices", &[]).await - LOOKS_MAX;
    assert_eq!((sweep(&house).await, left().await), (1, 1), "a step without a find ends the sweep");
    assert_eq!((sweep(&house).await, left().await), (1, 0));
    house.write("UPDATE read_notices SET read_at = $1 WHERE member = 1 AND id = 1", &[&ago(99).0]).await;
    assert_eq!((sweep(&house).await, left().await), (1, -1));
}

#[tokio::test]
async fn keys_go_a_week_after_their_auction() {
    let house = House::open().await;
    let mina = house.member("mina").await;
    let open = house.list(mina, "가", 9).await;
    let (ended_long_ago, just_ended) = (house.list(mina, "나", 9).await, house.list(mina, "다", 9).await);
    for (auction, at) in [(ended_long_ago, ago(8)), (just_ended, ago(6))] {
        house.close(auction, Outcome::Unsold).await;
        house.write("UPDATE auctions SET newest = $2 WHERE id = $1", &[&auction.0, &at.0]).await;
    }
    let kept = [(None, ago(6)), (Some(open), ago(50)), (Some(just_ended), ago(50))];
    let gone = [(None, ago(8)), (Some(ended_long_ago), ago(50))];
    let sql = "INSERT INTO keys (key, member, fingerprint, auction, at) VALUES ($1, $2, 0, $3, $4)";
    for (name, keys) in [("kept", &kept[..]), ("gone", &gone[..])] {
        for (number, (auction, at)) in keys.iter().enumerate() {
            let key = format!("{name} {number}");
            house.write(sql, &[&key, &mina.0, &auction.map(|auction| auction.0), &at.0]).await;
        }
    }
    sweep(&house).await;
    assert_eq!(house.number("SELECT count(*) FROM keys WHERE key LIKE 'kept%'", &[]).await, 3);
    assert_eq!(house.number("SELECT count(*) FROM keys", &[]).await, 3);
}
