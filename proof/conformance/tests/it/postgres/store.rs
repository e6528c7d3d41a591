//! The store under test: PostgreSQL in a database of its own.

use std::sync::Arc;

use auction::{AuctionId, Mark, MarkKind, OrderId, Time};
use conformance::journal::deed::Deed;
use conformance::journal::history::{History, Numbers};
use conformance::journal::{HandClock, UnderTest};
use ledger::{Account, MemberId, Money, Reason, Transfer, TransferId};
use store::records::NewMember;
use store::{NewTransfer, Records};
use store_postgres::{Limits, PostgresJournal, PostgresRecords, Target, Timekeeper};
use tokio_postgres::{Client, NoTls, Row};

use crate::journal::NOON;

/// An address with the database there.
pub fn target(address: &str) -> Target {
    Target::parse(address).unwrap()
}

/// The same with limits for tests that wait until they are over.
pub fn quick(address: &str) -> Target {
    target(address).limited(QUICK)
}

/// Limits that are over within a second.
pub const QUICK: Limits = Limits {
    lock_wait_ms_max: 200,
    statement_ms_max: 800,
    idle_in_transaction_ms_max: 1_000,
    answer_ms_max: 1_000,
};

/// How often a test looks for something that must come.
const LOOKS_MAX: usize = 20_000;

/// A clock that stands still.
pub fn still() -> Timekeeper {
    Timekeeper::Handed(Arc::new(|| NOON))
}

/// A connection of the test's own, behind the store's back.
pub async fn client(address: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(address, NoTls).await.unwrap();
    #[expect(clippy::disallowed_methods, reason = "it ends with its client, at the end of the test")]
    drop(tokio::spawn(connection));
    client
}

/// Looks until so many connections of this database wait for locks.
pub async fn until_waiting(client: &Client, connections: i64) {
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
    for _ in 0..LOOKS_MAX {
        if client.query_one(sql, &[]).await.unwrap().get::<_, i64>(0) >= connections {
            return;
        }
    }
    panic!("{connections} connections never waited at once");
}

/// Makes member number `number`.
pub async fn add_member(records: &PostgresRecords, number: i64, at: Time) -> MemberId {
    let member = NewMember {
        username: format!("member{number}"),
        nickname: format!("이웃 {number}"),
        skeleton: format!("skeleton {number}"),
        password_hash: "none".to_owned(),
        region: None,
        at,
    };
    records.create_member(member).await.unwrap().unwrap().id
}

/// A store in a database that goes with the server.
pub struct Postgres {
    clock: HandClock,
    address: String,
    records: Option<PostgresRecords>,
    members: i64,
}

impl Postgres {
    pub fn new(clock: &HandClock) -> Postgres {
        let address = private_postgres::server().database();
        Postgres { clock: clock.clone(), address, records: None, members: 0 }
    }

    /// Where it is.
    pub fn address(&self) -> &str {
        &self.address
    }

    fn records(&self) -> &PostgresRecords {
        self.records.as_ref().unwrap()
    }
}

impl UnderTest for Postgres {
    type Journal = PostgresJournal;

    const LEAVES_GAPS: bool = true;

    async fn open(&mut self) -> PostgresJournal {
        let target = target(&self.address);
        let (journal, records) = store_postgres::open(&target, self.clock.clock()).await.unwrap();
        self.records = Some(records);
        journal
    }

    fn close(&mut self, _: &mut PostgresJournal) {
        self.records = None;
    }

    async fn add_member(&mut self, _: &mut PostgresJournal) -> MemberId {
        self.members += 1;
        add_member(self.records(), self.members, self.clock.now()).await
    }

    async fn perform(&mut self, _: &mut PostgresJournal, deed: &Deed) -> bool {
        deed.perform(self.records(), self.clock.now()).await.unwrap()
    }

    async fn history(&mut self, _: &mut PostgresJournal) -> History {
        let client = client(&self.address).await;
        let numbers = Numbers {
            auctions: numbers(&client, "auctions").await.into_iter().map(AuctionId).collect(),
            orders: numbers(&client, "orders").await.into_iter().map(OrderId).collect(),
            members: self.members,
        };
        let (transfers, marks) = (transfers(&client).await, marks(&client).await);
        History::shown(self.records(), transfers, marks, numbers).await.unwrap()
    }
}

async fn numbers(client: &Client, table: &str) -> Vec<i64> {
    let sql = format!("SELECT id FROM {table} ORDER BY id");
    client.query(&sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

async fn transfers(client: &Client) -> Vec<NewTransfer> {
    let sql = "SELECT id, from_account, to_account, member, amount, reason, auction, order_id, at FROM transfers ORDER BY id";
    let transfer = |row: &Row| {
        let member = row.get::<_, Option<i64>>(3).map(MemberId);
        let account = |number: i64| match number {
            1 => Account::Cash,
            2 => Account::Escrow,
            3 => Account::Fees,
            4 => Account::Payable,
            5 => Account::Available(member.unwrap()),
            6 => Account::Held(member.unwrap()),
            other => panic!("account {other}"),
        };
        NewTransfer {
            id: TransferId(row.get(0)),
            transfer: Transfer {
                from: account(row.get(1)),
                to: account(row.get(2)),
                amount: Money::new(row.get(4)).unwrap(),
                reason: Reason::ALL[usize::try_from(row.get::<_, i64>(5)).unwrap()],
                auction: row.get::<_, Option<i64>>(6).map(AuctionId),
            },
            order: row.get::<_, Option<i64>>(7).map(OrderId),
            at: Time(row.get(8)),
        }
    };
    client.query(sql, &[]).await.unwrap().iter().map(transfer).collect()
}

async fn marks(client: &Client) -> Vec<Mark> {
    let mark = |row: &Row| Mark {
        member: MemberId(row.get(0)),
        kind: MarkKind::ALL[usize::try_from(row.get::<_, i64>(1)).unwrap()],
        auction: AuctionId(row.get(2)),
        order: row.get::<_, Option<i64>>(3).map(OrderId),
        at: Time(row.get(4)),
    };
    let sql = "SELECT member, kind::bigint, auction, order_id, at FROM marks ORDER BY id";
    client.query(sql, &[]).await.unwrap().iter().map(mark).collect()
}
