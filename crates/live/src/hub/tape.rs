//! The tape of one watched auction: the newest state, the last events without a gap, and the frames made of them.
//!
//! What is told is taken in by its number: repeats are ignored, what follows on is appended, and what lies beyond a gap
//! is put aside until the gap is closed. So `state.seq` is always the number of the last event on the tape, and a reader
//! either finds the event after its cursor here or takes the snapshot. Events become frames only when the tape is
//! opened, so what outran the tape before anyone could see it costs no encoding.

use std::collections::{BTreeMap, VecDeque};

use auction::{Auction, Event, Seq, Span, Time};

use crate::bus::ToldAuction;
use crate::frame::{self, Frame};

/// An encoded snapshot is used for so long while nothing happens; then its `now` and `watchers` are written anew.
const SNAPSHOT_AGE_MAX: Span = Span::seconds(1);

/// What is known of one auction. Holds at most `frames_max` events, and as many beyond a gap.
#[derive(Debug)]
pub(crate) struct Tape {
    frames_max: usize,
    burst_max: usize,
    /// The newest state; none until it is told or read for the first time.
    state: Option<Auction>,
    /// Encoded events, the last one numbered `open`; what readers may have.
    frames: VecDeque<Frame>,
    /// Events after `open` (or after a leap), the last one numbered `state.seq`; not yet for readers.
    told: VecDeque<Event>,
    /// How far readers may read.
    open: Seq,
    /// What was told beyond a gap.
    ahead: Option<Ahead>,
    snapshot: Option<Snapshot>,
}

/// What lies beyond a gap: the newest state, and the events known to lead to it.
#[derive(Debug)]
struct Ahead {
    auction: Auction,
    events: BTreeMap<Seq, Event>,
}

#[derive(Debug)]
struct Snapshot {
    frame: Frame,
    made: Time,
}

/// What to do about a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gap {
    /// Wait for the owner to fill it: the bus may have lost or reordered something.
    Wait,
    /// Leap over it: the owner brought the newest state, and readers are resynchronised by a snapshot.
    Leap,
}

/// What became of something told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It was known already.
    Repeat,
    /// It follows on, or leapt: there is something new to read.
    News,
    /// It was put aside until a gap is filled.
    Behind,
}

/// Where a new reader starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// The state is not yet known.
    Unknown,
    /// He has seen more than the tape knows: the tape lags, or he is mistaken.
    Beyond,
    /// With a snapshot.
    Snapshot,
    /// After this event, which the tape can follow on.
    After(Seq),
    /// After this event, but the tape begins later: the rest up to `until` is in the store.
    Older {
        /// The newest event there is.
        until: Seq,
    },
}

impl Tape {
    pub(crate) fn new(frames_max: usize, burst_max: usize) -> Tape {
        Tape {
            frames_max,
            burst_max,
            state: None,
            frames: VecDeque::new(),
            told: VecDeque::new(),
            open: Seq(0),
            ahead: None,
            snapshot: None,
        }
    }

    /// The number of the newest event known without a gap; 0 if nothing is.
    pub(crate) fn head(&self) -> Seq {
        self.state.as_ref().map_or(Seq(0), |auction| auction.seq)
    }

    /// The newest state, if any is known.
    pub(crate) fn state(&self) -> Option<&Auction> {
        self.state.as_ref()
    }

    /// Whether something was told beyond a gap that is still open.
    #[cfg(test)]
    pub(crate) fn is_behind(&self) -> bool {
        self.ahead.is_some()
    }

    /// Takes in what was told, or what the owner read.
    pub(crate) fn take(&mut self, told: ToldAuction, gap: Gap) -> Taken {
        let head = self.head();
        if self.state.is_none() {
            self.leap(told);
            self.open();
            return Taken::News;
        }
        if told.auction.seq <= head {
            return Taken::Repeat;
        }
        if follows_on(head, &told) {
            self.append(told);
        } else if gap == Gap::Leap {
            self.leap(told);
        } else {
            self.put_aside(told);
        }
        self.join();
        if self.head() > head { Taken::News } else { Taken::Behind }
    }

    /// Appends what follows on without a gap.
    fn append(&mut self, told: ToldAuction) {
        let head = self.head();
        let news = told.events.into_iter().filter(|event| event.seq > head && event.seq <= told.auction.seq);
        self.told.extend(news);
        let surplus = (self.frames.len() + self.told.len()).saturating_sub(self.frames_max);
        let from_frames = surplus.min(self.frames.len());
        self.frames.drain(..from_frames);
        self.told.drain(..surplus - from_frames);
        self.set_state(told.auction);
    }

