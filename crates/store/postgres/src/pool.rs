//! The pool: a small, bounded number of connections for everything that is not a round, in shares that never wait for
//! each other.
//!
//! Whoever finds every connection of a share lent waits in a bounded queue for a bounded time; being full is an answer. A
//! connection that broke is replaced when it is next needed, and so is one on which something was left open.

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use store::records::READ_SECONDS_MAX;
use store::{Failure, Result};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio_postgres::error::{DbError, SqlState};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Row, Statement};

use crate::connection::{Purpose, Target};
use crate::failure::{Fault, at_commit, before_commit};
use crate::flight::Asking;
use crate::rows;

/// How many may wait for a connection of one share.
const WAITING_MAX: usize = 1_024;

/// How long one waits for a connection at most.
const WAIT_MAX: Duration = Duration::from_secs(2);

/// What every connection of the pool is told. A plan that was made while a table was empty must not read the whole of it
/// once it has grown, so indexes are taken wherever there is one; what that makes look dear must not be compiled.
pub const PLAN_SETTINGS: &str = "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; \
     SET enable_sort = off; SET enable_incremental_sort = off; SET jit = off";

/// What a share's connections are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// Reads, each cut off after [`READ_SECONDS_MAX`].
    Reads,
    /// Small writes.
    Writes,
}

/// A value of a statement.
pub(crate) type Value<'a> = &'a (dyn ToSql + Sync);

/// One share of the connections; its clones are the same share.
#[derive(Clone)]
pub(crate) struct Pool {
    share: Arc<Share>,
}

struct Share {
    target: Target,
    used_for: Use,
    waiting: Semaphore,
    turns: Semaphore,
    /// What nobody uses now, the one used last at the end.
    idle: Mutex<Vec<Connection>>,
}

/// A connection lent out for one thing that is done; it goes back when this is dropped.
pub(crate) struct Lent<'a> {
    doing: &'static str,
    share: &'a Share,
    connection: Option<Connection>,
    _turn: SemaphorePermit<'a>,
}

/// A connection with the statements it knows already.
pub(crate) struct Connection {
    client: Asking,
    statements: Mutex<HashMap<String, Statement>>,
    is_open: AtomicBool,
    is_spoiled: AtomicBool,
}

impl Pool {
    /// A share of so many connections, each made when it is first needed.
    pub(crate) fn new(target: &Target, used_for: Use, connections: usize) -> Pool {
        let share = Share {
            target: target.clone(),
            used_for,
            waiting: Semaphore::new(WAITING_MAX),
            turns: Semaphore::new(connections),
            idle: Mutex::new(Vec::with_capacity(connections)),
        };
        Pool { share: Arc::new(share) }
    }

    /// Lends a connection for what is being done.
    ///
    /// # Errors
    /// `Busy` if too many wait already, or none came back in time; `Unavailable` if none could be made.
    pub(crate) async fn lend(&self, doing: &'static str) -> Result<Lent<'_>> {
        let share = &*self.share;
        let place = share.waiting.try_acquire().map_err(|_| Failure::Busy)?;
        let turn = tokio::time::timeout(WAIT_MAX, share.turns.acquire()).await;
        let turn = turn.map_err(|_| Failure::Busy)?.map_err(|_| Failure::Busy)?;
        drop(place);
        let connection = match share.idle() {
            Some(connection) => connection,
            None => share.connect(doing).await?,
        };
        Ok(Lent { doing, share, connection: Some(connection), _turn: turn })
    }
}

impl Share {
    /// One that waits here and still stands.
    fn idle(&self) -> Option<Connection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|connection| !connection.client.is_lost());
        idle.pop()
    }

    async fn connect(&self, doing: &'static str) -> Result<Connection> {
        let client = self.target.ask(Purpose::Reading).await?;
        client.batch(&self.used_for.settings()).await.map_err(before_commit(doing))?;
        Ok(Connection {
            client,
            statements: Mutex::default(),
            is_open: AtomicBool::new(false),
            is_spoiled: AtomicBool::new(false),
        })
    }
}

impl Use {
    fn settings(self) -> String {
        match self {
            Use::Reads => format!(
                "{PLAN_SETTINGS}; SET statement_timeout = {}; SET default_transaction_read_only = on",
                READ_SECONDS_MAX * 1_000
            ),
            Use::Writes => PLAN_SETTINGS.to_owned(),
        }
    }
}

