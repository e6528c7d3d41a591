//! What has outlived its time goes, and nothing else.

use auction::{Outcome, Span, Time};
use store::Records;
use store::records::Session;

use super::House;
use crate::records::sweep::LOOKS_MAX;

const NOW: Time = Time(0).plus(Span::days(1_000));

/// Sweeps until nothing more is found right away.
fn sweep(house: &House) -> usize {
    let mut steps = 1;
    while house.ask(house.records.sweep(NOW)) {
        steps += 1;
    }
    steps
}

fn ago(days: i64) -> Time {
    NOW.minus(Span::days(days))
}

#[test]
fn sessions_go_some_days_after_their_end() {
    let house = House::open();
    let mina = house.member("mina");
    for (token, expires_at) in [(1, ago(8)), (2, ago(6)), (3, NOW.plus(Span::days(1)))] {
        let session =
            Session { token: [token; 32], member: mina, created_at: Time(0), seen_at: Time(0), expires_at };
        assert!(house.ask(house.records.create_session(session, "hash of mina".to_owned())));
    }
    sweep(&house);
    let left = |token: u8| house.ask(house.records.session([token; 32])).is_some();
    assert_eq!([left(1), left(2), left(3)], [false, true, true]);
}

#[test]
fn notices_go_three_months_after_they_were_read() {
    let house = House::open();
    let sql = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 3000) \
               INSERT INTO read_notices (member, id, auction, kind, at, read_at) \
               SELECT 1, n, n, 0, 0, CASE n % 3 WHEN 0 THEN ?1 ELSE ?2 END FROM n";
    house.write(sql, (ago(91).0, ago(89).0));
    let steps = sweep(&house);
    assert!(steps > 3, "a step is small");
    assert_eq!(house.number("SELECT count(*) FROM read_notices", []), 2_000);
    assert_eq!(house.number("SELECT count(*) FROM read_notices WHERE read_at <= ?1", [ago(90).0]), 0);
}

#[test]
fn looks_go_on_where_the_last_ended_and_then_begin_again() {
    let house = House::open();
    let sql = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?1) \
               INSERT INTO read_notices (member, id, auction, kind, at, read_at) SELECT 1, n, n, 0, 0, ?2 FROM n";
    house.write(sql, (LOOKS_MAX as i64, ago(1).0));
    let sql = "INSERT INTO read_notices (member, id, auction, kind, at, read_at) VALUES (2, 1, 1, 0, 0, ?1)";
    house.write(sql, [ago(99).0]);
    let left = || house.number("SELECT count(*) FROM read_notices", []) - LOOKS_MAX as i64;
    assert_eq!((sweep(&house), left()), (1, 1), "a step without a find ends the sweep");
    assert_eq!((sweep(&house), left()), (1, 0));
    house.write("UPDATE read_notices SET read_at = ?1 WHERE member = 1 AND id = 1", [ago(99).0]);
    assert_eq!((sweep(&house), left()), (1, -1));
}

#[test]
fn keys_go_a_week_after_their_auction() {
    let house = House::open();
    let mina = house.member("mina");
    let [open, ended_long_ago, just_ended] = ["가", "나", "다"].map(|title| house.list(mina, title, 9));
    for (auction, at) in [(ended_long_ago, ago(8)), (just_ended, ago(6))] {
        house.close(auction, Outcome::Unsold);
        house.write("UPDATE auctions SET newest = ?2 WHERE id = ?1", (auction.0, at.0));
    }
    let kept = [(None, ago(6)), (Some(open), ago(50)), (Some(just_ended), ago(50))];
    let gone = [(None, ago(8)), (Some(ended_long_ago), ago(50))];
    let sql = "INSERT INTO keys (key, member, fingerprint, auction, at) VALUES (?1, ?2, 0, ?3, ?4)";
    for (name, keys) in [("kept", &kept[..]), ("gone", &gone[..])] {
        for (number, (auction, at)) in keys.iter().enumerate() {
            house.write(sql, (format!("{name} {number}"), mina.0, auction.map(|auction| auction.0), at.0));
        }
    }
    sweep(&house);
    assert_eq!(house.number("SELECT count(*) FROM keys WHERE key LIKE 'kept%'", []), 3);
    assert_eq!(house.number("SELECT count(*) FROM keys", []), 3);
}

/// An order's deadlines come long after its auction's end, and its auction has none of its own any more.
#[test]
fn keys_of_orders_go_a_week_after_they_were_made() {
    let house = House::open();
    let mina = house.member("mina");
    let sql = "INSERT INTO keys (key, member, fingerprint, order_id, step, kind, at) VALUES (?1, ?2, 0, 1, 2, 3, ?3)";
    house.write(sql, ("kept", mina.0, ago(6).0));
    house.write(sql, ("gone", mina.0, ago(8).0));
    sweep(&house);
    assert_eq!(house.number("SELECT count(*) FROM keys WHERE key = 'kept'", []), 1);
    assert_eq!(house.number("SELECT count(*) FROM keys", []), 1);
}
