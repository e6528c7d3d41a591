//! Tests of the steps: what an older release kept means the same afterwards.

use std::sync::Arc;

use auction::{AuctionId, Bidder, Event, Leader, OrderState, Seq, Time};
use ledger::{MemberId, Money, OrderId, TransferId};
use store::{FirstAnswer, Journal, KeptDeposit, Key, Loaded, Wanted};

use super::*;
use crate::journal::SqliteJournal;
use crate::writes::mailbox;

#[test]
fn notices_of_the_first_schema_are_kept() {
    let mut connection = Connection::open_in_memory().unwrap();
    take(&mut connection, MIGRATIONS[0], 1).unwrap();
    let sql = "INSERT INTO notices (id, member, auction, kind, amount, at, read_at) \
               VALUES (1, 7, 3, 0, 500, 10, 20), (2, 7, 3, 0, 600, 30, NULL), (5, 8, 3, 1, NULL, 40, NULL); \
               INSERT INTO listings (auction, seq, title, seller, nationwide, status, price, bid_count, starts_at, \
               ends_at) VALUES (3, 12, '', 8, 1, 1, 600, 2, 0, 99)";
    connection.execute_batch(sql).unwrap();
    migrate(&mut connection).unwrap();
    assert_eq!(version(&connection).unwrap(), SCHEMA_VERSION);
    let numbers = |sql: &str| -> Vec<(i64, i64)> {
        let mut statement = connection.prepare(sql).unwrap();
        statement
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap()
            .map(rusqlite::Result::unwrap)
            .collect()
    };
    assert_eq!(numbers("SELECT id, member FROM unread_notices ORDER BY id"), [(2, 7), (5, 8)]);
    assert_eq!(numbers("SELECT id, read_at FROM read_notices"), [(1, 20)]);
    assert_eq!(numbers("SELECT notice, round FROM followers"), [(5, 0)]);
    assert_eq!(numbers("SELECT told, seq FROM listings"), [(12, 12)]);
}

/// A market as the release with the second schema left it: auction 1 is open, member 3 leads with his second bid in a row;
/// auction 2 is sold.
const MARKET: &str = "
    INSERT INTO members (id, username, nickname, skeleton, password_hash, created_at)
        VALUES (1, 'a', 'a', 'a', '', 0), (2, 'b', 'b', 'b', '', 0), (3, 'c', 'c', 'c', '', 0);
    INSERT INTO wallets (member, available, held, version, last_transfer) VALUES (3, 6000, 3000, 2, 1);
    INSERT INTO transfers (id, from_account, to_account, member, amount, reason, at) VALUES (1, 1, 5, 3, 9000, 0, 8);
    INSERT INTO items (id, seller, title, description, nationwide, created_at) VALUES (1, 1, 'chair', '', 0, 0);
    INSERT INTO auctions (id, item, seller, seq, terms, status, outcome, start_price, bid_unit, fee_rate, minimum_duration,
        soft_close, starts_at, listed_end, ends_at, latest, extensions, price, leader, leader_number, commitment, bid_count,
        bidders, newest)
        VALUES (1, 1, 1, 4, 1, 1, NULL, 1000, 1000, 0, 0, 0, 0, 99, 99, 99, 0, 3000, 3, 2, 3000, 3, 2, 13),
               (2, 1, 1, 3, 1, 2, 0, 1000, 1000, 35000, 0, 0, 0, 50, 50, 50, 0, 10000, 2, 1, 10000, 1, 1, 50);
    INSERT INTO bidders (auction, member, number, commitment, hold)
        VALUES (1, 2, 1, 1000, 0), (1, 3, 2, 3000, 3000), (2, 2, 1, 10000, 0);
    INSERT INTO events (auction, seq, kind, at, actor, actor_number, amount, price, bid_count, leader, leader_number, ends_at,
        outcome)
        VALUES (1, 1, 0, 10, NULL, NULL, NULL, 1000, 0, NULL, NULL, 99, NULL), (1, 2, 2, 11, 2, 1, 1000, 1000, 1, 2, 1, 99, NULL),
               (1, 3, 2, 12, 3, 2, 2000, 2000, 2, 3, 2, 99, NULL), (1, 4, 2, 13, 3, 2, 3000, 3000, 3, 3, 2, 99, NULL),
               (2, 1, 0, 10, NULL, NULL, NULL, 1000, 0, NULL, NULL, 50, NULL),
               (2, 2, 2, 11, 2, 1, 10000, 10000, 1, 2, 1, 50, NULL), (2, 3, 5, 50, 2, 1, 10000, 10000, 1, 2, 1, 50, 0);
    INSERT INTO orders (id, auction, buyer, seller, price, at) VALUES (1, 2, 2, 1, 10000, 50);
    INSERT INTO keys (key, member, fingerprint, auction, seq, order_id, transfer, at)
        VALUES ('deposit', 3, 7, NULL, NULL, NULL, 1, 8), ('bid', 3, 8, 1, 4, NULL, NULL, 13), ('close', 1, 9, 2, 3, 1, NULL, 50);
    INSERT INTO rounds (at, heads) VALUES (10, x'');
