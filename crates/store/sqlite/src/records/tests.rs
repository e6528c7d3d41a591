//! Tests of the web's door, each against a migrated store in a folder of its own.
//!
//! What rounds keep is written here by hand, as the journal would. There is no runtime: a question is driven on the
//! test's own thread, which is the writer as well.

mod admin;
mod auctions;
mod follow;
mod listings;
mod members;
mod money;
mod news;
mod orders;
mod plans;
mod readers;
mod reviews;
mod sweep;

use std::cell::RefCell;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;

use auction::{AuctionId, EventKind, OrderId, OrderState, Outcome, Status, StepKind, Time};
use ledger::MemberId;
use rusqlite::{Connection, Params, params};
use store::Records;
use store::records::{Member, NewMember, Page};
use tempfile::TempDir;

use super::SqliteRecords;
use crate::connection::{FILE_NAME, open_writer};
use crate::readers::Readers;
use crate::rows::number_of;
use crate::writes::{Waiting, mailbox};

/// A store with its only writer.
struct House {
    records: SqliteRecords,
    writer: RefCell<(Connection, Waiting)>,
    _folder: TempDir,
}

/// One row of a bid history as a test says it.
struct Bid {
    member: MemberId,
    amount: i64,
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

impl House {
    fn open() -> House {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE_NAME);
        let mut writer = open_writer(&path).unwrap();
        crate::migrate::migrate(&mut writer).unwrap();
        // A test's folder outlives no test, so nothing waits for the disk.
        writer.pragma_update(None, "synchronous", "off").unwrap();
        let (writes, waiting) = mailbox();
        let readers = |group| Readers::open(&path, group, 1).unwrap();
        let records = SqliteRecords::new(readers("point"), readers("follow"), readers("search"), writes);
        House { records, writer: RefCell::new((writer, waiting)), _folder: folder }
    }

    /// Waits for an answer, serving as the writer meanwhile.
    fn ask<T>(&self, question: impl Future<Output = store::Result<T>>) -> T {
        let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
        let mut question = pin!(question);
        loop {
            if let Poll::Ready(answer) = question.as_mut().poll(&mut Context::from_waker(&waker)) {
                return answer.unwrap();
            }
            let (connection, waiting) = &mut *self.writer.borrow_mut();
            waiting.serve(connection);
            if let Poll::Ready(answer) = question.as_mut().poll(&mut Context::from_waker(&waker)) {
                return answer.unwrap();
            }
            std::thread::park();
        }
    }

    fn write(&self, sql: &str, values: impl Params) {
        self.writer.borrow().0.execute(sql, values).unwrap();
    }

    fn number(&self, sql: &str, values: impl Params) -> i64 {
        self.writer.borrow().0.query_row(sql, values, |row| row.get(0)).unwrap()
    }

    fn member(&self, name: &str) -> MemberId {
        self.ask(self.records.create_member(new_member(name))).unwrap().id
    }

    /// Lists an open auction that starts at 1,000 and ends at `ends_at`, in a round.
    fn list(&self, seller: MemberId, title: &str, ends_at: i64) -> AuctionId {
        let sql = "INSERT INTO items (seller, title, description, nationwide, created_at) VALUES (?1, ?2, '', 0, 0)";
        self.write(sql, (seller.0, title));
        let sql = "INSERT INTO auctions (item, seller, seq, terms, status, start_price, bid_unit, fee_rate, \
                   minimum_duration, soft_close, starts_at, listed_end, ends_at, latest, extensions, price, bid_count, \
                   bidders, newest) SELECT max(id), seller, 1, 1, 1, 1000, 1000, 0, 0, 0, 0, ?1, ?1, ?1, 0, 1000, 0, 0, 0 \
                   FROM items";
        self.write(sql, [ends_at]);
        let auction = AuctionId(self.number("SELECT max(id) FROM auctions", []));
        self.tell(auction, EventKind::Listed, None);
        self.round(&[(auction, 0, 1)]);
        auction
    }

    /// Keeps bids one after another, a second apart, without their round.
    fn bids(&self, auction: AuctionId, bids: &[Bid]) {
        for bid in bids {
            let sql = "UPDATE auctions SET price = ?2, leader = ?3, leader_number = 1, commitment = ?2, \
                       bid_count = bid_count + 1 WHERE id = ?1";
            self.write(sql, (auction.0, bid.amount, bid.member.0));
            let sql = "INSERT INTO bidders (auction, member, number, commitment, hold, since) \
                       SELECT id, ?2, 1 + (SELECT count(*) FROM bidders WHERE auction = ?1), ?3, ?3, seq + 1 \
                       FROM auctions WHERE id = ?1 \
                       ON CONFLICT DO UPDATE SET commitment = ?3, hold = ?3, since = excluded.since";
            self.write(sql, (auction.0, bid.member.0, bid.amount));
            let sql = "UPDATE bidders SET hold = 0 WHERE auction = ?1 AND member <> ?2";
            self.write(sql, (auction.0, bid.member.0));
            self.event(auction, EventKind::Bid, Some(bid));
        }
    }

