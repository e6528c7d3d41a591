//! Floor 2, *keeps*, in one PostgreSQL, for one node or several: lanes write rounds, a pool serves everything else.
//!
//! [`open`] gives the two doors, [`PostgresJournal::new`] another lane. Rounds of several lanes meet in row locks, taken
//! in one order everywhere; every commit is durable (`synchronous_commit=on`) before anyone hears of it. What was
//! committed is followed by visibility, never by a number, as numbers do not come in the order of commits.

mod connection;
mod copy;
mod failure;
mod flight;
mod journal;
mod migrate;
mod pool;
mod records;
mod rows;

use std::fmt;

use store::{Clock, Result};

pub use connection::{
    ANSWER_MS_MAX, IDLE_IN_TRANSACTION_MS_MAX, LOCK_WAIT_MS_MAX, Limits, Purpose, STATEMENT_MS_MAX, Target,
};
pub use copy::{Import, Rest, copy, export, refuse_nodes};
pub use journal::{LANE_STATEMENTS, PostgresJournal};
pub use migrate::{SCHEMA_VERSION, migrate};
pub use pool::PLAN_SETTINGS;
pub use records::{
    FOLLOWER_CONNECTIONS, POINT_CONNECTIONS, PostgresRecords, SEARCH_CONNECTIONS, WRITE_CONNECTIONS,
    record_statements,
};

/// Whose clock says when a round is. Nodes whose own clocks differ must all go by the database's.
#[derive(Clone)]
pub enum Timekeeper {
    /// The database's, read after the last lock.
    Database,
    /// One that was handed in, read after the last lock; for tests and simulators.
    Handed(Clock),
}

impl From<Clock> for Timekeeper {
    fn from(clock: Clock) -> Timekeeper {
        Timekeeper::Handed(clock)
    }
}

impl fmt::Debug for Timekeeper {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Timekeeper::Database => "Database",
            Timekeeper::Handed(_) => "Handed",
        })
    }
}

/// Opens the store, bringing its schema up to date.
///
/// # Errors
/// If the database does not answer, holds something else, or its schema is newer than this release knows.
pub async fn open(
    target: &Target,
    time: impl Into<Timekeeper>,
) -> Result<(PostgresJournal, PostgresRecords)> {
    migrate(target).await?;
    Ok((PostgresJournal::new(target.clone(), time), PostgresRecords::new(target.clone())))
}
