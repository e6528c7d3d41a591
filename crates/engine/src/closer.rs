//! The closer: knows what is due. A heap of the next ten minutes for promptness, a sweep each second for the guarantee.
//!
//! What it knows are lower bounds: a close that comes early changes nothing and is armed again by its round. A deadline
//! that the heap forgot, or had no room for, is found by the sweep.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use auction::{AuctionId, Span, Time};
use store::{Due, Portion};

/// How far ahead the heap knows what is due.
pub(crate) const LOOK_AHEAD: Span = Span::minutes(10);

/// How many deadlines the heap holds at the most; the sweep finds the others.
pub(crate) const HEAP_MAX: usize = 100_000;

/// How many deadlines one look into the store takes.
pub(crate) const LOOK_MAX: usize = 10_000;

/// How often the closer looks ten minutes ahead, in sweeps.
const SWEEPS_BETWEEN_LOOKS_AHEAD: u32 = 60;

/// What is due, soonest first.
#[derive(Debug)]
pub(crate) struct Closer {
    /// It closes what its lane is asked about.
    portion: Portion,
    heap: BinaryHeap<Reverse<Due>>,
    known: BTreeSet<(AuctionId, Time)>,
    sweeps: u32,
}

impl Closer {
    /// The closer of the lane that has this portion.
    pub(crate) fn of(portion: Portion) -> Closer {
        Closer { portion, heap: BinaryHeap::new(), known: BTreeSet::new(), sweeps: 0 }
    }

    /// Whose deadlines it takes.
    pub(crate) fn portion(&self) -> Portion {
        self.portion
    }

    /// How far the next look into the store should go: usually to `now`, now and then ten minutes ahead.
    pub(crate) fn next_look(&mut self, now: Time) -> Time {
        let far = self.sweeps.is_multiple_of(SWEEPS_BETWEEN_LOOKS_AHEAD);
        self.sweeps = self.sweeps.wrapping_add(1);
        if far { now.plus(LOOK_AHEAD) } else { now }
    }

    /// Learns a deadline, from a look into the store or from a round that has just been kept.
    pub(crate) fn learn(&mut self, due: Due, now: Time) {
        let is_mine = self.portion.holds(due.auction);
        let is_near = due.at <= now.plus(LOOK_AHEAD);
        if is_mine && is_near && self.heap.len() < HEAP_MAX && self.known.insert((due.auction, due.at)) {
            self.heap.push(Reverse(due));
        }
    }

    /// Takes what is due by now, at most `limit`.
    pub(crate) fn take(&mut self, now: Time, limit: usize) -> Vec<AuctionId> {
        let mut due = Vec::new();
        while due.len() < limit
            && let Some(Reverse(soonest)) = self.heap.peek().copied()
            && soonest.at <= now
        {
            self.heap.pop();
            self.known.remove(&(soonest.auction, soonest.at));
            due.push(soonest.auction);
        }
        due
    }

    /// When the next known deadline comes.
    pub(crate) fn soonest(&self) -> Option<Time> {
        self.heap.peek().map(|Reverse(due)| due.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(auction: i64, seconds: i64) -> Due {
        Due { at: Time(0).plus(Span::seconds(seconds)), auction: AuctionId(auction) }
    }

    #[test]
    fn what_is_due_comes_once_soonest_first() {
        let mut closer = Closer::of(Portion::WHOLE);
        for each in [due(1, 30), due(2, 10), due(3, 20), due(2, 10)] {
            closer.learn(each, Time(0));
        }
        assert_eq!(closer.soonest(), Some(due(2, 10).at));
        assert_eq!(closer.take(due(0, 20).at, 9), [AuctionId(2), AuctionId(3)]);
        assert_eq!(closer.take(due(0, 29).at, 9), []);
        closer.learn(due(3, 20), due(0, 30).at);
        assert_eq!(closer.take(due(0, 30).at, 1), [AuctionId(3)], "armed again, and no more than asked for");
        assert_eq!(closer.take(due(0, 30).at, 9), [AuctionId(1)]);
    }

    #[test]
    fn each_lane_closes_its_own() {
        let mut closers = [0, 1].map(|index| Closer::of(Portion::of(index, 2)));
        for each in [due(1, 10), due(2, 10), due(3, 10)] {
            closers.iter_mut().for_each(|closer| closer.learn(each, Time(0)));
        }
        let taken = closers.map(|mut closer| closer.take(due(0, 10).at, 9));
        assert_eq!(taken, [vec![AuctionId(2)], vec![AuctionId(1), AuctionId(3)]]);
    }

    #[test]
    fn far_deadlines_wait_for_a_later_look() {
        let mut closer = Closer::of(Portion::WHOLE);
        closer.learn(due(1, 601), Time(0));
        assert_eq!(closer.soonest(), None);
        assert_eq!(closer.next_look(Time(0)), Time(0).plus(LOOK_AHEAD));
        assert_eq!(closer.next_look(Time(0)), Time(0));
    }
}
