//! The stores under test: the memory model, and SQLite in a folder of its own.

use std::path::PathBuf;

use auction::{AuctionId, Order, OrderId, Seq, Time};
use conformance::journal::{HandClock, History, UnderTest};
use ledger::{Account, MemberId, Money, Reason, Transfer, TransferId};
use rusqlite::{Connection, Row};
use store::memory::{Market, MemoryJournal};
use store::records::NewMember;
use store::{Journal, NewOrder, NewTransfer, Records};
use store_sqlite::{Checkpointer, SqliteJournal, SqliteRecords};
use tempfile::TempDir;

/// The memory model; what it kept waits here while it is closed.
pub struct Memory {
    clock: HandClock,
    kept: Market,
}

impl Memory {
    pub fn new(clock: &HandClock) -> Memory {
        Memory { clock: clock.clone(), kept: Market::default() }
    }
}

impl UnderTest for Memory {
    type Journal = MemoryJournal;

    async fn open(&mut self) -> MemoryJournal {
        let mut journal = MemoryJournal::new(self.clock.clock());
        journal.market = std::mem::take(&mut self.kept);
        journal
    }

    fn close(&mut self, journal: &mut MemoryJournal) {
        self.kept = std::mem::take(&mut journal.market);
    }

    async fn add_member(&mut self, journal: &mut MemoryJournal) -> MemberId {
        let member = MemberId(journal.market.members.len() as i64 + 1);
        journal.add_member(member);
        member
    }

    async fn set_suspended(&mut self, journal: &mut MemoryJournal, member: MemberId, suspended: bool) {
        journal.market.members.get_mut(&member).unwrap().suspended = suspended;
    }

    async fn block(&mut self, journal: &mut MemoryJournal, seller: MemberId, member: MemberId) {
        journal.market.blocks.insert((seller, member));
    }

    async fn history(&mut self, journal: &mut MemoryJournal) -> History {
        let market = &journal.market;
        History {
            events: market.events.values().cloned().collect(),
            transfers: market.transfers.values().copied().collect(),
            orders: market.orders.values().copied().collect(),
        }
    }
}

/// A store in a folder that goes with it.
pub struct Sqlite {
    clock: HandClock,
    folder: TempDir,
    open: Option<(SqliteRecords, Checkpointer)>,
    members: i64,
}

impl Sqlite {
    pub fn new(clock: &HandClock) -> Sqlite {
        Sqlite { clock: clock.clone(), folder: TempDir::new().unwrap(), open: None, members: 0 }
    }

    pub fn file(&self) -> PathBuf {
        self.folder.path().join(store_sqlite::FILE_NAME)
    }

    /// Asks the web's door, with the writer at work beside it.
    async fn ask<T>(
        &self,
        journal: &mut SqliteJournal,
        ask: impl AsyncFnOnce(SqliteRecords) -> store::Result<T>,
    ) -> T {
        let records = self.open.as_ref().unwrap().0.clone();
        let serve = async {
            loop {
                journal.records_wait().await;
                journal.serve_records().await;
            }
        };
        tokio::select! {
            answer = ask(records) => answer.unwrap(),
            () = serve => unreachable!("the writer serves for ever"),
        }
    }

    /// Takes every round into listings and notices.
    pub async fn follow(&mut self, journal: &mut SqliteJournal) {
        while self.ask(journal, async |records| records.follow().await).await.more {}
    }
}

impl UnderTest for Sqlite {
    type Journal = SqliteJournal;

    async fn open(&mut self) -> SqliteJournal {
        let (journal, records, checkpointer) =
            store_sqlite::open(self.folder.path(), self.clock.clock()).unwrap();
        self.open = Some((records, checkpointer));
        journal
    }

    fn close(&mut self, _: &mut SqliteJournal) {
        self.open = None;
    }

    async fn add_member(&mut self, journal: &mut SqliteJournal) -> MemberId {
        self.members += 1;
        let member = NewMember {
            username: format!("member{}", self.members),
            nickname: format!("이웃 {}", self.members),
            skeleton: format!("skeleton {}", self.members),
            password_hash: "none".to_owned(),
            region: None,
            at: self.clock.now(),
        };
        self.ask(journal, async |records| records.create_member(member).await).await.unwrap().id
    }

    async fn set_suspended(&mut self, journal: &mut SqliteJournal, member: MemberId, suspended: bool) {
        assert!(self.ask(journal, async |records| records.set_suspended(member, suspended).await).await);
    }

    async fn block(&mut self, journal: &mut SqliteJournal, seller: MemberId, member: MemberId) {
        let at = self.clock.now();
        self.ask(journal, async |records| records.block(seller, member, at).await).await;
    }

    async fn history(&mut self, journal: &mut SqliteJournal) -> History {
        let store = Connection::open(self.file()).unwrap();
        let auctions: i64 = store.query_row("SELECT count(*) FROM auctions", [], |row| row.get(0)).unwrap();
        let mut events = Vec::new();
        for auction in (1..=auctions).map(AuctionId) {
            let page = self.ask(journal, async |records| records.events(auction, Seq(0), 1_000).await).await;
            events.extend(page);
        }
        History { events, transfers: transfers(&store), orders: orders(&store) }
    }
}

fn transfers(store: &Connection) -> Vec<NewTransfer> {
    let sql = "SELECT id, from_account, to_account, member, amount, reason, auction, order_id, at FROM transfers ORDER BY id";
    let transfer = |row: &Row<'_>| {
        let member = row.get::<_, Option<i64>>(3)?.map(MemberId);
        let account = |number: i64| match number {
            1 => Account::Cash,
            2 => Account::Escrow,
            3 => Account::Fees,
            4 => Account::Payable,
            5 => Account::Available(member.unwrap()),
            6 => Account::Held(member.unwrap()),
            other => panic!("account {other}"),
        };
        Ok(NewTransfer {
            id: TransferId(row.get(0)?),
            transfer: Transfer {
                from: account(row.get(1)?),
                to: account(row.get(2)?),
                amount: Money::new(row.get(4)?).unwrap(),
                reason: Reason::ALL[usize::from(row.get::<_, u8>(5)?)],
                auction: row.get::<_, Option<i64>>(6)?.map(AuctionId),
            },
            order: row.get::<_, Option<i64>>(7)?.map(OrderId),
            at: Time(row.get(8)?),
        })
    };
    store.prepare(sql).unwrap().query_map([], transfer).unwrap().map(Result::unwrap).collect()
}

fn orders(store: &Connection) -> Vec<NewOrder> {
    let sql = "SELECT id, auction, buyer, seller, price, at FROM orders ORDER BY id";
    let order = |row: &Row<'_>| {
        let price = Money::new(row.get(4)?).unwrap();
        Ok(NewOrder {
            order: Order { id: OrderId(row.get(0)?), buyer: MemberId(row.get(2)?), price },
            auction: AuctionId(row.get(1)?),
            seller: MemberId(row.get(3)?),
            at: Time(row.get(5)?),
        })
    };
    store.prepare(sql).unwrap().query_map([], order).unwrap().map(Result::unwrap).collect()
}
