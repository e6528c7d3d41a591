//! The follower: takes kept rounds into notices and listings, tells what ends soon, heals what live missed, and sweeps
//! what is outlived.
//!
//! It runs beside the lane and never inside a round; each round is taken once, whatever happens in between. What other
//! nodes have kept, and how soon it is asked for, is `hearing`'s.

mod hearing;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use auction::{AuctionId, Seq};
use ledger::MemberId;
use live::Hub;
use live::frame::{self, Notice};
use store::records::{NoticeRow, Noticed};
use store::{Failure, Records};
use tokio::sync::watch;

use crate::clock::Settled;

/// How long the follower rests between two looks at the rounds; notices and lists are at most 2 s behind. What an
/// auction went through while it rested is written once: a longer rest costs the lane less.
const REST: Duration = Duration::from_millis(500);

/// How long it rests between two questions for what other processes have kept.
const LISTENING_REST: Duration = Duration::from_millis(100);

/// The same while a bus brings hints, which wake it: the rest is for those that were lost.
const LISTENING_REST_BESIDE_HINTS: Duration = Duration::from_secs(1);

/// How many auctions are brought up to date together, each with at most a ring of events.
const HEALED_TOGETHER_MAX: usize = 32;

/// How many calls one look makes at most before heads are compared and what is outlived is swept.
const CALLS_IN_A_LOOK_MAX: usize = 16;

/// How many rests lie between two comparisons of the watched auctions with the store.
const RESTS_BETWEEN_COMPARISONS: u32 = 2;

/// How many rests lie between two looks for what ends soon.
const RESTS_BETWEEN_ENDINGS: u32 = 2;

/// How many rests lie between two sweeps of what is outlived.
const RESTS_BETWEEN_SWEEPS: u32 = 120;

/// How long a follower rests between two looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rests {
    /// At the rounds to follow, and at every second one at what is watched.
    pub following: Duration,
    /// At what other processes have kept.
    pub listening: Duration,
    /// The same while a bus brings hints.
    pub listening_beside_hints: Duration,
}

impl Default for Rests {
    fn default() -> Rests {
        Rests {
            following: REST,
            listening: LISTENING_REST,
            listening_beside_hints: LISTENING_REST_BESIDE_HINTS,
        }
    }
}

/// Who tells members live of their notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Teller {
    /// The store was not asked yet.
    Unknown,
    /// The one process that writes them.
    WhoeverFollows,
    /// Each node those who are there, of what was written since that number.
    EveryNode { since: i64 },
}

/// Follows the engine for one node.
pub struct Follower {
    records: Arc<dyn Records>,
    hub: Arc<Hub>,
    settled: Settled,
    rests: Rests,
    stopping: watch::Receiver<bool>,
    /// Whether the log has said that the store is away; the disk that it lies on may be the one that is full.
    is_away: AtomicBool,
}

impl Follower {
    /// A follower that ends when `stopping` turns true.
    pub fn new(
        records: Arc<dyn Records>,
        hub: Arc<Hub>,
        clock: store::Clock,
        stopping: watch::Receiver<bool>,
    ) -> Follower {
        Follower {
            records,
            hub,
            settled: Arc::new(move || Some(clock())),
            rests: Rests::default(),
            stopping,
            is_away: AtomicBool::new(false),
        }
    }

    /// The same, but it sweeps only while that clock is settled: what is removed for ever waits for a clock that did not
    /// just jump.
    #[must_use]
    pub fn sweeping_by(self, settled: Settled) -> Follower {
        Follower { settled, ..self }
    }

    /// The same, but it rests so long.
    #[must_use]
    pub fn resting(self, rests: Rests) -> Follower {
        Follower { rests, ..self }
    }

    /// Follows until stopped.
    pub async fn run(self) {
        tokio::join!(self.follow_on(), self.listen());
    }

    /// Says once in the log that the store is away; what it kept back is taken when it is there again.
    fn tell_away(&self, doing: &'static str, failure: &Failure) {
        if !self.is_away.swap(true, Ordering::Relaxed) {
            tracing::warn!(doing, error = ?failure, "the store is away; the follower goes on when it is there again");
        }
    }

    /// Rests until it is time again or the follower is stopped.
    async fn rest(&self, rest: Duration) {
        let mut stopping = self.stopping.clone();
        tokio::select! {
            () = tokio::time::sleep(rest) => {}
            _ = stopping.wait_for(|stop| *stop) => {}
        }
    }

    async fn follow_on(&self) {
        let mut rests: u32 = 0;
        let mut teller = self.tell_noticed(Teller::Unknown).await;
        while !*self.stopping.borrow() {
            let more = self.follow(teller).await;
            if rests.is_multiple_of(RESTS_BETWEEN_ENDINGS) {
                self.tell_endings(teller).await;
                self.word_anew().await;
            }
            teller = self.tell_noticed(teller).await;
            if rests.is_multiple_of(RESTS_BETWEEN_COMPARISONS) {
                self.compare().await;
            }
            if rests.is_multiple_of(RESTS_BETWEEN_SWEEPS) {
                self.sweep(teller).await;
            }
            rests = rests.wrapping_add(1);
            if !more {
                self.rest(self.rests.following).await;
            }
        }
        while self.follow(teller).await {}
    }

