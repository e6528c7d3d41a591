//! The workers that make pictures: so many at once, so many who wait, and so much memory for all of them together.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ledger::MemberId;
use pictures::{BYTES_MAX, JOB_BYTES_MAX};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::failure::{Code, Problem};
use crate::limits::{Entered, Entries};

/// The most uploads that wait for a worker, each with its bytes.
pub const WAITING_MAX: usize = 8;

/// The most uploads of one member at once.
pub const PER_MEMBER_MAX: u32 = 3;

/// The longest that an upload waits for a worker.
const WAIT: Duration = Duration::from_secs(20);

/// Those who make pictures.
pub struct Workers {
    count: usize,
    free: Arc<Semaphore>,
    places: Arc<Semaphore>,
    members: Entries<MemberId>,
    taken: AtomicU64,
    turned_away: AtomicU64,
}

/// A place among those who are served or wait, to be taken before an upload is read; dropping it makes room.
pub struct Place {
    _among_all: OwnedSemaphorePermit,
    _among_his_own: Entered<MemberId>,
}

impl Workers {
    /// So many workers, at least one.
    pub fn new(count: usize) -> Workers {
        let count = count.max(1);
        Workers {
            count,
            free: Arc::new(Semaphore::new(count)),
            places: Arc::new(Semaphore::new(count + WAITING_MAX)),
            members: Entries::new(PER_MEMBER_MAX),
            taken: AtomicU64::new(0),
            turned_away: AtomicU64::new(0),
        }
    }

    /// The most memory that uploads need, in bytes: each worker's own, and what is read for those who wait.
    pub fn memory_bytes_max(&self) -> u64 {
        let workers = u64::try_from(self.count).unwrap_or(u64::MAX);
        let waiting = workers.saturating_add(WAITING_MAX as u64);
        workers.saturating_mul(JOB_BYTES_MAX).saturating_add(waiting.saturating_mul(BYTES_MAX as u64))
    }

    /// How many workers there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// How many uploads found a place since the start, and how many found none.
    pub fn figures(&self) -> (u64, u64) {
        (self.taken.load(Ordering::Relaxed), self.turned_away.load(Ordering::Relaxed))
    }

    /// How many places are left.
    pub fn places_left(&self) -> usize {
        self.places.available_permits()
    }

    /// A place for one upload of that member.
    ///
    /// # Errors
    /// `busy` if too many wait, or too many of his own.
    pub fn enter(&self, member: MemberId) -> Result<Place, Problem> {
        let own = self.members.enter(member);
        let place = own.zip(Arc::clone(&self.places).try_acquire_owned().ok());
        let counter = if place.is_some() { &self.taken } else { &self.turned_away };
        counter.fetch_add(1, Ordering::Relaxed);
        let (own, among_all) = place.ok_or(Problem::new(Code::Busy))?;
        Ok(Place { _among_all: among_all, _among_his_own: own })
    }

    /// Has a worker do it; the place comes back with what came of it. Whoever leaves meanwhile does not stop the work, so the
    /// worker stays taken until it is done.
    ///
    /// # Errors
    /// `busy` if no worker was free in time, `internal` if the work has a bug.
    pub async fn run<T: Send + 'static>(
        &self,
        place: Place,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<(Place, T), Problem> {
        let worker = timeout(WAIT, Arc::clone(&self.free).acquire_owned()).await;
        let worker = worker.ok().and_then(Result::ok).ok_or(Problem::new(Code::Busy))?;
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(worker);
            (place, done)
        });
        done.await.map_err(|failure| {
            tracing::error!(%failure, "a worker of pictures has a bug");
            Problem::new(Code::Internal)
        })
    }
}
