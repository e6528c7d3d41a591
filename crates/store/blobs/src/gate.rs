//! Lets so many calls pass at once and so many wait, and no more; what comes beyond that hears `Busy`.

use std::sync::Arc;
use std::time::Duration;

use store::{Failure, Result};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::Limits;

/// Stands before every call of one store of blobs.
pub struct Gate {
    /// One place for each call under way.
    under_way: Arc<Semaphore>,
    /// One place for each call under way or waiting.
    inside: Arc<Semaphore>,
    wait_max: Duration,
}

/// A place at the gate, held until what it was taken for has ended, whether or not anybody still waits for that.
pub struct Ticket {
    _under_way: OwnedSemaphorePermit,
    _inside: OwnedSemaphorePermit,
}

impl Gate {
    pub fn new(limits: Limits) -> Gate {
        Gate {
            under_way: Arc::new(Semaphore::new(limits.calls_max)),
            inside: Arc::new(Semaphore::new(limits.calls_max.saturating_add(limits.waiting_max))),
            wait_max: Duration::from_millis(limits.waiting_ms_max),
        }
    }

    /// Waits for a place, but neither in too long a queue nor for too long.
    pub async fn enter(&self) -> Result<Ticket> {
        let inside = Arc::clone(&self.inside).try_acquire_owned().map_err(|_| Failure::Busy)?;
        let place = timeout(self.wait_max, Arc::clone(&self.under_way).acquire_owned()).await;
        let under_way = place.map_err(|_| Failure::Busy)?.map_err(|_| Failure::Busy)?;
        Ok(Ticket { _under_way: under_way, _inside: inside })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Enters with a millisecond's patience while `held` calls are inside.
    async fn enters(held: usize, waiting_max: usize, calls_max: usize) -> bool {
        let limits = Limits { calls_max, waiting_max, waiting_ms_max: 1, ..Limits::default() };
        let gate = Gate::new(limits);
        let mut tickets = Vec::new();
        for _ in 0..held {
            tickets.push(gate.enter().await.unwrap_or_else(|_| panic!("{held} of {calls_max} enter")));
        }
        match gate.enter().await {
            Ok(_) => true,
            Err(Failure::Busy) => false,
            Err(failure) => panic!("{failure}"),
        }
    }

    #[tokio::test]
    async fn so_many_pass_and_one_more_does_not() {
        assert!(enters(2, 0, 3).await);
        assert!(!enters(3, 0, 3).await, "nobody may wait");
        assert!(!enters(3, 1, 3).await, "it may wait, but not for long");
    }

    #[tokio::test]
    async fn who_waits_enters_when_another_leaves() {
        let gate = Gate::new(Limits { calls_max: 1, waiting_max: 1, ..Limits::default() });
        let first = gate.enter().await.unwrap_or_else(|_| panic!("it is empty"));
        let leave = async { drop(first) };
        let (second, ()) = tokio::join!(gate.enter(), leave);
        assert!(second.is_ok());
    }
}
