//! A connection's side of the hub: what it watches and how far it has read. One task owns it; dropping it leaves
//! everything.

use std::sync::Arc;

use auction::{AuctionId, Seq};
use ledger::{MemberId, Wallet};

use crate::frame::Frame;
use crate::hub::Hub;
use crate::hub::mailbox::Mailbox;
use crate::hub::ring::{Found, Ring};
use crate::hub::tape::Start;

/// One reader: its subscriptions with their cursors, and its mailbox.
#[derive(Debug)]
pub struct Connection {
    hub: Arc<Hub>,
    mailbox: Arc<Mailbox>,
    member: Option<MemberId>,
    subscriptions: Vec<Subscription>,
    /// Whose turn it is to be read first, so that a busy auction never starves the others.
    first: usize,
}

#[derive(Debug)]
struct Subscription {
    ring: Arc<Ring>,
    place: Place,
}

/// Where a subscription stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Just made.
    New,
    /// The ring's state was unknown, or older than what the reader has seen; the caller brings it and subscribes again.
    Asked,
    /// The snapshot comes first.
    Snapshot,
    /// Everything up to and with this event was read.
    After(Seq),
    /// The caller replays from the store, at least up to this event.
    Replaying {
        /// The newest event when it was subscribed.
        until: Seq,
    },
}

/// What the caller must do about a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subscribed {
    /// Nothing: the next [`Connection::collect`] begins with a snapshot or with what was missed, and goes on from there.
    Following,
    /// Read the auction from the store, bring it with [`Hub::resync`], and subscribe again. If there is no such
    /// auction, unsubscribe.
    NeedsState {
        /// The newest event that the ring has, 0 if it knows nothing yet. Others may follow it: bring the events after
        /// this one too, or what they missed becomes a snapshot for all of them.
        known: Seq,
    },
    /// Read events after this one from the store, send their frames, and say how far they reached with
    /// [`Connection::replayed`]; until then nothing of this auction is collected.
    NeedsEvents {
        /// The last event the reader has.
        after: Seq,
    },
}

impl Connection {
    pub(crate) fn new(hub: Arc<Hub>, mailbox: Arc<Mailbox>) -> Connection {
        Connection { hub, mailbox, member: None, subscriptions: Vec::new(), first: 0 }
    }

    /// For whom it speaks, if anyone has signed in.
    pub fn member(&self) -> Option<MemberId> {
        self.member
    }

    /// From now on speaks for this member and hears what only he may; false, and all as before, if `connections_max`
    /// connections do so already.
    pub fn sign_in(&mut self, member: MemberId, connections_max: usize) -> bool {
        if self.member == Some(member) {
            return true;
        }
        if !self.hub.sign_in(member, &self.mailbox, connections_max) {
            return false;
        }
        if let Some(before) = self.member.replace(member) {
            self.hub.sign_out(before, &self.mailbox);
            // What came for the other member until now, and has not been read, nobody may read any more.
            self.mailbox.clear();
        }
        true
    }

    /// From now on speaks for nobody.
    pub fn sign_out(&mut self) {
        if let Some(member) = self.member.take() {
            self.hub.sign_out(member, &self.mailbox);
            self.mailbox.clear();
        }
    }

    /// Puts a wallet that the caller has read into the next collection, unless something newer was told.
    pub fn show_wallet(&self, wallet: Wallet) {
        self.mailbox.put_wallet(wallet);
    }

    /// Puts a count of unread notices that the caller has read into the next collection, unless one was told meanwhile.
    pub fn show_unread(&self, count: i64) {
        self.mailbox.show_unread(count);
    }

    /// How many auctions it watches.
    pub fn subscriptions(&self) -> usize {
        self.subscriptions.len()
    }

    /// Whether it watches this auction.
    pub fn watches(&self, auction: AuctionId) -> bool {
        self.subscriptions.iter().any(|subscription| subscription.ring.auction == auction)
    }

