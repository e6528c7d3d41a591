//! The follower: takes kept rounds into notices and listings, heals what live missed, and sweeps what is outlived.
//!
//! It runs beside the lane and never inside a round; each round is taken once, whatever happens in between.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use auction::{AuctionId, Seq};
use ledger::MemberId;
use live::Hub;
use live::frame::{self, Notice};
use store::Records;
use store::records::NoticeRow;
use tokio::sync::watch;

use crate::clock::Settled;

/// How long the follower rests between two looks at the rounds; notices and lists are at most 2 s behind. What an
/// auction went through while it rested is written once: a longer rest costs the lane less.
const REST: Duration = Duration::from_millis(500);

/// How many calls one look makes at most before heads are compared and what is outlived is swept.
const CALLS_IN_A_LOOK_MAX: usize = 16;

/// How many rests lie between two comparisons of the watched auctions with the store.
const RESTS_BETWEEN_COMPARISONS: u32 = 2;

/// How many rests lie between two sweeps of what is outlived.
const RESTS_BETWEEN_SWEEPS: u32 = 120;

/// Follows the engine for one node.
pub struct Follower {
    records: Arc<dyn Records>,
    hub: Arc<Hub>,
    settled: Settled,
    stopping: watch::Receiver<bool>,
}

impl Follower {
    /// A follower that ends when `stopping` turns true.
    pub fn new(
        records: Arc<dyn Records>,
        hub: Arc<Hub>,
        clock: store::Clock,
        stopping: watch::Receiver<bool>,
    ) -> Follower {
        Follower { records, hub, settled: Arc::new(move || Some(clock())), stopping }
    }

    /// The same, but it sweeps only while that clock is settled: what is removed for ever waits for a clock that did not
    /// just jump.
    #[must_use]
    pub fn sweeping_by(self, settled: Settled) -> Follower {
        Follower { settled, ..self }
    }

    /// Follows until stopped.
    pub async fn run(mut self) {
        let mut rests: u32 = 0;
        while !*self.stopping.borrow() {
            let more = self.follow().await;
            if rests.is_multiple_of(RESTS_BETWEEN_COMPARISONS) {
                self.compare().await;
            }
            if rests.is_multiple_of(RESTS_BETWEEN_SWEEPS) {
                self.sweep().await;
            }
            rests = rests.wrapping_add(1);
            if more {
                continue;
            }
            tokio::select! {
                () = tokio::time::sleep(REST) => {}
                _ = self.stopping.wait_for(|stop| *stop) => {}
            }
        }
        while self.follow().await {}
    }

    /// Takes the rounds that wait, so many calls at most; whether there are more.
    async fn follow(&self) -> bool {
        for _ in 0..CALLS_IN_A_LOOK_MAX {
            match self.records.follow().await {
                Ok(followed) => {
                    let mut of_members = BTreeMap::<MemberId, Vec<NoticeRow>>::new();
                    for (member, notice) in followed.notices {
                        of_members.entry(member).or_default().push(notice);
                    }
                    for (member, notices) in of_members {
                        self.tell(member, &notices).await;
                    }
                    if !followed.more {
                        return false;
                    }
                }
                Err(failure) => {
                    tracing::warn!(error = ?failure, "rounds could not be followed; the next look tries again");
                    return false;
                }
            }
        }
        true
    }

    /// Tells a member who is here; what cannot be told now stands among his notices all the same.
    async fn tell(&self, member: MemberId, notices: &[NoticeRow]) {
        if self.hub.connections_of(member) == 0 {
            return;
        }
        let unread = match self.records.unread(member).await {
            Ok(unread) => unread,
            Err(failure) => return tracing::warn!(error = ?failure, "an unread count could not be read"),
        };
        for notice in notices {
            let frame = frame::notice(&Notice {
                id: notice.id,
                kind: notice.kind.name(),
                auction: notice.auction,
                title: &notice.title,
                amount: notice.amount,
                at: notice.at,
            });
            self.hub.notice(member, &frame, unread);
        }
    }

    /// Compares what is watched with the store, so that a lost last frame heals too.
    async fn compare(&self) {
        let watched = self.hub.watched();
        let ids: Vec<AuctionId> = watched.iter().map(|(id, _)| *id).collect();
        let heads = match self.records.heads(&ids).await {
            Ok(heads) => heads,
            Err(failure) => return tracing::warn!(error = ?failure, "heads could not be compared"),
        };
        let known: BTreeMap<AuctionId, Seq> = watched.into_iter().collect();
        for (id, head) in heads {
            if known.get(&id).is_some_and(|known| *known < head) {
                self.heal(id, known.get(&id).copied().unwrap_or_default()).await;
            }
        }
    }

    async fn heal(&self, id: AuctionId, known: Seq) {
        let Ok(Some(row)) = self.records.auction(id).await else {
            return;
        };
        let events = self.records.events(id, known, live::RING_FRAMES).await.unwrap_or_default();
        let events = events.into_iter().filter(|event| event.seq <= row.auction.seq).collect();
        self.hub.resync(row.auction, events);
    }

    async fn sweep(&self) {
        loop {
            let Some(now) = (self.settled)() else { return };
            match self.records.sweep(now).await {
                // Lists and notices stay fresh however much there is to sweep.
                Ok(true) if !*self.stopping.borrow() => drop(self.follow().await),
                Ok(_) => return,
                Err(failure) => {
                    return tracing::warn!(error = ?failure, "what is outlived could not be swept");
                }
            }
        }
    }
}
