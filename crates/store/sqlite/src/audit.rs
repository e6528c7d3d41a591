//! The audit: every invariant that a store's rows can show, checked on a live store, in short reads, and exactly.
//!
//! Events, transfers, orders and keys are only ever appended, so they are walked in ranges, and what they add up to is
//! carried from one short read to the next. What changes in place (wallets, auctions, parts, deadlines, listings) is
//! compared inside a read that has first taken in every transfer, and every event of the auction, kept so far: both
//! sides are of the same moment, whatever the market does meanwhile. No read is long, and after a few the writer gets a
//! rest from them to begin its log again; nothing is locked and nothing is written. What was made after the audit began is
//! left out.
//!
//! Cost: transfers are read once for each million members and auctions, all else once; each event is judged again by the
//! rules themselves, beside what was held for it, which is noted in a file of the audit's own. Memory: 72 bytes for each
//! member and 24 for each auction of a pass, about 100 for each bidder of the auction at hand, 64 MiB of the notes.

mod aftermath;
mod auctions;
mod checks;
mod fact;
mod keys;
mod members;
mod money;
mod notebook;
mod order;
mod orders;
mod people;
mod pictures;
mod replay;
mod standing;
mod strays;
mod window;

use std::cell::Cell;
use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use store::{Failure, Result};

use self::checks::{Check, Findings};
pub use self::checks::{CheckResult, Summary, VIOLATIONS_KEPT_MAX};
use self::money::Money;
use self::order::Order;
use self::window::Window;
use crate::connection::open_reader;
use crate::failure::before_commit;
use crate::migrate::{SCHEMA_VERSION, version};

/// How many reads follow each other at once while others write; then nothing is read for [`REST`], so that the writer
/// can carry its log over and begin it again, which it can only while nobody reads. Without rests the log grew to 760 MB
/// in 15 s beside a busy writer (10,000 bids/s), or the writer has to wait for a read to end.
const READS_BETWEEN_RESTS: u32 = 8;

/// How long a rest is.
const REST: Duration = Duration::from_millis(500);

/// In which steps an audit goes: how much one pass over the transfers follows, and how much one read takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Steps {
    /// How many members one pass over the transfers follows.
    pub members_per_pass: usize,
    /// How many auctions one pass over the transfers follows.
    pub auctions_per_pass: usize,
    /// How many transfers one read takes.
    pub transfers_per_read: usize,
    /// How many events one read takes; an auction with its belongings counts as a few.
    pub events_per_read: usize,
    /// How many wallets one read compares, a part in an auction counting as a tenth of one. A member is compared in one
    /// read, however many parts he has.
    pub wallets_per_read: usize,
    /// How many keys one read looks at.
    pub keys_per_read: usize,
    /// How many orders one read compares, or rows of what people decided.
    pub orders_per_read: usize,
}

impl Default for Steps {
    /// Reads of about a tenth of a second.
    fn default() -> Steps {
        Steps {
            members_per_pass: 1_000_000,
            auctions_per_pass: 1_000_000,
            transfers_per_read: 100_000,
            events_per_read: 50_000,
            wallets_per_read: 20_000,
            keys_per_read: 20_000,
            orders_per_read: 5_000,
        }
    }
}

impl Steps {
    fn all(&self) -> [usize; 7] {
        let Steps { members_per_pass, auctions_per_pass, transfers_per_read, .. } = *self;
        let Steps { events_per_read, wallets_per_read, keys_per_read, orders_per_read, .. } = *self;
        [
            members_per_pass,
            auctions_per_pass,
            transfers_per_read,
            events_per_read,
            wallets_per_read,
            keys_per_read,
            orders_per_read,
        ]
    }
}

/// Checks the store in the file at `path`, a live one or a copy, and reports each check once, in their order.
///
/// # Errors
/// If the file cannot be read, is no store of ours, or has another schema than this release knows. What is wrong with
/// the rows is no error: it is in the report and counted in the summary.
pub fn audit(path: &Path, report: &mut dyn FnMut(&CheckResult)) -> Result<Summary> {
    audit_in_steps(path, &Steps::default(), report)
}

