//! The hub: one ring of frames for each watched auction, one cursor for each subscription, one mailbox for each connection.
//!
//! *Telling* ([`Hub::publish`]) takes short locks in the caller's thread: it appends facts to the rings that are watched
//! and leaves the waking to [`Hub::pace`], which tells an auction's watchers together, at most once in an interval.
//! *Reading* ([`Connection::collect`]) gives a woken connection everything behind its cursors in one go, or the snapshot
//! where a cursor fell off its ring: gapless or resynchronised by construction, with memory that does not depend on
//! anyone's speed. An auction that moves faster than anyone could follow is told by snapshots.
//!
//! *Order.* A ring goes by (auction, number): a repeat is ignored, what lies beyond a gap waits until its owner brings
//! what is missing ([`Hub::resync`]); [`Hub::watched`] says each second which heads to compare with the store, so a lost
//! last frame heals too.
//!
//! *Subscribing* is gapless by its order of steps: first the connection enters the ring, so nothing told from then on can
//! pass it by; only then, if the ring does not know the auction yet, the caller reads the store and brings the state. All
//! that was committed before is in what he read, all that comes after is told to the ring.
//!
//! *Locks*, in this order, none held across a wait: rings, members, connections; an auction's watchers; its tape; its
//! pace; the queue; a mailbox.

mod connection;
mod mailbox;
mod pace;
mod ring;
mod tape;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::time::Duration;

use auction::{Auction, AuctionId, Event, Seq, Span, Time};
use ledger::MemberId;
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::bus::{Hints, Told, ToldAuction};
use crate::frame::Frame;
use crate::lock::{lock, read, write};

pub use connection::{Connection, Subscribed};

use mailbox::Mailbox;
use ring::Ring;
use tape::Gap;

/// How many events a ring holds unless the settings say otherwise: about 80 KB for a ring that is full.
pub const RING_FRAMES: usize = 256;

/// Tells the time; handed in, so that a test or a simulator can be the clock.
pub type Clock = Arc<dyn Fn() -> Time + Send + Sync>;

/// How a hub keeps its pace and its bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The most events in a ring.
    pub ring_frames: usize,
    /// More events than this between two tellings are told by a snapshot alone: whoever is told of hundreds at once wants
    /// to know where the auction stands, and a thousand watchers would cost a processor to tell them one by one.
    pub burst_frames: usize,
    /// A busy auction's watchers are told at most once in this time …
    pub flush_every: Span,
    /// … or in this time for each of them, whichever is longer.
    pub flush_per_watcher: Span,
    /// More notices than this, unread by a connection, collapse to their count.
    pub notices_max: usize,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            ring_frames: RING_FRAMES,
            burst_frames: 32,
            flush_every: Span(50_000),
            flush_per_watcher: Span(10),
            notices_max: 16,
        }
    }
}

impl Settings {
    /// How long an auction with so many watchers waits between two tellings.
    pub fn interval(&self, watchers: usize) -> Span {
        let watchers = i64::try_from(watchers).unwrap_or(i64::MAX);
        self.flush_every.max(Span(self.flush_per_watcher.0.saturating_mul(watchers)))
    }
}

/// Everyone who is connected to this process, and all they watch.
pub struct Hub {
    settings: Settings,
    clock: Clock,
    /// The way to other nodes, if there are any.
    hints: Option<Hints>,
    rings: RwLock<HashMap<AuctionId, Arc<Ring>>>,
    members: RwLock<HashMap<MemberId, Vec<Arc<Mailbox>>>>,
    connections: Mutex<BTreeMap<u64, Arc<Mailbox>>>,
    next_connection: AtomicU64,
    queue: Mutex<Queue>,
    called: Notify,
    stopped: AtomicBool,
}

/// The rings whose watchers are to be told something.
#[derive(Default)]
struct Queue {
    /// Since the last turn; each ring at most twice, for it is queued again only after its turn or when it gets urgent.
    called: Vec<Arc<Ring>>,
    /// Those that must wait, by the time of their turn.
    waiting: BTreeMap<(Time, AuctionId), Arc<Ring>>,
    turned: Time,
}

impl Hub {
    /// An empty hub.
    pub fn new(settings: Settings, clock: Clock) -> Hub {
        Hub {
            settings,
            clock,
            hints: None,
            rings: RwLock::default(),
            members: RwLock::default(),
            connections: Mutex::default(),
            next_connection: AtomicU64::new(0),
            queue: Mutex::default(),
            called: Notify::new(),
            stopped: AtomicBool::new(false),
        }
    }

