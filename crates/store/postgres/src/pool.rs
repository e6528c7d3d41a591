//! The pool: a small, bounded number of connections for everything that is not a round, in shares that never wait for
//! each other.
//!
//! Whoever finds every connection of a share lent waits in a bounded queue for a bounded time; being full is an answer. A
//! connection that broke is replaced when it is next needed, and so is one on which something was left open.
//!
//! A write may wait on the server for longer than anyone waits for its answer, such as for a standby that is gone, and the
//! server does not notice there that its client has left. So a write's connection that is let go keeps its turn until the
//! server is seen to be done with it: however many writes are tried, they never take more of the server's connections than
//! the share has.

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
    /// The server's ends of connections that were let go; each keeps its turn until it is seen to be done.
    left: Mutex<Vec<i32>>,
    /// Where the server is asked for those; a share without it leaves none.
    overseer: Option<Pool>,
    /// One asks at a time.
    overseeing: Semaphore,
}

/// Which of these ends of connections still have something to do. One that has nothing ends as soon as it hears that
/// its client has left.
const AT_WORK: &str =
    "SELECT pid FROM pg_stat_activity WHERE pid = ANY($1::int[]) AND state IS DISTINCT FROM 'idle'";

/// Who is at the other end, and since when that server has run, in microseconds.
const OTHER_END: &str =
    "SELECT pg_backend_pid(), (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint";

/// A connection lent out for one thing that is done; it goes back when this is dropped.
pub(crate) struct Lent<'a> {
    doing: &'static str,
    share: &'a Share,
    connection: Option<Connection>,
    turn: Option<SemaphorePermit<'a>>,
}

/// A connection with the statements it knows already.
pub(crate) struct Connection {
    client: Asking,
    backend: i32,
    server: i64,
    statements: Mutex<HashMap<String, Statement>>,
    is_open: AtomicBool,
    is_spoiled: AtomicBool,
}

impl Pool {
    /// A share of so many connections for reads, each made when it is first needed.
    pub(crate) fn reading(target: &Target, connections: usize) -> Pool {
        Pool::new(target, Use::Reads, connections, None)
    }

    /// The same for writes; what becomes of those that are let go is asked in a share of reads.
    pub(crate) fn writing(target: &Target, connections: usize, overseer: &Pool) -> Pool {
        Pool::new(target, Use::Writes, connections, Some(overseer.clone()))
    }

    fn new(target: &Target, used_for: Use, connections: usize, overseer: Option<Pool>) -> Pool {
        let share = Share {
            target: target.clone(),
            used_for,
            waiting: Semaphore::new(WAITING_MAX),
            turns: Semaphore::new(connections),
            idle: Mutex::new(Vec::with_capacity(connections)),
            left: Mutex::new(Vec::with_capacity(connections)),
            overseer,
            overseeing: Semaphore::new(1),
        };
        Pool { share: Arc::new(share) }
    }

    /// Lends a connection for what is being done.
    ///
    /// # Errors
    /// `Busy` if too many wait already, or none came back in time; `Unavailable` if none could be made.
    pub(crate) async fn lend(&self, doing: &'static str) -> Result<Lent<'_>> {
        if self.share.turns.available_permits() == 0 {
            self.share.take_back().await;
        }
        self.share.lend(doing).await
    }
}

impl Share {
    async fn lend(&self, doing: &'static str) -> Result<Lent<'_>> {
        let place = self.waiting.try_acquire().map_err(|_| Failure::Busy)?;
        let turn = tokio::time::timeout(WAIT_MAX, self.turns.acquire()).await;
        let turn = turn.map_err(|_| Failure::Busy)?.map_err(|_| Failure::Busy)?;
        drop(place);
        let connection = match self.idle() {
            Some(connection) => connection,
            None => self.connect(doing).await?,
        };
        Ok(Lent { doing, share: self, connection: Some(connection), turn: Some(turn) })
    }

    /// Gives back the turns of connections that were let go and are done. While that cannot be asked, they stay taken.
    async fn take_back(&self) {
        let left = self.left.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(overseer) = self.overseer.as_ref().filter(|_| !left.is_empty()) else { return };
        let Ok(_alone) = self.overseeing.try_acquire() else { return };
        match overseer.share.at_work(&left).await {
            Ok(at_work) => {
                let mut all = self.left.lock().unwrap_or_else(PoisonError::into_inner);
                let before = all.len();
                all.retain(|backend| at_work.contains(backend) || !left.contains(backend));
                self.turns.add_permits(before - all.len());
            }
            Err(failure) => tracing::warn!(error = ?failure, "what became of writes cannot be asked"),
        }
    }

    async fn at_work(&self, backends: &[i32]) -> Result<Vec<i32>> {
        let store = self.lend("asking what became of writes").await?;
        let asking = async {
            let rows = store.query(AT_WORK, &[&backends]).await?;
            rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
        };
        store.read(asking).await
    }

    /// One that waits here and still stands.
    fn idle(&self) -> Option<Connection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|connection| !connection.client.is_lost());
        idle.pop()
    }

    async fn connect(&self, doing: &'static str) -> Result<Connection> {
        let client = self.target.ask(Purpose::Reading).await?;
        client.batch(&self.used_for.settings()).await.map_err(before_commit(doing))?;
        let asking = async {
            let row = client.query_one(&client.prepare(OTHER_END).await?, &[]).await?;
            Ok::<_, Fault>((row.try_get(0)?, row.try_get(1)?))
        };
        let (backend, server) = asking.await.map_err(before_commit(doing))?;
        Ok(Connection {
            client,
            backend,
            server,
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
        let Some(connection) = self.connection.take() else { return };
        if connection.is_fit() {
            self.share.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        } else if self.share.overseer.is_some() {
            self.share.left.lock().unwrap_or_else(PoisonError::into_inner).push(connection.backend);
            self.turn.take().into_iter().for_each(SemaphorePermit::forget);
        }
    }
}

impl Connection {
    /// Since when the server at the other end has run, in microseconds; one that took over has another.
    pub(crate) fn server(&self) -> i64 {
        self.server
    }

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
