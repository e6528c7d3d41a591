//! The store under test: PostgreSQL in a database of its own.

use std::sync::Arc;

use auction::{AuctionId, Order, OrderId, Seq, Time};
use conformance::journal::{HandClock, History, UnderTest};
use ledger::{Account, MemberId, Money, Reason, Transfer, TransferId};
use store::records::NewMember;
use store::{NewOrder, NewTransfer, Records};
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

    async fn set_suspended(&mut self, _: &mut PostgresJournal, member: MemberId, suspended: bool) {
        assert!(self.records().set_suspended(member, suspended).await.unwrap());
    }

    async fn block(&mut self, _: &mut PostgresJournal, seller: MemberId, member: MemberId) {
        self.records().block(seller, member, self.clock.now()).await.unwrap();
    }

    async fn history(&mut self, _: &mut PostgresJournal) -> History {
        let client = client(&self.address).await;
        let mut events = Vec::new();
        for row in client.query("SELECT id FROM auctions ORDER BY id", &[]).await.unwrap() {
            events.extend(self.records().events(AuctionId(row.get(0)), Seq(0), 1_000).await.unwrap());
        }
        History { events, transfers: transfers(&client).await, orders: orders(&client).await }
    }
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

async fn orders(client: &Client) -> Vec<NewOrder> {
    let sql = "SELECT id, auction, buyer, seller, price, at FROM orders ORDER BY id";
    let order = |row: &Row| {
        let price = Money::new(row.get(4)).unwrap();
        NewOrder {
            order: Order { id: OrderId(row.get(0)), buyer: MemberId(row.get(2)), price },
            auction: AuctionId(row.get(1)),
            seller: MemberId(row.get(3)),
            at: Time(row.get(5)),
        }
    };
    client.query(sql, &[]).await.unwrap().iter().map(order).collect()
}
