//! A store in a database of its own, whose rounds are written by hand, as the journal would write them.

use std::sync::Arc;

use auction::{AuctionId, EventKind, Outcome, Status, Time};
use ledger::MemberId;
use store::Records;
use store::records::{Member, NewMember, NoticeRow, Page};
use store_postgres::{PostgresRecords, Purpose, Target};
use tokio_postgres::Client;
use tokio_postgres::types::ToSql;

/// A value of a statement.
pub type Value<'a> = &'a (dyn ToSql + Sync);

/// A store under test, and a connection of the test's own.
pub struct House {
    pub target: Target,
    pub records: PostgresRecords,
    pub store: Client,
}

/// One row of a bid history as a test says it.
pub struct Bid {
    pub member: MemberId,
    pub amount: i64,
}

/// The number under which a variant stands in the store.
pub fn number_of<T: PartialEq>(all: &[T], value: &T) -> i64 {
    all.iter().position(|one| one == value).unwrap() as i64
}

/// A connection of a test's own; nothing it writes waits for the disk.
pub async fn connect(target: &Target) -> Client {
    let store = target.connect(Purpose::Migrating).await.unwrap();
    store.batch_execute("SET synchronous_commit = off").await.unwrap();
    store
}

impl House {
    pub async fn open() -> House {
        let target = Target::parse(&private_postgres::server().database()).unwrap();
        let records = House::node(&target).await;
        House { store: connect(&target).await, target, records }
    }

    /// The web's door of a node.
    pub async fn node(target: &Target) -> PostgresRecords {
        let clock: store::Clock = Arc::new(|| Time(7));
        store_postgres::open(target, clock).await.unwrap().1
    }

