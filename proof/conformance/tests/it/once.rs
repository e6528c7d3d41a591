//! What several commands of one round change is kept once, as it stands afterwards: no store has to refuse the round, which
//! would be decided again in halves.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use auction::{Command, OrderCommand, Revision};
use conformance::journal::HandClock;
use conformance::journal::UnderTest;
use engine::{Answer, Call, Deposits, Lane, Reply, Settings};
use ledger::MemberId;
use live::{Hub, LocalBus};
use store::{Journal, Key};
use tokio::sync::oneshot;

use crate::journal::NOON;
use crate::postgres::node::{bid, is_accepted, listing};
use crate::postgres::store::Postgres;
use crate::stores::Sqlite;

/// An engine, and how often it has drawn chance: once for each round it decides, and once more for each order it opens.
/// What a store refuses is decided again in halves, which draw again.
struct House<J> {
    engine: engine::Engine,
    lane: Lane<J>,
    drawn: Arc<AtomicU64>,
    calls: u64,
}

impl<J: Journal> House<J> {
    fn on(journal: J, clock: &HandClock) -> House<J> {
        let drawn = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&drawn);
        let settings = Settings {
            deposits: Deposits::Demo,
            listing: auction::ListingLimits {
                minimum_duration: auction::Span::minutes(10),
                ladder: auction::Ladder::parse(auction::DEFAULT_LADDER).unwrap(),
                fee_rate: ledger::PartsPerMillion::default(),
            },
            clock: clock.clock(),
            steady: clock.steady(),
            chance: Arc::new(move || counted.fetch_add(1, Ordering::Relaxed)),
        };
        let hub = Arc::new(Hub::new(live::Settings::default(), clock.clock()));
        let (engine, lane) = Lane::new(journal, settings, LocalBus::new(hub));
        House { engine, lane, drawn, calls: 0 }
    }

    /// One round with these calls, all of which are accepted; how often chance was drawn for it.
    async fn round(&mut self, calls: Vec<Call>) -> u64 {
        let before = self.drawn.load(Ordering::Relaxed);
        let mut answers = Vec::new();
        for call in calls {
            self.calls += 1;
            let member = call.caller().unwrap();
            let key = Key { text: format!("key-{}", self.calls).into(), member };
            let (sender, answer) = oneshot::channel();
            self.engine.submit(call, key, Reply::One(sender)).unwrap();
            answers.push(answer);
        }
        self.lane.step().await.unwrap();
        let answers: Vec<Answer> = answers.iter_mut().map(|answer| answer.try_recv().unwrap()).collect();
        assert!(answers.iter().all(is_accepted), "{answers:?}");
        self.drawn.load(Ordering::Relaxed) - before
    }
}

async fn is_decided_once<S: UnderTest>(mut store: S, clock: &HandClock) {
    let mut journal = store.open().await;
    for _ in 0..4 {
        store.add_member(&mut journal).await;
    }
    let [seller, anna, bert, carl] = [1, 2, 3, 4].map(MemberId);
    let mut house = House::on(journal, clock);
    let rich = |member| Call::Deposit { member, amount: 1_000_000 };
    house.round(vec![rich(anna), rich(bert), rich(carl), listing(seller, Some(50_000))]).await;
    let auction = auction::AuctionId(1);
    let ask = |command| Call::Auction { auction, command };
    let note = |text: &str| {
        let revision =
            Revision { terms: None, listing: None, note: Some(text.to_owned()), added: Vec::new() };
        ask(Command::Edit { seller, revision: Box::new(revision) })
    };
    assert_eq!(house.round(vec![note("하나"), note("둘")]).await, 1);
    let bids = [bid(auction, anna, 2_000), bid(auction, bert, 3_000)].map(|(_, call)| call).to_vec();
    assert_eq!(house.round(bids).await, 1);
    let buy = ask(Command::BuyNow { buyer: carl, terms: None });
    assert_eq!(house.round(vec![buy]).await, 2, "one order");
    let order = auction::OrderId(1);
    let cancel = |member| ask(Command::Order { order, command: Box::new(OrderCommand::Cancel { member }) });
    let (offer, decline) = (ask(Command::Offer { seller }), ask(Command::DeclineOffer { member: bert }));
    let accept = ask(Command::AcceptOffer { member: anna });
    let calls = vec![cancel(carl), cancel(seller), offer.clone(), decline, offer, accept];
    assert_eq!(
        house.round(calls).await,
        2,
        "a fall, two offers, and both answers, of which one opens an order"
    );
    store.close(house.lane.journal());
}

#[tokio::test]
async fn on_sqlite() {
    let clock = HandClock::at(NOON);
    is_decided_once(Sqlite::new(&clock), &clock).await;
}

#[tokio::test]
async fn on_postgres() {
    let clock = HandClock::at(NOON);
    is_decided_once(Postgres::new(&clock), &clock).await;
}