    /// The same, one of several: what is told here is hinted to the others.
    #[must_use]
    pub fn hinting(self, hints: Hints) -> Hub {
        Hub { hints: Some(hints), ..self }
    }

    /// The way of hints to other nodes and from them, if there is one.
    pub fn hints(&self) -> Option<&Hints> {
        self.hints.as_ref()
    }

    // Telling.

    /// Tells what a round committed. Never waits and never grows: unwatched auctions and members who are not here cost a
    /// look-up each.
    pub fn publish(&self, told: Told) {
        let mut called = Vec::new();
        let rings = read(&self.rings);
        for told in told.auctions {
            if let Some(ring) = rings.get(&told.auction.id)
                && ring.take(told, Gap::Wait, &self.settings)
            {
                called.push(Arc::clone(ring));
            }
        }
        drop(rings);
        self.call(called);
        let members = read(&self.members);
        for (member, wallet) in told.wallets {
            members.get(&member).into_iter().flatten().for_each(|mailbox| mailbox.put_wallet(wallet));
        }
    }

    /// Brings what a ring lacks: an auction's state as the store has it, and the events that lead to it as far as they
    /// were read (none is fine too). Watchers behind what could not be bridged get a snapshot. Older than the ring: no
    /// effect.
    pub fn resync(&self, auction: Auction, events: Vec<Event>) {
        let ring = read(&self.rings).get(&auction.id).map(Arc::clone);
        if let Some(ring) = ring
            && ring.take(ToldAuction { auction, events }, Gap::Leap, &self.settings)
        {
            self.call(vec![ring]);
        }
    }

    /// Tells a member of a notice, and how many he has not read.
    pub fn notice(&self, member: MemberId, notice: &Frame, unread: i64) {
        for mailbox in self.mailboxes_of(member) {
            mailbox.put_notice(notice.clone(), unread, self.settings.notices_max);
        }
    }

    /// Tells a member how many notices he has not read.
    pub fn unread(&self, member: MemberId, count: i64) {
        self.mailboxes_of(member).iter().for_each(|mailbox| mailbox.put_unread(count));
    }

    /// Tells a member's connections that some of his sessions have ended: each looks whether its own still holds, those on
    /// other nodes too if hints come there.
    pub fn sessions_changed(&self, member: MemberId) {
        self.doubt_sessions(member);
        if let Some(hints) = &self.hints {
            hints.tell_sessions(member);
        }
    }

    /// A member's connections here look whether their sessions still hold.
    pub(crate) fn doubt_sessions(&self, member: MemberId) {
        self.mailboxes_of(member).iter().for_each(|mailbox| mailbox.doubt_session());
    }

    // Keeping the pace.

    /// Tells watchers in their turn, for ever; whoever starts this future owns it and drops it in the end.
    pub async fn pace(&self) {
        loop {
            match self.turn() {
                // Passing by the end of the wait is as good as being called: both mean another turn.
                Some(wait) => drop(timeout(wait, self.called.notified()).await),
                None => self.called.notified().await,
            }
        }
    }

    /// Tells everyone whose turn it is now. In how long it must be called again, unless it is called for before.
    pub fn turn(&self) -> Option<Duration> {
        let now = (self.clock)();
        for ring in self.due(now) {
            let later = ring.turn(now, &self.settings, |member| self.mailboxes_of(member));
            if let Some(later) = later {
                lock(&self.queue).waiting.insert((later, ring.auction), ring);
            }
        }
        let next = lock(&self.queue).waiting.first_key_value().map(|((at, _), _)| *at)?;
        Some(Duration::from_micros(u64::try_from(next.since(now).0).unwrap_or(0)))
    }

    /// The rings that were called, and those that have waited long enough: all of them if the clock ran back.
    fn due(&self, now: Time) -> Vec<Arc<Ring>> {
        let mut queue = lock(&self.queue);
        let mut due = std::mem::take(&mut queue.called);
        let ran_back = now < queue.turned;
        queue.turned = now;
        while let Some(first) = queue.waiting.first_entry()
            && (ran_back || first.key().0 <= now)
        {
            due.push(first.remove());
        }
        due
    }

    fn call(&self, rings: Vec<Arc<Ring>>) {
        if !rings.is_empty() {
            lock(&self.queue).called.extend(rings);
            self.called.notify_one();
        }
    }

    // Who is here.

