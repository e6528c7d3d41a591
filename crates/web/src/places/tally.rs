//! What is counted once for all who ask at once, and is shown for a while before it is counted anew.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use auction::{Span, Time};
use store::records::Count;
use store::{Failure, Result};
use tokio::time::timeout;

/// How long counts are shown before they are counted anew.
const COUNTS_KEPT: Span = Span::seconds(15);

/// How long one waits for another who counts for the first time.
const WAIT_MAX: Duration = Duration::from_secs(2);

/// Some counts, and when they were made.
type Counted = (Time, Arc<Vec<Count>>);

/// Counts that one of those who ask makes for all of them.
#[derive(Default)]
pub(super) struct Tally {
    counted: Mutex<Option<Counted>>,
    turn: tokio::sync::Mutex<()>,
}

impl Tally {
    /// The counts, some seconds old. Whoever finds them too old counts, one at a time; the others see the old ones meanwhile, or
    /// wait if there are none.
    ///
    /// # Errors
    /// `Busy` if the first count takes too long, or what counting says.
    pub(super) async fn ask(
        &self,
        now: Time,
        counting: impl Future<Output = Result<Vec<Count>>> + Send,
    ) -> Result<Arc<Vec<Count>>> {
        let known = self.counted();
        if let Some(counts) = fresh(known.as_ref(), now) {
            return Ok(counts);
        }
        let _turn = match (self.turn.try_lock(), known) {
            (Ok(turn), _) => turn,
            (Err(_), Some((_, counts))) => return Ok(counts),
            (Err(_), None) => timeout(WAIT_MAX, self.turn.lock()).await.map_err(|_| Failure::Busy)?,
        };
        // Somebody may have counted while this one waited.
        if let Some(counts) = fresh(self.counted().as_ref(), now) {
            return Ok(counts);
        }
        let counts = Arc::new(counting.await?);
        *self.counted.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, Arc::clone(&counts)));
        Ok(counts)
    }

    fn counted(&self) -> Option<Counted> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn fresh(known: Option<&Counted>, now: Time) -> Option<Arc<Vec<Count>>> {
    let (at, counts) = known?;
    (*at <= now && now < at.plus(COUNTS_KEPT)).then(|| Arc::clone(counts))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    const NOON: Time = Time(1_700_000_000_000_000);

    #[tokio::test]
    async fn many_at_once_are_counted_for_once() {
        let (tally, counted) = (Tally::default(), AtomicUsize::new(0));
        let ask = |at: Time| {
            tally.ask(at, async {
                tokio::task::yield_now().await;
                counted.fetch_add(1, Ordering::Relaxed);
                Ok(Vec::new())
            })
        };
        for (at, times) in [
            (NOON, 1),
            (NOON.plus(Span(COUNTS_KEPT.0 - 1)), 1),
            (NOON.plus(COUNTS_KEPT), 2),
            (NOON, 3), // the clock was set back
        ] {
            let (one, two, three) = tokio::join!(ask(at), ask(at), ask(at));
            assert!(one.is_ok() && two.is_ok() && three.is_ok());
            assert_eq!(counted.load(Ordering::Relaxed), times, "{at:?}");
        }
    }

    #[tokio::test]
    async fn what_could_not_be_counted_is_counted_by_the_next() {
        let tally = Tally::default();
        let fails = tally.ask(NOON, async {
            tokio::task::yield_now().await;
            Err(Failure::Busy)
        });
        let (one, two) = tokio::join!(fails, tally.ask(NOON, async { Ok(Vec::new()) }));
        assert!(one.is_err() && two.is_ok());
    }
}