    /// Ends an auction with its last event, without its round.
    fn close(&self, auction: AuctionId, outcome: Outcome) {
        let (status, outcome) = (number_of(&Status::ALL, &Status::Ended), number_of(&Outcome::ALL, &outcome));
        self.write(
            "UPDATE auctions SET status = ?2, outcome = ?3 WHERE id = ?1",
            (auction.0, status, outcome),
        );
        self.event(auction, EventKind::Closed, None);
        let sql =
            "UPDATE events SET amount = CASE WHEN leader IS NULL THEN NULL ELSE price END WHERE kind = 5";
        self.write(sql, []);
    }

    /// Appends an event with the auction's figures, its number of seconds after the beginning of time.
    fn event(&self, auction: AuctionId, kind: EventKind, bid: Option<&Bid>) {
        self.write(
            "UPDATE auctions SET seq = seq + 1, newest = (seq + 1) * 1000000 WHERE id = ?1",
            [auction.0],
        );
        self.tell(auction, kind, bid);
    }

    fn tell(&self, auction: AuctionId, kind: EventKind, bid: Option<&Bid>) {
        let sql = "INSERT INTO events (auction, seq, kind, at, actor, actor_number, amount, price, minimum, bid_count, \
                   leader, leader_number, ends_at, outcome, cause) \
                   SELECT id, seq, ?2, newest, ?3, ?4, ?5, price, price, bid_count, leader, leader_number, ends_at, \
                   outcome, ?6 FROM auctions WHERE id = ?1";
        let cause = (kind == EventKind::Extended).then_some(0);
        let actor = bid.map(|bid| bid.member.0);
        let values = params![
            auction.0,
            number_of(&EventKind::ALL, &kind),
            actor,
            actor.map(|_| 1),
            bid.map(|bid| bid.amount),
            cause
        ];
        self.write(sql, values);
    }

    /// Opens an order of an auction for 10,000 at the 40th second, without its round.
    fn order(&self, auction: AuctionId, buyer: MemberId, seller: MemberId) -> OrderId {
        let sql = "INSERT INTO orders (auction, buyer, seller, price, at, state, newest, number, is_second_chance) \
                   SELECT ?1, ?2, ?3, 10000, 40000000, 0, 40000000, 1 + count(*), count(*) > 0 FROM orders WHERE auction = ?1";
        self.write(sql, (auction.0, buyer.0, seller.0));
        let order = OrderId(self.number("SELECT max(id) FROM orders", []));
        self.step(order, StepKind::Opened, OrderState::ToHandOver, None);
        order
    }

    /// Appends a step, a second after the one before, without its round.
    fn step(&self, order: OrderId, kind: StepKind, state: OrderState, by: Option<MemberId>) {
        let sql = "UPDATE orders SET seq = seq + 1, newest = newest + 1000000, state = ?2 WHERE id = ?1";
        let state = number_of(&OrderState::ALL, &state);
        self.write(sql, (order.0, state));
        let sql = "INSERT INTO order_steps (order_id, seq, kind, at, by_member, state, amount) \
                   SELECT id, seq, ?2, newest, ?3, state, price FROM orders WHERE id = ?1";
        self.write(sql, (order.0, number_of(&StepKind::ALL, &kind), by.map(|member| member.0)));
    }

    /// Keeps the row that followers go by, of orders alone.
    fn order_round(&self, heads: &[(OrderId, i64, i64)]) {
        let numbers = heads.iter().flat_map(|(order, before, after)| [order.0, *before, *after]);
        let orders: Vec<u8> = numbers.flat_map(i64::to_le_bytes).collect();
        self.write("INSERT INTO rounds (at, heads, orders) VALUES (0, x'', ?1)", [orders]);
    }

    /// Keeps the row that followers go by.
    fn round(&self, heads: &[(AuctionId, i64, i64)]) {
        let numbers = heads.iter().flat_map(|(auction, before, after)| [auction.0, *before, *after]);
        let heads: Vec<u8> = numbers.flat_map(i64::to_le_bytes).collect();
        self.write("INSERT INTO rounds (at, heads) VALUES (0, ?1)", [heads]);
    }

    /// A round of bids.
    fn bid_round(&self, auction: AuctionId, bids: &[Bid]) {
        let head = || self.number("SELECT seq FROM auctions WHERE id = ?1", [auction.0]);
        let before = head();
        self.bids(auction, bids);
        self.round(&[(auction, before, head())]);
    }

    /// Follows until nothing waits.
    fn follow(&self) -> Vec<(MemberId, store::records::NoticeRow)> {
        let mut notices = Vec::new();
        loop {
            let followed = self.ask(self.records.follow());
            notices.extend(followed.notices);
            if !followed.more {
                return notices;
            }
        }
    }
}

fn bid(member: MemberId, amount: i64) -> Bid {
    Bid { member, amount }
}

fn new_member(name: &str) -> NewMember {
    NewMember {
        username: name.to_owned(),
        nickname: name.to_uppercase(),
        skeleton: name.to_owned(),
        password_hash: format!("hash of {name}"),
        region: None,
        at: Time(7),
    }
}

fn member(id: MemberId, name: &str) -> Member {
    Member {
        id,
        username: name.to_owned(),
        nickname: name.to_uppercase(),
        region: None,
        suspended: false,
        is_admin: false,
        created_at: Time(7),
    }
}

fn first(limit: usize) -> Page {
    Page { cursor: None, limit }
}

fn after(cursor: Option<String>, limit: usize) -> Page {
    assert!(cursor.is_some(), "there is no next page");
    Page { cursor, limit }
}
