//! The house's clock: what the wall clock says, unless the steady clock shows that it cannot be so.
//!
//! A step of the wall clock by a day or less is followed at once: the heartbeat's rule gives its time back, as after an
//! outage. A longer one is not believed until the machine has stood by it for longer than by what it said before; the
//! house goes on by the steady clock meanwhile, and nothing is written at a time that may never come.

use std::sync::{Arc, Mutex, PoisonError};

use auction::{OUTAGE_GAP_MAX, Span, Time};
use store::Clock;

use crate::lane::Steady;

/// A longer step of the wall clock is held in doubt: it is more than the rule of outages gives back.
pub const STEP_FOLLOWED_MAX: Span = OUTAGE_GAP_MAX;

/// A step up to this length leaves the clock settled.
pub const STEP_SETTLED_MAX: Span = Span::seconds(10);

/// The clock is settled once wall and steady clock have gone alike for so long; before, nothing is removed by its word.
pub const SETTLED_AFTER: Span = Span::hours(1);

/// Tells the time by which something may be removed for ever; none while the clock is not settled.
pub type Settled = Arc<dyn Fn() -> Option<Time> + Send + Sync>;

/// The clock that every room of a house is handed.
pub struct HouseClock {
    wall: Clock,
    steady: Steady,
    minded: Mutex<Minded>,
}

/// What the two clocks have said of each other so far.
struct Minded {
    believed: Offset,
    doubted: Option<Offset>,
    settled_since: Span,
}

/// How far the wall clock is ahead of the steady one, and since which steady moment it has said so; steps that are followed
/// do not begin it anew.
#[derive(Clone, Copy)]
struct Offset {
    ahead: Span,
    since: Span,
}

impl Offset {
    fn is_within(self, other: Offset, bound: Span) -> bool {
        self.ahead.0.abs_diff(other.ahead.0) <= bound.0.unsigned_abs()
    }
}

impl HouseClock {
    /// A clock over these two. At first the wall clock is believed, whatever it says.
    pub fn new(wall: Clock, steady: Steady) -> Arc<HouseClock> {
        let since = steady();
        let believed = Offset { ahead: Span(wall().0.saturating_sub(since.0)), since };
        let minded = Minded { believed, doubted: None, settled_since: since };
        Arc::new(HouseClock { wall, steady, minded: Mutex::new(minded) })
    }

    /// This clock as others take one.
    pub fn clock(self: &Arc<Self>) -> Clock {
        let house = Arc::clone(self);
        Arc::new(move || house.look().0)
    }

    /// This clock for whoever removes what has outlived its time.
    pub fn settled(self: &Arc<Self>) -> Settled {
        let house = Arc::clone(self);
        Arc::new(move || {
            let (now, agreed) = house.look();
            (agreed >= SETTLED_AFTER).then_some(now)
        })
    }

    /// The house's time, and for how long the two clocks have agreed; nothing while one is in doubt.
    fn look(&self) -> (Time, Span) {
        let (wall, steady) = ((self.wall)(), (self.steady)());
        let said = Offset { ahead: Span(wall.0.saturating_sub(steady.0)), since: steady };
        let mut minded = self.minded.lock().unwrap_or_else(PoisonError::into_inner);
        if minded.follows(said) {
            return (wall, Span(steady.0.saturating_sub(minded.settled_since.0)));
        }
        (Time(steady.0.saturating_add(minded.believed.ahead.0)), Span(0))
    }
}

impl Minded {
    /// Whether the house follows what the wall clock says now.
    fn follows(&mut self, said: Offset) -> bool {
        if said.is_within(self.believed, STEP_FOLLOWED_MAX) {
            if self.doubted.take().is_some() {
                tracing::warn!("the wall clock is back where it was; the house follows it again");
            }
            if !said.is_within(self.believed, STEP_SETTLED_MAX) {
                self.settled_since = said.since;
            }
            self.believed.ahead = said.ahead;
            return true;
        }
        let Some(doubted) = self.doubted.filter(|doubted| said.is_within(*doubted, STEP_FOLLOWED_MAX)) else {
            self.doubt(said);
            return false;
        };
        let (said_before, said_now) =
            (doubted.since.0 - self.believed.since.0, said.since.0 - doubted.since.0);
        if said_now <= said_before {
            return false;
        }
        tracing::warn!("the wall clock has kept to its jump; the house follows it, as after an outage");
        *self = Minded { believed: said, doubted: None, settled_since: said.since };
        true
    }

