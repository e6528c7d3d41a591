//! SQLite under test, in a folder of its own.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use auction::{AuctionId, Mark, MarkKind, OrderId, Time};
use conformance::journal::deed::Deed;
use conformance::journal::history::{History, Numbers};
use conformance::journal::{HandClock, UnderTest};
use ledger::{Account, MemberId, Money, Reason, Transfer, TransferId};
use rusqlite::{Connection, Row};
use store::records::NewMember;
use store::{Journal, NewTransfer, Records};
use store_sqlite::{Checkpointer, SqliteJournal, SqliteRecords};
use tempfile::TempDir;

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

    /// One whose folder may be in memory, where nothing is lost but by a power cut, and whose tables are there already:
    /// for thousands of stories.
    pub fn quick(clock: &HandClock) -> Sqlite {
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() }.unwrap();
        std::fs::write(folder.path().join(store_sqlite::FILE_NAME), empty()).unwrap();
        Sqlite { clock: clock.clone(), folder, open: None, members: 0 }
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

/// The file of a new store.
fn empty() -> &'static [u8] {
    static EMPTY: OnceLock<Vec<u8>> = OnceLock::new();
    EMPTY.get_or_init(|| {
        let folder = TempDir::new().unwrap();
        drop(store_sqlite::open(folder.path(), std::sync::Arc::new(|| Time(0))).unwrap());
        let file = folder.path().join(store_sqlite::FILE_NAME);
        let store = Connection::open(&file).unwrap();
        store.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
        drop(store);
        std::fs::read(file).unwrap()
    })
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

    async fn perform(&mut self, journal: &mut SqliteJournal, deed: &Deed) -> bool {
        let at = self.clock.now();
        self.ask(journal, async |records| deed.perform(&records, at).await).await
    }

    async fn history(&mut self, journal: &mut SqliteJournal) -> History {
        let store = Connection::open(self.file()).unwrap();
        let numbers = Numbers {
            auctions: numbers(&store, "auctions").map(AuctionId).collect(),
            orders: numbers(&store, "orders").map(OrderId).collect(),
            members: self.members,
        };
        let (transfers, marks) = (transfers(&store), marks(&store));
        self.ask(journal, async |records| History::shown(&records, transfers, marks, numbers).await).await
    }
}

fn numbers(store: &Connection, table: &str) -> impl Iterator<Item = i64> + use<> {
    let sql = format!("SELECT id FROM {table} ORDER BY id");
    let ids: Vec<i64> =
        store.prepare(&sql).unwrap().query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    ids.into_iter()
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

fn marks(store: &Connection) -> Vec<Mark> {
    let mark = |row: &Row<'_>| {
        Ok(Mark {
            member: MemberId(row.get(0)?),
            kind: MarkKind::ALL[usize::from(row.get::<_, u8>(1)?)],
            auction: AuctionId(row.get(2)?),
            order: row.get::<_, Option<i64>>(3)?.map(OrderId),
            at: Time(row.get(4)?),
        })
    };
    let sql = "SELECT member, kind, auction, order_id, at FROM marks ORDER BY id";
    store.prepare(sql).unwrap().query_map([], mark).unwrap().map(Result::unwrap).collect()
}
