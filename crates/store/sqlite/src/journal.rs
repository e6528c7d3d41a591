//! The engine's door on SQLite: a round is one `BEGIN IMMEDIATE … COMMIT` on the only connection that writes.
//!
//! Phases: begin (lock, read, then the clock), keep (bulk writes with prepared statements, row counts checked, COMMIT),
//! or abandon. Cost: a page cache hit for each row read, and at commit one flush of the distinct pages dirtied. Numbers
//! are counted in memory, and read again after anything but a clean commit.

mod keep;
mod load;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use auction::{AuctionId, Time};
use ledger::MemberId;
use rusqlite::{Connection, OptionalExtension};
use store::{Chore, Clock, Due, Failure, Journal, Loaded, Nature, Next, Portion, Result, Round, Wanted};

pub(crate) use self::load::{aftermath, fees, missing_of};
use crate::checkpoint::LogKeeper;
use crate::failure::{at_commit, before_commit};
use crate::rows::people::{CHORE_COLUMNS, chore};
use crate::writes::Waiting;

/// The engine's door; owns the writing connection and serves `Records`' writes between rounds.
pub struct SqliteJournal {
    connection: Connection,
    clock: Clock,
    waiting: Waiting,
    /// The first free numbers; `None` when they must be read again.
    next: Option<Next>,
    /// The newest transfer of each wallet read by the round that is open.
    last_transfers: HashMap<MemberId, i64>,
    /// Under which terms the auctions stood that were read by the round that is open.
    terms: HashMap<AuctionId, i64>,
    heartbeat: Option<Time>,
    /// The kind of money that the store is known to hold.
    bound_to: Option<Nature>,
    log_pages: Arc<AtomicI32>,
    log_keeper: LogKeeper,
}

impl SqliteJournal {
    pub(crate) fn new(mut connection: Connection, clock: Clock, waiting: Waiting) -> Result<SqliteJournal> {
        let log_pages = Arc::new(AtomicI32::new(0));
        let seen = Arc::clone(&log_pages);
        let hook = move |_: &mut rusqlite::hooks::Wal, pages| {
            seen.store(pages, Ordering::Relaxed);
            Ok(())
        };
        connection.wal_hook(Some(hook)).map_err(before_commit("watching the write-ahead log"))?;
        let sql = "SELECT at FROM heartbeat";
        let heartbeat = connection.query_row(sql, [], |row| row.get(0).map(Time)).optional();
        let heartbeat = heartbeat.map_err(before_commit("reading the heartbeat"))?;
        Ok(SqliteJournal {
            connection,
            clock,
            waiting,
            next: None,
            last_transfers: HashMap::new(),
            terms: HashMap::new(),
            heartbeat,
            bound_to: None,
            log_pages,
            log_keeper: LogKeeper::new(),
        })
    }

    /// What kind of money the store holds, from its first deposit for ever: `demo` or `real`; `None` before it.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn money(&self) -> Result<Option<String>> {
        let sql = "SELECT value FROM nature WHERE name = 'money'";
        let found = self.connection.query_row(sql, [], |row| row.get(0)).optional();
        found.map_err(before_commit("reading what kind of money the store holds"))
    }

    /// How long the write-ahead log was after the last commit, in pages.
    #[cfg(test)]
    pub(crate) fn log_pages(&self) -> u64 {
        self.log_pages.load(Ordering::Relaxed).unsigned_abs().into()
    }

    fn roll_back(&mut self) {
        self.next = None;
        if !self.connection.is_autocommit()
            && let Err(error) = self.connection.execute_batch("ROLLBACK")
        {
            tracing::warn!(%error, "a round could not be rolled back");
        }
    }

    fn commit(&mut self) -> Result<()> {
        self.connection.execute_batch("COMMIT").map_err(at_commit("committing a round"))?;
        self.log_keeper.mind(&self.connection, self.log_pages.load(Ordering::Relaxed));
        Ok(())
    }

    fn write(&mut self, round: &Round) -> Result<()> {
        let write = keep::Writer {
            connection: &self.connection,
            last_transfers: &mut self.last_transfers,
            terms: &self.terms,
        };
        write.all(round).map_err(before_commit("keeping a round"))?;
        let binds = round.money.filter(|money| self.bound_to != Some(*money));
        if let Some(money) = binds {
            keep::bind_to(&self.connection, money)?;
        }
        if let Some(at) = round.heartbeat {
            keep::beat(&self.connection, at).map_err(before_commit("keeping the heartbeat"))?;
        }
        self.commit()?;
        self.bound_to = binds.or(self.bound_to);
        self.heartbeat = round.heartbeat.or(self.heartbeat);
        Ok(())
    }
}

/// The auctions that should have a deadline and have none. What is open is found by indexes that hold nothing else, and what
/// runs by its listing: so it costs what is under way, and nothing of what is over.
pub(crate) const FORGOTTEN: &str = "SELECT w.auction FROM ( \
    SELECT auction FROM orders INDEXED BY orders_one_open WHERE state IN (0, 1, 4) AND due IS NOT NULL UNION ALL \
    SELECT auction FROM offers INDEXED BY offers_one_open WHERE state = 0 UNION ALL \
    SELECT l.auction FROM listings l INDEXED BY listings_by_status CROSS JOIN auctions a ON a.id = l.auction \
        WHERE l.status IN (0, 1) AND a.outcome IS NULL) AS w \
    WHERE w.auction > ?1 AND w.auction % ?3 IN (?4, ?4 - ?3) \
    AND NOT EXISTS (SELECT 1 FROM deadlines d WHERE d.auction = w.auction) ORDER BY w.auction LIMIT ?2";