    fn doubt(&mut self, said: Offset) {
        let jump_seconds = said.ahead.0.saturating_sub(self.believed.ahead.0) / Span::seconds(1).0;
        tracing::error!(
            jump_seconds,
            "the wall clock jumped by more than a day; the house goes on by its own: set the wall clock right, or restart \
             the house if it is right now"
        );
        self.doubted = Some(said);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;

    const BEGAN: Time = Time(1_700_000_000_000_000);

    /// A machine whose two clocks are set by hand.
    struct Machine {
        wall: Arc<AtomicI64>,
        steady: Arc<AtomicI64>,
        now: Clock,
        settled: Settled,
    }

    impl Machine {
        fn on() -> Machine {
            let (wall, steady) = (Arc::new(AtomicI64::new(BEGAN.0)), Arc::new(AtomicI64::new(77)));
            let (walls, steadys) = (Arc::clone(&wall), Arc::clone(&steady));
            let house = HouseClock::new(
                Arc::new(move || Time(walls.load(Ordering::Relaxed))),
                Arc::new(move || Span(steadys.load(Ordering::Relaxed))),
            );
            Machine { wall, steady, now: house.clock(), settled: house.settled() }
        }

        /// Time goes by on both clocks; how far the house's has come since it began.
        fn pass(&self, span: Span) -> Span {
            self.steady.fetch_add(span.0, Ordering::Relaxed);
            self.jump(span)
        }

        /// The wall clock alone moves; how far the house's has come since it began.
        fn jump(&self, span: Span) -> Span {
            self.wall.fetch_add(span.0, Ordering::Relaxed);
            (self.now)().since(BEGAN)
        }
    }

    #[test]
    fn clock_jump_of_a_day_is_followed_and_of_more_is_not() {
        let machine = Machine::on();
        machine.pass(Span::hours(5));
        assert_eq!(machine.jump(STEP_FOLLOWED_MAX), Span::hours(29));
        assert_eq!(machine.jump(Span(-STEP_FOLLOWED_MAX.0)), Span::hours(5));
        assert_eq!(machine.jump(Span(STEP_FOLLOWED_MAX.0 + 1)), Span::hours(5));
        assert_eq!(machine.pass(Span::minutes(1)), Span(Span::hours(5).0 + Span::minutes(1).0));
    }

    #[test]
    fn clock_jump_of_a_year_and_back_leaves_no_trace() {
        for year in [Span::days(365), Span::days(-365)] {
            let machine = Machine::on();
            machine.pass(Span::hours(5));
            assert_eq!(machine.jump(year), Span::hours(5));
            assert_eq!(machine.pass(Span::hours(2)), Span::hours(7));
            assert_eq!(machine.jump(Span(-year.0)), Span::hours(7));
            assert_eq!(machine.pass(Span::hours(9)), Span::hours(16));
        }
    }

    /// A machine that started with a wrong clock, set right soon afterwards: the house has no reason to cling to it.
    #[test]
    fn clock_jump_that_lasts_longer_than_what_was_said_before_is_believed() {
        let machine = Machine::on();
        machine.pass(Span::minutes(1));
        assert_eq!(machine.jump(Span::days(3)), Span::minutes(1));
        assert_eq!(machine.pass(Span::minutes(1)), Span::minutes(2));
        assert_eq!(machine.pass(Span(1)), Span(Span::days(3).0 + Span::minutes(2).0 + 1));
    }

    #[test]
    fn a_second_jump_in_doubt_is_doubted_anew() {
        let machine = Machine::on();
        machine.pass(Span::minutes(10));
        machine.jump(Span::days(3));
        machine.pass(Span::minutes(9));
        assert_eq!(machine.jump(Span::days(300)), Span::minutes(19));
        assert_eq!(machine.pass(Span::minutes(9)), Span::minutes(28));
    }

    /// Sleep of the machine counts on both clocks: the house was away, and knows it.
    #[test]
    fn time_that_both_clocks_tell_is_no_jump() {
        let machine = Machine::on();
        assert_eq!(machine.pass(Span::days(40)), Span::days(40));
        assert!((machine.settled)().is_some());
    }

    #[test]
    fn clock_jump_unsettles_the_clock_for_an_hour() {
        let machine = Machine::on();
        assert_eq!((machine.settled)(), None, "what it said before the start is unknown");
        machine.pass(SETTLED_AFTER);
        machine.jump(STEP_SETTLED_MAX);
        assert_eq!((machine.settled)(), Some((machine.now)()), "a step of ten seconds is no jump");
        machine.jump(Span(STEP_SETTLED_MAX.0 + 1));
        assert_eq!((machine.settled)(), None);
        machine.pass(Span(SETTLED_AFTER.0 - 1));
        assert_eq!((machine.settled)(), None);
        machine.pass(Span(1));
        assert_eq!((machine.settled)(), Some((machine.now)()));
        machine.jump(Span::days(365));
        machine.pass(Span::minutes(30));
        assert_eq!((machine.settled)(), None, "in doubt");
        machine.jump(Span::days(-365));
        assert_eq!(
            (machine.settled)(),
            Some((machine.now)()),
            "it came back, and nothing was believed meanwhile"
        );
    }
}
