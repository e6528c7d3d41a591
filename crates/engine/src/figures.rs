//! Figures: what the engine has done since it started, for metrics; counters that nobody waits for.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counters, raised by the lane and read by anyone.
#[derive(Debug, Default)]
pub struct Figures {
    rounds: AtomicU64,
    rounds_again: AtomicU64,
    accepted: AtomicU64,
    refused: AtomicU64,
    busy: AtomicU64,
    internal: AtomicU64,
}

/// The counters at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FiguresNow {
    /// Rounds kept.
    pub rounds: u64,
    /// Rounds run again because a commit's outcome was unknown.
    pub rounds_again: u64,
    /// Commands accepted, or answered again.
    pub accepted: u64,
    /// Commands refused.
    pub refused: u64,
    /// Commands that heard `busy`.
    pub busy: u64,
    /// Commands that heard `internal`.
    pub internal: u64,
    /// Commands waiting in the mailbox.
    pub waiting: u64,
}

impl Figures {
    /// The counters now, with so many commands waiting.
    pub fn now(&self, waiting: usize) -> FiguresNow {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        FiguresNow {
            rounds: read(&self.rounds),
            rounds_again: read(&self.rounds_again),
            accepted: read(&self.accepted),
            refused: read(&self.refused),
            busy: read(&self.busy),
            internal: read(&self.internal),
            waiting: waiting as u64,
        }
    }

    pub(crate) fn kept_a_round(&self) {
        self.rounds.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn ran_a_round_again(&self) {
        self.rounds_again.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn answered(&self, answer: &crate::Answer) {
        let counter = match answer {
            crate::Answer::Accepted(_) => &self.accepted,
            crate::Answer::Refused(_) | crate::Answer::KeyReused => &self.refused,
            crate::Answer::Busy => &self.busy,
            crate::Answer::Internal => &self.internal,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn turned_away(&self) {
        self.busy.fetch_add(1, Ordering::Relaxed);
    }
}
