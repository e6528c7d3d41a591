//! A lane's line to the database: one connection with every statement of a round prepared on it.
//!
//! Statements whose futures are polled together travel together and are run in the order of their first polling; the
//! next flight leaves when all of them are answered, or the time that an answer may take is over: then the line is let go,
//! and so is whatever stood open on it. Nothing that writes travels with COMMIT.

use std::collections::HashMap;

use store::Result;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Row, Statement};

use super::LANE_STATEMENTS;
use crate::connection::{Purpose, Target};
use crate::failure::{Fault, at_commit, before_locks, not_now};
use crate::flight::Asking;

/// A statement's values.
pub(super) type Values<'a> = &'a [&'a (dyn ToSql + Sync)];

/// One connection. Dropping it ends what stands open on it, as the server rolls back whatever loses its client.
pub(super) struct Line {
    client: Asking,
    statements: HashMap<&'static str, Statement>,
}

impl Line {
    /// A new connection, ready for rounds; into a store that is half imported nothing is written.
    ///
    /// # Errors
    /// `Unavailable`, whatever it is: no lock of a round was taken yet, so nothing is said about any round.
    pub(super) async fn open(target: &Target) -> Result<Line> {
        let client = target.ask(Purpose::Lane).await?;
        client.refuse_half().await.map_err(not_now)?;
        let mut statements = HashMap::with_capacity(LANE_STATEMENTS.len());
        for sql in LANE_STATEMENTS {
            let prepared =
                client.prepare(sql).await.map_err(before_locks("preparing a lane's statements"))?;
            statements.insert(sql, prepared);
        }
        Ok(Line { client, statements })
    }

    /// Whether the connection is known to be lost, or was let go because an answer did not come in time.
    pub(super) fn is_lost(&self) -> bool {
        self.client.is_lost()
    }

    /// Begins a transaction.
    pub(super) async fn begin(&self) -> std::result::Result<(), Fault> {
        self.client.batch("BEGIN").await
    }

    /// Runs one of [`LANE_STATEMENTS`] and gives its rows.
    pub(super) async fn rows(
        &self,
        sql: &'static str,
        values: Values<'_>,
    ) -> std::result::Result<Vec<Row>, Fault> {
        self.client.query(self.statement(sql), values).await
    }

    /// Runs one of [`LANE_STATEMENTS`], which must change exactly so many rows.
    pub(super) async fn change(
        &self,
        sql: &'static str,
        values: Values<'_>,
        expected: usize,
        what: &'static str,
    ) -> std::result::Result<(), Fault> {
        let changed = self.client.execute(self.statement(sql), values).await?;
        if changed == expected as u64 { Ok(()) } else { Err(Fault::unlike(what)) }
    }

    /// Runs one of [`LANE_STATEMENTS`], which may change any number of rows.
    pub(super) async fn run(&self, sql: &'static str, values: Values<'_>) -> std::result::Result<(), Fault> {
        self.client.execute(self.statement(sql), values).await?;
        Ok(())
    }

    /// Commits, after every other statement was answered.
    ///
    /// A COMMIT of a transaction that has failed rolls back and says that all is well, and the library does not show
    /// which of the two it was. So a statement goes before it in the same message: in a transaction that has failed it
    /// is an error, and COMMIT is not run. It lifts the time limit of statements, which would cut the wait for a standby
    /// short and call that a success. Here the wait ends all the same after the time that an answer may take: then the
    /// outcome is unknown, and the next begin waits at the locks that this transaction holds until it has ended.
    pub(super) async fn commit(&self, doing: &'static str) -> Result<()> {
        let sql = "SET LOCAL statement_timeout = 0; COMMIT";
        self.client.batch(sql).await.map_err(at_commit(doing))
    }

    /// Ends a transaction without keeping anything; without one, nothing happens.
    pub(super) async fn roll_back(&self) -> std::result::Result<(), Fault> {
        self.client.batch("ROLLBACK").await
    }

    fn statement(&self, sql: &'static str) -> &Statement {
        self.statements.get(sql).expect("every statement of a lane is in its list")
    }
}
