//! Readers: a few connections, each on a thread of its own, that answer reads beside the writer. A group of them shares
//! one bounded queue, and being full is an answer; what waits in one group's queue never waits for another group.
//!
//! A read sees one committed state. One that runs longer than [`READ_SECONDS_MAX`] is interrupted, so that no reader
//! ever keeps the write-ahead log from starting over.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use rusqlite::Connection;
use store::records::READ_SECONDS_MAX;
use store::{Failure, Result};
use tokio::sync::{mpsc, oneshot};

use crate::connection::open_reader;
use crate::failure::before_commit;

/// How many reads may wait for a group.
pub(crate) const READS_WAITING_MAX: usize = 1_024;

/// How many steps of SQLite's machine lie between two looks at the clock.
const STEPS_BETWEEN_LOOKS: i32 = 10_000;

type Read = Box<dyn FnOnce(&Connection) + Send>;

/// A group of readers; when the last handle goes, their threads end and are waited for.
#[derive(Clone)]
pub(crate) struct Readers {
    shared: Arc<Shared>,
}

struct Shared {
    sender: Option<mpsc::Sender<Read>>,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    /// Opens so many readers of the store at `path`, with a queue of their own; their threads bear the group's name.
    pub(crate) fn open(path: &Path, group: &str, readers: usize) -> Result<Readers> {
        let (sender, receiver) = mpsc::channel(READS_WAITING_MAX);
        let receiver = Arc::new(Mutex::new(receiver));
        let mut threads = Vec::with_capacity(readers);
        for number in 1..=readers {
            let connection = open_reader(path)?;
            let receiver = Arc::clone(&receiver);
            threads.push(spawn(format!("{group}-{number}"), connection, receiver)?);
        }
        Ok(Readers { shared: Arc::new(Shared { sender: Some(sender), threads }) })
    }

    /// Runs a read on the next free reader.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        doing: &'static str,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        let (sender, answer) = oneshot::channel();
        let job: Read = Box::new(move |connection| {
            if !sender.is_closed() {
                let _ = sender.send(read_consistently(connection, read).map_err(before_commit(doing)));
            }
        });
        let queue = self.shared.sender.as_ref().ok_or(Failure::Busy)?;
        queue.try_send(job).map_err(|_| Failure::Busy)?;
        answer.await.map_err(|_| Failure::Unavailable { doing, source: "a reader has stopped".into() })?
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.sender = None;
        for thread in self.threads.drain(..) {
            if thread.thread().id() != std::thread::current().id() {
                let _ = thread.join();
            }
        }
    }
}

/// All statements of one read see the same committed state.
fn read_consistently<T>(
    connection: &Connection,
    read: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    let transaction = connection.unchecked_transaction()?;
    let result = read(&transaction)?;
    transaction.finish()?;
    Ok(result)
}

#[expect(clippy::disallowed_methods, reason = "the readers' threads are owned by `Shared`, which joins them")]
fn spawn(
    name: String,
    mut connection: Connection,
    receiver: Arc<Mutex<mpsc::Receiver<Read>>>,
) -> Result<JoinHandle<()>> {
    let doing = "starting a reader";
    let watch = Arc::new(Stopwatch::new());
    let looking = Arc::clone(&watch);
    let is_late = move || looking.is_late();
    connection.progress_handler(STEPS_BETWEEN_LOOKS, Some(is_late)).map_err(before_commit(doing))?;
    let serve = move || {
        loop {
            let next = receiver.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv();
            let Some(read) = next else { return };
            watch.start();
            read(&connection);
        }
    };
    let thread = std::thread::Builder::new().name(name).spawn(serve);
    thread.map_err(|error| Failure::Unavailable { doing, source: Box::new(error) })
}

/// When the present read began, so that it can be cut off.
struct Stopwatch {
    zero: Instant,
    started_ms: AtomicU64,
}

impl Stopwatch {
    #[expect(
        clippy::disallowed_methods,
        reason = "how long a read may run is no business of the market's clock"
    )]
    fn new() -> Stopwatch {
        Stopwatch { zero: Instant::now(), started_ms: AtomicU64::new(0) }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "how long a read may run is no business of the market's clock"
    )]
    fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.zero.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn start(&self) {
        self.started_ms.store(self.elapsed_ms(), Ordering::Relaxed);
    }

    fn is_late(&self) -> bool {
        self.elapsed_ms().saturating_sub(self.started_ms.load(Ordering::Relaxed)) > READ_SECONDS_MAX * 1_000
    }
}