/// The same in other steps: with small ones a small store has every seam that a large one has.
///
/// # Errors
/// As [`audit`].
///
/// # Panics
/// If a step is 0: the audit would never end.
pub fn audit_in_steps(path: &Path, steps: &Steps, report: &mut dyn FnMut(&CheckResult)) -> Result<Summary> {
    assert!(steps.all().iter().all(|step| *step > 0), "an audit goes on with every step: {steps:?}");
    let connection = open_reader(path)?;
    if version(&connection)? != SCHEMA_VERSION {
        let source = "its schema is older than this release: migrate it first".into();
        return Err(Failure::Rejected { doing: "auditing the store", source });
    }
    let findings = run(&Reading::of(&connection), steps).map_err(before_commit("auditing the store"))?;
    Ok(findings.tell(report))
}

/// The newest of each kind when the audit began; what came later may be half seen, and is left out.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    transfer: i64,
    member: i64,
    auction: i64,
    order: Order,
}

fn run(reading: &Reading<'_>, steps: &Steps) -> rusqlite::Result<Findings> {
    let mut findings = Findings::default();
    let bounds = reading.once(Bounds::read)?;
    let mut total = 0;
    let (mut members, mut auctions) = (i64::MIN, i64::MIN);
    while members < i64::MAX || auctions < i64::MAX {
        let is_first = members == i64::MIN && auctions == i64::MIN;
        let read = |connection: &Connection| {
            let of_members = Window::members(connection, members, bounds.member, steps.members_per_pass)?;
            let of_auctions =
                Window::auctions(connection, auctions, bounds.auction, steps.auctions_per_pass)?;
            Money::new(bounds, steps, is_first, of_members, of_auctions)
        };
        let mut money = reading.once(read)?;
        (members, auctions) = (money.members.upto(), money.auctions.upto());
        members::compare(reading, steps, &mut money, &mut findings)?;
        auctions::compare(reading, steps, &mut money, &mut findings)?;
        if is_first {
            orders::compare(reading, steps, &mut money, &mut findings)?;
            people::check(reading, steps, &mut money, &mut findings)?;
        }
        total += money.total();
    }
    findings.expect(Check::BalancesSumToZero, total == 0, || format!("all balances together are {total}"));
    keys::check(reading, steps, &mut findings)?;
    pictures::check(reading, steps, &mut findings)?;
    Ok(findings)
}

impl Bounds {
    fn read(connection: &Connection) -> rusqlite::Result<Bounds> {
        let newest = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, Option<i64>>(0));
        Ok(Bounds {
            transfer: newest("SELECT max(id) FROM transfers")?.unwrap_or_default(),
            member: newest("SELECT max(id) FROM members")?.unwrap_or_default(),
            auction: newest("SELECT max(id) FROM auctions")?.unwrap_or_default(),
            order: Order::of(connection)?,
        })
    }
}

/// Reads one range after another, each in a read of its own.
struct Reading<'a> {
    connection: &'a Connection,
    /// As of when the last read was, in the file's own count.
    seen: Cell<i64>,
    /// How many reads in a row found that others had written.
    reads: Cell<u32>,
}

impl<'a> Reading<'a> {
    fn of(connection: &'a Connection) -> Reading<'a> {
        Reading { connection, seen: Cell::new(0), reads: Cell::new(0) }
    }

    /// All statements of one read see the same committed state.
    fn once<T>(&self, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> rusqlite::Result<T> {
        self.rest_if_due()?;
        let transaction = self.connection.unchecked_transaction()?;
        let found = read(&transaction)?;
        transaction.finish()?;
        Ok(found)
    }

    fn rest_if_due(&self) -> rusqlite::Result<()> {
        let now = self.connection.pragma_query_value(None, "data_version", |row| row.get(0))?;
        let others_write = self.seen.replace(now) != now;
        self.reads.set(self.reads.get() + u32::from(others_write));
        if self.reads.get() > READS_BETWEEN_RESTS {
            std::thread::sleep(REST);
            self.reads.set(0);
        }
        Ok(())
    }
}
