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

use crate::connection::open_writer;

/// Above this length, in pages of 4 KiB, the writer checkpoints by itself: 32 MiB.
pub(crate) const WRITER_LOG_PAGES_MAX: i32 = 8_192;

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

/// Carries over what no reader still needs, without making anyone wait. A failure is only slow: the next one tries again.
pub(crate) fn carry_over(connection: &Connection) {
    let carried = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
    if let Err(error) = carried {
        tracing::warn!(%error, "the write-ahead log could not be carried over");
    }
}
