//! The second mailbox: what `Records` asks to be written waits here, and shares one transaction between two rounds.
//!
//! Each write runs in a savepoint of its own, so that one that fails spoils no other; all are answered after the commit.

use rusqlite::Connection;
use store::{Failure, Result};
use tokio::sync::{mpsc, oneshot};

use crate::failure::{at_commit, before_commit};

/// How many writes may wait.
pub(crate) const WRITES_WAITING_MAX: usize = 512;

/// How many writes share one transaction.
const WRITES_TOGETHER_MAX: usize = 128;

/// Answers a write once its transaction has ended.
type Ended = Box<dyn FnOnce(std::result::Result<(), NotCommitted>) + Send>;

/// A write on its way; without a connection it is not tried, only answered.
type Write = Box<dyn FnOnce(Option<&Connection>) -> Ended + Send>;

/// Why a whole transaction failed, told to each of its writes.
#[derive(Clone)]
enum NotCommitted {
    /// Nothing was kept.
    NotKept(String),
    /// It may or may not be kept.
    Unknown(String),
}

/// The way into the mailbox.
#[derive(Clone)]
pub(crate) struct Writes {
    sender: mpsc::Sender<Write>,
}

/// What waits in the mailbox; the journal serves it.
pub(crate) struct Waiting {
    receiver: mpsc::Receiver<Write>,
    first: Option<Write>,
}

/// A new mailbox.
pub(crate) fn mailbox() -> (Writes, Waiting) {
    let (sender, receiver) = mpsc::channel(WRITES_WAITING_MAX);
    (Writes { sender }, Waiting { receiver, first: None })
}

impl Writes {
    /// Has the writer run `write` inside a transaction, and answers once that is committed.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        doing: &'static str,
        write: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        let (sender, answer) = oneshot::channel();
        let job: Write = Box::new(move |connection| {
            let written =
                connection.map(|connection| in_savepoint(connection, write).map_err(before_commit(doing)));
            Box::new(move |ended| {
                let kept = match ended {
                    Ok(()) => written.unwrap_or(Err(Failure::Busy)),
                    Err(NotCommitted::NotKept(words)) => {
                        Err(Failure::Unavailable { doing, source: words.into() })
                    }
                    Err(NotCommitted::Unknown(words)) => {
                        Err(Failure::Unknown { doing, source: words.into() })
                    }
                };
                // Whoever asked may have left; the write stands all the same.
                let _ = sender.send(kept);
            })
        });
        self.sender.try_send(job).map_err(|_| Failure::Busy)?;
        answer.await.map_err(|_| Failure::Unavailable { doing, source: "the writer has stopped".into() })?
    }
}

impl Waiting {
    /// Resolves when something waits; never, once every way in is gone. Dropping the future loses nothing.
    pub(crate) async fn wait(&mut self) {
        if self.first.is_none() {
            self.first = self.receiver.recv().await;
        }
        if self.first.is_none() {
            std::future::pending::<()>().await;
        }
    }

    /// Runs what waits in one transaction, commits it, and answers.
    pub(crate) fn serve(&mut self, connection: &Connection) {
        let mut jobs: Vec<Write> = self.first.take().into_iter().collect();
        while jobs.len() < WRITES_TOGETHER_MAX
            && let Ok(job) = self.receiver.try_recv()
        {
            jobs.push(job);
        }
        if jobs.is_empty() {
            return;
        }
        if let Err(error) = connection.execute_batch("BEGIN IMMEDIATE") {
            let told = NotCommitted::NotKept(error.to_string());
            jobs.into_iter().for_each(|job| job(None)(Err(told.clone())));
            return;
        }
        // A disk without room makes SQLite end the whole transaction by itself; what comes behind must not be kept alone.
        let is_open = || !connection.is_autocommit();
        let ended: Vec<Ended> = jobs.into_iter().map(|job| job(is_open().then_some(connection))).collect();
        let outcome = if is_open() {
            commit(connection)
        } else {
            Err(NotCommitted::NotKept("rolled back whole".to_owned()))
        };
        ended.into_iter().for_each(|ended| ended(outcome.clone()));
    }
}

fn commit(connection: &Connection) -> std::result::Result<(), NotCommitted> {
    connection.execute_batch("COMMIT").map_err(|error| {
        let words = error.to_string();
        let told = match at_commit("keeping records")(error) {
            Failure::Unknown { .. } => NotCommitted::Unknown(words),
            Failure::Rejected { .. } | Failure::Unavailable { .. } | Failure::Busy => {
                NotCommitted::NotKept(words)
            }
        };
        // After a failed commit SQLite may or may not have ended the transaction by itself.
        if !connection.is_autocommit()
            && let Err(error) = connection.execute_batch("ROLLBACK")
        {
            tracing::warn!(%error, "a transaction of records could not be rolled back");
        }
        told
    })
}

fn in_savepoint<T>(
    connection: &Connection,
    write: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    connection.execute_batch("SAVEPOINT one_write")?;
    let written = write(connection);
    let end = if written.is_ok() { "RELEASE one_write" } else { "ROLLBACK TO one_write; RELEASE one_write" };
    connection.execute_batch(end)?;
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a full disk does to a transaction that is larger than the cache: SQLite ends it by itself, and what waits
    /// behind must not be kept in one of its own while everybody is told that nothing was.
    #[test]
    fn disk_full_in_one_write_keeps_none_of_its_transaction() {
        let connection = Connection::open_in_memory().expect("a store");
        connection.execute_batch("CREATE TABLE t (x)").expect("a table");
        let (writes, mut waiting) = mailbox();
        let insert = |connection: &Connection| connection.execute("INSERT INTO t VALUES (1)", []);
        let ends_it = |connection: &Connection| connection.execute_batch("ROLLBACK");
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let (before, ended, behind, ()) = runtime.block_on(async {
            let served = async { waiting.serve(&connection) };
            tokio::join!(writes.run("1", insert), writes.run("2", ends_it), writes.run("3", insert), served)
        });
        for failure in [before.err(), ended.err(), behind.err()] {
            assert!(matches!(failure, Some(Failure::Unavailable { .. })), "{failure:?}");
        }
        let rows = connection.query_row("SELECT count(*) FROM t", [], |row| row.get::<_, i64>(0));
        assert_eq!(rows, Ok(0));
    }
}