    /// A new connection, of nobody yet; one that comes when the hub has stopped is asked to leave at once.
    pub fn connect(self: &Arc<Hub>) -> Connection {
        let id = self.next_connection.fetch_add(1, Ordering::Relaxed);
        let mailbox = Arc::new(Mailbox::new(id));
        lock(&self.connections).insert(id, Arc::clone(&mailbox));
        if self.is_stopped() {
            mailbox.wake();
        }
        Connection::new(Arc::clone(self), mailbox)
    }

    /// How many connections there are.
    pub fn connections(&self) -> usize {
        lock(&self.connections).len()
    }

    /// How many connections speak for this member.
    pub fn connections_of(&self, member: MemberId) -> usize {
        read(&self.members).get(&member).map_or(0, Vec::len)
    }

    /// How many connections watch this auction.
    pub fn watchers(&self, auction: AuctionId) -> usize {
        read(&self.rings).get(&auction).map_or(0, |ring| ring.watchers())
    }

    /// The members who have a connection here, by number.
    pub fn members(&self) -> Vec<MemberId> {
        let mut members: Vec<_> = read(&self.members).keys().copied().collect();
        members.sort_unstable();
        members
    }

    /// Whether an auction is watched here and its ring does not reach up to that event.
    pub(crate) fn lacks(&self, auction: AuctionId, seq: Seq) -> bool {
        let head = read(&self.rings).get(&auction).map(|ring| ring.head());
        head.is_some_and(|head| Seq(0) < head && head < seq)
    }

    /// The watched auctions with the newest event each ring has without a gap, by number: whoever finds the store ahead
    /// calls [`Hub::resync`].
    pub fn watched(&self) -> Vec<(AuctionId, Seq)> {
        let rings: Vec<_> = read(&self.rings).values().map(Arc::clone).collect();
        let mut heads: Vec<_> = rings.iter().map(|ring| (ring.auction, ring.head())).collect();
        heads.retain(|(_, head)| *head > Seq(0));
        heads.sort_unstable();
        heads
    }

    /// The watched auctions of which something was told beyond a gap, with the newest event before it.
    #[cfg(test)]
    fn behind(&self) -> Vec<(AuctionId, Seq)> {
        let rings: Vec<_> = read(&self.rings).values().map(Arc::clone).collect();
        let mut heads: Vec<_> =
            rings.iter().filter(|ring| ring.is_behind()).map(|ring| (ring.auction, ring.head())).collect();
        heads.sort_unstable();
        heads
    }

    /// Asks every connection to leave, those to come too.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Release);
        lock(&self.connections).values().for_each(|mailbox| mailbox.wake());
    }

    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }

    fn mailboxes_of(&self, member: MemberId) -> Vec<Arc<Mailbox>> {
        read(&self.members).get(&member).cloned().unwrap_or_default()
    }

    /// Signs a connection in, unless the member has `connections_max` already.
    fn sign_in(&self, member: MemberId, mailbox: &Arc<Mailbox>, connections_max: usize) -> bool {
        let mut members = write(&self.members);
        let mailboxes = members.entry(member).or_default();
        let has_room = mailboxes.len() < connections_max;
        if has_room {
            mailboxes.push(Arc::clone(mailbox));
        }
        if mailboxes.is_empty() {
            members.remove(&member);
        }
        has_room
    }

    fn sign_out(&self, member: MemberId, mailbox: &Mailbox) {
        let mut members = write(&self.members);
        if let Some(mailboxes) = members.get_mut(&member) {
            mailboxes.retain(|other| other.id != mailbox.id);
            if mailboxes.is_empty() {
                members.remove(&member);
            }
        }
    }

    /// A connection enters the auction's ring, which is made if nobody watched yet.
    fn enter(&self, auction: AuctionId, mailbox: &Arc<Mailbox>) -> Arc<Ring> {
        let mut rings = write(&self.rings);
        let ring = rings.entry(auction).or_insert_with(|| Arc::new(Ring::new(auction, &self.settings)));
        ring.enter(Arc::clone(mailbox));
        Arc::clone(ring)
    }

    /// A connection leaves a ring; the last one takes the ring with it.
    fn leave(&self, ring: &Ring, mailbox: &Mailbox) {
        let mut rings = write(&self.rings);
        if ring.leave(mailbox) {
            rings.remove(&ring.auction);
        }
    }

    fn disconnect(&self, mailbox: &Mailbox) {
        lock(&self.connections).remove(&mailbox.id);
    }
}

impl fmt::Debug for Hub {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rings = read(&self.rings).len();
        formatter
            .debug_struct("Hub")
            .field("settings", &self.settings)
            .field("rings", &rings)
            .field("connections", &self.connections())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
