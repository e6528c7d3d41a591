//! The way of hints: from this node to whatever carries them, and from there to whoever reads the store here.
//!
//! Nothing here waits and nothing grows: a hint that finds no room is dropped and counted, one that was heard rings a bell
//! if it matters here, and the bell says no more than "look now".

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use ledger::MemberId;
use tokio::sync::{Notify, mpsc};

use crate::bus::Told;
use crate::bus::hint::{Hint, Message};
use crate::hub::Hub;

/// How many hints, each of one round or one sign-out, may wait to be carried.
const HINTS_WAITING_MAX: usize = 256;

/// A beat that comes back after so many later ones were sent is too late to count.
const BEATS_LATE_MAX: u64 = 2;

/// Both ends of the way of hints; its clones are the same way.
#[derive(Clone)]
pub struct Hints(Arc<Way>);

struct Way {
    /// A number by chance, by which a node knows its own messages.
    node: u64,
    waiting: mpsc::Sender<Hint>,
    /// Rung when somebody here should look into the store.
    bell: Notify,
    is_up: AtomicBool,
    beats_sent: AtomicU64,
    beats_heard: AtomicU64,
    beaten: Notify,
    figures: Figures,
}

#[derive(Default)]
struct Figures {
    told: AtomicU64,
    dropped: AtomicU64,
    heard: AtomicU64,
    mattered: AtomicU64,
    strange: AtomicU64,
}

/// What the bus has done since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BusFigures {
    /// Whether this node's own beats come back.
    pub is_up: bool,
    /// Hints taken to be carried.
    pub told: u64,
    /// Hints that found no room.
    pub dropped: u64,
    /// Messages of other nodes.
    pub heard: u64,
    /// Those of them that somebody here had to look into the store for.
    pub mattered: u64,
    /// Messages that could not be read.
    pub strange: u64,
}

fn count(figure: &AtomicU64) {
    figure.fetch_add(1, Ordering::Relaxed);
}

impl Hints {
    /// The way of the node of that number, and what is to be carried on it.
    pub(crate) fn new(node: u64) -> (Hints, mpsc::Receiver<Hint>) {
        let (sender, waiting) = mpsc::channel(HINTS_WAITING_MAX);
        let way = Way {
            node,
            waiting: sender,
            bell: Notify::new(),
            is_up: AtomicBool::new(false),
            beats_sent: AtomicU64::new(0),
            beats_heard: AtomicU64::new(0),
            beaten: Notify::new(),
            figures: Figures::default(),
        };
        (Hints(Arc::new(way)), waiting)
    }

    // Telling.

    /// Hints at what a round committed.
    pub(crate) fn tell(&self, told: &Told) {
        self.send(Hint::of(told));
    }

    /// Hints at the end of some of a member's sessions.
    pub(crate) fn tell_sessions(&self, member: MemberId) {
        self.send(Hint::of_sessions(member));
    }

    fn send(&self, hint: Hint) {
        if hint.is_empty() {
            return;
        }
        let figures = &self.0.figures;
        count(if self.0.waiting.try_send(hint).is_ok() { &figures.told } else { &figures.dropped });
    }

    // Hearing.

    /// Takes what came over the bus, whoever sent it: at worst somebody here looks into the store for nothing.
    pub(crate) fn hear(&self, message: &[u8], hub: &Hub) {
        let Some(Message { node, beat, hint }) = Message::read(message) else {
            return count(&self.0.figures.strange);
        };
        if node == self.0.node {
            return self.hear_own(beat);
        }
        if hint.is_empty() {
            return;
        }
        count(&self.0.figures.heard);
        hint.sessions.iter().for_each(|member| hub.doubt_sessions(*member));
        let is_lacking = hint.heads.iter().any(|(auction, seq)| hub.lacks(*auction, *seq));
        if is_lacking || hint.wallets.iter().any(|member| hub.connections_of(*member) > 0) {
            count(&self.0.figures.mattered);
            self.0.bell.notify_one();
        }
    }

    fn hear_own(&self, beat: u64) {
        let sent = self.0.beats_sent.load(Ordering::Acquire);
        if (1..=sent).contains(&beat) && sent - beat <= BEATS_LATE_MAX {
            self.0.beats_heard.fetch_max(beat, Ordering::AcqRel);
            self.0.beaten.notify_one();
        }
    }

    /// Resolves when somebody here should look into the store, or at once if that was so since the last time.
    pub async fn rung(&self) {
        self.0.bell.notified().await;
    }

    /// Whether hints come at present; if not, whoever waits for them has to ask by himself.
    pub fn is_up(&self) -> bool {
        self.0.is_up.load(Ordering::Acquire)
    }

    /// What was told and heard.
    pub fn figures(&self) -> BusFigures {
        let figures = &self.0.figures;
        let now = |figure: &AtomicU64| figure.load(Ordering::Relaxed);
        BusFigures {
            is_up: self.is_up(),
            told: now(&figures.told),
            dropped: now(&figures.dropped),
            heard: now(&figures.heard),
            mattered: now(&figures.mattered),
            strange: now(&figures.strange),
        }
    }

    // For whatever carries them.

    pub(crate) fn node(&self) -> u64 {
        self.0.node
    }

    /// The number of the next beat to send.
    pub(crate) fn next_beat(&self) -> u64 {
        self.0.beats_sent.fetch_add(1, Ordering::AcqRel) + 1
    }

    /// The newest beat that came back.
    pub(crate) fn newest_beat(&self) -> u64 {
        self.0.beats_heard.load(Ordering::Acquire)
    }

    /// Resolves when a beat has come back in time.
    pub(crate) async fn beaten(&self) {
        self.0.beaten.notified().await;
    }

    /// Says whether hints come at present; when they no longer do, whoever waits for them is woken.
    pub(crate) fn set_up(&self, is_up: bool) {
        self.0.is_up.store(is_up, Ordering::Release);
        self.0.bell.notify_one();
    }
}

impl fmt::Debug for Hints {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Hints").field("figures", &self.figures()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