impl Journal for SqliteJournal {
    async fn begin(&mut self, wanted: &Wanted) -> Result<Loaded> {
        let doing = "beginning a round";
        self.connection.execute_batch("BEGIN IMMEDIATE").map_err(before_commit(doing))?;
        let load = || -> rusqlite::Result<(Loaded, HashMap<MemberId, i64>)> {
            let next = self.next.map_or_else(|| load::next(&self.connection), Ok)?;
            let reader = load::Reader { connection: &self.connection, wanted };
            let (mut loaded, last_transfers) = reader.all(next)?;
            loaded.now = (self.clock)();
            loaded.barred = load::barred(&self.connection, &wanted.listers, loaded.now)?;
            Ok((loaded, last_transfers))
        };
        match load() {
            Ok((mut loaded, last_transfers)) => {
                self.next = Some(loaded.next);
                self.last_transfers = last_transfers;
                self.terms.clear();
                self.terms.extend(loaded.auctions.values().map(|auction| (auction.id, auction.terms)));
                loaded.heartbeat = self.heartbeat;
                Ok(loaded)
            }
            Err(error) => {
                self.roll_back();
                Err(before_commit("reading for a round")(error))
            }
        }
    }

    async fn keep(&mut self, round: &Round) -> Result<()> {
        let kept = self.write(round);
        match &kept {
            Ok(()) => self.next = self.next.map(|next| keep::after(next, round)),
            Err(_) => self.roll_back(),
        }
        kept
    }

    async fn abandon(&mut self) {
        let next = self.next;
        self.roll_back();
        self.next = next;
    }

    async fn due(
        &mut self,
        portion: Portion,
        after: Option<Due>,
        until: Time,
        limit: usize,
    ) -> Result<Vec<Due>> {
        let read = || -> rusqlite::Result<Vec<Due>> {
            let sql = "SELECT at, auction FROM deadlines WHERE at <= ?1 AND (at, auction) > (?2, ?3) \
                       AND auction % ?5 IN (?6, ?6 - ?5) ORDER BY at, auction LIMIT ?4";
            let mut statement = self.connection.prepare_cached(sql)?;
            let after = after.map_or((i64::MIN, 0), |due| (due.at.0, due.auction.0));
            let due =
                |row: &rusqlite::Row<'_>| Ok(Due { at: Time(row.get(0)?), auction: AuctionId(row.get(1)?) });
            let (index, portions) = (portion.index(), portion.portions());
            let values = (until.0, after.0, after.1, limit as i64, portions, index);
            statement.query_map(values, due)?.collect()
        };
        read().map_err(before_commit("reading what is due"))
    }

    async fn open_aftermaths(&mut self, after: AuctionId, limit: usize) -> Result<Vec<AuctionId>> {
        let read = || -> rusqlite::Result<Vec<AuctionId>> {
            let sql = "SELECT auction FROM orders WHERE state IN (0, 1, 4) AND auction > ?1 UNION \
                       SELECT auction FROM offers WHERE state = 0 AND auction > ?1 ORDER BY 1 LIMIT ?2";
            let mut statement = self.connection.prepare_cached(sql)?;
            statement.query_map((after.0, limit as i64), |row| row.get(0).map(AuctionId))?.collect()
        };
        read().map_err(before_commit("reading which orders and offers are open"))
    }

    async fn forgotten(
        &mut self,
        portion: Portion,
        after: AuctionId,
        limit: usize,
    ) -> Result<Vec<AuctionId>> {
        let read = || -> rusqlite::Result<Vec<AuctionId>> {
            let mut statement = self.connection.prepare_cached(FORGOTTEN)?;
            let values = (after.0, limit as i64, portion.portions(), portion.index());
            statement.query_map(values, |row| row.get(0).map(AuctionId))?.collect()
        };
        read().map_err(before_commit("reading what nobody would look at"))
    }

    async fn chores(&mut self, portion: Portion, limit: usize) -> Result<Vec<Chore>> {
        let read = || -> rusqlite::Result<Vec<Chore>> {
            let sql = format!(
                "SELECT {CHORE_COLUMNS} FROM chores WHERE auction % ?2 IN (?3, ?3 - ?2) ORDER BY id LIMIT ?1"
            );
            let mut statement = self.connection.prepare_cached(&sql)?;
            statement.query_map((limit as i64, portion.portions(), portion.index()), chore)?.collect()
        };
        read().map_err(before_commit("reading what is to be done"))
    }

    async fn heartbeat(&mut self) -> Result<Option<Time>> {
        Ok(self.heartbeat)
    }

    async fn beat(&mut self) -> Result<Time> {
        let doing = "keeping the heartbeat";
        self.connection.execute_batch("BEGIN IMMEDIATE").map_err(before_commit(doing))?;
        let now = (self.clock)();
        let kept =
            keep::beat(&self.connection, now).map_err(before_commit(doing)).and_then(|()| self.commit());
        match kept {
            Ok(()) => {
                self.heartbeat = Some(now);
                Ok(now)
            }
            Err(failure) => {
                self.roll_back();
                Err(failure)
            }
        }
    }

    async fn records_wait(&mut self) {
        self.waiting.wait().await;
    }

    async fn serve_records(&mut self) {
        self.waiting.serve(&self.connection);
        self.log_keeper.mind(&self.connection, self.log_pages.load(Ordering::Relaxed));
    }
}

/// A row that had to change did not: a bug, and the round is refused whole.
fn expect_one(changed: usize, what: &'static str) -> rusqlite::Result<()> {
    if changed == 1 { Ok(()) } else { Err(rusqlite::Error::ToSqlConversionFailure(what.into())) }
}

/// Refuses a deposit of another kind of money than the store holds.
fn refuse_other_money() -> Failure {
    Failure::Rejected { doing: "taking a deposit", source: "the store holds another kind of money".into() }
}
