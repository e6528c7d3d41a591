//! A stage: one of the two stores, under an engine of its own.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use auction::{AuctionId, Bidder, Time};
use engine::{Answer, Call, Deposits, Engine, Lane, Reply, Settings};
use ledger::{MemberId, TransferId};
use live::{Hub, LocalBus};
use store::memory::Market;
use store::{Due, Journal, Key, MemberStanding, Portion};
use tokio::sync::oneshot;

use super::teller::Teller;
use crate::journal::acts::limits;
use crate::journal::chance::Chance;
use crate::journal::deed::Deed;
use crate::journal::history::History;
use crate::journal::memory::Memory;
use crate::journal::snapshot::{Extent, Snapshot, unasked};
use crate::journal::{HandClock, UnderTest};

/// So many of the first transfers are asked for as if they were deposits; there are others among them.
const DEPOSITS_ASKED: i64 = 300;

/// A store under an engine.
pub(super) struct Stage<'a, S: UnderTest> {
    store: &'a mut S,
    engine: Engine,
    lane: Lane<S::Journal>,
    settings: Settings,
}

impl<'a, S: UnderTest> Stage<'a, S> {
    pub(super) async fn open(
        store: &'a mut S,
        clock: &HandClock,
        seed: u64,
        deposits: Deposits,
    ) -> Stage<'a, S> {
        let drawn = AtomicU64::new(0);
        let settings = Settings {
            deposits,
            listing: limits(),
            clock: clock.clock(),
            steady: clock.steady(),
            // The same numbers for both stores, as long as they are asked the same.
            chance: Arc::new(move || Chance::new(seed ^ drawn.fetch_add(1, Ordering::Relaxed)).number()),
        };
        Stage::open_with(store, clock, settings).await
    }

    async fn open_with(store: &'a mut S, clock: &HandClock, settings: Settings) -> Stage<'a, S> {
        let hub = Arc::new(Hub::new(live::Settings::default(), clock.clock()));
        let (engine, mut lane) = Lane::new(store.open().await, settings.clone(), LocalBus::new(hub));
        lane.begin().await.expect("the house opens");
        Stage { store, engine, lane, settings }
    }

    pub(super) async fn open_again(self, clock: &HandClock) -> Stage<'a, S> {
        let settings = self.settings.clone();
        Stage::open_with(self.close(), clock, settings).await
    }

    pub(super) fn close(mut self) -> &'a mut S {
        self.store.close(self.lane.journal());
        self.store
    }

    /// One turn of the lane with these calls.
    pub(super) async fn turn(&mut self, calls: &[(Call, Key)]) -> Vec<Option<Answer>> {
        let mut receivers = Vec::new();
        for (call, key) in calls {
            let (sender, receiver) = oneshot::channel();
            let submitted = self.engine.submit(call.clone(), key.clone(), Reply::One(sender));
            submitted.expect("there is room for a few calls");
            receivers.push(receiver);
        }
        self.lane.step().await.expect("the lane goes on");
        receivers.iter_mut().map(|receiver| receiver.try_recv().ok()).collect()
    }

    pub(super) async fn add_member(&mut self) -> MemberId {
        self.store.add_member(self.lane.journal()).await
    }

    pub(super) async fn perform(&mut self, deed: &Deed) -> bool {
        self.store.perform(self.lane.journal(), deed).await
    }

    pub(super) async fn next_due(&mut self, until: Time) -> Option<Due> {
        let due = self.lane.journal().due(Portion::WHOLE, None, until, 1).await;
        due.expect("a store says what is due").first().copied()
    }

    pub(super) async fn beat(&mut self) -> Time {
        self.lane.journal().beat().await.expect("a heartbeat is kept")
    }

    pub(super) async fn says(&mut self, extent: Extent, teller: &Teller) -> Snapshot {
        let deposits = (1..=DEPOSITS_ASKED).map(TransferId).collect();
        Snapshot::of(self.lane.journal(), extent, &teller.keys.iter().cloned().collect(), deposits).await
    }

    pub(super) async fn unasked(
        &mut self,
        extent: Extent,
    ) -> (BTreeMap<(AuctionId, MemberId), Bidder>, BTreeMap<MemberId, MemberStanding>) {
        unasked(self.lane.journal(), extent.auctions).await
    }

    pub(super) async fn history(&mut self) -> History {
        self.store.history(self.lane.journal()).await
    }
}

impl Stage<'_, Memory> {
    /// All that stands there.
    pub(super) fn market(&mut self) -> &Market {
        &self.lane.journal().market
    }
}