    /// Begins anew at a state, with as many of its events as lead to it without a gap.
    fn leap(&mut self, told: ToldAuction) {
        let end = told.auction.seq;
        self.frames.clear();
        self.told.clear();
        let mut wanted = end;
        for event in told.events.into_iter().rev() {
            if event.seq == wanted && self.told.len() < self.frames_max {
                wanted = Seq(wanted.0 - 1);
                self.told.push_front(event);
            }
        }
        self.set_state(told.auction);
    }

    /// Keeps what lies beyond a gap; when that grows past a whole tape, nobody will fill it, so it leaps.
    fn put_aside(&mut self, told: ToldAuction) {
        let ahead = self
            .ahead
            .get_or_insert_with(|| Ahead { auction: told.auction.clone(), events: BTreeMap::new() });
        if told.auction.seq > ahead.auction.seq {
            ahead.auction = told.auction;
        }
        ahead.events.extend(told.events.into_iter().map(|event| (event.seq, event)));
        if ahead.events.len() > self.frames_max {
            let Some(ahead) = self.ahead.take() else { return };
            self.leap(ahead.told());
        }
    }

    /// Appends what was put aside, if nothing is missing any more.
    fn join(&mut self) {
        let head = self.head();
        let Some(mut ahead) = self.ahead.take() else {
            return;
        };
        ahead.events.retain(|seq, _| *seq > head);
        if ahead.auction.seq <= head {
            return;
        }
        let told = ahead.told();
        if follows_on(head, &told) {
            self.append(told);
        } else {
            self.put_aside(told);
        }
    }

    fn set_state(&mut self, auction: Auction) {
        self.state = Some(auction);
        self.snapshot = None;
    }

    /// Encodes what was told since, and lets readers have it. What was told follows on from the frames, or, after a leap
    /// or when it outran them, there are no frames. A burst is not encoded at all: every reader takes the snapshot.
    pub(crate) fn open(&mut self) {
        let told = std::mem::take(&mut self.told);
        if told.len() > self.burst_max {
            self.frames.clear();
        } else {
            self.frames.extend(told.iter().map(frame::event));
        }
        self.open = self.head();
    }

    /// Where a reader who has seen everything up to `since` starts.
    pub(crate) fn start(&self, since: Option<Seq>) -> Start {
        if self.state.is_none() {
            return Start::Unknown;
        }
        let head = self.head();
        match since {
            None => Start::Snapshot,
            Some(since) if since > head => Start::Beyond,
            Some(since) if since >= self.before_first() => Start::After(since),
            Some(_) => Start::Older { until: head },
        }
    }

    /// The number before the oldest event on the tape.
    fn before_first(&self) -> Seq {
        let length = self.frames.len() + self.told.len();
        Seq(self.head().0 - i64::try_from(length).expect("a tape is short"))
    }

    /// Whether a reader at this cursor finds something.
    pub(crate) fn has_after(&self, cursor: Seq) -> bool {
        cursor < self.open
    }

    /// The frames after the cursor that readers may have; `None` if the cursor fell off the tape.
    pub(crate) fn frames_after(&self, cursor: Seq) -> Option<impl Iterator<Item = &Frame>> {
        let behind = usize::try_from(self.open.0 - cursor.0).unwrap_or(0);
        let skip = self.frames.len().checked_sub(behind)?;
        Some(self.frames.range(skip..))
    }

    /// The snapshot of the newest state, encoded once for all who need it.
    pub(crate) fn snapshot(&mut self, watchers: usize, now: Time) -> Option<Frame> {
        let auction = self.state.as_ref()?;
        let fresh = |made: Time| made <= now && now.since(made) <= SNAPSHOT_AGE_MAX;
        if !self.snapshot.as_ref().is_some_and(|snapshot| fresh(snapshot.made)) {
            let frame = frame::auction(auction, watchers, now);
            self.snapshot = Some(Snapshot { frame, made: now });
        }
        self.snapshot.as_ref().map(|snapshot| snapshot.frame.clone())
    }
}

impl Ahead {
    fn told(self) -> ToldAuction {
        ToldAuction { auction: self.auction, events: self.events.into_values().collect() }
    }
}

/// Whether the events lead from `head` to the told state, each number once.
fn follows_on(head: Seq, told: &ToldAuction) -> bool {
    let mut wanted = head;
    for event in &told.events {
        if event.seq > head && event.seq <= told.auction.seq {
            wanted = wanted.next();
            if event.seq != wanted {
                return false;
            }
        }
    }
    wanted == told.auction.seq
}

#[cfg(test)]
mod tests;