impl Lent<'_> {
    /// What a reading says.
    pub(crate) async fn read<T>(&self, reading: impl Future<Output = rows::Result<T>>) -> Result<T> {
        reading.await.map_err(before_commit(self.doing))
    }

    /// What a write of one statement says, which is its own transaction.
    pub(crate) async fn write<T>(&self, writing: impl Future<Output = rows::Result<T>>) -> Result<T> {
        writing.await.map_err(at_commit(self.doing))
    }

    /// What a write of several statements says, which are kept together or not at all.
    pub(crate) async fn write_together<T>(
        &self,
        writing: impl Future<Output = rows::Result<T>>,
    ) -> Result<T> {
        self.is_open.store(true, Ordering::Relaxed);
        self.batch("BEGIN").await.map_err(before_commit(self.doing))?;
        // What fails from here on is rolled back by the server, for the connection ends with its transaction open.
        let written = writing.await.map_err(before_commit(self.doing))?;
        self.batch("COMMIT").await.map_err(at_commit(self.doing))?;
        self.is_open.store(false, Ordering::Relaxed);
        Ok(written)
    }

    /// Refuses what was asked because a row is not there.
    pub(crate) fn refuse(&self, what: &'static str) -> Failure {
        before_commit(self.doing)(Fault::unlike(what))
    }
}

impl Deref for Lent<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection.as_ref().expect("a connection is lent until it is given back")
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take().filter(Connection::is_fit) {
            self.share.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        }
    }
}

impl Connection {
    /// The rows that a statement says.
    pub(crate) async fn query(&self, sql: &str, values: &[Value<'_>]) -> rows::Result<Vec<Row>> {
        let statement = self.statement(sql).await?;
        self.noted(self.client.query(&statement, values).await)
    }

    /// The row that a statement says, if it says one; it never says more.
    pub(crate) async fn query_opt(&self, sql: &str, values: &[Value<'_>]) -> rows::Result<Option<Row>> {
        let statement = self.statement(sql).await?;
        self.noted(self.client.query_opt(&statement, values).await)
    }

    /// The one row that a statement says.
    pub(crate) async fn query_one(&self, sql: &str, values: &[Value<'_>]) -> rows::Result<Row> {
        let statement = self.statement(sql).await?;
        self.noted(self.client.query_one(&statement, values).await)
    }

    /// How many rows a statement changed.
    pub(crate) async fn execute(&self, sql: &str, values: &[Value<'_>]) -> rows::Result<u64> {
        let statement = self.statement(sql).await?;
        self.noted(self.client.execute(&statement, values).await)
    }

    async fn batch(&self, sql: &str) -> rows::Result<()> {
        self.noted(self.client.batch(sql).await)
    }

    /// The statement, prepared once for each connection; they are as many as this crate has.
    async fn statement(&self, sql: &str) -> rows::Result<Statement> {
        let known = self.statements.lock().unwrap_or_else(PoisonError::into_inner).get(sql).cloned();
        if let Some(statement) = known {
            return Ok(statement);
        }
        let statement = self.noted(self.client.prepare(sql).await)?;
        let mut statements = self.statements.lock().unwrap_or_else(PoisonError::into_inner);
        statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    /// Notes whether an error speaks of the connection, or of a statement that it holds and that no longer fits.
    fn noted<T>(&self, said: rows::Result<T>) -> rows::Result<T> {
        said.inspect_err(|fault| {
            let is_of_one_statement = fault.database().map(DbError::code).is_some_and(|code| {
                let is_refusal = ["22", "23", "40", "55"].iter().any(|class| code.code().starts_with(class));
                is_refusal || *code == SqlState::QUERY_CANCELED
            });
            if !is_of_one_statement {
                self.is_spoiled.store(true, Ordering::Relaxed);
            }
        })
    }

    /// Whether the next may have it.
    fn is_fit(&self) -> bool {
        let is_marred = [&self.is_open, &self.is_spoiled].iter().any(|flag| flag.load(Ordering::Relaxed));
        !is_marred && !self.client.is_lost()
    }
}
