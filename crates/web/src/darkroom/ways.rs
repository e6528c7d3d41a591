//! The ways on which pictures go to browsers: so many in all, and so many of them to one address. Who finds none waits for a
//! while, first come, first served among those of his address.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// How many pictures are on their way to browsers at once; each is held in memory until it was taken, or was taken too
/// slowly.
pub const SHOWN_MAX: usize = 256;

/// How many of them are on their way to one address: five browsers' worth.
pub const SHOWN_PER_ADDRESS_MAX: usize = 32;

/// How long a browser waits for one of these ways.
const SHOWN_WITHIN: Duration = Duration::from_secs(2);

/// So many addresses are remembered before it is looked which of them are gone.
const REMEMBERED_MIN: usize = 1_024;

/// All ways.
pub struct Ways {
    all: Arc<Semaphore>,
    own: Mutex<Own>,
}

struct Own {
    by_address: HashMap<u128, Weak<Semaphore>>,
    looked_through_at: usize,
}

/// One way, until it is dropped.
pub struct Way {
    _own: OwnedSemaphorePermit,
    _among_all: OwnedSemaphorePermit,
}

impl Ways {
    /// All of them, free.
    pub fn new() -> Ways {
        let own = Own { by_address: HashMap::new(), looked_through_at: REMEMBERED_MIN };
        Ways { all: Arc::new(Semaphore::new(SHOWN_MAX)), own: Mutex::new(own) }
    }

    /// A way to an address, as [`crate::caller::Address::group`] counts them; none if none became free in time.
    pub async fn enter(&self, address: u128) -> Option<Way> {
        let own = self.own(address);
        let both = async {
            // His own first: whoever waits for that holds nothing of what others need.
            let own = own.acquire_owned().await.ok()?;
            let among_all = Arc::clone(&self.all).acquire_owned().await.ok()?;
            Some(Way { _own: own, _among_all: among_all })
        };
        timeout(SHOWN_WITHIN, both).await.ok().flatten()
    }

    /// The ways of an address; they are forgotten when nobody is on one or waits for one.
    fn own(&self, address: u128) -> Arc<Semaphore> {
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        if own.by_address.len() >= own.looked_through_at {
            own.by_address.retain(|_, ways| ways.strong_count() > 0);
            own.looked_through_at = REMEMBERED_MIN.max(2 * own.by_address.len());
        }
        if let Some(ways) = own.by_address.get(&address).and_then(Weak::upgrade) {
            return ways;
        }
        let ways = Arc::new(Semaphore::new(SHOWN_PER_ADDRESS_MAX));
        own.by_address.insert(address, Arc::downgrade(&ways));
        ways
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_address_never_has_all_ways() {
        let ways = Ways::new();
        let mut held = Vec::new();
        for _ in 0..SHOWN_PER_ADDRESS_MAX {
            held.push(ways.enter(1).await.expect("it has a share"));
        }
        assert!(ways.enter(1).await.is_none(), "and no more");
        for other in 2.. {
            let left = ways.all.available_permits();
            let mut taken = Vec::new();
            for _ in 0..SHOWN_PER_ADDRESS_MAX.min(left) {
                taken.push(ways.enter(other).await.expect("others have theirs"));
            }
            held.extend(taken);
            if left <= SHOWN_PER_ADDRESS_MAX {
                break;
            }
        }
        assert_eq!(held.len(), SHOWN_MAX);
        assert!(ways.enter(1_000).await.is_none(), "all are taken");
        held.swap_remove(0);
        assert!(ways.enter(1).await.is_some(), "one became free");
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_goes_when_another_has_arrived() {
        let ways = Ways::new();
        let mut held = Vec::new();
        for _ in 0..SHOWN_PER_ADDRESS_MAX {
            held.push(ways.enter(1).await.expect("it has a share"));
        }
        let (entered, ()) = tokio::join!(ways.enter(1), async { drop(held.pop()) });
        assert!(entered.is_some());
    }

    #[tokio::test]
    async fn addresses_are_forgotten() {
        let ways = Ways::new();
        for address in 0..10 * REMEMBERED_MIN as u128 {
            drop(ways.enter(address).await.expect("it is free"));
        }
        let own = ways.own.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(own.by_address.len() <= REMEMBERED_MIN, "{}", own.by_address.len());
    }
}