    /// Watches an auction, from a snapshot or from the event after `since`; one that is watched already starts anew.
    pub fn subscribe(&mut self, auction: AuctionId, since: Option<Seq>) -> Subscribed {
        let watched = self.subscriptions.iter().position(|subscription| subscription.ring.auction == auction);
        let index = watched.unwrap_or_else(|| {
            let ring = self.hub.enter(auction, &self.mailbox);
            self.subscriptions.push(Subscription { ring, place: Place::New });
            self.subscriptions.len() - 1
        });
        let subscription = &mut self.subscriptions[index];
        let asked = subscription.place == Place::Asked;
        let (place, answer) = match (subscription.ring.start(since), since) {
            (Start::Unknown, _) => (Place::Asked, Subscribed::NeedsState { known: Seq(0) }),
            (Start::Beyond, _) if !asked => {
                (Place::Asked, Subscribed::NeedsState { known: subscription.ring.head() })
            }
            (Start::After(seq), _) => (Place::After(seq), Subscribed::Following),
            (Start::Older { until }, Some(after)) => {
                (Place::Replaying { until }, Subscribed::NeedsEvents { after })
            }
            (Start::Snapshot | Start::Beyond | Start::Older { .. }, _) => {
                (Place::Snapshot, Subscribed::Following)
            }
        };
        subscription.place = place;
        answer
    }

    /// Says that everything up to and with `last` was replayed from the store. Goes on until the ring can follow on; a
    /// ring that runs away faster than the store is read is caught up with by a snapshot, once all is replayed that
    /// there was when it was subscribed.
    pub fn replayed(&mut self, auction: AuctionId, last: Seq) -> Subscribed {
        let Some(subscription) = self.subscription(auction) else {
            return Subscribed::Following;
        };
        let Place::Replaying { until } = subscription.place else {
            return Subscribed::Following;
        };
        let (place, answer) = match subscription.ring.start(Some(last)) {
            // Beyond: the store is ahead of the ring, which will come to what follows.
            Start::After(_) | Start::Beyond => (Place::After(last), Subscribed::Following),
            Start::Older { .. } if last < until => {
                (Place::Replaying { until }, Subscribed::NeedsEvents { after: last })
            }
            Start::Older { .. } | Start::Snapshot | Start::Unknown => {
                (Place::Snapshot, Subscribed::Following)
            }
        };
        subscription.place = place;
        answer
    }

    /// Stops watching an auction; false if it was not watched.
    pub fn unsubscribe(&mut self, auction: AuctionId) -> bool {
        let watched = self.subscriptions.iter().position(|subscription| subscription.ring.auction == auction);
        let Some(index) = watched else { return false };
        let subscription = self.subscriptions.swap_remove(index);
        self.hub.leave(&subscription.ring, &self.mailbox);
        true
    }

    /// Resolves when there may be something to collect, or when the hub stops. Dropping the future loses nothing.
    pub async fn woken(&self) {
        self.mailbox.woken().await;
    }

    /// Whether the session by which it was signed in may have ended, see [`Hub::sessions_changed`]; said once.
    pub fn must_check_session(&self) -> bool {
        self.mailbox.is_session_in_doubt()
    }

    /// Whether the hub asks its connections to leave.
    pub fn is_stopped(&self) -> bool {
        self.hub.is_stopped()
    }

    /// Everything that lies behind the cursors, and what waits in the mailbox, as far as it fits into `bytes_max`; the last
    /// frame may pass it. True if there is more: then collect again, without waiting to be woken.
    pub fn collect(&mut self, bytes_max: usize, into: &mut Vec<Frame>) -> bool {
        let mut room = bytes_max.max(1);
        self.mailbox.read(&mut room, into);
        let count = self.subscriptions.len();
        for step in 0..count {
            let index = (self.first + step) % count;
            if room == 0 {
                self.first = index;
                return true;
            }
            if self.read(index, &mut room, into) {
                self.first = (index + 1) % count;
                return true;
            }
        }
        false
    }

    /// Reads one subscription; true if there was no room for all of it.
    fn read(&mut self, index: usize, room: &mut usize, into: &mut Vec<Frame>) -> bool {
        let subscription = &mut self.subscriptions[index];
        let cursor = match subscription.place {
            Place::New | Place::Asked | Place::Replaying { .. } => return false,
            Place::Snapshot => None,
            Place::After(seq) => Some(seq),
        };
        let clock = &self.hub.clock;
        let Some(Found { cursor, more }) = subscription.ring.read(cursor, room, clock, into) else {
            return false;
        };
        subscription.place = Place::After(cursor);
        more
    }

    fn subscription(&mut self, auction: AuctionId) -> Option<&mut Subscription> {
        self.subscriptions.iter_mut().find(|subscription| subscription.ring.auction == auction)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        for subscription in std::mem::take(&mut self.subscriptions) {
            self.hub.leave(&subscription.ring, &self.mailbox);
        }
        self.sign_out();
        self.hub.disconnect(&self.mailbox);
    }
}