    pub async fn write(&self, sql: &str, values: &[Value<'_>]) {
        self.store.execute(sql, values).await.unwrap();
    }

    pub async fn number(&self, sql: &str, values: &[Value<'_>]) -> i64 {
        self.store.query_one(sql, values).await.unwrap().get(0)
    }

    pub async fn member(&self, name: &str) -> MemberId {
        self.records.create_member(new_member(name)).await.unwrap().unwrap().id
    }

    /// Lists an open auction that starts at 1,000 and ends at `ends_at`, in a round.
    pub async fn list(&self, seller: MemberId, title: &str, ends_at: i64) -> AuctionId {
        let auction = AuctionId(self.number("SELECT coalesce(max(id), 0) + 1 FROM auctions", &[]).await);
        let sql = "INSERT INTO items (id, seller, title, description, nationwide, created_at) \
                   VALUES ($1, $2, $3, '', false, 0)";
        self.write(sql, &[&auction.0, &seller.0, &title]).await;
        let sql = "INSERT INTO auctions (id, item, seller, seq, terms, status, start_price, bid_unit, fee_rate, \
                   minimum_duration, soft_close, starts_at, listed_end, ends_at, latest, extensions, price, bid_count, \
                   bidders, newest) VALUES ($1, $1, $2, 1, 1, 1, 1000, 1000, 0, 0, 0, 0, $3, $3, $3, 0, 1000, 0, 0, 0)";
        self.write(sql, &[&auction.0, &seller.0, &ends_at]).await;
        tell(&self.store, auction, EventKind::Listed, None).await;
        self.round(&[(auction, 0, 1)]).await;
        auction
    }

    /// Keeps bids one after another, a second apart, without their round.
    pub async fn bids(&self, auction: AuctionId, bids: &[Bid]) {
        for bid in bids {
            keep_bid(&self.store, auction, bid).await;
        }
    }

    /// Ends an auction with its last event, without its round.
    pub async fn close(&self, auction: AuctionId, outcome: Outcome) {
        let (status, outcome) = (number_of(&Status::ALL, &Status::Ended), number_of(&Outcome::ALL, &outcome));
        let sql = "UPDATE auctions SET status = $2, outcome = $3 WHERE id = $1";
        self.write(sql, &[&auction.0, &status, &outcome]).await;
        self.event(auction, EventKind::Closed).await;
        let sql =
            "UPDATE events SET amount = CASE WHEN leader IS NULL THEN NULL ELSE price END WHERE kind = $1";
        self.write(sql, &[&number_of(&EventKind::ALL, &EventKind::Closed)]).await;
    }

    /// Appends an event with the auction's figures, its number of seconds after the beginning of time.
    pub async fn event(&self, auction: AuctionId, kind: EventKind) {
        event(&self.store, auction, kind, None).await;
    }

    /// The newest event's number.
    pub async fn head(&self, auction: AuctionId) -> i64 {
        self.number("SELECT seq FROM auctions WHERE id = $1", &[&auction.0]).await
    }

    /// Keeps the row that followers go by.
    pub async fn round(&self, heads: &[(AuctionId, i64, i64)]) {
        keep_round(&self.store, heads).await;
    }

    /// A round of bids.
    pub async fn bid_round(&self, auction: AuctionId, bids: &[Bid]) {
        let before = self.head(auction).await;
        self.bids(auction, bids).await;
        self.round(&[(auction, before, self.head(auction).await)]).await;
    }

    /// Follows until nothing waits.
    pub async fn follow(&self) -> Vec<(MemberId, NoticeRow)> {
        follow(&self.records).await
    }
}

/// Follows on a node until nothing waits there.
pub async fn follow(records: &PostgresRecords) -> Vec<(MemberId, NoticeRow)> {
    let mut notices = Vec::new();
    loop {
        let followed = records.follow().await.unwrap();
        notices.extend(followed.notices);
        if !followed.more {
            return notices;
        }
    }
}

/// Keeps a bid and its event.
pub async fn keep_bid(store: &Client, auction: AuctionId, bid: &Bid) {
    let sql = "UPDATE auctions SET price = $2, leader = $3, leader_number = 1, commitment = $2, \
               bid_count = bid_count + 1 WHERE id = $1";
    store.execute(sql, &[&auction.0, &bid.amount, &bid.member.0]).await.unwrap();
    let sql = "INSERT INTO bidders (auction, member, number, commitment, hold) \
               VALUES ($1, $2, 1 + (SELECT count(*) FROM bidders WHERE auction = $1), $3, $3) \
               ON CONFLICT (auction, member) DO UPDATE SET commitment = $3, hold = $3";
    store.execute(sql, &[&auction.0, &bid.member.0, &bid.amount]).await.unwrap();
    let sql = "UPDATE bidders SET hold = 0 WHERE auction = $1 AND member <> $2";
    store.execute(sql, &[&auction.0, &bid.member.0]).await.unwrap();
    event(store, auction, EventKind::Bid, Some(bid)).await;
}

async fn event(store: &Client, auction: AuctionId, kind: EventKind, bid: Option<&Bid>) {
    let sql = "UPDATE auctions SET seq = seq + 1, newest = (seq + 1) * 1000000 WHERE id = $1";
    store.execute(sql, &[&auction.0]).await.unwrap();
    tell(store, auction, kind, bid).await;
}

async fn tell(store: &Client, auction: AuctionId, kind: EventKind, bid: Option<&Bid>) {
    let sql = "INSERT INTO events (auction, seq, kind, at, actor, actor_number, amount, price, minimum, bid_count, \
               leader, leader_number, ends_at, outcome, cause) \
               SELECT id, seq, $2::bigint, newest, $3::bigint, $4::bigint, $5::bigint, price, price, bid_count, leader, \
               leader_number, ends_at, outcome, $6::bigint FROM auctions WHERE id = $1";
    let cause = (kind == EventKind::Extended).then_some(0_i64);
    let actor = bid.map(|bid| bid.member.0);
    let values: [Value<'_>; 6] = [
        &auction.0,
        &number_of(&EventKind::ALL, &kind),
        &actor,
        &actor.map(|_| 1_i64),
        &bid.map(|bid| bid.amount),
        &cause,
    ];
    store.execute(sql, &values).await.unwrap();
}

/// Keeps the row that followers go by.
pub async fn keep_round(store: &Client, heads: &[(AuctionId, i64, i64)]) {
    let numbers = heads.iter().flat_map(|(auction, before, after)| [auction.0, *before, *after]);
    let heads: Vec<u8> = numbers.flat_map(i64::to_le_bytes).collect();
    store.execute("INSERT INTO rounds (wallets, at, heads) VALUES ('', 0, $1)", &[&heads]).await.unwrap();
}

pub fn bid(member: MemberId, amount: i64) -> Bid {
    Bid { member, amount }
}

pub fn new_member(name: &str) -> NewMember {
    NewMember {
        username: name.to_owned(),
        nickname: name.to_uppercase(),
        skeleton: name.to_owned(),
        password_hash: format!("hash of {name}"),
        region: None,
        at: Time(7),
    }
}

pub fn member(id: MemberId, name: &str) -> Member {
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

pub fn first(limit: usize) -> Page {
    Page { cursor: None, limit }
}

pub fn after(cursor: Option<String>, limit: usize) -> Page {
    assert!(cursor.is_some(), "there is no next page");
    Page { cursor, limit }
}
