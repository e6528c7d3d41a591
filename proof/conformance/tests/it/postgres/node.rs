//! A node: an engine with its lane, and what a test asks of it. Several nodes may stand on one database.

use std::sync::Arc;

use auction::{
    AuctionId, Bid, Command, DEFAULT_LADDER, Item, Ladder, Listing, ListingLimits, Refusal, Span, Time,
};
use conformance::journal::HandClock;
use engine::{Accepted, Answer, Call, Deposits, Engine, FiguresNow, Lane, Reply, Settings, Steady};
use ledger::{MemberId, PartsPerMillion};
use live::{Hub, LocalBus};
use store::{Clock, Journal, Key};
use store_postgres::{PostgresJournal, Target, Timekeeper};
use tokio::sync::oneshot;

use super::store::target;
use crate::journal::NOON;

/// One engine over one lane, with a clock that is moved by hand or stands still.
pub struct Node<J = PostgresJournal> {
    engine: Engine,
    lane: Lane<J>,
    calls: usize,
    name: &'static str,
    clock: Clock,
}

impl Node {
    /// Over a database whose schema is up to date.
    pub async fn over(address: &str, name: &'static str) -> Node {
        Node::by(target(address), &HandClock::at(NOON), name).await
    }

    /// The same by this way and this clock.
    pub async fn by(target: Target, clock: &HandClock, name: &'static str) -> Node {
        let hub = Arc::new(Hub::new(live::Settings::default(), clock.clock()));
        Node::telling(target, clock, name, hub).await
    }

    /// The same with real money, which an admin enters and pays out.
    pub async fn real(target: Target, clock: &HandClock, name: &'static str) -> Node {
        let hub = Arc::new(Hub::new(live::Settings::default(), clock.clock()));
        let journal = PostgresJournal::new(target, Timekeeper::Handed(clock.clock()));
        Node::opened(journal, clock.clock(), clock.steady(), name, (hub, Deposits::Manual)).await
    }

    /// The same, for those who are in this hub.
    pub async fn telling(target: Target, clock: &HandClock, name: &'static str, hub: Arc<Hub>) -> Node {
        let journal = PostgresJournal::new(target, Timekeeper::Handed(clock.clock()));
        Node::opened(journal, clock.clock(), clock.steady(), name, (hub, Deposits::Demo)).await
    }
}

impl<J: Journal> Node<J> {
    /// On a journal, by this clock.
    pub async fn on(journal: J, clock: Clock, name: &'static str) -> Node<J> {
        let hub = Arc::new(Hub::new(live::Settings::default(), Arc::clone(&clock)));
        Node::opened(journal, clock, Arc::new(Span::default), name, (hub, Deposits::Demo)).await
    }

    /// On a journal, by the clocks of a world that goes on.
    pub async fn living(journal: J, clock: &HandClock, name: &'static str) -> Node<J> {
        let hub = Arc::new(Hub::new(live::Settings::default(), clock.clock()));
        Node::opened(journal, clock.clock(), clock.steady(), name, (hub, Deposits::Demo)).await
    }

    async fn opened(
        journal: J,
        clock: Clock,
        steady: Steady,
        name: &'static str,
        (hub, deposits): (Arc<Hub>, Deposits),
    ) -> Node<J> {
        let settings = Settings {
            deposits,
            listing: ListingLimits {
                minimum_duration: Span::minutes(10),
                ladder: Ladder::parse(DEFAULT_LADDER).unwrap(),
                fee_rate: PartsPerMillion::new(35_000).unwrap(),
            },
            clock: Arc::clone(&clock),
            steady,
            chance: Arc::new(|| 0),
        };
        let (engine, mut lane) = Lane::new(journal, settings, LocalBus::new(hub));
        lane.begin().await.expect("the house opens");
        Node { engine, lane, calls: 0, name, clock }
    }

    /// Puts a call with a key of its own into the mailbox.
    pub fn ask(&mut self, member: MemberId, call: Call) -> oneshot::Receiver<Answer> {
        self.calls += 1;
        let key = Key { text: format!("{}-{:06}", self.name, self.calls).into(), member };
        let (sender, receiver) = oneshot::channel();
        self.engine.submit(call, key, Reply::One(sender)).expect("there is room for a few calls");
        receiver
    }

    /// What its engine has done so far.
    pub fn figures(&self) -> FiguresNow {
        self.engine.figures()
    }

    /// The engine and its lane by themselves.
    pub fn parts(self) -> (Engine, Lane<J>) {
        (self.engine, self.lane)
    }

    /// The engine's door.
    pub fn journal(&mut self) -> &mut J {
        self.lane.journal()
    }

    /// One round with these calls, each with a key of its own.
    pub async fn round(&mut self, calls: Vec<(MemberId, Call)>) -> Vec<Answer> {
        let mut receivers: Vec<_> = calls.into_iter().map(|(member, call)| self.ask(member, call)).collect();
        self.lane.step().await.expect("the lane goes on");
        receivers.iter_mut().map(|receiver| receiver.try_recv().expect("an answer")).collect()
    }

    /// One round with one call.
    pub async fn call(&mut self, member: MemberId, call: Call) -> Answer {
        self.round(vec![(member, call)]).await.remove(0)
    }

    /// Lists a chair from 1,000 won in steps of 1,000, with a price at once if there is one.
    pub async fn list(&mut self, seller: MemberId, buy_now: Option<i64>) -> AuctionId {
        match self.call(seller, listing_at(seller, buy_now, (self.clock)())).await {
            Answer::Accepted(Accepted::Auction { event, .. }) => event.auction,
            other => panic!("{other:?}"),
        }
    }

    /// Lets money in.
    pub async fn deposit(&mut self, member: MemberId, amount: i64) {
        let answer = self.call(member, Call::Deposit { member, amount }).await;
        assert!(is_accepted(&answer), "{answer:?}");
    }
}

/// A chair for a day, from noon on.
pub fn listing(seller: MemberId, buy_now: Option<i64>) -> Call {
    listing_at(seller, buy_now, NOON)
}

/// A chair for a day, listed at that time.
pub fn listing_at(seller: MemberId, buy_now: Option<i64>, now: Time) -> Call {
    let item = Item {
        seller,
        title: "원목 의자".to_owned(),
        description: "두 번 앉았어요.".to_owned(),
        category: None,
        condition: None,
        shipping_payer: None,
        region: None,
        nationwide: true,
        pictures: Vec::new(),
    };
    Call::List(Box::new(Listing {
        item,
        start_price: 1_000,
        bid_unit: Some(1_000),
        reserve_price: None,
        buy_now_price: buy_now,
        starts_at: None,
        ends_at: now.plus(Span::days(1)),
        soft_close_minutes: 3,
        again: None,
    }))
}

/// A bid.
pub fn bid(auction: AuctionId, bidder: MemberId, amount: i64) -> (MemberId, Call) {
    let command = Command::Bid(Bid { bidder, amount: Some(amount), maximum: None, terms: None });
    (bidder, Call::Auction { auction, command })
}

pub fn is_accepted(answer: &Answer) -> bool {
    matches!(answer, Answer::Accepted(_))
}

/// Whether the rules refused it under this code.
pub fn is_refused(answer: &Answer, code: &str) -> bool {
    matches!(answer, Answer::Refused(refusal) if Refusal::code(refusal) == code)
}