    /// Takes the rounds that wait, so many calls at most; whether there are more.
    async fn follow(&self, teller: Teller) -> bool {
        for _ in 0..CALLS_IN_A_LOOK_MAX {
            match self.records.follow().await {
                Ok(followed) => {
                    self.is_away.store(false, Ordering::Relaxed);
                    if teller == Teller::WhoeverFollows {
                        self.tell_all(followed.notices).await;
                    }
                    if !followed.more {
                        return false;
                    }
                }
                Err(failure) => {
                    self.tell_away("following rounds", &failure);
                    return false;
                }
            }
        }
        true
    }

    /// Tells those who watch or bid what ends soon, so many calls at most; the rest is found by the next look.
    async fn tell_endings(&self, teller: Teller) {
        for _ in 0..CALLS_IN_A_LOOK_MAX {
            match self.records.tell_endings().await {
                Ok(told) => {
                    if teller == Teller::WhoeverFollows {
                        self.tell_all(told.notices).await;
                    }
                    if !told.more {
                        return;
                    }
                }
                Err(failure) => return self.tell_away("telling what ends soon", &failure),
            }
        }
    }

    /// Makes words anew that an older rule made, so many calls at most; the next look goes on.
    async fn word_anew(&self) {
        for _ in 0..CALLS_IN_A_LOOK_MAX {
            match self.records.word_anew().await {
                Ok(true) => {}
                Ok(false) => return,
                Err(failure) => return self.tell_away("making words anew", &failure),
            }
        }
    }

    /// Tells members who are here what any node has written for them, where several may. Every node tells by the numbers of
    /// notices and by nothing else, so that none is told twice, whoever wrote it.
    async fn tell_noticed(&self, teller: Teller) -> Teller {
        let since = match teller {
            Teller::WhoeverFollows => return teller,
            Teller::EveryNode { since } => Some(since),
            Teller::Unknown => None,
        };
        match self.records.noticed(since, &self.hub.members()).await {
            Ok(Noticed { newest: None, .. }) => Teller::WhoeverFollows,
            Ok(Noticed { newest: Some(newest), notices }) => {
                self.tell_all(notices).await;
                Teller::EveryNode { since: newest }
            }
            Err(failure) => {
                self.tell_away("reading new notices", &failure);
                teller
            }
        }
    }

    async fn tell_all(&self, notices: Vec<(MemberId, NoticeRow)>) {
        let mut of_members = BTreeMap::<MemberId, Vec<NoticeRow>>::new();
        for (member, notice) in notices {
            of_members.entry(member).or_default().push(notice);
        }
        for (member, notices) in of_members {
            self.tell(member, &notices).await;
        }
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
                search: notice.search.map(|told| (told.id, told.count)),
                at: notice.at,
            });
            self.hub.notice(member, &frame, unread);
        }
    }

    /// Compares what is watched with the store, so that a lost last frame heals too.
    async fn compare(&self) {
        let watched = self.hub.watched();
        let ids: Vec<AuctionId> = watched.into_iter().map(|(id, _)| id).collect();
        match self.records.heads(&ids).await {
            Ok(heads) => self.heal_all(heads).await,
            Err(failure) => self.tell_away("comparing heads", &failure),
        }
    }

    /// Brings what the hub lacks of those auctions that are watched.
    async fn heal_all(&self, heads: Vec<(AuctionId, Seq)>) {
        let known: BTreeMap<AuctionId, Seq> = self.hub.watched().into_iter().collect();
        let mut behind: Vec<(AuctionId, Seq)> = heads
            .into_iter()
            .filter_map(|(id, head)| known.get(&id).filter(|known| **known < head).map(|known| (id, *known)))
            .collect();
        behind.sort_unstable();
        behind.dedup();
        for behind in behind.chunks(HEALED_TOGETHER_MAX) {
            match self.records.standings(behind, live::RING_FRAMES).await {
                Ok(standings) => {
                    standings.into_iter().for_each(|(auction, events)| self.hub.resync(auction, events));
                }
                Err(failure) => self.tell_away("reading what was missed", &failure),
            }
        }
    }

    async fn sweep(&self, teller: Teller) {
        loop {
            let Some(now) = (self.settled)() else { return };
            match self.records.sweep(now).await {
                // Lists and notices stay fresh however much there is to sweep.
                Ok(true) if !*self.stopping.borrow() => drop(self.follow(teller).await),
                Ok(_) => return,
                Err(failure) => {
                    return tracing::warn!(error = ?failure, "what is outlived could not be swept");
                }
            }
        }
    }
}
