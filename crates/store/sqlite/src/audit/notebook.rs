//! The notebook: transfers sorted by what they were for, in a file of the audit's own that goes with it.
//!
//! The store keeps no index of transfers by auction or order, which every bid would dirty. The audit walks all of them
//! anyway, and notes here what belongs to one bidder's part in one auction, and to one order. Memory: [`CACHE_KIB`]; what
//! is beyond that lies in a nameless temporary file, about 40 bytes for each transfer of a pass.

use ledger::Reason;
use rusqlite::{Connection, OptionalExtension, Result, Row};

use super::money::Moving;
use crate::connection::plan_once;

/// Its page cache, in KiB.
const CACHE_KIB: i64 = 65_536;

const TABLES: &str = "CREATE TABLE holds (auction INTEGER, member INTEGER, place INTEGER, amount INTEGER, \
     PRIMARY KEY (auction, member, place)) WITHOUT ROWID; \
     CREATE TABLE paid (order_id INTEGER, place INTEGER, from_account INTEGER, to_account INTEGER, member INTEGER, \
     amount INTEGER, reason INTEGER, auction INTEGER, PRIMARY KEY (order_id, place)) WITHOUT ROWID; \
     BEGIN";

/// What was noted of the transfers taken in so far.
pub(super) struct Notebook(Connection);

/// How what is held of a bidder's money for an auction changed once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) place: i64,
    /// Above 0 if more was held, below if less.
    pub(super) amount: i64,
}

/// A transfer for an order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paid {
    pub(super) from: i64,
    pub(super) to: i64,
    pub(super) member: Option<i64>,
    pub(super) amount: i64,
    pub(super) reason: i64,
    pub(super) auction: Option<i64>,
}

impl Notebook {
    /// An empty one.
    pub(super) fn open() -> Result<Notebook> {
        // A file without a name goes with its connection.
        let connection = Connection::open("")?;
        plan_once(&connection)?;
        connection.pragma_update(None, "journal_mode", "off")?;
        connection.pragma_update(None, "synchronous", "off")?;
        connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
        connection.execute_batch(TABLES)?;
        Ok(Notebook(connection))
    }

    /// Notes what a bid moved, if the transfer is of that kind.
    pub(super) fn note_hold(&self, moving: &Moving, place: i64) -> Result<()> {
        let amount = if moving.is_for(Reason::BidHold) {
            moving.amount
        } else if moving.is_for(Reason::BidRelease)
            || moving.is_for(Reason::Purchase) && moving.is_from_held()
        {
            moving.amount.saturating_neg()
        } else {
            return Ok(());
        };
        let sql = "INSERT INTO holds (auction, member, place, amount) VALUES (?1, ?2, ?3, ?4)";
        let (Some(auction), Some(member)) = (moving.auction, moving.member) else { return Ok(()) };
        self.0.prepare_cached(sql)?.execute((auction, member, place, amount)).map(|_| ())
    }

    /// Notes what was moved for an order.
    pub(super) fn note_order(&self, moving: &Moving, order: i64, place: i64) -> Result<()> {
        let sql = "INSERT INTO paid (order_id, place, from_account, to_account, member, amount, reason, auction) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let Moving { from, to, member, amount, reason, auction, .. } = *moving;
        let values = (order, place, from, to, member, amount, reason, auction);
        self.0.prepare_cached(sql)?.execute(values).map(|_| ())
    }

    /// The next step behind a place, of this member's holds in this auction.
    pub(super) fn next_hold(&self, auction: i64, member: i64, after: i64) -> Result<Option<Step>> {
        let sql = "SELECT place, amount FROM holds WHERE auction = ?1 AND member = ?2 AND place > ?3 \
                   ORDER BY place LIMIT 1";
        let step = |row: &Row<'_>| Ok(Step { place: row.get(0)?, amount: row.get(1)? });
        self.0.prepare_cached(sql)?.query_row((auction, member, after), step).optional()
    }

    /// Everything that moved for an order, in order.
    pub(super) fn paid(&self, order: i64) -> Result<Vec<Paid>> {
        let sql = "SELECT from_account, to_account, member, amount, reason, auction FROM paid WHERE order_id = ?1 \
                   ORDER BY place";
        let paid = |row: &Row<'_>| {
            Ok(Paid {
                from: row.get(0)?,
                to: row.get(1)?,
                member: row.get(2)?,
                amount: row.get(3)?,
                reason: row.get(4)?,
                auction: row.get(5)?,
            })
        };
        self.0.prepare_cached(sql)?.query_map([order], paid)?.collect()
    }

    /// The next number behind one and before another of an order that something moved for.
    pub(super) fn next_order(&self, after: i64, before: i64) -> Result<Option<i64>> {
        let sql = "SELECT min(order_id) FROM paid WHERE order_id > ?1 AND order_id < ?2";
        self.0.prepare_cached(sql)?.query_row((after, before), |row| row.get(0))
    }
}
