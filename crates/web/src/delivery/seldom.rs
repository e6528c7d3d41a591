//! What is said once in a while, however often there is reason to say it.

use std::sync::{Mutex, PoisonError};

use auction::{Span, Time};

/// Something that is said again only after some time.
#[derive(Debug)]
pub(super) struct Seldom {
    every: Span,
    said: Mutex<Option<Time>>,
}

impl Seldom {
    /// At most once in so long.
    pub(super) const fn new(every: Span) -> Seldom {
        Seldom { every, said: Mutex::new(None) }
    }

    /// Whether it is time to say it; then it counts as said. A clock that was put back holds nothing up.
    pub(super) fn is_due(&self, now: Time) -> bool {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = said.is_none_or(|said| !(0..self.every.0).contains(&now.since(said).0));
        if is_due {
            *said = Some(now);
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_once_in_a_while() {
        let seldom = Seldom::new(Span(100));
        let times = [(1_000, true), (1_000, false), (1_099, false), (1_100, true), (1_199, false), (5, true)];
        for (now, is_due) in times {
            assert_eq!(seldom.is_due(Time(now)), is_due, "{now}");
        }
    }
}
