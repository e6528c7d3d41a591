//! A client whose every answer is awaited for a bounded time only, whatever stands between it and the database.
//!
//! The server's own limits end a statement that takes too long; they say nothing to whoever asks a server that is frozen, or
//! a proxy that goes on taking bytes for a server that is gone. Beyond the limit the connection is closed at once and
//! never used again, so that an answer that comes late finds nobody who could take it for another.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use store::Failure;
use tokio::task::AbortHandle;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, Row, Statement};

use crate::copy::refuse_half;
use crate::failure::Fault;

type Result<T> = std::result::Result<T, Fault>;

/// A statement's values.
type Values<'a> = &'a [&'a (dyn ToSql + Sync)];

/// One connection, and how long its answers may take. Dropping it closes the connection at once, whatever is still owed.
pub(crate) struct Asking {
    client: Client,
    carrier: Carrier,
    answer_max: Duration,
    is_late: AtomicBool,
}

/// What carries the bytes; without it the socket is closed.
struct Carrier(Option<AbortHandle>);

impl Carrier {
    fn end(&self) {
        self.0.iter().for_each(AbortHandle::abort);
    }
}

impl Drop for Carrier {
    fn drop(&mut self) {
        self.end();
    }
}

impl Asking {
    pub(crate) fn new(client: Client, carrier: AbortHandle, answer_max: Duration) -> Asking {
        Asking { client, carrier: Carrier(Some(carrier)), answer_max, is_late: AtomicBool::new(false) }
    }

    /// Whether the connection is known to be lost, or was let go.
    pub(crate) fn is_lost(&self) -> bool {
        self.is_late.load(Ordering::Relaxed) || self.client.is_closed()
    }

    /// The client alone, for work that may take as long as it takes; its connection ends when no answer is owed any more.
    pub(crate) fn without_limit(mut self) -> Client {
        self.carrier.0 = None;
        self.client
    }

    /// Refuses a store into which an import has begun and not ended.
    pub(crate) async fn refuse_half(&self) -> store::Result<()> {
        let late = |_| Failure::Unavailable { doing: "opening the store", source: Box::new(Fault::Late) };
        tokio::time::timeout(self.answer_max, refuse_half(&self.client)).await.map_err(late)?
    }

    /// Prepares a statement.
    pub(crate) fn prepare(&self, sql: &str) -> impl Future<Output = Result<Statement>> {
        self.within(self.client.prepare(sql))
    }

    /// The rows that a statement says.
    pub(crate) fn query(
        &self,
        statement: &Statement,
        values: Values<'_>,
    ) -> impl Future<Output = Result<Vec<Row>>> {
        self.within(self.client.query(statement, values))
    }

    /// The row that a statement says, if it says one; it never says more.
    pub(crate) fn query_opt(
        &self,
        statement: &Statement,
        values: Values<'_>,
    ) -> impl Future<Output = Result<Option<Row>>> {
        self.within(self.client.query_opt(statement, values))
    }

    /// The one row that a statement says.
    pub(crate) fn query_one(
        &self,
        statement: &Statement,
        values: Values<'_>,
    ) -> impl Future<Output = Result<Row>> {
        self.within(self.client.query_one(statement, values))
    }

    /// How many rows a statement changed.
    pub(crate) fn execute(
        &self,
        statement: &Statement,
        values: Values<'_>,
    ) -> impl Future<Output = Result<u64>> {
        self.within(self.client.execute(statement, values))
    }

    /// Runs statements without values.
    pub(crate) fn batch(&self, sql: &str) -> impl Future<Output = Result<()>> {
        self.within(self.client.batch_execute(sql))
    }

    /// A round's future holds a dozen of these at once, and a lane's stack holds the round's: so it is no larger than a pointer.
    fn within<T>(
        &self,
        asking: impl Future<Output = std::result::Result<T, Error>>,
    ) -> impl Future<Output = Result<T>> {
        let asking = Box::pin(asking);
        async move {
            if self.is_late.load(Ordering::Relaxed) {
                return Err(Fault::Late);
            }
            // The inner future is polled first, so what is asked together still travels together, in its order.
            match tokio::time::timeout(self.answer_max, asking).await {
                Ok(said) => Ok(said?),
                Err(_) => {
                    self.is_late.store(true, Ordering::Relaxed);
                    self.carrier.end();
                    Err(Fault::Late)
                }
            }
        }
    }
}
