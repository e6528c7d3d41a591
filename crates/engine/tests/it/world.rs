//! A market in memory, driven by hand: a clock that is set, a lane that is stepped, failures that are planted.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use auction::{Auction, AuctionId, Bid, Command, Item, Ladder, Listing, ListingLimits, Span, Time};
use engine::{Accepted, Answer, Call, Deposits, Engine, HouseClock, Lane, Reply, Settings};
use ledger::{MemberId, PartsPerMillion};
use live::{Hub, LocalBus};
use store::Key;
use store::memory::MemoryJournal;
use tokio::sync::oneshot;

pub const SELLER: MemberId = MemberId(1);

/// Noon on a day.
pub const NOON: i64 = 1_700_000_000_000_000;

pub struct World {
    pub lane: Lane<MemoryJournal>,
    pub engine: Engine,
    pub hub: Arc<Hub>,
    clock: Arc<AtomicI64>,
    steady: Arc<AtomicI64>,
    keys: i64,
}

/// The way to one answer.
pub struct Asked(oneshot::Receiver<Answer>);

impl Asked {
    /// The answer, if it has come.
    pub fn answer(&mut self) -> Option<Answer> {
        self.0.try_recv().ok()
    }

    pub fn code(&mut self) -> String {
        match self.answer() {
            None => "unanswered".to_owned(),
            Some(Answer::Accepted(_)) => "accepted".to_owned(),
            Some(Answer::Refused(refusal)) => refusal.code().to_owned(),
            Some(Answer::KeyReused) => "key_reused".to_owned(),
            Some(Answer::Busy) => "busy".to_owned(),
            Some(Answer::Internal) => "internal".to_owned(),
        }
    }
}

impl World {
    /// A market with a seller (member 1) and so many bidders (2, 3, …), each with a million won.
    pub async fn with_bidders(bidders: i64) -> World {
        let clock = Arc::new(AtomicI64::new(NOON));
        let steady = Arc::new(AtomicI64::new(0));
        let (wall, ticking) = (Arc::clone(&clock), Arc::clone(&steady));
        let steadily: engine::Steady = Arc::new(move || Span(ticking.load(Ordering::Relaxed)));
        let house =
            HouseClock::new(Arc::new(move || Time(wall.load(Ordering::Relaxed))), Arc::clone(&steadily));
        let now = house.clock();
        let settings = Settings {
            deposits: Deposits::Demo,
            listing: ListingLimits {
                minimum_duration: Span::minutes(10),
                ladder: Ladder::parse(auction::DEFAULT_LADDER).unwrap(),
                fee_rate: PartsPerMillion::default(),
            },
            clock: Arc::clone(&now),
            steady: steadily,
            chance: Arc::new(|| 0x0000_007b_0000_01c8),
        };
        let hub = Arc::new(Hub::new(live::Settings::default(), Arc::clone(&now)));
        let mut journal = MemoryJournal::new(now);
        (1..=bidders + 1).for_each(|member| journal.add_member(MemberId(member)));
        let (engine, lane) = Lane::new(journal, settings, LocalBus::new(Arc::clone(&hub)));
        let mut world = World { lane, engine, hub, clock, steady, keys: 0 };
        world.lane.begin().await.unwrap();
        for member in 2..=bidders + 1 {
            world.deposit(MemberId(member), 1_000_000).await;
        }
        world
    }

    pub fn now(&self) -> Time {
        Time(self.clock.load(Ordering::Relaxed))
    }

    /// Time goes on, on both clocks.
    pub fn pass(&self, span: Span) {
        self.clock.fetch_add(span.0, Ordering::Relaxed);
        self.steady.fetch_add(span.0, Ordering::Relaxed);
    }

    /// Only the wall clock jumps.
    pub fn jump(&self, span: Span) {
        self.clock.fetch_add(span.0, Ordering::Relaxed);
    }

    /// Seconds go by, each with a turn of the lane, as they do while the house is up.
    pub async fn live_through(&mut self, span: Span) {
        let end = self.now().plus(span);
        while self.now() < end {
            let left = end.since(self.now());
            self.pass(left.min(Span::seconds(20)));
            self.lane.step().await.unwrap();
        }
    }

    pub fn fresh_key(&mut self, member: MemberId) -> Key {
        self.keys += 1;
        Key { text: format!("key-{}", self.keys).into(), member }
    }

    pub fn ask_with(&self, call: Call, key: Key) -> Asked {
        let (sender, receiver) = oneshot::channel();
        self.engine.submit(call, key, Reply::One(sender)).unwrap();
        Asked(receiver)
    }

    pub fn ask(&mut self, call: Call) -> Asked {
        let key = self.fresh_key(call.caller().unwrap());
        self.ask_with(call, key)
    }

    pub fn bid(&mut self, auction: AuctionId, bidder: i64, amount: i64) -> Asked {
        self.ask(bid(auction, bidder, amount))
    }

    pub async fn deposit(&mut self, member: MemberId, amount: i64) {
        let mut asked = self.ask(Call::Deposit { member, amount });
        self.lane.step().await.unwrap();
        assert_eq!(asked.code(), "accepted");
    }

    /// Lists a chair for a day, from 1,000 won in steps of 1,000.
    pub async fn list(&mut self) -> AuctionId {
        let listing = listing(self.now());
        let mut asked = self.ask(Call::List(Box::new(listing)));
        self.lane.step().await.unwrap();
        match asked.answer() {
            Some(Answer::Accepted(Accepted::Auction { event, .. })) => event.auction,
            other => panic!("not listed: {other:?}"),
        }
    }

    pub fn auction(&mut self, id: AuctionId) -> Auction {
        self.lane.journal().market.auctions[&id].clone()
    }

    /// available and held.
    pub fn money(&mut self, member: i64) -> (i64, i64) {
        let wallet = self.lane.journal().market.members[&MemberId(member)].wallet;
        (wallet.available.won(), wallet.held.won())
    }
}

pub fn bid(auction: AuctionId, bidder: i64, amount: i64) -> Call {
    let command =
        Command::Bid(Bid { bidder: MemberId(bidder), amount: Some(amount), maximum: None, terms: None });
    Call::Auction { auction, command }
}

pub fn listing(now: Time) -> Listing {
    let item = Item {
        seller: SELLER,
        title: "원목 의자".to_owned(),
        description: String::new(),
        category: None,
        condition: None,
        shipping_payer: None,
        region: None,
        nationwide: true,
        pictures: Vec::new(),
    };
    Listing {
        item,
        start_price: 1_000,
        bid_unit: Some(1_000),
        reserve_price: None,
        buy_now_price: None,
        starts_at: None,
        ends_at: now.plus(Span::days(1)),
        soft_close_minutes: 3,
        again: None,
    }
}
