//! One watched auction: its tape, its pace and its watchers, each behind a short lock of its own, so that waking
//! thousands never holds up the thread that tells.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use auction::{AuctionId, Seq, Time};
use ledger::MemberId;

use crate::bus::ToldAuction;
use crate::frame::Frame;
use crate::hub::mailbox::Mailbox;
use crate::hub::pace::{Pace, Turn};
use crate::hub::tape::{Gap, Start, Taken, Tape};
use crate::hub::{Clock, Settings};
use crate::lock::lock;

/// A watched auction.
#[derive(Debug)]
pub(crate) struct Ring {
    pub(crate) auction: AuctionId,
    tape: Mutex<Tape>,
    pace: Mutex<Pace>,
    watchers: Mutex<BTreeMap<u64, Arc<Mailbox>>>,
    /// How many watchers there are, for those who need no exact moment.
    watching: AtomicUsize,
}

/// What a reader found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// Where the reader stands now.
    pub(crate) cursor: Seq,
    /// Whether there was more than there was room for.
    pub(crate) more: bool,
}

impl Ring {
    pub(crate) fn new(auction: AuctionId, settings: &Settings) -> Ring {
        Ring {
            auction,
            tape: Mutex::new(Tape::new(settings.ring_frames, settings.burst_frames)),
            pace: Mutex::default(),
            watchers: Mutex::default(),
            watching: AtomicUsize::new(0),
        }
    }

    pub(crate) fn watchers(&self) -> usize {
        self.watching.load(Ordering::Relaxed)
    }

    pub(crate) fn enter(&self, mailbox: Arc<Mailbox>) {
        let mut watchers = lock(&self.watchers);
        watchers.insert(mailbox.id, mailbox);
        self.watching.store(watchers.len(), Ordering::Relaxed);
    }

    /// A watcher leaves; true if nobody is left.
    pub(crate) fn leave(&self, mailbox: &Mailbox) -> bool {
        let mut watchers = lock(&self.watchers);
        watchers.remove(&mailbox.id);
        self.watching.store(watchers.len(), Ordering::Relaxed);
        watchers.is_empty()
    }

    /// Takes in what was told or read. True if the ring must be queued for whoever keeps the pace.
    pub(crate) fn take(&self, told: ToldAuction, gap: Gap, settings: &Settings) -> bool {
        let crowded = settings.interval(self.watchers()) > settings.flush_every;
        let mut tape = lock(&self.tape);
        let outbid = if crowded { outbid(tape.state().map(|state| state.leader), &told) } else { Vec::new() };
        let was_known = tape.state().is_some();
        match tape.take(told, gap) {
            Taken::News => {}
            Taken::Behind => {
                tracing::debug!(
                    auction = self.auction.0,
                    "frames of an auction are missing; its ring waits for them"
                );
                return false;
            }
            Taken::Repeat => return false,
        }
        drop(tape);
        was_known && lock(&self.pace).note(&outbid)
    }

    /// Tells whose turn it is. When to come back, if anyone still waits.
    pub(crate) fn turn(
        &self,
        now: Time,
        settings: &Settings,
        connections_of: impl Fn(MemberId) -> Vec<Arc<Mailbox>>,
    ) -> Option<Time> {
        let turn = lock(&self.pace).turn(now, self.watchers(), settings);
        match turn {
            Turn::Rest => None,
            Turn::Later(later) => Some(later),
            Turn::Everyone => {
                lock(&self.tape).open();
                lock(&self.watchers).values().for_each(|mailbox| mailbox.wake());
                None
            }
            Turn::Only { members, later } => {
                lock(&self.tape).open();
                for mailbox in members.into_iter().flat_map(connections_of) {
                    if lock(&self.watchers).contains_key(&mailbox.id) {
                        mailbox.wake();
                    }
                }
                Some(later)
            }
        }
    }

    pub(crate) fn start(&self, since: Option<Seq>) -> Start {
        lock(&self.tape).start(since)
    }

    pub(crate) fn head(&self) -> Seq {
        lock(&self.tape).head()
    }

    #[cfg(test)]
    pub(crate) fn is_behind(&self) -> bool {
        lock(&self.tape).is_behind()
    }

    /// Gives a reader what lies behind his cursor: the frames after it while they fit into `room` bytes, or the snapshot
    /// if he has no cursor or it fell off. The first frame always fits, so that every call gets on.
    pub(crate) fn read(
        &self,
        cursor: Option<Seq>,
        room: &mut usize,
        clock: &Clock,
        into: &mut Vec<Frame>,
    ) -> Option<Found> {
        let mut tape = lock(&self.tape);
        if let Some(cursor) = cursor {
            if !tape.has_after(cursor) {
                return None;
            }
            if let Some(frames) = tape.frames_after(cursor) {
                let mut found = Found { cursor, more: false };
                for frame in frames {
                    if *room == 0 {
                        found.more = true;
                        break;
                    }
                    *room = room.saturating_sub(frame.size());
                    into.push(frame.clone());
                    found.cursor = found.cursor.next();
                }
                return Some(found);
            }
        }
        let snapshot = tape.snapshot(self.watchers(), clock())?;
        *room = room.saturating_sub(snapshot.size());
        into.push(snapshot);
        Some(Found { cursor: tape.head(), more: false })
    }
}

/// The members who led before something of what was told, and did not after it.
fn outbid(before: Option<Option<auction::Leader>>, told: &ToldAuction) -> Vec<MemberId> {
    let mut leads = before.flatten().map(|leader| leader.member);
    let mut outbid = Vec::new();
    for event in &told.events {
        let next = event.leader.map(|leader| leader.member);
        if let Some(beaten) = leads.filter(|member| Some(*member) != next) {
            outbid.push(beaten);
        }
        leads = next;
    }
    outbid
}
