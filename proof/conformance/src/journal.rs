//! The engine's door under test: what [`Journal`] promises, on every store alike.
//!
//! [`checks`] takes the promises one by one; [`story`] lets a store live through the same random market as the memory model
//! and demands that they give the same answers and keep the same state, in which [`invariants`] hold.

mod acts;
mod chance;
pub mod checks;
pub mod deed;
pub mod history;
mod house;
pub mod invariants;
pub mod memory;
mod snapshot;
pub mod story;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use auction::{Span, Time};
use ledger::MemberId;
use store::{Clock, Journal};

use deed::Deed;
use history::History;

/// A store that the suite can open, close and reach behind the engine's back.
#[expect(async_fn_in_trait, reason = "driven by one test on its own thread")]
pub trait UnderTest {
    /// Its engine's door.
    type Journal: Journal;

    /// Whether numbers are left out when the store is opened again: a lane's reserve ends with it.
    const LEAVES_GAPS: bool = false;

    /// Opens the store: the first time an empty one, later what it kept.
    async fn open(&mut self) -> Self::Journal;

    /// Ends with a journal, which is dropped next.
    fn close(&mut self, journal: &mut Self::Journal);

    /// Makes a member without money; their numbers are 1, 2, ….
    async fn add_member(&mut self, journal: &mut Self::Journal) -> MemberId;

    /// Does by the web's door what stands between a member and the market; whether anything came of it.
    async fn perform(&mut self, journal: &mut Self::Journal, deed: &Deed) -> bool;

    /// All that was kept besides what stands.
    async fn history(&mut self, journal: &mut Self::Journal) -> History;
}

/// The clocks of a made-up world, moved by hand; its clones are the same clocks.
#[derive(Clone, Debug)]
pub struct HandClock {
    wall: Arc<AtomicI64>,
    steady: Arc<AtomicI64>,
}

impl HandClock {
    /// A clock that stands at this moment.
    pub fn at(now: Time) -> HandClock {
        HandClock { wall: Arc::new(AtomicI64::new(now.0)), steady: Arc::default() }
    }

    /// What it shows.
    pub fn now(&self) -> Time {
        Time(self.wall.load(Ordering::Relaxed))
    }

    /// Time goes by.
    pub fn pass(&self, span: Span) {
        self.wall.fetch_add(span.0, Ordering::Relaxed);
        self.steady.fetch_add(span.0, Ordering::Relaxed);
    }

    /// Only the wall clock is set, forward or back.
    pub fn jump(&self, span: Span) {
        self.wall.fetch_add(span.0, Ordering::Relaxed);
    }

    /// As a store asks it.
    pub fn clock(&self) -> Clock {
        let clock = self.clone();
        Arc::new(move || clock.now())
    }

    /// As an engine asks for ages and pauses.
    pub fn steady(&self) -> engine::Steady {
        let steady = Arc::clone(&self.steady);
        Arc::new(move || Span(steady.load(Ordering::Relaxed)))
    }
}
