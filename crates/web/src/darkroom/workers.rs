//! The workers that make pictures: so many at once, so many who wait, and so much memory for all of them together.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ledger::MemberId;
use pictures::{BYTES_MAX, JOB_BYTES_MAX};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::caller::Address;
use crate::failure::{Code, Problem};
use crate::limits::{Entered, Entries};

/// The most uploads that wait for a worker, each with its bytes.
pub const WAITING_MAX: usize = 8;

/// The most uploads of one member at once.
pub const PER_MEMBER_MAX: u32 = 3;

/// The most uploads from one address at once: fewer than there are places, however many members it has.
pub const PER_ADDRESS_MAX: u32 = 4;

const _: () = assert!((PER_ADDRESS_MAX as usize) < WAITING_MAX, "one address could hold all places");

/// The longest that an upload waits for a worker.
const WAIT: Duration = Duration::from_secs(20);

/// Those who make pictures.
pub struct Workers {
    count: usize,
    free: Arc<Semaphore>,
    places: Arc<Semaphore>,
    members: Entries<MemberId>,
    addresses: Entries<u128>,
    taken: AtomicU64,
    turned_away: AtomicU64,
}

/// A place among those who are served or wait, to be taken before an upload is read; dropping it makes room.
pub struct Place {
    _among_all: OwnedSemaphorePermit,
    _among_his_own: Entered<MemberId>,
    _among_his_address: Option<Entered<u128>>,
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
            addresses: Entries::new(PER_ADDRESS_MAX),
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

    /// A place for one upload of that member, from that address; the house itself comes from none.
    ///
    /// # Errors
    /// `busy` if too many wait, or too many of his own or of his address.
    pub fn enter(&self, member: MemberId, from: Option<Address>) -> Result<Place, Problem> {
        let place = self.try_enter(member, from);
        let counter = if place.is_some() { &self.taken } else { &self.turned_away };
        counter.fetch_add(1, Ordering::Relaxed);
        place.ok_or(Problem::new(Code::Busy))
    }

    fn try_enter(&self, member: MemberId, from: Option<Address>) -> Option<Place> {
        let own = self.members.enter(member)?;
        let address = match from {
            Some(from) => Some(self.addresses.enter(from.group())?),
            None => None,
        };
        let among_all = Arc::clone(&self.places).try_acquire_owned().ok()?;
        Some(Place { _among_all: among_all, _among_his_own: own, _among_his_address: address })
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

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    #[test]
    fn neither_a_member_nor_an_address_holds_all_places() {
        let workers = Workers::new(1);
        let from = |last: u8| Some(Address(IpAddr::from([203, 0, 113, last])));
        let mut held = Vec::new();
        let mut entered = |member: i64, address| {
            let place = workers.enter(MemberId(member), address);
            let is_in = place.is_ok();
            held.extend(place.ok());
            is_in
        };
        for (member, address, is_in) in [
            (1, 1, true),
            (1, 2, true),
            (1, 3, true),
            (1, 4, false),
            (2, 1, true),
            (3, 1, true),
            (4, 1, true),
            (5, 1, false),
            (5, 2, true),
            (6, 3, true),
            (7, 4, true),
            (8, 5, false),
        ] {
            assert_eq!(entered(member, from(address)), is_in, "member {member} from address {address}");
        }
        assert_eq!(workers.places_left(), 0);
        assert_eq!(workers.figures(), (9, 3));
        drop(held);
        assert_eq!(workers.places_left(), 1 + WAITING_MAX);
        let own: Vec<_> = (0..PER_MEMBER_MAX).map(|_| workers.enter(MemberId(1), from(1))).collect();
        assert!(own.iter().all(Result::is_ok), "who was turned away left nothing behind");
        assert!(workers.enter(MemberId(9), None).is_ok(), "the house comes from no address");
    }
}