";

fn migrated() -> Loaded {
    let mut connection = Connection::open_in_memory().unwrap();
    take(&mut connection, MIGRATIONS[0], 1).unwrap();
    take(&mut connection, MIGRATIONS[1], 2).unwrap();
    connection.execute_batch(MARKET).unwrap();
    migrate(&mut connection).unwrap();
    let mut journal = SqliteJournal::new(connection, Arc::new(|| Time(60)), mailbox().1).unwrap();
    let wanted = Wanted {
        auctions: vec![AuctionId(1), AuctionId(2)],
        members: vec![MemberId(3)],
        callers: vec![(AuctionId(1), MemberId(2)), (AuctionId(1), MemberId(3))],
        rivals: vec![(AuctionId(1), 5)],
        keys: ["deposit", "bid", "close"].into_iter().map(key).collect(),
        ..Wanted::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(journal.begin(&wanted)).unwrap()
}

fn key(text: &str) -> Key {
    Key { text: text.into(), member: MemberId(if text == "close" { 1 } else { 3 }) }
}

fn won(won: i64) -> Money {
    Money::new(won).unwrap()
}

#[test]
fn plain_bids_of_the_second_schema_are_named_commitments() {
    let loaded = migrated();
    let auction = &loaded.auctions[&AuctionId(1)];
    let leader = Leader { member: MemberId(3), number: 2, commitment: won(3_000), since: Seq(3) };
    assert_eq!(auction.leader, Some(leader), "since the bid with which he took the lead");
    assert_eq!((auction.reserve, auction.afresh, auction.followed_by), (None, Seq(0), None));
    let bidder = |member, number, commitment, since, hold| Bidder {
        auction: AuctionId(1),
        member: MemberId(member),
        number,
        commitment: won(commitment),
        since: Seq(since),
        named: won(commitment),
        hold: won(hold),
        is_out: false,
        vain: Vec::new(),
    };
    for expected in [bidder(2, 1, 1_000, 2, 0), bidder(3, 2, 3_000, 4, 3_000)] {
        let found = &loaded.bidders[&(AuctionId(1), expected.member)];
        assert_eq!((found, found.counts_in(auction)), (&expected, true));
    }
    assert!(!loaded.members[&MemberId(3)].is_admin);
}

#[test]
fn an_order_of_the_second_schema_is_done() {
    let loaded = migrated();
    let order = loaded.aftermaths[&AuctionId(2)].order.as_ref().unwrap();
    assert_eq!((order.state, order.seq, order.due), (OrderState::Done, 0, None));
    assert_eq!((order.opened_at, order.newest), (Time(50), Time(50)));
    assert_eq!((order.fee_rate.parts(), order.fee, order.refund), (35_000, Some(won(350)), Some(won(0))));
    assert_eq!((order.is_second_chance, order.fault), (false, None));
    assert!(!loaded.aftermaths.contains_key(&AuctionId(1)), "it is not over");
}

#[test]
fn keys_of_the_second_schema_give_their_first_answer() {
    let loaded = migrated();
    let first = |text: &str| loaded.keys[&key(text)].first.clone();
    let deposit = KeptDeposit { id: TransferId(1), amount: won(9_000), at: Time(8) };
    assert_eq!(first("deposit"), FirstAnswer::Deposit(deposit));
    let FirstAnswer::Auction { event: Event { seq, reserve, .. }, order: None } = first("bid") else {
        panic!("a bid's answer is its event")
    };
    assert_eq!((seq, reserve), (Seq(4), auction::ReserveStatus::None));
    let FirstAnswer::Auction { order, .. } = first("close") else { panic!("a sale's answer is its event") };
    assert_eq!(order, Some(OrderId(1)));
    assert_eq!(loaded.next.withdrawal, 1);
}
