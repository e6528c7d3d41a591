//! The pace of one watched auction: the first event after quiet goes out at once, then all watchers together at most
//! once in an interval that grows with their number. Who was outbid need not wait for a crowd: him alone it tells
//! sooner. Pure: the time is handed in, and a clock that runs back never delays anyone.

use auction::{Span, Time};
use ledger::MemberId;

use crate::hub::Settings;

/// So many members who were outbid are told apart from the crowd between two tellings; who comes after them is told
/// with it.
pub(crate) const URGENT_MAX: usize = 64;

/// When an auction's watchers were last told, and who waits.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    pending: bool,
    urgent: Vec<MemberId>,
    told_all: Option<Time>,
    told_any: Option<Time>,
}

/// What to do now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Nobody waits.
    Rest,
    /// Tell every watcher.
    Everyone,
    /// Tell these members' connections; the others from `later` on.
    Only {
        /// Those who were outbid.
        members: Vec<MemberId>,
        /// When it is everyone's turn.
        later: Time,
    },
    /// Come back then.
    Later(Time),
}

impl Pace {
    /// Notes that something happened, and who was outbid by it. True if whoever keeps the pace must be told.
    pub(crate) fn note(&mut self, outbid: &[MemberId]) -> bool {
        let (was_pending, was_urgent) = (self.pending, !self.urgent.is_empty());
        self.pending = true;
        for member in outbid {
            if self.urgent.len() < URGENT_MAX && !self.urgent.contains(member) {
                self.urgent.push(*member);
            }
        }
        !was_pending || (!was_urgent && !self.urgent.is_empty())
    }

    /// Whose turn it is, if anyone's.
    pub(crate) fn turn(&mut self, now: Time, watchers: usize, settings: &Settings) -> Turn {
        if !self.pending {
            return Turn::Rest;
        }
        let later = match due(self.told_all, settings.interval(watchers), now) {
            None => {
                self.pending = false;
                self.urgent.clear();
                self.told_all = Some(now);
                self.told_any = Some(now);
                return Turn::Everyone;
            }
            Some(later) => later,
        };
        if self.urgent.is_empty() {
            return Turn::Later(later);
        }
        match due(self.told_any, settings.flush_every, now) {
            None => {
                self.told_any = Some(now);
                Turn::Only { members: std::mem::take(&mut self.urgent), later }
            }
            Some(sooner) => Turn::Later(sooner.min(later)),
        }
    }
}

/// When `every` has passed since `last`; `None` if it has. A last time in the future means that the clock ran back.
fn due(last: Option<Time>, every: Span, now: Time) -> Option<Time> {
    let last = last.filter(|last| *last <= now)?;
    let due = last.plus(every);
    (now < due).then_some(due)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANNA: MemberId = MemberId(1);

    fn at(millis: i64) -> Time {
        Time(1_000_000_000 + millis * 1_000)
    }

    #[test]
    fn the_first_event_after_quiet_goes_out_at_once_and_then_twenty_times_a_second() {
        let settings = Settings::default();
        let mut pace = Pace::default();
        assert_eq!(pace.turn(at(0), 10, &settings), Turn::Rest);
        assert!(pace.note(&[]));
        assert_eq!(pace.turn(at(0), 10, &settings), Turn::Everyone);
        assert_eq!(pace.turn(at(0), 10, &settings), Turn::Rest);

        let mut flushes = 0;
        for millis in 1..=1_000 {
            pace.note(&[]);
            match pace.turn(at(millis), 10, &settings) {
                Turn::Everyone => flushes += 1,
                turn => assert_eq!(turn, Turn::Later(at((millis / 50 + 1) * 50))),
            }
        }
        assert_eq!(flushes, 20);
    }

    #[test]
    fn the_interval_grows_with_the_watchers() {
        let settings = Settings::default();
        for (watchers, millis) in
            [(0, 50), (1, 50), (5_000, 50), (5_001, 50), (20_000, 200), (100_000, 1_000)]
        {
            assert_eq!(settings.interval(watchers).0 / 1_000, millis, "{watchers} watchers");
        }
    }

    #[test]
    fn only_the_first_note_and_the_first_urgent_one_call_for_the_pacer() {
        let mut pace = Pace::default();
        assert!(pace.note(&[]));
        assert!(!pace.note(&[]));
        assert!(pace.note(&[ANNA]));
        assert!(!pace.note(&[ANNA, MemberId(2)]));
    }

    #[test]
    fn in_a_crowd_the_outbid_are_told_first_and_the_crowd_in_its_turn() {
        let settings = Settings::default();
        let crowd = 100_000;
        let mut pace = Pace::default();
        pace.note(&[]);
        assert_eq!(pace.turn(at(0), crowd, &settings), Turn::Everyone);
        pace.note(&[ANNA, ANNA]);
        assert_eq!(pace.turn(at(10), crowd, &settings), Turn::Later(at(50)));
        let only = Turn::Only { members: vec![ANNA], later: at(1_000) };
        assert_eq!(pace.turn(at(50), crowd, &settings), only);
        assert_eq!(pace.turn(at(60), crowd, &settings), Turn::Later(at(1_000)));
        pace.note(&[ANNA]);
        assert_eq!(pace.turn(at(80), crowd, &settings), Turn::Later(at(100)));
        assert_eq!(pace.turn(at(1_000), crowd, &settings), Turn::Everyone);
        assert_eq!(pace.turn(at(1_001), crowd, &settings), Turn::Rest);
    }

    #[test]
    fn the_outbid_who_are_told_apart_are_bounded() {
        let mut pace = Pace::default();
        let many: Vec<MemberId> = (0..1_000).map(MemberId).collect();
        pace.note(&many);
        assert_eq!(pace.urgent.len(), URGENT_MAX);
    }

    #[test]
    fn a_clock_that_runs_back_delays_nobody() {
        let settings = Settings::default();
        let mut pace = Pace::default();
        pace.note(&[]);
        assert_eq!(pace.turn(at(3_600_000), 1, &settings), Turn::Everyone);
        pace.note(&[]);
        assert_eq!(pace.turn(at(0), 1, &settings), Turn::Everyone);
        pace.note(&[]);
        assert_eq!(pace.turn(at(10), 1, &settings), Turn::Later(at(50)));
    }
}
