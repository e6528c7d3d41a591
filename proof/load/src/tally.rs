//! What is counted and timed while a run goes on, shared by all tasks. Counters are atomic; latencies go into a few
//! histograms behind locks that are held for one batch of frames. Each interval is taken out and added to the whole.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use hdrhistogram::Histogram;

/// Histograms that tasks are spread over; a histogram costs about 200 KB, so there is none per connection.
const SHARDS: usize = 4;
/// Longest latency told apart, in microseconds: two minutes.
const LONGEST_US: u64 = 120_000_000;

/// Latencies in microseconds, to three digits.
pub type Latencies = Histogram<u64>;

/// No latencies yet.
pub fn latencies() -> Latencies {
    Histogram::new_with_bounds(1, LONGEST_US, 3).expect("the bounds are constant and valid")
}

/// A latency recorded by many tasks.
#[derive(Debug)]
pub struct Timer {
    shards: Vec<Mutex<Latencies>>,
}

impl Timer {
    fn new() -> Self {
        Self { shards: (0..SHARDS).map(|_| Mutex::new(latencies())).collect() }
    }

    /// Records a batch of latencies on behalf of the task with this number.
    pub fn record(&self, task: usize, micros: impl IntoIterator<Item = u64>) {
        let shard = &self.shards[task % SHARDS];
        let mut shard = shard.lock().expect("recording cannot panic");
        micros.into_iter().for_each(|micros| shard.saturating_record(micros));
    }

    /// Takes out what was recorded since the last time.
    pub fn take(&self) -> Latencies {
        let mut whole = latencies();
        for shard in &self.shards {
            let mut shard = shard.lock().expect("recording cannot panic");
            whole.add(&*shard).expect("all histograms have the same bounds");
            shard.reset();
        }
        whole
    }
}

/// Counters as they stand at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Bids sent for the first time.
    pub sent: u64,
    /// Bids accepted.
    pub accepted: u64,
    /// Bids refused by the rules.
    pub refused: u64,
    /// Bids that heard `busy`.
    pub busy: u64,
    /// Frames told to watchers: snapshots and events.
    pub frames: u64,
    /// Snapshots among them.
    pub snapshots: u64,
    /// Requests for pages that were answered well (`browse`).
    pub pages: u64,
    /// Requests for pages that failed (`browse`).
    pub page_errors: u64,
    /// Auctions seen settled (`closing`).
    pub settled: u64,
}

impl Counts {
    /// What was added since an earlier moment.
    pub fn since(&self, earlier: &Counts) -> Counts {
        Counts {
            sent: self.sent - earlier.sent,
            accepted: self.accepted - earlier.accepted,
            refused: self.refused - earlier.refused,
            busy: self.busy - earlier.busy,
            frames: self.frames - earlier.frames,
            snapshots: self.snapshots - earlier.snapshots,
            pages: self.pages - earlier.pages,
            page_errors: self.page_errors - earlier.page_errors,
            settled: self.settled - earlier.settled,
        }
    }
}

/// Everything that is counted and timed.
#[derive(Debug)]
pub struct Tally {
    sent: AtomicU64,
    accepted: AtomicU64,
    refused: AtomicU64,
    busy: AtomicU64,
    frames: AtomicU64,
    snapshots: AtomicU64,
    pages: AtomicU64,
    page_errors: AtomicU64,
    settled: AtomicU64,
    /// From the (intended) sending of a bid or request to its answer.
    pub answers: Timer,
    /// From the moment that a frame names to its arrival at a watcher.
    pub deliveries: Timer,
}

impl Tally {
    /// All zero.
    pub fn new() -> Self {
        Self {
            sent: AtomicU64::new(0),
            accepted: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            busy: AtomicU64::new(0),
            frames: AtomicU64::new(0),
            snapshots: AtomicU64::new(0),
            pages: AtomicU64::new(0),
            page_errors: AtomicU64::new(0),
            settled: AtomicU64::new(0),
            answers: Timer::new(),
            deliveries: Timer::new(),
        }
    }

    /// Adds what one task counted since it added last.
    pub fn add(&self, counts: &Counts) {
        let pairs = [
            (&self.sent, counts.sent),
            (&self.accepted, counts.accepted),
            (&self.refused, counts.refused),
            (&self.busy, counts.busy),
            (&self.frames, counts.frames),
            (&self.snapshots, counts.snapshots),
            (&self.pages, counts.pages),
            (&self.page_errors, counts.page_errors),
            (&self.settled, counts.settled),
        ];
        for (counter, more) in pairs {
            if more > 0 {
                counter.fetch_add(more, Relaxed);
            }
        }
    }

    /// The counters as they stand.
    pub fn counts(&self) -> Counts {
        Counts {
            sent: self.sent.load(Relaxed),
            accepted: self.accepted.load(Relaxed),
            refused: self.refused.load(Relaxed),
            busy: self.busy.load(Relaxed),
            frames: self.frames.load(Relaxed),
            snapshots: self.snapshots.load(Relaxed),
            pages: self.pages.load(Relaxed),
            page_errors: self.page_errors.load(Relaxed),
            settled: self.settled.load(Relaxed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_added_and_compared() {
        let tally = Tally::new();
        tally.add(&Counts { accepted: 3, frames: 5, ..Counts::default() });
        let before = tally.counts();
        tally.add(&Counts { accepted: 2, busy: 1, ..Counts::default() });
        let more = tally.counts().since(&before);
        assert_eq!(more, Counts { accepted: 2, busy: 1, ..Counts::default() });
    }

    #[test]
    fn latencies_of_all_tasks_are_taken_once() {
        let timer = Timer::new();
        (0..100).for_each(|task| timer.record(task, [1_000, 2_000]));
        let taken = timer.take();
        assert_eq!(taken.len(), 200);
        assert!((1_990..=2_010).contains(&taken.value_at_quantile(0.999)));
        assert_eq!(timer.take().len(), 0);
    }

    #[test]
    fn a_latency_beyond_the_longest_is_kept_as_the_longest() {
        let timer = Timer::new();
        timer.record(0, [LONGEST_US * 10, 0]);
        let taken = timer.take();
        assert_eq!(taken.len(), 2);
        assert!(taken.max() >= LONGEST_US);
    }
}
