//! Checkpoints: the write-ahead log is carried into the file beside the writer, so that it stays short.
//!
//! Alone, a checkpointer beside a busy writer never finds the log at rest and it grows without bound (1.1 GB in four
//! seconds, measured); so the writer carries it over itself above [`WRITER_LOG_PAGES_MAX`], and readers are cut off after a
//! second.

use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;
use store::{Failure, Result};

use crate::connection::{LOCK_WAIT, open_writer};

/// Above this length, in pages of 4 KiB, the writer checkpoints by itself: 32 MiB.
const WRITER_LOG_PAGES_MAX: i32 = 8_192;

/// Above this length the writer waits until no reader sits in the log any more, so that it starts over for certain; no
/// reader stays longer than a second.
const LOG_PAGES_MAX: i32 = 4 * WRITER_LOG_PAGES_MAX;

/// How long one try to start the log over waits for readers. It waits for a place in the log's index, and readers that
/// overlap may share that place for ever; the next try looks anew at where they stand.
const RESTART_WAIT: Duration = Duration::from_millis(50);

/// How many such tries there are: together they wait a little longer than a read may last.
const RESTART_TRIES_MAX: u32 = 30;

/// How often the checkpointer looks.
const PAUSE: Duration = Duration::from_millis(500);

/// Carries the log over from a thread of its own until it is dropped.
pub struct Checkpointer {
    stop: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpointer {
    #[expect(clippy::disallowed_methods, reason = "the thread is owned by the checkpointer, which joins it")]
    pub(crate) fn open(path: &Path) -> Result<Checkpointer> {
        let doing = "starting the checkpointer";
        let connection = open_writer(path)?;
        let (stop, stopped) = sync_channel::<()>(1);
        let carry_until_stopped = move || {
            while matches!(stopped.recv_timeout(PAUSE), Err(RecvTimeoutError::Timeout)) {
                carry_over(&connection);
            }
        };
        let thread = std::thread::Builder::new().name("checkpointer".to_owned()).spawn(carry_until_stopped);
        let thread = thread.map_err(|error| Failure::Unavailable { doing, source: Box::new(error) })?;
        Ok(Checkpointer { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What the writer does for the log, and how long it must be before the writer waits for readers again.
pub(crate) struct LogKeeper {
    restart_above: i32,
}

impl LogKeeper {
    /// Keeps a log of which nothing is known yet.
    pub(crate) const fn new() -> LogKeeper {
        LogKeeper { restart_above: LOG_PAGES_MAX }
    }

    /// Minds the log after a commit that left it so many pages long. Where a reader of another process stays, such as a
    /// backup, the writer waits for it only once for each doubling, and not in every round.
    pub(crate) fn mind(&mut self, connection: &Connection, pages: i32) {
        if pages > self.restart_above {
            let started_over = start_over(connection);
            let is_restarted = matches!(started_over, Ok(true));
            self.restart_above = if is_restarted { LOG_PAGES_MAX } else { pages.saturating_mul(2) };
            if !is_restarted {
                tracing::warn!(pages, outcome = ?started_over, "the write-ahead log could not be started over");
            }
        } else if pages > WRITER_LOG_PAGES_MAX {
            carry_over(connection);
        }
    }
}

/// Carries everything over and waits until no reader sits in the log, so that the next commit begins it anew; whether it
/// came to that.
fn start_over(connection: &Connection) -> rusqlite::Result<bool> {
    let is_blocked = |row: &rusqlite::Row<'_>| Ok(row.get::<_, i64>(0)? != 0);
    let try_once = || connection.query_row("PRAGMA wal_checkpoint(RESTART)", [], is_blocked);
    connection.busy_timeout(RESTART_WAIT)?;
    let mut blocked = try_once();
    for _ in 1..RESTART_TRIES_MAX {
        if !matches!(blocked, Ok(true)) {
            break;
        }
        blocked = try_once();
    }
    connection.busy_timeout(LOCK_WAIT)?;
    Ok(!blocked?)
}

/// Carries over what no reader still needs, without making anyone wait. A failure is only slow: the next one tries again.
pub(crate) fn carry_over(connection: &Connection) {
    let carried = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
    if let Err(error) = carried {
        tracing::warn!(%error, "the write-ahead log could not be carried over");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Arc, Barrier};

    use auction::Time;
    use ledger::MemberId;
    use store::{AnswerKind, Journal, Key, NewKey, Round, Wanted};

    use super::*;

    /// A page of the store, in bytes.
    const PAGE_BYTES: u64 = 4_096;

    /// The most that one round of these tests adds to the log, in pages.
    const ROUND_PAGES_MAX: u64 = 2_048;

    /// Keys of 64 characters out of order dirty many pages, so that a round writes far more than it adds.
    fn round(number: i64) -> Round {
        let key = |at: i64| {
            let text =
                format!("{:064x}", (number * 512 + at).unsigned_abs().wrapping_mul(0x9e37_79b9_7f4a_7c15));
            let key = Key { text: text.into(), member: MemberId(1) };
            NewKey {
                key,
                fingerprint: at,
                event: None,
                order: None,
                transfer: None,
                kind: AnswerKind::Quiet,
                step: None,
                maximum: None,
                withdrawal: None,
                taken: None,
                missing: None,
                at: Time(number),
            }
        };
        Round { now: Time(number), keys: (0..512).map(key).collect(), ..Round::default() }
    }

    /// A reader of another process that stays is waited for once for each doubling of the log, not in every round; when
    /// it has gone, the log starts over.
    #[test]
    fn a_reader_that_stays_is_waited_for_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(crate::FILE_NAME);
        let writer = open_writer(&path).expect("a writer");
        writer.execute_batch("CREATE TABLE t (x); INSERT INTO t VALUES (1)").expect("a table");
        let reader = crate::connection::open_reader(&path).expect("a reader");
        reader.execute_batch("BEGIN; SELECT * FROM t").expect("a read that stays");
        writer.execute_batch("INSERT INTO t VALUES (2)").expect("a commit");
        let mut keeper = LogKeeper::new();
        keeper.mind(&writer, LOG_PAGES_MAX + 1);
        assert_eq!(keeper.restart_above, 2 * (LOG_PAGES_MAX + 1));
        reader.execute_batch("COMMIT").expect("the reader leaves");
        keeper.mind(&writer, LOG_PAGES_MAX + 2);
        assert_eq!(keeper.restart_above, 2 * (LOG_PAGES_MAX + 1), "not before it has doubled");
        keeper.mind(&writer, 2 * LOG_PAGES_MAX + 3);
        assert_eq!(keeper.restart_above, LOG_PAGES_MAX);
    }

    /// The hazard: a log that grows without bound, because it never comes to rest beside a busy writer. Readers
    /// come and go here between two commits; one that lies across commits is the business of `LogKeeper`'s restart.
    #[test]
    fn wal_without_bound() {
        let folder = tempfile::tempdir().expect("a folder");
        let (mut journal, records, checkpointer) =
            crate::open(folder.path(), Arc::new(|| Time(1))).expect("a store");
        drop(checkpointer);
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let log = folder.path().join(format!("{}-wal", crate::FILE_NAME));
        let (mut pages_written, mut pages_before) = (0_u64, 0_u64);
        let bound_pages = WRITER_LOG_PAGES_MAX as u64 + ROUND_PAGES_MAX;
        let mut number = 0;
        while pages_written < 3 * bound_pages {
            number += 1;
            runtime.block_on(async {
                journal.begin(&Wanted::default()).await.expect("a round begins");
                journal.keep(&round(number)).await.expect("a round is kept");
                store::Records::health(&records).await.expect("a reader reads");
            });
            let pages = journal.log_pages();
            pages_written += if pages >= pages_before { pages - pages_before } else { pages };
            pages_before = pages;
        }
        let length = std::fs::metadata(log).expect("a log").len();
        assert!(
            length <= bound_pages * PAGE_BYTES,
            "{pages_written} pages were written, the log has {length} bytes"
        );
    }

    /// Two readers take turns without a gap: each leaves only when the other's read has begun, so that at every moment one
    /// of them sits in the log. A writer that only carried over would let it grow as long as they go on.
    #[test]
    fn wal_without_bound_beside_overlapping_readers() {
        let folder = tempfile::tempdir().expect("a folder");
        let (mut journal, _records, checkpointer) =
            crate::open(folder.path(), Arc::new(|| Time(1))).expect("a store");
        drop(checkpointer);
        let path = folder.path().join(crate::FILE_NAME);
        let log = folder.path().join(format!("{}-wal", crate::FILE_NAME));
        let turns =
            Turns { is_over: AtomicBool::new(false), is_last: AtomicBool::new(false), meet: Barrier::new(2) };
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let bound_pages = LOG_PAGES_MAX as u64 + ROUND_PAGES_MAX;
        let mut pages_written = 0_u64;
        std::thread::scope(|scope| {
            for is_first in [true, false] {
                let (path, turns) = (&path, &turns);
                scope.spawn(move || turns.take(path, is_first));
            }
            let mut pages_before = 0_u64;
            let mut number = 0;
            while pages_written < 3 * bound_pages {
                number += 1;
                runtime.block_on(async {
                    journal.begin(&Wanted::default()).await.expect("a round begins");
                    journal.keep(&round(number)).await.expect("a round is kept");
                });
                let pages = journal.log_pages();
                pages_written += if pages >= pages_before { pages - pages_before } else { pages };
                pages_before = pages;
            }
            turns.is_over.store(true, Ordering::SeqCst);
        });
        let length = std::fs::metadata(log).expect("a log").len();
        assert!(
            length <= bound_pages * PAGE_BYTES,
            "{pages_written} pages were written, the log has {length} bytes"
        );
    }

    /// Where two readers meet, so that the read of each begins before the other's ends and ends after the other's has begun.
    struct Turns {
        /// The writer has done.
        is_over: AtomicBool,
        /// Both leave after this turn; set by the first reader alone.
        is_last: AtomicBool,
        meet: Barrier,
    }

    impl Turns {
        fn take(&self, path: &Path, is_first: bool) {
            let reader = crate::connection::open_reader(path).expect("a reader");
            let begin = || {
                reader.execute_batch("BEGIN").expect("a read begins");
                let rows = reader.query_row("SELECT count(*) FROM keys", [], |row| row.get::<_, i64>(0));
                rows.expect("it reads");
            };
            let end = || reader.execute_batch("COMMIT").expect("a read ends");
            if is_first {
                begin();
            }
            while !self.is_last.load(Ordering::SeqCst) {
                self.meet.wait();
                if !is_first {
                    begin();
                }
                self.meet.wait();
                if is_first {
                    end();
                    begin();
                    self.is_last.store(self.is_over.load(Ordering::SeqCst), Ordering::SeqCst);
                }
                self.meet.wait();
                if !is_first {
                    end();
                }
            }
        }
    }
}
