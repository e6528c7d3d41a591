//! A node: an engine with its lane, and what a test asks of it. Several nodes may stand on one database.

use std::sync::Arc;

use auction::{
    AuctionId, Bid, Command, DEFAULT_LADDER, Item, Ladder, Listing, ListingLimits, Refusal, Span, Time,
};
use engine::{Accepted, Answer, Call, Deposits, Engine, Lane, Reply, Settings};
use ledger::{MemberId, PartsPerMillion};
use live::{Hub, LocalBus};
use store::{Clock, Key};
use store_postgres::{PostgresJournal, Target, Timekeeper};
use tokio::sync::oneshot;

use super::store::target;
use crate::journal::NOON;

/// One engine over one lane; its clock stands still.
pub struct Node {
    engine: Engine,
    lane: Lane<PostgresJournal>,
    calls: usize,
    name: &'static str,
}

impl Node {
    /// Over a database whose schema is up to date.
    pub async fn over(address: &str, name: &'static str) -> Node {
        Node::by(target(address), Arc::new(|| NOON), name).await
    }

    /// The same by this way and this clock.
    pub async fn by(target: Target, clock: Clock, name: &'static str) -> Node {
        let journal = PostgresJournal::new(target, Timekeeper::Handed(Arc::clone(&clock)));
        let settings = Settings {
            deposits: Deposits::Demo,
            listing: ListingLimits {
                minimum_duration: Span::minutes(10),
                ladder: Ladder::parse(DEFAULT_LADDER).unwrap(),
                fee_rate: PartsPerMillion::new(35_000).unwrap(),
            },
            clock: Arc::clone(&clock),
            steady: Arc::new(Span::default),
        };
        let hub = Arc::new(Hub::new(live::Settings::default(), clock));
        let (engine, mut lane) = Lane::new(journal, settings, LocalBus::new(hub));
        lane.begin().await.expect("the house opens");
        Node { engine, lane, calls: 0, name }
    }

    /// Puts a call with a key of its own into the mailbox.
    pub fn ask(&mut self, member: MemberId, call: Call) -> oneshot::Receiver<Answer> {
        self.calls += 1;
        let key = Key { text: format!("{}-{:06}", self.name, self.calls).into(), member };
        let (sender, receiver) = oneshot::channel();
        self.engine.submit(call, key, Reply::One(sender)).expect("there is room for a few calls");
        receiver
    }

    /// The engine and its lane by themselves.
    pub fn parts(self) -> (Engine, Lane<PostgresJournal>) {
        (self.engine, self.lane)
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
        match self.call(seller, listing(seller, buy_now)).await {
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

/// A chair for a day.
pub fn listing(seller: MemberId, buy_now: Option<i64>) -> Call {
    let item = Item {
        seller,
        title: "원목 의자".to_owned(),
        description: "두 번 앉았어요.".to_owned(),
        category: None,
        condition: None,
        shipping_payer: None,
        region: None,
        nationwide: true,
    };
    Call::List(Box::new(Listing {
        item,
        start_price: 1_000,
        bid_unit: Some(1_000),
        buy_now_price: buy_now,
        starts_at: None,
        ends_at: Time(NOON.0 + Span::days(1).0),
        soft_close_minutes: 3,
    }))
}

/// A bid.
pub fn bid(auction: AuctionId, bidder: MemberId, amount: i64) -> (MemberId, Call) {
    let command = Command::Bid(Bid { bidder, amount, terms: None });
    (bidder, Call::Auction { auction, command })
}

pub fn is_accepted(answer: &Answer) -> bool {
    matches!(answer, Answer::Accepted(_))
}

/// Whether the rules refused it under this code.
pub fn is_refused(answer: &Answer, code: &str) -> bool {
    matches!(answer, Answer::Refused(refusal) if Refusal::code(refusal) == code)
}
