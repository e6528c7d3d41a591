//! What waits for one connection besides its subscriptions: the newest wallet, the count of unread notices and a few
//! notices themselves, and whether its session must be looked at again. Each is a slot of fixed size, so a connection that does not read costs what it always cost.

use std::sync::Mutex;

use ledger::Wallet;
use tokio::sync::Notify;

use crate::frame::{self, Frame};
use crate::lock::lock;

/// A connection's mailbox; whoever has something for it writes here and wakes it.
#[derive(Debug)]
pub(crate) struct Mailbox {
    /// Unique in its hub, rising.
    pub(crate) id: u64,
    bell: Notify,
    slots: Mutex<Slots>,
}

#[derive(Debug, Default)]
struct Slots {
    wallet: Option<Wallet>,
    /// The version after the newest wallet ever put here.
    next_version: i64,
    unread: Option<i64>,
    notices: Vec<Frame>,
    session_in_doubt: bool,
}

impl Mailbox {
    pub(crate) fn new(id: u64) -> Mailbox {
        Mailbox { id, bell: Notify::new(), slots: Mutex::default() }
    }

    pub(crate) fn wake(&self) {
        self.bell.notify_one();
    }

    /// Resolves after the next [`Mailbox::wake`], or at once if there was one since the last time.
    pub(crate) async fn woken(&self) {
        self.bell.notified().await;
    }

    /// A wallet; one that is not newer than the last is nothing new.
    pub(crate) fn put_wallet(&self, wallet: Wallet) {
        let mut slots = lock(&self.slots);
        if wallet.version < slots.next_version {
            return;
        }
        slots.next_version = wallet.version.saturating_add(1);
        slots.wallet = Some(wallet);
        drop(slots);
        self.wake();
    }

    pub(crate) fn put_unread(&self, count: i64) {
        lock(&self.slots).unread = Some(count);
        self.wake();
    }

    /// A count that was read; one that was told meanwhile is newer.
    pub(crate) fn show_unread(&self, count: i64) {
        lock(&self.slots).unread.get_or_insert(count);
        self.wake();
    }

    /// A notice with the count it makes. More than `notices_max` collapse to the count.
    pub(crate) fn put_notice(&self, notice: Frame, count: i64, notices_max: usize) {
        let mut slots = lock(&self.slots);
        if slots.notices.len() < notices_max {
            slots.notices.push(notice);
        } else {
            slots.notices = Vec::new();
        }
        slots.unread = Some(count);
        drop(slots);
        self.wake();
    }

    /// Empties the slots: the wallet first, then notices, then the count they make.
    pub(crate) fn read(&self, room: &mut usize, into: &mut Vec<Frame>) {
        let mut slots = lock(&self.slots);
        let (wallet, notices, unread) =
            (slots.wallet.take(), std::mem::take(&mut slots.notices), slots.unread.take());
        drop(slots);
        let frames = wallet.map(frame::wallet).into_iter().chain(notices).chain(unread.map(frame::unread));
        for frame in frames {
            *room = room.saturating_sub(frame.size());
            into.push(frame);
        }
    }

    /// The member's sessions have changed, perhaps the one by which this connection was signed in.
    pub(crate) fn doubt_session(&self) {
        lock(&self.slots).session_in_doubt = true;
        self.wake();
    }

    /// Whether the session is in doubt; asking takes the doubt away.
    pub(crate) fn is_session_in_doubt(&self) -> bool {
        std::mem::take(&mut lock(&self.slots).session_in_doubt)
    }

    /// Forgets everything: the connection now speaks for somebody else.
    pub(crate) fn clear(&self) {
        *lock(&self.slots) = Slots::default();
    }
}
